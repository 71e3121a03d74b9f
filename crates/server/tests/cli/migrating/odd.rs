//! Odd rows of the source: they are named, and carried as far as they can be.

use std::path::{Path, PathBuf};

use rosterd_storage::raw;
use rosterd_testkit::{DbKind, TestDb};
use serde_json::{Value, json};

use super::{carried, migrate, printed, targets};
use crate::place::{Place, Roster};

/// A check by its code and table.
fn check<'a>(said: &'a Value, code: &str, table: &str) -> &'a Value {
    let checks = said["checks"].as_array().unwrap();
    let found = checks.iter().find(|check| check["code"] == code && check["table"] == table);
    found.unwrap_or_else(|| panic!("{code} of {table}: {said}"))
}

/// The id of somebody of the recorded roster.
const ALICE: &str = "(SELECT id FROM \"user\" WHERE email = 'alice@example.com')";

const ODD: &str = "
    INSERT INTO group_member (id, group_id, user_id) SELECT 'no-user', id, 'nobody' FROM \"group\" LIMIT 1;
    INSERT INTO group_member (id, group_id, user_id) VALUES ('no-group', 'nowhere', (SELECT min(id) FROM \"user\"));
    INSERT INTO auth (id, email, password, active) VALUES ('ghost', 'ghost@example.com', 'x', 1);
    INSERT INTO api_key (id, user_id, \"key\", created_at, updated_at) VALUES ('no-owner', 'nobody', 'sk-1', 1, 1);
    INSERT INTO \"user\" (id, name, email, role, profile_image_url, created_at, updated_at, last_active_at)
        VALUES ('lonely', 'Lonely', ' Lonely@Example.com', 'guest', '/user.png', 1700000000123, 1700000000, 0);
    UPDATE \"group\" SET parent_group_id = 'nowhere' WHERE id = (SELECT min(id) FROM \"group\");
    UPDATE \"user\" SET settings = '{', info = '{\"a\": NaN}', date_of_birth = 'someday', bio = 'a' || char(0) || 'b'
        WHERE email = 'alice@example.com';
    UPDATE auth SET mfa = '{\"enabled\": true}' WHERE id = (SELECT id FROM \"user\" WHERE email = 'alice@example.com');
";

#[test]
fn odd_rows_are_named_and_stop_nothing() {
    let source = TestDb::fresh(DbKind::WebUi012Sqlite);
    source.db_execute(ODD);
    let place = Place::new();
    for target in targets() {
        let outcome = migrate(&place, source.url(), &target, &[]);
        let said = carried(&outcome);
        assert!(outcome.stderr.contains("warning: 2 rows of group_member belong to"), "{outcome:?}");
        for (code, table, rows) in [
            ("orphan", "group_member", 2),
            ("orphan", "auth", 1),
            ("orphan", "api_key", 1),
            ("no_auth", "user", 1),
            ("unknown_role", "user", 1),
            ("email_spelling", "user", 1),
            ("impossible_time", "user", 1),
            ("impossible_date", "user", 1),
            ("unreadable_json", "user", 1),
            ("missing_parent", "group", 1),
            ("second_factor", "auth", 1),
        ] {
            assert_eq!(check(&said, code, table)["rows"], json!(rows), "{code} of {table}");
        }
        let value = |sql: &str| target.db_value(sql);
        for (table, id) in [
            ("auth", "ghost"),
            ("group_member", "no-user"),
            ("group_member", "no-group"),
            ("api_key", "no-owner"),
        ] {
            assert_eq!(value(&format!("SELECT id FROM {table} WHERE id = '{id}'")), None, "{table} {id}");
        }
        assert_eq!(
            value("SELECT email FROM \"user\" WHERE id = 'lonely'").as_deref(),
            Some("lonely@example.com")
        );
        assert_eq!(
            value("SELECT created_at FROM \"user\" WHERE id = 'lonely'").as_deref(),
            Some("1700000000123")
        );
        let (settings, info, bio) = if target.is_postgres() {
            (None, "{\"a\": null}", "ab")
        } else {
            (Some("{".to_owned()), "{\"a\": NaN}", "a\0b")
        };
        assert_eq!(
            value(&format!("SELECT CAST(settings AS text) AS s FROM \"user\" WHERE id = {ALICE}")),
            settings
        );
        assert_eq!(
            value(&format!("SELECT CAST(info AS text) AS i FROM \"user\" WHERE id = {ALICE}")).as_deref(),
            Some(info)
        );
        assert_eq!(value(&format!("SELECT bio FROM \"user\" WHERE id = {ALICE}")).as_deref(), Some(bio));
        assert_eq!(value(&format!("SELECT date_of_birth FROM \"user\" WHERE id = {ALICE}")), None);
    }
}

#[test]
fn what_cannot_be_carried_stops_it_before_anything_is_written() {
    let faults = [
        (
            "DROP INDEX uq_user_email_lower; UPDATE \"user\" SET email = 'Alice@Example.com' WHERE email = 'bob@example.com'",
            "duplicate_email",
        ),
        ("UPDATE config SET value = '{' WHERE \"key\" = 'ui.enable_signup'", "unreadable_setting"),
        ("UPDATE \"user\" SET id = CAST('raw' AS BLOB) WHERE email = 'bob@example.com'", "unreadable_id"),
    ];
    for (sql, code) in faults {
        let source = TestDb::fresh(DbKind::WebUi012Sqlite);
        source.db_execute(sql);
        let place = Place::new();
        let environment = [("DATABASE_URL", "sqlite:///data/new.db")];
        let refused = place.run_with(&["migrate-from", source.url(), "--json"], &environment, "");
        assert_eq!(refused.code, Some(1), "{refused:?}");
        assert!(refused.stderr.contains("nothing was written"), "{refused:?}");
        let said = printed(&refused);
        assert_eq!(said["stops"], json!(true));
        assert!(said["checks"][0]["code"] == code, "{code}: {said}");
        assert_eq!(place.files(), [""; 0]);
    }
}

#[test]
fn a_text_too_long_for_postgresql_stops_only_there() {
    let source = TestDb::fresh(DbKind::WebUiSqlite);
    source.db_execute("UPDATE \"user\" SET name = printf('%0300d', 1) WHERE email = 'bob@example.com'");
    let place = Place::new();
    for target in targets() {
        let outcome = migrate(&place, source.url(), &target, &[]);
        if target.is_postgres() {
            assert_eq!(outcome.code, Some(1), "{outcome:?}");
            assert_eq!(check(&printed(&outcome), "too_long", "user")["rows"], json!(1));
            assert_eq!(target.db_value("SELECT count(*) AS n FROM \"user\"").as_deref(), Some("0"));
        } else {
            carried(&outcome);
        }
    }
}

/// The source is left as it is, byte by byte, whatever lies beside it.
#[test]
fn a_log_beside_the_source_is_read_and_stays() {
    let source = TestDb::fresh(DbKind::WebUi012Sqlite);
    source.db_execute("PRAGMA journal_mode = WAL");
    let (file, copy) = (source.file().unwrap(), TestDb::empty_sqlite());
    // As a process leaves it that is killed: with a log that nobody has copied.
    let mut open = raw::Connection::open(&source.database_url()).unwrap();
    open.execute("UPDATE \"user\" SET name = 'In the log' WHERE email = 'bob@example.com'").unwrap();
    let log = |file: &Path| PathBuf::from(format!("{}-wal", file.display()));
    let left = copy.file().unwrap();
    std::fs::copy(&file, &left).unwrap();
    std::fs::copy(log(&file), log(&left)).unwrap();
    drop(open);
    let bytes = || (std::fs::read(&left).unwrap(), std::fs::read(log(&left)).unwrap());
    let (before, place) = (bytes(), Place::new());
    for target in targets() {
        for more in [&["--dry-run"][..], &[]] {
            let done = migrate(&place, copy.url(), &target, more);
            assert_eq!(done.code, Some(0), "{done:?}");
            assert!(bytes() == before, "the source is as it was");
        }
        let name = target.db_value("SELECT name FROM \"user\" WHERE email = 'bob@example.com'");
        assert_eq!(name.as_deref(), Some("In the log"));
    }
}

#[test]
fn a_half_written_source_is_refused_with_what_mends_it() {
    let (source, copy) = (TestDb::fresh(DbKind::WebUi012Sqlite), TestDb::empty_sqlite());
    let mut open = raw::Connection::open(&source.database_url()).unwrap();
    // More than the cache holds, so that the file itself is written to before the end.
    open.execute("PRAGMA cache_size = 1; BEGIN; UPDATE \"user\" SET bio = printf('%.*c', 20000, 'x')")
        .unwrap();
    let (file, left) = (source.file().unwrap(), copy.file().unwrap());
    let journal = |file: &Path| PathBuf::from(format!("{}-journal", file.display()));
    std::fs::copy(&file, &left).unwrap();
    std::fs::copy(journal(&file), journal(&left)).unwrap();
    drop(open);
    let bytes = || (std::fs::read(&left).unwrap(), std::fs::read(journal(&left)).unwrap());
    let (before, place) = (bytes(), Place::new());
    for target in targets() {
        for more in [&["--dry-run"][..], &[]] {
            let refused = migrate(&place, copy.url(), &target, more);
            refused.assert_failed(4, &["left in the middle of a write", "start that program once"]);
            assert!(bytes() == before, "the source is as it was");
        }
    }
    // What mends it.
    assert_eq!(
        copy.db_value("SELECT count(*) FROM \"user\" WHERE length(bio) = 20000").as_deref(),
        Some("0")
    );
    let target = TestDb::fresh(DbKind::OwnSqlite);
    carried(&migrate(&place, copy.url(), &target, &[]));
}

/// In tables whose ids nobody sees, too.
#[test]
fn ids_that_are_bytes_stop_it_in_every_table() {
    for (sql, table) in [
        (
            "UPDATE group_member SET id = CAST(id AS BLOB) WHERE id = (SELECT min(id) FROM group_member)",
            "group_member",
        ),
        ("UPDATE auth SET id = CAST(id AS BLOB) WHERE email = 'bob@example.com'", "auth"),
        ("UPDATE oauth_session SET id = CAST(id AS BLOB)", "oauth_session"),
    ] {
        let source = TestDb::fresh(DbKind::WebUi012Sqlite);
        source.db_execute(sql);
        let place = Place::new();
        for target in targets() {
            let refused = migrate(&place, source.url(), &target, &[]);
            assert_eq!(refused.code, Some(1), "{refused:?}");
            let said = printed(&refused);
            assert!(check(&said, "unreadable_id", table)["rows"].as_u64() >= Some(1), "{said}");
        }
    }
}

#[test]
fn an_id_with_a_nul_stops_it_on_postgresql() {
    let source = TestDb::fresh(DbKind::WebUi012Sqlite);
    source.db_execute(
        "UPDATE group_member SET id = 'a' || char(0) || 'b' WHERE id = (SELECT min(id) FROM group_member)",
    );
    let place = Place::new();
    for target in targets() {
        let outcome = migrate(&place, source.url(), &target, &[]);
        if target.is_postgres() {
            assert_eq!(outcome.code, Some(1), "{outcome:?}");
            assert_eq!(check(&printed(&outcome), "unreadable_id", "group_member")["rows"], json!(1));
        } else {
            carried(&outcome);
        }
    }
}

#[test]
fn bytes_that_are_no_text_are_named() {
    let source = TestDb::fresh(DbKind::WebUi012Sqlite);
    source.db_execute(
        "UPDATE \"user\" SET bio = CAST(x'41ff42' AS TEXT), name = 'A ' || char(65533) WHERE email = 'bob@example.com'; \
         UPDATE auth SET active = 'False' WHERE email = 'bob@example.com'; \
         UPDATE auth SET active = 'no' WHERE email = 'alice@example.com'",
    );
    let place = Place::new();
    for target in targets() {
        let said = carried(&migrate(&place, source.url(), &target, &[]));
        // The name is odd, and just as it was stored.
        assert_eq!(check(&said, "unreadable_text", "user")["rows"], json!(1));
        assert_eq!(check(&said, "unreadable_switch", "auth")["rows"], json!(1));
        let bio = target.db_value("SELECT bio FROM \"user\" WHERE email = 'bob@example.com'");
        assert_eq!(bio.as_deref(), Some("A\u{fffd}B"));
        let active = "SELECT count(*) AS n FROM auth WHERE CAST(active AS text) IN ('0', 'false') \
                      AND email IN ('bob@example.com', 'alice@example.com')";
        assert_eq!(target.db_value(active).as_deref(), Some("2"), "nobody becomes active");
    }
    source.db_execute("UPDATE auth SET password = CAST(x'24ff' AS TEXT) WHERE email = 'bob@example.com'");
    let refused = migrate(&place, source.url(), &TestDb::fresh(DbKind::OwnSqlite), &[]);
    assert_eq!(refused.code, Some(1), "{refused:?}");
    assert_eq!(check(&printed(&refused), "unreadable_secret", "auth")["stops"], json!(true));
}

#[test]
fn an_audit_log_stays_where_there_is_another_and_webhooks_come_along() {
    let source = TestDb::fresh(DbKind::OwnSqlite);
    Roster::on(&source).create("ada@example.com", &["--admin"]);
    source.db_execute(
        "INSERT INTO rosterd_webhook (id, url, events, description, secret, position, created_at, updated_at) \
         VALUES ('w-1', 'https://example.com', '[]', '', 'sealed', 77, 1, 1)",
    );
    for target in targets() {
        let place = Place::new();
        let on_target = Roster::on(&target);
        on_target.create("temp@example.com", &[]);
        target.db_execute(
            "DELETE FROM auth; DELETE FROM \"user\"; DELETE FROM config; INSERT INTO rosterd_seal VALUES ('earlier', 5, 'x', 0, 'x')",
        );
        let events = target.db_value("SELECT count(*) AS n FROM rosterd_event").unwrap();
        assert_ne!(events, "0");
        for more in [&["--dry-run"][..], &[]] {
            let outcome = migrate(&place, source.url(), &target, more);
            assert_eq!(outcome.code, Some(0), "{outcome:?}");
            let said = printed(&outcome);
            assert!(check(&said, "own_log", "rosterd_event")["rows"].as_u64() >= Some(1), "{said}");
            assert_eq!(said["rows"].get("rosterd_event"), None, "they are not counted as carried: {said}");
            assert_eq!(said["rows"]["rosterd_webhook"], json!(1));
        }
        // A webhook is told of what comes after the beginning of the other log.
        let webhook = "SELECT position FROM rosterd_webhook WHERE id = 'w-1'";
        assert_eq!(target.db_value(webhook).as_deref(), Some("5"));
    }
}
