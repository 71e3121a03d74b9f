//! The configuration that holds, as TOML or JSON: each value with its origin, stored ones included, and no secret.

use std::fmt::Write as _;

use rosterd_app::stored::StoredSetting;
use rosterd_storage::DatabaseUrl;
use serde_json::{Value, json};

use super::parse;
use super::reader::Effective;
use super::secret::SecretSource;
use super::sections::tokens;
use super::setting::Kind;
use super::{Config, Origin};

/// What the database holds, which wins over the configuration.
#[derive(Debug, Clone, PartialEq)]
pub enum Stored {
    /// There is no database yet.
    NoDatabase,
    /// Every setting that it can hold.
    Read(Vec<StoredSetting>),
    /// It could not be read, for this reason.
    Unread(String),
}

impl Stored {
    fn all(&self) -> &[StoredSetting] {
        match self {
            Self::Read(settings) => settings,
            Self::NoDatabase | Self::Unread(_) => &[],
        }
    }

    /// What the database says about the setting of this variable; `None` where it never says anything, or was not read.
    fn of(&self, variable: &str) -> Option<&StoredSetting> {
        self.all().iter().find(|stored| stored.name == variable)
    }

    /// The sentence at the top of the file.
    fn remark(&self) -> String {
        match self {
            Self::NoDatabase => "There is no database yet, so there are no stored values.".to_owned(),
            Self::Read(_) => {
                "Values with the origin `database` are stored in the database. An administrator can change them."
                    .to_owned()
            }
            Self::Unread(reason) => {
                format!(
                    "The stored values are not shown, because the database could not be read: {reason}"
                )
            }
        }
    }
}

impl Config {
    /// The configuration as `rosterd config` prints it: a TOML file that says the same (but for what is hidden), the
    /// origin of each value behind it. A stored value stands in the place of the configured one, which follows it as a
    /// comment.
    #[must_use]
    pub fn to_toml(&self, stored: &Stored) -> String {
        // Writing to a String cannot fail.
        let mut out =
            String::from("# The settings in use; the comment after each value says where it comes from.\n");
        let _ = writeln!(out, "# {}", stored.remark());
        let mut section = "";
        for entry in &self.effective {
            if entry.setting.section() != section {
                section = entry.setting.section();
                let _ = writeln!(out, "\n[{section}]");
            }
            out.push_str(&self.line(entry, stored.of(&entry.setting.variable).filter(|value| value.stored)));
        }
        let others: Vec<_> = stored.all().iter().filter(|value| self.entry(&value.name).is_none()).collect();
        if !others.is_empty() {
            out.push_str(
                "\n# These exist only in the database; POST /api/v1/auths/admin/config changes them:\n",
            );
        }
        for StoredSetting { path, value, stored, .. } in others {
            let _ = writeln!(out, "# {path} = {value}  # {}", if *stored { "database" } else { "default" });
        }
        out
    }

    /// The same, an object for each setting:
    ///
    /// - `variable`, `key`: its names in the environment and in the TOML file; null for what only the database has;
    /// - `value`: what holds, as a boolean, number (sizes in bytes), text, array, or null for a secret;
    /// - `secret`: whether the value is hidden;
    /// - `origin`: `default`, `command line`, `environment variable …`, the TOML file's name, or `database`;
    /// - `stored_key`: its place in the database, null where it has none or no database was read;
    /// - `stored`: whether the database holds a value, null where it was not read;
    /// - `configured`: value and origin that would hold without the stored one; null where they do hold.
    #[must_use]
    pub fn to_json(&self, stored: &Stored) -> Vec<Value> {
        let known = match stored {
            Stored::Unread(_) => Value::Null,
            Stored::NoDatabase | Stored::Read(_) => false.into(),
        };
        let settings = self.effective.iter().map(|entry| {
            let configured = json!({ "value": entry.value(), "origin": entry.origin.to_string() });
            let of = stored.of(&entry.setting.variable);
            let winner = of.filter(|value| value.stored);
            json!({
                "variable": entry.setting.variable,
                "key": entry.setting.key,
                "value": winner.map_or_else(|| configured["value"].clone(), |winner| winner.value.clone()),
                "secret": entry.setting.kind == Kind::Secret,
                "origin": winner.map_or_else(|| entry.origin.to_string(), |_| "database".to_owned()),
                "stored_key": of.map(|value| &value.path),
                "stored": of.map_or_else(|| known.clone(), |value| value.stored.into()),
                "configured": if winner.is_some() { configured } else { Value::Null },
            })
        });
        let others = stored.all().iter().filter(|value| self.entry(&value.name).is_none()).map(|value| {
            json!({
                "variable": null,
                "key": null,
                "value": value.value,
                "secret": false,
                "origin": if value.stored { "database" } else { "default" },
                "stored_key": value.path,
                "stored": value.stored,
                "configured": null,
            })
        });
        settings.chain(others).collect()
    }

