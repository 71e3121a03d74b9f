//! A test's own database, of each kind that rosterd runs on, and direct access to it.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use rosterd_storage::{DatabaseUrl, Store, StoreOptions, raw};
use tempfile::TempDir;

use crate::fixtures;
use crate::postgres::{Content, PostgresServer};
use crate::scratch;

/// What kind of database a test runs on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DbKind {
    /// SQLite, made by rosterd's own migrations; no users.
    OwnSqlite,
    /// PostgreSQL, made by rosterd's own migrations; no users.
    OwnPostgres,
    /// The recorded roster as Open WebUI 0.6.43 keeps it on SQLite.
    WebUiSqlite,
    /// The recorded roster as Open WebUI 0.6.43 keeps it on PostgreSQL.
    WebUiPostgres,
    /// The recorded roster after Open WebUI 0.12.4 upgraded it, on SQLite.
    WebUi012Sqlite,
    /// The same roster as Open WebUI 0.12.4 keeps it on PostgreSQL.
    WebUi012Postgres,
}

impl DbKind {
    /// Every kind.
    pub const ALL: [Self; 6] = [
        Self::OwnSqlite,
        Self::OwnPostgres,
        Self::WebUiSqlite,
        Self::WebUiPostgres,
        Self::WebUi012Sqlite,
        Self::WebUi012Postgres,
    ];

    /// Whether it lies on PostgreSQL.
    #[must_use]
    pub fn is_postgres(self) -> bool {
        matches!(self, Self::OwnPostgres | Self::WebUiPostgres | Self::WebUi012Postgres)
    }

    /// Whether it is an Open WebUI database with the recorded roster in it.
    #[must_use]
    pub fn is_attached(self) -> bool {
        !matches!(self, Self::OwnSqlite | Self::OwnPostgres)
    }

    /// Whether this machine can run it; see [`PostgresServer::shared`].
    #[must_use]
    pub fn is_available(self) -> bool {
        !self.is_postgres() || PostgresServer::shared().is_some()
    }
}

/// A database that nobody else uses and that goes away with this value.
#[derive(Debug)]
pub struct TestDb {
    url: String,
    place: Place,
}

#[derive(Debug)]
enum Place {
    /// A folder of its own, since SQLite puts files beside the database.
    Folder(TempDir),
    /// The name of a database on the shared server.
    Server(String),
    /// On a PostgreSQL server that the test looks after.
    Lent,
}

impl TestDb {
    /// A new database of this kind.
    ///
    /// # Panics
    /// When the kind is not [available](DbKind::is_available).
    #[must_use]
    pub fn fresh(kind: DbKind) -> Self {
        match kind {
            DbKind::OwnSqlite => Self::on_sqlite(migrated_sqlite()),
            DbKind::WebUiSqlite => Self::on_sqlite(fixtures::WEBUI_SQLITE),
            DbKind::WebUi012Sqlite => Self::on_sqlite(fixtures::WEBUI_0_12_SQLITE),
            DbKind::OwnPostgres => Self::on_postgres(Content::Migrated),
            DbKind::WebUiPostgres => Self::on_postgres(Content::WebUi),
            DbKind::WebUi012Postgres => Self::on_postgres(Content::WebUi012),
        }
    }

    /// A new SQLite database without any table.
    #[must_use]
    pub fn empty_sqlite() -> Self {
        Self::on_sqlite(&[])
    }

    /// A new PostgreSQL database without any table.
    ///
    /// # Panics
    /// When there is no PostgreSQL here.
    #[must_use]
    pub fn empty_postgres() -> Self {
        Self::on_postgres(Content::Empty)
    }

    /// A PostgreSQL database that the test has made and looks after, by its URL.
    pub fn lent(url: impl Into<String>) -> Self {
        Self { url: url.into(), place: Place::Lent }
    }

    fn on_sqlite(content: &[u8]) -> Self {
        let folder = scratch::in_memory("rosterd-db-").expect("a temporary folder");
        let file = folder.path().join("roster.db");
        fs::write(&file, content).expect("the temporary folder can be written");
        // As rosterd makes its own.
        #[cfg(unix)]
        fs::set_permissions(&file, std::os::unix::fs::PermissionsExt::from_mode(0o600))
            .expect("the file is this process's");
        Self { url: sqlite_url(&file), place: Place::Folder(folder) }
    }

    fn on_postgres(content: Content) -> Self {
        let server = PostgresServer::shared().expect("PostgreSQL (ask DbKind::is_available first)");
        let name = server.create_database(content);
        Self { url: server.url_of(&name), place: Place::Server(name) }
    }

    /// Its URL, as `DATABASE_URL` takes it.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The same, read.
    #[must_use]
    pub fn database_url(&self) -> DatabaseUrl {
        DatabaseUrl::parse(&self.url).expect("a test database's URL is well-formed")
    }

