//! Paths of SQLite files, and what is no path although it looks like one.

use super::{AS_FILE, AS_POSTGRES, Kind, NO_SCHEME, UrlError, mistake};

/// What follows `sqlite://`: nothing, `:memory:`, or a slash and a path.
pub(super) fn after_slashes(rest: &str) -> Result<Kind, UrlError> {
    let path = rest.split_once('?').map_or(rest, |(path, _query)| path);
    if path.is_empty() || path == "/" || path.trim_start_matches('/') == ":memory:" {
        return Ok(Kind::SqliteThrowAway);
    }
    match path.strip_prefix('/') {
        Some(file) => file_at(file),
        None => Err(mistake("has two slashes after sqlite: and then a path", AS_FILE)),
    }
}

/// A text without a scheme.
pub(super) fn plain_path(text: &str) -> Result<Kind, UrlError> {
    if text.contains("://") {
        return Err(mistake(
            "has other text before its scheme",
            "remove the text before sqlite:// or postgresql://",
        ));
    }
    if is_of_windows(text) {
        return file_at(text);
    }
    let first = text.split('/').next().unwrap_or_default();
    if text.contains("//")
        && ["sqlite", "postgres", "postgresql"].iter().any(|s| s.eq_ignore_ascii_case(first))
    {
        return Err(mistake("has no colon after its scheme", "write sqlite:///… or postgresql://…"));
    }
    if first.contains([':', '@']) || (text.contains('@') && text.contains(':')) {
        return Err(NO_SCHEME);
    }
    if !text.contains(['/', '.']) {
        return Err(mistake(
            "is a single word",
            "for a PostgreSQL database write postgresql://user:password@host:port/database, \
             for a file of that name sqlite:/// and its name",
        ));
    }
    file_at(text)
}

/// The file at this path, unless the path can only be a mistake: SQLite would make a new file of that name.
fn file_at(path: &str) -> Result<Kind, UrlError> {
    if path.contains("://") {
        return Err(mistake("holds a second URL", AS_POSTGRES));
    }
    if path.starts_with("file:") {
        return Err(mistake("has file: in its path", AS_FILE));
    }
    if path == "~" || path.starts_with("~/") || path.starts_with('$') || path.contains("${") {
        return Err(mistake(
            "has a `~` or a variable that was not replaced by its value",
            "write the whole path",
        ));
    }
    if cfg!(not(windows)) && is_of_windows(path) {
        return Err(mistake(
            "is a Windows path, but this is another system",
            "write the path as it is on this system",
        ));
    }
    if path.ends_with('/') {
        return Err(mistake("names a folder", "name the file in it, as in sqlite:////data/rosterd.db"));
    }
    Ok(Kind::SqliteFile(path.to_owned()))
}

/// `C:\…`, `C:/…`, or anything with a backslash.
fn is_of_windows(path: &str) -> bool {
    let drive = path.as_bytes();
    path.contains('\\') || matches!(drive, [letter, b':', b'/', ..] if letter.is_ascii_alphabetic())
}
