//! Lists of users: filter, order, window (rules L1 and L2).
//!
//! Every order ends in `id`, in the direction of the key before it, so that a page never repeats or skips a row and
//! an index on (key, id) can be walked either way.

use std::collections::{HashMap, HashSet};

use diesel::dsl::{case_when, exists};
use diesel::expression::BoxableExpression;
use diesel::prelude::*;
use diesel::sql_types::{Bool, Nullable, Text};
use rosterd_domain::list::{Cursor, CursorKey, Direction, ListQuery, OrderBy, Window};
use rosterd_domain::user::{UserInfo, UserModel};

use super::dialect::{self, Backend, RowByRow, behind, by_code_point, null_tail, one_of};
use super::narrowed::{Wanted, narrow};
use super::{Queries, members_first, searched};
use crate::fragments::{Condition, IfThere, Place, Short, of_user};
use crate::rows::{UserInfoRow, UserRow, user_columns};
use crate::schema::{member_names, suspensions, users};
use crate::types::{LossyText, StoredTime};
use crate::{ListedSizes, StoreResult};

#[diesel::declare_sql_function]
extern "SQL" {
    /// The length in bytes, which neither database needs to read the text for.
    fn octet_length(text: Text) -> Integer;
}

/// A condition on `user`.
type Filter = Box<dyn BoxableExpression<users::table, Backend, SqlType = Bool>>;

/// How many rows the walk over an SQLite file without WAL takes at a time.
const WALK: i64 = 20_000;

/// Orders a boxed query. The order by membership has no single key: see [`members_first`].
macro_rules! ordered {
    ($query:expr, $order:expr) => {{
        let query = $query;
        let id = by_code_point(of_user(users::id));
        /// Key and id in the order's direction.
        macro_rules! by {
            ($key:expr) => {
                match $order.direction {
                    Direction::Ascending => query.order(($key.asc(), id.asc())),
                    Direction::Descending => query.order(($key.desc(), id.desc())),
                }
            };
        }
        match &$order.by {
            OrderBy::CreatedAt => by!(of_user(users::created_at)),
            OrderBy::LastActiveAt => by!(of_user(users::last_active_at)),
            OrderBy::UpdatedAt => by!(of_user(users::updated_at)),
            OrderBy::Name => by!(by_code_point(of_user(users::name))),
            OrderBy::Email => by!(by_code_point(of_user(users::email))),
            OrderBy::Role => by!(by_code_point(of_user(users::role))),
            OrderBy::GroupMember(_) => query.order((by_code_point(of_user(users::name)).asc(), id.asc())),
        }
    }};
}

/// The users of a page whose ids were found.
macro_rules! with_id {
    ($ids:expr) => {
        one_of!("\"user\".\"id\"", $ids.iter().map(LossyText::as_str))
    };
}

/// The same where fewer `rows` have the ids than were found: some ids are not what they are read as. A row that is left
/// out would end a walk at once, since a page that is not full is the last.
fn odd_ids(ids: &[LossyText], rows: usize) -> Option<Condition> {
    if rows < ids.len() { dialect::ids_as_read(ids.iter().map(LossyText::as_str)) } else { None }
}

/// A row, and whether the account is suspended, where the layout knows that.
type Listed = (UserRow, Option<bool>);

pub(super) fn list_users(
    queries: &mut Queries<'_>,
    query: &ListQuery,
    listed: ListedSizes,
) -> StoreResult<Vec<UserModel>> {
    searched::page(queries, query, |queries| find_users(queries, query, listed))
}

