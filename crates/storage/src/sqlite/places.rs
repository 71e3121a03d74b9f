//! Where a list of users goes on (rule L1).
//!
//! A place is what was read of its row, and that may be something else than the row holds: bytes that are no UTF-8, a time
//! that is text, NULL. Only what the row holds has a place in the order, so it is looked up. Where the key has changed
//! since, it counts as it was read. SQLite begins in the middle of the index on (key, id) all the same.

use rosterd_domain::list::Direction;

use crate::fragments::{Condition, Place};

/// The users behind a place, but for those of [`null_tail`].
pub(crate) fn behind(place: &Place, direction: Direction) -> Condition {
    if !place.may_be_null() {
        return behind_values(Condition::fixed("("), ("user", "id"), place, direction).sql(")");
    }
    let sql = is_null(Condition::fixed("(CASE WHEN "), place).sql(" THEN ");
    let sql = match direction {
        // NULL comes before all values.
        Direction::Ascending => {
            let sql = sql.sql("\"user\".\"").sql(place.column()).sql("\" IS NOT NULL OR \"user\".\"id\" > ");
            id_at(sql, place, direction)
        }
        Direction::Descending => sql.sql("FALSE"),
    };
    behind_values(sql.sql(" ELSE "), ("user", "id"), place, direction).sql(" END)")
}

/// The rows of the table that holds the members of a group by name which are behind a place in its order. It holds no NULL.
pub(crate) fn members_behind(place: &Place) -> Condition {
    let table = ("rosterd_member_name", "user_id");
    behind_values(Condition::fixed("("), table, place, Direction::Ascending).sql(")")
}

/// The users behind a place whose key is NULL, where these come last: no comparison finds them.
pub(crate) fn null_tail(place: &Place, direction: Direction) -> Option<Condition> {
    if direction == Direction::Ascending {
        return None;
    }
    let sql = Condition::fixed("(\"user\".\"").sql(place.column()).sql("\" IS NULL");
    if !place.may_be_null() {
        return Some(sql.sql(")"));
    }
    let sql = is_null(sql.sql(" AND CASE WHEN "), place).sql(" THEN \"user\".\"id\" < ");
    Some(id_at(sql, place, direction).sql(" ELSE TRUE END)"))
}

/// Adds a comparison of a table's rows, whose id is in this column, with the values at a place.
fn behind_values(
    sql: Condition,
    (table, id): (&'static str, &'static str),
    place: &Place,
    direction: Direction,
) -> Condition {
    let operator = match direction {
        Direction::Ascending => "\") > (COALESCE(",
        Direction::Descending => "\") < (COALESCE(",
    };
    let sql =
        sql.sql("(\"").sql(table).sql("\".\"").sql(place.column()).sql("\", \"").sql(table).sql("\".\"");
    let sql = value_at(sql.sql(id).sql(operator), place.column(), place, direction).sql(", ");
    id_at(key(sql, place).sql("), "), place, direction).sql(")")
}

/// Adds the id of the row at a place.
fn id_at(sql: Condition, place: &Place, direction: Direction) -> Condition {
    value_at(sql.sql("COALESCE("), "id", place, direction).sql(", ").bind(place.id()).sql(")")
}

/// Adds a value of the row at a place: of several rows that are read alike, the furthest in the order.
fn value_at(sql: Condition, wanted: &'static str, place: &Place, direction: Direction) -> Condition {
    let sql = at(sql.sql("(SELECT u.\"").sql(wanted).sql("\" FROM \"user\" u WHERE "), place);
    let reader = if place.is_time() { " AND rosterd_time(u.\"" } else { " AND rosterd_text(u.\"" };
    let sql = key(sql.sql(reader).sql(place.column()).sql("\") = "), place);
    let furthest = match direction {
        Direction::Ascending => "\" DESC, u.id DESC LIMIT 1)",
        Direction::Descending => "\" ASC, u.id ASC LIMIT 1)",
    };
    sql.sql(" ORDER BY u.\"").sql(place.column()).sql(furthest)
}

/// Adds whether the row at a place has no key.
fn is_null(sql: Condition, place: &Place) -> Condition {
    at(sql.sql("EXISTS (SELECT 1 FROM \"user\" u WHERE "), place)
        .sql(" AND u.\"")
        .sql(place.column())
        .sql("\" IS NULL)")
}

/// Adds whether the row `u` has the id of a place, which may be bytes. One that is no UTF-8 is found by no index.
fn at(sql: Condition, place: &Place) -> Condition {
    if place.id().contains(char::REPLACEMENT_CHARACTER) {
        sql.sql("rosterd_text(u.id) = ").bind(place.id())
    } else {
        sql.sql("u.id IN (").bind(place.id()).sql(", CAST(").bind(place.id()).sql(" AS BLOB))")
    }
}

/// Adds the key of a place.
fn key(sql: Condition, place: &Place) -> Condition {
    if place.is_time() {
        sql.sql("CAST(").bind(place.key()).sql(" AS INTEGER)")
    } else {
        sql.bind(place.key())
    }
}
