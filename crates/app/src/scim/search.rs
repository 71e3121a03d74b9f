//! A search over all that a connection sees, of whatever kind (RFC 7644, 3.4.3).

use rosterd_scim::{Group, ListQuery, User};

use super::{groups, users};
use crate::act::Act;
use crate::error::AppResult;

/// A page of users and groups.
#[derive(Debug, Default)]
pub struct Found {
    /// How many there are of both, on all pages.
    pub total: u64,
    /// Users, which come first.
    pub users: Vec<User>,
    /// Groups.
    pub groups: Vec<Group>,
}

/// Users, then groups. `None`: none of them can meet what is asked for. Both ask for the same page.
///
/// # Errors
/// [`AppError::AccessProhibited`](crate::AppError::AccessProhibited) for all but connections; those of the store.
pub fn everything(
    act: &mut Act<'_>,
    of_users: Option<&ListQuery>,
    of_groups: Option<&ListQuery>,
) -> AppResult<Found> {
    let mut found = Found::default();
    if let Some(query) = of_users {
        (found.total, found.users) = users::list(act, query)?;
    }
    if let Some(query) = of_groups {
        let shown = u64::try_from(found.users.len()).unwrap_or(u64::MAX);
        let mut query = query.clone();
        // What is left of the page.
        query.page.start_index = query.page.offset().saturating_sub(found.total).saturating_add(1);
        query.page.count = query.page.count.saturating_sub(shown);
        let (total, groups) = groups::list(act, &query)?;
        found.total = found.total.saturating_add(total);
        found.groups = groups;
    }
    Ok(found)
}