fn find_users(
    queries: &mut Queries<'_>,
    query: &ListQuery,
    listed: ListedSizes,
) -> StoreResult<Vec<UserModel>> {
    let [images, documents] = [listed.image, listed.document].map(|most| most.unwrap_or(i32::MAX));
    let image = case_when(octet_length(of_user(users::profile_image_url)).gt(images), "".into_sql::<Text>())
        .otherwise(of_user(users::profile_image_url));
    let banner = case_when(
        octet_length(of_user(users::profile_banner_image_url).assume_not_null()).gt(images),
        None::<String>.into_sql::<Nullable<Text>>(),
    )
    .otherwise(of_user(users::profile_banner_image_url));
    let columns = user_columns!(
        image,
        banner,
        Short::new(of_user(users::oauth), documents, dialect::SIZES),
        Short::new(of_user(users::info), documents, dialect::SIZES),
        Short::new(of_user(users::settings), documents, dialect::SIZES),
        IfThere::new(Short::new(of_user(users::scim), documents, dialect::SIZES), queries.layout.newer.scim)
    );
    let suspended = exists(suspensions::table.filter(suspensions::user_id.eq(users::id))).nullable();
    let columns = (columns, IfThere::new(suspended, queries.layout.suspensions));
    if let Some(ids) = queries.find_page(query)? {
        let with_id = one_of!("\"user\".\"id\"", ids.iter().map(String::as_str));
        let rows: Vec<Listed> = users::table.filter(with_id).select(columns).load(queries.conn)?;
        let users = shown(queries, rows)?;
        return Ok(in_order(ids.iter().map(String::as_str), users, |user: &UserModel| user.id.as_str()));
    }
    if let OrderBy::GroupMember(group) = &query.order.by {
        let mut rows: Vec<Listed> = Vec::new();
        if let Some(members) = members_first::walk_of_members(queries.layout, query) {
            rows = member_names::table
                .inner_join(users::table.on(users::id.eq(member_names::user_id)))
                .filter(member_names::group_id.eq(group.as_str()).and(members.behind))
                .order((member_names::name.asc(), member_names::user_id.asc()))
                .limit(members.limit)
                .select(columns.clone())
                .load(queries.conn)?;
            if i64::try_from(rows.len()).is_ok_and(|rows| rows >= members.limit) {
                return shown(queries, rows);
            }
        }
        let ids = members_first::page_ids(queries, group, query)?;
        // Those whom the walk has met are not read again.
        let met: HashSet<&str> = rows.iter().map(|(user, _)| user.id()).collect();
        let missing: Vec<&str> = ids.iter().map(LossyText::as_str).filter(|id| !met.contains(id)).collect();
        if !missing.is_empty() {
            let with_id = one_of!("\"user\".\"id\"", missing.iter().copied());
            rows.extend(users::table.filter(with_id).select(columns.clone()).load::<Listed>(queries.conn)?);
        }
        if let Some(page) = odd_ids(&ids, rows.len()) {
            rows = users::table.filter(page).select(columns).load(queries.conn)?;
        }
        let users = shown(queries, rows)?;
        return Ok(in_order(ids.iter().map(LossyText::as_str), users, |user: &UserModel| user.id.as_str()));
    }
    let page = windowed(queries, query)?;
    let page = if dialect::WALKS_WHOLE_ROWS && queries.layout.walks_for(query) {
        page
    } else {
        // The page's ids first: sorting whole rows, pictures and settings included, costs far more than finding them.
        let ids = ordered!(page, query.order).select(users::id);
        users::table.filter(users::id.eq_any(ids)).into_boxed::<Backend>()
    };
    let mut rows: Vec<Listed> = ordered!(page, query.order).select(columns.clone()).load(queries.conn)?;
    if let Some(tail) = tail(queries, query, rows.len())? {
        rows.extend(ordered!(tail, query.order).select(columns).load::<Listed>(queries.conn)?);
    }
    shown(queries, rows)
}

/// The rows with the suspensions of those that have one.
fn shown(queries: &mut Queries<'_>, rows: Vec<Listed>) -> StoreResult<Vec<UserModel>> {
    let mut suspended = Vec::new();
    let mut users: Vec<UserModel> = Vec::with_capacity(rows.len());
    for (row, is_suspended) in rows {
        let user = UserModel::from(row);
        if is_suspended == Some(true) {
            suspended.push(user.id.clone());
        }
        users.push(user);
    }
    queries.add_suspensions(&mut users, &suspended)?;
    Ok(users)
}

