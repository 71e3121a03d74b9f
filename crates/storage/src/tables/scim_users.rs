//! What connections by SCIM keep of accounts: tables `rosterd_scim_user` and `rosterd_scim_email`.

use rosterd_domain::ids::UserId;

use crate::StoreResult;

/// Tables `rosterd_scim_user` and `rosterd_scim_email`. Where [`Layout::scim`](crate::Layout::scim) says no, they count as empty.
pub trait ScimUsers {}

/// Changes to tables `rosterd_scim_user` and `rosterd_scim_email`. Where there are no such tables they do nothing.
pub trait ScimUserWrites {
    /// Deletes what all connections keep of an account; gives how many kept anything.
    fn delete_scim_user_links(&mut self, user: &UserId) -> StoreResult<usize>;
}
