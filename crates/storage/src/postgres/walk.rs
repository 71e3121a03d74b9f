//! Everybody, newest first.

use diesel::prelude::*;
use rosterd_domain::user::UserInfo;

use super::dialect::{Raw, RowByRow, by_code_point};
use crate::rows::UserInfoRow;
use crate::schema::users;
use crate::{Layout, StoreResult};

/// Hands everybody to `row`, newest first, ties by descending id, until it gives `false`. The planner knows how far the order of the
/// table is from that of time: it walks along the index, or reads the table as it is and sorts.
pub(crate) fn for_each_newest(
    conn: &mut Raw,
    _layout: &Layout,
    row: &mut dyn FnMut(UserInfo) -> bool,
) -> StoreResult<()> {
    let newest_first = users::table
        .order((users::created_at.desc(), by_code_point(users::id).desc()))
        .select(UserInfoRow::as_select());
    for user in newest_first.load_iter::<UserInfoRow, RowByRow>(conn)? {
        if !row(user?.into()) {
            break;
        }
    }
    Ok(())
}
