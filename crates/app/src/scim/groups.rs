//! The groups that a connection sees.

use rosterd_domain::ids::{ConnectionId, UserId};

use crate::act::Act;
use crate::error::AppResult;

/// Ends the memberships of an account in the groups of the connection.
pub(super) fn leave_all(_act: &mut Act<'_>, _connection: &ConnectionId, _user: &UserId) -> AppResult<()> {
    Ok(())
}
