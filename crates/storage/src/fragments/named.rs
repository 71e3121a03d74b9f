//! Columns that are written in one go.

use diesel::backend::Backend;
use diesel::expression::{AppearsOnTable, Expression, SelectableExpression, ValidGrouping};
use diesel::query_builder::{AstPass, QueryFragment, QueryId};
use diesel::query_source::Column;
use diesel::result::QueryResult;

use crate::schema::users;

/// A column of `user`. Diesel escapes a copy of the names of table and column each time it writes them, and a statement with
/// conditions of many kinds is written at each call, to be found among those that are prepared.
#[derive(Debug, Clone, Copy, QueryId, ValidGrouping)]
pub(crate) struct OfUser<C>(C);

/// The column as [`OfUser`].
pub(crate) fn of_user<C: Column<Table = users::table>>(column: C) -> OfUser<C> {
    OfUser(column)
}

impl<C: Expression> Expression for OfUser<C> {
    type SqlType = C::SqlType;
}

impl<C, QS> SelectableExpression<QS> for OfUser<C>
where
    C: SelectableExpression<QS>,
    Self: AppearsOnTable<QS>,
{
}

impl<C, QS> AppearsOnTable<QS> for OfUser<C>
where
    C: AppearsOnTable<QS>,
    Self: Expression,
{
}

impl<C, DB> QueryFragment<DB> for OfUser<C>
where
    DB: Backend,
    C: Column<Table = users::table>,
{
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        out.push_sql("\"user\".\"");
        out.push_sql(C::NAME);
        out.push_sql("\"");
        Ok(())
    }
}
