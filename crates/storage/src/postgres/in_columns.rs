//! Searches where there is no folded copy that can answer.

use diesel::pg::{PgConnection, PgRowByRowLoadingMode};
use diesel::prelude::*;
use diesel::sql_types::Text;
use rosterd_domain::list::{SearchText, fold};

use super::dialect::one_of;
use crate::StoreResult;
use crate::fragments::Condition;
use crate::schema::users;
use crate::types::LossyText;

/// Name or e-mail address of a user contains the text (rule L2), by folding both columns of every row. PostgreSQL folds what is
/// ASCII. What is not comes here to be folded as everywhere else: how much of Unicode the database knows depends on its
/// version, its locale and on whether it has ICU, and none of them folds `ß`.
pub(super) fn in_columns(conn: &mut PgConnection, search: &SearchText) -> StoreResult<Condition> {
    let text = search.folded();
    let ids = matching_beyond_ascii(conn, text)?;
    let beyond_ascii = one_of!("\"user\".\"id\"", ids.iter().map(LossyText::as_str));
    if !text.is_ascii() {
        return Ok(beyond_ascii);
    }
    let in_name = Condition::new(
        "octet_length(\"user\".\"name\") = char_length(\"user\".\"name\") AND position((",
        text,
        ") IN lower(\"user\".\"name\" COLLATE \"C\")) > 0",
    );
    let in_email = Condition::new(
        "octet_length(\"user\".\"email\") = char_length(\"user\".\"email\") AND position((",
        text,
        ") IN lower(\"user\".\"email\" COLLATE \"C\")) > 0",
    );
    Ok(in_name.or(in_email).or(beyond_ascii))
}

diesel::define_sql_function! {
    /// The length in bytes.
    fn octet_length(text: Text) -> Integer;
}

diesel::define_sql_function! {
    /// The length in characters.
    fn char_length(text: Text) -> Integer;
}

/// The ids of the users whose name or e-mail address is not ASCII and contains the folded text.
fn matching_beyond_ascii(conn: &mut PgConnection, folded: &str) -> StoreResult<Vec<LossyText>> {
    let contains = |text: &LossyText| !text.as_str().is_ascii() && fold(text.as_str()).contains(folded);
    let beyond_ascii = users::table
        .filter(
            octet_length(users::name)
                .ne(char_length(users::name))
                .or(octet_length(users::email).ne(char_length(users::email))),
        )
        .select((users::id, users::name, users::email));
    let mut ids = Vec::new();
    for row in beyond_ascii.load_iter::<(LossyText, LossyText, LossyText), PgRowByRowLoadingMode>(conn)? {
        let (id, name, email) = row?;
        if contains(&name) || contains(&email) {
            ids.push(id);
        }
    }
    Ok(ids)
}
