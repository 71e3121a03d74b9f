//! Lists ordered by membership of one group (rule L1): one half of the users by name, then the other half.
//!
//! Sorting everybody for a page takes seconds in a large roster, so each half is found by itself. In a standalone database
//! a table holds the members of each group by name. Elsewhere, and where a search narrows the list, members of a small
//! group are found by their memberships. Everything else is a walk along the names that stops when the page is full; it
//! costs the page's length times how rare the half is.

use diesel::expression::BoxableExpression;
use diesel::prelude::*;
use diesel::sql_types::Bool;
use rosterd_domain::ids::GroupId;
use rosterd_domain::list::{CursorKey, Direction, ListQuery, Window};

use super::Queries;
use super::dialect::{self, Backend, behind, by_code_point, members_behind, null_tail};
use crate::fragments::{Condition, Place};
use crate::schema::{group_members, member_names, users};
use crate::types::LossyText;
use crate::{Layout, StoreResult, Users as _};

/// Who is in the group, or who is not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Half {
    Members,
    Others,
}

impl Half {
    fn of(is_member: bool) -> Self {
        if is_member { Self::Members } else { Self::Others }
    }

    fn other(self) -> Self {
        Self::of(self == Self::Others)
    }
}

/// A part of one half: what follows a name and an id, less `offset` rows.
#[derive(Debug, Clone, Copy, Default)]
struct Part<'a> {
    after: Option<(&'a str, &'a str)>,
    offset: i64,
    limit: i64,
}

/// A page that may hold members alone: what of the table of members by name it is.
pub(super) struct WalkOfMembers {
    /// The rows behind the place where the page begins.
    pub(super) behind: Condition,
    /// How many the page has when it is full.
    pub(super) limit: i64,
}

/// How a page of members alone is read in one statement; `None` where it cannot be, or where ids alone are found faster. A page that
/// is not filled so goes on among the others: that is for [`page_ids`].
pub(super) fn walk_of_members(layout: &Layout, query: &ListQuery) -> Option<WalkOfMembers> {
    if !dialect::WALKS_WHOLE_ROWS || !layout.member_names || query.search.is_some() {
        return None;
    }
    match &query.window {
        // Each member that is passed over would be looked up among the users.
        Window::Offset { offset: 0, limit } if query.order.direction == Direction::Descending => {
            Some(WalkOfMembers { behind: Condition::fixed("TRUE"), limit: *limit })
        }
        Window::After { cursor, limit } => match &cursor.key {
            CursorKey::Member { member: true, name } => {
                let place = Place::at_text("name", name, cursor.id.as_str());
                Some(WalkOfMembers { behind: members_behind(&place), limit: *limit })
            }
            _ => None,
        },
        Window::Offset { .. } => None,
    }
}

/// The ids of a page, in order. Five statements at most, whatever the page holds.
pub(super) fn page_ids(
    queries: &mut Queries<'_>,
    group: &GroupId,
    query: &ListQuery,
) -> StoreResult<Vec<LossyText>> {
    let search = match &query.search {
        Some(search) => Some(queries.matches(search)?),
        None => None,
    };
    let members = if search.is_none() && queries.layout.member_names {
        Members::ByName
    } else if is_small(queries, group)? {
        Members::Few
    } else {
        Members::Many
    };
    let mut roster = Roster { queries, group, search, members };
    let first = Half::of(query.order.direction == Direction::Descending);
    match &query.window {
        Window::Offset { offset, limit } => {
            let (offset, limit) = (*offset, *limit);
            let mut ids = roster.load(first, Part { offset, limit, ..Part::default() })?;
            // Where the page begins behind the first half, so many rows of the second are skipped.
            let skipped = if ids.is_empty() && offset > 0 { offset - roster.count(first)? } else { 0 };
            let limit = rest(limit, &ids);
            if limit > 0 {
                let part = Part { offset: skipped.max(0), limit, ..Part::default() };
                ids.extend(roster.load(first.other(), part)?);
            }
            Ok(ids)
        }
        Window::After { cursor, limit } => {
            // `Cursor::decode` lets no other key pass.
            let CursorKey::Member { member, name } = &cursor.key else { return Ok(Vec::new()) };
            let half = Half::of(*member);
            let after = Some((name.as_str(), cursor.id.as_str()));
            let mut ids = roster.load(half, Part { after, limit: *limit, ..Part::default() })?;
            let limit = rest(*limit, &ids);
            if half == first && limit > 0 {
                ids.extend(roster.load(first.other(), Part { limit, ..Part::default() })?);
            }
            Ok(ids)
        }
    }
}

