//! The configuration: the only place of the project that reads the environment.
//!
//! Sources, the strongest first: command line, environment, TOML file, defaults. [`Sources`] collects them as plain
//! maps, [`Config::load`] reads every section and names everything that is wrong at once. Variables have Open
//! WebUI's names where it has one. To add a setting see [`Setting`].

mod api;
mod error;
mod nearest;
mod parse;
mod reader;
pub(crate) mod secret;
mod sections;
mod setting;
mod show;
mod source;

#[cfg(test)]
mod database_tests;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::time::Duration;

use rosterd_app::audit::AuditSettings;
use rosterd_app::mail::MailSettings;
use rosterd_app::settings::{CookieSettings, FrontEndSwitches, StoredDefaults};
use rosterd_app::webhooks::WebhookSettings;
use rosterd_domain::group::share::NewShare;

pub(crate) use error::plain_name;
pub use error::{ConfigError, Problem};
pub use reader::Effective;
pub use secret::{MIN_SECRET_BYTES, SecretError, SecretSource};
pub use sections::activity::ActivityConfig;
pub use sections::backups::BackupsConfig;
pub use sections::database::DatabaseConfig;
pub use sections::images::ImagesConfig;
pub use sections::limits::LimitsConfig;
pub use sections::logging::{LogFormat, LoggingConfig};
pub use sections::metrics::{Listen, MetricsConfig};
pub use sections::passwords::PasswordsConfig;
pub use sections::server::ServerConfig;
pub use sections::tokens::TokensConfig;
pub use sections::trusted_headers::ProxiesConfig;
pub use setting::{CONFIG_VARIABLE, Kind, Setting};
pub use show::Stored;
pub use source::{Origin, Sources};

pub(crate) use parse::{positive_duration, token_life};
use reader::Reader;
pub(crate) use rosterd_domain::text::nearest;

/// The whole configuration, one struct a section.
#[derive(Debug, Clone)]
pub struct Config {
    /// Where the server listens.
    pub server: ServerConfig,
    /// Which database, and how it is worked.
    pub database: DatabaseConfig,
    /// The secret that signs tokens.
    pub tokens: TokensConfig,
    /// What a new password must be like.
    pub passwords: PasswordsConfig,
    /// What one client may ask.
    pub limits: LimitsConfig,
    /// The cookie of a session.
    pub cookies: CookieSettings,
    /// Origins whose pages may read the answers.
    pub allowed_origins: Vec<String>,
    /// What proxies in front may say of a request.
    pub proxies: ProxiesConfig,
    /// Who may share with a new group.
    pub new_group_share: NewShare,
    /// Headers of every answer: names and values.
    pub headers: Vec<(String, String)>,
    /// Profile images.
    pub images: ImagesConfig,
    /// When a user was last seen.
    pub activity: ActivityConfig,
    /// What holds where the database says nothing, rights included.
    pub stored: StoredDefaults,
    /// What front ends are told and no database holds.
    pub features: FrontEndSwitches,
    /// Where the metrics can be read, and by whom.
    pub metrics: MetricsConfig,
    /// Which events are kept in the database, and for how long.
    pub audit: AuditSettings,
    /// How long deleted accounts are kept; zero: not at all.
    pub deleted_retention: Duration,
    /// How webhooks are delivered.
    pub webhooks: WebhookSettings,
    /// How mails are sent; `None`: mail is not set up.
    pub mail: Option<MailSettings>,
    /// E-mail addresses are to be confirmed.
    pub confirm_email: bool,
    /// Backups that the server makes by itself.
    pub backups: Option<BackupsConfig>,
    /// What is logged.
    pub logging: LoggingConfig,
    /// Every setting with its text and origin, in the order of [`all_settings`].
    pub effective: Vec<Effective>,
    /// What is odd but no error, a sentence each; to be logged once logging works.
    pub warnings: Vec<String>,
    /// Whether a command tells what it changed (`--events`); the server always does, in its log.
    pub tell_events: bool,
}

impl Config {
    /// Reads every section.
    ///
    /// # Errors
    /// [`ConfigError::Settings`] with everything that is wrong.
    pub fn load(sources: &Sources) -> Result<Self, ConfigError> {
        let mut reader = Reader::new(sources);
        let config = Self::read(&mut reader);
        match config {
            Some(config) if reader.problems.is_empty() => Ok(Self {
                warnings: reader.warnings.into_iter().chain(sources.warnings(&all_settings())).collect(),
                effective: reader.effective,
                ..config
            }),
            _ => Err(ConfigError::Settings(reader.problems)),
        }
    }

