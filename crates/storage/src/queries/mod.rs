//! All queries, written once. This folder is compiled into `sqlite` and into `postgres`. What differs is in the
//! `dialect` of the module around it.

mod adoption;
mod api_keys;
mod attempts;
mod auths;
mod callers;
mod chats;
mod configs;
mod deletions;
mod documents;
mod emails;
mod event_lists;
mod events;
mod group_tree;
mod groups;
mod kept_rows;
mod leases;
mod links;
mod mails;
mod members;
mod members_first;
mod narrowed;
mod oauth_sessions;
mod reaches;
mod revocations;
mod scim;
mod search_copy;
mod searched;
mod sessions;
mod setup_tokens;
mod sign_ins;
mod suspensions;
mod transfers;
mod unconfirmed;
mod usages;
mod users;
mod users_list;
mod webhooks;

use std::sync::Arc;

pub(crate) use api_keys::hash_clear_keys;
pub(crate) use search_copy::fold_anew;

use rosterd_domain::audit::NewEvent;
use rosterd_domain::list::{ListQuery, SearchText};

use super::dialect;
use super::inspect::inspect;

use crate::asked::Found;
use crate::fragments::Condition;
use crate::{Layout, Lock, Locks, StoreResult};

/// A connection on which the traits of [`tables`](crate::tables) can be called.
pub(crate) struct Queries<'a> {
    pub(crate) conn: &'a mut dialect::Raw,
    pub(crate) layout: &'a Layout,
    /// The last search and who matches it: a page and its total ask for the same, which may cost a walk over all users.
    matched: Option<(SearchText, Condition)>,
    /// The last search, or none, and how many users match it: a page and its total ask for the same.
    counted: Option<(Option<SearchText>, i64)>,
    /// What became of the walk for the page of a search.
    walk: searched::Walk,
    /// Events that are to be written in this transaction.
    noted: Vec<NewEvent>,
    /// The columns of the tables that a deletion is about.
    shape: Option<Arc<kept_rows::Shape>>,
    /// Where events are sealed as they are written.
    pub(crate) seals: dialect::Seals<'a>,
    /// What the connection keeps in memory for lists.
    pub(super) memory: dialect::Memory<'a>,
}

impl<'a> Queries<'a> {
    /// On this connection, to a database of this layout.
    pub(crate) fn new(conn: &'a mut dialect::Raw, layout: &'a Layout) -> Self {
        Self {
            conn,
            layout,
            matched: None,
            counted: None,
            walk: searched::Walk::None,
            noted: Vec::new(),
            shape: None,
            seals: dialect::Seals::default(),
            memory: dialect::Memory::default(),
        }
    }

    /// What is known of searches does not hold after a change of the users.
    fn forget_searches(&mut self) {
        self.matched = None;
        self.counted = None;
    }

    /// The ids of a page, if it can be found together with the total.
    fn find_page(&mut self, query: &ListQuery) -> StoreResult<Option<Vec<String>>> {
        // What finds a page in one pass, or in memory, knows names, e-mail addresses and orders only.
        if !query.filter.is_empty() {
            return Ok(None);
        }
        let found = dialect::find_page(self.conn, self.layout, &mut self.memory, query)?;
        Ok(found.map(|Found { ids, total }| {
            self.counted = Some((query.search.clone(), total));
            ids
        }))
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
