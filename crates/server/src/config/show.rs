//! The effective configuration as TOML, with the origin of each value and without any secret.

use std::fmt::Write as _;

use rosterd_storage::DatabaseUrl;
use serde_json::{Value, json};

use super::parse;
use super::reader::Effective;
use super::secret::SecretSource;
use super::sections::tokens;
use super::setting::Kind;
use super::{Config, Origin};

impl Config {
    /// The configuration as `rosterd config` prints it: a TOML file that says the same (but for what is hidden), the
    /// origin of each value behind it.
    #[must_use]
    pub fn to_toml(&self) -> String {
        let mut out = String::from("# The effective configuration; behind each value where it came from.\n");
        let mut section = "";
        for entry in &self.effective {
            if entry.setting.section() != section {
                section = entry.setting.section();
                // Writing to a String cannot fail.
                let _ = writeln!(out, "\n[{section}]");
            }
            out.push_str(&self.line(entry));
        }
        out
    }

    /// The same as an array: variable, key, value (text as in the environment, `null` for a secret) and origin.
    #[must_use]
    pub fn to_json(&self) -> Value {
        self.effective
            .iter()
            .map(|entry| {
                let value = match entry.setting.kind {
                    Kind::Secret => Value::Null,
                    Kind::DatabaseUrl => DatabaseUrl::parse(entry.text.trim())
                        .map_or(Value::Null, |url| Value::String(url.to_string())),
                    _ => Value::String(entry.text.clone()),
                };
                json!({
                    "variable": entry.setting.variable,
                    "key": entry.setting.key,
                    "value": value,
                    "origin": entry.origin.to_string(),
                })
            })
            .collect()
    }

    fn line(&self, entry: &Effective) -> String {
        let name = entry.setting.name();
        let origin = match &entry.origin {
            Origin::Default => format!("default ({})", entry.setting.variable),
            other => other.to_string(),
        };
        match (entry.setting.kind, &self.tokens.secret) {
            (Kind::Secret, _) if !entry.text.is_empty() => format!("# {name}: hidden  # {origin}\n"),
            (Kind::Secret, SecretSource::File(path)) if entry.setting.key == tokens::SECRET_KEY.key => {
                format!("# {name}: kept in {}, made at the first start  # {origin}\n", path.display())
            }
            (Kind::Secret, _) => format!("# {name}: none  # {origin}\n"),
            _ => format!("{name} = {}  # {origin}\n", entry.shown()),
        }
    }
}

impl Effective {
    /// The value as TOML; a secret as `"hidden"`, a database URL without its password.
    #[must_use]
    pub fn shown(&self) -> String {
        let text = self.text.trim();
        match self.setting.kind {
            Kind::Secret => quoted("hidden"),
            // A URL that does not parse never gets here; it would not be shown either.
            Kind::DatabaseUrl => match DatabaseUrl::parse(text) {
                Ok(url) => quoted(&url.to_string()),
                Err(_) => quoted(""),
            },
            Kind::Switch => parse::switch(text).map_or_else(|_| quoted(text), |on| on.to_string()),
            Kind::Integer | Kind::Bytes if text.parse::<i64>().is_ok() => text.to_owned(),
            Kind::List => {
                let words = parse::list(text, parse::text).unwrap_or_default();
                let words: Vec<String> = words.iter().map(|word| quoted(word)).collect();
                format!("[{}]", words.join(", "))
            }
            Kind::Text | Kind::Integer | Kind::Bytes | Kind::Duration | Kind::Choice(_) | Kind::Json => {
                quoted(&self.text)
            }
        }
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
