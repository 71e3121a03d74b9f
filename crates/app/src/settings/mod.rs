//! All values that come from the configuration, as one plain value.
//!
//! The server crate fills it; nothing here reads the environment. What an administrator can change at run time is
//! stored in the database and has priority over [`StoredDefaults`].

mod signing_in;
mod stored_defaults;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use rosterd_domain::document::DocumentLimits;
use rosterd_domain::front_end::Switch;
use rosterd_domain::group::share::NewShare;
use rosterd_domain::public_url::PublicUrl;
use rosterd_domain::rules::api_keys::KeyLives;
use rosterd_domain::rules::attempts::SignInLimit;
use rosterd_domain::rules::client_ip::IpRanges;
use rosterd_domain::rules::password_hash::{Argon2Cost, HashAlgorithm};
use rosterd_domain::secret::{MetricsToken, PasswordPolicy};
use rosterd_storage::{ListedSizes, StoreOptions};

use crate::audit::AuditSettings;
use crate::mail::MailSettings;
use crate::webhooks::WebhookSettings;

pub use signing_in::{CookieSettings, SameSite, SetupSetting, TOKEN_COOKIE, TokenSecret, TrustedHeaders};
pub use stored_defaults::StoredDefaults;

/// The settings. [`Settings::new`] gives the documented defaults.
#[expect(clippy::struct_excessive_bools, reason = "switches that have nothing to do with each other")]
#[derive(Debug, Clone)]
pub struct Settings {
    /// The HS256 secret shared with every server and front end of the deployment.
    pub secret: TokenSecret,
    /// The secret before this one: tokens signed with it are accepted, none is signed with it (rule A10).
    pub previous_secret: Option<TokenSecret>,
    /// Name shown by `GET /api/config`.
    pub name: String,
    /// What else `GET /api/config` tells and no database holds.
    pub front_end: FrontEndSwitches,
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
    /// Cost of new bcrypt hashes, 4 to 18.
    pub bcrypt_cost: u32,
    /// What new hashes are made by, where the database allows it (rule M27).
    pub hash_algorithm: HashAlgorithm,
    /// Cost of new Argon2 hashes.
    pub argon2_cost: Argon2Cost,
    /// Threads that hash passwords; each hash at cost 12 takes about a third of a second of one core. By default all cores
    /// but one, and at least one.
    pub hash_threads: usize,
    /// Hashes that may wait or be under way: half of them for signing in, a quarter for signing up and a quarter for signed-in
    /// callers. One client IP may have a quarter of each. Past this the answer is 503.
    pub hash_queue: usize,
    /// Seconds' worth of `Retry-After` in a 503.
    pub retry_after_seconds: u32,
    /// How the cookie of a session is set.
    pub cookie: CookieSettings,
    /// Origins whose pages may read the answers, such as `https://chat.example.com`; `*`: all, but without the cookie. Empty:
    /// none.
    pub allowed_origins: Vec<String>,
    /// Headers that every answer has unless its handler sets them, by their names in small letters; each once.
    pub response_headers: Vec<(String, String)>,
    /// Proxies that are believed when they tell whom a request comes from: the client's IP and, where that is switched
    /// on, the user. From any other peer such headers are ignored.
    pub trusted_proxies: IpRanges,
    /// The one header in which a trusted proxy names the client's IP; a name of a header as in RFC 9110, 5.1.
    pub client_ip_header: String,
    /// Name of the header that may carry a token or an API key instead of `Authorization` (rule M10).
    pub api_key_header: String,
    /// How long API keys with a name live (rule K2).
    pub api_key_lives: KeyLives,
    /// Accounts can sign in with their password.
    pub password_sign_in: bool,
    /// The first account can be opened though there is no sign-in form (rule M22).
    pub initial_admin_sign_up: bool,
    /// What the first account needs that is opened from outside (rule A3).
    pub setup: SetupSetting,
    /// E-mail addresses are to be confirmed (rule C1).
    pub confirm_email: bool,
    /// By which URL people reach this server from outside: links begin with it (rule O6). `None`: by the stored one of the front end.
    pub public_url: Option<PublicUrl>,
    /// Where front ends go after signing out; `None`: nowhere in particular.
    pub sign_out_redirect_url: Option<String>,
    /// Sign-in through headers set by an authenticating proxy; `None` switches it off.
    pub trusted_headers: Option<TrustedHeaders>,
    /// How often and from where sign-in may be tried.
    pub sign_in_limit: SignInLimit,
    /// How often collected activity is written (rule L4).
    pub activity_flush: Duration,
    /// How long deleted accounts are kept, so that they can be restored (rule B2); zero: not at all.
    pub deleted_retention: Duration,
    /// What is kept of events in the database, and for how long.
    pub audit: AuditSettings,
    /// How webhooks are delivered.
    pub webhooks: WebhookSettings,
    /// How mails are sent; `None`: mail is not set up.
    pub mail: Option<MailSettings>,
    /// Backups that the server makes by itself; `None`: none.
    pub backups: Option<ScheduledBackups>,
    /// Who may share with a new group, where the request does not say (rule M2).
    pub new_group_share: NewShare,
    /// Whether browsers get the console at `/` and `/console`.
    pub console: bool,
    /// Where the metrics are, if requests are counted at all.
    pub metrics: MetricsPage,
    /// Values for what the database does not hold.
    pub defaults: StoredDefaults,
}