    fn entry(&self, variable: &str) -> Option<&Effective> {
        self.effective.iter().find(|entry| entry.setting.variable == variable)
    }

    /// A line of the TOML file.
    fn line(&self, entry: &Effective, winner: Option<&StoredSetting>) -> String {
        let name = entry.setting.name();
        if let Some(winner) = winner {
            let value = toml_of(entry.setting.kind, &winner.value);
            let (configured, origin) = (entry.printed(), &entry.origin);
            return format!(
                "{name} = {value}  # database ({}); configured: {configured} ({origin})\n",
                winner.path
            );
        }
        let origin = match &entry.origin {
            Origin::Default => format!("default ({})", entry.setting.variable),
            other => other.to_string(),
        };
        match (entry.setting.kind, &self.tokens.secret) {
            (Kind::Secret, _) if !entry.text.is_empty() => format!("# {name}: hidden  # {origin}\n"),
            (Kind::Secret, SecretSource::File(path)) if entry.setting.key == tokens::SECRET_KEY.key => {
                format!("# {name}: kept in {}, generated at the first start  # {origin}\n", path.display())
            }
            (Kind::Secret, _) => format!("# {name}: none  # {origin}\n"),
            _ => format!("{name} = {}  # {origin}\n", entry.printed()),
        }
    }
}

impl Effective {
    /// The value as TOML; a secret as `"hidden"`, a database URL without its password.
    #[must_use]
    pub fn printed(&self) -> String {
        let text = self.text.trim();
        match self.setting.kind {
            Kind::Secret => quoted("hidden"),
            // A URL that does not parse never gets here; it would not be shown either.
            Kind::DatabaseUrl => quoted(&shown_url(text).unwrap_or_default()),
            Kind::Switch => parse::switch(text).map_or_else(|_| quoted(text), |on| on.to_string()),
            Kind::Integer | Kind::Bytes if text.parse::<i64>().is_ok() => text.to_owned(),
            Kind::List => toml_of(Kind::List, &self.value()),
            Kind::Text | Kind::Integer | Kind::Bytes | Kind::Duration | Kind::Choice(_) | Kind::Json => {
                quoted(&self.text)
            }
        }
    }

    /// The value as JSON: sizes in bytes, durations as they were written, null for a secret, a database URL without its
    /// password.
    #[must_use]
    pub fn value(&self) -> Value {
        let text = self.text.trim();
        let as_text = || Value::String(self.text.clone());
        match self.setting.kind {
            Kind::Secret => Value::Null,
            // No number at all.
            Kind::Integer | Kind::Bytes if text.is_empty() => Value::Null,
            Kind::DatabaseUrl => shown_url(text).map_or(Value::Null, Value::String),
            Kind::Switch => parse::switch(text).map_or_else(|_| as_text(), Value::Bool),
            Kind::Integer => text.parse::<i64>().map_or_else(|_| as_text(), Value::from),
            Kind::Bytes => parse::bytes(0..=usize::MAX)(text).map_or_else(|_| as_text(), Value::from),
            Kind::List => parse::list(text, parse::text).map_or_else(|_| as_text(), Value::from),
            Kind::Json => serde_json::from_str(text).unwrap_or_else(|_| as_text()),
            Kind::Text | Kind::Duration | Kind::Choice(_) => as_text(),
        }
    }
}

fn shown_url(text: &str) -> Option<String> {
    DatabaseUrl::parse(text).ok().map(|url| url.to_string())
}

/// A JSON value as the TOML file takes it for a setting of this kind.
fn toml_of(kind: Kind, value: &Value) -> String {
    match (kind, value) {
        (Kind::List, Value::Array(words)) => {
            let words: Vec<String> = words.iter().filter_map(Value::as_str).map(quoted).collect();
            format!("[{}]", words.join(", "))
        }
        (_, Value::Null) => quoted(""),
        (_, Value::String(text)) => quoted(text),
        (_, Value::Bool(_) | Value::Number(_)) => value.to_string(),
        // The file takes JSON as text too.
        (_, Value::Array(_) | Value::Object(_)) => quoted(&value.to_string()),
    }
}

/// A TOML string on one line.
fn quoted(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            '\r' => out.push_str("\\r"),
            c if c.is_control() => {
                let _ = write!(out, "\\u{:04X}", u32::from(c));
            }
            c => out.push(c),
        }
    }
    out.push('"');
    out
}
