//! One pass over the users for a page and its total together.

use diesel::RunQueryDsl as _;
use diesel::connection::{DefaultLoadingMode, LoadConnection};
use diesel::row::{Field, Row};
use diesel::sql_types::{BigInt, Text};
use diesel::sqlite::{SqliteType, SqliteValue};
use memchr::memmem;
use rosterd_domain::list::{ListQuery, OrderBy, fold_onto};

use super::roster::{Members, Person, Roster};
use super::{Kept, Known};
use crate::asked::Found;
use crate::fragments::Statement;
use crate::sqlite::dialect::Raw;
use crate::top::{Column, Key, Top};
use crate::{Layout, StoreResult};

/// What a user takes at least of what is kept. Bytes.
const LEAST: usize = 150;

/// The page and the total; `None` where SQLite's own way has to answer: on a connection that keeps nothing, where
/// an index has the order, and for rows that only SQLite can order.
pub(crate) fn find_page(
    conn: &mut Raw,
    layout: &Layout,
    kept: &mut Option<&mut Kept>,
    query: &ListQuery,
) -> StoreResult<Option<Found>> {
    let Some(kept) = kept.as_deref_mut() else { return Ok(None) };
    // Begins the read of this transaction, if nothing has: what follows sees the database of this number.
    let version: i64 = Statement::new("PRAGMA data_version").rows::<BigInt>().get_result(conn)?;
    let has_index = layout.orders && query.search.is_none();
    let known = match &mut kept.seen {
        Some((seen, known)) if *seen == version => known,
        seen => {
            let (_, known) = seen.insert((version, Known::AskedOnce));
            return if has_index { Ok(None) } else { pass_once(conn, query, known, kept.most) };
        }
    };
    if matches!(known, Known::AskedOnce) {
        *known = keep(conn, kept.most)?;
    }
    match known {
        Known::Everybody(roster) => {
            let members = members(conn, query)?;
            Ok(Some(roster.page(query, &members)))
        }
        Known::TooMany if !has_index => pass_once(conn, query, known, kept.most),
        Known::TooMany | Known::Odd | Known::AskedOnce => Ok(None),
    }
}

/// What a pass gave.
enum Answer {
    /// The page, and how many rows there are.
    Page(Found, usize),
    /// A row that only SQLite can order.
    Odd,
    /// The page is too far down.
    TooFar,
}

/// The rows of a statement, each to be looked at where SQLite has it: Diesel's own way copies every value, and nearly all
/// of these are not needed any more a moment later.
macro_rules! rows_of {
    ($conn:expr, $statement:expr) => {
        LoadConnection::<DefaultLoadingMode>::load($conn, $statement.rows::<Text>())?
    };
}

/// Names the text at this place of a row, or does what is said of one that is not sound.
macro_rules! text {
    ($name:ident = $row:ident[$at:literal] else $otherwise:expr) => {
        let field = Row::get(&$row, $at);
        let mut value = field.as_ref().and_then(Field::value);
        let Some($name) = value.as_mut().and_then(sound_text) else { $otherwise };
    };
}

/// The same for a number.
macro_rules! number {
    ($name:ident = $row:ident[$at:expr] else $otherwise:expr) => {
        let field = Row::get(&$row, $at);
        let mut value = field.as_ref().and_then(Field::value);
        let Some($name) = value.as_mut().and_then(sound_number) else { $otherwise };
    };
}

/// A value that is text in UTF-8. U+FFFD may stand for bytes that are none.
fn sound_text<'a>(value: &'a mut SqliteValue<'_, '_, '_>) -> Option<&'a str> {
    let is_text = matches!(value.value_type(), Some(SqliteType::Text));
    is_text.then(|| value.read_text()).filter(|text| !text.contains(char::REPLACEMENT_CHARACTER))
}

fn sound_number(value: &mut SqliteValue<'_, '_, '_>) -> Option<i64> {
    matches!(value.value_type(), Some(SqliteType::Long)).then(|| value.read_long())
}

