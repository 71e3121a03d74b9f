//! The settings that administrators change at run time: what each is called, where it is stored, what it may be.
//!
//! A setting is one [`Row`] of the table in `table.rs`, and a [`Key`] names the row. Its name on the wire, its place in
//! either layout of table `config`, its type, its default, the environment variable that overrides the default, and what
//! holds where the stored value cannot be read all stand there. The administrator's form, the OpenAPI document, the
//! server's configuration and `rosterd config` follow the table.
//!
//! A stored value wins over the environment, the environment over the default.

mod kind;
mod reading;
mod row;
mod table;

pub use kind::Kind;
pub use reading::{Held, Stored};
pub use row::{Configured, InForm, Literal, Row};
pub use table::Key;

use serde_json::Value;

impl Key {
    /// The settings of the administrator's form, in its order.
    pub fn of_form() -> impl Iterator<Item = Self> {
        Self::ALL.iter().copied().filter(|key| key.row().form != InForm::Never)
    }

    /// The settings of the form, and those beside it that can be configured.
    pub fn told() -> impl Iterator<Item = Self> {
        let is_told = |key: &Self| key.row().form != InForm::Never || key.row().configured.is_some();
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

    /// Whether Open WebUI's own admin page knows it. The others are told on request only.
    #[must_use]
    pub fn is_always_shown(self) -> bool {
        self.row().form == InForm::Always
    }

    /// What holds where neither database nor environment says anything.
    #[must_use]
    pub fn default(self) -> Value {
        self.row().default.value()
    }

    /// What is wrong with a value that somebody wants to store here.
    #[must_use]
    pub fn fault(self, value: &Value) -> Option<&'static str> {
        self.kind().fault(value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_default_has_the_type_of_its_key() {
        for key in Key::ALL {
            assert_eq!(key.fault(&key.default()), None, "{key:?}");
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
    fn only_one_place_depends_on_the_layout() {
        let differing: Vec<_> =
            Key::ALL.iter().filter(|key| key.row().document != key.row().key_value).collect();
        assert_eq!(differing, [&Key::EnableLoginForm]);
    }

    #[test]
    fn what_the_form_leaves_out_is_stored_all_the_same() {
        let outside: Vec<_> = Key::ALL.iter().filter(|key| !Key::of_form().any(|of| of == **key)).collect();
        assert_eq!(
            outside,
            [
                &Key::EnableMfa,
                &Key::MfaAllowOauthBypass,
                &Key::MfaAllowTrustedHeaderBypass,
                &Key::EnableUserStatus,
                &Key::DefaultInterfaceSettings,
                &Key::UserPermissions,
                &Key::Version,
            ]
        );
    }
}
