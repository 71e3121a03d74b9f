//! Which rows belong to an account, as a deletion (rules P4 and N22) removes them: what is kept of it, and put back.
//!
//! Rows are copied inside the database, each as a JSON object of its columns, so that columns which rosterd does not know come
//! along, and nothing is read into memory. How a value is written so that it comes back as it was is the dialects' affair.

/// A part of an account: rows of a table.
#[derive(Debug)]
pub(crate) struct Part {
    pub(crate) table: &'static str,
    /// The column that tells its rows apart.
    pub(crate) key: &'static str,
    /// Which of the rows `t` are the account's; `$1` is its id.
    pub(crate) whose: &'static str,
    /// Columns that this and the owners name: without one of them, the table has no such part.
    pub(crate) needs: &'static [&'static str],
    /// Columns that name a row of another table. Without that row, a row does not come back.
    pub(crate) owners: &'static [(&'static str, &'static str)],
    /// The rows stay, and this column of them is set to NULL.
    pub(crate) cleared: Option<&'static str>,
}

/// A row of `chat` is the user's, or a shared copy of one that is.
const CHATS: &str =
    "t.user_id = $1 OR t.user_id IN (SELECT 'shared-' || c.id FROM chat c WHERE c.user_id = $1)";

/// A row belongs to a chat of the user's.
const OF_CHATS: &str = "t.chat_id IN (SELECT c.id FROM chat c WHERE c.user_id = $1)";

const fn of_user(table: &'static str, key: &'static str, whose: &'static str) -> Part {
    Part { table, key, whose, needs: &[], owners: &[], cleared: None }
}

/// What connections by SCIM keep of the account; nothing of a connection that was deleted.
const fn of_connections(table: &'static str) -> Part {
    Part {
        needs: &["connection_id"],
        owners: &[("connection_id", "rosterd_scim_connection")],
        ..of_user(table, "user_id", "t.user_id = $1")
    }
}

/// All of them, in the order in which they are put back: a row comes after those that it names.
pub(crate) const PARTS: &[Part] = &[
    of_user("user", "id", "t.id = $1"),
    of_user("auth", "id", "t.id = $1"),
    of_user("rosterd_sign_in", "user_id", "t.user_id = $1"),
    of_user("rosterd_suspension", "user_id", "t.user_id = $1"),
    of_user("rosterd_unconfirmed", "user_id", "t.user_id = $1"),
    of_connections("rosterd_scim_user"),
    of_connections("rosterd_scim_email"),
    Part {
        needs: &["group_id"],
        owners: &[("group_id", "group")],
        ..of_user("group_member", "id", "t.user_id = $1")
    },
    of_user("chat", "id", CHATS),
    Part {
        needs: &["chat_id", "user_id"],
        owners: &[("chat_id", "chat")],
        ..of_user(
            "shared_chat",
            "id",
            "t.user_id = $1 OR t.chat_id IN (SELECT c.id FROM chat c WHERE c.user_id = $1)",
        )
    },
    Part { needs: &["chat_id"], owners: &[("chat_id", "chat")], ..of_user("chat_message", "id", OF_CHATS) },
    Part {
        needs: &["chat_id", "file_id"],
        owners: &[("chat_id", "chat"), ("file_id", "file")],
        ..of_user("chat_file", "id", OF_CHATS)
    },
    Part { needs: &["chat_id"], cleared: Some("chat_id"), ..of_user("automation_run", "id", OF_CHATS) },
];

/// Tables whose rows are removed and never kept.
pub(crate) const NOT_KEPT: &[&str] =
    &["api_key", "rosterd_api_key", "oauth_session", "rosterd_session", "rosterd_link", "rosterd_mail"];

/// A column of a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Column {
    pub(crate) name: String,
    /// Its type on PostgreSQL.
    pub(crate) kind: String,
}

/// These, made of each column and separated by commas.
pub(crate) fn listed<'a>(
    columns: impl IntoIterator<Item = &'a Column>,
    each: impl Fn(&Column) -> String,
) -> String {
    columns.into_iter().map(each).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn b1_a_row_comes_back_after_those_that_it_names() {
        for (place, part) in PARTS.iter().enumerate() {
            for (column, owner) in part.owners {
                assert!(part.needs.contains(column), "{}", part.table);
                let owners = PARTS.iter().position(|other| other.table == *owner);
                assert!(owners.is_none_or(|owners| owners < place), "{} after {owner}", part.table);
            }
            assert!(part.cleared.is_none_or(|column| part.needs.contains(&column)), "{}", part.table);
        }
    }
}
