//! Whether people may open accounts for themselves (rule M22).

use crate::dialect::Dialect;

/// What decides.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "independent switches, not states")]
pub struct SignUp {
    /// There is at least one account.
    pub has_users: bool,
    /// `ui.enable_signup`.
    pub enabled: bool,
    /// `ui.enable_login_form`.
    pub login_form: bool,
    /// `ENABLE_INITIAL_ADMIN_SIGNUP`: the first account may be opened without the form.
    pub initial_admin: bool,
}

impl SignUp {
    /// Whether an account may be opened (rule M22). The first one may be where sign-up is closed, so that a new deployment
    /// gets its admin; without the sign-in form only if that is configured. Open WebUI 0.6 makes no difference between the
    /// first account and the others.
    #[must_use]
    pub const fn is_open(self, dialect: Dialect) -> bool {
        match dialect {
            Dialect::V0_12 if !self.has_users => self.login_form || self.initial_admin,
            Dialect::V0_6 | Dialect::V0_12 => self.enabled && self.login_form,
        }
    }
}

#[cfg(test)]
mod tests {
    use Dialect::{V0_6, V0_12};

    use super::*;

    const OPEN: SignUp = SignUp { has_users: true, enabled: true, login_form: true, initial_admin: false };

    #[test]
    fn m22_sign_up_needs_its_switch_and_the_form() {
        for dialect in Dialect::ALL {
            assert!(OPEN.is_open(dialect));
            assert!(!SignUp { enabled: false, ..OPEN }.is_open(dialect));
            assert!(!SignUp { login_form: false, initial_admin: true, ..OPEN }.is_open(dialect));
        }
    }

    #[test]
    fn m22_the_first_account_needs_the_form_or_the_setting() {
        let first = SignUp { has_users: false, enabled: false, ..OPEN };
        assert!(first.is_open(V0_12));
        assert!(!first.is_open(V0_6));
        assert!(!SignUp { login_form: false, ..first }.is_open(V0_12));
        assert!(SignUp { login_form: false, initial_admin: true, ..first }.is_open(V0_12));
    }
}
