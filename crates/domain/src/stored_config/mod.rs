//! The settings that administrators change at run time: what each is called, where it is stored, what it may be.
//!
//! A setting is one [`Row`] of the table in `table.rs`, and a [`Key`] names the row. Its name on the wire, its place in
//! either layout of table `config`, its type, its default, the environment variable that overrides the default, and what
//! holds where the stored value cannot be read all stand there. The administrator's form, the OpenAPI document, the
//! server's configuration and `rosterd config` follow the table.
//!
//! A stored value wins over the environment, the environment over the default.

mod form;
mod kind;
mod reading;
mod row;
mod table;
mod translations;

pub use form::{Absent, InForm, Sent, sessions_revoked};
pub use kind::Kind;
pub use reading::{Held, Stored};
pub use row::{Configured, Literal, Row};
pub use table::Key;

use serde_json::Value;

use crate::dialect::Dialect;

impl Key {
    /// The settings of the form, and those beside it that can be configured.
    pub fn told(dialect: Dialect) -> impl Iterator<Item = Self> {
        let in_form: Vec<Self> = Self::of_form(dialect).collect();
        let is_told = move |key: &Self| in_form.contains(key) || key.row().configured.is_some();
        Self::ALL.iter().copied().filter(is_told)
    }

    /// The name on the wire; where the setting can be configured, also the name of its environment variable.
    #[must_use]
    pub const fn wire(self) -> &'static str {
        self.row().wire
    }

    /// What its value must be.
    #[must_use]
    pub const fn kind(self) -> Kind {
        self.row().kind
    }

    /// What holds where neither database nor environment says anything.
    #[must_use]
    pub fn default(self) -> Value {
        self.row().default.value()
    }

    /// The same for the front end of this dialect.
    #[must_use]
    pub fn default_in(self, dialect: Dialect) -> Value {
        match (dialect, self.row().older_default) {
            (Dialect::V0_6, Some(older)) => older.value(),
            (Dialect::V0_6 | Dialect::V0_12, _) => self.default(),
        }
    }

    /// The setting of the administrator's form with this name, in whatever dialect.
    #[must_use]
    pub fn named(wire: &str) -> Option<Self> {
        let mut all = Dialect::ALL.into_iter().flat_map(Self::of_form);
        all.find(|key| key.wire() == wire)
    }

    /// What is wrong with a value that somebody wants to store here.
    #[must_use]
    pub fn fault(self, value: &Value) -> Option<&'static str> {
        self.kind().fit(value.clone()).err()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_default_has_the_type_of_its_key() {
        for key in Key::ALL {
            for dialect in Dialect::ALL {
                assert_eq!(key.fault(&key.default_in(dialect)), None, "{key:?}");
            }
            assert_eq!(key.fault(&key.closed(&key.default())), None, "{key:?}");
        }
    }

    #[test]
    fn no_two_settings_share_a_name_or_a_place() {
        let columns: [fn(&Row) -> &'static str; 3] =
            [|row| row.wire, |row| row.document, |row| row.key_value];
        for column in columns {
            let mut names: Vec<_> = Key::ALL.iter().map(|key| column(key.row())).collect();
            names.sort_unstable();
            assert!(names.windows(2).all(|pair| pair[0] != pair[1]), "{names:?}");
        }
    }

    #[test]
    fn two_places_depend_on_the_layout() {
        let differing: Vec<_> =
            Key::ALL.iter().filter(|key| key.row().document != key.row().key_value).collect();
        assert_eq!(differing, [&Key::EnableLoginForm, &Key::EnableWebSearch]);
    }

    #[test]
    fn one_default_depends_on_the_dialect() {
        let differing: Vec<_> =
            Key::ALL.iter().filter(|key| key.default_in(Dialect::V0_6) != key.default()).collect();
        assert_eq!(differing, [&Key::EnableUserWebhooks]);
    }
}
