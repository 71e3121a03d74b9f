//! `[accounts]`: how accounts come to be, and whom a waiting user may turn to.

use rosterd_domain::role::Role;

use crate::config::parse;
use crate::config::reader::Reader;
use crate::config::setting::{Kind, Setting};

const SIGNUP: Setting = Setting::new(
    "accounts.signup",
    "ENABLE_SIGNUP",
    &[],
    Kind::Switch,
    "true",
    "Anybody may sign up. The stored ui.enable_signup has priority.",
);
const LOGIN_FORM: Setting = Setting::new(
    "accounts.login_form",
    "ENABLE_LOGIN_FORM",
    &[],
    Kind::Switch,
    "true",
    "Front ends show the sign-in form. The stored ui.ENABLE_LOGIN_FORM has priority.",
);
const DEFAULT_ROLE: Setting = Setting::new(
    "accounts.default_role",
    "DEFAULT_USER_ROLE",
    &[],
    Kind::Choice(&["pending", "user", "admin"]),
    "pending",
    "Role of a new account after sign-up. The stored ui.default_user_role has priority.",
);
const DEFAULT_GROUP: Setting = Setting::new(
    "accounts.default_group",
    "DEFAULT_GROUP_ID",
    &[],
    Kind::Text,
    "",
    "Id of the group that new accounts join. The stored ui.default_group_id has priority.",
);
const SHOW_ADMIN: Setting = Setting::new(
    "accounts.show_admin_details",
    "SHOW_ADMIN_DETAILS",
    &[],
    Kind::Switch,
    "true",
    "Pending users can see the name and e-mail address of an administrator. The stored auth.admin.show has priority.",
);
const ADMIN_EMAIL: Setting = Setting::new(
    "accounts.admin_email",
    "ADMIN_EMAIL",
    &[],
    Kind::Text,
    "",
    "That e-mail address; empty: the primary admin's. The stored auth.admin.email has priority.",
);

/// The section's settings.
pub(in crate::config) const ALL: &[Setting] =
    &[SIGNUP, LOGIN_FORM, DEFAULT_ROLE, DEFAULT_GROUP, SHOW_ADMIN, ADMIN_EMAIL];

/// How accounts come to be. Each value holds where the database stores none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountsConfig {
    /// Anybody may sign up.
    pub signup: bool,
    /// Front ends show the sign-in form.
    pub login_form: bool,
    /// Role of an account that signs itself up.
    pub default_role: Role,
    /// Group that new accounts join; empty: none.
    pub default_group: String,
    /// Waiting users are shown an administrator.
    pub show_admin_details: bool,
    /// That administrator's e-mail address; `None`: the primary admin's.
    pub admin_email: Option<String>,
}

impl AccountsConfig {
    pub(in crate::config) fn read(reader: &mut Reader<'_>) -> Option<Self> {
        let signup = reader.read(&SIGNUP, parse::switch);
        let login_form = reader.read(&LOGIN_FORM, parse::switch);
        let default_role = reader.read(&DEFAULT_ROLE, |text| {
            Role::parse(text.trim()).ok_or_else(|| format!("`{text}` is none of pending, user, admin"))
        });
        let default_group = reader.read(&DEFAULT_GROUP, parse::text);
        let show_admin_details = reader.read(&SHOW_ADMIN, parse::switch);
        let admin_email = reader.read_optional(&ADMIN_EMAIL, parse::text);
        Some(Self {
            signup: signup?,
            login_form: login_form?,
            default_role: default_role?,
            default_group: default_group?,
            show_admin_details: show_admin_details?,
            admin_email: admin_email?,
        })
    }
}
