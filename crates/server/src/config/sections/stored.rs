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
use crate::config::source::Origin;

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
        let is_given = reader.origin(&setting) != Origin::Default;
        let read = reader.read(&setting, |text| {
            let value = value(key, text)?;
            // What is built in differs by the front end, which is not known yet.
            let set = if is_given { defaults.set(key, value) } else { Ok(()) };
            set.map_err(|fault| format!("does not fit: {fault}"))
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
            Stored::Number | Stored::Count | Stored::Limit => Kind::Integer,
            Stored::Choice(words) => Kind::Choice(words),
            Stored::Role => Kind::Choice(&["pending", "user", "admin"]),
            Stored::List | Stored::OptionalList | Stored::Object | Stored::Translations => Kind::Json,
            Stored::Text | Stored::OptionalText | Stored::TokenLife => Kind::Text,
        },
        default,
        about: Cow::Owned(format!("{} The stored {place} has priority.", configured.about)),
        empty_counts: false,
    }
}

/// The text of a variable as the value it stands for.
fn value(key: Key, text: &str) -> Parsed<Value> {
    let is_empty = text.trim().is_empty();
    match key.kind() {
        Stored::Switch => parse::switch(text).map(Value::Bool),
        Stored::OptionalText | Stored::OptionalList | Stored::Count | Stored::Limit if is_empty => {
            Ok(key.default())
        }
        Stored::Number | Stored::Count => parse::number(i64::MIN..=i64::MAX)(text).map(Value::from),
        Stored::Limit => parse::number(1..=i64::MAX)(text).map(Value::from),
        Stored::Text | Stored::OptionalText => Ok(text.into()),
        Stored::Role => match Role::parse(text.trim()) {
            Some(role) => Ok(role.as_str().into()),
            None => Err(format!("`{text}` is none of pending, user, admin")),
        },
        Stored::TokenLife => parse::token_life(text).map(|_life| text.into()),
        Stored::Choice(words) => {
            let choices: Vec<_> = words.iter().map(|word| (*word, *word)).collect();
            parse::choice(&choices, text).map(Value::from)
        }
        Stored::List | Stored::OptionalList => parse::json_array(text),
        Stored::Object | Stored::Translations => parse::json_object(text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_section_of_a_stored_setting_is_read() {
        let configured = Key::ALL.iter().filter(|key| key.row().configured.is_some()).count();
        let read: usize =
            ["server", "tokens", "accounts", "ui", "features"].iter().map(|section| all(section).len()).sum();
        assert_eq!(read, configured);
    }

    #[test]
    fn the_default_of_every_setting_is_what_its_text_means() {
        for key in Key::ALL {
            let Some(configured) = key.row().configured else { continue };
            let setting = setting(*key, configured);
            assert_eq!(value(*key, &setting.default), Ok(key.default()), "{key:?}");
        }
    }

    #[test]
    fn an_object_is_no_array() {
        let object = Key::DefaultInterfaceSettings;
        assert_eq!(value(object, "{\"a\": 1}"), Ok(serde_json::json!({ "a": 1 })));
        assert!(value(object, "[]").is_err() && value(Key::PromptSuggestions, "{}").is_err());
        assert_eq!(value(Key::Version, "7"), Ok(7.into()));
    }

    #[test]
    fn numbers_may_be_empty_where_there_may_be_none() {
        assert_eq!(value(Key::FolderMaxFileCount, "7"), Ok(7.into()));
        assert_eq!(value(Key::FolderMaxFileCount, ""), Ok("".into()));
        assert_eq!(value(Key::SkillContentMaxChars, " "), Ok(Value::Null));
        assert!(value(Key::SkillContentMaxChars, "0").is_err());
        assert_eq!(value(Key::ChannelModelResponseMode, "Channel"), Ok("channel".into()));
    }
}
