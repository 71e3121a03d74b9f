//! The address of a database, in our own spelling or in SQLAlchemy's, which Open WebUI's `DATABASE_URL` uses.

use std::fmt;

/// Where a database is. `Display` and `Debug` hide the password.
#[derive(Clone, PartialEq, Eq)]
pub struct DatabaseUrl(Kind);

/// The two databases, and the SQLite database that is gone when the store is.
#[derive(Clone, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A path, relative to the working directory or absolute.
    SqliteFile(String),
    /// `sqlite://` and `sqlite://:memory:`.
    SqliteThrowAway,
    /// A URI as libpq takes it, beginning with `postgresql://`.
    Postgres(String),
}

/// An address that names no database rosterd can open.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum UrlError {
    /// Not a spelling we know; the text itself is not repeated, since it may hold a password.
    #[error(
        "the database URL {found}; accepted are sqlite:///relative.db, sqlite:////absolute.db, \
         sqlite://:memory:, a plain file path, and postgresql://user:password@host:port/database"
    )]
    Unknown {
        /// What is wrong with it.
        found: String,
    },
    /// `SQLCipher`: the file is encrypted and the bundled SQLite cannot read it.
    #[error("an SQLCipher database (sqlite+sqlcipher://) is encrypted and cannot be opened by rosterd")]
    Encrypted,
}

impl DatabaseUrl {
    /// Parses `sqlite:///rel`, `sqlite:////abs`, `sqlite:///C:/…`, `sqlite://:memory:`, `sqlite://`, a plain path,
    /// `postgres://…`, `postgresql://…` and SQLAlchemy's spellings of them with a driver (`postgresql+psycopg2://`,
    /// `sqlite+aiosqlite:///`). A query part of an SQLite URL is dropped.
    ///
    /// # Errors
    /// [`UrlError`], whose message lists the accepted forms and does not repeat the text.
    pub fn parse(text: &str) -> Result<Self, UrlError> {
        let text = text.trim();
        if text.is_empty() || text.contains('\0') {
            return Err(UrlError::Unknown { found: "is empty or holds a NUL".to_owned() });
        }
        let Some((scheme, rest)) = split_scheme(text) else {
            return Ok(Self(Kind::SqliteFile(text.to_owned())));
        };
        let (database, driver) = scheme.split_once('+').unwrap_or((&scheme, ""));
        let Some(rest) = rest.strip_prefix("//") else {
            return Err(UrlError::Unknown {
                found: format!("begins with {scheme}: but not with {scheme}://"),
            });
        };
        match database {
            "sqlite" if driver == "sqlcipher" => Err(UrlError::Encrypted),
            "sqlite" => sqlite_file(rest),
            "postgres" | "postgresql" => Ok(Self(Kind::Postgres(format!("postgresql://{rest}")))),
            _ => Err(UrlError::Unknown { found: format!("has the unknown scheme {database}://") }),
        }
    }

    /// The database's kind and address, for the code that connects.
    pub(crate) fn kind(&self) -> &Kind {
        &self.0
    }

    /// Whether this names an SQLite database.
    #[must_use]
    pub fn is_sqlite(&self) -> bool {
        !matches!(self.0, Kind::Postgres(_))
    }
}

/// The scheme in lower case and what follows its colon; `None` for a path. One letter is a Windows drive.
fn split_scheme(text: &str) -> Option<(String, &str)> {
    let (scheme, rest) = text.split_once(':')?;
    let is_scheme = scheme.len() > 1
        && scheme.starts_with(|c: char| c.is_ascii_alphabetic())
        && scheme.chars().all(|c| c.is_ascii_alphanumeric() || "+-.".contains(c));
    is_scheme.then(|| (scheme.to_ascii_lowercase(), rest))
}

