//! Small query fragments that Diesel cannot express, expresses differently for each database, or prepares again at
//! every call.
//!
//! Unlike `diesel::dsl::sql`, they may stay in the cache of prepared statements, whose key is their text. So values
//! must be bound and never written into the text.

mod choice;
mod named;
mod statement;

use std::marker::PhantomData;

use diesel::backend::Backend;
use diesel::expression::{AppearsOnTable, Expression, SelectableExpression, ValidGrouping, is_aggregate};
use diesel::query_builder::{AstPass, QueryFragment, QueryId};
use diesel::result::QueryResult;
use diesel::serialize::ToSql;
use diesel::sql_types::{BigInt, Bool, HasSqlType, Integer, Text};

pub(crate) use choice::{IfThere, Null, OneOf};
pub(crate) use named::of_user;
pub(crate) use statement::Statement;

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

/// The texts before and after an expression.
pub(crate) trait Around {
    const BEFORE: &'static str;
    const AFTER: &'static str;
}

/// As [`Wrapped`], between texts that belong to the type: Diesel finds the statement in its cache without writing it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Framed<A, E> {
    expression: E,
    around: PhantomData<A>,
}

impl<A, E> Framed<A, E> {
    /// The expression between the texts of `A`.
    pub(crate) fn new(expression: E) -> Self {
        Self { expression, around: PhantomData }
    }
}

impl<A, E: ValidGrouping<G>, G> ValidGrouping<G> for Framed<A, E> {
    type IsAggregate = E::IsAggregate;
}

impl<A, E: Expression> Expression for Framed<A, E> {
    type SqlType = E::SqlType;
}

impl<A, E, QS> SelectableExpression<QS> for Framed<A, E>
where
    E: SelectableExpression<QS>,
    Self: AppearsOnTable<QS>,
{
}

impl<A, E, QS> AppearsOnTable<QS> for Framed<A, E>
where
    E: AppearsOnTable<QS>,
    Self: Expression,
{
}

impl<A: 'static, E: QueryId> QueryId for Framed<A, E> {
    type QueryId = Framed<A, E::QueryId>;
    const HAS_STATIC_QUERY_ID: bool = E::HAS_STATIC_QUERY_ID;
}

impl<A, E, DB> QueryFragment<DB> for Framed<A, E>
where
    DB: Backend,
    A: Around,
    E: QueryFragment<DB>,
{
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        out.push_sql(A::BEFORE);
        self.expression.walk_ast(out.reborrow())?;
        out.push_sql(A::AFTER);
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
    /// Stands for nothing in the SQL.
    #[cfg(feature = "postgres")]
    PlannedAnew,
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

    /// The beginning of a condition, or the whole of one without a value.
    pub(crate) fn fixed(sql: &'static str) -> Self {
        Self { parts: vec![Part::Sql(sql)] }
    }

    /// Adds SQL.
    pub(crate) fn sql(mut self, sql: &'static str) -> Self {
        self.parts.push(Part::Sql(sql));
        self
    }

    /// Adds a bound text.
    pub(crate) fn bind(mut self, text: &str) -> Self {
        self.parts.push(Part::Text(text.to_owned()));
        self
    }

    /// The same in a statement that is prepared, and so planned, at each call.
    #[cfg(feature = "postgres")]
    pub(crate) fn planned_anew(mut self) -> Self {
        self.parts.push(Part::PlannedAnew);
        self
    }

    /// Both conditions.
    pub(crate) fn also(mut self, other: Self) -> Self {
        self.parts.push(Part::Sql(" AND "));
        self.parts.extend(other.parts);
        self
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

/// Texts as they are bound as one parameter.
#[derive(Debug)]
pub(crate) enum Texts {
    /// The only one. An equality is planned better than a choice: without statistics PostgreSQL reads the whole of a table that it takes
    /// for a small one.
    One(String),
    /// A JSON array of any number of them.
    Array(String),
}

impl Texts {
    /// Neighbours that are equal count as one.
    pub(crate) fn of<'a>(texts: impl IntoIterator<Item = &'a str>) -> Self {
        let mut texts: Vec<&str> = texts.into_iter().collect();
        texts.dedup();
        match texts.as_slice() {
            [text] => Self::One((*text).to_owned()),
            texts => Self::Array(json_array(texts.iter().copied())),
        }
    }
}

/// The texts as one JSON array, to be bound as one parameter.
pub(crate) fn json_array<'a>(texts: impl IntoIterator<Item = &'a str>) -> String {
    let mut array = String::from("[");
    for text in texts {
        if array.len() > 1 {
            array.push(',');
        }
        // Ids are most of what is asked for, and need no escapes.
        if text.bytes().any(|byte| byte < b' ' || byte == b'"' || byte == b'\\') {
            array.push_str(&serde_json::Value::from(text).to_string());
        } else {
            array.push('"');
            array.push_str(text);
            array.push('"');
        }
    }
    array.push(']');
    array
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
                #[cfg(feature = "postgres")]
                Part::PlannedAnew => out.unsafe_to_cache_prepared(),
            }
        }
        Ok(())
    }
}

