//! Values on their way: what becomes of each before it is written, and what is odd about it.
//!
//! A value that is carried twice is the same both times, so that a row can be compared with what was made of it.

use std::borrow::Cow;

use chrono::NaiveDate;
use rosterd_domain::api_key::format;
use rosterd_domain::email::{EmailAddress, comparable};
use rosterd_domain::json::lenient;
use rosterd_domain::role::Role;
use rosterd_domain::secret::ApiKey;

use super::facts::Read;
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
pub(super) fn carried(
    table: &Table,
    read: impl Into<Read>,
    into: Taker,
    findings: &mut Findings,
) -> Option<Row> {
    let Read { row, facts } = read.into();
    let key = table.key_of(&row);
    if key.iter().any(String::is_empty) {
        findings.note(Code::NoId, table.name, || "?".to_owned());
        return None;
    }
    let id = key.join(" ");
    let no_nul = into == Taker::Postgres && id.contains('\0');
    if no_nul || id.contains(char::REPLACEMENT_CHARACTER) || facts.wrong.contains(&Code::UnreadableId) {
        findings.note(Code::UnreadableId, table.name, || id.clone());
    }
    for code in facts.wrong.iter().filter(|code| **code != Code::UnreadableId) {
        findings.note(*code, table.name, || id.clone());
    }
    if facts.wrong.contains(&Code::Orphan) {
        return None;
    }
    let mut carrying = Carrying { table, id: &id, into, findings };
    for column in facts.altered.iter().filter_map(|place| table.columns.get(*place)) {
        carrying.altered(column);
    }
    let cells = table.columns.iter().zip(row);
    Some(cells.map(|(column, cell)| carrying.cell(column, cell)).collect())
}

/// Whether two rows are the same, whatever SQLite made of JSON that is nothing but a number: it stores that as a number.
pub(super) fn is_same_row(table: &Table, one: &Row, other: &Row) -> bool {
    let is_same = |column: &Column, one: &Option<String>, other: &Option<String>| match (one, other) {
        (Some(one), Some(other)) if column.kind == Kind::Json && one != other => is_same_number(one, other),
        (one, other) => one == other,
    };
    table.columns.iter().zip(one.iter().zip(other)).all(|(column, (one, other))| is_same(column, one, other))
}

/// The row as it is to be in a target whose own audit log has come to this position: a webhook is told there of what follows.
pub(super) fn placed(table: &Table, mut row: Row, log_end: Option<u64>) -> Row {
    if let (true, Some(end), Some(place)) =
        (table.name == tables::WEBHOOK.name, log_end, table.place("position"))
        && let Some(position) = row.get_mut(place)
    {
        *position = Some(end.to_string());
    }
    row
}

/// Whole numbers are compared digit by digit, and others as SQLite holds them.
fn is_same_number(one: &str, other: &str) -> bool {
    match (one.trim().parse::<i64>(), other.trim().parse::<i64>()) {
        (Ok(one), Ok(other)) => one == other,
        _ => match (number(one), number(other)) {
            // SQLite says 15 digits of them.
            (Some(one), Some(other)) => format!("{one:.14e}") == format!("{other:.14e}"),
            _ => false,
        },
    }
}

/// JSON that is a number.
fn number(text: &str) -> Option<f64> {
    serde_json::from_str::<serde_json::Number>(text).ok()?.as_f64()
}

/// Whether SQLite makes another number of it: it holds whole numbers of 64 bits, and others with about 15 digits.
fn is_rewritten(text: &str) -> bool {
    let Some(held) = number(text) else { return false };
    let text = text.trim();
    if text.parse::<i64>().is_ok() {
        return false;
    }
    let digits: String =
        text.split(['e', 'E']).next().unwrap_or_default().chars().filter(char::is_ascii_digit).collect();
    digits.trim_matches('0').len() > 15 || !held.is_finite()
}

/// What the target has, as it was written.
pub(super) fn as_written(table: &Table, row: Row) -> Row {
    let cells = table.columns.iter().zip(row);
    cells
        .map(|(column, cell)| match column.kind {
            Kind::Switch => cell.map(|text| switch(&text).unwrap_or(closed(column)).to_owned()),
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
            Kind::Switch => Some(self.switch(column, &text).to_owned()),
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

    /// It held bytes that are no UTF-8, and was altered as it was read.
    fn altered(&mut self, column: &Column) {
        if self.table.key.contains(&column.name) {
            // Told as an id.
            return;
        }
        let is_secret = matches!((self.table.name, column.name), ("auth", "password") | ("api_key", "key"));
        self.note(if is_secret { Code::UnreadableSecret } else { Code::UnreadableText }, column);
    }

    fn switch(&mut self, column: &Column, text: &str) -> &'static str {
        switch(text).unwrap_or_else(|| {
            self.note(Code::UnreadableSwitch, column);
            closed(column)
        })
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
            if is_rewritten(&text) {
                self.note(Code::RewrittenNumber, column);
            }
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

/// On or off, where that is said.
fn switch(text: &str) -> Option<&'static str> {
    let text = text.trim();
    if text.eq_ignore_ascii_case("true") || text.eq_ignore_ascii_case("t") {
        return Some("1");
    }
    if text.eq_ignore_ascii_case("false") || text.eq_ignore_ascii_case("f") {
        return Some("0");
    }
    let number: f64 = text.parse().ok().filter(|number: &f64| number.is_finite())?;
    Some(if number == 0.0 { "0" } else { "1" })
}

/// What a switch is when nobody can say what it was: an account that nobody can sign in to, a key that may only read.
fn closed(column: &Column) -> &'static str {
    if column.name == "active" { "0" } else { "1" }
}

/// The form in which e-mail addresses are compared, of a row of this table.
pub(super) fn address_of(table: &Table, row: &Row) -> Option<String> {
    let address = row.get(table.place("email")?)?.as_deref()?;
    Some(comparable(address))
}

#[cfg(test)]
mod tests;
