//! Answers for which the server's own types are not used.

use std::fmt;

use rosterd_domain::{
    ApiKeyInfo, EffectivePermissions, GroupWithCount, Role, UnixSeconds, UserId, UserPermissions,
};
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;
use serde_json::{Map, Value};

/// An account as front ends keep it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Account {
    /// The user's id.
    pub id: UserId,
    /// The name others see.
    pub name: String,
    /// The role.
    #[serde(deserialize_with = "role")]
    pub role: Role,
    /// The e-mail address.
    pub email: String,
    /// The picture.
    pub profile_image_url: String,
}

/// A new session.
#[derive(Clone, PartialEq, Eq, Deserialize)]
pub struct Session {
    /// The token, for [`crate::Client::with_token`].
    pub token: String,
    /// When it ends; `None`: never.
    pub expires_at: Option<UnixSeconds>,
    /// Whose it is.
    #[serde(flatten)]
    pub account: Account,
    /// What the account may do.
    pub permissions: EffectivePermissions,
}

/// The session of a token, with more of the account.
#[derive(Clone, PartialEq, Eq, Deserialize)]
pub struct SessionUser {
    /// The session.
    #[serde(flatten)]
    pub session: Session,
    /// A few words about oneself.
    pub bio: Option<String>,
    /// Free text.
    pub gender: Option<String>,
    /// `YYYY-MM-DD`.
    pub date_of_birth: Option<String>,
    /// The status.
    #[serde(flatten)]
    pub status: rosterd_domain::UserStatus,
}

/// An account that was opened for somebody.
#[derive(Clone, PartialEq, Eq, Deserialize)]
pub struct AddedAccount {
    /// A token for it; `None` where a second factor is demanded.
    pub token: Option<String>,
    /// The account.
    #[serde(flatten)]
    pub account: Account,
}

/// An API key that was made.
#[derive(Clone, PartialEq, Eq, Deserialize)]
pub struct MadeApiKey {
    /// The key, for [`crate::Client::with_token`].
    pub key: String,
    /// What may be told of it.
    #[serde(flatten)]
    pub info: ApiKeyInfo,
}

/// Your second factor.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub struct MfaStatus {
    /// There is one.
    pub enabled: bool,
    /// It is demanded of sessions like yours.
    pub required: bool,
    /// How many codes are left to recover the account with.
    pub recovery_codes_remaining: u64,
}

macro_rules! debug_without_token {
    ($($name:ident: $($field:ident),+;)+) => {$(
        impl fmt::Debug for $name {
            /// Shows no token.
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                let mut shown = f.debug_struct(stringify!($name));
                $(shown.field(stringify!($field), &self.$field);)+
                shown.finish_non_exhaustive()
            }
        }
    )+};
}

debug_without_token! {
    Session: expires_at, account;
    SessionUser: session, status;
    AddedAccount: account;
    MadeApiKey: info;
}

/// A user's picture.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ProfileImage {
    /// It is here.
    Inline {
        /// Such as `image/png`.
        media_type: String,
        /// The picture.
        bytes: Vec<u8>,
    },
    /// It is at this URL.
    Elsewhere(String),
}

/// Whom to ask to be let in.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct AdminDetails {
    /// Their name.
    pub name: Option<String>,
    /// Their e-mail address.
    pub email: Option<String>,
}

/// A group with the ids of its members.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GroupExport {
    /// The group.
    pub group: GroupWithCount,
    /// The ids of its members.
    pub user_ids: Vec<UserId>,
}

impl<'de> Deserialize<'de> for GroupExport {
    /// The group carries JSON as text, which serde's own `flatten` would lose.
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        struct Members {
            user_ids: Vec<UserId>,
        }
        let raw = Box::<RawValue>::deserialize(deserializer)?;
        let group = serde_json::from_str(raw.get()).map_err(serde::de::Error::custom)?;
        let Members { user_ids } = serde_json::from_str(raw.get()).map_err(serde::de::Error::custom)?;
        Ok(Self { group, user_ids })
    }
}

/// What a front end needs for its first page.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct BackendConfig {
    /// The deployment's name.
    pub name: String,
    /// The server's version.
    pub version: String,
    /// The language to begin with; empty: the browser's.
    pub default_locale: String,
    /// Translations of the deployment's own texts: languages, each with texts and their translations.
    #[serde(default)]
    pub i18n: Map<String, Value>,
    /// What is switched on.
    pub features: BackendFeatures,
    /// Whether there is no user yet.
    #[serde(default)]
    pub onboarding: bool,
    /// Whether who has forgotten the password can ask for a link by mail.
    #[serde(default)]
    pub password_forgot: bool,
    /// Whether the caller waits until the e-mail address of the account is confirmed.
    #[serde(default)]
    pub email_unconfirmed: bool,
    /// Texts of the deployment. For whoever is signed in.
    pub ui: Option<BackendTexts>,
    /// The models a new chat begins with, separated by commas. For verified callers, as is all that follows.
    pub default_models: Option<String>,
    /// Models that are pinned for new users, separated by commas.
    pub default_pinned_models: Option<String>,
    /// Suggestions for an empty chat; `None` also where the front end has its own.
    pub default_prompt_suggestions: Option<Vec<Value>>,
    /// How many users there are.
    pub user_count: Option<i64>,
    /// The default template.
    pub permissions: Option<UserPermissions>,
    /// What else is told of Open WebUI: `code`, `audio`, `file` and others, as they were sent.
    #[serde(flatten)]
    pub more: Map<String, Value>,
}

/// What is switched on.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[expect(clippy::struct_excessive_bools, reason = "switches, each for itself")]
pub struct BackendFeatures {
    /// Whether accounts are needed.
    pub auth: bool,
    /// Whether a proxy signs people in.
    pub auth_trusted_header: bool,
    /// Whether anybody may open an account.
    pub enable_signup: bool,
    /// Whether there is a form to sign in.
    pub enable_login_form: bool,
    /// Whether API keys work. For whoever is signed in; a server of Open WebUI 0.6 tells it to anybody.
    pub enable_api_keys: Option<bool>,
    /// All other features, as they were sent; those of Open WebUI are told to whoever is signed in.
    #[serde(flatten)]
    pub more: Map<String, Value>,
}

/// Texts of the deployment.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct BackendTexts {
    /// Above what pending accounts see.
    pub pending_user_overlay_title: Option<String>,
    /// What pending accounts see.
    pub pending_user_overlay_content: Option<String>,
    /// Put under copied answers. For verified callers.
    pub response_watermark: Option<String>,
}

fn role<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Role, D::Error> {
    Ok(Role::from_stored(&String::deserialize(deserializer)?))
}
