use super::super::facts::Facts;
use super::*;

fn row_of(table: &Table, cells: &[(&str, &str)]) -> Row {
    let cell = |name: &str| cells.iter().find(|(column, _)| *column == name);
    table.columns.iter().map(|column| cell(column.name).map(|(_, text)| (*text).to_owned())).collect()
}

/// The row, the value of this column in it, and the names of what was found.
fn carry(
    into: Taker,
    table: &Table,
    cells: &[(&str, &str)],
    column: &str,
) -> (Option<String>, Vec<&'static str>) {
    let mut findings = Findings::default();
    let row = carried(table, row_of(table, cells), into, &mut findings).unwrap();
    let again = carried(table, row.clone(), into, &mut Findings::default()).unwrap();
    assert_eq!(again, row, "carried twice");
    let value = row[table.place(column).unwrap()].clone();
    let codes = findings.into_checks().iter().map(|check| check.code.as_str()).collect();
    (value, codes)
}

const ADA: [(&str, &str); 7] = [
    ("id", "u-1"),
    ("name", "Ada"),
    ("role", "user"),
    ("created_at", "1700000000"),
    ("updated_at", "1700000000"),
    ("last_active_at", "1700000000"),
    ("profile_image_url", "/user.png"),
];

fn user(into: Taker, column: &str, value: &str) -> (Option<String>, Vec<&'static str>) {
    let mut cells = vec![("email", "ada@example.com")];
    cells.retain(|(name, _)| *name != column);
    cells.push((column, value));
    cells.extend(ADA.into_iter().filter(|(name, _)| *name != column));
    carry(into, &tables::USER, &cells, column)
}

#[expect(clippy::unnecessary_wraps, reason = "cells are compared with it")]
fn some(text: &str) -> Option<String> {
    Some(text.to_owned())
}

