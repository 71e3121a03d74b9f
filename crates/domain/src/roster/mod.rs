//! A roster as a file declares it: groups and their tree, what their members may do, who is a member, the default
//! permissions and stored settings (docs/DECLARE.md).
//!
//! A file of any format becomes a [`Node`], which knows the line of everything in it. [`Roster::read`] makes a [`Roster`] of
//! it. [`plan()`] compares that with what is stored and gives the [`Plan`]: what would change, in the order in which it is
//! done. [`Roster::of`] is the way back. All of these are pure: the same input gives the same plan, so a plan can be made
//! again to see whether anything has changed meanwhile (rule D4).
//!
//! To add something that a file can say: a field of [`Roster`] or [`DeclaredGroup`], its key in `keys.rs`, its line in
//! `reading.rs`, in `schema.rs` and in `of_stored.rs`, and its change in `plan.rs` and `planning/`.

mod document;
mod keys;
mod node;
mod of_stored;
mod plan;
mod planning;
mod problem;
mod reading;
mod rights;
mod schema;
mod stored;

pub use document::{At, DeclaredGroup, Roster};
pub use node::{Content, Entry, Node};
pub use plan::{Change, GroupChange, GroupMade, GroupRef, MemberRef, Plan, SettingChange, Step};
pub use planning::{Wanted, plan};
pub use problem::{Problem, in_order};
pub use rights::{DeclaredRights, FlatRights, RightChange, RightPath, flat, with_changes};
pub use schema::schema;
pub use stored::{Accounts, StoredGroup, StoredRoster, StoredSetting};
