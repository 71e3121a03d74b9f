//! The audit log: each event as a row of the database, written in the transaction of what it tells of.
//!
//! Use cases know nothing of it: [`Act`](crate::Act) makes a row of every event that they tell. What is no change (failed
//! sign-ins, refused calls) is counted in memory and written by a job (`counted`). A job seals the rows.

mod counted;
mod migrated;
mod read;
mod restored;
mod row;
mod seal;
mod settings;
mod verify;

pub(crate) use counted::CountedEvents;
pub use counted::write_counted;
pub use migrated::tell_migrated;
pub use read::{MOST, last_position, list, list_own, sealed_after};
pub use restored::tell_restored;
pub(crate) use row::{EventIds, actor_of, row_of};
pub use seal::{remove_old, seal};
pub use settings::AuditSettings;
pub use verify::{Erased, Verified, erase, head, verify};
