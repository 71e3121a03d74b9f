//! `[tokens]`: the secret. How long a token lives and whether there are API keys can be stored: see `stored.rs`.

use std::path::PathBuf;

use rosterd_app::settings::TokenSecret;
use rosterd_storage::Ownership;

use super::database::DatabaseConfig;
use crate::config::reader::Reader;
use crate::config::secret::{self, SecretError, SecretSource};
use crate::config::setting::{Kind, Setting};

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
/// The section's settings.
pub(in crate::config) const ALL: &[Setting] = &[SECRET_KEY, SECRET_KEY_FILE];

/// The secret that signs tokens.
#[derive(Debug, Clone)]
pub struct TokensConfig {
    /// The secret, or the file that keeps it.
    pub secret: SecretSource,
    /// `WEBUI_SECRET_KEY` or `WEBUI_SECRET_KEY_FILE` names it; else it is a file that rosterd makes.
    pub secret_is_named: bool,
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

    pub(in crate::config) fn read(
        reader: &mut Reader<'_>,
        database: Option<&DatabaseConfig>,
    ) -> Option<Self> {
        let given = reader.read_optional(&SECRET_KEY, |text| {
            secret::check_length(text.as_bytes())?;
            Ok(TokenSecret::new(text.as_bytes()))
        });
        let file = reader.read_optional(&SECRET_KEY_FILE, |text| Ok(PathBuf::from(text)));
        let (given, file) = (given?, file?);
        let secret_is_named = given.is_some() || file.is_some();
        let secret = match (given, file) {
            (Some(secret), _) => SecretSource::Given(secret),
            (None, Some(path)) => SecretSource::File(path),
            (None, None) => SecretSource::File(secret::default_file(database?.folder())),
        };
        Some(Self { secret, secret_is_named })
    }
}
