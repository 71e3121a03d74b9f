//! Expressions of which a layout has one and another layout another.

use std::marker::PhantomData;

use diesel::backend::Backend;
use diesel::expression::{AppearsOnTable, Expression, SelectableExpression, ValidGrouping, is_aggregate};
use diesel::query_builder::{AstPass, QueryFragment, QueryId};
use diesel::result::QueryResult;
use diesel::sql_types::{SingleValue, SqlType};

/// A nullable column that only some layouts have, or NULL where this one has not.
#[derive(Debug, Clone, Copy, ValidGrouping)]
pub(crate) struct IfThere<C> {
    column: C,
    there: bool,
}

impl<C> IfThere<C> {
    /// The column where it is `there`.
    pub(crate) fn new(column: C, there: bool) -> Self {
        Self { column, there }
    }
}

impl<C: Expression> Expression for IfThere<C> {
    type SqlType = C::SqlType;
}

impl<C, QS> SelectableExpression<QS> for IfThere<C>
where
    C: SelectableExpression<QS>,
    Self: AppearsOnTable<QS>,
{
}

impl<C, QS> AppearsOnTable<QS> for IfThere<C>
where
    C: AppearsOnTable<QS>,
    Self: Expression,
{
}

impl<C> QueryId for IfThere<C> {
    type QueryId = ();
    // Whether it is there is a value: the type alone does not name the statement.
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl<C, DB> QueryFragment<DB> for IfThere<C>
where
    DB: Backend,
    C: QueryFragment<DB>,
{
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        if self.there {
            self.column.walk_ast(out)
        } else {
            out.push_sql("NULL");
            Ok(())
        }
    }
}

/// NULL, as a value of this type.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Null<T>(PhantomData<T>);

impl<T> Null<T> {
    /// NULL.
    pub(crate) fn new() -> Self {
        Self(PhantomData)
    }
}

impl<T: SqlType + SingleValue> Expression for Null<T> {
    type SqlType = T;
}

impl<T, QS> SelectableExpression<QS> for Null<T> where Self: Expression {}

impl<T, QS> AppearsOnTable<QS> for Null<T> where Self: Expression {}

impl<T, G> ValidGrouping<G> for Null<T> {
    type IsAggregate = is_aggregate::Never;
}

impl<T: 'static> QueryId for Null<T> {
    type QueryId = Self;
    const HAS_STATIC_QUERY_ID: bool = true;
}

impl<T, DB: Backend> QueryFragment<DB> for Null<T> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        out.push_sql("NULL");
        Ok(())
    }
}

/// One of three expressions of the same type: which, is known when the statement is written.
#[derive(Debug, Clone, Copy)]
pub(crate) enum OneOf<A, B, C> {
    First(A),
    Second(B),
    Third(C),
}

impl<A: Expression, B, C> Expression for OneOf<A, B, C> {
    type SqlType = A::SqlType;
}

impl<A, B, C, QS> SelectableExpression<QS> for OneOf<A, B, C>
where
    A: SelectableExpression<QS>,
    B: SelectableExpression<QS>,
    C: SelectableExpression<QS>,
    Self: AppearsOnTable<QS>,
{
}

impl<A, B, C, QS> AppearsOnTable<QS> for OneOf<A, B, C>
where
    A: AppearsOnTable<QS>,
    B: AppearsOnTable<QS>,
    C: AppearsOnTable<QS>,
    Self: Expression,
{
}

impl<A, B, C, G> ValidGrouping<G> for OneOf<A, B, C>
where
    A: ValidGrouping<G>,
{
    type IsAggregate = A::IsAggregate;
}

impl<A, B, C> QueryId for OneOf<A, B, C> {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl<A, B, C, DB> QueryFragment<DB> for OneOf<A, B, C>
where
    DB: Backend,
    A: QueryFragment<DB>,
    B: QueryFragment<DB>,
    C: QueryFragment<DB>,
{
    fn walk_ast<'b>(&'b self, out: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        match self {
            Self::First(one) => one.walk_ast(out),
            Self::Second(one) => one.walk_ast(out),
            Self::Third(one) => one.walk_ast(out),
        }
    }
}
