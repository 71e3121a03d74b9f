//! What lists and searches need of every user, kept in memory while an attached database does not change.
//!
//! An attached database has no index that finds a part of a name, and none of ours for the orders of a list. So a list or a
//! search reads the whole table. Its connection keeps what it read: ids, names, e-mail addresses, roles and times. SQLite
//! tells by `PRAGMA data_version`, in the transaction of the read, whether anybody has changed the database since. If so,
//! all of it is thrown away. Nothing is kept that can become stale.
//!
//! - [`roster`]: what is kept, and the pages of it.
//! - [`pass`]: reading the table, and whether what is kept answers or the [first rows](crate::top) of a single pass.

mod pass;
mod roster;

pub(crate) use pass::find_page;
#[cfg(test)]
pub(crate) use pass::{KEEP, pass_over};

use roster::Roster;

/// What a connection keeps.
pub(crate) struct Kept {
    /// How much that may be. Bytes.
    most: usize,
    /// The number of the last change that the connection has seen, and what is known of the users since.
    seen: Option<(i64, Known)>,
}

/// What is known of the users.
enum Known {
    /// They were asked for once. Only for the second time they are kept: where somebody writes all the time, keeping would
    /// be in vain.
    AskedOnce,
    /// All that a list needs.
    Everybody(Box<Roster>),
    /// They are too many to be kept.
    TooMany,
    /// Some row holds what no program of ours stores, such as a name that is bytes. Only SQLite can order such rows.
    Odd,
}

impl Kept {
    /// Nothing yet, and never more than so many bytes.
    pub(crate) fn new(most: usize) -> Self {
        Self { most, seen: None }
    }
}
