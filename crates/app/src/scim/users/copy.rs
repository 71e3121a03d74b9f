//! What a connection keeps of an account, and how the account follows it.

use rosterd_domain::email::{EmailAddress, EmailLookup};
use rosterd_domain::name::UserName;
use rosterd_domain::unicode::nfc;
use rosterd_domain::user::{AccountRow, UserChanges};
use rosterd_scim::filter::fold;
use rosterd_scim::{ScimError, ScimType, UserAttributes};
use rosterd_storage::StoreError;

use crate::act::Act;
use crate::error::{AppError, AppResult};
use crate::event::Changes;
use crate::users::write_changes;

/// Most bytes of a text as it is compared: the indexes of PostgreSQL take no longer ones. What is sent has 1,024 at most, which few
/// characters make more of.
const MAX_KEY: usize = 2_048;

/// What of the copy changed. Whatever it is, it is not told: it is the provider's.
pub(super) fn told_of(before: &UserAttributes, after: &UserAttributes) -> Changes {
    Changes::default()
        .named("scim.userName", before.user_name != after.user_name)
        .named("scim.externalId", before.external_id != after.external_id)
        .named("scim.displayName", before.display_name != after.display_name)
        .named("scim.name", before.name != after.name)
        .named("scim.emails", before.emails != after.emails)
}

/// Gives the account the name and the e-mail address of the copy where these are others than before; gives whether anything of the
/// account changed.
pub(super) fn follow(
    act: &mut Act<'_>,
    account: &AccountRow,
    before: &UserAttributes,
    after: &UserAttributes,
) -> AppResult<bool> {
    let email = email_of(after)?;
    let mut changes = UserChanges::default();
    if email_of(before).ok().as_ref() != Some(&email) && !EmailLookup::from(&email).matches(&account.email) {
        let owner = act.read().find_user_id_by_email(&(&email).into())?;
        if owner.is_some_and(|owner| owner != account.id) {
            return Err(taken("e-mail address"));
        }
        changes.email = Some(email);
    }
    if before.account_name() != after.account_name() {
        changes.name = new_name(account, after)?;
    }
    write_changes(act, account, &changes)?;
    Ok(!changes.is_empty())
}

/// The name of an account, if it is another one.
pub(super) fn new_name(account: &AccountRow, attributes: &UserAttributes) -> AppResult<Option<UserName>> {
    let name = UserName::parse(&attributes.account_name())?;
    Ok((name.as_str() != account.name).then_some(name))
}

/// The e-mail address of the account that a user leads to.
pub(super) fn email_of(attributes: &UserAttributes) -> AppResult<EmailAddress> {
    let none = || {
        let detail = "every account needs an e-mail address: send it as `userName`, or in `emails`";
        ScimError::new(ScimType::InvalidValue, detail)
    };
    Ok(EmailAddress::parse(attributes.email_address().ok_or_else(none)?)?)
}

/// What databases can find again.
pub(super) fn ensure_storable(attributes: &UserAttributes) -> AppResult<()> {
    let emails = attributes.emails.iter().map(|email| ("emails.value", email.value.as_str()));
    let display_name = attributes.display_name.as_deref().map(|text| ("displayName", text));
    let mut texts =
        [("userName", attributes.user_name.as_str())].into_iter().chain(display_name).chain(emails);
    match texts.find(|(_, text)| fold(&nfc(text)).len() > MAX_KEY) {
        None => Ok(()),
        Some((name, _)) => {
            Err(ScimError::new(ScimType::InvalidValue, format!("`{name}` is too long")).into())
        }
    }
}

pub(super) fn taken(what: &str) -> AppError {
    ScimError::new(ScimType::Uniqueness, format!("another user has this {what}")).into()
}

/// A unique violation means the user name: ids are ours.
pub(super) fn user_name_taken(error: StoreError) -> AppError {
    match error {
        StoreError::AlreadyExists { .. } => taken("userName"),
        other => other.into(),
    }
}
