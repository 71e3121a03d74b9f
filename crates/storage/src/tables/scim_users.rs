//! What connections by SCIM keep of accounts: tables `rosterd_scim_user` and `rosterd_scim_email`.

use rosterd_domain::clock::UnixSeconds;
use rosterd_domain::ids::{ConnectionId, UserId};
use rosterd_scim::{Condition, ListQuery, UserAttributes};

use crate::StoreResult;

/// What a connection keeps of an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScimUserRow {
    /// The account.
    pub user: UserId,
    /// Whether the connection made it; else it was linked to it.
    pub made: bool,
    /// Since when the connection does not see it any more, because it deleted it.
    pub hidden_at: Option<UnixSeconds>,
    /// The beginning of the suspension that the connection wants, if it wants one.
    pub suspended_since: Option<UnixSeconds>,
    /// When the connection got to know it.
    pub created_at: UnixSeconds,
    /// When the connection last changed it.
    pub updated_at: UnixSeconds,
    /// How often that was, and once for the first time.
    pub version: i64,
    /// What it sent. `active` is not kept: it is whether the account is suspended or cannot sign in for another reason.
    pub attributes: UserAttributes,
}

impl ScimUserRow {
    /// Whether the connection sees the account.
    #[must_use]
    pub fn is_visible(&self) -> bool {
        self.hidden_at.is_none()
    }
}

/// Tables `rosterd_scim_user` and `rosterd_scim_email`. Where [`Layout::scim`](crate::Layout::scim) says no, they count as empty, and so
/// do rows of accounts that another program has deleted.
pub trait ScimUsers {
    /// What the connection keeps of this account, hidden or not.
    fn find_scim_user(
        &mut self,
        connection: &ConnectionId,
        user: &UserId,
    ) -> StoreResult<Option<ScimUserRow>>;

    /// Who has this `userName` for the connection, hidden or not. Upper and lower case are the same.
    fn find_scim_user_by_name(
        &mut self,
        connection: &ConnectionId,
        user_name: &str,
    ) -> StoreResult<Option<ScimUserRow>>;

    /// A page of the accounts that the connection sees. Their e-mail addresses are not read where the query does not ask for them.
    fn list_scim_users(
        &mut self,
        connection: &ConnectionId,
        query: &ListQuery,
    ) -> StoreResult<Vec<ScimUserRow>>;

    /// How many accounts the connection sees that meet the filter.
    fn count_scim_users(&mut self, connection: &ConnectionId, filter: Option<&Condition>)
    -> StoreResult<i64>;

    /// Whether a connection other than this one wants the suspension of the account that began then.
    fn is_suspension_wanted_beside(
        &mut self,
        connection: Option<&ConnectionId>,
        user: &UserId,
        since: UnixSeconds,
    ) -> StoreResult<bool>;
}

/// Changes to tables `rosterd_scim_user` and `rosterd_scim_email`. Where there are no such tables they do nothing.
pub trait ScimUserWrites {
    /// Adds what a connection keeps of an account.
    fn insert_scim_user(&mut self, connection: &ConnectionId, row: &ScimUserRow) -> StoreResult<()>;

    /// Writes what differs in what a connection keeps of an account.
    fn update_scim_user(
        &mut self,
        connection: &ConnectionId,
        stored: &ScimUserRow,
        row: &ScimUserRow,
    ) -> StoreResult<()>;

    /// Notes that no connection wants the suspension of this account: it is somebody else's.
    fn forget_wanted_suspensions(&mut self, user: &UserId) -> StoreResult<()>;

    /// Deletes what all connections keep of an account; gives how many kept anything.
    fn delete_scim_user_links(&mut self, user: &UserId) -> StoreResult<usize>;
}
