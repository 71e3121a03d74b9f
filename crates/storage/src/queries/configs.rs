//! Table `config`, in either layout.

use diesel::prelude::*;
use diesel::upsert::excluded;
use rosterd_domain::clock::UnixSeconds;
use rosterd_domain::json::JsonText;

use super::Queries;
use super::dialect::{for_update, one_of};
use crate::document::{self, Found};
use crate::schema::{config_documents, config_values};
use crate::types::{LossyText, StoredJson, json_text};
use crate::{ConfigLayout, ConfigWrites, Configs, StoreError, StoreResult};

/// A document as Open WebUI begins one.
const FIRST_DOCUMENT: &str = r#"{"version": 0, "ui": {}}"#;

impl Configs for Queries<'_> {
    fn find_config(&mut self, path: &str) -> StoreResult<Option<JsonText>> {
        if self.does_not_count(path) {
            return Ok(None);
        }
        match self.layout.config {
            ConfigLayout::Document => {
                let stored = self.find_document()?;
                Ok(stored.and_then(|stored| value_in(&document::decoded(&stored), path)))
            }
            ConfigLayout::KeyValue => Ok(self.find_stored_config(path)?.and_then(present)),
        }
    }

    fn find_stored_config(&mut self, path: &str) -> StoreResult<Option<JsonText>> {
        if self.does_not_count(path) {
            return Ok(None);
        }
        match self.layout.config {
            ConfigLayout::Document => self.find_config(path),
            ConfigLayout::KeyValue => {
                let query = config_values::table.find(path).select(config_values::value);
                let value: Option<StoredJson> = query.get_result(self.conn).optional()?;
                Ok(json_text(value))
            }
        }
    }

    fn find_configs(&mut self, paths: &[&str]) -> StoreResult<Vec<Option<JsonText>>> {
        if !self.layout.stored_settings {
            return Ok(vec![None; paths.len()]);
        }
        match self.layout.config {
            ConfigLayout::Document => {
                let stored = self.find_document()?.unwrap_or_default();
                let document = document::decoded(&stored);
                Ok(paths.iter().map(|path| value_in(&document, path)).collect())
            }
            ConfigLayout::KeyValue => {
                let rows: Vec<(LossyText, StoredJson)> = config_values::table
                    .filter(one_of!("\"config\".\"key\"", paths.iter().copied()))
                    .select((config_values::key, config_values::value))
                    .load(self.conn)?;
                let value_of = |path: &&str| rows.iter().find(|(key, _)| key.as_str() == *path);
                let values = paths.iter().map(value_of);
                Ok(values.map(|row| row.map(|(_, value)| value.clone().into_text())).collect())
            }
        }
    }
}

impl ConfigWrites for Queries<'_> {
    fn set_configs(&mut self, values: &[(&str, JsonText)], now: UnixSeconds) -> StoreResult<()> {
        if !self.layout.stored_settings {
            return Ok(());
        }
        match self.layout.config {
            ConfigLayout::Document => self.set_in_document(values),
            ConfigLayout::KeyValue => {
                self.ensure_readable(values)?;
                for (path, value) in values {
                    diesel::insert_into(config_values::table)
                        .values((
                            config_values::key.eq(path),
                            config_values::value.eq(StoredJson::from(value)),
                            config_values::updated_at.eq(now),
                        ))
                        .on_conflict(config_values::key)
                        .do_update()
                        .set((
                            config_values::value.eq(excluded(config_values::value)),
                            config_values::updated_at.eq(excluded(config_values::updated_at)),
                        ))
                        .execute(self.conn)?;
                }
                Ok(())
            }
        }
    }
}

impl Queries<'_> {
    /// Whether stored settings do not count here. The one that shows whether the table can be read is read all the same.
    fn does_not_count(&self, path: &str) -> bool {
        !self.layout.stored_settings && path != self.layout.config.probe()
    }

    /// The document that counts: the row with the highest id.
    fn find_document(&mut self) -> StoreResult<Option<String>> {
        let query = config_documents::table
            .order(config_documents::id.desc())
            .select(config_documents::data)
            .limit(1);
        let stored: Option<StoredJson> = query.get_result(self.conn).optional()?;
        Ok(stored.map(StoredJson::into_string))
    }

    /// Refuses to write over rows that cannot be read.
    fn ensure_readable(&mut self, values: &[(&str, JsonText)]) -> StoreResult<()> {
        let rows = config_values::table
            .filter(one_of!("\"config\".\"key\"", values.iter().map(|(path, _)| *path)))
            .select((config_values::key, config_values::value));
        let rows: Vec<(LossyText, StoredJson)> = for_update!(rows).load(self.conn)?;
        match rows.into_iter().find(|(_, value)| value.clone().into_text().is_unreadable()) {
            Some((path, _)) => Err(StoreError::unreadable("config", "value", path.as_str())),
            None => Ok(()),
        }
    }

    fn set_in_document(&mut self, values: &[(&str, JsonText)]) -> StoreResult<()> {
        let newest = config_documents::table
            .order(config_documents::id.desc())
            .select((config_documents::id, config_documents::data))
            .limit(1);
        let stored: Option<(i32, StoredJson)> = for_update!(newest).get_result(self.conn).optional()?;
        let (id, mut text) = match stored {
            Some((id, data)) => (Some(id), document::decoded(&data.into_string()).into_owned()),
            None => (None, FIRST_DOCUMENT.to_owned()),
        };
        if text.is_empty() || text == "null" {
            FIRST_DOCUMENT.clone_into(&mut text);
        }
        for (path, value) in values {
            text = document::set(&text, path, value.as_str()).ok_or_else(|| {
                StoreError::unreadable("config", "data", id.unwrap_or_default().to_string())
            })?;
        }
        let data = config_documents::data.eq(StoredJson::from(text));
        match id {
            Some(id) => {
                let touched = config_documents::updated_at.eq(diesel::dsl::now.nullable());
                diesel::update(config_documents::table.find(id)).set((data, touched)).execute(self.conn)?
            }
            None => diesel::insert_into(config_documents::table)
                .values((data, config_documents::version.eq(0)))
                .execute(self.conn)?,
        };
        Ok(())
    }
}

/// The value at a path of a document. Where nobody can say what it is, since the document cannot be read, a text that
/// cannot be read either stands for it.
fn value_in(stored: &str, path: &str) -> Option<JsonText> {
    const UNREADABLE: &str = "{";
    match document::find(stored, path) {
        Found::Nothing => None,
        Found::Value(text) => present(JsonText::from_stored(text.to_owned())),
        Found::Unreadable => Some(JsonText::from_stored(UNREADABLE.to_owned())),
    }
}

/// JSON `null` stands for "not set".
pub(super) fn present(value: JsonText) -> Option<JsonText> {
    (value.as_str().trim() != "null").then_some(value)
}
