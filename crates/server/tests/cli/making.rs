//! Commands that may make a database, a folder or a secret, and all others, which make nothing.

use rosterd_testkit::{DbKind, TestDb, with_databases};

use crate::place::{PASSWORD, Place, Roster, SECRET};

/// Every command that opens a database and must find one.
const COMMANDS: [&[&str]; 22] = [
    &["adopt"],
    &["adopt", "--apply"],
    &["user", "list"],
    &["user", "list", "--query", "a"],
    &["user", "show", "a@example.com"],
    &["user", "set-role", "a@example.com", "admin"],
    &["user", "set-password", "a@example.com", "--password-stdin"],
    &["user", "keys", "a@example.com"],
    &["user", "delete", "a@example.com"],
    &["user", "deleted", "list"],
    &["user", "deleted", "restore", "a@example.com"],
    &["user", "deleted", "purge", "a@example.com"],
    &["group", "list"],
    &["group", "show", "Ops"],
    &["group", "create", "Ops"],
    &["group", "add", "Ops", "a@example.com"],
    &["group", "remove", "Ops", "a@example.com"],
    &["group", "delete", "Ops"],
    &["permissions", "show"],
    &["permissions", "show", "--user", "a@example.com"],
    &["permissions", "set", "chat.delete=true"],
    &["token", "a@example.com"],
];

#[test]
fn a_command_makes_neither_database_nor_folder_nor_secret() {
    let place = Place::new();
    for url in [None, Some("sqlite:///deep/er/roster.db"), Some("sqlite:///roster.db")] {
        for command in COMMANDS {
            let environment: Vec<_> = url.map(|url| ("DATABASE_URL", url)).into_iter().collect();
            let outcome = place.run_with(command, &environment, PASSWORD);
            outcome.assert_failed(4, &["there is no database", "rosterd migrate", "rosterd user create"]);
            assert_eq!(place.files(), [""; 0], "{command:?}");
        }
    }
    assert_eq!(place.run(&["config"]).code, Some(0));
    assert_eq!(place.files(), [""; 0]);
}

#[test]
fn an_empty_database_stays_empty() {
    let mut databases = vec![TestDb::empty_sqlite()];
    if DbKind::OwnPostgres.is_available() {
        databases.push(TestDb::empty_postgres());
    }
    for db in databases {
        let (roster, before) = (Roster::on(&db), db.schema_dump());
        for command in COMMANDS {
            roster.run_with(command, PASSWORD).assert_failed(4, &["there is no database", "rosterd migrate"]);
            assert_eq!(db.schema_dump(), before, "{command:?}");
        }
    }
}

#[test]
fn migrations_that_are_switched_off_make_no_file_either() {
    let place = Place::new();
    let outcome = place.run_with(&["serve"], &[SECRET, ("ROSTERD_MIGRATE", "false")], "");
    assert_eq!(outcome.code, Some(4), "{outcome:?}");
    assert!(!place.path("data/rosterd.db").exists(), "{outcome:?}");
}

#[test]
fn migrate_makes_the_database_without_a_secret() {
    let place = Place::new();
    assert_eq!(place.run(&["migrate"]).code, Some(0));
    let names = std::fs::read_dir(place.path("data")).unwrap().count();
    assert_eq!((names, place.path("data/rosterd.db").exists()), (1, true));
    // What signs nothing needs none and makes none; what signs says so.
    assert_eq!(place.run(&["user", "list"]).code, Some(0));
    assert_eq!(place.run(&["permissions", "set", "chat.delete=true"]).code, Some(0));
    let signed = place.run(&["token", "a@example.com"]);
    signed.assert_failed(3, &["secret", "rosterd serve", "WEBUI_SECRET_KEY"]);
    assert_eq!(std::fs::read_dir(place.path("data")).unwrap().count(), 1);
}

with_databases!(own, a_reading_command_brings_nothing_up_to_date, async |db| {
    let roster = Roster::on(&db);
    roster.create("ada@example.com", &[]);
    let migrations = "SELECT count(*) AS n FROM __diesel_schema_migrations";
    let all = db.db_value(migrations);
    // The last migration as if it had never run, told by what it made.
    db.db_execute("DELETE FROM __diesel_schema_migrations WHERE version = (SELECT max(version) FROM __diesel_schema_migrations)");
    assert_eq!(roster.run(&["user", "list"]).code, Some(0), "it has all that is needed");
    assert_ne!(db.db_value(migrations), all);
    db.db_execute("DROP TABLE rosterd_revoked_token");
    for command in [&["user", "list"][..], &["group", "list"], &["permissions", "show"]] {
        roster.run(command).assert_failed(4, &["rosterd_revoked_token", "run `rosterd migrate`"]);
    }
});
