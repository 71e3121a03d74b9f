//! Filters of SCIM as conditions in SQL, of users and of groups.
//!
//! What is written says of each row what [`Condition::matches`](rosterd_scim::Condition::matches) says of its document. There are
//! two truths alone: a comparison with what has no value is false and not NULL, since its opposite is true.

use rosterd_domain::ids::ConnectionId;
use rosterd_scim::filter::{Comparison, Operand};
use rosterd_scim::{Condition as Wanted, DateTime, Field, List, ResourceKind};

use super::super::dialect::{CODE_POINTS, ENDING, POSITION, RARELY};
use super::key;
use crate::fragments::Condition;

/// Whether an account can be used: it is not suspended, and can sign in. One without a row in `auth` can, as far as that goes.
pub(super) const ACTIVE: &str = "(NOT EXISTS (SELECT 1 FROM rosterd_suspension s WHERE s.user_id = \"rosterd_scim_user\".\"user_id\") \
     AND COALESCE((SELECT a.active FROM auth a WHERE a.id = \"rosterd_scim_user\".\"user_id\"), TRUE))";

/// Of what a condition speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Of {
    User,
    Group,
    /// An e-mail address of a user.
    Email,
    /// A group of a user.
    GroupOfUser,
    /// A member of a group.
    Member,
}

