//! What admins do with connections (rules J1, J2, J7, J12).

use rosterd_domain::ids::ConnectionId;
use rosterd_domain::scim::{
    Connection, ConnectionDraft, ConnectionInfo, ConnectionRow, ConnectionToken, ConnectionUpdate,
    LinkableUser, MAX_CONNECTIONS,
};
use rosterd_domain::webhook::Overlap;
use rosterd_storage::Lock;
use uuid::Uuid;

use super::acting::url_of_scim;
use crate::act::Act;
use crate::api_keys::random;
use crate::error::{AppError, AppResult};
use crate::event::{Changes, Event};
use crate::versions::{self, Condition, Tagged};

/// Most accounts of one page of [`linkable`].
pub const MOST_LINKABLE: i64 = 200;

/// A connection with a new token, which is never shown again.
#[derive(Debug)]
pub struct MadeConnection {
    /// The token.
    pub token: ConnectionToken,
    /// By which URL the provider reaches SCIM; `None` where nobody has said by which URL people reach this server.
    pub url: Option<String>,
    /// What is shown of the connection.
    pub info: ConnectionInfo,
}

/// The accounts that a connection could be linked to.
#[derive(Debug)]
pub struct Linkable {
    /// How many there are.
    pub total: i64,
    /// A page of them, by e-mail address.
    pub users: Vec<LinkableUser>,
}

/// All connections, the oldest first.
///
/// # Errors
/// [`AppError::AccessProhibited`] for all but admins; [`AppError::Conflict`] where there can be none; those of the store.
pub fn list(act: &mut Act<'_>) -> AppResult<Vec<ConnectionInfo>> {
    ensure_kept(act)?;
    let rows = act.read().list_connections()?;
    let seen = act.read().count_seen()?;
    Ok(rows.into_iter().map(|row| shown(act, row, &seen)).collect())
}

/// One connection.
///
/// # Errors
/// As [`list`]; [`AppError::NotFound`].
pub fn get(act: &mut Act<'_>, id: &ConnectionId) -> AppResult<Tagged<ConnectionInfo>> {
    ensure_kept(act)?;
    let row = act.read().find_connection(id)?.ok_or(NO_SUCH_CONNECTION)?;
    tagged(act, row)
}

/// The id of the connection that has this id or, if none has, this name.
///
/// # Errors
/// As [`get`].
pub fn named(act: &mut Act<'_>, id_or_name: &str) -> AppResult<ConnectionId> {
    ensure_kept(act)?;
    let rows = act.read().list_connections()?;
    let of_id = rows.iter().find(|row| row.connection.id.as_str() == id_or_name);
    let found = of_id.or_else(|| rows.iter().find(|row| row.connection.name == id_or_name));
    found.map(|row| row.connection.id.clone()).ok_or(NO_SUCH_CONNECTION)
}

/// Makes a connection. The first one switches SCIM on (rule J2).
///
/// # Errors
/// As [`list`]; [`AppError::HumanSessionRequired`] (rule M12); [`AppError::Conflict`] where there are [`MAX_CONNECTIONS`], and for a
/// name that another one has; a role that it must not give as [`AppError::Rule`] (rule J12).
pub fn create(act: &mut Act<'_>, draft: ConnectionDraft) -> AppResult<MadeConnection> {
    ensure_kept(act)?;
    act.actor().ensure_person()?;
    let id = ConnectionId::from_stored(Uuid::new_v4().to_string());
    let connection = draft.into_connection(id, act.actor().id().cloned(), act.now())?;
    act.read().lock(Lock::Connections)?;
    let others = act.read().list_connections()?;
    if others.len() >= MAX_CONNECTIONS {
        return Err(AppError::Conflict("There are 32 connections, the most there can be. Delete one first."));
    }
    ensure_own_name(&others, &connection)?;
    let token = ConnectionToken::generate(random);
    let told = Changes::default()
        .of("name", None::<String>, connection.name.as_str())
        .of("default_role", None::<String>, connection.default_role.as_str())
        .of("links_by_email", None::<bool>, connection.links_by_email)
        .of("takes_passwords", None::<bool>, connection.takes_passwords)
        .of("deletes_accounts", None::<bool>, connection.deletes_accounts)
        .of("group_rule", None::<String>, connection.group_rule.as_str());
    let row = ConnectionRow { connection, token_hash: token.hash(), old_token: None };
    act.change(Event::ScimConnectionCreated(row.connection.id.clone(), told)).insert_connection(&row)?;
    let info = ConnectionInfo::of(&row, (0, 0), act.now());
    Ok(MadeConnection { token, url: url_of_scim(act)?, info })
}

/// Changes a connection, only if it has still the [version](versions::of_connection) that the condition names (rule S4).
///
/// # Errors
/// As [`create`] for the name and the role; [`AppError::NotFound`]; [`AppError::PreconditionFailed`].
pub fn update_if(
    act: &mut Act<'_>,
    id: &ConnectionId,
    update: ConnectionUpdate,
    condition: &Condition,
) -> AppResult<Tagged<ConnectionInfo>> {
    ensure_kept(act)?;
    let before = locked(act, id)?;
    // What is wrong with the form is told first (RFC 9110, section 13.2.1).
    let connection = update.apply(&before.connection)?;
    condition.ensure_tag(|| versions::of_connection(&before.connection))?;
    if connection.name != before.connection.name {
        ensure_own_name(&act.read().list_connections()?, &connection)?;
    }
    let told = changes(&before.connection, &connection);
    let after = ConnectionRow { connection, ..before };
    if !told.is_empty() {
        act.change(Event::ScimConnectionUpdated(id.clone(), told)).update_connection(&after)?;
    }
    tagged(act, after)
}

