//! Writing a document of a user: the settings, or the info.

use std::marker::PhantomData;

use diesel::prelude::*;
use diesel::query_builder::{AstPass, QueryFragment, QueryId};
use diesel::sql_types::{BigInt, Json, Text};
use rosterd_domain::audit::NewEvent;
use rosterd_domain::clock::UnixSeconds;
use rosterd_domain::ids::UserId;
use rosterd_domain::json::JsonText;

use super::dialect::{self, Backend};
use super::events::{OneEvent, insertion};
use crate::types::StoredJson;
use crate::{Document, StoreResult};

/// Writes a document of a user, and in the same statement the events that tell of it; gives whether there is such a user. There
/// may be events only where a statement can write two tables.
pub(super) fn set_document(
    conn: &mut dialect::Raw,
    (id, document): (&UserId, Document),
    text: &JsonText,
    now: UnixSeconds,
    events: Vec<NewEvent>,
) -> StoreResult<bool> {
    let text = StoredJson::from(text);
    let written = match OneEvent::of(events) {
        Ok(event) => write(conn, Told(event), (id, document), text, now)?,
        Err(events) if events.is_empty() => write(conn, (), (id, document), text, now)?,
        Err(events) => write(conn, Told(insertion(&events)), (id, document), text, now)?,
    };
    Ok(written > 0)
}

fn write<T: QueryFragment<Backend> + QueryId>(
    conn: &mut dialect::Raw,
    begun: T,
    (id, document): (&UserId, Document),
    text: StoredJson,
    now: UnixSeconds,
) -> QueryResult<usize> {
    let id = id.as_str();
    match document {
        Document::Settings => DocumentUpdate::<T, true> { begun, text, now, id }.execute(conn),
        Document::Info => DocumentUpdate::<T, false> { begun, text, now, id }.execute(conn),
    }
}

/// The `UPDATE` of a document, behind what the statement begins with. Diesel prepares its own updates again at each call; this
/// one is found among the prepared statements by its type, without being put together first, if what it begins with has one text.
struct DocumentUpdate<'a, T, const SETTINGS: bool> {
    begun: T,
    text: StoredJson,
    now: UnixSeconds,
    id: &'a str,
}

/// The same with every lifetime, as a name.
struct DocumentUpdateId<T, const SETTINGS: bool>(PhantomData<T>);

impl<T: QueryId, const SETTINGS: bool> QueryId for DocumentUpdate<'_, T, SETTINGS> {
    type QueryId = DocumentUpdateId<T::QueryId, SETTINGS>;
    const HAS_STATIC_QUERY_ID: bool = T::HAS_STATIC_QUERY_ID;
}

impl<T: QueryFragment<Backend>, const SETTINGS: bool> QueryFragment<Backend>
    for DocumentUpdate<'_, T, SETTINGS>
{
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Backend>) -> QueryResult<()> {
        self.begun.walk_ast(out.reborrow())?;
        out.push_sql(if SETTINGS {
            "UPDATE \"user\" SET settings = "
        } else {
            "UPDATE \"user\" SET info = "
        });
        out.push_bind_param::<Json, _>(&self.text)?;
        out.push_sql(", updated_at = ");
        out.push_bind_param::<BigInt, _>(&self.now)?;
        out.push_sql(" WHERE id = ");
        out.push_bind_param::<Text, _>(self.id)
    }
}

impl<T, const SETTINGS: bool> RunQueryDsl<dialect::Raw> for DocumentUpdate<'_, T, SETTINGS> {}

/// Events that are written by the statement which they begin.
struct Told<E>(E);

impl<E: QueryId> QueryId for Told<E> {
    type QueryId = Told<E::QueryId>;
    const HAS_STATIC_QUERY_ID: bool = E::HAS_STATIC_QUERY_ID;
}

impl<E: QueryFragment<Backend>> QueryFragment<Backend> for Told<E> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Backend>) -> QueryResult<()> {
        out.push_sql("WITH told AS (");
        self.0.walk_ast(out.reborrow())?;
        out.push_sql(") ");
        Ok(())
    }
}