/// What a field is in SQL.
#[derive(Debug, Clone, Copy)]
enum Column {
    /// A text that every row has. Its order is that of code points with these words behind it.
    Text(&'static str, &'static str),
    /// A text that may be NULL.
    MaybeText(&'static str),
    /// A truth value that may be NULL.
    MaybeBoolean(&'static str),
    /// A truth value that is made of others.
    Boolean(&'static str),
    /// Whole seconds.
    Seconds(&'static str),
}

impl Of {
    /// `None`: there is no such field.
    fn column(self, field: Field) -> Option<Column> {
        use Column::{Boolean, MaybeBoolean, MaybeText, Seconds, Text};
        Some(match (self, field) {
            (Self::User, Field::Id) => Text("\"rosterd_scim_user\".\"user_id\"", CODE_POINTS),
            (Self::User, Field::ExternalId) => MaybeText("\"rosterd_scim_user\".\"external_id\""),
            (Self::User, Field::Created) => Seconds("\"rosterd_scim_user\".\"created_at\""),
            (Self::User, Field::LastModified) => Seconds("\"rosterd_scim_user\".\"updated_at\""),
            (Self::User, Field::UserName) => Text("\"rosterd_scim_user\".\"user_name_key\"", ""),
            (Self::User, Field::DisplayName) => MaybeText("\"rosterd_scim_user\".\"display_key\""),
            (Self::User, Field::Formatted) => MaybeText("\"rosterd_scim_user\".\"formatted_key\""),
            (Self::User, Field::FamilyName) => MaybeText("\"rosterd_scim_user\".\"family_key\""),
            (Self::User, Field::GivenName) => MaybeText("\"rosterd_scim_user\".\"given_key\""),
            (Self::User, Field::Active) => Boolean(ACTIVE),
            (Self::Group, Field::Id) => Text("\"rosterd_scim_group\".\"group_id\"", CODE_POINTS),
            (Self::Group, Field::ExternalId) => MaybeText("\"rosterd_scim_group\".\"external_id\""),
            (Self::Group, Field::Created) => Seconds("\"rosterd_scim_group\".\"created_at\""),
            (Self::Group, Field::LastModified) => Seconds("\"rosterd_scim_group\".\"updated_at\""),
            (Self::Group, Field::DisplayName) => Text("\"rosterd_scim_group\".\"display_key\"", ""),
            (Self::Email, Field::EmailValue) => Text("e.value_key", ""),
            (Self::Email, Field::EmailDisplay) => MaybeText("e.display_key"),
            (Self::Email, Field::EmailType) => MaybeText("e.kind_key"),
            (Self::Email, Field::EmailPrimary) => MaybeBoolean("e.is_primary"),
            (Self::GroupOfUser, Field::GroupValue) => Text("g.group_id", CODE_POINTS),
            (Self::GroupOfUser, Field::GroupDisplay) => Text("g.display_key", ""),
            (Self::Member, Field::MemberValue) => Text("u.user_id", CODE_POINTS),
            _ => return None,
        })
    }

    /// The beginning of the rows that have a value of this list, up to the connection's id, and how it goes on. The ids of the rows
    /// come from the connection's own rows, so that the database finds few of them by an index, and need not look at all.
    fn list(self, list: List) -> Option<(Self, &'static str, &'static str)> {
        match (self, list) {
            (Self::User, List::Emails) => Some((
                Self::Email,
                "\"rosterd_scim_user\".\"user_id\" IN (SELECT e.user_id FROM rosterd_scim_email e WHERE e.connection_id = ",
                " AND ",
            )),
            (Self::User, List::Groups) => Some((
                Self::GroupOfUser,
                "\"rosterd_scim_user\".\"user_id\" IN (SELECT m.user_id FROM rosterd_scim_group g \
                 JOIN group_member m ON m.group_id = g.group_id WHERE g.connection_id = ",
                " AND g.hidden_at IS NULL AND m.user_id IS NOT NULL AND ",
            )),
            (Self::Group, List::Members) => Some((
                Self::Member,
                "\"rosterd_scim_group\".\"group_id\" IN (SELECT m.group_id FROM rosterd_scim_user u \
                 JOIN group_member m ON m.user_id = u.user_id WHERE u.connection_id = ",
                " AND u.hidden_at IS NULL AND m.group_id IS NOT NULL AND ",
            )),
            _ => None,
        }
    }
}

/// The condition on rows of `rosterd_scim_user` or of `rosterd_scim_group`, which are the connection's.
pub(super) fn compiled(connection: &ConnectionId, kind: ResourceKind, wanted: &Wanted) -> Condition {
    let of = match kind {
        ResourceKind::User => Of::User,
        ResourceKind::Group => Of::Group,
    };
    write(Condition::fixed(""), of, connection, wanted)
}

fn write(out: Condition, of: Of, connection: &ConnectionId, wanted: &Wanted) -> Condition {
    match wanted {
        Wanted::Always(holds) => out.sql(truth(*holds)),
        Wanted::Present(field) => match of.column(*field) {
            Some(Column::MaybeText(column) | Column::MaybeBoolean(column)) => {
                out.sql("(").sql(column).sql(" IS NOT NULL)")
            }
            column => out.sql(truth(column.is_some())),
        },
        Wanted::Compare { field, comparison, with } => match of.column(*field) {
            Some(column) => compare(out, column, *comparison, with, field.is_case_exact()),
            None => out.sql(truth(false)),
        },
        Wanted::Any { of: list, condition } => match of.list(*list) {
            Some((values, before, after)) => {
                let out = out.sql(RARELY.0).sql(before).bind(connection.as_str()).sql(after);
                write(out, values, connection, condition).sql(")").sql(RARELY.1)
            }
            None => out.sql(truth(false)),
        },
        Wanted::Not(condition) => write(out.sql("(NOT "), of, connection, condition).sql(")"),
        Wanted::And(parts) => write_all(out, of, connection, parts, " AND ", truth(true)),
        Wanted::Or(parts) => write_all(out, of, connection, parts, " OR ", truth(false)),
    }
}

/// All of these; of none, `empty` holds. They are written by halves: one after the other, hundreds of them would be an expression deeper
/// than SQLite takes.
fn write_all(
    out: Condition,
    of: Of,
    connection: &ConnectionId,
    parts: &[Wanted],
    between: &'static str,
    empty: &'static str,
) -> Condition {
    match parts {
        [] => out.sql(empty),
        [part] => write(out, of, connection, part),
        parts => {
            let (first, second) = parts.split_at(parts.len() / 2);
            let out = write_all(out.sql("("), of, connection, first, between, empty);
            write_all(out.sql(between), of, connection, second, between, empty).sql(")")
        }
    }
}

const fn truth(holds: bool) -> &'static str {
    if holds { "(1 = 1)" } else { "(1 = 0)" }
}

fn compare(out: Condition, column: Column, comparison: Comparison, with: &Operand, exact: bool) -> Condition {
    match (column, with) {
        (Column::Text(column, order), Operand::Text(with)) => {
            compare_text(out, (column, order), comparison, with, exact)
        }
        (Column::MaybeText(column), Operand::Text(with)) => {
            let out = out.sql("(").sql(column).sql(" IS NOT NULL AND ");
            compare_text(out, (column, ""), comparison, with, exact).sql(")")
        }
        (Column::MaybeBoolean(column), Operand::Boolean(with)) if comparison == Comparison::Equal => {
            let same = if *with { " = TRUE)" } else { " = FALSE)" };
            out.sql("(").sql(column).sql(" IS NOT NULL AND ").sql(column).sql(same)
        }
        (Column::Boolean(expression), Operand::Boolean(with)) if comparison == Comparison::Equal => {
            if *with {
                out.sql(expression)
            } else {
                out.sql("(NOT ").sql(expression).sql(")")
            }
        }
        (Column::Seconds(column), Operand::Moment(with)) => compare_moment(out, column, comparison, *with),
        _ => out.sql(truth(false)),
    }
}

fn compare_text(
    out: Condition,
    (column, order): (&'static str, &'static str),
    comparison: Comparison,
    with: &str,
    exact: bool,
) -> Condition {
    // No stored text has the character U+0000, and PostgreSQL takes none that has. What lies before it is less than the text, and what
    // begins with that is greater.
    let (with, comparison) = match (with.split_once('\0'), comparison) {
        (None, comparison) => (with, comparison),
        (Some((before, _)), Comparison::Greater | Comparison::GreaterOrEqual) => {
            (before, Comparison::Greater)
        }
        (Some((before, _)), Comparison::Less | Comparison::LessOrEqual) => (before, Comparison::LessOrEqual),
        (Some(_), _) => return out.sql(truth(false)),
    };
    let with = if exact { with.to_owned() } else { key(with) };
    let ordered =
        |out: Condition, operator| out.sql("(").sql(column).sql(order).sql(operator).bind(&with).sql(")");
    match comparison {
        Comparison::Equal => out.sql(RARELY.0).sql(column).sql(" = ").bind(&with).sql(RARELY.1),
        Comparison::Contains => out.sql("(").sql(POSITION).sql(column).sql(", ").bind(&with).sql(") > 0)"),
        Comparison::StartsWith => {
            let out = ordered(out.sql("("), " >= ");
            match end_of_beginning(&with) {
                Some(end) => out.sql(" AND ").sql(column).sql(order).sql(" < ").bind(&end).sql(")"),
                None => out.sql(")"),
            }
        }
        // Of a text that is shorter, both databases give the whole.
        Comparison::EndsWith if with.is_empty() => out.sql(truth(true)),
        Comparison::EndsWith => {
            let out = out.sql("(").sql(ENDING.0).sql(column).sql(ENDING.1);
            out.bind(&with).sql(")) = ").bind(&with).sql(")")
        }
        Comparison::Greater => ordered(out, " > "),
        Comparison::GreaterOrEqual => ordered(out, " >= "),
        Comparison::Less => ordered(out, " < "),
        Comparison::LessOrEqual => ordered(out, " <= "),
    }
}

/// The first text after all that begin with this one, in the order of code points; `None` where there is none.
fn end_of_beginning(beginning: &str) -> Option<String> {
    let mut characters: Vec<char> = beginning.chars().collect();
    while let Some(last) = characters.pop() {
        if let Some(next) = (last..=char::MAX).nth(1) {
            characters.push(next);
            return Some(characters.into_iter().collect());
        }
    }
    None
}

/// Whole seconds against a moment that may lie between two of them.
fn compare_moment(out: Condition, column: &'static str, comparison: Comparison, with: DateTime) -> Condition {
    let is_between = with.nanoseconds() > 0;
    let operator = match comparison {
        Comparison::Equal if is_between => return out.sql(truth(false)),
        Comparison::Equal => " = ",
        Comparison::Greater => " > ",
        Comparison::GreaterOrEqual if is_between => " > ",
        Comparison::GreaterOrEqual => " >= ",
        Comparison::Less if is_between => " <= ",
        Comparison::Less => " < ",
        Comparison::LessOrEqual => " <= ",
        Comparison::Contains | Comparison::StartsWith | Comparison::EndsWith => {
            return out.sql(truth(false));
        }
    };
    let out = out.sql("(").sql(column).sql(operator).sql("CAST(");
    out.bind(&with.seconds().to_string()).sql(" AS bigint))")
}

#[cfg(test)]
mod tests {
    use super::end_of_beginning;

    #[test]
    fn all_that_begins_with_a_text_lies_before_its_end() {
        for (beginning, end) in [
            ("ab", Some("ac")),
            ("a\u{d7ff}", Some("a\u{e000}")),
            ("a\u{10ffff}", Some("b")),
            ("\u{10ffff}", None),
            ("", None),
        ] {
            assert_eq!(end_of_beginning(beginning).as_deref(), end, "{beginning:?}");
        }
    }
}
