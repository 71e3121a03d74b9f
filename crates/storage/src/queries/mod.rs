//! All queries, written once. This folder is compiled into `sqlite` and into `postgres`. What differs is in the
//! `dialect` of the module around it.

mod adoption;
mod api_keys;
mod auths;
mod callers;
mod chats;
mod configs;
mod emails;
mod group_tree;
mod groups;
mod leases;
mod members;
mod members_first;
mod oauth_sessions;
mod reaches;
mod revocations;
mod search_copy;
mod usages;
mod users;
mod users_list;

pub(crate) use search_copy::fold_anew;

use rosterd_domain::list::SearchText;

use super::dialect;
use super::inspect::inspect;

use crate::fragments::Condition;
use crate::{Layout, Lock, Locks, StoreResult};

/// A connection on which the traits of [`tables`](crate::tables) can be called.
pub(crate) struct Queries<'a> {
    pub(crate) conn: &'a mut dialect::Raw,
    pub(crate) layout: &'a Layout,
    /// The last search and who matches it: a page and its total ask for the same, which may cost a walk over all users.
    matched: Option<(SearchText, Condition)>,
}

impl<'a> Queries<'a> {
    /// On this connection, to a database of this layout.
    pub(crate) fn new(conn: &'a mut dialect::Raw, layout: &'a Layout) -> Self {
        Self { conn, layout, matched: None }
    }

    /// The users who match a search (rule L2).
    fn matches(&mut self, search: &SearchText) -> StoreResult<Condition> {
        if let Some((text, condition)) = &self.matched
            && text == search
        {
            return Ok(condition.clone());
        }
        let condition = dialect::matches(self.conn, search, self.layout)?;
        self.matched = Some((search.clone(), condition.clone()));
        Ok(condition)
    }
}

impl Locks for Queries<'_> {
    fn lock(&mut self, lock: Lock) -> StoreResult<()> {
        dialect::lock(self.conn, lock)
    }
}
