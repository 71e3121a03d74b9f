//! Values on their way: what becomes of each before it is written, and what is odd about it.
//!
//! A value that is carried twice is the same both times, so that a row can be compared with what was made of it.

use std::borrow::Cow;

use chrono::NaiveDate;
use rosterd_domain::api_key::format;
use rosterd_domain::email::{EmailAddress, comparable};
use rosterd_domain::json::{JsonText, is_same_text, lenient};
use rosterd_domain::role::Role;
use rosterd_domain::secret::ApiKey;

use super::findings::{Code, Findings};
use super::tables::{self, Column, Kind, Table};
use crate::types::seconds_in;

/// A row, its values as text; `None` is SQL NULL.
pub(super) type Row = Vec<Option<String>>;

/// The first second that no account will see: the year 5138. What is later is in milliseconds.
const END_OF_TIME: i64 = 100_000_000_000;

/// Where values go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Taker {
    /// Takes any text.
    Sqlite,
    /// Takes JSON alone in a JSON column, no NUL, and no text that is too long.
    Postgres,
}

/// The row as it is to be written; `None` where it is left out.
pub(super) fn carried(table: &Table, row: Row, into: Taker, findings: &mut Findings) -> Option<Row> {
    let key = table.key_of(&row);
    if key.iter().any(String::is_empty) {
        findings.note(Code::NoId, table.name, || "?".to_owned());
        return None;
    }
    let id = key.join(" ");
    if id.contains(char::REPLACEMENT_CHARACTER) {
        findings.note(Code::UnreadableId, table.name, || id.clone());
    }
    let mut carrying = Carrying { table, id: &id, into, findings };
    let cells = table.columns.iter().zip(row);
    Some(cells.map(|(column, cell)| carrying.cell(column, cell)).collect())
}

/// Whether two rows are the same, whatever the database made of the numbers in their JSON.
pub(super) fn is_same_row(table: &Table, one: &Row, other: &Row) -> bool {
    let is_same = |column: &Column, one: &Option<String>, other: &Option<String>| match (one, other) {
        (Some(one), Some(other)) if column.kind == Kind::Json && one != other => {
            is_same_text(&JsonText::from_stored(one.clone()), &JsonText::from_stored(other.clone()))
        }
        (one, other) => one == other,
    };
    table.columns.iter().zip(one.iter().zip(other)).all(|(column, (one, other))| is_same(column, one, other))
}

/// What the target has, as it was written.
pub(super) fn as_written(table: &Table, row: Row) -> Row {
    let cells = table.columns.iter().zip(row);
    cells
        .map(|(column, cell)| match column.kind {
            Kind::Switch => cell.map(|text| switch(&text).to_owned()),
            _ => cell,
        })
        .collect()
}

/// A row on its way.
struct Carrying<'a> {
    table: &'a Table,
    id: &'a str,
    into: Taker,
    findings: &'a mut Findings,
}

