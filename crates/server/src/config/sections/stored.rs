//! Settings that the database can hold: the configuration gives the default of each. They are the rows of
//! [`rosterd_domain::stored_config`], and stand in the sections of the TOML file behind the sections' own settings.

use std::borrow::Cow;

use rosterd_app::settings::StoredDefaults;
use rosterd_domain::role::Role;
use rosterd_domain::stored_config::{Configured, Key, Kind as Stored, Literal};
use serde_json::Value;

use crate::config::parse::{self, Parsed};
use crate::config::reader::Reader;
use crate::config::setting::{Kind, Setting};

/// The settings of a section that the database can hold.
pub(in crate::config) fn all(section: &str) -> Vec<Setting> {
    of(section).map(|(_key, setting)| setting).collect()
}

/// Reads them into `defaults`; `None` after noting a problem.
pub(in crate::config) fn read(
    reader: &mut Reader<'_>,
    section: &str,
    defaults: &mut StoredDefaults,
) -> Option<()> {
    let mut readable = true;
    for (key, setting) in of(section) {
        let read = reader.read(&setting, |text| {
            defaults.set(key, value(key.kind(), text)?).map_err(|fault| format!("does not fit: {fault}"))
        });
        readable &= read.is_some();
    }
    readable.then_some(())
}

fn of(section: &str) -> impl Iterator<Item = (Key, Setting)> {
    let configured = Key::ALL.iter().filter_map(|key| Some((*key, setting(*key, key.row().configured?))));
    configured.filter(move |(_key, setting)| setting.section() == section)
}

fn setting(key: Key, configured: Configured) -> Setting {
    let row = key.row();
    let default = match row.default {
        Literal::Null => Cow::Borrowed(""),
        Literal::Text(text) => Cow::Borrowed(text),
        other => Cow::Owned(other.value().to_string()),
    };
    let place = if row.document == row.key_value {
        row.key_value.to_owned()
    } else {
        format!("{} ({} in Open WebUI 0.6)", row.key_value, row.document)
    };
    Setting {
        key: Cow::Borrowed(configured.key),
        variable: Cow::Borrowed(row.wire),
        aliases: configured.aliases,
        kind: match row.kind {
            Stored::Switch => Kind::Switch,
            Stored::Number => Kind::Integer,
            Stored::Role => Kind::Choice(&["pending", "user", "admin"]),
            Stored::List | Stored::Object => Kind::Json,
            Stored::Text | Stored::OptionalText | Stored::TokenLife => Kind::Text,
        },
        default,
        about: Cow::Owned(format!("{} The stored {place} has priority.", configured.about)),
    }
}

/// The text of a variable as the value it stands for.
fn value(kind: Stored, text: &str) -> Parsed<Value> {
    match kind {
        Stored::Switch => parse::switch(text).map(Value::Bool),
        Stored::Number => parse::number(i64::MIN..=i64::MAX)(text).map(Value::from),
        Stored::OptionalText if text.trim().is_empty() => Ok(Value::Null),
        Stored::Text | Stored::OptionalText => Ok(text.into()),
        Stored::Role => match Role::parse(text.trim()) {
            Some(role) => Ok(role.as_str().into()),
            None => Err(format!("`{text}` is none of pending, user, admin")),
        },
        Stored::TokenLife => parse::token_life(text).map(|_life| text.into()),
        Stored::List => parse::json_array(text),
        Stored::Object => parse::json_object(text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_section_of_a_stored_setting_is_read() {
        let configured = Key::ALL.iter().filter(|key| key.row().configured.is_some()).count();
        let read: usize =
            ["server", "tokens", "accounts", "ui"].iter().map(|section| all(section).len()).sum();
        assert_eq!(read, configured);
    }

    #[test]
    fn the_default_of_every_setting_is_what_its_text_means() {
        for key in Key::ALL {
            let Some(configured) = key.row().configured else { continue };
            let setting = setting(*key, configured);
            assert_eq!(value(key.kind(), &setting.default), Ok(key.default()), "{key:?}");
        }
    }

    #[test]
    fn an_object_is_no_array() {
        assert_eq!(value(Stored::Object, "{\"a\": 1}"), Ok(serde_json::json!({ "a": 1 })));
        assert!(value(Stored::Object, "[]").is_err() && value(Stored::List, "{}").is_err());
        assert_eq!(value(Stored::Number, "7"), Ok(7.into()));
    }
}
