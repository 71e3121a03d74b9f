//! The settings of Open WebUI's sign-in by LDAP, which rosterd shows and never changes: it has no such sign-in.

use serde_json::Value;

use crate::json::JsonText;
use crate::permissions::lenient_bool;

/// Where Open WebUI keeps whether its sign-in by LDAP is on.
pub const ENABLED: &str = "ldap.enable";

/// Where Open WebUI keeps the password of the LDAP server, which is shown to nobody.
const PASSWORD: &str = "ldap.server.app_password";

/// One setting of the form for the LDAP server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Field {
    /// Name in the form.
    pub wire: &'static str,
    /// Key in table `config`.
    pub key: &'static str,
    /// What holds where nothing is stored.
    default: Default,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Default {
    Text(&'static str),
    Number(u16),
    Switch(bool),
}

const fn text(wire: &'static str, key: &'static str, default: &'static str) -> Field {
    Field { wire, key, default: Default::Text(default) }
}

const fn switch(wire: &'static str, key: &'static str, default: bool) -> Field {
    Field { wire, key, default: Default::Switch(default) }
}

/// The form, in its order.
pub const FORM: [Field; 17] = [
    text("label", "ldap.server.label", "LDAP Server"),
    text("host", "ldap.server.host", "localhost"),
    Field { wire: "port", key: "ldap.server.port", default: Default::Number(389) },
    text("attribute_for_mail", "ldap.server.attribute_for_mail", "mail"),
    text("default_email_domain", "ldap.server.default_email_domain", ""),
    text("attribute_for_username", "ldap.server.attribute_for_username", "uid"),
    text("app_dn", "ldap.server.app_dn", ""),
    text("app_dn_password", PASSWORD, ""),
    text("search_base", "ldap.server.users_dn", ""),
    text("search_filters", "ldap.server.search_filter", ""),
    switch("use_tls", "ldap.server.use_tls", true),
    text("certificate_path", "ldap.server.ca_cert_file", ""),
    switch("validate_cert", "ldap.server.validate_cert", true),
    text("ciphers", "ldap.server.ciphers", "ALL"),
    switch("enable_group_management", "ldap.group.enable_management", false),
    switch("enable_group_creation", "ldap.group.enable_creation", false),
    text("attribute_for_groups", "ldap.server.attribute_for_groups", "memberOf"),
];

impl Field {
    /// The value as it is shown: what is stored, the default for anything of another type, and never the password.
    #[must_use]
    pub fn answer_value(self, stored: Option<&JsonText>) -> Value {
        let stored = stored.filter(|_| self.key != PASSWORD).map(JsonText::to_value);
        match (self.default, stored) {
            (Default::Text(_), Some(value @ Value::String(_))) => value,
            (Default::Number(_), Some(Value::Number(number))) if number.is_i64() => number.into(),
            (Default::Switch(default), Some(value)) => lenient_bool(&value).unwrap_or(default).into(),
            (Default::Text(default), _) => default.into(),
            (Default::Number(default), _) => default.into(),
            (Default::Switch(default), None) => default.into(),
        }
    }
}

/// Whether Open WebUI's sign-in by LDAP is on, from what is stored at [`ENABLED`].
#[must_use]
pub fn is_enabled(stored: Option<&JsonText>) -> bool {
    stored.and_then(|stored| lenient_bool(&stored.to_value())).unwrap_or(false)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn stored(text: &str) -> JsonText {
        JsonText::from_stored(text.to_owned())
    }

    fn field(wire: &str) -> Field {
        FORM.into_iter().find(|field| field.wire == wire).unwrap()
    }

    #[test]
    fn what_is_stored_is_shown_where_it_has_the_right_type() {
        assert_eq!(field("port").answer_value(Some(&stored("636"))), json!(636));
        assert_eq!(field("port").answer_value(Some(&stored("\"636\""))), json!(389));
        assert_eq!(field("use_tls").answer_value(Some(&stored("false"))), json!(false));
        assert_eq!(field("use_tls").answer_value(Some(&stored("\"perhaps\""))), json!(true));
        assert_eq!(field("label").answer_value(Some(&stored("\"Ours\""))), json!("Ours"));
        assert_eq!(field("label").answer_value(None), json!("LDAP Server"));
    }

    #[test]
    fn the_password_is_never_shown() {
        assert_eq!(field("app_dn_password").answer_value(Some(&stored("\"secret\""))), json!(""));
    }

    #[test]
    fn ldap_is_off_unless_it_is_stored_as_on() {
        assert!(is_enabled(Some(&stored("true"))));
        for off in ["false", "null", "{", "\"perhaps\""] {
            assert!(!is_enabled(Some(&stored(off))), "{off}");
        }
        assert!(!is_enabled(None));
    }
}