impl Carrying<'_> {
    fn note(&mut self, code: Code, column: &Column) {
        let id = self.id;
        self.findings.note(code, self.table.name, || format!("{id} {}", column.name));
    }

    fn cell(&mut self, column: &Column, cell: Option<String>) -> Option<String> {
        let Some(text) = cell else {
            return column.required.then(|| self.nothing(column));
        };
        match column.kind {
            Kind::Text => Some(self.text(column, text)),
            Kind::Number => Some(whole(&text).to_string()),
            Kind::Time => Some(self.time(column, &text)),
            Kind::Switch => Some(switch(&text).to_owned()),
            Kind::Json => self.json(column, text),
            Kind::Date => self.date(column, &text),
        }
    }

    /// What stands where nothing is and something must be, as it is read.
    fn nothing(&mut self, column: &Column) -> String {
        self.note(Code::NoValue, column);
        match column.kind {
            Kind::Text | Kind::Date => String::new(),
            Kind::Number | Kind::Time => "0".to_owned(),
            // An account is active unless it is said that it is not.
            Kind::Switch => "1".to_owned(),
            Kind::Json => "null".to_owned(),
        }
    }

    fn text(&mut self, column: &Column, text: String) -> String {
        let text = self.room_for(column, text);
        match (self.table.name, column.name) {
            ("user" | "auth", "email") => self.email(column, text),
            ("user", "role") => {
                if matches!(Role::from_stored(&text), Role::Unknown(_)) {
                    self.note(Code::UnknownRole, column);
                }
                text
            }
            // In a database of ours there is only the hash of a key (rule K7).
            ("api_key", "key") if !text.starts_with(format::HASHED) => {
                format::stored(&ApiKey::from_stored(text))
            }
            _ => text,
        }
    }

    fn room_for(&mut self, column: &Column, text: String) -> String {
        if self.into == Taker::Sqlite {
            return text;
        }
        if column.most.is_some_and(|most| text.len() > most && text.chars().count() > most) {
            self.note(Code::TooLong, column);
        }
        if !text.contains('\0') {
            return text;
        }
        self.note(Code::Nul, column);
        text.replace('\0', "")
    }

    /// In the one form in which rosterd stores e-mail addresses, so that an index keeps them apart (rule R2).
    fn email(&mut self, column: &Column, text: String) -> String {
        match EmailAddress::parse(&text) {
            Ok(address) if address.as_str() == text => text,
            Ok(address) => {
                self.note(Code::EmailSpelling, column);
                address.into_string()
            }
            Err(_unusual) => {
                self.note(Code::UnusualEmail, column);
                text
            }
        }
    }

    fn time(&mut self, column: &Column, text: &str) -> String {
        let seconds = whole(text);
        let says_nothing = seconds == 0 && text.trim() != "0";
        if says_nothing || !(0..END_OF_TIME).contains(&seconds) {
            self.note(Code::ImpossibleTime, column);
        }
        seconds.to_string()
    }

    fn json(&mut self, column: &Column, text: String) -> Option<String> {
        let read = lenient::read(&text);
        if read.is_none() {
            let is_setting = self.table.name == tables::CONFIG.name;
            self.note(if is_setting { Code::UnreadableSetting } else { Code::UnreadableJson }, column);
        }
        if self.into == Taker::Sqlite {
            return Some(text);
        }
        match read {
            Some(Cow::Borrowed(raw)) if raw.get() == text => Some(text),
            // Also what only differs from JSON, such as Python's `NaN`, which is read as `null`.
            Some(_) if serde_json::from_str::<&serde_json::value::RawValue>(&text).is_ok() => Some(text),
            Some(raw) => Some(raw.get().to_owned()),
            None if column.required => Some("null".to_owned()),
            None => None,
        }
    }

    fn date(&mut self, column: &Column, text: &str) -> Option<String> {
        // SQLAlchemy writes the date alone; a time after it is cut.
        let day = text.get(..10).filter(|_| !text.ends_with("BC"));
        let day = day.and_then(|day| NaiveDate::parse_from_str(day, "%Y-%m-%d").ok());
        if day.is_none() {
            self.note(Code::ImpossibleDate, column);
        }
        day.map(|day| day.format("%Y-%m-%d").to_string())
    }
}

/// A number, also where SQLite holds a text or a fraction.
fn whole(text: &str) -> i64 {
    text.parse().unwrap_or_else(|_| seconds_in(text))
}

fn switch(text: &str) -> &'static str {
    match text {
        "0" | "f" | "false" => "0",
        _ => "1",
    }
}

/// The form in which e-mail addresses are compared, of a row of this table.
pub(super) fn address_of(table: &Table, row: &Row) -> Option<String> {
    let address = row.get(table.place("email")?)?.as_deref()?;
    Some(comparable(address))
}

#[cfg(test)]
mod tests {
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
        let none =
            carried(&tables::AUTH, row_of(&tables::AUTH, &[]), Taker::Sqlite, &mut Findings::default());
        assert_eq!(none, None, "without an id");
    }

    #[test]
    fn k7_a_key_in_clear_becomes_its_hash_and_a_hash_stays() {
        let cells =
            [("id", "k"), ("user_id", "u"), ("key", "sk-1"), ("created_at", "1"), ("updated_at", "1")];
        let (key, codes) = carry(Taker::Sqlite, &tables::API_KEY, &cells, "key");
        assert!(key.unwrap().starts_with(format::HASHED));
        assert_eq!(codes, [""; 0]);
    }

    #[test]
    fn rows_are_compared_by_what_their_json_says() {
        let row = |value: &str| row_of(&tables::CONFIG, &[("key", "a"), ("value", value)]);
        assert!(is_same_row(&tables::CONFIG, &row("1.10"), &row("1.1")));
        assert!(!is_same_row(&tables::CONFIG, &row("1.10"), &row("1.2")));
    }
}
