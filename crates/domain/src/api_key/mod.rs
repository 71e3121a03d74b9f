//! API keys that have a name: an account may have several, each with an end and limits of its own.
//!
//! The one key of `/auths/api_key`, which front ends of Open WebUI know, has none of that. It is listed with them, without
//! a name.

pub mod format;

use serde::{Deserialize, Serialize};

use crate::clock::UnixSeconds;
use crate::error::DomainError;
use crate::ids::{ApiKeyId, UserId};
use crate::secret::ApiKey;
use crate::text::one_line;

/// The longest name of a key, in characters.
pub const MAX_KEY_NAME: usize = 100;

/// The most paths that a key can be restricted to.
pub const MAX_ALLOWED_PATHS: usize = 50;

/// The longest of these paths, in bytes.
pub const MAX_ALLOWED_PATH: usize = 255;

/// What may be told of a key (rule K3).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ApiKeyInfo {
    /// The id of the key, which opens nothing.
    pub id: ApiKeyId,
    /// What its owner calls it; null for the key of `/auths/api_key`.
    pub name: Option<String>,
    /// How the key begins.
    pub prefix: String,
    /// It only reads.
    pub read_only: bool,
    /// The only paths it works for, with all below them; null: every path.
    pub allowed_paths: Option<Vec<String>>,
    /// When it was made.
    pub created_at: UnixSeconds,
    /// From when on it opens nothing; null: it has no end.
    pub expires_at: Option<UnixSeconds>,
    /// When it was last used, to about a minute; null: never, or not known.
    pub last_used_at: Option<UnixSeconds>,
}

/// A key to be stored.
#[derive(Debug, Clone)]
pub struct NewApiKey {
    /// The id, made by the caller.
    pub id: ApiKeyId,
    /// Whose it is.
    pub user: UserId,
    /// What its owner calls it.
    pub name: KeyName,
    /// The key itself, of which a hash and the beginning are stored.
    pub key: ApiKey,
    /// It only reads.
    pub read_only: bool,
    /// The only paths it works for.
    pub allowed_paths: Option<AllowedPaths>,
    /// Now.
    pub created_at: UnixSeconds,
    /// Its end.
    pub expires_at: Option<UnixSeconds>,
}

impl NewApiKey {
    /// What may be told of it.
    #[must_use]
    pub fn info(&self) -> ApiKeyInfo {
        ApiKeyInfo {
            id: self.id.clone(),
            name: Some(self.name.as_str().to_owned()),
            prefix: format::visible_prefix(&self.key).to_owned(),
            read_only: self.read_only,
            allowed_paths: self.allowed_paths.as_ref().map(|paths| paths.0.clone()),
            created_at: self.created_at,
            expires_at: self.expires_at,
            last_used_at: None,
        }
    }
}

/// What limits a key beyond its account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyLimits {
    /// Which key it is.
    pub id: ApiKeyId,
    /// It only reads.
    pub read_only: bool,
    /// The only paths it works for, with all below them.
    pub allowed_paths: Option<Vec<String>>,
}

/// What its owner calls a key: 1 to [`MAX_KEY_NAME`] characters on one line, in normalization form C and without white
/// space at its ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyName(String);

impl KeyName {
    /// Reads a name as somebody typed it.
    ///
    /// # Errors
    /// As [`one_line`], at `["name"]`.
    pub fn parse(text: &str) -> Result<Self, DomainError> {
        one_line("name", text, MAX_KEY_NAME).map(Self)
    }

    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The only paths that a key works for: at least one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AllowedPaths(Vec<String>);

impl AllowedPaths {
    /// Takes the paths of a request; the second of two equal ones is left out.
    ///
    /// # Errors
    /// [`DomainError::Field`] at `["allowed_paths"]` where there is none or more than [`MAX_ALLOWED_PATHS`], and at the
    /// number of the first that is no path: it begins with `/`, has at most [`MAX_ALLOWED_PATH`] bytes, and holds printable
    /// ASCII without `?`, `#` and white space.
    pub fn parse(paths: Vec<String>) -> Result<Self, DomainError> {
        const FIELD: &str = "allowed_paths";
        if paths.is_empty() {
            let why = "must name at least one path; leave the field out for a key that works for every path";
            return Err(DomainError::field(FIELD, why));
        }
        if paths.len() > MAX_ALLOWED_PATHS {
            return Err(DomainError::field(FIELD, "must not have more than 50 paths"));
        }
        if let Some(number) = paths.iter().position(|path| !is_path(path)) {
            let message = "must be a path such as /api/v1/users, of at most 255 characters".to_owned();
            return Err(DomainError::Field { path: vec![FIELD.to_owned(), number.to_string()], message });
        }
        let mut distinct: Vec<String> = Vec::new();
        for path in paths {
            if !distinct.contains(&path) {
                distinct.push(path);
            }
        }
        Ok(Self(distinct))
    }

    /// The paths.
    #[must_use]
    pub fn as_slice(&self) -> &[String] {
        &self.0
    }
}

fn is_path(text: &str) -> bool {
    let is_plain = |byte: u8| byte.is_ascii_graphic() && byte != b'?' && byte != b'#';
    text.starts_with('/') && text.len() <= MAX_ALLOWED_PATH && text.bytes().all(is_plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn k2_a_name_is_one_line_that_can_be_seen() {
        assert_eq!(KeyName::parse("  backup job ").unwrap().as_str(), "backup job");
        assert!(KeyName::parse(&"x".repeat(100)).is_ok());
        for wrong in ["", "  ", "a\nb", "a\u{202e}b", "\u{200b}", &"x".repeat(101)] {
            assert!(KeyName::parse(wrong).is_err(), "{wrong:?}");
        }
    }

    #[test]
    fn k5_paths_are_paths() {
        let parse = |paths: &[&str]| AllowedPaths::parse(paths.iter().map(|&path| path.to_owned()).collect());
        let twice = parse(&["/api/v1/users", "/health", "/api/v1/users"]).unwrap();
        assert_eq!(twice.as_slice(), ["/api/v1/users", "/health"]);
        for wrong in ["", "api/v1", "/a b", "/a?b", "/a#b", "/ü", &format!("/{}", "x".repeat(255))] {
            let refused = parse(&["/fine", wrong]).unwrap_err();
            let DomainError::Field { path, .. } = refused else { panic!("{refused}") };
            assert_eq!(path, ["allowed_paths", "1"], "{wrong:?}");
        }
        assert!(parse(&[]).is_err());
        assert!(parse(&["/x"; 51]).is_err());
    }
}
