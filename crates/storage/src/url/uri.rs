//! The URI that libpq gets, put together from the parts.

use percent_encoding::{percent_decode_str, utf8_percent_encode};

use super::PostgresUrl;
use super::postgres::{LITERAL, encoded};
use super::scrub::SECRET_OPTIONS;
use crate::open_error::quoted;

impl PostgresUrl {
    /// The same without a schema of its own: the role's search path holds.
    pub(crate) fn without_schema(&self) -> Self {
        Self { schema: None, ..self.clone() }
    }

    /// The URI for a program of PostgreSQL, which others can see, and the password apart from it. Without the schema: such a
    /// program works on all schemas.
    ///
    /// # Errors
    /// The name of an option that holds a secret and cannot be given in another way.
    pub(crate) fn for_programs(&self) -> Result<(String, Option<String>), &str> {
        let mut url = self.without_schema();
        let named = url.options.iter().rfind(|(name, _)| name == "password").map(|(_, value)| value.clone());
        url.options.retain(|(name, _)| name != "password");
        // libpq takes the option if there are both.
        let password = named.or(url.password.take());
        let secret = |name: &str| SECRET_OPTIONS.contains(&name);
        if let Some((name, _)) = self.options.iter().find(|(name, _)| name != "password" && secret(name)) {
            return Err(name);
        }
        let password = password.map(|text| percent_decode_str(&text).decode_utf8_lossy().into_owned());
        Ok((url.uri(), password))
    }

    /// The URI for libpq, password and schema included.
    pub(crate) fn uri(&self) -> String {
        let mut uri = self.begin(self.password.as_deref().map(encoded).as_deref());
        let mut options = self.options.clone();
        if let Some(schema) = &self.schema {
            let path = utf8_percent_encode(&search_path(schema), LITERAL).to_string();
            // Of several libpq takes the last.
            match options.iter_mut().rfind(|(name, _)| name == "options") {
                Some((_, value)) => *value = format!("{value}%20{path}"),
                None => options.push(("options".to_owned(), path)),
            }
        }
        for (position, (name, value)) in options.iter().enumerate() {
            let separator = if position == 0 { '?' } else { '&' };
            uri.extend([separator.to_string().as_str(), name, "=", value]);
        }
        uri
    }
}

/// The option of a PostgreSQL session that makes this schema the only one to be searched.
///
/// An option of the session and not a `SET` after it began: behind a pooler a `SET` would hold on whichever connection
/// happened to run it, and statements on the others would meet other tables. A pooler refuses an option it cannot keep.
fn search_path(schema: &str) -> String {
    // Blanks end an option, and a backslash keeps what follows it.
    let mut option = "-c search_path=".to_owned();
    for c in quoted(schema).chars() {
        if c == '\\' || c.is_ascii_whitespace() {
            option.push('\\');
        }
        option.push(c);
    }
    option
}
