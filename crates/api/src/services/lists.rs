//! Lists of users (rules L1 to L3).

use rosterd_domain::clock::UnixSeconds;
use rosterd_domain::ids::{GroupId, UserId};
use rosterd_domain::list::{Cursor, CursorKey, ListQuery, OrderBy, Window};
use rosterd_domain::user::{UserGroupIds, UserInfo, UserModel};
use rosterd_storage::{Db, UserInfoChunks};

use crate::app::App;
use crate::auth::{Admin, Caller, Verified};
use crate::error::ApiError;
use crate::extract::ListRequest;
use crate::services::avatars;

/// One page.
#[derive(Debug)]
pub(crate) struct Page<T> {
    pub(crate) users: Vec<T>,
    /// How many match in all.
    pub(crate) total: i64,
    /// Where the next page begins; `None` at the end, and for callers who page by number.
    pub(crate) next_cursor: Option<String>,
}

/// A page of whole records with group ids, for admins.
pub(crate) async fn users(
    app: &App,
    caller: Caller<Admin>,
    request: ListRequest,
) -> Result<Page<UserGroupIds>, ApiError> {
    let (handle, now) = (app.clone(), app.now());
    app.scan(caller, move |db, _me| {
        let query = &request.query;
        let rows = db.list_users(query, handle.settings().listed_sizes)?;
        let total = db.count_matching(query.search.as_ref())?;
        let ids: Vec<_> = rows.iter().map(|user| user.id.clone()).collect();
        let mut memberships = db.list_group_ids_of(&ids)?;
        // One order, whatever the database's: the same answer twice is the same text twice.
        memberships.sort();
        let next_cursor = (request.with_cursor && is_full(query, rows.len()))
            .then(|| rows.last().map(|last| cursor_after(query, last, &memberships)))
            .flatten();
        let users = rows.into_iter().map(|user| with_groups(&handle, user, &memberships, now)).collect();
        Ok(Page { users, total, next_cursor })
    })
    .await
}

/// A page of the narrow shape, for every verified user.
pub(crate) async fn search(
    app: &App,
    caller: Caller<Verified>,
    request: ListRequest,
) -> Result<Page<UserInfo>, ApiError> {
    let now = app.now();
    app.scan(caller, move |db, _me| {
        let query = &request.query;
        let rows = db.list_user_infos(query)?;
        let total = db.count_matching(query.search.as_ref())?;
        let next_cursor = if request.with_cursor && is_full(query, rows.len()) {
            info_cursor(db, query, rows.last())?
        } else {
            None
        };
        let users = rows.into_iter().map(|user| user.with_current_status(now)).collect();
        Ok(Page { users, total, next_cursor })
    })
    .await
}

/// Everybody, chunk by chunk.
pub(crate) async fn everybody(app: &App, caller: Caller<Admin>) -> Result<UserInfoChunks, ApiError> {
    let handle = app.clone();
    app.store().stream_user_infos(move |db| handle.authorize(&caller, db).map(|_me| ())).await
}

/// Whether a page has as many rows as asked for, so that there may be more.
fn is_full(query: &ListQuery, rows: usize) -> bool {
    let (Window::Offset { limit, .. } | Window::After { limit, .. }) = &query.window;
    i64::try_from(rows).is_ok_and(|rows| rows >= *limit)
}

fn cursor_after(query: &ListQuery, last: &UserModel, memberships: &[(UserId, GroupId)]) -> String {
    let is_member = match &query.order.by {
        OrderBy::GroupMember(group) => memberships.iter().any(|(user, of)| *user == last.id && of == group),
        _ => false,
    };
    Cursor::of_user(last, &query.order, is_member).encode()
}

/// The narrow rows lack some of the columns they may be ordered by, so the last row's key is read again.
fn info_cursor(
    db: &mut dyn Db,
    query: &ListQuery,
    last: Option<&UserInfo>,
) -> Result<Option<String>, ApiError> {
    let Some(last) = last else { return Ok(None) };
    let key = match &query.order.by {
        OrderBy::Name => CursorKey::Text(last.name.clone()),
        OrderBy::Email => CursorKey::Text(last.email.clone()),
        OrderBy::Role => CursorKey::Text(last.role.as_str().to_owned()),
        OrderBy::GroupMember(group) => {
            let memberships = db.list_group_ids_of(std::slice::from_ref(&last.id))?;
            let member = memberships.iter().any(|(_, of)| of == group);
            CursorKey::Member { member, name: last.name.clone() }
        }
        by @ (OrderBy::CreatedAt | OrderBy::LastActiveAt | OrderBy::UpdatedAt) => {
            let Some(row) = db.find_account(&last.id)? else { return Ok(None) };
            CursorKey::Int(match by {
                OrderBy::LastActiveAt => row.last_active_at,
                OrderBy::UpdatedAt => row.updated_at,
                _ => row.created_at,
            })
        }
    };
    Ok(Some(Cursor::new(query.order.clone(), key, last.id.clone()).encode()))
}

fn with_groups(
    app: &App,
    user: UserModel,
    memberships: &[(UserId, GroupId)],
    now: UnixSeconds,
) -> UserGroupIds {
    let start = memberships.partition_point(|(of, _)| *of < user.id);
    let group_ids = memberships[start..]
        .iter()
        .take_while(|(of, _)| *of == user.id)
        .map(|(_, group)| group.clone())
        .collect();
    let mut user = app.shown(user, now);
    if user.profile_image_url.is_empty() && app.settings().listed_sizes.image.is_some() {
        // The store leaves long inline images out; the image's own address stands for it.
        user.profile_image_url = avatars::address(&user.id);
    }
    UserGroupIds { user, group_ids }
}
