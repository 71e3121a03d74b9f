//! `[tokens]`: the secret, and how people show who they are. How long a token lives and whether there are API keys can be stored: see `stored.rs`.

use std::path::PathBuf;

use rosterd_app::settings::{SetupSetting, TokenSecret};
use rosterd_domain::rules::api_keys::KeyLives;
use rosterd_domain::secret::SetupToken;
use rosterd_storage::Ownership;

use super::database::DatabaseConfig;
use crate::config::parse;
use crate::config::reader::Reader;
use crate::config::secret::{self, SecretError, SecretSource};
use crate::config::setting::{Kind, Setting};
use crate::config::source::Origin;

pub(in crate::config) const SECRET_KEY: Setting = Setting::new(
    "tokens.secret_key",
    "WEBUI_SECRET_KEY",
    &["WEBUI_JWT_SECRET_KEY"],
    Kind::Secret,
    "",
    "Secret that signs tokens, 32 bytes or more. All servers of a deployment must have the same one, Open WebUI included. If it is not set, one is generated and kept in the secret file; with a database of Open WebUI it must be set.",
);
const SECRET_KEY_FILE: Setting = Setting::new(
    "tokens.secret_key_file",
    "WEBUI_SECRET_KEY_FILE",
    &[],
    Kind::Text,
    "",
    "The secret file, readable by its owner only. Default: .rosterd_secret_key beside the SQLite database, else in ./data.",
);
const PREVIOUS_SECRET_KEY: Setting = Setting::new(
    "tokens.previous_secret_key",
    "WEBUI_SECRET_KEY_PREVIOUS",
    &[],
    Kind::Secret,
    "",
    "The secret before, while it is being replaced: tokens signed with it are accepted, and none is signed with it. 32 bytes or more.",
);
const PREVIOUS_SECRET_KEY_FILE: Setting = Setting::new(
    "tokens.previous_secret_key_file",
    "WEBUI_SECRET_KEY_PREVIOUS_FILE",
    &[],
    Kind::Text,
    "",
    "A file with the secret before, if WEBUI_SECRET_KEY_PREVIOUS is not set.",
);
const API_KEY_HEADER: Setting = Setting::new(
    "tokens.api_key_header",
    "CUSTOM_API_KEY_HEADER",
    &[],
    Kind::Text,
    "x-api-key",
    "Header that may hold a token or an API key if there is neither an Authorization header nor the cookie.",
);
const API_KEY_LIFE: Setting = Setting::new(
    "tokens.api_key_life",
    "ROSTERD_API_KEY_LIFE",
    &[],
    Kind::Text,
    "90d",
    "How long an API key with a name lives if its owner does not say, such as 12h, 90d; -1: without end. Never longer than the longest life.",
);
const API_KEY_LONGEST_LIFE: Setting = Setting::new(
    "tokens.api_key_longest_life",
    "ROSTERD_API_KEY_MAX_LIFE",
    &[],
    Kind::Text,
    "365d",
    "The longest life that the owner of an API key with a name can give it; -1: it may have no end.",
);
const PASSWORD_SIGN_IN: Setting = Setting::new(
    "tokens.password_sign_in",
    "ENABLE_PASSWORD_AUTH",
    &[],
    Kind::Switch,
    "true",
    "Accounts can sign in with their password.",
);
const INITIAL_ADMIN: Setting = Setting::new(
    "tokens.initial_admin_sign_up",
    "ENABLE_INITIAL_ADMIN_SIGNUP",
    &[],
    Kind::Switch,
    "false",
    "The first account can be created by sign-up even if the sign-in form is switched off.",
);
const SETUP_TOKEN: Setting = Setting::new(
    "tokens.setup_token",
    "ROSTERD_SETUP_TOKEN",
    &[],
    Kind::Secret,
    "",
    "Set-up token: the first sign-up of a standalone server that others can reach needs it. 16 to 128 letters, digits, -, ., _ and ~. If it is not set, one is generated, kept in the database and printed at each start until there is an account; set but empty: no token is needed.",
)
.even_empty();
const SIGN_OUT_REDIRECT: Setting = Setting::new(
    "tokens.sign_out_redirect_url",
    "WEBUI_AUTH_SIGNOUT_REDIRECT_URL",
    &[],
    Kind::Text,
    "",
    "URL to which front ends go after signing out.",
);

/// The section's settings.
pub(in crate::config) const ALL: &[Setting] = &[
    SECRET_KEY,
    SECRET_KEY_FILE,
    PREVIOUS_SECRET_KEY,
    PREVIOUS_SECRET_KEY_FILE,
    API_KEY_HEADER,
    API_KEY_LIFE,
    API_KEY_LONGEST_LIFE,
    PASSWORD_SIGN_IN,
    INITIAL_ADMIN,
    SETUP_TOKEN,
    SIGN_OUT_REDIRECT,
];

/// The secret that signs tokens.
#[derive(Debug, Clone)]
pub struct TokensConfig {
    /// The secret, or the file that keeps it.
    pub secret: SecretSource,
    /// `WEBUI_SECRET_KEY` or `WEBUI_SECRET_KEY_FILE` names it; else it is a file that rosterd makes.
    pub secret_is_named: bool,
    /// The secret before, or the file that has it.
    pub previous: Option<SecretSource>,
    /// The header for API keys.
    pub api_key_header: String,
    /// How long API keys with a name live.
    pub api_key_lives: KeyLives,
    /// Passwords sign in.
    pub password_sign_in: bool,
    /// The first account needs no sign-in form.
    pub initial_admin_sign_up: bool,
    /// What the first account needs that is opened from outside.
    pub setup: SetupSetting,
    /// Where front ends go after signing out.
    pub sign_out_redirect_url: Option<String>,
}

