//! Which settings the administrator's form has (`/api/v1/auths/admin/config`), and what a field of it comes to.

use serde_json::Value;

use super::{Key, Kind, Literal};
use crate::dialect::Dialect;
use crate::rules::duration;

/// Whether the administrator's form has a setting.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum InForm {
    /// In both dialects.
    Always,
    /// In both dialects; in the older one an answer to a change shows it where it was sent.
    AlwaysInNewest,
    /// In both dialects; an answer to a change shows it where it was sent. Open WebUI's own page knows it in neither.
    OnRequest,
    /// In the newest dialect.
    Newest,
    /// In neither: another route changes it, or only Open WebUI does.
    Never,
}

/// What holds where a form of the newest dialect lacks the setting. In the older dialect every setting stays.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Absent {
    /// The form is refused.
    Refused,
    /// The setting stays as it is.
    Stays,
    /// The setting gets this value.
    Becomes(Literal),
}

/// What a field of the form comes to.
#[derive(Debug, Clone, PartialEq)]
pub enum Sent {
    /// This value is stored.
    Value(Value),
    /// The setting stays as it is.
    Nothing,
    /// The field is needed and missing.
    Missing,
    /// The value does not fit, for this reason.
    Faulty(&'static str),
}

/// Whether an update of the form has ended every session, as the front end of this dialect is told; `None`: it is told
/// nothing. Sessions end with a change of the second factor's policy, which is refused (rule M24).
#[must_use]
pub fn sessions_revoked(dialect: Dialect) -> Option<bool> {
    match dialect {
        Dialect::V0_6 => None,
        Dialect::V0_12 => Some(false),
    }
}

impl Key {
    /// The settings of the administrator's form, in its order.
    pub fn of_form(dialect: Dialect) -> impl Iterator<Item = Self> {
        Self::ALL.iter().copied().filter(move |key| key.is_in_form(dialect))
    }

    fn is_in_form(self, dialect: Dialect) -> bool {
        match self.row().form {
            InForm::Always | InForm::AlwaysInNewest | InForm::OnRequest => true,
            InForm::Newest => dialect == Dialect::V0_12,
            InForm::Never => false,
        }
    }

    /// Whether every answer to a change shows it. The others of the form are shown where they were sent.
    #[must_use]
    pub fn is_always_shown(self, dialect: Dialect) -> bool {
        match self.row().form {
            InForm::Always => true,
            InForm::AlwaysInNewest | InForm::Newest => dialect == Dialect::V0_12,
            InForm::OnRequest | InForm::Never => false,
        }
    }

    /// Whether it belongs to the policy of the second factor, which only a person may name and only Open WebUI changes
    /// (rules M12 and M24).
    #[must_use]
    pub const fn is_factor_policy(self) -> bool {
        matches!(self, Self::EnableMfa | Self::MfaAllowOauthBypass | Self::MfaAllowTrustedHeaderBypass)
    }

    /// What is needed of a form.
    #[must_use]
    pub fn is_required(self, dialect: Dialect) -> bool {
        dialect == Dialect::V0_12 && self.row().absent == Absent::Refused
    }

    /// What a field of the form comes to; `None` where it was not sent (rules M23, M25 and M31).
    #[must_use]
    pub fn sent(self, value: Option<Value>, dialect: Dialect) -> Sent {
        let Some(value) = value else {
            return match (dialect, self.row().absent) {
                (Dialect::V0_6, _) | (Dialect::V0_12, Absent::Stays) => Sent::Nothing,
                (Dialect::V0_12, Absent::Refused) => Sent::Missing,
                (Dialect::V0_12, Absent::Becomes(literal)) => Sent::Value(literal.value()),
            };
        };
        let may_be_skipped =
            dialect == Dialect::V0_12 && self.kind().is_skipped_where_unfit() && value.is_string();
        if may_be_skipped && !self.is_taken_by_front_end(&value) {
            return Sent::Nothing;
        }
        match self.kind().fit(value) {
            Ok(value) => Sent::Value(value),
            Err(_fault) if may_be_skipped => Sent::Nothing,
            Err(fault) => Sent::Faulty(fault),
        }
    }

