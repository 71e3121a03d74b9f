//! Groups and their members (contract, section 7).

use rosterd_domain::error::DomainError;
use rosterd_domain::group::{GroupChanges, GroupWithCount, NewGroup};
use rosterd_domain::ids::{GroupId, UserId};
use rosterd_domain::user::UserInfo;
use rosterd_storage::Db;

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
    app.write(caller, move |tx, me| {
        let new = make(me.id);
        tx.insert_group(&new)?;
        existing(tx, &new.id)
    })
    .await
}

/// Changes a group.
pub(crate) async fn update(
    app: &App,
    caller: Caller<Admin>,
    id: GroupId,
    changes: GroupChanges,
) -> Result<GroupWithCount, ApiError> {
    let now = app.now();
    app.write(caller, move |tx, _me| {
        tx.update_group(&id, &changes, now)?;
        existing(tx, &id)
    })
    .await
}

/// Deletes a group and its memberships.
pub(crate) async fn delete(app: &App, caller: Caller<Admin>, id: GroupId) -> Result<(), ApiError> {
    app.write(
        caller,
        move |tx, _me| if tx.delete_group(&id)? { Ok(()) } else { Err(ApiError::GroupNotFound) },
    )
    .await
}

/// Makes users members. Unknown ids and present members are skipped.
pub(crate) async fn add_members(
    app: &App,
    caller: Caller<Admin>,
    id: GroupId,
    users: Vec<UserId>,
) -> Result<GroupWithCount, ApiError> {
    let now = app.now();
    app.write(caller, move |tx, _me| {
        existing(tx, &id)?;
        tx.add_members(&id, &users, now, &mut fresh_id)?;
        existing(tx, &id)
    })
    .await
}

/// Ends memberships. Ids that are no members are skipped.
pub(crate) async fn remove_members(
    app: &App,
    caller: Caller<Admin>,
    id: GroupId,
    users: Vec<UserId>,
) -> Result<GroupWithCount, ApiError> {
    let now = app.now();
    app.write(caller, move |tx, _me| {
        existing(tx, &id)?;
        tx.remove_members(&id, &users, now)?;
        existing(tx, &id)
    })
    .await
}

fn existing(db: &mut dyn Db, id: &GroupId) -> Result<GroupWithCount, ApiError> {
    db.find_group(id)?.ok_or(ApiError::GroupNotFound)
}

/// Adds and removes one member by address, for the command line.
///
/// # Errors
/// [`ApiError::GroupNotFound`]; `USER_NOT_FOUND`; those of the store.
pub async fn set_membership(
    app: &App,
    group: GroupId,
    user: UserId,
    member: Membership,
) -> Result<(), ApiError> {
    let now = app.now();
    app.store()
        .write(move |tx| {
            existing(tx, &group)?;
            tx.find_user(&user)?.ok_or(DomainError::UserNotFound)?;
            match member {
                Membership::Joined => tx.add_members(&group, &[user], now, &mut fresh_id)?,
                Membership::Left => tx.remove_members(&group, &[user], now)?,
            };
            Ok(())
        })
        .await
}

/// What [`set_membership`] makes of a user and a group.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Membership {
    /// A member.
    Joined,
    /// No member.
    Left,
}
