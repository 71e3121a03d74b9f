//! Every query, once. This folder is compiled into `sqlite` and into `postgres`; what differs comes from the
//! `dialect` of the module around it.

mod adoption;
mod api_keys;
mod auths;
mod callers;
mod chats;
mod configs;
mod groups;
mod members;
mod members_first;
mod oauth_sessions;
mod users;
mod users_list;

use super::dialect;
use super::inspect::inspect;
use crate::{Layout, Lock, Locks, StoreResult};

/// A connection on which the traits of [`tables`](crate::tables) can be called.
pub(crate) struct Session<'a> {
    pub(crate) conn: &'a mut dialect::Raw,
    pub(crate) layout: &'a Layout,
}

impl Locks for Session<'_> {
    fn lock(&mut self, lock: Lock) -> StoreResult<()> {
        dialect::lock(self.conn, lock)
    }
}