    /// The file of an SQLite database.
    #[must_use]
    pub fn file(&self) -> Option<PathBuf> {
        match &self.place {
            Place::Folder(folder) => Some(folder.path().join("roster.db")),
            Place::Server(_) | Place::Lent => None,
        }
    }

    /// The names in the folder of an SQLite database, in order: its own, which is `roster.db`, and those of the files
    /// that SQLite puts beside it.
    #[must_use]
    pub fn files(&self) -> Vec<String> {
        let Place::Folder(folder) = &self.place else { return Vec::new() };
        let entries = fs::read_dir(folder.path()).expect("the folder is there");
        let name = |entry: std::io::Result<fs::DirEntry>| {
            entry.expect("an entry").file_name().to_string_lossy().into_owned()
        };
        let mut names: Vec<String> = entries.map(name).collect();
        names.sort();
        names
    }

    /// Whether it lies on PostgreSQL.
    #[must_use]
    pub fn is_postgres(&self) -> bool {
        matches!(self.place, Place::Server(_) | Place::Lent)
    }

    /// Runs SQL past the API, on a connection of its own; several statements may be separated by semicolons.
    pub fn db_execute(&self, sql: &str) {
        raw::execute(&self.database_url(), sql).unwrap_or_else(|e| panic!("{sql}: {e:?}"));
    }

    /// The rows of a query, past the API, every value as text (JSON text for lists and the like); `None` is SQL
    /// NULL. Give the columns different names.
    #[must_use]
    pub fn db_query_text(&self, sql: &str) -> Vec<Vec<Option<String>>> {
        raw::query_text(&self.database_url(), sql).unwrap_or_else(|e| panic!("{sql}: {e:?}"))
    }

    /// The first value of the first row; `None` for SQL NULL and for no row.
    #[must_use]
    pub fn db_value(&self, sql: &str) -> Option<String> {
        self.db_query_text(sql).into_iter().next()?.into_iter().next()?
    }

    /// Everything the database's structure consists of, as text: two dumps are equal, byte for byte, when nobody
    /// changed a table, column, index, constraint, trigger or function in between.
    #[must_use]
    pub fn schema_dump(&self) -> String {
        let queries: &[&str] = if self.is_postgres() { POSTGRES_SCHEMA } else { SQLITE_SCHEMA };
        let mut connection =
            raw::Connection::open(&self.database_url()).expect("the database can be reached");
        let mut dump = String::new();
        for row in queries.iter().flat_map(|sql| connection.query_text(sql).expect("a schema can be read")) {
            let values: Vec<&str> = row.iter().map(|value| value.as_deref().unwrap_or("NULL")).collect();
            // Writing to a String cannot fail.
            let _ = writeln!(dump, "{}", values.join(" | "));
        }
        dump
    }
}

impl Drop for TestDb {
    fn drop(&mut self) {
        if let Place::Server(name) = &self.place
            && let Some(server) = PostgresServer::shared()
        {
            server.drop_database(name);
        }
    }
}

const SQLITE_SCHEMA: &[&str] = &["SELECT type, name, tbl_name, sql FROM sqlite_master ORDER BY type, name"];

const POSTGRES_SCHEMA: &[&str] = &[
    "SELECT table_name, ordinal_position, column_name, data_type, character_maximum_length, is_nullable, \
     column_default, collation_name FROM information_schema.columns WHERE table_schema = 'public' ORDER BY 1, 2",
    "SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = 'public' ORDER BY 1",
    "SELECT conrelid::regclass::text AS of_table, conname, pg_get_constraintdef(oid) AS definition \
     FROM pg_constraint WHERE connamespace = 'public'::regnamespace ORDER BY 1, 2",
    "SELECT pg_get_triggerdef(oid) AS definition FROM pg_trigger WHERE NOT tgisinternal ORDER BY 1",
    "SELECT proname, prosrc FROM pg_proc WHERE pronamespace = 'public'::regnamespace ORDER BY 1, 2",
    "SELECT extname FROM pg_extension ORDER BY 1",
];

/// `sqlite:///` and the absolute path.
fn sqlite_url(file: &Path) -> String {
    format!("sqlite:///{}", file.display())
}

/// The bytes of a database fresh from the migrations: copying a file is quicker than running them each time.
fn migrated_sqlite() -> &'static [u8] {
    static FILE: LazyLock<Vec<u8>> = LazyLock::new(|| {
        let made = TestDb::on_sqlite(&[]);
        let store = Store::open(&StoreOptions::new(made.database_url())).expect("the migrations run");
        // The file alone is copied.
        store.close();
        let file = made.file().expect("an SQLite database has a file");
        fs::read(file).expect("the file was just written")
    });
    &FILE
}