    /// The configuration of an environment that holds just these variables: for tests and for programs that embed
    /// the server.
    ///
    /// # Errors
    /// As [`load`](Self::load); a `ROSTERD_CONFIG` among them is read.
    pub fn from_variables<N: Into<String>, V: Into<String>>(
        variables: impl IntoIterator<Item = (N, V)>,
    ) -> Result<Self, ConfigError> {
        let environment = variables.into_iter().map(|(name, value)| (name.into(), value.into())).collect();
        Self::load(&Sources::new(None, BTreeMap::new(), environment, &all_settings())?)
    }

    /// Reads all sections before giving up on any, so that every problem is found.
    fn read(reader: &mut Reader<'_>) -> Option<Self> {
        let mut stored = StoredDefaults::default();
        let server = ServerConfig::read(reader);
        let of_server = sections::stored::read(reader, "server", &mut stored);
        let database = DatabaseConfig::read(reader);
        let tokens = TokensConfig::read(reader, database.as_ref());
        let of_tokens = sections::stored::read(reader, "tokens", &mut stored);
        let passwords = PasswordsConfig::read(reader);
        let limits = LimitsConfig::read(reader);
        let cookies = sections::cookies::read(reader);
        let allowed_origins = sections::headers::read_origins(reader);
        let headers = sections::headers::read(reader);
        let proxies = ProxiesConfig::read(reader);
        let of_accounts = sections::stored::read(reader, "accounts", &mut stored);
        let of_ui = sections::stored::read(reader, "ui", &mut stored);
        let new_group_share = sections::groups::read(reader);
        let features = sections::features::read(reader);
        let of_features = sections::stored::read(reader, "features", &mut stored);
        let images = ImagesConfig::read(reader);
        let activity = ActivityConfig::read(reader);
        let metrics = MetricsConfig::read(reader);
        let audit = sections::audit::read(reader);
        let deleted_retention = sections::deleted::read(reader);
        let webhooks = sections::webhooks::read(reader);
        let mail = sections::mail::read(reader);
        let has_mail = mail.as_ref().map(Option::is_some);
        let confirm_email = sections::mail::read_confirmation(reader, has_mail, server.as_ref());
        let backups = BackupsConfig::read(reader);
        let permissions = sections::permissions::read(reader);
        let logging = LoggingConfig::read(reader);
        of_server.and(of_tokens).and(of_accounts).and(of_ui).and(of_features)?;
        stored.permissions = permissions?;
        let proxies = proxies?;
        let mut server = server?;
        server.unlimited_peers = server.unlimited_peers.and(&proxies.trusted);
        let metrics = metrics?;
        server.metrics.clone_from(&metrics.listen);
        Some(Self {
            server,
            database: database?,
            tokens: tokens?,
            passwords: passwords?,
            limits: limits?,
            cookies: cookies?,
            allowed_origins: allowed_origins?,
            proxies,
            new_group_share: new_group_share?,
            headers: headers?,
            images: images?,
            activity: activity?,
            audit: audit?,
            deleted_retention: deleted_retention?,
            webhooks: webhooks?,
            mail: mail?,
            confirm_email: confirm_email?,
            backups: backups?,
            stored,
            features: features?,
            metrics,
            logging: logging?,
            effective: Vec::new(),
            warnings: Vec::new(),
            tell_events: false,
        })
    }
}

/// Every setting there is, section by section.
#[must_use]
pub fn all_settings() -> Vec<Setting> {
    let mut all = Vec::new();
    for (section, own) in [
        ("server", sections::server::ALL),
        ("database", sections::database::ALL),
        ("tokens", sections::tokens::ALL),
        ("passwords", sections::passwords::ALL),
        ("limits", sections::limits::ALL),
        ("cookies", sections::cookies::ALL),
        ("headers", &[]),
        ("trusted_headers", sections::trusted_headers::ALL),
        ("accounts", &[]),
        ("ui", &[]),
        ("groups", sections::groups::ALL),
        ("features", &sections::features::all()),
        ("images", sections::images::ALL),
        ("activity", sections::activity::ALL),
        ("metrics", sections::metrics::ALL),
        ("audit", sections::audit::ALL),
        ("deleted", sections::deleted::ALL),
        ("webhooks", sections::webhooks::ALL),
        ("mail", sections::mail::ALL),
        ("backups", sections::backups::ALL),
    ] {
        all.extend_from_slice(own);
        if section == "headers" {
            all.extend(sections::headers::all());
        }
        all.extend(sections::stored::all(section));
    }
    all.extend(sections::permissions::all());
    all.extend_from_slice(sections::logging::ALL);
    all
}
