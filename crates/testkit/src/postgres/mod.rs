//! A PostgreSQL server for tests: one a test process, started when first asked for, gone when the process ends.
//!
//! It is made of the installed server binaries in a temporary folder, reached over a Unix socket, and runs without
//! any durability. `ROSTERD_TEST_POSTGRES_URL` (a superuser's URL) takes another server instead; databases are then
//! made and dropped there. Without either, tests on PostgreSQL are skipped in plain sight, and fail when
//! `ROSTERD_REQUIRE_POSTGRES=1`.

mod binaries;
mod cluster;
mod freeze;
mod launch;
mod pgbouncer;

use std::env;
use std::path::Path;
use std::sync::{LazyLock, OnceLock};

use rosterd_storage::{DatabaseUrl, Store, StoreOptions, raw};
use uuid::Uuid;

pub use self::cluster::{Cluster, Manner};
pub use self::freeze::Frozen;
use self::launch::Supervised;
pub use self::pgbouncer::PgBouncer;
use crate::{fixtures, scratch};

/// What a new database begins with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Content {
    /// Nothing.
    Empty,
    /// What rosterd's own migrations make.
    Migrated,
    /// The recorded roster in the schema of Open WebUI 0.6.43.
    WebUi,
    /// The recorded roster in the schema of Open WebUI 0.12.4.
    WebUi012,
}

/// A PostgreSQL server on which tests make databases.
pub struct PostgresServer {
    /// Any database of the server; others' URLs are made from it.
    url: String,
    /// Databases copied for each test; only on a server of our own, since nobody could drop them elsewhere.
    templates: Option<Templates>,
    /// Ends the server when dropped, or with the process, whichever comes first.
    launched: Option<Supervised>,
}

/// Copying a database takes a tenth of the time that filling one does.
struct Templates {
    migrated: LazyLock<()>,
    webui: LazyLock<()>,
    webui_0_12: LazyLock<()>,
}

const MIGRATED_TEMPLATE: &str = "rosterd_template_migrated";
const WEBUI_TEMPLATE: &str = "rosterd_template_webui";
const WEBUI_0_12_TEMPLATE: &str = "rosterd_template_webui_0_12";

/// The memory that the process's server has for its pages, where somebody has said so.
static BUFFERS: OnceLock<&str> = OnceLock::new();

/// What it has otherwise: tests have few rows, and run many servers beside each other.
const FEW_BUFFERS: &str = "64MB";

/// How the name of its folder begins.
const FOLDER: &str = "rosterd-pg-";

impl PostgresServer {
    /// The process's server, with so much memory for its pages (`shared_buffers`, such as `1GB`) if this is the first time
    /// that anybody asks for it.
    ///
    /// # Panics
    /// As [`shared`](Self::shared).
    #[must_use]
    pub fn shared_with(buffers: &'static str) -> Option<&'static Self> {
        BUFFERS.get_or_init(|| buffers);
        Self::shared()
    }

    /// The process's server; `None` when there are no binaries to make one of and no URL says where one is.
    ///
    /// # Panics
    /// When binaries are there but no server comes up, and when there are none but
    /// `ROSTERD_REQUIRE_POSTGRES=1` says there must be.
    #[must_use]
    pub fn shared() -> Option<&'static Self> {
        // What went wrong is kept, so that every test says it and not only the first.
        static SERVER: LazyLock<Result<Option<PostgresServer>, String>> = LazyLock::new(PostgresServer::find);
        match &*SERVER {
            Ok(server) => server.as_ref(),
            Err(problem) => panic!("PostgreSQL: {problem}"),
        }
    }

    /// `Ok(None)`: there is none, and none is required. `Err`: why there is none although there must be.
    fn find() -> Result<Option<Self>, String> {
        let lent = env::var("ROSTERD_TEST_POSTGRES_URL").ok().filter(|url| !url.is_empty());
        if let Some(url) = lent {
            return Ok(Some(Self { url, templates: None, launched: None }));
        }
        let Some(binaries) = binaries::find() else {
            let required = env::var("ROSTERD_REQUIRE_POSTGRES").is_ok_and(|value| value == "1");
            let missing = "ROSTERD_REQUIRE_POSTGRES=1, but no server binaries were found".to_owned();
            return if required { Err(missing) } else { Ok(None) };
        };
        let buffers = BUFFERS.get().copied();
        // Who says how much memory the server has measures it, and on a disk.
        let folder = if buffers.is_some() { scratch::on_disk(FOLDER) } else { scratch::in_memory(FOLDER) };
        let folder = folder.map_err(|e| e.to_string())?;
        let launched = launch::launch(&binaries, folder, buffers.unwrap_or(FEW_BUFFERS))?;
        let url = launched.url();
        let templates = Templates {
            migrated: LazyLock::new(|| Self::make_template(MIGRATED_TEMPLATE, Content::Migrated)),
            webui: LazyLock::new(|| Self::make_template(WEBUI_TEMPLATE, Content::WebUi)),
            webui_0_12: LazyLock::new(|| Self::make_template(WEBUI_0_12_TEMPLATE, Content::WebUi012)),
        };
        Ok(Some(Self { url, templates: Some(templates), launched: Some(launched) }))
    }

