//! `rosterd settings`: the stored settings that administrators change, by their names on the wire.

use std::str::FromStr;

use clap::{Args, Subcommand};
use rosterd_app::stored_config::{Key, StoredConfig};
use rosterd_app::{Act, App, Caller, config as stored};
use rosterd_domain::dialect::Dialect;
use rosterd_domain::stored_config::Sent;
use serde_json::{Map, Value};

use super::output::{Output, plain};
use super::{Access, CliError, find};
use crate::config::{Config, nearest};

// A constant, as rustdoc would want code marks in it.
const NAMES_HELP: &str = "Names of settings, such as ENABLE_SIGNUP";

#[derive(Debug, Subcommand)]
pub(super) enum SettingsCommand {
    /// Show settings as they hold now, in the form that `set` takes; all without a name
    Get(GetArgs),
    /// Store settings; all others stay as they are
    Set(SetArgs),
}

#[derive(Debug, Args)]
pub(super) struct GetArgs {
    #[arg(value_name = "NAME", help = NAMES_HELP)]
    names: Vec<String>,
}

#[derive(Debug, Args)]
pub(super) struct SetArgs {
    /// A setting and its value, as JSON or, for a text, as it is
    #[arg(required = true, value_name = "NAME=VALUE")]
    settings: Vec<SettingArg>,
}

/// A setting and a value, as typed.
#[derive(Debug, Clone, PartialEq, Eq)]
struct SettingArg {
    name: String,
    value: String,
}

impl FromStr for SettingArg {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (name, value) = text.split_once('=').ok_or("NAME=VALUE is needed")?;
        Ok(Self { name: name.to_owned(), value: value.to_owned() })
    }
}

pub(super) fn run(config: &Config, command: SettingsCommand, output: Output) -> Result<(), CliError> {
    match command {
        SettingsCommand::Get(args) => {
            super::with_app(config, Access::Read, async |app| get(app, args, output).await)
        }
        SettingsCommand::Set(args) => {
            super::with_app(config, Access::Change, async |app| set(app, args, output).await)
        }
    }
}

async fn get(app: &App, args: GetArgs, output: Output) -> Result<(), CliError> {
    let dialect = app.dialect();
    let keys: Vec<Key> = if args.names.is_empty() {
        Key::of_form(dialect).collect()
    } else {
        args.names.iter().map(|name| key_of(name, dialect)).collect::<Result<_, _>>()?
    };
    let held = app.snapshot(Caller::operator(), stored::get).await?;
    print(&keys, &held, output)
}

async fn set(app: &App, args: SetArgs, output: Output) -> Result<(), CliError> {
    if !app.store().layout().stored_settings {
        return Err(CliError::Failure(
            "ENABLE_PERSISTENT_CONFIG is false, so stored settings do not count and none is stored; change the configuration"
                .to_owned(),
        ));
    }
    let dialect = app.dialect();
    let mut values: Vec<(Key, Value)> =
        args.settings.iter().map(|sent| value_of(sent, dialect)).collect::<Result<_, _>>()?;
    let keys: Vec<Key> = values.iter().map(|(key, _)| *key).collect();
    if let Some(twice) = keys.iter().enumerate().find(|(n, key)| keys[..*n].contains(key)) {
        return Err(CliError::Usage(format!("{} is named twice", twice.1.wire())));
    }
    let work = move |act: &mut Act<'_>| {
        for (key, value) in &mut values {
            // It is stored by its id, and everywhere else a group is named by either.
            if *key == Key::DefaultGroupId
                && let Some(name) = value.as_str().filter(|name| !name.is_empty())
            {
                *value = find::group(act.read(), name)?.group.id.as_str().into();
            }
        }
        Ok::<_, CliError>(stored::set(act, &values)?)
    };
    let held = app.write(Caller::operator(), work).await?;
    print(&keys, &held, output)
}