impl Settings {
    /// The defaults, with this secret.
    #[must_use]
    pub fn new(secret: TokenSecret) -> Self {
        Self {
            secret,
            previous_secret: None,
            name: "rosterd".to_owned(),
            front_end: FrontEndSwitches::default(),
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
            hash_algorithm: HashAlgorithm::Bcrypt,
            argon2_cost: Argon2Cost::default(),
            hash_threads: all_cores_but_one(),
            hash_queue: 512,
            retry_after_seconds: 1,
            cookie: CookieSettings::default(),
            allowed_origins: Vec::new(),
            response_headers: Vec::new(),
            trusted_proxies: IpRanges::default(),
            client_ip_header: "x-forwarded-for".to_owned(),
            api_key_header: "x-api-key".to_owned(),
            api_key_lives: KeyLives::default(),
            password_sign_in: true,
            initial_admin_sign_up: false,
            setup: SetupSetting::default(),
            confirm_email: false,
            public_url: None,
            sign_out_redirect_url: None,
            trusted_headers: None,
            sign_in_limit: SignInLimit::default(),
            activity_flush: Duration::from_secs(5),
            deleted_retention: Duration::from_hours(30 * 24),
            audit: AuditSettings::default(),
            webhooks: WebhookSettings::default(),
            mail: None,
            backups: None,
            new_group_share: NewShare::default(),
            console: true,
            metrics: MetricsPage::Off,
            defaults: StoredDefaults::default(),
        }
    }
}

impl Settings {
    /// The longest inline picture of a list, in bytes of its data URI; `None`: all are shown as stored.
    #[must_use]
    pub fn listed_image_bytes(&self) -> Option<usize> {
        self.listed_sizes.image.map(|most| usize::try_from(most).unwrap_or_default())
    }
}

/// Where the metrics can be read.
#[derive(Debug, Clone, Default)]
pub enum MetricsPage {
    /// Nowhere, and requests are not counted.
    #[default]
    Off,
    /// At `/metrics` of the API, by those who send this token.
    Here(MetricsToken),
    /// On a listener of their own, by those who send this token, or by anybody who reaches it.
    Apart(Option<MetricsToken>),
}

/// The cores this process may use without one, and at least one.
#[must_use]
pub fn all_cores_but_one() -> usize {
    std::thread::available_parallelism().map_or(1, |cores| cores.get().saturating_sub(1).max(1))
}

/// Backups that the server makes by itself.
#[derive(Debug, Clone)]
pub struct ScheduledBackups {
    /// The database.
    pub options: StoreOptions,
    /// How old the newest backup may become.
    pub every: Duration,
    /// The folder that they are in.
    pub folder: PathBuf,
    /// How many of the newest stay; at least one does.
    pub keep: usize,
    /// Whom they are encrypted for, as the program `age` takes it; nobody: they are not encrypted.
    pub recipients: Vec<String>,
}

/// The switches that front ends are told of and no database holds.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FrontEndSwitches(BTreeMap<Switch, bool>);

impl FrontEndSwitches {
    /// Whether it is on.
    #[must_use]
    pub fn is_on(&self, switch: Switch) -> bool {
        self.0.get(&switch).copied().unwrap_or(switch.default())
    }

    /// Sets it.
    pub fn set(&mut self, switch: Switch, on: bool) {
        if on == switch.default() {
            self.0.remove(&switch);
        } else {
            self.0.insert(switch, on);
        }
    }
}