    /// The folder of its socket, where this process has started it.
    fn folder(&self) -> Option<&Path> {
        self.launched.as_ref().map(Supervised::folder)
    }

    /// The URL of one of the server's databases.
    #[must_use]
    pub fn url_of(&self, database: &str) -> String {
        with_database(&self.url, database)
    }

    /// Makes a database with a name of its own and gives the name.
    #[must_use]
    pub fn create_database(&self, content: Content) -> String {
        let name = format!("rosterd_test_{}", Uuid::new_v4().simple());
        match (&self.templates, content) {
            (Some(templates), Content::Migrated) => {
                LazyLock::force(&templates.migrated);
                self.admin(&format!("CREATE DATABASE {name} TEMPLATE {MIGRATED_TEMPLATE}"));
            }
            (Some(templates), Content::WebUi) => {
                LazyLock::force(&templates.webui);
                self.admin(&format!("CREATE DATABASE {name} TEMPLATE {WEBUI_TEMPLATE}"));
            }
            (Some(templates), Content::WebUi012) => {
                LazyLock::force(&templates.webui_0_12);
                self.admin(&format!("CREATE DATABASE {name} TEMPLATE {WEBUI_0_12_TEMPLATE}"));
            }
            _ => self.fill_database(&name, content),
        }
        name
    }

    /// Drops a database, whoever is still connected to it.
    pub fn drop_database(&self, name: &str) {
        // A failure leaves a database behind, which is no reason to fail a test that has already passed.
        let _ = raw::execute(&parse(&self.url), &format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)"));
    }

    fn make_template(name: &str, content: Content) {
        let server = Self::shared().expect("templates belong to a server");
        server.fill_database(name, content);
        // A database somebody is connected to cannot be copied, and a dropped `Store` may still be hanging up.
        server.admin(&format!(
            "ALTER DATABASE {name} ALLOW_CONNECTIONS false; \
             SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'"
        ));
    }

    fn fill_database(&self, name: &str, content: Content) {
        self.admin(&format!("CREATE DATABASE {name} TEMPLATE template0 ENCODING 'UTF8'"));
        let url = parse(&self.url_of(name));
        match content {
            Content::Empty => {}
            Content::WebUi => {
                raw::execute(&url, fixtures::WEBUI_POSTGRES)
                    .expect("the recorded roster loads into PostgreSQL");
            }
            Content::WebUi012 => {
                raw::execute(&url, fixtures::WEBUI_0_12_POSTGRES)
                    .expect("the recorded roster loads into PostgreSQL");
            }
            Content::Migrated => drop(Store::open(&StoreOptions::new(url)).expect("the migrations run")),
        }
    }

    fn admin(&self, sql: &str) {
        raw::execute(&parse(&self.url), sql).unwrap_or_else(|e| {
            // A server of our own that crashed has said why, and its folder is gone with this process.
            let log = self.launched.as_ref().map(Supervised::log).unwrap_or_default();
            panic!("{sql}: {e:?}\n{log}")
        });
    }
}

fn parse(url: &str) -> DatabaseUrl {
    DatabaseUrl::parse(url).unwrap_or_else(|e| panic!("PostgreSQL URL: {e}"))
}

/// The URL with another database name; user, host and parameters stay.
fn with_database(url: &str, database: &str) -> String {
    let (url, parameters) = url.split_once('?').map_or((url, String::new()), |(u, p)| (u, format!("?{p}")));
    let authority = url.find("://").map_or(0, |at| at + 3);
    let end = url[authority..].find('/').map_or(url.len(), |at| authority + at);
    format!("{}/{database}{parameters}", &url[..end])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_database_of_a_url_is_replaced_and_nothing_else() {
        assert_eq!(
            with_database("postgres://a:b@h:1/x?sslmode=require", "y"),
            "postgres://a:b@h:1/y?sslmode=require"
        );
        assert_eq!(with_database("postgres://h", "y"), "postgres://h/y");
        assert_eq!(with_database("postgres:///x?host=/tmp/s", "y"), "postgres:///y?host=/tmp/s");
    }

    #[test]
    fn each_test_has_a_database_of_its_own() {
        let Some(server) = PostgresServer::shared() else {
            crate::run::report_skip("each_test_has_a_database_of_its_own");
            return;
        };
        let (one, other) = (server.create_database(Content::WebUi), server.create_database(Content::WebUi));
        let count =
            |name: &str| raw::query_text(&parse(&server.url_of(name)), r#"SELECT count(*) FROM "user""#);
        raw::execute(&parse(&server.url_of(&one)), r#"DELETE FROM "user""#).unwrap();
        assert_eq!(count(&one).unwrap(), [[Some("0".to_owned())]]);
        assert_eq!(count(&other).unwrap(), [[Some("84".to_owned())]]);
        server.drop_database(&one);
        server.drop_database(&other);
        assert!(count(&one).is_err());
    }
}
