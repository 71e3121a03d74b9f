//! One test body, several databases: a `#[test]` for each, so that each shows and fails by itself.

use std::sync::{Arc, OnceLock};

use crate::db::{DbKind, TestDb};
use crate::server::{ServerBuilder, TestServer};
use crate::skips::{self, Missing};

/// Declares a test that runs on several databases, each time with a fresh one.
///
/// The first argument says on which: `own` (made by our migrations), `attached` (the recorded roster of Open WebUI,
/// four of them), of these `older` (0.6.43) or `newest` (0.12.4), `current` (ours and those of 0.12.4), `sqlite` (the three
/// of both that are SQLite files) or `all`. Each database is a test of its own, `<name>::<database>`. The body gets the
/// [`TestDb`]; see [`with_servers!`](crate::with_servers) for one that wants a server.
///
/// ```
/// rosterd_testkit::with_databases!(own, a_new_roster_is_empty, async |db| {
///     assert_eq!(db.db_value(r#"SELECT count(*) AS users FROM "user""#).as_deref(), Some("0"));
/// });
/// # fn main() {}
/// ```
#[macro_export]
macro_rules! with_databases {
    ($kinds:ident, $name:ident, $body:expr $(,)?) => {
        fn $name(kind: $crate::DbKind, test: &str) {
            $crate::run::on_database(kind, test, $body);
        }
        $crate::tests_on!($kinds, $name);
    };
}

/// Declares a test that runs on several databases, each time with a fresh server on a fresh one.
///
/// As [`with_databases!`](crate::with_databases), but the body gets a [`TestServer`]. With a fourth argument, before
/// the body, the server is described first.
///
/// ```
/// rosterd_testkit::with_servers!(all, a_stranger_is_turned_away, async |server| {
///     server.anonymous().get("/api/v1/users/").await.assert_error(401, "NOT_AUTHENTICATED");
/// });
/// rosterd_testkit::with_servers!(own, small_bodies, |server| server.settings(|s| s.max_body_bytes = 10), async |server| {
///     let ada = server.db_admin("ada").create().await;
///     ada.post("/api/v1/users/user/info/update", "more than ten bytes").await.assert_error(413, "PAYLOAD_TOO_LARGE");
/// });
/// # fn main() {}
/// ```
#[macro_export]
macro_rules! with_servers {
    ($kinds:ident, $name:ident, $body:expr $(,)?) => {
        $crate::with_servers!($kinds, $name, |server| server, $body);
    };
    ($kinds:ident, $name:ident, $setup:expr, $body:expr $(,)?) => {
        fn $name(kind: $crate::DbKind, test: &str) {
            $crate::run::on_server(kind, test, $setup, $body);
        }
        $crate::tests_on!($kinds, $name);
    };
}

/// The `#[test]`s of [`with_databases!`](crate::with_databases) and [`with_servers!`](crate::with_servers).
#[doc(hidden)]
#[macro_export]
macro_rules! tests_on {
    (own, $name:ident) => {
        $crate::tests_on!(@ $name; sqlite OwnSqlite, postgres OwnPostgres);
    };
    (attached, $name:ident) => {
        $crate::tests_on!(@ $name; webui_sqlite WebUiSqlite, webui_postgres WebUiPostgres,
            webui_0_12 WebUi012Sqlite, webui_0_12_postgres WebUi012Postgres);
    };
    (older, $name:ident) => {
        $crate::tests_on!(@ $name; webui_sqlite WebUiSqlite, webui_postgres WebUiPostgres);
    };
    (current, $name:ident) => {
        $crate::tests_on!(@ $name; sqlite OwnSqlite, postgres OwnPostgres,
            webui_0_12 WebUi012Sqlite, webui_0_12_postgres WebUi012Postgres);
    };
    (newest, $name:ident) => {
        $crate::tests_on!(@ $name; webui_0_12 WebUi012Sqlite, webui_0_12_postgres WebUi012Postgres);
    };
    (sqlite, $name:ident) => {
        $crate::tests_on!(@ $name; own OwnSqlite, webui WebUiSqlite, webui_0_12 WebUi012Sqlite);
    };
    (all, $name:ident) => {
        $crate::tests_on!(@ $name; sqlite OwnSqlite, postgres OwnPostgres,
            webui_sqlite WebUiSqlite, webui_postgres WebUiPostgres,
            webui_0_12 WebUi012Sqlite, webui_0_12_postgres WebUi012Postgres);
    };
    (@ $name:ident; $($test:ident $kind:ident),+) => {
        mod $name {
            $(
                #[test]
                fn $test() {
                    super::$name($crate::DbKind::$kind, concat!(module_path!(), "::", stringify!($test)));
                }
            )+
        }
    };
}

/// Runs `body` on a fresh database, or says that it was skipped.
pub fn on_database(kind: DbKind, test: &str, body: impl AsyncFnOnce(TestDb)) {
    if kind.is_available() {
        block_on(body(TestDb::fresh(kind)));
    } else {
        report_skip(test);
    }
}

/// Runs `body` on a fresh server with a fresh database, or says that it was skipped.
///
/// # Panics
/// When the structure of an Open WebUI database is another one afterwards: nothing of theirs is ever altered.
pub fn on_server(
    kind: DbKind,
    test: &str,
    setup: impl FnOnce(ServerBuilder) -> ServerBuilder,
    body: impl AsyncFnOnce(TestServer),
) {
    on_database(kind, test, async |db| {
        let db = Arc::new(db);
        body(setup(TestServer::builder(Arc::clone(&db))).start().await).await;
        if kind.is_attached() {
            assert!(
                db.schema_dump() == pristine_schema(kind),
                "the structure of the attached database has changed"
            );
        }
    });
}

/// The structure of a fresh database of this kind: the same for all of them, so it is read once.
fn pristine_schema(kind: DbKind) -> &'static str {
    static DUMPS: [OnceLock<String>; DbKind::ALL.len()] = [const { OnceLock::new() }; DbKind::ALL.len()];
    DUMPS[kind as usize].get_or_init(|| TestDb::fresh(kind).schema_dump())
}

/// Runs a future to its end on a runtime of its own.
pub fn block_on<T>(future: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    runtime.expect("a runtime can be made").block_on(future)
}

/// Says that a test is skipped because there is no PostgreSQL; [`skips::report`] does it for what else can be missing.
pub fn report_skip(test: &str) {
    skips::report(Missing::Postgres, test);
}
