//! All values that come from the configuration, as one plain value.
//!
//! The server crate fills it; nothing here reads the environment. What an administrator can change at run time is
//! stored in the database and has priority over [`StoredDefaults`].

use std::time::Duration;

use rosterd_domain::document::DocumentLimits;
use rosterd_domain::permissions::UserPermissions;
use rosterd_domain::role::Role;
use rosterd_domain::rules::client_ip::IpRanges;
use rosterd_domain::rules::duration::TokenLife;
use rosterd_domain::secret::PasswordPolicy;
use rosterd_storage::ListedSizes;

/// The settings. [`Settings::new`] gives the documented defaults.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The HS256 secret shared with every server and front end of the deployment.
    pub secret: TokenSecret,
    /// Name shown by `GET /api/config`.
    pub name: String,
    /// Version shown by `GET /api/config` and `GET /api/version`.
    pub version: String,
    /// Requests whose body takes longer to arrive are answered 408.
    pub body_timeout: Duration,
    /// The same where nothing arrives for so long.
    pub body_idle_timeout: Duration,
    /// Requests with a larger body are answered 413. Bytes.
    pub max_body_bytes: usize,
    /// The same for requests that carry a profile image. Bytes.
    pub max_image_body_bytes: usize,
    /// What settings and info may be after merging. The body limit of the two routes that merge follows it.
    pub document_limits: DocumentLimits,
    /// Rule I4: `true` answers 302 for an http(s) profile image, `false` the default image.
    pub image_redirects: bool,
    /// What the admins' list shows: a longer inline image stands there as the image's own URL, a longer document as null.
    pub listed_sizes: ListedSizes,
    /// What a new password must be like (rule R3).
    pub password_policy: PasswordPolicy,
    /// Cost of new bcrypt hashes, 4 to 31.
    pub bcrypt_cost: u32,
    /// Threads that hash passwords; each hash at cost 12 takes about a third of a second of one core.
    pub hash_threads: usize,
    /// Hashes that may wait; past this sign-ins are answered 503.
    pub hash_queue: usize,
    /// Seconds' worth of `Retry-After` in a 503.
    pub retry_after_seconds: u32,
    /// How the `token` cookie is set.
    pub cookie: CookieSettings,
    /// Proxies that are believed when they tell whom a request comes from: the client's IP and, where that is switched
    /// on, the user. From any other peer such headers are ignored.
    pub trusted_proxies: IpRanges,
    /// The one header in which a trusted proxy names the client's IP; a name of a header as in RFC 9110, 5.1.
    pub client_ip_header: String,
    /// Sign-in through headers set by an authenticating proxy; `None` switches it off.
    pub trusted_headers: Option<TrustedHeaders>,
    /// How often and from where sign-in may be tried.
    pub sign_in_limit: SignInLimit,
    /// How often collected activity is written (rule L4).
    pub activity_flush: Duration,
    /// Values for what the database does not hold.
    pub defaults: StoredDefaults,
}

impl Settings {
    /// The defaults, with this secret.
    #[must_use]
    pub fn new(secret: TokenSecret) -> Self {
        Self {
            secret,
            name: "rosterd".to_owned(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            body_timeout: Duration::from_secs(30),
            body_idle_timeout: Duration::from_secs(10),
            max_body_bytes: 1024 * 1024,
            max_image_body_bytes: 1536 * 1024,
            document_limits: DocumentLimits::default(),
            image_redirects: true,
            listed_sizes: ListedSizes { image: Some(2048), document: Some(16 << 10) },
            password_policy: PasswordPolicy::default(),
            bcrypt_cost: 12,
            hash_threads: 1,
            hash_queue: 64,
            retry_after_seconds: 1,
            cookie: CookieSettings::default(),
            trusted_proxies: IpRanges::default(),
            client_ip_header: "x-forwarded-for".to_owned(),
            trusted_headers: None,
            sign_in_limit: SignInLimit::default(),
            activity_flush: Duration::from_secs(5),
            defaults: StoredDefaults::default(),
        }
    }
}

/// The token secret. `Debug` shows nothing of it.
#[derive(Clone, PartialEq, Eq)]
pub struct TokenSecret(Vec<u8>);

impl TokenSecret {
    /// A secret of any length; the server crate refuses short ones.
    #[must_use]
    pub fn new(bytes: impl Into<Vec<u8>>) -> Self {
        Self(bytes.into())
    }