pub(super) fn list_user_infos(queries: &mut Queries<'_>, query: &ListQuery) -> StoreResult<Vec<UserInfo>> {
    searched::page(queries, query, |queries| find_user_infos(queries, query))
}

fn find_user_infos(queries: &mut Queries<'_>, query: &ListQuery) -> StoreResult<Vec<UserInfo>> {
    if let Some(ids) = queries.find_page(query)? {
        let with_id = one_of!("\"user\".\"id\"", ids.iter().map(String::as_str));
        let columns = UserInfoRow::as_select();
        let rows: Vec<UserInfoRow> = users::table.filter(with_id).select(columns).load(queries.conn)?;
        let users = rows.into_iter().map(UserInfo::from).collect();
        return Ok(in_order(ids.iter().map(String::as_str), users, |user: &UserInfo| user.id.as_str()));
    }
    if let OrderBy::GroupMember(group) = &query.order.by {
        let ids = members_first::page_ids(queries, group, query)?;
        let columns = UserInfoRow::as_select();
        let mut rows: Vec<UserInfoRow> =
            users::table.filter(with_id!(ids)).select(columns).load(queries.conn)?;
        if let Some(page) = odd_ids(&ids, rows.len()) {
            rows = users::table.filter(page).select(columns).load(queries.conn)?;
        }
        let users = rows.into_iter().map(UserInfo::from).collect();
        return Ok(in_order(ids.iter().map(LossyText::as_str), users, |user: &UserInfo| user.id.as_str()));
    }
    let window = windowed(queries, query)?;
    let window = if dialect::WALKS_WHOLE_ROWS {
        window
    } else {
        // The walk of a search passes many users for each that it finds. Their ids alone stand in the index.
        let ids = ordered!(window, query.order).select(users::id);
        users::table.filter(users::id.eq_any(ids)).into_boxed::<Backend>()
    };
    let columns = UserInfoRow::as_select();
    let mut rows: Vec<UserInfoRow> = ordered!(window, query.order).select(columns).load(queries.conn)?;
    if let Some(tail) = tail(queries, query, rows.len())? {
        rows.extend(ordered!(tail, query.order).select(columns).load::<UserInfoRow>(queries.conn)?);
    }
    Ok(rows.into_iter().map(UserInfo::from).collect())
}

/// The rows in the order of these ids.
fn in_order<'a, T>(ids: impl Iterator<Item = &'a str>, mut rows: Vec<T>, id: impl Fn(&T) -> &str) -> Vec<T> {
    let places: HashMap<&str, usize> = ids.enumerate().map(|(place, id)| (id, place)).collect();
    rows.sort_by_key(|row| places.get(id(row)).copied());
    rows
}

pub(super) fn for_each_user_info(
    queries: &mut Queries<'_>,
    row: &mut dyn FnMut(UserInfo) -> bool,
) -> StoreResult<()> {
    if dialect::READERS_BLOCK_WRITERS && !queries.layout.wal {
        return walk_by_windows(queries, row);
    }
    let newest_first = users::table
        .order((users::created_at.desc(), by_code_point(users::id).desc()))
        .select(UserInfoRow::as_select());
    for user in newest_first.load_iter::<UserInfoRow, RowByRow>(queries.conn)? {
        if !row(user?.into()) {
            break;
        }
    }
    Ok(())
}

/// The same walk in many short reads: without WAL a reader keeps every writer out, and this one may be as slow as
/// the client that reads the answer.
fn walk_by_windows(queries: &mut Queries<'_>, row: &mut dyn FnMut(UserInfo) -> bool) -> StoreResult<()> {
    const NEWEST_FIRST: Direction = Direction::Descending;
    /// A window of the rows for which a condition holds.
    macro_rules! load {
        ($condition:expr) => {{
            let mut window = users::table.into_boxed::<Backend>();
            if let Some(condition) = $condition {
                window = window.filter(condition);
            }
            let rows: Vec<(StoredTime, UserInfoRow)> = window
                .order((users::created_at.desc(), by_code_point(users::id).desc()))
                .select((users::created_at, UserInfoRow::as_select()))
                .limit(WALK)
                .load(queries.conn)?;
            rows
        }};
    }
    let mut place: Option<Place> = None;
    loop {
        let mut rows = load!(place.as_ref().map(|place| behind(place, NEWEST_FIRST)));
        if let (true, Some(tail)) =
            (rows.is_empty(), place.as_ref().and_then(|place| null_tail(place, NEWEST_FIRST)))
        {
            rows = load!(Some(tail));
        }
        let Some((created_at, last)) = rows.last() else { return Ok(()) };
        place = Some(Place::at_time("created_at", (*created_at).into(), last.id()));
        for (_, user) in rows {
            if !row(user.into()) {
                return Ok(());
            }
        }
    }
}

