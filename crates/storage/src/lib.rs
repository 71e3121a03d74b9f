//! rosterd's tables on SQLite and PostgreSQL. This is the only crate that uses Diesel.
//!
//! A [`Store`] is opened from a [`DatabaseUrl`]. It gives closures a [`Db`] with the traits of [`tables`], and
//! decides on which thread and in which transaction the closure runs ([`Store::read`], [`Store::scan`],
//! [`Store::write`]). At start it reads from the schema whether the database is standalone or attached, and keeps
//! the result in a [`Layout`].
//!
//! Every query is written once, in `queries/`, and compiled once for each database. `sqlite/` and `postgres/`
//! include that folder, and define the connection type and the few expressions that differ. A new query needs a
//! method in [`tables`], a body in `queries/` and a test. A new table also needs an entry in `schema.rs` and
//! `required.rs`, and migrations with the same name for both databases.
//!
//! This crate must not know HTTP and must not contain rules. Rules are in `rosterd-domain`, use cases in
//! `rosterd-app`.

mod adopt;
mod asked;
pub mod backup;
mod calls;
mod carried;
#[cfg(feature = "sqlite")]
mod checkpointer;
mod codes;
mod document;
mod error;
mod findings;
mod fragments;
mod guard;
mod health;
mod inspect;
mod layout;
mod metrics;
pub mod migrate_from;
pub mod migrations;
#[expect(
    unsafe_code,
    reason = "error codes and time limits, which Diesel does not give; the module says more"
)]
mod native;
mod once;
mod open_error;
mod opening;
mod options;
mod parts;
mod pool;
#[cfg(feature = "postgres")]
mod postgres;
pub mod raw;
mod readiness;
mod required;
mod retype;
mod rows;
mod schema;
mod share;
#[cfg(feature = "sqlite")]
mod short_pages;
mod sql_text;
#[cfg(feature = "sqlite")]
mod sqlite;
mod store;
mod stream;
#[expect(clippy::missing_errors_doc, reason = "the module says once what every method may fail with")]
pub mod tables;
mod together;
mod top;
mod turns;
mod types;
#[expect(clippy::missing_errors_doc, reason = "as in `tables`")]
mod upkeep;
mod url;
mod usable;
mod whole_row;
mod work;
#[cfg(feature = "sqlite")]
mod writer;

pub use adopt::{AdoptReport, DuplicateEmail, Orphans};
pub use asked::{DeletedGroup, Document, ListedSizes, Lock, NewStamp, PermissionSources};
pub use error::{StoreError, StoreResult};
pub use layout::{ConfigLayout, Layout, Newer, Ownership, Search};
pub use metrics::{PoolMetrics, StoreMetrics, WriterMetrics};
pub use open_error::{OpenError, OtherSchema};
pub use opening::{Opening, OpeningWatch};
pub use options::{Instrument, StatementEvent, StoreOptions, Synchronous};
pub use readiness::Unready;
pub use store::Store;
pub use stream::UserInfoChunks;
pub use tables::*;
pub use turns::Origin;
pub use upkeep::{
    Adoption, CountedAttempts, Housekeeping, Leases, MigrationUpkeep, Servers, SetupTokens, SignInAttempts,
};
pub use url::{DatabaseUrl, ServerParts, UrlError};