/// How many bytes a change of a `user` row writes anew beside what changes: SQLite rewrites the whole row, pictures and
/// documents included, PostgreSQL keeps large values where they are. What it is made of is the dialects' affair.
#[derive(Debug, Clone, Copy, QueryId, ValidGrouping)]
pub(crate) struct RowBytes;

impl Expression for RowBytes {
    type SqlType = BigInt;
}

impl<QS> SelectableExpression<QS> for RowBytes {}

impl<QS> AppearsOnTable<QS> for RowBytes {}

/// A column, or NULL where it is larger than some bytes by one of these measures, each a text before and one after the
/// column. The cheapest measure stands first.
#[derive(Debug, Clone, Copy, ValidGrouping)]
pub(crate) struct Short<C> {
    column: C,
    most: i32,
    sizes: &'static [(&'static str, &'static str)],
}

impl<C> Short<C> {
    /// The column, if it has at most this many bytes.
    pub(crate) fn new(column: C, most: i32, sizes: &'static [(&'static str, &'static str)]) -> Self {
        Self { column, most, sizes }
    }
}

impl<C: Expression> Expression for Short<C> {
    type SqlType = C::SqlType;
}

impl<C, QS> SelectableExpression<QS> for Short<C>
where
    C: SelectableExpression<QS>,
    Self: AppearsOnTable<QS>,
{
}

impl<C, QS> AppearsOnTable<QS> for Short<C>
where
    C: AppearsOnTable<QS>,
    Self: Expression,
{
}

impl<C> QueryId for Short<C> {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl<C, DB> QueryFragment<DB> for Short<C>
where
    DB: Backend + HasSqlType<Integer>,
    C: QueryFragment<DB>,
    i32: ToSql<Integer, DB>,
{
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        out.push_sql("CASE");
        for (before, after) in self.sizes {
            out.push_sql(" WHEN ");
            out.push_sql(before);
            self.column.walk_ast(out.reborrow())?;
            out.push_sql(after);
            out.push_sql(" > ");
            out.push_bind_param::<Integer, _>(&self.most)?;
            out.push_sql(" THEN NULL");
        }
        out.push_sql(" ELSE ");
        self.column.walk_ast(out.reborrow())?;
        out.push_sql(" END");
        Ok(())
    }
}

/// A place in an ordered list of users: a row's key, as it was read, and its id.
#[derive(Debug, Clone)]
pub(crate) struct Place {
    column: &'static str,
    is_time: bool,
    key: String,
    id: String,
}

impl Place {
    /// In the order of a column that holds times.
    pub(crate) fn at_time(column: &'static str, key: i64, id: &str) -> Self {
        Self { column, is_time: true, key: key.to_string(), id: id.to_owned() }
    }

    /// In the order of a column that holds text.
    pub(crate) fn at_text(column: &'static str, key: &str, id: &str) -> Self {
        Self { column, is_time: false, key: key.to_owned(), id: id.to_owned() }
    }

    /// The column's name, unquoted.
    pub(crate) fn column(&self) -> &'static str {
        self.column
    }

    /// Whether the column holds times.
    pub(crate) fn is_time(&self) -> bool {
        self.is_time
    }

    /// The key, as text.
    pub(crate) fn key(&self) -> &str {
        &self.key
    }

    /// The row's id.
    pub(crate) fn id(&self) -> &str {
        &self.id
    }

    /// Whether the key may stand for a value that is NULL.
    pub(crate) fn may_be_null(&self) -> bool {
        self.key.is_empty() || (self.is_time && self.key == "0")
    }
}

#[cfg(test)]
mod tests {
    use super::{Texts, json_array};

    #[test]
    fn an_array_holds_each_text_as_it_is() {
        for texts in
            [&[][..], &["u-1"], &["", "a b", "grün", "\u{7f}"], &["\"", "\\", "\n\0", "\u{1f}", "end"]]
        {
            let read: Vec<String> = serde_json::from_str(&json_array(texts.iter().copied())).unwrap();
            assert_eq!(read, texts);
        }
    }

    #[test]
    fn a_single_text_is_asked_for_by_equality() {
        let bound = |texts: &[&str]| match Texts::of(texts.iter().copied()) {
            Texts::One(text) => format!("= {text}"),
            Texts::Array(texts) => texts,
        };
        for (texts, wanted) in [
            (&["a"][..], "= a"),
            (&["a", "a", "a"], "= a"),
            (&["a", "b", "a"], r#"["a","b","a"]"#),
            (&[], "[]"),
        ] {
            assert_eq!(bound(texts), wanted);
        }
    }
}
