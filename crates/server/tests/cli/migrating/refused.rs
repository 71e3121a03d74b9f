//! Targets that take no migration, and sources that are none.

use rosterd_testkit::{DbKind, ProcessBuilder, TestDb, with_databases};

use super::{carried, migrate, targets};
use crate::place::{PROGRAM, Place, Roster};

with_databases!(own, a_target_with_rows_of_its_own_is_refused, async |target| {
    let source = TestDb::fresh(DbKind::WebUi012Sqlite);
    Roster::on(&target).create("ada@example.com", &["--admin"]);
    let place = Place::new();
    let before = target.schema_dump();
    for more in [&[][..], &["--dry-run"], &["--restart"]] {
        let refused = migrate(&place, source.url(), &target, more);
        refused
            .assert_failed(1, &["is in use already (1 rows of user", "let DATABASE_URL name a new database"]);
    }
    assert_eq!(target.schema_dump(), before);
    assert_eq!(target.db_value("SELECT count(*) AS n FROM \"user\"").as_deref(), Some("1"));
});

with_databases!(attached, a_database_of_open_webui_is_no_target, async |target| {
    let source = TestDb::fresh(DbKind::WebUi012Sqlite);
    let place = Place::new();
    let before = target.schema_dump();
    migrate(&place, source.url(), &target, &[]).assert_failed(1, &["is a database of Open WebUI"]);
    assert_eq!(target.schema_dump(), before);
});

#[test]
fn a_target_with_a_server_on_it_is_refused_from_its_first_moment_on() {
    let source = TestDb::fresh(DbKind::WebUi012Sqlite);
    for target in targets() {
        let place = Place::new();
        let refused = |more: &[&str]| {
            let refused = migrate(&place, source.url(), &target, more);
            refused.assert_failed(1, &["a server is running on", "stop it"]);
        };
        let server = ProcessBuilder::new(PROGRAM).database(&target).start();
        for more in [&[][..], &["--dry-run"], &["--restart"]] {
            refused(more);
        }
        drop(server);
        // It was killed, so its note is there until it ends. A migration that has begun is no other case.
        target.db_execute(
            "CREATE TABLE rosterd_migrating (name TEXT PRIMARY KEY NOT NULL, value TEXT NOT NULL)",
        );
        let whole = std::fs::canonicalize(source.file().unwrap()).unwrap();
        target.db_execute(&format!(
            "INSERT INTO rosterd_migrating VALUES ('source', 'sqlite:///{}'), ('log', '0')",
            whole.display()
        ));
        for more in [&[][..], &["--dry-run"], &["--restart"]] {
            refused(more);
        }
        target.db_execute("UPDATE rosterd_lease SET until = 0");
        carried(&migrate(&place, source.url(), &target, &[]));
    }
}

#[test]
fn a_server_that_is_stopped_in_order_is_in_nobody_s_way() {
    let source = TestDb::fresh(DbKind::WebUi012Sqlite);
    for target in targets() {
        assert!(ProcessBuilder::new(PROGRAM).database(&target).start().terminate().success());
        carried(&migrate(&Place::new(), source.url(), &target, &[]));
    }
}

with_databases!(own, a_server_ends_that_finds_accounts_being_carried_into_its_database, async |target| {
    let mut server = ProcessBuilder::new(PROGRAM).database(&target).start();
    // As after a pause of the server in which its note ended and a migration began.
    target.db_execute(
        "CREATE TABLE rosterd_migrating (name TEXT PRIMARY KEY NOT NULL, value TEXT NOT NULL); \
         INSERT INTO rosterd_migrating VALUES ('source', 'sqlite:///webui.db')",
    );
    assert_eq!(server.wait().code(), Some(4), "{}", server.log());
    let notes = "SELECT count(*) AS n FROM rosterd_lease WHERE name LIKE 'server %'";
    assert_eq!(target.db_value(notes).as_deref(), Some("0"));
});

#[test]
fn what_is_no_source_is_refused() {
    let target = TestDb::fresh(DbKind::OwnSqlite);
    let other = TestDb::empty_sqlite();
    other.db_execute("CREATE TABLE notes (text TEXT)");
    let place = Place::new();
    for (source, code, words) in [
        (other.url(), 4, "neither rosterd's nor Open WebUI's"),
        ("sqlite:///nowhere.db", 4, "there is no database at"),
        ("sqlite://", 1, "temporary"),
        (target.url(), 1, "the source is the database that DATABASE_URL names"),
        ("webui", 2, "the source:"),
    ] {
        let refused = migrate(&place, source, &target, &[]);
        refused.assert_failed(code, &[words]);
    }
    migrate(&place, target.url(), &target, &["--schema", "x"]).assert_failed(2, &["no schemas"]);
    assert_eq!(place.files(), [""; 0]);
}
