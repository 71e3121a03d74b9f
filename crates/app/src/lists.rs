//! Lists of users (rules L1 to L3).

use rosterd_domain::ids::GroupId;
use rosterd_domain::list::{Cursor, CursorKey, ListQuery, OrderBy, UserPage, Window};
use rosterd_domain::rules::picture;
use rosterd_domain::user::{UserGroupIds, UserInfo, UserModel};
use rosterd_storage::Reads;

use crate::act::Act;
use crate::app::App;
use crate::caller::Caller;
use crate::error::AppResult;

/// A page of whole records with group ids, for those who manage accounts, in the shape that the caller gives it.
///
/// # Errors
/// Those of the store.
pub async fn users<R: Send + 'static>(
    app: &App,
    caller: Caller,
    query: ListQuery,
    shape: impl FnOnce(UserPage<UserGroupIds>) -> R + Send + 'static,
) -> AppResult<R> {
    shaped(app, caller, query, page_of_users, shape).await
}

/// A page of the narrow shape, for every verified user, likewise.
///
/// # Errors
/// Those of the store.
pub async fn search<R: Send + 'static>(
    app: &App,
    caller: Caller,
    query: ListQuery,
    shape: impl FnOnce(UserPage<UserInfo>) -> R + Send + 'static,
) -> AppResult<R> {
    shaped(app, caller, query, page_of_search, shape).await
}

/// What `shape` makes of a page, where possible on the thread that reads it: rows are many small pieces of memory, which are
/// dear to give back on another.
async fn shaped<T: Send + 'static, R: Send + 'static>(
    app: &App,
    caller: Caller,
    query: ListQuery,
    read: fn(&mut Act<'_>, &ListQuery, Total) -> AppResult<UserPage<T>>,
    shape: impl FnOnce(UserPage<T>) -> R + Send + 'static,
) -> AppResult<R> {
    let (total, asked) = (Total::of(app, &query), query.clone());
    match total {
        Total::WithPage => app.page(caller, &asked, move |act| read(act, &query, total).map(shape)).await,
        Total::Together => {
            let page = app.page(caller, &asked, move |act| read(act, &query, total)).await?;
            Ok(shape(UserPage { total: app.store().count_users_together().await?, ..page }))
        }
    }
}

/// Where the number of all matches comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Total {
    /// From the connection that reads the page.
    WithPage,
    /// From a count after it, which all share who wait for one.
    Together,
}

impl Total {
    fn of(app: &App, query: &ListQuery) -> Self {
        let together = query.search.is_none() && query.filter.is_empty() && app.store().counts_together();
        if together { Self::Together } else { Self::WithPage }
    }

    fn with_page(self, db: &mut dyn Reads, query: &ListQuery) -> AppResult<i64> {
        match self {
            Self::WithPage => Ok(db.count_listed(query)?),
            Self::Together => Ok(0),
        }
    }
}

fn page_of_users(act: &mut Act<'_>, query: &ListQuery, total: Total) -> AppResult<UserPage<UserGroupIds>> {
    act.actor().ensure_admin()?;
    let sizes = act.app().settings().listed_sizes;
    let rows = act.read().list_users(query, sizes)?;
    let total = total.with_page(act.read(), query)?;
    let ids: Vec<_> = rows.iter().map(|user| &user.id).collect();
    let groups = act.read().list_group_ids_of(&ids)?;
    let next_cursor = rows
        .last()
        .zip(groups.last())
        .filter(|_| query.with_cursor && is_full(query, rows.len()))
        .map(|(last, groups)| cursor_after(query, last, groups));
    let users = rows.into_iter().zip(groups).map(|(user, groups)| with_groups(act, user, groups)).collect();
    Ok(UserPage { users, total, next_cursor })
}

fn page_of_search(act: &mut Act<'_>, query: &ListQuery, total: Total) -> AppResult<UserPage<UserInfo>> {
    let now = act.now();
    let rows = act.read().list_user_infos(query)?;
    let total = total.with_page(act.read(), query)?;
    let next_cursor = if query.with_cursor && is_full(query, rows.len()) {
        info_cursor(act.read(), query, rows.last())?
    } else {
        None
    };
    let users = rows.into_iter().map(|user| act.app().shown_info(user, now)).collect();
    Ok(UserPage { users, total, next_cursor })
}

/// Whether a page has as many rows as asked for, so that there may be more.
fn is_full(query: &ListQuery, rows: usize) -> bool {
    let (Window::Offset { limit, .. } | Window::After { limit, .. }) = &query.window;
    i64::try_from(rows).is_ok_and(|rows| rows >= *limit)
}

fn cursor_after(query: &ListQuery, last: &UserModel, groups: &[GroupId]) -> String {
    let is_member = match &query.order.by {
        OrderBy::GroupMember(group) => groups.contains(group),
        _ => false,
    };
    Cursor::of_user(last, &query.order, is_member).encode()
}

/// The narrow rows lack some of the columns they may be ordered by, so the last row's key is read again.
fn info_cursor(db: &mut dyn Reads, query: &ListQuery, last: Option<&UserInfo>) -> AppResult<Option<String>> {
    let Some(last) = last else { return Ok(None) };
    let key = match &query.order.by {
        OrderBy::Name => CursorKey::Text(last.name.clone()),
        OrderBy::Email => CursorKey::Text(last.email.clone()),
        OrderBy::Role => CursorKey::Text(last.role.as_str().to_owned()),
        OrderBy::GroupMember(group) => {
            let member = db.list_group_ids_of(&[&last.id])?.concat().contains(group);
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

fn with_groups(act: &Act<'_>, user: UserModel, group_ids: Vec<GroupId>) -> UserGroupIds {
    let app = act.app();
    let mut user = app.present_user(user, act.now());
    if user.profile_image_url.is_empty() && app.settings().listed_sizes.image.is_some() {
        // The store leaves long inline images out; the image's own URL stands for it.
        user.profile_image_url = picture::own_url(&user.id);
    }
    UserGroupIds { user, group_ids }
}