    /// The bytes, for signing and checking.
    #[must_use]
    pub fn expose(&self) -> &[u8] {
        &self.0
    }
}

impl std::fmt::Debug for TokenSecret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("TokenSecret(..)")
    }
}

/// Attributes of the `token` cookie; it is always `HttpOnly`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CookieSettings {
    /// `SameSite`.
    pub same_site: SameSite,
    /// `Secure`: only sent over TLS.
    pub secure: bool,
}

impl Default for CookieSettings {
    fn default() -> Self {
        Self { same_site: SameSite::Lax, secure: false }
    }
}

/// Values of the `SameSite` attribute.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SameSite {
    /// Only from the site itself.
    Strict,
    /// Also when a link leads here.
    Lax,
    /// Always; browsers then want `Secure`.
    None,
}

/// Sign-in by headers of a proxy that has already authenticated the user: one of [`Settings::trusted_proxies`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TrustedHeaders {
    /// Name of the header with the e-mail address.
    pub email: String,
    /// Name of the header with the name, in UTF-8 or percent-encoded.
    pub name: Option<String>,
    /// Name of the header with group names, separated by commas.
    pub groups: Option<String>,
}

/// Limits on sign-in tries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SignInLimit {
    /// Tries an e-mail address has within `window`.
    pub per_email: u32,
    /// Tries a client IP has within `window`; an IPv6 network of 64 bits counts as one.
    pub per_client_ip: u32,
    /// The window.
    pub window: Duration,
}

impl Default for SignInLimit {
    fn default() -> Self {
        Self { per_email: 15, per_client_ip: 150, window: Duration::from_mins(3) }
    }
}

/// What holds where the database says nothing; each field has an environment variable (docs/CONFIGURATION.md).
#[derive(Debug, Clone)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a switch of its own, named as administrators know it"
)]
pub struct StoredDefaults {
    /// `ui.enable_signup`.
    pub enable_signup: bool,
    /// `ui.ENABLE_LOGIN_FORM`.
    pub enable_login_form: bool,
    /// `ui.default_locale`.
    pub default_locale: String,
    /// `ui.prompt_suggestions`, a JSON list.
    pub prompt_suggestions: serde_json::Value,
    /// `ui.default_user_role`.
    pub default_user_role: Role,
    /// `ui.default_group_id`; empty: none.
    pub default_group_id: String,
    /// `ui.pending_user_overlay_title`.
    pub pending_user_overlay_title: String,
    /// `ui.pending_user_overlay_content`.
    pub pending_user_overlay_content: String,
    /// `ui.watermark`.
    pub response_watermark: String,
    /// `auth.jwt_expiry`.
    pub jwt_expires_in: String,
    /// The same, read.
    pub token_life: TokenLife,
    /// `auth.enable_api_keys`.
    pub enable_api_keys: bool,
    /// `auth.admin.show`.
    pub show_admin_details: bool,
    /// `auth.admin.email`; `None`: the primary admin's.
    pub admin_email: Option<String>,
    /// `webui.url`.
    pub webui_url: String,
    /// `user.permissions`.
    pub permissions: UserPermissions,
}

impl Default for StoredDefaults {
    fn default() -> Self {
        Self {
            enable_signup: true,
            enable_login_form: true,
            default_locale: String::new(),
            prompt_suggestions: serde_json::json!([]),
            default_user_role: Role::Pending,
            default_group_id: String::new(),
            pending_user_overlay_title: String::new(),
            pending_user_overlay_content: String::new(),
            response_watermark: String::new(),
            jwt_expires_in: "4w".to_owned(),
            token_life: TokenLife::Seconds(4 * 7 * 24 * 3600),
            enable_api_keys: false,
            show_admin_details: true,
            admin_email: None,
            webui_url: String::new(),
            permissions: UserPermissions::builtin(),
        }
    }
}
