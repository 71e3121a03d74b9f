//! What can be asked about what users reach.

use rosterd_domain::ids::{GroupId, UserId};
use rosterd_domain::preview::{Reachable, Reached};

use crate::StoreResult;

/// Tables `model`, `knowledge`, `tool` and `access_grant` of the newer Open WebUI.
pub trait Reaches {
    /// What of one kind the user may read (rule N15), and how many there are; nothing where the table is missing.
    fn list_reached(&mut self, user: &UserId, kind: Reachable) -> StoreResult<Reached>;

    /// The same of what a group gives its members: what the group, one above it or everybody may read (rule M8).
    fn list_reached_by_group(&mut self, group: &GroupId, kind: Reachable) -> StoreResult<Reached>;
}
