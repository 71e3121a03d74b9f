//! Targets that take no migration, and sources that are none.

use rosterd_testkit::{DbKind, ProcessBuilder, TestDb, with_databases};

use super::{migrate, targets};
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
fn a_server_on_the_target_is_told() {
    let source = TestDb::fresh(DbKind::WebUi012Sqlite);
    for target in targets() {
        let server = ProcessBuilder::new(PROGRAM).database(&target).start();
        while target.db_value("SELECT count(*) AS n FROM rosterd_lease").as_deref() == Some("0") {
            std::thread::yield_now();
        }
        let place = Place::new();
        migrate(&place, source.url(), &target, &[]).assert_failed(1, &["a server is running on"]);
        drop(server);
    }
}

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
