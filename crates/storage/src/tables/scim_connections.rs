//! Connections of identity providers by SCIM: table `rosterd_scim_connection`.

/// Table `rosterd_scim_connection`. Where [`Layout::scim`](crate::Layout::scim) says no, it counts as empty.
pub trait ScimConnections {}

/// Changes to table `rosterd_scim_connection`. Where there is no such table they do nothing.
pub trait ScimConnectionWrites {}