/// The setting of this name. A misspelt one would be stored and never count.
fn key_of(name: &str, dialect: Dialect) -> Result<Key, CliError> {
    let known = || Key::of_form(dialect);
    if let Some(key) = known().find(|key| key.wire() == name) {
        return Ok(key);
    }
    let near = nearest(name, known().map(|key| (key.wire(), key.wire())));
    let near = near.map_or_else(String::new, |near| format!("the nearest name is {near}; "));
    Err(CliError::Failure(format!(
        "there is no stored setting {name}; {near}`rosterd settings get` lists all of this database"
    )))
}

/// The value that is stored for what was typed: JSON of the right kind, else a text.
fn value_of(sent: &SettingArg, dialect: Dialect) -> Result<(Key, Value), CliError> {
    let key = key_of(&sent.name, dialect)?;
    let json = serde_json::from_str(&sent.value).ok().filter(|value| key.fault(value).is_none());
    let value = json.unwrap_or_else(|| Value::from(sent.value.as_str()));
    let wrong = |why: &str| CliError::Failure(format!("{}: {why}", sent.name));
    if let Some(why) = key.fault(&value) {
        return Err(wrong(why));
    }
    match key.sent(Some(value), dialect) {
        Sent::Value(value) => Ok((key, value)),
        Sent::Faulty(why) => Err(wrong(why)),
        // The form leaves it as it is, and says nothing.
        Sent::Nothing | Sent::Missing => {
            Err(wrong("One number with one unit is needed, such as 4w; the front end knows no other."))
        }
    }
}

/// One setting a line, or an object.
fn print(keys: &[Key], held: &StoredConfig, output: Output) -> Result<(), CliError> {
    let values = keys.iter().map(|key| (key.wire().to_owned(), held.value(*key).clone()));
    let whole: Map<String, Value> = values.collect();
    output.print(&Value::Object(whole), || {
        let lines: Vec<String> = keys
            .iter()
            .map(|key| format!("{}={}", key.wire(), plain(&held.value(*key).to_string())))
            .collect();
        lines.join("\n")
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn value(setting: &str) -> Result<Value, String> {
        let sent: SettingArg = setting.parse().unwrap();
        value_of(&sent, Dialect::V0_12).map(|(_, value)| value).map_err(|error| error.sentence())
    }

    #[test]
    fn a_value_is_json_or_a_text_as_it_is() {
        for (setting, wanted) in [
            ("ENABLE_SIGNUP=false", json!(false)),
            ("DEFAULT_USER_ROLE=user", json!("user")),
            ("DEFAULT_USER_ROLE=\"user\"", json!("user")),
            ("WEBUI_URL=https://x.example/?a=b", json!("https://x.example/?a=b")),
            ("WEBUI_URL=", json!("")),
            ("WEBUI_URL=7", json!("7")),
            ("ADMIN_EMAIL=null", Value::Null),
            ("JWT_EXPIRES_IN=-1", json!("-1")),
            ("FOLDER_MAX_FILE_COUNT=7", json!(7)),
            ("FOLDER_MAX_FILE_COUNT=0", json!("")),
            ("DEFAULT_INTERFACE_SETTINGS={\"theme\": \"dark\"}", json!({ "theme": "dark" })),
        ] {
            assert_eq!(value(setting), Ok(wanted), "{setting}");
        }
    }

    #[test]
    fn what_does_not_fit_is_told_with_its_name() {
        for (setting, parts) in [
            ("ENABLE_SIGNUP=yes", ["ENABLE_SIGNUP: ", "true or false"]),
            ("ENABLE_SINGUP=true", ["no stored setting ENABLE_SINGUP", "the nearest name is ENABLE_SIGNUP"]),
            ("DEFAULT_USER_ROLE=owner", ["DEFAULT_USER_ROLE: ", "pending, user or admin"]),
            ("JWT_EXPIRES_IN=1h30m", ["JWT_EXPIRES_IN: ", "one unit"]),
            ("DEFAULT_INTERFACE_SETTINGS=[]", ["DEFAULT_INTERFACE_SETTINGS: ", "An object"]),
        ] {
            let error = value(setting).unwrap_err();
            assert!(parts.iter().all(|part| error.contains(part)), "{setting}: {error}");
        }
        assert!("ENABLE_SIGNUP".parse::<SettingArg>().is_err());
    }
}
