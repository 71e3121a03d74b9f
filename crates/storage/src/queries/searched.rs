//! How the page of a search is found where there is a folded copy of names and e-mail addresses.
//!
//! All who match must be counted for the total. This comes first, since it tells how the page is found with least work: by
//! a walk along the list's order, which looks at the copy of each user until the page is full, or by looking up all who
//! match and sorting them. A walk finds a common text at once, and would meet a rare one only after most of the roster.
//!
//! The count does not tell where in the order the matches are: all of them may come last. So a walk ends after a few times
//! as many users as it should have to look at. If it has not filled the page by then, the page is found in the other way.

use diesel::prelude::*;
use diesel::sql_types::{BigInt, Text};
use rosterd_domain::list::{Direction, ListQuery, OrderBy, SearchText, Window};

use super::dialect::{self, CODE_POINTS, behind};
use super::{Queries, users_list};
use crate::fragments::{Condition, Place, Statement};
use crate::top::Column;
use crate::types::{LossyText, StoredTime};
use crate::{StoreResult, Users as _};

// What ways cost was found with SQLite on 200,000 users in memory, by running the statements of both by hand. The bench's scenario
// `plans` has a search on each side of the turn from one way to the other, which should take about as long; `search` has both
// kinds over HTTP, on both databases.

/// So few matches are sorted in a millisecond, whatever the roster: 80 took 0.3 ms and 556 took 1.3 ms.
const FEW: i64 = 200;
/// To look up a match and sort it costs as much as to look at so many users on a walk. It was 0.9 to 2.3. It may be more
/// where pages are fetched from a file: a match is looked up among the users as well, whose rows are large.
const SORTED: i64 = 3;
/// To look at so many copies one after the other, without an index, costs as much as to look at one user on a walk. It was 24 to
/// 32.
const READ: i64 = 20;
/// How many times as many users as expected a walk may look at. It is not measured but reckoned: of matches that lie anywhere by chance,
/// a page of one is found by then in 98 of 100 cases, and a longer page is filled in more.
const PATIENCE: i64 = 4;
/// A walk that has at most so many users before it need not be cut short.
const SHORT: i64 = 1_000;

/// What became of the walk for the page of a search.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum Walk {
    /// None has begun.
    #[default]
    None,
    /// The page comes from one that is cut short.
    CutShort,
    /// It did not fill the page.
    InVain,
}

/// The page that `find` gives, whichever way its search takes.
pub(super) fn page<T>(
    queries: &mut Queries<'_>,
    query: &ListQuery,
    find: impl Fn(&mut Queries<'_>) -> StoreResult<Vec<T>>,
) -> StoreResult<Vec<T>> {
    let mut rows = find(queries)?;
    let (Window::Offset { limit, .. } | Window::After { limit, .. }) = &query.window;
    let is_full = i64::try_from(rows.len()).is_ok_and(|rows| rows >= *limit);
    if queries.walk == Walk::CutShort && !is_full {
        queries.walk = Walk::InVain;
        rows = find(queries)?;
    }
    queries.walk = Walk::None;
    Ok(rows)
}

impl Queries<'_> {
    /// The users on a page who match its search (rule L2). The page must come from [`page`]: the condition may end before
    /// the page is full.
    pub(super) fn searched(&mut self, query: &ListQuery, search: &SearchText) -> StoreResult<Condition> {
        // A filter leaves others than are counted here, and the order by membership has its own walks.
        let is_plain = query.filter.is_empty() && !matches!(query.order.by, OrderBy::GroupMember(_));
        if !is_plain || !self.layout.search.has_copy(search) {
            return self.matches(search);
        }
        let matches = self.count_matching(Some(search))?;
        let is_indexed = self.layout.search.is_indexed(search);
        if matches == 0 {
            return Ok(Condition::fixed("FALSE"));
        }
        if is_indexed && matches <= FEW {
            return Ok(dialect::looked_up(search, self.layout));
        }
        let users = self.count_users()?;
        let sorting = matches * SORTED + if is_indexed { 0 } else { users / READ };
        let (wanted, after) = match &query.window {
            Window::Offset { offset, limit } => (offset.saturating_add(*limit), None),
            Window::After { cursor, limit } => (*limit, users_list::place(cursor)),
        };
        let walking = wanted.saturating_mul(users) / matches;
        if self.walk == Walk::InVain {
            return Ok(if sorting < users {
                dialect::looked_up(search, self.layout)
            } else {
                dialect::met(search)
            });
        }
        if walking >= sorting {
            return Ok(dialect::looked_up(search, self.layout));
        }
        let most = walking.saturating_mul(PATIENCE).max(SHORT);
        let end = if most < users { self.place_of(query, after.as_ref(), most)? } else { None };
        Ok(match end {
            None => dialect::met(search),
            Some(end) => {
                self.walk = Walk::CutShort;
                // What lies before the end is behind it in the other direction.
                let back = match query.order.direction {
                    Direction::Ascending => Direction::Descending,
                    Direction::Descending => Direction::Ascending,
                };
                behind(&end, back).also(dialect::met(search))
            }
        })
    }

    /// The place in the list's order that has so many users before it, from its beginning or from behind another place;
    /// `None` where the list is shorter.
    fn place_of(
        &mut self,
        query: &ListQuery,
        after: Option<&Place>,
        number: i64,
    ) -> StoreResult<Option<Place>> {
        let direction = query.order.direction;
        let column = Column::of(&query.order.by);
        let mut statement =
            Statement::new("SELECT \"user\".\"").sql(column.name()).sql("\", \"user\".\"id\" FROM \"user\"");
        if let Some(after) = after {
            statement = statement.sql(" WHERE ").condition(behind(after, direction));
        }
        let way = match direction {
            Direction::Ascending => " ASC",
            Direction::Descending => " DESC",
        };
        statement = statement.sql(" ORDER BY \"user\".\"").sql(column.name()).sql("\"");
        if !column.is_time() {
            statement = statement.sql(CODE_POINTS);
        }
        statement = statement.sql(way).sql(", \"user\".\"id\"").sql(CODE_POINTS).sql(way);
        statement = statement.sql(" LIMIT 1 OFFSET ").number(number);
        Ok(if column.is_time() {
            let row: Option<(StoredTime, LossyText)> =
                statement.rows::<(BigInt, Text)>().get_result(self.conn).optional()?;
            row.map(|(key, id)| Place::at_time(column.name(), key.into(), id.as_str()))
        } else {
            let row: Option<(LossyText, LossyText)> =
                statement.rows::<(Text, Text)>().get_result(self.conn).optional()?;
            row.map(|(key, id)| Place::at_text(column.name(), key.as_str(), id.as_str()))
        })
    }
}
