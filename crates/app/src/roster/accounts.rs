//! Which accounts texts name: e-mail addresses, found as everywhere (rule R2), or ids.

use std::collections::{BTreeMap, BTreeSet};

use rosterd_domain::email::{EmailLookup, comparable};
use rosterd_domain::ids::UserId;
use rosterd_domain::roster::Accounts;
use rosterd_storage::{Reads, StoreResult};

/// Up to so many are looked for one by one. Beyond it all accounts are read once: in a database of Open WebUI each look-up may
/// do that.
const FEW: usize = 64;

/// An e-mail address as it is stored, and whose it is.
type Holder = (String, UserId);

/// The accounts that these texts name. Of several with one e-mail address the exact spelling counts, then the oldest.
pub(super) fn find<'t>(db: &mut dyn Reads, texts: impl Iterator<Item = &'t str>) -> StoreResult<Accounts> {
    let texts: BTreeSet<&str> = texts.collect();
    let holders = if texts.len() > FEW { Some(all_holders(db, &texts)?) } else { None };
    let mut found = Accounts::default();
    for text in texts {
        if let Some(id) = find_one(db, text, holders.as_ref())? {
            found.0.insert(text.to_owned(), id);
        }
    }
    Ok(found)
}

/// A text with an at sign is an e-mail address first, any other one an id.
fn find_one(
    db: &mut dyn Reads,
    text: &str,
    holders: Option<&BTreeMap<String, Vec<Holder>>>,
) -> StoreResult<Option<UserId>> {
    let is_email_first = text.contains('@');
    if !is_email_first && let Some(id) = with_id(db, text)? {
        return Ok(Some(id));
    }
    let lookup = EmailLookup::new(text);
    let holder = match holders {
        None => db.find_user_id_by_email(&lookup)?,
        Some(holders) => {
            let mut named = holders.get(lookup.key()).cloned().unwrap_or_default();
            lookup.sort_by_closeness(&mut named, |(email, _)| email.as_str());
            named.into_iter().next().map(|(_, id)| id)
        }
    };
    match holder {
        None if is_email_first => with_id(db, text),
        holder => Ok(holder),
    }
}

fn with_id(db: &mut dyn Reads, text: &str) -> StoreResult<Option<UserId>> {
    let Ok(id) = UserId::parse(text) else { return Ok(None) };
    Ok(db.find_account(&id)?.map(|account| account.id))
}

/// Who has one of these e-mail addresses, by the form in which they are compared, the oldest account first.
fn all_holders(db: &mut dyn Reads, texts: &BTreeSet<&str>) -> StoreResult<BTreeMap<String, Vec<Holder>>> {
    let mut holders: BTreeMap<String, Vec<Holder>> =
        texts.iter().map(|text| (comparable(text), Vec::new())).collect();
    db.for_each_user_info(&mut |user| {
        if let Some(holders) = holders.get_mut(&comparable(&user.email)) {
            holders.push((user.email, user.id));
        }
        true
    })?;
    // They come with the newest first.
    for same in holders.values_mut() {
        same.reverse();
    }
    Ok(holders)
}
