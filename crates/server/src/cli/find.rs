//! From what somebody typed to the account or group that is meant.
//!
//! An id wins over an address or a name. Several accounts with one address, as a foreign database may hold, and
//! several groups of one name are an error that lists the ids: a command must not guess whom it changes.

use rosterd_domain::email::EmailAddress;
use rosterd_domain::group::GroupWithCount;
use rosterd_domain::ids::{GroupId, UserId};
use rosterd_domain::list::{ListQuery, MAX_LIMIT, Order, SearchText, fold};
use rosterd_domain::user::UserModel;
use rosterd_storage::Db;

use super::CliError;

/// The account with this id or e-mail address.
pub(super) fn user(db: &mut dyn Db, text: &str) -> Result<UserModel, CliError> {
    if let Ok(id) = UserId::parse(text)
        && let Some(user) = db.find_user(&id)?
    {
        return Ok(user);
    }
    let unknown = || CliError::Failure(format!("there is no account with the e-mail address or id {text}"));
    let email = EmailAddress::parse(text).map_err(|_not_one| unknown())?;
    let id = db.find_user_id_by_email(&email)?.ok_or_else(unknown)?;
    ensure_one(&format!("accounts have the e-mail address {email}"), &ids_with(db, &email)?)?;
    db.find_user(&id)?.ok_or_else(unknown)
}

/// The ids of everybody with this address, compared without regard to case.
fn ids_with(db: &mut dyn Db, email: &EmailAddress) -> Result<Vec<String>, CliError> {
    let search = SearchText::new(email.as_str());
    let found = db.list_user_infos(&ListQuery::page_of(search, Order::default(), 1, MAX_LIMIT))?;
    let same = found.into_iter().filter(|user| fold(&user.email) == fold(email.as_str()));
    Ok(same.map(|user| user.id.into_string()).collect())
}

/// The group with this id or exactly this name.
pub(super) fn group(db: &mut dyn Db, text: &str) -> Result<GroupWithCount, CliError> {
    if let Ok(id) = GroupId::parse(text)
        && let Some(group) = db.find_group(&id)?
    {
        return Ok(group);
    }
    let mut named: Vec<_> =
        db.list_groups(None)?.into_iter().filter(|group| group.group.name == text).collect();
    let ids: Vec<String> = named.iter().map(|group| group.group.id.to_string()).collect();
    ensure_one(&format!("groups are named {text}"), &ids)?;
    named.pop().ok_or_else(|| CliError::Failure(format!("there is no group with the name or id {text}")))
}

fn ensure_one(whose: &str, ids: &[String]) -> Result<(), CliError> {
    if ids.len() < 2 {
        return Ok(());
    }
    let (count, ids) = (ids.len(), ids.join(", "));
    Err(CliError::Failure(format!("{count} {whose}; say which by its id: {ids}")))
}