#[test]
fn what_is_in_order_stays_as_it_is() {
    for into in [Taker::Sqlite, Taker::Postgres] {
        for (column, value) in [
            ("email", "ada@example.com"),
            ("settings", r#"{"a": 1.50,  "a": NULL}"#.replace("NULL", "null").as_str()),
            ("settings", " null "),
            ("info", r#""{\"twice\": 1}""#),
            ("date_of_birth", "1990-02-28"),
            ("status_expires_at", "0"),
        ] {
            assert_eq!(user(into, column, value), (some(value), vec![]), "{column}");
        }
    }
}

#[test]
fn what_is_odd_is_named_and_carried_as_far_as_it_can_be() {
    let both = [Taker::Sqlite, Taker::Postgres];
    for into in both {
        assert_eq!(
            user(into, "email", " Ada@Example.com"),
            (some("ada@example.com"), vec!["email_spelling"])
        );
        assert_eq!(user(into, "email", "nobody"), (some("nobody"), vec!["unusual_email"]));
        assert_eq!(user(into, "role", "guest"), (some("guest"), vec!["unknown_role"]));
        assert_eq!(user(into, "created_at", "1700000000000").1, ["impossible_time"]);
        assert_eq!(user(into, "created_at", "soon"), (some("0"), vec!["impossible_time"]));
        assert_eq!(user(into, "created_at", "2023-11-14 22:13:20"), (some("1700000000"), vec![]));
        assert_eq!(user(into, "date_of_birth", "someday"), (None, vec!["impossible_date"]));
    }
    assert_eq!(user(Taker::Sqlite, "settings", "{"), (some("{"), vec!["unreadable_json"]));
    assert_eq!(user(Taker::Postgres, "settings", "{"), (None, vec!["unreadable_json"]));
    assert_eq!(user(Taker::Sqlite, "info", r#"{"a": NaN}"#), (some(r#"{"a": NaN}"#), vec![]));
    assert_eq!(user(Taker::Postgres, "info", r#"{"a": NaN}"#), (some(r#"{"a": null}"#), vec![]));
    assert_eq!(user(Taker::Postgres, "bio", "a\0b"), (some("ab"), vec!["nul"]));
    assert_eq!(user(Taker::Postgres, "name", &"é".repeat(256)).1, ["too_long"]);
    assert_eq!(user(Taker::Postgres, "name", &"é".repeat(255)).1, [""; 0]);
}

#[test]
fn a_value_that_is_missing_becomes_what_is_read_in_its_place() {
    let (active, codes) = carry(
        Taker::Postgres,
        &tables::AUTH,
        &[("id", "u-1"), ("email", "ada@example.com"), ("password", "x")],
        "active",
    );
    assert_eq!((active, codes), (some("1"), vec!["no_value"]));
    let none = carried(&tables::AUTH, row_of(&tables::AUTH, &[]), Taker::Sqlite, &mut Findings::default());
    assert_eq!(none, None, "without an id");
}

#[test]
fn k7_a_key_in_clear_becomes_its_hash_and_a_hash_stays() {
    let cells = [("id", "k"), ("user_id", "u"), ("key", "sk-1"), ("created_at", "1"), ("updated_at", "1")];
    let (key, codes) = carry(Taker::Sqlite, &tables::API_KEY, &cells, "key");
    assert!(key.unwrap().starts_with(format::HASHED));
    assert_eq!(codes, [""; 0]);
}

#[test]
fn rows_are_compared_by_what_their_json_says() {
    let row = |value: &str| row_of(&tables::CONFIG, &[("key", "a"), ("value", value)]);
    assert!(is_same_row(&tables::CONFIG, &row("1.10"), &row("1.1")));
    assert!(!is_same_row(&tables::CONFIG, &row("1.10"), &row("1.2")));
    assert!(!is_same_row(&tables::CONFIG, &row("9007199254740993"), &row("9007199254740992")));
    assert!(is_same_row(&tables::CONFIG, &row("12345678901234567890"), &row("1.2345678901234567e+19")));
    assert!(!is_same_row(&tables::CONFIG, &row("{\"a\": 1.0}"), &row("{\"a\": 1}")), "nobody rewrites it");
    assert!(!is_same_row(&tables::CONFIG, &row("\"1\""), &row("1")));
}

#[test]
fn a_number_that_sqlite_cannot_hold_is_named() {
    let config = |into, value: &str| carry(into, &tables::CONFIG, &[("key", "a"), ("value", value)], "value");
    for value in [
        "9223372036854775807",
        "0.1",
        "1.0000000000000000000",
        "1e3",
        "[12345678901234567890]",
        "\"12345678901234567890\"",
    ] {
        assert_eq!(config(Taker::Sqlite, value), (some(value), vec![]), "{value}");
    }
    for value in ["12345678901234567890", "0.12345678901234567"] {
        assert_eq!(config(Taker::Sqlite, value), (some(value), vec!["rewritten_number"]), "{value}");
        assert_eq!(config(Taker::Postgres, value), (some(value), vec![]), "{value}");
    }
}

#[test]
fn an_account_is_active_only_where_that_is_said() {
    let active = |value: &str| {
        let cells = [("id", "u-1"), ("email", "ada@example.com"), ("password", "x"), ("active", value)];
        carry(Taker::Sqlite, &tables::AUTH, &cells, "active")
    };
    for on in ["1", "t", "true", "True", " TRUE ", "2", "-1", "1.0"] {
        assert_eq!(active(on), (some("1"), vec![]), "{on:?}");
    }
    for off in ["0", "f", "F", "false", "False", "0.0"] {
        assert_eq!(active(off), (some("0"), vec![]), "{off:?}");
    }
    for unclear in ["", "no", "yes", "NaN", "inf"] {
        assert_eq!(active(unclear), (some("0"), vec!["unreadable_switch"]), "{unclear:?}");
    }
}

#[test]
fn what_the_database_says_of_a_row_is_told() {
    let told = |table: &Table, wrong: &[Code], altered: &[usize], into, id: &str| {
        let facts = Facts { wrong: wrong.to_vec(), altered: altered.to_vec() };
        let read = Read { row: row_of(table, &[("id", id), ("user_id", "u")]), facts };
        let mut findings = Findings::default();
        let carried = carried(table, read, into, &mut findings);
        let mut codes: Vec<_> = findings.into_checks().iter().map(|check| check.code).collect();
        codes.retain(|code| {
            *code != Code::NoValue && *code != Code::UnusualEmail && *code != Code::UnknownRole
        });
        (carried.is_some(), codes)
    };
    let place = |table: &Table, name| table.place(name).unwrap();
    let sqlite = Taker::Sqlite;
    assert_eq!(told(&tables::AUTH, &[Code::Orphan], &[], sqlite, "a"), (false, vec![Code::Orphan]));
    assert_eq!(told(&tables::USER, &[Code::NoAuth], &[], sqlite, "a"), (true, vec![Code::NoAuth]));
    assert_eq!(told(&tables::USER, &[Code::UnreadableId], &[], sqlite, "a").1, [Code::UnreadableId]);
    let bio = [place(&tables::USER, "bio")];
    assert_eq!(told(&tables::USER, &[], &bio, sqlite, "a").1, [Code::UnreadableText]);
    let password = [place(&tables::AUTH, "password")];
    assert_eq!(told(&tables::AUTH, &[], &password, sqlite, "a").1, [Code::UnreadableSecret]);
    let key = [place(&tables::API_KEY, "key")];
    assert_eq!(told(&tables::API_KEY, &[], &key, sqlite, "a").1, [Code::UnreadableSecret]);
    assert_eq!(told(&tables::USER, &[], &[], sqlite, "a\0b").1, []);
    assert_eq!(told(&tables::USER, &[], &[], Taker::Postgres, "a\0b").1[0], Code::UnreadableId);
}