    /// The newest front end knows lives of tokens of one number and one unit only.
    fn is_taken_by_front_end(self, value: &Value) -> bool {
        self.kind() != Kind::TokenLife || value.as_str().is_some_and(duration::is_one_span)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const NEWEST: Dialect = Dialect::V0_12;

    #[test]
    fn the_older_form_has_22_settings_and_the_newest_41() {
        assert_eq!(Key::of_form(Dialect::V0_6).count(), 22);
        assert_eq!(Key::of_form(Dialect::V0_6).filter(|key| key.is_always_shown(Dialect::V0_6)).count(), 18);
        let hidden: Vec<_> = Key::of_form(NEWEST).filter(|key| !key.is_always_shown(NEWEST)).collect();
        assert_eq!(hidden, [Key::DefaultLocale, Key::PromptSuggestions]);
        assert_eq!(Key::of_form(NEWEST).count(), 39 + hidden.len());
        assert_eq!(Key::of_form(NEWEST).filter(|key| key.is_required(NEWEST)).count(), 20);
        assert_eq!(Key::of_form(Dialect::V0_6).filter(|key| key.is_required(Dialect::V0_6)).count(), 0);
    }

    #[test]
    fn what_is_absent_stays_is_missed_or_gets_a_value() {
        for (key, comes_to) in [
            (Key::EnableSignup, Sent::Missing),
            (Key::EnableLoginForm, Sent::Nothing),
            (Key::EnableMfa, Sent::Nothing),
            (Key::I18n, Sent::Nothing),
            (Key::AdminEmail, Sent::Value(json!(null))),
            (Key::DefaultInterfaceSettings, Sent::Value(json!({}))),
            (Key::FolderMaxFileCount, Sent::Value(json!(""))),
            (Key::ChannelModelResponseMode, Sent::Value(json!("thread"))),
            (Key::ResponseWatermark, Sent::Value(json!(null))),
        ] {
            assert_eq!(key.sent(None, NEWEST), comes_to, "{key:?}");
            assert_eq!(key.sent(None, Dialect::V0_6), Sent::Nothing, "{key:?}");
        }
        for key in Key::of_form(NEWEST) {
            if let Sent::Value(value) = key.sent(None, NEWEST) {
                assert_eq!(key.fault(&value), None, "{key:?}");
            }
        }
    }

    #[test]
    fn m25_three_settings_are_skipped_where_they_do_not_fit() {
        for (key, unfit) in [
            (Key::DefaultUserRole, ["owner", "", "Admin"].as_slice()),
            (Key::ChannelModelResponseMode, &["x", "", "Thread"]),
            (Key::JwtExpiresIn, &["soon", "", "4", "-4w", "1h30m", "4 w", "-2", "0s", "4W", "+4w"]),
        ] {
            for text in unfit {
                assert_eq!(key.sent(Some(json!(text)), NEWEST), Sent::Nothing, "{key:?} {text}");
            }
            for other in [json!(1), json!(null), json!([])] {
                assert!(matches!(key.sent(Some(other), NEWEST), Sent::Faulty(_)), "{key:?}");
            }
        }
        for life in ["-1", "0", "500ms", "1s", "30m", "1.5h", "2d", "4w"] {
            assert_eq!(Key::JwtExpiresIn.sent(Some(json!(life)), NEWEST), Sent::Value(json!(life)), "{life}");
        }
        assert!(matches!(Key::DefaultUserRole.sent(Some(json!("owner")), Dialect::V0_6), Sent::Faulty(_)));
        let older = Key::JwtExpiresIn.sent(Some(json!("1h30m")), Dialect::V0_6);
        assert_eq!(older, Sent::Value(json!("1h30m")));
    }

    #[test]
    fn m23_m31_what_is_sent_is_stored_in_one_form() {
        assert_eq!(Key::FolderMaxFileCount.sent(Some(json!("7")), NEWEST), Sent::Value(json!(7)));
        assert!(matches!(Key::FolderMaxFileCount.sent(Some(json!("many")), NEWEST), Sent::Faulty(_)));
        let sent = json!({ "fr": { "x": " " } });
        assert_eq!(Key::I18n.sent(Some(sent), NEWEST), Sent::Value(json!({})));
        assert!(matches!(Key::I18n.sent(Some(json!(null)), NEWEST), Sent::Faulty(_)));
    }

    #[test]
    fn m24_three_settings_are_the_policy_of_the_second_factor() {
        let policy: Vec<_> = Key::of_form(NEWEST).filter(|key| key.is_factor_policy()).collect();
        assert_eq!(policy, [Key::EnableMfa, Key::MfaAllowOauthBypass, Key::MfaAllowTrustedHeaderBypass]);
        assert!(matches!(Key::EnableMfa.sent(Some(json!("true")), NEWEST), Sent::Faulty(_)));
    }
}
