//! Tables of SCIM: what connections are, and what they keep of accounts and groups.

mod connections;
mod filter;
mod groups;
mod users;

use diesel::RunQueryDsl as _;
use rosterd_domain::unicode::nfc;

use super::Queries;
use crate::StoreResult;
use crate::fragments::Statement;

/// A text as it is compared where upper and lower case are the same: what the columns whose names end in `_key` hold.
fn key(text: &str) -> String {
    rosterd_scim::filter::fold(&nfc(text))
}

/// Removes what connections keep of accounts and groups that are gone; gives of how many.
pub(super) fn forget_links_of_gone(queries: &mut Queries<'_>) -> StoreResult<usize> {
    // With an account of ours its rows go.
    if !queries.layout.scim || queries.layout.is_standalone() {
        return Ok(0);
    }
    let mut of_gone = |sql: &'static str| Statement::new(sql).execute(queries.conn);
    of_gone(
        "DELETE FROM rosterd_scim_email WHERE NOT EXISTS \
         (SELECT 1 FROM \"user\" u WHERE u.id = rosterd_scim_email.user_id)",
    )?;
    let users = of_gone(
        "DELETE FROM rosterd_scim_user WHERE NOT EXISTS \
         (SELECT 1 FROM \"user\" u WHERE u.id = rosterd_scim_user.user_id)",
    )?;
    let groups = of_gone(
        "DELETE FROM rosterd_scim_group WHERE NOT EXISTS \
         (SELECT 1 FROM \"group\" g WHERE g.id = rosterd_scim_group.group_id)",
    )?;
    Ok(users + groups)
}
