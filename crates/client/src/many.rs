//! One thing done to many users.

use rosterd_domain::{GroupId, Role, UserId};
use serde::{Deserialize, Serialize};

use crate::client::Client;
use crate::error::{Error, ErrorCode};
use crate::forms::SuspendForm;
use crate::lists::ListQuery;

/// What is done to each of many users.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "action", rename_all = "snake_case")]
pub enum ManyUsersAction {
    /// Each gets this role.
    SetRole {
        /// The role.
        role: Role,
    },
    /// Each joins this group.
    AddToGroup {
        /// The group.
        group_id: GroupId,
    },
    /// Each leaves this group.
    RemoveFromGroup {
        /// The group.
        group_id: GroupId,
    },
    /// All sessions of each end.
    Revoke,
    /// Each is suspended.
    Suspend(SuspendForm),
    /// Each is let in again.
    Resume,
    /// Each is deleted, with all that hangs on the account.
    Delete {
        /// Nothing is kept: they cannot be restored.
        #[serde(skip_serializing_if = "std::ops::Not::not")]
        purge: bool,
    },
}

/// What came of it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct ManyUsersAnswer {
    /// How many users were chosen: different ids, or all whom the query finds.
    pub matched: i64,
    /// Whether the query finds more than the 1,000 that were worked on.
    pub more: bool,
    /// Where the next 1,000 begin, if there are more: for [`ListQuery::cursor`].
    pub next_cursor: Option<String>,
    /// For how many it was done.
    pub done: usize,
    /// For how many it was not.
    pub refused: usize,
    /// Each user, in the order of the ids or of the list.
    pub results: Vec<ManyUsersResult>,
}

/// What came of it for one user.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct ManyUsersResult {
    /// The id, as it was sent.
    pub id: String,
    /// Whether it is as asked now.
    pub ok: bool,
    /// If it is not: the status that the call for this user alone would have.
    pub status: Option<u16>,
    /// If it is not: why.
    pub error: Option<ManyUsersError>,
}

/// Why something was not done to one of many users.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct ManyUsersError {
    /// What people read.
    pub detail: String,
    /// What programs look at.
    #[serde(deserialize_with = "code")]
    pub code: ErrorCode,
}

fn code<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<ErrorCode, D::Error> {
    String::deserialize(deserializer).map(ErrorCode::from)
}

#[derive(Serialize)]
struct Request<'a, W> {
    #[serde(flatten)]
    action: &'a ManyUsersAction,
    #[serde(flatten)]
    whom: W,
}

#[derive(Serialize)]
struct Ids<'a> {
    ids: Vec<&'a UserId>,
}

#[derive(Serialize)]
struct Query {
    query: serde_json::Map<String, serde_json::Value>,
}

impl Client {
    /// Does one thing to up to 1,000 users. What a rule refuses for one holds up none of the others. For admins.
    ///
    /// # Errors
    /// `GROUP_NOT_FOUND`; `NOT_FOUND` where sessions cannot be ended for a whole account; `CONFLICT` where nobody can be
    /// suspended; [`Error`].
    pub async fn change_many_users(
        &self,
        ids: &[&UserId],
        action: &ManyUsersAction,
    ) -> Result<ManyUsersAnswer, Error> {
        let whom = Ids { ids: ids.to_vec() };
        self.post(&["api", "v1", "users", "bulk"], &Request { action, whom }).await
    }

    /// The same to the first 1,000 whom a query finds, the newest first: its text, filters and cursor count. Where the answer has a
    /// `next_cursor`, the same query with it goes on. For admins.
    ///
    /// # Errors
    /// As [`change_many_users`](Self::change_many_users).
    pub async fn change_found_users(
        &self,
        query: &ListQuery,
        action: &ManyUsersAction,
    ) -> Result<ManyUsersAnswer, Error> {
        let whom = Query { query: query.filters() };
        self.post(&["api", "v1", "users", "bulk"], &Request { action, whom }).await
    }
}
