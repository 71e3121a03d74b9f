//! Table `rosterd_scim_connection`.

use super::super::Queries;
use crate::{ScimConnectionWrites, ScimConnections};

impl ScimConnections for Queries<'_> {}

impl ScimConnectionWrites for Queries<'_> {}
