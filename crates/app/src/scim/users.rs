//! Users by SCIM: the accounts that a connection made or was linked to (rules J3 to J7 and J10).
//!
//! A connection keeps a copy of what it sent. The account follows it where name or e-mail address of the copy change, so that what
//! somebody else changes here stays until the provider has something new to say.

mod copy;
mod making;
mod passwords;
mod standing;

use std::collections::HashMap;

use rosterd_domain::clock::UnixSeconds;
use rosterd_domain::error::DomainError;
use rosterd_domain::ids::{ConnectionId, UserId};
use rosterd_domain::rules::way_back::Keep;
use rosterd_domain::scim::Connection;
use rosterd_domain::secret::PasswordHash;
use rosterd_domain::user::AccountRow;
use rosterd_scim::patch::UserChange;
use rosterd_scim::{
    DateTime, GroupReference, IfMatch, List, ListQuery, Meta, Projection, ScimError, User, UserAttributes,
    UserForm, Version,
};
use rosterd_storage::{Lock, ScimUserRow};

use super::groups;
use crate::account_lock::Held;
use crate::act::Act;
use crate::app::App;
use crate::caller::Caller;
use crate::error::{AppError, AppResult};
use crate::event::{Event, Outcome};
use crate::scim::{self, Served};
use crate::users::delete_held;
use copy::{ensure_storable, follow, taken, told_of, user_name_taken};
use making::{created, takes_password};
use passwords::{hashed, hashed_for, set_password};

/// A page of the users that the connection sees, and how many there are on all pages.
///
/// # Errors
/// [`AppError::AccessProhibited`] for all but connections; those of the store.
pub fn list(act: &mut Act<'_>, query: &ListQuery) -> AppResult<(u64, Vec<User>)> {
    let connection = act.actor().connection()?.id.clone();
    let page = query.page;
    let rows = match page.count {
        0 => Vec::new(),
        _ => act.read().list_scim_users(&connection, query)?,
    };
    let total = match page.total(rows.len()) {
        Some(total) => total,
        None => u64::try_from(act.read().count_scim_users(&connection, query.filter.as_ref())?).unwrap_or(0),
    };
    Ok((total, documents(act, &connection, rows, &query.projection)?))
}

/// One user.
///
/// # Errors
/// [`AppError::NotFound`], also for accounts that the connection does not see; those of [`list`].
pub fn one(act: &mut Act<'_>, id: &UserId, projection: &Projection) -> AppResult<User> {
    let connection = act.actor().connection()?.id.clone();
    let row = visible(act, &connection, id)?;
    document(act, &connection, row, projection)
}

/// Makes an account, links the connection to the one that has the e-mail address, or shows it again the one that it deleted.
///
/// # Errors
/// [`AppError::Scim`]: `uniqueness` for a user that the connection has, and for the e-mail address of an account that it may not be linked
/// to; 403 for an admin's, and while there is no account at all; `invalidValue` for what no account can have. The policy of passwords as
/// [`AppError::Rule`]; those of [`list`].
pub async fn create(
    app: &App,
    caller: Caller,
    (mount, bytes): (String, usize),
    form: UserForm,
    projection: Projection,
) -> AppResult<Served<User>> {
    let sent = form.password.clone();
    let attributes = form.clone().into_new();
    let hash = match sent {
        None => None,
        Some(password) => {
            let email = attributes.email_address().unwrap_or_default().to_owned();
            let name = attributes.account_name();
            let is_taken = move |act: &mut Act<'_>| takes_password(act, &attributes);
            let is_taken = scim::read(app, caller.clone(), mount.clone(), is_taken).await?.value;
            if is_taken { Some(hashed(app, &caller, &password, &name, &email).await?) } else { None }
        }
    };
    scim::write(app, caller, mount, bytes, move |act| created(act, form, hash.as_ref(), &projection)).await
}

/// What PUT makes of a user.
///
/// # Errors
/// As [`patch`].
pub async fn replace(
    app: &App,
    caller: Caller,
    (mount, bytes): (String, usize),
    id: UserId,
    form: UserForm,
    (condition, projection): (Option<IfMatch>, Projection),
) -> AppResult<Served<User>> {
    let hash = hashed_for(app, &caller, &mount, (&id, condition.as_ref()), form.password.as_ref()).await?;
    let work = move |stored: &UserAttributes| {
        let asked = form.active;
        Ok((form.replace(stored), asked))
    };
    scim::write(app, caller, mount, bytes, move |act| {
        changed(act, &id, condition.as_ref(), work, hash.as_ref(), &projection)
    })
    .await
}