/// How many users a list with a filter has on all of its pages.
pub(super) fn count_narrowed(queries: &mut Queries<'_>, query: &ListQuery) -> StoreResult<i64> {
    Ok(listed_users(queries, query, Wanted::Count)?.count().get_result(queries.conn)?)
}

/// Everybody whom a list is about: by its search and its filter (rules L2 and L5).
fn listed_users(
    queries: &mut Queries<'_>,
    query: &ListQuery,
    wanted: Wanted,
) -> StoreResult<users::BoxedQuery<'static, Backend>> {
    let mut rows = users::table.into_boxed::<Backend>();
    if let Some(search) = &query.search {
        rows = rows.filter(queries.searched(query, search)?);
    }
    narrow(queries, rows, &query.filter, wanted)
}

/// The rows of a window, not yet in order.
fn windowed(
    queries: &mut Queries<'_>,
    query: &ListQuery,
) -> StoreResult<users::BoxedQuery<'static, Backend>> {
    let rows = listed_users(queries, query, Wanted::Page)?;
    Ok(match &query.window {
        Window::Offset { offset, limit } => rows.limit(*limit).offset(*offset),
        Window::After { cursor, limit } => rows.filter(after_cursor(cursor)).limit(*limit),
    })
}

/// The rows after a cursor in its order.
fn after_cursor(cursor: &Cursor) -> Filter {
    match place(cursor) {
        Some(place) => Box::new(behind(&place, cursor.order.direction)),
        // `Cursor::decode` lets no such pair pass. Nothing lies behind a place that does not exist.
        None => Box::new(users::id.ne(users::id)),
    }
}

/// The place that a cursor names; `None` where its key is none of its order's.
pub(super) fn place(cursor: &Cursor) -> Option<Place> {
    let id = cursor.id.as_str();
    let column = match &cursor.order.by {
        OrderBy::CreatedAt => "created_at",
        OrderBy::LastActiveAt => "last_active_at",
        OrderBy::UpdatedAt => "updated_at",
        OrderBy::Name => "name",
        OrderBy::Email => "email",
        OrderBy::Role => "role",
        OrderBy::GroupMember(_) => return None,
    };
    match (&cursor.order.by, &cursor.key) {
        (OrderBy::CreatedAt | OrderBy::LastActiveAt | OrderBy::UpdatedAt, CursorKey::Int(key)) => {
            Some(Place::at_time(column, *key, id))
        }
        (OrderBy::Name | OrderBy::Email | OrderBy::Role, CursorKey::Text(key)) => {
            Some(Place::at_text(column, key, id))
        }
        _ => None,
    }
}

/// The rows without a key with which a walk ends, where `found` rows do not fill the page; not yet in order.
fn tail(
    queries: &mut Queries<'_>,
    query: &ListQuery,
    found: usize,
) -> StoreResult<Option<users::BoxedQuery<'static, Backend>>> {
    let Window::After { cursor, limit } = &query.window else { return Ok(None) };
    let missing = limit.saturating_sub(i64::try_from(found).unwrap_or(i64::MAX));
    let Some(without_key) = place(cursor).and_then(|place| null_tail(&place, cursor.order.direction)) else {
        return Ok(None);
    };
    if missing <= 0 {
        return Ok(None);
    }
    Ok(Some(listed_users(queries, query, Wanted::Page)?.filter(without_key).limit(missing)))
}
