//! Accounts that a file makes.

use secrecy::ExposeSecret as _;

use super::{Credential, ImportTerms, Importer, email_of, groups_of, role_of};
use crate::clock::LAST_SECOND;
use crate::email::EmailAddress;
use crate::error::DomainError;
use crate::group::GroupName;
use crate::ids::UserId;
use crate::name::UserName;
use crate::profile_image::ProfileImageUrl;
use crate::role::Role;
use crate::text::{MAX_BIO, MAX_GENDER, MAX_STATUS_EMOJI, MAX_STATUS_MESSAGE, ensure_short, ensure_storable};
use crate::transfer::{AccountRecord, FullColumns};

/// The most characters of a short name: what the column holds.
const MAX_USERNAME: usize = 50;

/// The most characters of a time zone and a presence.
const MAX_WORD: usize = 255;

/// The most bytes of each document.
const MAX_DOCUMENT_BYTES: usize = 4 << 20;

/// An account that a file makes, judged.
#[derive(Debug, Clone)]
pub struct ImportedAccount {
    /// The e-mail address.
    pub email: EmailAddress,
    /// The name.
    pub name: UserName,
    /// The role.
    pub role: Role,
    /// The picture.
    pub profile_image_url: ProfileImageUrl,
    /// The password.
    pub credential: Credential,
    /// The groups that it is to be in; `None`: the group of new accounts, if there is one.
    pub groups: Option<Vec<GroupName>>,
    /// The id, where the file may choose it.
    pub id: Option<UserId>,
    /// The columns beside these that the file may choose.
    pub rest: FullColumns,
}

/// Judges a record whose e-mail address no account has (rule T2).
///
/// # Errors
/// The first thing that is wrong with it, as a sentence.
pub fn judge_new(record: &AccountRecord, terms: &ImportTerms<'_>) -> Result<ImportedAccount, String> {
    let email = EmailAddress::parse(email_of(record)?).map_err(|why| why.to_string())?;
    let name = match record.name.as_deref().filter(|name| !name.trim().is_empty()) {
        Some(name) => UserName::parse(name).map_err(|why| why.to_string())?,
        None => name_of(&email)?,
    };
    let role = role_of(record)?.unwrap_or(Role::User);
    if role.is_admin() && !terms.options.allow_admins {
        return Err(
            "it would be an admin, which has to be allowed (--allow-admins, allow_admins=true)".to_owned()
        );
    }
    let mut rest = taken(record.rest.clone(), terms.importer);
    ensure_fits(&rest).map_err(|why| why.to_string())?;
    let picture = rest.profile_image_url.take().map(ProfileImageUrl::parse).transpose();
    let id = rest.id.take().map(|id| UserId::parse(&id)).transpose().map_err(|why| why.to_string())?;
    Ok(ImportedAccount {
        credential: Credential::of(record, terms)?,
        groups: groups_of(record)?,
        profile_image_url: picture.map_err(|why| why.to_string())?.unwrap_or_default(),
        email,
        name,
        role,
        id,
        rest,
    })
}

/// What an account is called that a file gives no name: what stands before the @, or the e-mail address.
fn name_of(email: &EmailAddress) -> Result<UserName, String> {
    let before = email.as_str().split('@').next().unwrap_or_default();
    UserName::parse(before).or_else(|_unfit| UserName::parse(email.as_str())).map_err(|why| why.to_string())
}

/// What is taken of the further columns. An id, times and documents can say who somebody was elsewhere, and what belongs to
/// sessions and to a second factor opens accounts: these are for whoever has the database anyway (rule T5).
fn taken(rest: FullColumns, importer: Importer<'_>) -> FullColumns {
    match importer {
        Importer::Operator => rest,
        Importer::Admin(_) => FullColumns {
            username: rest.username,
            profile_image_url: rest.profile_image_url,
            profile_banner_image_url: rest.profile_banner_image_url,
            bio: rest.bio,
            gender: rest.gender,
            date_of_birth: rest.date_of_birth,
            timezone: rest.timezone,
            active: rest.active,
            ..FullColumns::default()
        },
    }
}

/// Whether the columns can be stored.
fn ensure_fits(rest: &FullColumns) -> Result<(), DomainError> {
    let texts = [
        ("username", &rest.username, MAX_USERNAME),
        ("bio", &rest.bio, MAX_BIO),
        ("gender", &rest.gender, MAX_GENDER),
        ("timezone", &rest.timezone, MAX_WORD),
        ("presence_state", &rest.presence_state, MAX_WORD),
        ("status_emoji", &rest.status_emoji, MAX_STATUS_EMOJI),
        ("status_message", &rest.status_message, MAX_STATUS_MESSAGE),
        ("profile_banner_image_url", &rest.profile_banner_image_url, MAX_DOCUMENT_BYTES),
    ];
    for (column, text, max) in texts {
        if let Some(text) = text {
            ensure_storable(column, text)?;
            ensure_short(column, text, None, max)?;
        }
    }
    if let Some(stamp) = &rest.session_stamp {
        ensure_storable("session_stamp", stamp.expose_secret())?;
    }
    let documents = [
        ("info", &rest.info),
        ("settings", &rest.settings),
        ("oauth", &rest.oauth),
        ("scim", &rest.scim),
        ("variables", &rest.variables),
    ];
    for (document, text) in documents {
        let bytes = text.as_ref().map_or(0, |text| text.as_str().len());
        if bytes > MAX_DOCUMENT_BYTES {
            let limit = MAX_DOCUMENT_BYTES;
            return Err(DomainError::DocumentTooLarge { document, bytes, limit });
        }
    }
    let times = [
        ("created_at", rest.created_at),
        ("updated_at", rest.updated_at),
        ("last_active_at", rest.last_active_at),
        ("status_expires_at", rest.status_expires_at),
    ];
    for (column, time) in times {
        if time.is_some_and(|time| !(0..=LAST_SECOND).contains(&time)) {
            return Err(DomainError::field(column, "must be a number of seconds since 1970"));
        }
    }
    Ok(())
}
