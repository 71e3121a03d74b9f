//! The conditions of a narrowed list (rule L5), written so that each page of it is read in little time.
//!
//! A page comes either from the index of its order, whose rows are looked at one by one until the page is full, or from the index of
//! a condition, all of whose rows are sorted. The former is right where many rows meet the conditions, the latter where few do.
//! PostgreSQL knows from its statistics which it is. SQLite has none: with most accounts in one role it would sort nearly a million
//! of them for each page, and to find that nobody was active today it would look at all. So it is told, after a look at the index of
//! each condition.

use diesel::dsl::{exists, not};
use diesel::expression::BoxableExpression;
use diesel::prelude::*;
use diesel::sql_types::Bool;
use rosterd_domain::list::{AccountStatus, UserFilter};

use super::Queries;
use super::dialect::{self, Backend};
use crate::StoreResult;
use crate::fragments::Wrapped;
use crate::schema::{group_members, suspensions, users};
use crate::types::LossyText;

/// More rows than these are not few. To sort so many takes a tenth of a second.
const FEW: i64 = 20_000;

/// A condition on `user`.
type Condition = Box<dyn BoxableExpression<users::table, Backend, SqlType = Bool>>;

type Rows = users::BoxedQuery<'static, Backend>;

/// What is wanted of the rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Wanted {
    /// Some of them, in an order.
    Page,
    /// How many they are.
    Count,
}

/// The conditions that a filter can have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    Role,
    Group,
    ActiveSince,
    InactiveSince,
    Status,
}

/// The condition on these columns; `None` where the filter does not have it.
macro_rules! condition {
    ($part:expr, $filter:expr, $id:expr, $role:expr, $last_active_at:expr) => {{
        let condition: Option<Condition> = match $part {
            Part::Role => $filter.role.as_ref().map(|role| {
                let condition: Condition = Box::new($role.eq(role.as_str().to_owned()));
                condition
            }),
            Part::Group => $filter.group.as_ref().map(|group| {
                let members = group_members::table
                    .filter(group_members::group_id.eq(group.as_str().to_owned()))
                    .select(group_members::user_id);
                let condition: Condition = Box::new($id.eq_any(members));
                condition
            }),
            Part::ActiveSince => $filter.active_since.map(|since| {
                let condition: Condition = Box::new($last_active_at.ge(since));
                condition
            }),
            // Another program may have written rows without a time.
            Part::InactiveSince => $filter.inactive_since.map(|since| {
                let condition: Condition =
                    Box::new($last_active_at.lt(since).or(users::last_active_at.is_null()));
                condition
            }),
            Part::Status => $filter.status.map(|status| {
                let condition: Condition = match status {
                    AccountStatus::Suspended => {
                        Box::new($id.eq_any(suspensions::table.select(suspensions::user_id)))
                    }
                    AccountStatus::Active => Box::new(not(exists(
                        suspensions::table
                            .filter(suspensions::user_id.eq(users::id))
                            .select(suspensions::user_id),
                    ))),
                };
                condition
            }),
        };
        condition
    }};
}

impl Part {
    const ALL: [Self; 5] = [Self::Role, Self::Group, Self::ActiveSince, Self::InactiveSince, Self::Status];

    /// Whether it names users by their ids, which another table has.
    fn is_of_ids(self) -> bool {
        matches!(self, Self::Group | Self::Status)
    }

    /// The condition; `None` where the filter does not have it.
    fn of(self, filter: &UserFilter) -> Option<Condition> {
        condition!(self, filter, users::id, users::role, users::last_active_at)
    }

    /// The same so that SQLite uses no index for it: a column with a sign is none that it has an index of.
    fn checked(self, filter: &UserFilter) -> Option<Condition> {
        /// The column with a sign.
        macro_rules! signed {
            ($column:expr) => {
                Wrapped::new("+", $column, "")
            };
        }
        condition!(self, filter, signed!(users::id), signed!(users::role), signed!(users::last_active_at))
    }

    /// Whether few rows meet the condition; `None` where the filter does not have it.
    fn is_few(self, queries: &mut Queries<'_>, filter: &UserFilter) -> StoreResult<Option<bool>> {
        let Some(condition) = self.of(filter) else { return Ok(None) };
        let one_more: Option<LossyText> = match (self, &filter.group) {
            (Self::Group, Some(group)) => group_members::table
                .filter(group_members::group_id.eq(group.as_str()))
                .select(group_members::user_id)
                .offset(FEW)
                .limit(1)
                .get_result(queries.conn)
                .optional()?,
            (Self::Status, _) if filter.status == Some(AccountStatus::Active) => return Ok(Some(false)),
            (Self::Status, _) => suspensions::table
                .select(suspensions::user_id)
                .offset(FEW)
                .limit(1)
                .get_result(queries.conn)
                .optional()?,
            _ => users::table
                .filter(condition)
                .select(users::id)
                .offset(FEW)
                .limit(1)
                .get_result(queries.conn)
                .optional()?,
        };
        Ok(Some(one_more.is_none()))
    }
}

/// Leaves the rows that pass the filter.
pub(super) fn narrow(
    queries: &mut Queries<'_>,
    mut rows: Rows,
    filter: &UserFilter,
    wanted: Wanted,
) -> StoreResult<Rows> {
    let mut filter = filter.clone();
    if !queries.layout.suspensions && filter.status.take() == Some(AccountStatus::Suspended) {
        rows = rows.filter(users::id.ne(users::id));
    }
    let filter = &filter;
    // Without our indexes each way reads the whole table, and so would a look beforehand.
    let is_told = !dialect::HAS_STATISTICS && queries.layout.is_standalone();
    let mut few = None;
    for part in Part::ALL.into_iter().filter(|_| is_told) {
        if few.is_none() && part.is_few(queries, filter)? == Some(true) {
            few = Some(part);
        }
    }
    // Where all are counted and none are few, they are found as the database likes.
    let is_checked = is_told && (few.is_some() || wanted == Wanted::Page);
    for part in Part::ALL {
        rows = match (few, part.of(filter), part.checked(filter)) {
            // By their ids, so that nobody else is looked at.
            (Some(few), Some(condition), _) if few == part && !part.is_of_ids() => {
                let few = users::table.into_boxed::<Backend>().filter(condition).select(users::id);
                rows.filter(users::id.eq_any(few))
            }
            (Some(few), Some(condition), _) if few == part => rows.filter(condition),
            (_, _, Some(checked)) if is_checked => rows.filter(checked),
            (_, Some(condition), _) => rows.filter(condition),
            (_, None, _) => rows,
        };
    }
    Ok(rows)
}