impl TokensConfig {
    /// The secret with which tokens of this database are signed; `found` is what [`SecretSource::find`] gave. One is
    /// generated only for a standalone database.
    ///
    /// # Errors
    /// [`SecretError::NotNamed`] and [`SecretError::NotThere`] for a database of Open WebUI, whose secret nobody named
    /// or whose file is missing; else as [`SecretSource::resolve`].
    pub fn secret_for(
        &self,
        ownership: Ownership,
        found: Option<TokenSecret>,
    ) -> Result<TokenSecret, SecretError> {
        match (ownership, found) {
            (Ownership::Attached, _) if !self.secret_is_named => Err(SecretError::NotNamed),
            (_, Some(found)) => Ok(found),
            (Ownership::Attached, None) => self.secret.read(),
            (Ownership::Standalone, None) => self.secret.resolve(),
        }
    }

    /// The secret before, where one is configured.
    ///
    /// # Errors
    /// [`SecretError`] when its file is missing or cannot be read, or its content is too short.
    pub fn previous_secret(&self) -> Result<Option<TokenSecret>, SecretError> {
        let Some(source) = &self.previous else { return Ok(None) };
        source.read().map(Some).map_err(|error| match error {
            SecretError::NotThere { path } => SecretError::NoPrevious { path },
            other => other,
        })
    }

    pub(in crate::config) fn read(
        reader: &mut Reader<'_>,
        database: Option<&DatabaseConfig>,
    ) -> Option<Self> {
        let given = read_secret(reader, &SECRET_KEY);
        let file = reader.read_optional(&SECRET_KEY_FILE, |text| Ok(PathBuf::from(text)));
        let previous = read_secret(reader, &PREVIOUS_SECRET_KEY);
        let previous_file = reader.read_optional(&PREVIOUS_SECRET_KEY_FILE, |text| Ok(PathBuf::from(text)));
        let api_key_header = reader.read(&API_KEY_HEADER, parse::header_name);
        let usual = reader.read(&API_KEY_LIFE, parse::token_life);
        let longest = reader.read(&API_KEY_LONGEST_LIFE, parse::token_life);
        let password_sign_in = reader.read(&PASSWORD_SIGN_IN, parse::switch);
        let initial_admin_sign_up = reader.read(&INITIAL_ADMIN, parse::switch);
        let is_set = reader.origin(&SETUP_TOKEN) != Origin::Default;
        let setup = reader.read(&SETUP_TOKEN, |text| match text {
            "" if is_set => Ok(SetupSetting::Off),
            "" => Ok(SetupSetting::Generated),
            given => SetupToken::parse(given).map(SetupSetting::Given),
        });
        let sign_out_redirect_url = reader.read_optional(&SIGN_OUT_REDIRECT, |text| Ok(text.to_owned()));
        let (given, file) = (given?, file?);
        let secret_is_named = given.is_some() || file.is_some();
        let secret = match (given, file) {
            (Some(secret), _) => SecretSource::Given(secret),
            (None, Some(path)) => SecretSource::File(path),
            (None, None) => SecretSource::File(secret::default_file(database?.folder())),
        };
        Some(Self {
            secret,
            secret_is_named,
            previous: previous?.map(SecretSource::Given).or(previous_file?.map(SecretSource::File)),
            api_key_header: api_key_header?,
            api_key_lives: KeyLives { usual: usual?, longest: longest? },
            password_sign_in: password_sign_in?,
            initial_admin_sign_up: initial_admin_sign_up?,
            setup: setup?,
            sign_out_redirect_url: sign_out_redirect_url?,
        })
    }
}

#[expect(clippy::option_option, reason = "outer: readable; inner: set")]
fn read_secret(reader: &mut Reader<'_>, setting: &Setting) -> Option<Option<TokenSecret>> {
    reader.read_optional(setting, |text| {
        secret::check_length(text.as_bytes())?;
        Ok(TokenSecret::new(text.as_bytes()))
    })
}

#[cfg(test)]
mod tests {
    use rosterd_app::settings::SetupSetting;

    use crate::config::{Config, ConfigError};

    fn setup(variables: &[(&str, &str)]) -> Result<SetupSetting, ConfigError> {
        Config::from_variables(variables.iter().copied()).map(|config| config.tokens.setup)
    }

    #[test]
    fn an_empty_set_up_token_switches_it_off() {
        assert!(matches!(setup(&[]).unwrap(), SetupSetting::Generated));
        assert!(matches!(setup(&[("ROSTERD_SETUP_TOKEN", "")]).unwrap(), SetupSetting::Off));
        let given = setup(&[("ROSTERD_SETUP_TOKEN", "0123456789abcdef")]).unwrap();
        assert!(matches!(given, SetupSetting::Given(token) if token.expose() == "0123456789abcdef"));
        let text = setup(&[("ROSTERD_SETUP_TOKEN", "too short")]).unwrap_err().to_string();
        assert!(text.contains("ROSTERD_SETUP_TOKEN") && !text.contains("too short"), "{text}");
    }

    #[test]
    fn the_file_can_switch_the_set_up_token_off_too() {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), "[tokens]\nsetup_token = \"\"\n").unwrap();
        let path = file.path().to_str().unwrap();
        assert!(matches!(setup(&[("ROSTERD_CONFIG", path)]).unwrap(), SetupSetting::Off));
    }
}
