//! Names and texts within SQL that is put together at run time.

/// A name as SQL takes it.
pub(crate) fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// A text as SQL takes it, on PostgreSQL with standard strings.
pub(crate) fn literal(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_texts_are_quoted() {
        assert_eq!((quoted("a\"b"), literal("a'b")), ("\"a\"\"b\"".to_owned(), "'a''b'".to_owned()));
    }
}
