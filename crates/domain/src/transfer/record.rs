//! One account as a file names it.

use chrono::NaiveDate;
use secrecy::{ExposeSecret as _, SecretString};

use crate::clock::UnixSeconds;
use crate::json::JsonText;

/// One account as a file names it. What the file does not say is `None`: it stays as it is, or becomes the default of a new
/// account. Nothing is judged yet, see [`rules::import`](crate::rules::import).
#[derive(Debug, Clone, Default)]
pub struct AccountRecord {
    /// Where the row begins, from 1; of a file that is one document, the number of the account in it.
    pub line: u64,
    /// The e-mail address, by which an account is found.
    pub email: Option<String>,
    /// The name.
    pub name: Option<String>,
    /// The role.
    pub role: Option<String>,
    /// The names of groups that the account is to be in.
    pub groups: Option<Vec<String>>,
    /// The password in clear.
    pub password: Option<SecretString>,
    /// The password's hash, in one of the [forms that are stored](crate::rules::password_hash::HashKind).
    pub password_hash: Option<SecretString>,
    /// All further columns, for files of `rosterd export`; nothing for those of others.
    pub rest: FullColumns,
}

impl AccountRecord {
    /// About how many bytes of memory its texts take.
    #[must_use]
    pub fn weight(&self) -> usize {
        let rest = &self.rest;
        let texts = [
            &self.email,
            &self.name,
            &self.role,
            &rest.id,
            &rest.username,
            &rest.profile_image_url,
            &rest.profile_banner_image_url,
            &rest.bio,
            &rest.gender,
            &rest.timezone,
            &rest.presence_state,
            &rest.status_emoji,
            &rest.status_message,
        ];
        let secrets = [&self.password, &self.password_hash, &rest.session_stamp, &rest.mfa];
        let documents = [&rest.info, &rest.settings, &rest.oauth, &rest.scim, &rest.variables];
        let of_texts: usize = texts.into_iter().flatten().map(String::len).sum();
        let of_secrets: usize = secrets.into_iter().flatten().map(|it| it.expose_secret().len()).sum();
        let of_documents: usize = documents.into_iter().flatten().map(|it| it.as_str().len()).sum();
        let of_groups: usize =
            self.groups.iter().flatten().map(|name| name.len() + size_of::<String>()).sum();
        of_texts + of_secrets + of_documents + of_groups
    }
}

/// The further columns of `user` and `auth`. They are for new accounts, but for those that [`AccountRecord`] itself has and
/// those of the profile (rule T5).
#[derive(Debug, Clone, Default)]
pub struct FullColumns {
    /// The id.
    pub id: Option<String>,
    /// A short name.
    pub username: Option<String>,
    /// The picture's URL.
    pub profile_image_url: Option<String>,
    /// The URL of the wide image behind the profile.
    pub profile_banner_image_url: Option<String>,
    /// Text about the user.
    pub bio: Option<String>,
    /// Free text.
    pub gender: Option<String>,
    /// The date of birth.
    pub date_of_birth: Option<NaiveDate>,
    /// An IANA name.
    pub timezone: Option<String>,
    /// The presence that the front end shows.
    pub presence_state: Option<String>,
    /// The emoji of the status.
    pub status_emoji: Option<String>,
    /// The text of the status.
    pub status_message: Option<String>,
    /// When the status ends.
    pub status_expires_at: Option<UnixSeconds>,
    /// JSON of the front end.
    pub info: Option<JsonText>,
    /// JSON of the front end.
    pub settings: Option<JsonText>,
    /// Subject by identity provider.
    pub oauth: Option<JsonText>,
    /// What a provisioning system noted.
    pub scim: Option<JsonText>,
    /// The user's variables.
    pub variables: Option<JsonText>,
    /// When the account was made.
    pub created_at: Option<UnixSeconds>,
    /// When the row last changed.
    pub updated_at: Option<UnixSeconds>,
    /// When the user last sent a request.
    pub last_active_at: Option<UnixSeconds>,
    /// Whether the account may sign in.
    pub active: Option<bool>,
    /// What the tokens of the account's sessions have to name.
    pub session_stamp: Option<SecretString>,
    /// What is kept of a second factor, as the text of its JSON: it holds secrets.
    pub mfa: Option<SecretString>,
}

/// Why a row, or the rest of a file, is not taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {reason}")]
pub struct Refusal {
    /// Where the row begins, from 1.
    pub line: u64,
    /// What is wrong with it, as a sentence: for whoever has the file. It never holds a password or a hash.
    pub reason: String,
    /// Whether nothing behind this line can be read.
    pub ends_file: bool,
}

impl Refusal {
    /// A row that is not taken.
    pub fn new(line: u64, reason: impl Into<String>) -> Self {
        Self { line, reason: reason.into(), ends_file: false }
    }

    /// A file that cannot be read from this line on.
    pub fn of_rest(line: u64, reason: impl Into<String>) -> Self {
        Self { line, reason: reason.into(), ends_file: true }
    }
}
