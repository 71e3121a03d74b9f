//! What there is to know of one setting.

use serde_json::Value;

use super::form::{Absent, InForm};
use super::kind::Kind;

/// One setting.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Row {
    /// Name on the wire, such as `ENABLE_SIGNUP`.
    pub wire: &'static str,
    /// Dotted path in the one document of Open WebUI 0.6 (`config.data`).
    pub document: &'static str,
    /// Key in the newer layout with a row a setting (`config.key`).
    pub key_value: &'static str,
    /// What its value must be.
    pub kind: Kind,
    /// What holds where neither database nor environment says anything.
    pub default: Literal,
    /// The same for Open WebUI 0.6, where that is something else.
    pub(super) older_default: Option<Literal>,
    /// Whether the administrator's form has it.
    pub(super) form: InForm,
    /// What holds where a form lacks it.
    pub(super) absent: Absent,
    /// How the environment overrides the default; `None`: not at all.
    pub configured: Option<Configured>,
    /// What holds where something is stored that cannot be read; `None`: as its kind says.
    pub(super) closed: Option<Literal>,
}

/// How the configuration of the server gives a setting's default. The environment variable has the name on the wire.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Configured {
    /// Place in the TOML file: `section.key`.
    pub key: &'static str,
    /// Older variables that also give it.
    pub aliases: &'static [&'static str],
    /// One sentence for `--help`.
    pub about: &'static str,
}

/// A default that can stand in a table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Literal {
    /// `null`
    Null,
    /// `true` or `false`
    Switch(bool),
    /// A whole number.
    Number(i64),
    /// A text.
    Text(&'static str),
    /// `[]`
    EmptyList,
    /// `{}`
    EmptyObject,
}

impl Literal {
    /// The same as JSON.
    #[must_use]
    pub fn value(self) -> Value {
        match self {
            Self::Null => Value::Null,
            Self::Switch(on) => on.into(),
            Self::Number(number) => number.into(),
            Self::Text(text) => text.into(),
            Self::EmptyList => Value::Array(Vec::new()),
            Self::EmptyObject => Value::Object(serde_json::Map::new()),
        }
    }
}

impl Row {
    /// A setting of the form, at the same place in both layouts, that no variable gives.
    pub(super) const fn new(wire: &'static str, place: &'static str, kind: Kind, default: Literal) -> Self {
        Self {
            wire,
            document: place,
            key_value: place,
            kind,
            default,
            older_default: None,
            form: InForm::Always,
            absent: Absent::Stays,
            configured: None,
            closed: None,
        }
    }

    /// A switch; one that cannot be read is off.
    pub(super) const fn switch(wire: &'static str, place: &'static str, default: bool) -> Self {
        Self::new(wire, place, Kind::Switch, Literal::Switch(default))
    }

    /// A text, empty by default.
    pub(super) const fn text(wire: &'static str, place: &'static str) -> Self {
        Self::new(wire, place, Kind::Text, Literal::Text(""))
    }

    /// A text that may be null, empty by default. A form without it makes it null.
    pub(super) const fn optional_text(wire: &'static str, place: &'static str) -> Self {
        Self::new(wire, place, Kind::OptionalText, Literal::Text("")).absent_becomes(Literal::Null)
    }

    /// A number that may be an empty text, which it is by default and where a form lacks it.
    pub(super) const fn count(wire: &'static str, place: &'static str) -> Self {
        let nothing = Literal::Text("");
        Self::new(wire, place, Kind::Count, nothing).newest().absent_becomes(nothing)
    }

    /// A number above 0 or null, which it is by default.
    pub(super) const fn limit(wire: &'static str, place: &'static str) -> Self {
        Self::new(wire, place, Kind::Limit, Literal::Null)
    }

    /// An object, empty by default.
    pub(super) const fn object(wire: &'static str, place: &'static str) -> Self {
        Self::new(wire, place, Kind::Object, Literal::EmptyObject)
    }

    /// A switch that no form has.
    pub(super) const fn told(wire: &'static str, place: &'static str, default: bool) -> Self {
        Self::switch(wire, place, default).outside_the_form()
    }

    /// A text that no form has.
    pub(super) const fn told_text(wire: &'static str, place: &'static str, default: &'static str) -> Self {
        Self::new(wire, place, Kind::Text, Literal::Text(default)).outside_the_form()
    }

    /// Another path in the document of Open WebUI 0.6.
    pub(super) const fn in_document(mut self, path: &'static str) -> Self {
        self.document = path;
        self
    }

    /// What holds where something is stored that cannot be read.
    pub(super) const fn closed(mut self, value: Literal) -> Self {
        self.closed = Some(value);
        self
    }

    /// The default with Open WebUI 0.6.
    pub(super) const fn older_default(mut self, value: Literal) -> Self {
        self.older_default = Some(value);
        self
    }

    /// See [`InForm::AlwaysInNewest`].
    pub(super) const fn always_in_newest(mut self) -> Self {
        self.form = InForm::AlwaysInNewest;
        self
    }

    /// See [`InForm::OnRequest`].
    pub(super) const fn on_request(mut self) -> Self {
        self.form = InForm::OnRequest;
        self
    }

    /// See [`InForm::Newest`].
    pub(super) const fn newest(mut self) -> Self {
        self.form = InForm::Newest;
        self
    }

    /// See [`InForm::Never`].
    pub(super) const fn outside_the_form(mut self) -> Self {
        self.form = InForm::Never;
        self
    }

    /// See [`Absent::Refused`].
    pub(super) const fn required(mut self) -> Self {
        self.absent = Absent::Refused;
        self
    }

    /// See [`Absent::Becomes`].
    pub(super) const fn absent_becomes(mut self, value: Literal) -> Self {
        self.absent = Absent::Becomes(value);
        self
    }

    /// The server's configuration gives the default; see [`Configured`].
    pub(super) const fn configured(self, key: &'static str, about: &'static str) -> Self {
        self.configured_also_by(key, &[], about)
    }

    /// The same with older variables.
    pub(super) const fn configured_also_by(
        mut self,
        key: &'static str,
        aliases: &'static [&'static str],
        about: &'static str,
    ) -> Self {
        self.configured = Some(Configured { key, aliases, about });
        self
    }
}
