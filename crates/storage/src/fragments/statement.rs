//! Whole statements written as SQL.

use std::marker::PhantomData;

use diesel::backend::Backend;
use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};
use diesel::result::QueryResult;
use diesel::serialize::ToSql;
use diesel::sql_types::{BigInt, HasSqlType, Text};

use super::Condition;

/// A whole statement written as SQL with bound values, to be run with `execute`. For what is run so often that it must
/// come from the prepared-statement cache, where Diesel's own `UPDATE` never does.
#[derive(Debug)]
pub(crate) struct Statement<'a> {
    parts: Vec<Piece<'a>>,
}

#[derive(Debug)]
enum Piece<'a> {
    Sql(&'static str),
    Text(&'a str),
    Number(i64),
    Condition(Condition),
}

impl<'a> Statement<'a> {
    /// A statement that begins with these words, or is only these.
    pub(crate) fn new(sql: &'static str) -> Self {
        Self { parts: vec![Piece::Sql(sql)] }
    }

    /// Goes on with these words.
    pub(crate) fn sql(self, sql: &'static str) -> Self {
        self.with(Piece::Sql(sql))
    }

    /// Binds a text.
    pub(crate) fn text(self, text: &'a str) -> Self {
        self.with(Piece::Text(text))
    }

    /// Binds a number.
    pub(crate) fn number(self, number: i64) -> Self {
        self.with(Piece::Number(number))
    }

    /// A condition, with what is bound in it.
    pub(crate) fn condition(self, condition: Condition) -> Self {
        self.with(Piece::Condition(condition))
    }

    /// The rows that the statement gives, with columns of these types.
    pub(crate) fn rows<ST>(self) -> Rows<'a, ST> {
        Rows { statement: self, columns: PhantomData }
    }

    fn with(mut self, piece: Piece<'a>) -> Self {
        self.parts.push(piece);
        self
    }
}

impl QueryId for Statement<'_> {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl<DB> QueryFragment<DB> for Statement<'_>
where
    DB: Backend + HasSqlType<Text> + HasSqlType<BigInt>,
    Condition: QueryFragment<DB>,
    str: ToSql<Text, DB>,
    i64: ToSql<BigInt, DB>,
{
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        for part in &self.parts {
            match part {
                Piece::Sql(sql) => out.push_sql(sql),
                Piece::Text(text) => out.push_bind_param::<Text, str>(text)?,
                Piece::Number(number) => out.push_bind_param::<BigInt, i64>(number)?,
                Piece::Condition(condition) => condition.walk_ast(out.reborrow())?,
            }
        }
        Ok(())
    }
}

impl<Conn> diesel::RunQueryDsl<Conn> for Statement<'_> {}

/// A [`Statement`] that gives rows: a query that Diesel has no words for.
#[derive(Debug)]
pub(crate) struct Rows<'a, ST> {
    statement: Statement<'a>,
    columns: PhantomData<fn() -> ST>,
}

impl<ST> QueryId for Rows<'_, ST> {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl<ST> Query for Rows<'_, ST> {
    type SqlType = ST;
}

impl<'a, DB, ST> QueryFragment<DB> for Rows<'a, ST>
where
    DB: Backend,
    Statement<'a>: QueryFragment<DB>,
{
    fn walk_ast<'b>(&'b self, out: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        self.statement.walk_ast(out)
    }
}

impl<Conn, ST> diesel::RunQueryDsl<Conn> for Rows<'_, ST> {}
