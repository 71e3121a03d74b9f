//! The stored configuration of the source, as the rows that a standalone database has of it.

use std::collections::BTreeMap;

use rosterd_domain::stored_config::Key;

use super::findings::{Code, Findings};
use super::source::Source;
use super::tables;
use super::values::{Row, Taker, carried};
use crate::document::{self, Found};
use crate::{ConfigLayout, StoreResult};

/// The rows, in the order of their keys. Of Open WebUI's settings those that rosterd uses: the rest holds keys of other
/// services, which belong into no second database.
pub(super) fn rows(source: &mut Source, taker: Taker, findings: &mut Findings) -> StoreResult<Vec<Row>> {
    let found = match source.layout.config {
        ConfigLayout::KeyValue => of_rows(source, findings)?,
        ConfigLayout::Document => of_document(source, findings)?,
    };
    Ok(found.into_values().filter_map(|row| carried(&tables::CONFIG, row, taker, findings)).collect())
}

fn of_rows(source: &mut Source, findings: &mut Findings) -> StoreResult<BTreeMap<String, Row>> {
    let sql = if source.link.is_sqlite() {
        "SELECT \"key\", value, updated_at FROM config"
    } else {
        "SELECT key::text, value::text, updated_at::text FROM config"
    };
    let mut rows = BTreeMap::new();
    for row in source.link.rows(sql, &[])? {
        let Some(key) = row.first().cloned().flatten() else { continue };
        if source.layout.is_standalone() || is_ours(&key) {
            rows.insert(key, row);
        } else {
            findings.note(Code::OtherSettings, tables::CONFIG.name, || key);
        }
    }
    Ok(rows)
}

/// The newest of the documents, taken apart.
fn of_document(source: &mut Source, findings: &mut Findings) -> StoreResult<BTreeMap<String, Row>> {
    let cast = if source.link.is_sqlite() { "" } else { "::text" };
    let sql = format!("SELECT data{cast} FROM config ORDER BY id DESC LIMIT 1");
    let mut rows = BTreeMap::new();
    let Some(stored) = source.link.texts(&sql)?.into_iter().next() else { return Ok(rows) };
    let text = document::decoded(&stored);
    let places = Key::ALL.iter().map(|key| (key.row().document, key.row().key_value));
    for (place, key) in places {
        match document::find(&text, place) {
            Found::Nothing => {}
            Found::Value(value) => {
                rows.insert(key.to_owned(), vec![Some(key.to_owned()), Some(value.to_owned()), None]);
            }
            Found::Unreadable => {
                findings.note(Code::UnreadableSetting, tables::CONFIG.name, || place.to_owned());
            }
        }
    }
    Ok(rows)
}

/// Whether rosterd uses this setting.
fn is_ours(key: &str) -> bool {
    Key::ALL.iter().any(|ours| ours.row().key_value == key)
}
