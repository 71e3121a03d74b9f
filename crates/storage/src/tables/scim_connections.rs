//! Connections of identity providers by SCIM: table `rosterd_scim_connection`.

use rosterd_domain::ids::{ConnectionId, UserId};
use rosterd_domain::scim::{ConnectionRow, LinkableUser};

use crate::StoreResult;

/// Table `rosterd_scim_connection`. Where [`Layout::scim`](crate::Layout::scim) says no, it counts as empty.
pub trait ScimConnections {
    /// All connections, the oldest first.
    fn list_connections(&mut self) -> StoreResult<Vec<ConnectionRow>>;

    /// The connection with this id.
    fn find_connection(&mut self, id: &ConnectionId) -> StoreResult<Option<ConnectionRow>>;

    /// The connection whose token, or the token before, has this hash. Whether that one still counts, the row says.
    fn find_connection_by_hash(&mut self, token_hash: &str) -> StoreResult<Option<ConnectionRow>>;

    /// Whether there is any.
    fn has_connections(&mut self) -> StoreResult<bool>;

    /// Keeps a connection from being deleted until the transaction ends (`FOR KEY SHARE` on PostgreSQL); gives whether it is there.
    fn hold_connection(&mut self, id: &ConnectionId) -> StoreResult<bool>;

    /// How many users and groups each connection sees; one that sees none may be missing.
    fn count_seen(&mut self) -> StoreResult<Vec<(ConnectionId, i64, i64)>>;

    /// How many accounts a connection is not linked to and could be: all but admins, suspended ones too, the primary admin, and those
    /// whose e-mail address is to be confirmed.
    fn count_linkable(&mut self, id: &ConnectionId, primary: Option<&UserId>) -> StoreResult<i64>;

    /// These accounts, in the order of their e-mail addresses and ids: at most `limit` after `offset` others.
    fn list_linkable(
        &mut self,
        id: &ConnectionId,
        primary: Option<&UserId>,
        offset_and_limit: (i64, i64),
    ) -> StoreResult<Vec<LinkableUser>>;
}

/// Changes to table `rosterd_scim_connection`. Where there is no such table they do nothing. Whoever changes a connection that was
/// read before holds [`Lock::Connections`](crate::Lock::Connections) from the reading on.
pub trait ScimConnectionWrites {
    /// Inserts.
    fn insert_connection(&mut self, row: &ConnectionRow) -> StoreResult<()>;

    /// Writes everything but id, maker and times.
    fn update_connection(&mut self, row: &ConnectionRow) -> StoreResult<()>;

    /// Deletes a connection and what it keeps of accounts and groups, which stay themselves; gives whether it was there.
    fn delete_connection(&mut self, id: &ConnectionId) -> StoreResult<bool>;
}