/// A pass, and what is known from it.
fn pass_once(
    conn: &mut Raw,
    query: &ListQuery,
    known: &mut Known,
    most: usize,
) -> StoreResult<Option<Found>> {
    Ok(match pass(conn, query)? {
        Answer::Page(found, rows) => {
            if rows.saturating_mul(LEAST) > most {
                *known = Known::TooMany;
            }
            Some(found)
        }
        Answer::Odd => {
            *known = Known::Odd;
            None
        }
        Answer::TooFar => None,
    })
}

/// Reads the columns that the search and the order need, of everybody.
fn pass(conn: &mut Raw, query: &ListQuery) -> StoreResult<Answer> {
    let Some(mut top) = Top::new(query) else { return Ok(Answer::TooFar) };
    let members = members(conn, query)?;
    let by_membership = matches!(query.order.by, OrderBy::GroupMember(_));
    let column = Column::of(&query.order.by);
    let statement = pass_over(query);
    let search = query.search.as_ref().map(|search| memmem::Finder::new(search.folded()));
    let (mut rows, mut buffer) = (0, String::new());
    let mut contains = |search: &memmem::Finder<'_>, text: &str| {
        buffer.clear();
        fold_onto(&mut buffer, text);
        search.find(buffer.as_bytes()).is_some()
    };
    for row in rows_of!(conn, statement) {
        let row = row?;
        rows += 1;
        text!(id = row[0] else return Ok(Answer::Odd));
        if let Some(search) = &search {
            text!(name = row[2] else return Ok(Answer::Odd));
            text!(email = row[3] else return Ok(Answer::Odd));
            if !contains(search, name) && !contains(search, email) {
                continue;
            }
        }
        let member = by_membership && members.contains(id);
        if column.is_time() {
            number!(key = row[1] else return Ok(Answer::Odd));
            top.push(member, Key::Number(key), id);
        } else {
            text!(key = row[1] else return Ok(Answer::Odd));
            top.push(member, Key::Text(key), id);
        }
    }
    Ok(Answer::Page(top.into_found(), rows))
}

/// The statement of a pass: the columns that the search and the order need, and no others.
pub(crate) fn pass_over(query: &ListQuery) -> Statement<'_> {
    let column = Column::of(&query.order.by).name();
    let statement = Statement::new("SELECT \"user\".\"id\", \"user\".\"").sql(column);
    match &query.search {
        Some(_) => statement.sql("\", \"user\".\"name\", \"user\".\"email\" FROM \"user\""),
        None => statement.sql("\" FROM \"user\""),
    }
}

/// The statement that reads all that is kept.
pub(crate) const KEEP: &str = "SELECT \"user\".\"id\", \"user\".\"name\", \"user\".\"email\", \"user\".\"role\", \
     \"user\".\"created_at\", \"user\".\"updated_at\", \"user\".\"last_active_at\" FROM \"user\"";

/// Reads all that is kept.
fn keep(conn: &mut Raw, most: usize) -> StoreResult<Known> {
    let mut roster = Box::<Roster>::default();
    for row in rows_of!(conn, Statement::new(KEEP)) {
        let row = row?;
        text!(id = row[0] else return Ok(Known::Odd));
        text!(name = row[1] else return Ok(Known::Odd));
        text!(email = row[2] else return Ok(Known::Odd));
        text!(role = row[3] else return Ok(Known::Odd));
        number!(created = row[4] else return Ok(Known::Odd));
        number!(updated = row[5] else return Ok(Known::Odd));
        number!(active = row[6] else return Ok(Known::Odd));
        if !roster.push(Person { id, name, email, role, times: [created, updated, active] }, most) {
            return Ok(Known::TooMany);
        }
    }
    roster.shrink();
    Ok(Known::Everybody(roster))
}

/// The members of the group whose members come first or last.
fn members(conn: &mut Raw, query: &ListQuery) -> StoreResult<Members> {
    let mut members = Members::new();
    if let OrderBy::GroupMember(group) = &query.order.by {
        let statement =
            Statement::new("SELECT user_id FROM group_member WHERE group_id = ").text(group.as_str());
        for row in rows_of!(conn, statement) {
            let row = row?;
            // An id that is no text is not the id of anybody whose id is text.
            text!(id = row[0] else continue);
            members.insert(id.to_owned());
        }
    }
    Ok(members)
}
