//! The statement that gives a column of PostgreSQL a type that Diesel reads rightly.

use crate::open_error::quoted;
use crate::required::Holds;

/// The `ALTER TABLE` for this column, whose type is `found`; `schema` as the server names it.
pub(crate) fn statement(
    schema: Option<&str>,
    table: &str,
    column: &str,
    found: &str,
    wanted: Holds,
) -> String {
    let table = match schema {
        Some(schema) => format!("{}.{}", quoted(schema), quoted(table)),
        None => quoted(table),
    };
    let column = quoted(column);
    let (to, using) =
        (wanted.postgres_types().first().copied().unwrap_or("text"), conversion(&column, found, wanted));
    format!("ALTER TABLE {table} ALTER COLUMN {column} TYPE {to} USING {using}")
}

/// The column's value as the wanted type; where PostgreSQL has no cast of its own, by a way around.
fn conversion(column: &str, found: &str, wanted: Holds) -> String {
    let is_moment = found.starts_with("timestamp");
    match wanted {
        // Open WebUI's times are seconds since 1970.
        Holds::BigInt | Holds::Integer if is_moment || found == "date" => {
            format!("extract(epoch FROM {column})::{}", wanted.postgres_types()[0])
        }
        Holds::Date if matches!(found, "bigint" | "integer" | "smallint" | "numeric") => {
            format!("to_timestamp({column})::date")
        }
        Holds::Bool if matches!(found, "bigint" | "smallint" | "numeric") => format!("{column} <> 0"),
        Holds::Text | Holds::Json if found == "bytea" => {
            let text = format!("convert_from({column}, 'UTF8')");
            if wanted == Holds::Json { format!("{text}::json") } else { text }
        }
        // Through text: not every type has a cast to JSON.
        Holds::Json if found != "jsonb" => format!("{column}::text::json"),
        Holds::Bool | Holds::Date | Holds::Json | Holds::Text | Holds::BigInt | Holds::Integer => {
            format!("{column}::{}", wanted.postgres_types()[0])
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_qualified_and_quoted() {
        assert_eq!(
            statement(Some("open\"webui"), "group", "permissions", "jsonb", Holds::Json),
            r#"ALTER TABLE "open""webui"."group" ALTER COLUMN "permissions" TYPE json USING "permissions"::json"#
        );
        assert_eq!(
            statement(None, "user", "created_at", "integer", Holds::BigInt),
            r#"ALTER TABLE "user" ALTER COLUMN "created_at" TYPE bigint USING "created_at"::bigint"#
        );
    }
}
