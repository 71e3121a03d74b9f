//! What people put around a URL by mistake, found before it is read: quotation marks, words of the shell, the name of the
//! variable. Each used to become the name of a new, empty SQLite file.

use super::{AS_POSTGRES, UrlError, mistake};

/// Marks that shells, YAML and word processors put around a value.
const QUOTES: [char; 9] = ['"', '\'', '`', '“', '”', '„', '‘', '’', '´'];

/// Words that stand before an assignment in a shell or a batch file.
const SHELL_WORDS: [&str; 5] = ["export", "set", "setx", "env", "setenv"];

/// Keys of libpq's other form, `host=… dbname=…`.
const KEYWORDS: [&str; 7] = ["host", "hostaddr", "port", "dbname", "user", "password", "service"];

/// Refuses what is no URL and no path but something around one. `text` is trimmed.
pub(super) fn check(text: &str) -> Result<(), UrlError> {
    if text.is_empty() {
        return Err(UrlError::Unknown { found: "is empty" });
    }
    if text.starts_with(QUOTES) || text.ends_with(QUOTES) {
        return Err(mistake(
            "begins or ends with a quotation mark",
            "remove the quotation marks: env files and Docker lists keep them as part of the value",
        ));
    }
    if text.contains(char::is_control) {
        return Err(mistake(
            "has a line break or another control character",
            "write it on one line; in a password such a character is percent-encoded",
        ));
    }
    let first_word = text.split_whitespace().next().unwrap_or_default();
    if first_word.len() < text.len() && SHELL_WORDS.iter().any(|word| word.eq_ignore_ascii_case(first_word)) {
        return Err(mistake(
            "begins with a word of the shell such as export",
            "write only the value, without export and without the name of the variable",
        ));
    }
    match name_before_equals(text) {
        Some(name) if KEYWORDS.iter().any(|key| key.eq_ignore_ascii_case(name)) => {
            Err(mistake("is in the form key=value that libpq has beside URLs", AS_POSTGRES))
        }
        Some(_) => Err(mistake(
            "begins with a name and `=`",
            "remove both and write only the value; a file with such a name is written as sqlite:/// and its path",
        )),
        None => Ok(()),
    }
}

/// The name in `NAME=value`.
fn name_before_equals(text: &str) -> Option<&str> {
    let name = text.split_once('=')?.0.trim_end();
    let is_name = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    is_name.then_some(name)
}

/// The scheme in lower case and what follows its colon; `None` for a path. One letter is a Windows drive.
pub(super) fn split_scheme(text: &str) -> Option<(String, &str)> {
    let (scheme, rest) = text.split_once(':')?;
    let is_scheme = scheme.len() > 1
        && scheme.starts_with(|c: char| c.is_ascii_alphabetic())
        && scheme.chars().all(|c| c.is_ascii_alphanumeric() || "+-.".contains(c));
    is_scheme.then(|| (scheme.to_ascii_lowercase(), rest))
}