/// Changes a user, by all operations or none.
///
/// # Errors
/// [`AppError::NotFound`]; [`AppError::Scim`]: 403 for an admin, 412 for another version, `uniqueness`, and those of the request; the policy
/// of passwords as [`AppError::Rule`]; those of [`list`].
pub async fn patch(
    app: &App,
    caller: Caller,
    (mount, bytes): (String, usize),
    id: UserId,
    changes: Vec<UserChange>,
    (condition, projection): (Option<IfMatch>, Projection),
) -> AppResult<Served<User>> {
    let password = changes.iter().rev().find_map(|change| match change {
        UserChange::Password(password) => Some(password),
        _ => None,
    });
    let hash = hashed_for(app, &caller, &mount, (&id, condition.as_ref()), password).await?;
    let work = move |stored: &UserAttributes| {
        let mut wanted = stored.clone();
        let mut asked = None;
        for change in &changes {
            wanted.apply(change)?;
            if let UserChange::Active(active) = change {
                asked = Some(*active);
            }
        }
        Ok((wanted, asked))
    };
    scim::write(app, caller, mount, bytes, move |act| {
        changed(act, &id, condition.as_ref(), work, hash.as_ref(), &projection)
    })
    .await
}

/// Suspends the account and hides it from the connection, or deletes it where the connection may (rule J6).
///
/// # Errors
/// [`AppError::NotFound`]; [`AppError::Scim`]: 403 for an admin, 412 for another version; those of [`list`].
pub fn delete(act: &mut Act<'_>, id: &UserId, condition: Option<&IfMatch>) -> AppResult<()> {
    let (connection, held) = hold(act)?;
    // Before the account itself: whoever makes it a member of a group holds this and waits for that.
    act.read().lock(Lock::GroupTree)?;
    let (stored, _account) = to_change(act, &connection, &held, id, condition)?;
    if connection.deletes_accounts && stored.made && deleted(act, &connection, &held, &stored)? {
        return Ok(());
    }
    let mut row = stored.clone();
    standing::settle(act, &connection, &held, &mut row, false)?;
    groups::leave_all(act, &connection.id, id)?;
    hide(&mut row, act.now());
    act.change(Event::ScimUserHidden(id.clone())).update_scim_user(&connection.id, &stored, &row)?;
    Ok(())
}

/// Deletes the account; gives whether that was possible: what is too large to be kept is not deleted (rule B2).
fn deleted(act: &mut Act<'_>, connection: &Connection, held: &Held, stored: &ScimUserRow) -> AppResult<bool> {
    // If it is ever restored, it is hidden as well.
    let mut row = stored.clone();
    hide(&mut row, act.now());
    act.change_and_tell(|tx| {
        tx.update_scim_user(&connection.id, stored, &row)?;
        Ok(((), Outcome::ToldApart))
    })?;
    match delete_held(act, held, &stored.user, Keep::AsConfigured) {
        Ok(()) => Ok(true),
        Err(AppError::Rule(DomainError::TooLargeToKeep { .. })) => {
            act.change_and_tell(|tx| {
                tx.update_scim_user(&connection.id, &row, stored)?;
                Ok(((), Outcome::ToldApart))
            })?;
            Ok(false)
        }
        Err(error) => Err(error),
    }
}

fn hide(row: &mut ScimUserRow, now: UnixSeconds) {
    row.hidden_at = Some(now);
    row.updated_at = now;
    row.version = row.version.saturating_add(1);
}

/// Holds what changes of accounts need: the connection that acts, and what the rules ask beside an account.
fn hold(act: &mut Act<'_>) -> AppResult<(Connection, Held)> {
    let connection = act.actor().connection()?.clone();
    act.read().lock(Lock::Accounts)?;
    let primary = act.read().find_primary_admin()?;
    Ok((connection, Held { actor: None, primary }))
}

/// A user that the connection sees.
fn visible(act: &mut Act<'_>, connection: &ConnectionId, id: &UserId) -> AppResult<ScimUserRow> {
    let row = act.read().find_scim_user(connection, id)?;
    row.filter(ScimUserRow::is_visible).ok_or(AppError::NO_SUCH_USER)
}

