//! Groups and their members (contract, section 7).

use rosterd_domain::clock::UnixSeconds;
use rosterd_domain::group::{Group, GroupChanges, GroupWithCount, NewGroup};
use rosterd_domain::ids::{GroupId, UserId};
use rosterd_domain::text::{MAX_DESCRIPTION, ensure_short};
use rosterd_domain::user::UserInfo;
use rosterd_storage::{Db, Lock};

use crate::app::App;
use crate::auth::{Admin, Caller, Verified};
use crate::error::ApiError;
use crate::services::accounts::fresh_id;

/// All groups for admins, their own for others.
pub(crate) async fn list(app: &App, caller: Caller<Verified>) -> Result<Vec<GroupWithCount>, ApiError> {
    app.scan(caller, |db, me| {
        let member = (!me.role.is_admin()).then_some(&me.id);
        Ok(db.list_groups(member)?)
    })
    .await
}

/// One group.
pub(crate) async fn get(app: &App, caller: Caller<Admin>, id: GroupId) -> Result<GroupWithCount, ApiError> {
    app.read(caller, move |db, _me| existing(db, &id)).await
}

/// One group with the ids of its members.
pub(crate) async fn export(
    app: &App,
    caller: Caller<Admin>,
    id: GroupId,
) -> Result<(GroupWithCount, Vec<UserId>), ApiError> {
    app.scan(caller, move |db, _me| {
        let group = existing(db, &id)?;
        let members = db.list_members(&id)?.into_iter().map(|member| member.id).collect();
        Ok((group, members))
    })
    .await
}

/// The members of a group.
pub(crate) async fn members(
    app: &App,
    caller: Caller<Admin>,
    id: GroupId,
) -> Result<Vec<UserInfo>, ApiError> {
    let now = app.now();
    app.scan(caller, move |db, _me| {
        existing(db, &id)?;
        Ok(db.list_members(&id)?.into_iter().map(|member| member.with_current_status(now)).collect())
    })
    .await
}

/// Makes a group that the caller owns. `make` gets the owner.
pub(crate) async fn create(
    app: &App,
    caller: Caller<Admin>,
    make: impl FnOnce(UserId) -> NewGroup + Send + 'static,
) -> Result<GroupWithCount, ApiError> {
    app.write(caller, move |tx, me| create_by(tx, &make(me.id))).await
}

/// `create` inside a transaction. The name and the permissions were checked before.
///
/// # Errors
/// A description that is too long as [`ApiError::Rule`]; those of the store.
pub fn create_by(tx: &mut dyn Db, new: &NewGroup) -> Result<GroupWithCount, ApiError> {
    ensure_short("description", &new.description, None, MAX_DESCRIPTION)?;
    tx.insert_group(new)?;
    existing(tx, &new.id)
}

/// Changes a group. `changes` judges what was sent beside the group as it is stored, if it is.
pub(crate) async fn update(
    app: &App,
    caller: Caller<Admin>,
    id: GroupId,
    changes: impl FnOnce(Option<&Group>) -> Result<GroupChanges, ApiError> + Send + 'static,
) -> Result<GroupWithCount, ApiError> {
    let now = app.now();
    app.write(caller, move |tx, _me| {
        let stored = tx.lock_group(&id)?;
        let changes = changes(stored.as_ref())?;
        if let Some(stored) = &stored {
            changes.ensure_fits(stored)?;
        }
        tx.update_group(&id, &changes, now)?;
        existing(tx, &id)
    })
    .await
}

/// Deletes a group and its memberships.
pub(crate) async fn delete(app: &App, caller: Caller<Admin>, id: GroupId) -> Result<(), ApiError> {
    app.write(caller, move |tx, _me| delete_by(tx, &id)).await
}

/// `delete` inside a transaction.
///
/// # Errors
/// [`ApiError::GroupNotFound`]; those of the store.
pub fn delete_by(tx: &mut dyn Db, id: &GroupId) -> Result<(), ApiError> {
    // Who joins at this moment would be a member of nothing, or stop the deletion by the foreign key.
    tx.lock(Lock::Accounts)?;
    if tx.delete_group(id)? { Ok(()) } else { Err(ApiError::GroupNotFound) }
}

/// Makes users members. Unknown ids and present members are skipped.
pub(crate) async fn add_members(
    app: &App,
    caller: Caller<Admin>,
    id: GroupId,
    users: Vec<UserId>,
) -> Result<GroupWithCount, ApiError> {
    let now = app.now();
    app.write(caller, move |tx, _me| add_members_by(tx, &id, &users, now)).await
}

/// `add_members` inside a transaction.
///
/// # Errors
/// [`ApiError::GroupNotFound`]; those of the store.
pub fn add_members_by(
    tx: &mut dyn Db,
    id: &GroupId,
    users: &[UserId],
    now: UnixSeconds,
) -> Result<GroupWithCount, ApiError> {
    // Neither the group nor one of the users may go between the look-up and the insert.
    tx.lock(Lock::Accounts)?;
    existing(tx, id)?;
    tx.add_members(id, users, now, &mut fresh_id)?;
    existing(tx, id)
}

/// Ends memberships. Ids that are no members are skipped.
pub(crate) async fn remove_members(
    app: &App,
    caller: Caller<Admin>,
    id: GroupId,
    users: Vec<UserId>,
) -> Result<GroupWithCount, ApiError> {
    let now = app.now();
    app.write(caller, move |tx, _me| remove_members_by(tx, &id, &users, now)).await
}

/// `remove_members` inside a transaction.
///
/// # Errors
/// [`ApiError::GroupNotFound`]; those of the store.
pub fn remove_members_by(
    tx: &mut dyn Db,
    id: &GroupId,
    users: &[UserId],
    now: UnixSeconds,
) -> Result<GroupWithCount, ApiError> {
    existing(tx, id)?;
    tx.remove_members(id, users, now)?;
    existing(tx, id)
}

fn existing(db: &mut dyn Db, id: &GroupId) -> Result<GroupWithCount, ApiError> {
    db.find_group(id)?.ok_or(ApiError::GroupNotFound)
}
