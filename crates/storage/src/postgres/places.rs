//! Where a list of users goes on (rule L1).
//!
//! A place is what was read of its row. NULL, where somebody's schema allows it, is read as the empty text or 0, compares
//! with nothing, and comes after all values: a key that may stand for it is looked up.

use rosterd_domain::list::Direction;

use crate::fragments::{Condition, Place};

/// The users behind a place, but for those of [`null_tail`].
pub(crate) fn behind(place: &Place, direction: Direction) -> Condition {
    if !place.may_be_null() {
        return behind_values(Condition::fixed("("), place, direction).sql(")");
    }
    let sql = is_null(Condition::fixed("(CASE WHEN "), place).sql(" THEN ");
    let sql = match direction {
        Direction::Ascending => sql.sql("FALSE"),
        Direction::Descending => {
            let sql = sql.sql("\"user\".\"").sql(place.column());
            sql.sql("\" IS NOT NULL OR \"user\".\"id\" COLLATE \"C\" < ").bind(place.id())
        }
    };
    behind_values(sql.sql(" ELSE "), place, direction).sql(" END)")
}

/// The rows of the table that holds the members of a group by name which are behind a place in its order. It holds no NULL.
pub(crate) fn members_behind(place: &Place) -> Condition {
    Condition::fixed("((\"rosterd_member_name\".\"name\", \"rosterd_member_name\".\"user_id\") > (")
        .bind(place.key())
        .sql(", ")
        .bind(place.id())
        .sql("))")
}

/// The users behind a place whose key is NULL, where these come last: no comparison finds them.
pub(crate) fn null_tail(place: &Place, direction: Direction) -> Option<Condition> {
    if direction == Direction::Descending {
        return None;
    }
    let sql = Condition::fixed("(\"user\".\"").sql(place.column()).sql("\" IS NULL");
    if !place.may_be_null() {
        return Some(sql.sql(")"));
    }
    let sql = is_null(sql.sql(" AND CASE WHEN "), place);
    Some(sql.sql(" THEN \"user\".\"id\" COLLATE \"C\" > ").bind(place.id()).sql(" ELSE TRUE END)"))
}

/// Adds a comparison of the users with the values at a place.
fn behind_values(sql: Condition, place: &Place, direction: Direction) -> Condition {
    let id = if place.is_time() { "\", \"user\".\"id\"" } else { "\" COLLATE \"C\", \"user\".\"id\"" };
    let sql = sql.sql("(\"user\".\"").sql(place.column()).sql(id).sql(match direction {
        Direction::Ascending => " COLLATE \"C\") > (",
        Direction::Descending => " COLLATE \"C\") < (",
    });
    let sql = if place.is_time() {
        sql.sql("CAST(").bind(place.key()).sql(" AS bigint)")
    } else {
        sql.bind(place.key())
    };
    sql.sql(", ").bind(place.id()).sql(")")
}

/// Adds whether the row at a place has no key.
fn is_null(sql: Condition, place: &Place) -> Condition {
    let sql = sql.sql("EXISTS (SELECT FROM \"user\" u WHERE u.id = ").bind(place.id());
    sql.sql(" AND u.\"").sql(place.column()).sql("\" IS NULL)")
}
