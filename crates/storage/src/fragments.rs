//! Three small query fragments, for what Diesel has no words for or says differently on each database.
//!
//! Unlike `diesel::dsl::sql` they may stay in the prepared-statement cache, which is keyed by their text: what
//! varies must be bound, never written.

use diesel::backend::Backend;
use diesel::expression::{AppearsOnTable, Expression, SelectableExpression, ValidGrouping, is_aggregate};
use diesel::query_builder::{AstPass, QueryFragment, QueryId};
use diesel::result::QueryResult;
use diesel::serialize::ToSql;
use diesel::sql_types::{Bool, HasSqlType, Text};

/// An expression between two fixed texts, of the same type: a function call or a collation.
#[derive(Debug, Clone, Copy, ValidGrouping)]
pub(crate) struct Wrapped<E> {
    before: &'static str,
    expression: E,
    after: &'static str,
}

impl<E> Wrapped<E> {
    /// `before expression after`.
    pub(crate) fn new(before: &'static str, expression: E, after: &'static str) -> Self {
        Self { before, expression, after }
    }
}

impl<E: Expression> Expression for Wrapped<E> {
    type SqlType = E::SqlType;
}

impl<E, QS> SelectableExpression<QS> for Wrapped<E>
where
    E: SelectableExpression<QS>,
    Self: AppearsOnTable<QS>,
{
}

impl<E, QS> AppearsOnTable<QS> for Wrapped<E>
where
    E: AppearsOnTable<QS>,
    Self: Expression,
{
}

impl<E> QueryId for Wrapped<E> {
    type QueryId = ();
    // The texts are values: the type alone does not name the statement.
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl<E, DB> QueryFragment<DB> for Wrapped<E>
where
    DB: Backend,
    E: QueryFragment<DB>,
{
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        out.push_sql(self.before);
        self.expression.walk_ast(out.reborrow())?;
        out.push_sql(self.after);
        Ok(())
    }
}

/// A condition written as SQL with bound texts, such as `instr("user"."name", ?) > 0`. Which tables it names is
/// for the writer to get right.
#[derive(Debug, Clone)]
pub(crate) struct Condition {
    parts: Vec<Part>,
}

#[derive(Debug, Clone)]
enum Part {
    Sql(&'static str),
    Text(String),
}

impl Condition {
    /// `before ? after`.
    pub(crate) fn new(before: &'static str, text: impl Into<String>, after: &'static str) -> Self {
        Self {
            parts: vec![
                Part::Sql("("),
                Part::Sql(before),
                Part::Text(text.into()),
                Part::Sql(after),
                Part::Sql(")"),
            ],
        }
    }

    /// Either condition.
    pub(crate) fn or(mut self, other: Self) -> Self {
        self.parts.insert(0, Part::Sql("("));
        self.parts.push(Part::Sql(" OR "));
        self.parts.extend(other.parts);
        self.parts.push(Part::Sql(")"));
        self
    }
}

/// The texts as one JSON array, to be bound as one parameter.
pub(crate) fn json_array<'a>(texts: impl IntoIterator<Item = &'a str>) -> String {
    serde_json::Value::from(texts.into_iter().collect::<Vec<_>>()).to_string()
}

impl Expression for Condition {
    type SqlType = Bool;
}

impl<GB> ValidGrouping<GB> for Condition {
    type IsAggregate = is_aggregate::No;
}

impl<QS> SelectableExpression<QS> for Condition {}

impl<QS> AppearsOnTable<QS> for Condition {}

impl QueryId for Condition {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl<DB> QueryFragment<DB> for Condition
where
    DB: Backend + HasSqlType<Text>,
    String: ToSql<Text, DB>,
{
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        for part in &self.parts {
            match part {
                Part::Sql(sql) => out.push_sql(sql),
                Part::Text(text) => out.push_bind_param::<Text, _>(text)?,
            }
        }
        Ok(())
    }
}

/// `(key, id) > (value, id)` or `<`: the rows behind a place in an order, in the one form for which both databases begin
/// in the middle of an index on (key, id) even where many rows share a key.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Behind<K, I, V, W> {
    place: (K, I),
    operator: &'static str,
    values: (V, W),
}

impl<K, I, V, W> Behind<K, I, V, W> {
    /// Rows whose place is greater than these values.
    pub(crate) fn greater(place: (K, I), values: (V, W)) -> Self {
        Self { place, operator: " > ", values }
    }

    /// Rows whose place is less than these values.
    pub(crate) fn less(place: (K, I), values: (V, W)) -> Self {
        Self { place, operator: " < ", values }
    }
}

impl<K, I, V, W> Expression for Behind<K, I, V, W> {
    type SqlType = Bool;
}

impl<K, I, V, W, GB> ValidGrouping<GB> for Behind<K, I, V, W> {
    type IsAggregate = is_aggregate::No;
}

impl<K, I, V, W, QS> SelectableExpression<QS> for Behind<K, I, V, W>
where
    K: SelectableExpression<QS>,
    I: SelectableExpression<QS>,
{
}

impl<K, I, V, W, QS> AppearsOnTable<QS> for Behind<K, I, V, W>
where
    K: AppearsOnTable<QS>,
    I: AppearsOnTable<QS>,
{
}

impl<K, I, V, W> QueryId for Behind<K, I, V, W> {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl<K, I, V, W, DB> QueryFragment<DB> for Behind<K, I, V, W>
where
    DB: Backend,
    K: QueryFragment<DB>,
    I: QueryFragment<DB>,
    V: QueryFragment<DB>,
    W: QueryFragment<DB>,
{
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        out.push_sql("((");
        self.place.0.walk_ast(out.reborrow())?;
        out.push_sql(", ");
        self.place.1.walk_ast(out.reborrow())?;
        out.push_sql(")");
        out.push_sql(self.operator);
        out.push_sql("(");
        self.values.0.walk_ast(out.reborrow())?;
        out.push_sql(", ");
        self.values.1.walk_ast(out.reborrow())?;
        out.push_sql("))");
        Ok(())
    }
}
