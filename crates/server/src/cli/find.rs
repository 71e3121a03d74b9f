//! From what somebody typed to the account or group that is first.
//!
//! An id wins over an e-mail address or a name. Of several accounts with one e-mail address, as an attached database
//! may hold, the exact spelling wins, then the oldest, as everywhere, and the others are told. Several groups of one
//! name are an error that lists the ids.

use std::io::Write as _;

use rosterd_domain::email::EmailLookup;
use rosterd_domain::group::GroupWithCount;
use rosterd_domain::ids::{GroupId, UserId};
use rosterd_domain::user::UserModel;
use rosterd_storage::Reads;

use super::CliError;

/// The account with this id or e-mail address.
pub(super) fn user(db: &mut dyn Reads, text: &str) -> Result<UserModel, CliError> {
    if let Ok(id) = UserId::parse(text)
        && let Some(user) = db.find_user(&id)?
    {
        return Ok(user);
    }
    let unknown = || CliError::Failure(format!("there is no account with the e-mail address or id {text}"));
    let ids = db.list_user_ids_by_email(&EmailLookup::new(text))?;
    let first = ids.first().ok_or_else(unknown)?;
    if ids.len() > 1 {
        let others: Vec<&str> = ids.iter().skip(1).map(UserId::as_str).collect();
        // Nothing is lost when nobody reads it.
        let _ = writeln!(
            std::io::stderr(),
            "rosterd: several accounts have this e-mail address in different spellings; {first} is used, not {}",
            others.join(", ")
        );
    }
    db.find_user(first)?.ok_or_else(unknown)
}

/// The group with this id or exactly this name.
pub(super) fn group(db: &mut dyn Reads, text: &str) -> Result<GroupWithCount, CliError> {
    if let Ok(id) = GroupId::parse(text)
        && let Some(group) = db.find_group(&id)?
    {
        return Ok(group);
    }
    let mut named = groups_named(db, text)?;
    let ids: Vec<String> = named.iter().map(|group| group.group.id.to_string()).collect();
    ensure_one(&format!("groups are named {text}"), &ids)?;
    named.pop().ok_or_else(|| CliError::Failure(format!("there is no group with the name or id {text}")))
}

/// The groups with exactly this name.
pub(super) fn groups_named(db: &mut dyn Reads, name: &str) -> Result<Vec<GroupWithCount>, CliError> {
    Ok(db.list_groups(None)?.into_iter().filter(|group| group.group.name == name).collect())
}

fn ensure_one(whose: &str, ids: &[String]) -> Result<(), CliError> {
    if ids.len() < 2 {
        return Ok(());
    }
    let (count, ids) = (ids.len(), ids.join(", "));
    Err(CliError::Failure(format!("{count} {whose}; use an id instead: {ids}")))
}