/// How many rows of the page are still missing.
fn rest(limit: i64, ids: &[LossyText]) -> i64 {
    limit.saturating_sub(i64::try_from(ids.len()).unwrap_or(i64::MAX))
}

/// Whether the group has so few members that sorting them costs less than meeting them on a walk.
fn is_small(queries: &mut Queries<'_>, group: &GroupId) -> StoreResult<bool> {
    let small = Condition::new(
        "(SELECT count(*) FROM (SELECT 1 FROM group_member WHERE group_id = ",
        group.as_str(),
        " LIMIT 1000) AS probe) < 1000",
    );
    Ok(diesel::select(small).get_result(queries.conn)?)
}

/// How the members of the group are best found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Members {
    /// In the table that holds them by name; nothing is searched for.
    ByName,
    /// By their memberships, to be sorted.
    Few,
    /// On a walk along the names.
    Many,
}

/// The users that a list is made of.
struct Roster<'a, 'b> {
    queries: &'a mut Queries<'b>,
    group: &'a GroupId,
    search: Option<Condition>,
    members: Members,
}

impl Roster<'_, '_> {
    /// The users of one half.
    fn half(&self, half: Half) -> users::BoxedQuery<'static, Backend> {
        let group = self.group.as_str().to_owned();
        // A count for each user, since the planner may turn IN or EXISTS around and sort all of a large group.
        let is_member: Box<dyn BoxableExpression<users::table, Backend, SqlType = Bool>> = match half {
            Half::Members if self.members == Members::Few => Box::new(users::id.eq_any(
                group_members::table.filter(group_members::group_id.eq(group)).select(group_members::user_id),
            )),
            Half::Members => {
                Box::new(Condition::new(MEMBERSHIPS, group, " AND m.user_id = \"user\".\"id\") > 0"))
            }
            Half::Others => {
                Box::new(Condition::new(MEMBERSHIPS, group, " AND m.user_id = \"user\".\"id\") = 0"))
            }
        };
        let rows = users::table.into_boxed::<Backend>().filter(is_member);
        match &self.search {
            Some(search) => rows.filter(search.clone()),
            None => rows,
        }
    }

    fn load(&mut self, half: Half, part: Part<'_>) -> StoreResult<Vec<LossyText>> {
        if half == Half::Members && self.members == Members::ByName {
            return self.load_by_name(part);
        }
        let (name, id) = (by_code_point(users::name), by_code_point(users::id));
        let place = part.after.map(|(name, id)| Place::at_text("name", name, id));
        let mut rows = self.half(half);
        if let Some(place) = &place {
            rows = rows.filter(behind(place, Direction::Ascending));
        }
        let rows = rows.order((name.asc(), id.asc())).limit(part.limit).offset(part.offset);
        let mut ids: Vec<LossyText> = rows.select(users::id).load(self.queries.conn)?;
        let missing = rest(part.limit, &ids);
        if missing > 0
            && let Some(tail) = place.and_then(|place| null_tail(&place, Direction::Ascending))
        {
            let rows = self.half(half).filter(tail).order(id.asc()).limit(missing);
            ids.extend(rows.select(users::id).load::<LossyText>(self.queries.conn)?);
        }
        Ok(ids)
    }

    fn load_by_name(&mut self, part: Part<'_>) -> StoreResult<Vec<LossyText>> {
        let (name, id) = (member_names::name, member_names::user_id);
        let group = self.group.as_str().to_owned();
        let mut rows = member_names::table.filter(member_names::group_id.eq(group)).into_boxed::<Backend>();
        if let Some((last_name, last_id)) = part.after {
            rows = rows.filter(members_behind(&Place::at_text("name", last_name, last_id)));
        }
        let rows = rows.order((name.asc(), id.asc())).limit(part.limit).offset(part.offset);
        Ok(rows.select(id).load(self.queries.conn)?)
    }

    fn count(&mut self, half: Half) -> StoreResult<i64> {
        if self.members == Members::ByName {
            let of_group = member_names::table.filter(member_names::group_id.eq(self.group.as_str()));
            let members: i64 = of_group.count().get_result(self.queries.conn)?;
            return Ok(match half {
                Half::Members => members,
                Half::Others => self.queries.count_users()?.saturating_sub(members),
            });
        }
        Ok(self.half(half).count().get_result(self.queries.conn)?)
    }
}

const MEMBERSHIPS: &str = "(SELECT count(*) FROM group_member m WHERE m.group_id = ";