/// What follows `sqlite://`: nothing, `:memory:`, or a slash and a path.
fn sqlite_file(rest: &str) -> Result<DatabaseUrl, UrlError> {
    let path = rest.split_once('?').map_or(rest, |(path, _query)| path);
    if path.is_empty() || path == "/" || path.trim_start_matches('/') == ":memory:" {
        return Ok(DatabaseUrl(Kind::SqliteThrowAway));
    }
    match path.strip_prefix('/') {
        Some(file) => Ok(DatabaseUrl(Kind::SqliteFile(file.to_owned()))),
        None => Err(UrlError::Unknown {
            found: "has two slashes after sqlite: where three begin a relative and four an absolute path"
                .to_owned(),
        }),
    }
}

impl fmt::Display for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Kind::SqliteFile(path) => write!(f, "sqlite:///{path}"),
            Kind::SqliteThrowAway => f.write_str("sqlite://:memory:"),
            Kind::Postgres(uri) => f.write_str(&without_password(uri)),
        }
    }
}

impl fmt::Debug for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DatabaseUrl({self})")
    }
}

/// The URI with the password of its authority replaced, and without its query, which may name one too.
fn without_password(uri: &str) -> String {
    let uri = uri.split_once('?').map_or(uri, |(before, _query)| before);
    let after_scheme = uri.find("://").map_or(0, |at| at + 3);
    let (scheme, rest) = uri.split_at(after_scheme);
    // The last `@`: a password with a bare `@` in it must not leak its first half.
    let Some((credentials, host)) = rest.rsplit_once('@') else { return uri.to_owned() };
    match credentials.split_once(':') {
        Some((user, _password)) => format!("{scheme}{user}:***@{host}"),
        None => uri.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kind(text: &str) -> Kind {
        DatabaseUrl::parse(text).unwrap().kind().clone()
    }

    #[test]
    fn sqlite_spellings() {
        assert!(kind("sqlite:///data/webui.db") == Kind::SqliteFile("data/webui.db".into()));
        assert!(kind("sqlite:////var/webui.db") == Kind::SqliteFile("/var/webui.db".into()));
        assert!(kind("sqlite:///C:/data/webui.db") == Kind::SqliteFile("C:/data/webui.db".into()));
        assert!(kind("sqlite+aiosqlite:///a.db?timeout=5") == Kind::SqliteFile("a.db".into()));
        assert!(kind("data/webui.db") == Kind::SqliteFile("data/webui.db".into()));
        assert!(kind("C:\\data\\webui.db") == Kind::SqliteFile("C:\\data\\webui.db".into()));
        assert!(kind("sqlite://") == Kind::SqliteThrowAway);
        assert!(kind("sqlite://:memory:") == Kind::SqliteThrowAway);
        assert!(kind("sqlite:///:memory:") == Kind::SqliteThrowAway);
    }

    #[test]
    fn postgres_spellings() {
        let uri = Kind::Postgres("postgresql://u:p@h:5432/d?sslmode=require".into());
        for scheme in ["postgres", "postgresql", "postgresql+psycopg2", "postgresql+asyncpg", "POSTGRESQL"] {
            assert!(kind(&format!("{scheme}://u:p@h:5432/d?sslmode=require")) == uri);
        }
    }

    #[test]
    fn a_mistyped_url_is_not_taken_for_a_file() {
        for wrong in ["", "postgres:bad", "mysql://h/d", "sqlite:/a.db", "sqlite://a.db", "file:a.db"] {
            let error = DatabaseUrl::parse(wrong).unwrap_err();
            assert!(error.to_string().contains("accepted are"), "{wrong}: {error}");
        }
        assert_eq!(DatabaseUrl::parse("sqlite+sqlcipher:///a.db"), Err(UrlError::Encrypted));
    }

    #[test]
    fn no_password_is_shown() {
        for text in [
            "postgresql://u:s3cret@h/d",
            "postgresql+psycopg2://u:s3cret@h/d",
            "postgresql://u:a@s3cret@h/d",
            "postgresql://h/d?user=u&password=s3cret",
        ] {
            let url = DatabaseUrl::parse(text).unwrap();
            assert!(!format!("{url} {url:?}").contains("s3cret"), "{url}");
        }
    }
}
