//! Accounts that a file names and that exist.

use super::{Credential, ImportTerms, Importer, groups_of, role_of};
use crate::error::{DomainError, Prohibited};
use crate::group::GroupName;
use crate::ids::UserId;
use crate::role::Role;
use crate::rules::suspension::ensure_role_stays;
use crate::rules::user_update::SentProfile;
use crate::secret::PasswordHash;
use crate::text::ensure_storable;
use crate::transfer::AccountRecord;
use crate::user::{AccountRow, UserChanges};

/// An account as it is stored.
#[derive(Debug, Clone)]
pub struct KnownAccount {
    /// Its row.
    pub row: AccountRow,
    /// Its password's hash; `None` where it has no row in `auth`.
    pub hash: Option<PasswordHash>,
    /// Whether it may sign in.
    pub active: bool,
    /// Whether it is suspended.
    pub is_suspended: bool,
}

impl KnownAccount {
    /// Whether somebody can sign in with a password: one was set, and it was no account of a file without any (rule T8).
    #[must_use]
    pub fn has_password(&self) -> bool {
        self.hash.as_ref().is_some_and(|hash| !hash.is_unset())
    }
}

/// What an import does to an account that exists.
#[derive(Debug, Clone)]
pub struct AccountUpdate {
    /// The columns that change; none may.
    pub changes: UserChanges,
    /// The password that it gets. One in clear may be the one that it has.
    pub credential: Credential,
    /// The groups that it is to be in, beside those that it is in (rule T9).
    pub groups: Vec<GroupName>,
}

impl AccountUpdate {
    /// Whether the account becomes another one: its groups aside.
    #[must_use]
    pub fn differs(&self) -> bool {
        !self.changes.is_empty() || !matches!(self.credential, Credential::None)
    }
}

/// Judges a record beside the account that has its e-mail address (rules T4, T5 and U3). `primary` is the primary admin.
///
/// # Errors
/// The first thing that is wrong with it, as a sentence.
pub fn judge_known(
    record: &AccountRecord,
    stored: &KnownAccount,
    primary: Option<&UserId>,
    terms: &ImportTerms<'_>,
) -> Result<AccountUpdate, String> {
    let changes = changes_of(record, &stored.row, terms)?;
    ensure_role_stays(&stored.row.role, changes.role.as_ref(), stored.is_suspended)
        .map_err(|why| why.to_string())?;
    let credential = credential_of(record, stored, terms)?;
    let groups = groups_of(record)?.unwrap_or_default();
    let update = AccountUpdate { changes, credential, groups };
    if update.differs() && primary == Some(&stored.row.id) {
        return Err(Prohibited::PrimaryAdminProtected.to_string());
    }
    Ok(update)
}

fn changes_of(
    record: &AccountRecord,
    stored: &AccountRow,
    terms: &ImportTerms<'_>,
) -> Result<UserChanges, String> {
    let role = role_of(record)?.filter(|role| *role != stored.role);
    if let Some(role) = &role {
        ensure_may_become(role, stored, terms)?;
    }
    let sent = SentProfile {
        name: record.name.clone().filter(|name| !name.trim().is_empty()),
        profile_image_url: record.rest.profile_image_url.clone(),
        bio: record.rest.bio.clone().map(Some),
        gender: record.rest.gender.clone().map(Some),
        date_of_birth: record.rest.date_of_birth.map(Some),
    };
    let profile = profile_of(sent, stored).map_err(|why| why.to_string())?;
    Ok(UserChanges { role, ..profile })
}

fn profile_of(sent: SentProfile, stored: &AccountRow) -> Result<UserChanges, DomainError> {
    for (column, text) in [("bio", &sent.bio), ("gender", &sent.gender)] {
        if let Some(Some(text)) = text {
            ensure_storable(column, text)?;
        }
    }
    sent.ensure_fits(stored)?;
    sent.changes(stored)
}

/// Whether an account may get this role, which is another than it has (rule T4).
fn ensure_may_become(role: &Role, stored: &AccountRow, terms: &ImportTerms<'_>) -> Result<(), String> {
    if matches!(terms.importer, Importer::Admin(me) if *me == stored.id) {
        return Err("it is your own account, whose role an import does not change".to_owned());
    }
    if (role.is_admin() || stored.role.is_admin()) && !terms.options.allow_admins {
        let what = if role.is_admin() { "become" } else { "cease to be" };
        return Err(format!(
            "it would {what} an admin, which has to be allowed (--allow-admins, allow_admins=true)"
        ));
    }
    Ok(())
}

/// The password that an account gets. One that it has stays, unless that was asked for: a file that was imported once would
/// else put back the passwords of that day (rule T5).
fn credential_of(
    record: &AccountRecord,
    stored: &KnownAccount,
    terms: &ImportTerms<'_>,
) -> Result<Credential, String> {
    if stored.has_password() && !terms.options.set_passwords {
        return Ok(Credential::None);
    }
    Ok(match Credential::of(record, terms)? {
        // An account without a password was written into the file; this one may have got one since.
        Credential::Hash(hash) if hash.is_unset() => Credential::None,
        Credential::Hash(hash) if stored.hash.as_ref().is_some_and(|it| it.expose() == hash.expose()) => {
            Credential::None
        }
        credential => credential,
    })
}
