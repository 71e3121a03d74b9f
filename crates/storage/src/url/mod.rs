//! The URL of a database, in our own spelling or in SQLAlchemy's, which Open WebUI's `DATABASE_URL` uses.
//!
//! What is written wrongly is refused with the way to mend it: a mistyped URL must never become a new, empty file. No
//! error and no `Display` repeats what may be a part of a password, so errors are made of fixed texts alone.

mod postgres;
mod scrub;
mod spelling;
mod sqlite;
#[cfg(test)]
mod tests;
#[cfg(any(feature = "postgres", test))]
mod uri;

use std::fmt;

pub(crate) use self::postgres::PostgresUrl;
pub use self::postgres::ServerParts;

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
    /// A server, taken apart.
    Postgres(PostgresUrl),
}

/// A text that names no database rosterd can open. It is made of fixed texts: the URL itself, which may hold a
/// password, is never repeated.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum UrlError {
    /// Not a spelling we know.
    #[error(
        "the database URL {found}; accepted are sqlite:///relative.db, sqlite:////absolute.db, \
         sqlite://:memory:, a plain file path, and postgresql://user:password@host:port/database"
    )]
    Unknown {
        /// What is wrong with it.
        found: &'static str,
    },
    /// A mistake whose remedy is known.
    #[error("the database URL {found}; {fix}")]
    Mistake {
        /// What is wrong with it.
        found: &'static str,
        /// What to do about it.
        fix: &'static str,
    },
    /// `SQLCipher`: the file is encrypted and the bundled SQLite cannot read it.
    #[error("an SQLCipher database (sqlite+sqlcipher://) is encrypted and cannot be opened by rosterd")]
    Encrypted,
}

/// Shorthand for [`UrlError::Mistake`].
const fn mistake(found: &'static str, fix: &'static str) -> UrlError {
    UrlError::Mistake { found, fix }
}

/// How a PostgreSQL URL begins and goes on.
const AS_POSTGRES: &str = "write postgresql://user:password@host:port/database";

/// How a file is named.
const AS_FILE: &str =
    "write sqlite:///relative.db for a relative path, sqlite:////absolute.db for an absolute one";

impl DatabaseUrl {
    /// Parses `sqlite:///rel`, `sqlite:////abs`, `sqlite:///C:/…` (on Windows), `sqlite://:memory:`, `sqlite://`, a
    /// plain path, `postgres://…`, `postgresql://…` and SQLAlchemy's spellings of them with a driver
    /// (`postgresql+psycopg2://`, `sqlite+aiosqlite:///`). A query part of an SQLite URL is dropped; blanks and line
    /// ends around the text are too.
    ///
    /// # Errors
    /// [`UrlError`], whose message says how to mend it and does not repeat the text.
    pub fn parse(text: &str) -> Result<Self, UrlError> {
        let text = text.trim();
        spelling::check(text)?;
        let kind = match spelling::split_scheme(text) {
            Some((scheme, rest)) => of_scheme(&scheme, rest)?,
            None => sqlite::plain_path(text)?,
        };
        Ok(Self(kind))
    }

    /// The SQLite file at this path, whatever characters the path has.
    #[must_use]
    pub fn sqlite_file(path: &str) -> Self {
        Self(Kind::SqliteFile(path.to_owned()))
    }

    /// A database of a PostgreSQL server from its parts; see [`ServerParts`].
    ///
    /// # Errors
    /// [`UrlError`] for a host, a port or a name that cannot be one.
    pub fn on_server(server: &ServerParts<'_>) -> Result<Self, UrlError> {
        PostgresUrl::of(server).map(|url| Self(Kind::Postgres(url)))
    }

    /// The same database with this schema in place of the role's search path. An SQLite URL stays as it is.
    #[must_use]
    pub fn with_schema(self, schema: &str) -> Self {
        match self.0 {
            Kind::Postgres(url) => Self(Kind::Postgres(url.with_schema(schema))),
            other => Self(other),
        }
    }

    /// The schema that [`with_schema`](Self::with_schema) gave.
    #[must_use]
    pub fn schema(&self) -> Option<&str> {
        match &self.0 {
            Kind::Postgres(url) => url.schema(),
            _ => None,
        }
    }

    /// The database's kind and place, for the code that connects.
    pub(crate) fn kind(&self) -> &Kind {
        &self.0
    }

    /// Whether this names an SQLite database.
    #[must_use]
    pub fn is_sqlite(&self) -> bool {
        !matches!(self.0, Kind::Postgres(_))
    }
}

/// What follows a scheme, which is in lower case and without its colon.
fn of_scheme(scheme: &str, rest: &str) -> Result<Kind, UrlError> {
    let (database, driver) = scheme.split_once('+').unwrap_or((scheme, ""));
    match (database, rest.strip_prefix("//")) {
        ("sqlite", _) if driver.contains("cipher") => Err(UrlError::Encrypted),
        ("sqlite", Some(rest)) => sqlite::after_slashes(rest),
        ("sqlite", None) => Err(mistake("begins with sqlite: but not with sqlite://", AS_FILE)),
        ("postgres" | "postgresql", Some(rest)) => PostgresUrl::parse(rest).map(Kind::Postgres),
        ("postgres" | "postgresql", None) => {
            Err(mistake("begins with postgresql: but not with postgresql://", AS_POSTGRES))
        }
        ("jdbc", _) => Err(mistake(
            "begins with jdbc:",
            "remove that; user and password are written before the host, as in postgresql://user:password@host:port/database",
        )),
        ("file" | "sqlite2" | "sqlite3", _) => {
            Err(mistake("has an unknown scheme, and seems to name an SQLite file", AS_FILE))
        }
        ("pg" | "psql" | "pgsql" | "postgre" | "postgressql" | "postgresq" | "psycopg2" | "asyncpg", _) => {
            Err(mistake("has an unknown scheme, and seems to name a PostgreSQL database", AS_POSTGRES))
        }
        ("mysql" | "mariadb", _) => {
            Err(UrlError::Unknown { found: "names a MySQL or MariaDB database, which rosterd cannot use" })
        }
        (_, Some(_)) => Err(UrlError::Unknown { found: "has an unknown scheme before ://" }),
        (_, None) => Err(NO_SCHEME),
    }
}

/// A host, or a user and a password, and nothing before them.
const NO_SCHEME: UrlError = mistake(
    "does not begin with a scheme, but has a `:` or `@` like the URL of a server",
    "for PostgreSQL write postgresql://user:password@host:port/database, for a file with that name write sqlite:/// and its path",
);

impl fmt::Display for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Kind::SqliteFile(path) => write!(f, "sqlite:///{path}"),
            Kind::SqliteThrowAway => f.write_str("sqlite://:memory:"),
            Kind::Postgres(url) => url.fmt(f),
        }
    }
}

impl fmt::Debug for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DatabaseUrl({self})")
    }
}
