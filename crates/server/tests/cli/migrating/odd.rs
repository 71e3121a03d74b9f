//! Odd rows of the source: they are named, and carried as far as they can be.

use rosterd_testkit::{DbKind, TestDb};
use serde_json::{Value, json};

use super::{carried, migrate, printed, targets};
use crate::place::Place;

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
