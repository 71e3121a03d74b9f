//! What one setting is: where it stands in the TOML file, which variables give it, its default and its meaning.
//!
//! Every section file declares its settings as constants and reads them through [`Reader`](super::reader::Reader);
//! `--help`, `rosterd config` and the check of docs/CONFIGURATION.md walk the same constants. To add a setting: a
//! constant in its section file, its name in that file's `ALL`, a line in docs/CONFIGURATION.md.

use std::borrow::Cow;

/// Variable that names the TOML file.
pub const CONFIG_VARIABLE: &str = "ROSTERD_CONFIG";

/// What stands at the start of the variables that only rosterd has.
pub(super) const PREFIX: &str = "ROSTERD_";

/// One setting.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Setting {
    /// Place in the TOML file: `section.key`, for permissions `permissions.section.key`.
    pub key: Cow<'static, str>,
    /// The environment variable.
    pub variable: Cow<'static, str>,
    /// Older or more general variables that also give it; `variable` wins.
    pub aliases: &'static [&'static str],
    /// What its text must be.
    pub kind: Kind,
    /// The default as text; empty: none, or as `about` says.
    pub default: Cow<'static, str>,
    /// One sentence for `--help`.
    pub about: Cow<'static, str>,
    /// An empty variable has a meaning of its own. That of any other setting counts as absent.
    pub empty_counts: bool,
}

impl Setting {
    /// A setting whose texts are known at compile time.
    pub(super) const fn new(
        key: &'static str,
        variable: &'static str,
        aliases: &'static [&'static str],
        kind: Kind,
        default: &'static str,
        about: &'static str,
    ) -> Self {
        Self {
            key: Cow::Borrowed(key),
            variable: Cow::Borrowed(variable),
            aliases,
            kind,
            default: Cow::Borrowed(default),
            about: Cow::Borrowed(about),
            empty_counts: false,
        }
    }

    /// The same where an empty variable has a meaning of its own.
    pub(super) const fn even_empty(mut self) -> Self {
        self.empty_counts = true;
        self
    }

    /// All variables that give the setting, the strongest first.
    pub fn variables(&self) -> impl Iterator<Item = &str> {
        std::iter::once(self.variable.as_ref()).chain(self.aliases.iter().copied())
    }

    /// The part of `key` before the last dot: the TOML table.
    #[must_use]
    pub fn section(&self) -> &str {
        self.key.rsplit_once('.').map_or("", |(section, _)| section)
    }

    /// The part of `key` after the last dot.
    #[must_use]
    pub fn name(&self) -> &str {
        self.key.rsplit_once('.').map_or(self.key.as_ref(), |(_, name)| name)
    }
}

/// What the text of a setting must be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Any text.
    Text,
    /// Text that is never shown.
    Secret,
    /// A database URL; its password is never shown.
    DatabaseUrl,
    /// `true` or `false`.
    Switch,
    /// A whole number.
    Integer,
    /// A number of bytes, also as `KiB` or `MiB`.
    Bytes,
    /// A span of time such as `250ms`, `5s`, `1h30m`; a bare number counts seconds.
    Duration,
    /// One of these words.
    Choice(&'static [&'static str]),
    /// Words separated by commas; an array of strings in the TOML file.
    List,
    /// JSON text; an array in the TOML file.
    Json,
}

impl Kind {
    /// The kind in a few words, as `--help` and docs/CONFIGURATION.md name it.
    #[must_use]
    pub fn describe(self) -> Cow<'static, str> {
        match self {
            Self::Text => "text".into(),
            Self::Secret => "secret".into(),
            Self::DatabaseUrl => "database URL".into(),
            Self::Switch => "true or false".into(),
            Self::Integer => "number".into(),
            Self::Bytes => "bytes".into(),
            Self::Duration => "duration".into(),
            Self::Choice(words) => format!("one of {}", words.join(", ")).into(),
            Self::List => "list".into(),
            Self::Json => "JSON".into(),
        }
    }
}