/// The same without a condition.
///
/// # Errors
/// As [`update_if`].
pub fn update(act: &mut Act<'_>, id: &ConnectionId, update: ConnectionUpdate) -> AppResult<ConnectionInfo> {
    Ok(update_if(act, id, update, &Condition::None)?.shown)
}

fn changes(before: &Connection, after: &Connection) -> Changes {
    Changes::default()
        .of("name", before.name.as_str(), after.name.as_str())
        .of("default_role", before.default_role.as_str(), after.default_role.as_str())
        .of("links_by_email", before.links_by_email, after.links_by_email)
        .of("takes_passwords", before.takes_passwords, after.takes_passwords)
        .of("deletes_accounts", before.deletes_accounts, after.deletes_accounts)
        .of("group_rule", before.group_rule.as_str(), after.group_rule.as_str())
}

/// Gives a connection a new token. The one before opens it too until the overlap is over.
///
/// # Errors
/// As [`list`]; [`AppError::HumanSessionRequired`] (rule M12); [`AppError::NotFound`].
pub fn rotate(act: &mut Act<'_>, id: &ConnectionId, overlap: Overlap) -> AppResult<MadeConnection> {
    ensure_kept(act)?;
    act.actor().ensure_person()?;
    let before = locked(act, id)?;
    let token = ConnectionToken::generate(random);
    let until = act.now().saturating_add(overlap.seconds());
    let old_token = (overlap.seconds() > 0).then(|| (before.token_hash.clone(), until));
    let after = ConnectionRow { token_hash: token.hash(), old_token, ..before };
    act.change(Event::ScimConnectionRotated(id.clone())).update_connection(&after)?;
    let info = tagged(act, after)?.shown;
    Ok(MadeConnection { token, url: url_of_scim(act)?, info })
}

/// Deletes a connection. The accounts and groups that it made stay as they are, suspended ones suspended.
///
/// # Errors
/// As [`list`]; [`AppError::NotFound`].
pub fn delete(act: &mut Act<'_>, id: &ConnectionId) -> AppResult<()> {
    ensure_kept(act)?;
    let name = locked(act, id)?.connection.name;
    act.change(Event::ScimConnectionDeleted(id.clone(), name)).delete_connection(id)?;
    Ok(())
}

/// Which accounts a connection would be linked to, if the provider sent their e-mail addresses and linking was on (rule J7): at most
/// `limit` after so many others. Admins are never among them.
///
/// # Errors
/// As [`list`]; [`AppError::NotFound`] for an unknown connection.
pub fn linkable(act: &mut Act<'_>, id: &ConnectionId, (offset, limit): (i64, i64)) -> AppResult<Linkable> {
    ensure_kept(act)?;
    act.read().find_connection(id)?.ok_or(NO_SUCH_CONNECTION)?;
    let primary = act.read().find_primary_admin()?;
    let total = act.read().count_linkable(id, primary.as_ref())?;
    let limit = limit.clamp(1, MOST_LINKABLE);
    let users = act.read().list_linkable(id, primary.as_ref(), (offset, limit))?;
    Ok(Linkable { total, users })
}

const NO_SUCH_CONNECTION: AppError = AppError::NotFound("There is no such connection.");

/// Lets go on admins, where there can be connections.
fn ensure_kept(act: &Act<'_>) -> AppResult<()> {
    act.actor().ensure_admin()?;
    if act.app().store().layout().scim {
        return Ok(());
    }
    Err(AppError::Conflict(
        "This database has no tables for SCIM. `rosterd adopt --apply` adds them; then restart rosterd.",
    ))
}

/// Names are for people: two connections with the same one could not be told apart.
fn ensure_own_name(others: &[ConnectionRow], connection: &Connection) -> AppResult<()> {
    let is_taken = others
        .iter()
        .any(|other| other.connection.name == connection.name && other.connection.id != connection.id);
    if is_taken {
        Err(AppError::Conflict("Another connection has this name. Choose another one."))
    } else {
        Ok(())
    }
}

/// A connection that is about to be changed.
fn locked(act: &mut Act<'_>, id: &ConnectionId) -> AppResult<ConnectionRow> {
    act.read().lock(Lock::Connections)?;
    act.read().find_connection(id)?.ok_or(NO_SUCH_CONNECTION)
}

fn shown(act: &Act<'_>, mut row: ConnectionRow, seen: &[(ConnectionId, i64, i64)]) -> ConnectionInfo {
    let id = &row.connection.id;
    let counts = seen.iter().find(|(of, ..)| of == id).map_or((0, 0), |(_, users, groups)| (*users, *groups));
    // What this process saw and has not written yet.
    let used = act.app().connection_uses().overlay(id, row.connection.last_used_at.unwrap_or_default());
    row.connection.last_used_at = Some(used).filter(|used| *used > 0);
    ConnectionInfo::of(&row, counts, act.now())
}

fn tagged(act: &mut Act<'_>, row: ConnectionRow) -> AppResult<Tagged<ConnectionInfo>> {
    let tag = versions::of_connection(&row.connection);
    let seen = act.read().count_seen()?;
    Ok(Tagged { shown: shown(act, row, &seen), tag })
}