/// A user that may be changed, and its account, which is locked.
fn to_change(
    act: &mut Act<'_>,
    connection: &Connection,
    held: &Held,
    id: &UserId,
    condition: Option<&IfMatch>,
) -> AppResult<(ScimUserRow, AccountRow)> {
    let stored = visible(act, &connection.id, id)?;
    let account = act.read().lock_account(id)?.ok_or(AppError::NO_SUCH_USER)?;
    if standing::is_admin(act, held, &account)? {
        return Err(of_an_admin().into());
    }
    if let Some(condition) = condition {
        condition.check(&version(&stored))?;
    }
    Ok((stored, account))
}

fn of_an_admin() -> ScimError {
    ScimError::with_status(
        403,
        "this account belongs to an admin; admins are never changed, disabled or deleted by SCIM",
    )
}

/// [`replace`] and [`patch`]: `work` gives what is wanted, and whether the account is to be active if the request says so.
fn changed(
    act: &mut Act<'_>,
    id: &UserId,
    condition: Option<&IfMatch>,
    work: impl FnOnce(&UserAttributes) -> Result<(UserAttributes, Option<bool>), ScimError>,
    hash: Option<&PasswordHash>,
    projection: &Projection,
) -> AppResult<User> {
    let (connection, held) = hold(act)?;
    let (stored, account) = to_change(act, &connection, &held, id, condition)?;
    let (wanted, asked) = work(&stored.attributes)?;
    let attributes = UserAttributes { active: stored.attributes.active, ..wanted };
    let copied = told_of(&stored.attributes, &attributes);
    let mut followed = false;
    if !copied.is_empty() {
        ensure_storable(&attributes)?;
        let other = act.read().find_scim_user_by_name(&connection.id, &attributes.user_name)?;
        if other.is_some_and(|other| other.user != *id) {
            return Err(taken("userName"));
        }
        followed = follow(act, &account, &stored.attributes, &attributes)?;
    }
    let mut row = ScimUserRow { attributes, ..stored.clone() };
    if let Some(active) = asked {
        standing::settle(act, &connection, &held, &mut row, active)?;
    }
    set_password(act, &row, &account, hash)?;
    if row != stored {
        row.updated_at = act.now();
        row.version = row.version.saturating_add(1);
        let told = if copied.is_empty() || followed {
            Outcome::ToldApart
        } else {
            Outcome::Changed(Event::UserUpdated(id.clone(), copied))
        };
        act.change_and_tell(|tx| Ok((tx.update_scim_user(&connection.id, &stored, &row)?, told)))
            .map_err(user_name_taken)?;
    }
    document(act, &connection.id, row, projection)
}

fn version(row: &ScimUserRow) -> Version {
    Version::new(&format!("{}.{}", row.version, row.attributes.active))
}

fn document(
    act: &mut Act<'_>,
    connection: &ConnectionId,
    row: ScimUserRow,
    projection: &Projection,
) -> AppResult<User> {
    let mut documents = documents(act, connection, vec![row], projection)?;
    documents.pop().ok_or(AppError::NO_SUCH_USER)
}

/// The documents of these rows, with their groups where they are asked for: in one statement for all.
fn documents(
    act: &mut Act<'_>,
    connection: &ConnectionId,
    rows: Vec<ScimUserRow>,
    projection: &Projection,
) -> AppResult<Vec<User>> {
    let ids: Vec<UserId> = rows.iter().map(|row| row.user.clone()).collect();
    let mut groups: HashMap<UserId, Vec<GroupReference>> = HashMap::new();
    if projection.includes(List::Groups) && !ids.is_empty() {
        for (user, group) in act.read().list_scim_groups_of(connection, &ids)? {
            groups.entry(user).or_default().push(group);
        }
    }
    let user = |row: ScimUserRow| User {
        groups: groups.remove(&row.user).unwrap_or_default(),
        meta: Meta {
            created: DateTime::from_seconds(row.created_at),
            last_modified: DateTime::from_seconds(row.updated_at),
            version: version(&row),
        },
        id: row.user.as_str().to_owned(),
        attributes: row.attributes,
    };
    Ok(rows.into_iter().map(user).collect())
}
