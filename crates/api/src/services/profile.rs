//! What callers keep about themselves: settings, status, info, groups.

use rosterd_domain::error::DomainError;
use rosterd_domain::group::Group;
use rosterd_domain::info;
use rosterd_domain::json::{JsonObject, JsonText};
use rosterd_domain::rules::tool_servers;
use rosterd_domain::settings::{self, SettingsUpdate};
use rosterd_domain::status::{StatusUpdate, UserStatus};
use rosterd_domain::user::{UserChanges, UserModel};

use crate::app::App;
use crate::auth::{Caller, Verified};
use crate::error::ApiError;
use crate::etag::IfMatch;
use crate::services::permissions;

/// The caller's settings.
pub(crate) async fn settings(app: &App, caller: Caller<Verified>) -> Result<Option<JsonText>, ApiError> {
    app.read(caller, |_db, me| Ok(settings::shown(me.settings.as_ref()))).await
}

/// Merges into the caller's settings (rules S1 to S4) and gives all of them.
pub(crate) async fn update_settings(
    app: &App,
    caller: Caller<Verified>,
    mut sent: SettingsUpdate,
    condition: IfMatch,
) -> Result<JsonText, ApiError> {
    let (handle, now) = (app.clone(), app.now());
    app.write(caller, move |tx, me| {
        // The row is locked before it is read for the merge: of two updates at once, the later sees the earlier.
        let stored = tx.lock_user(&me.id)?.ok_or(ApiError::InvalidToken)?.settings;
        condition.ensure(settings::shown(stored.as_ref()).as_ref())?;
        if sent.has_tool_servers() {
            let rights = permissions::effective(&handle, tx, &me.id)?;
            sent.gate_tool_servers(tool_servers::may_store_tool_servers(&me.role, &rights));
        }
        let merged = sent.merge_into(stored.as_ref());
        let changes = UserChanges { settings: Some(merged.clone()), ..UserChanges::default() };
        tx.update_user(&me.id, &changes, now)?;
        Ok(merged)
    })
    .await
}

/// The caller's free-form info.
pub(crate) async fn info(app: &App, caller: Caller<Verified>) -> Result<Option<JsonText>, ApiError> {
    app.read(caller, |_db, me| Ok(me.info.filter(|info| !info.is_null()))).await
}

/// Merges into the caller's info (rules S3 and S4) and gives all of it.
pub(crate) async fn update_info(
    app: &App,
    caller: Caller<Verified>,
    sent: JsonObject,
    condition: IfMatch,
) -> Result<JsonText, ApiError> {
    let now = app.now();
    app.write(caller, move |tx, me| {
        let stored = tx.lock_user(&me.id)?.ok_or(ApiError::InvalidToken)?.info.filter(|info| !info.is_null());
        condition.ensure(stored.as_ref())?;
        let merged = info::merge(stored.as_ref(), &sent);
        let changes = UserChanges { info: Some(merged.clone()), ..UserChanges::default() };
        tx.update_user(&me.id, &changes, now)?;
        Ok(merged)
    })
    .await
}

/// The caller's status, as it is now (rules V1 and S5).
pub(crate) async fn status(app: &App, caller: Caller<Verified>) -> Result<UserStatus, ApiError> {
    let now = app.now();
    app.read(caller, move |_db, me| Ok(me.status.at(now))).await
}

/// Changes the caller's status (rule S5) and gives the whole own record.
pub(crate) async fn update_status(
    app: &App,
    caller: Caller<Verified>,
    sent: StatusUpdate,
) -> Result<UserModel, ApiError> {
    let (handle, now) = (app.clone(), app.now());
    app.write(caller, move |tx, me| {
        tx.update_user(&me.id, &sent.apply(), now)?;
        let user = tx.find_user(&me.id)?.ok_or(DomainError::UserNotFound)?;
        Ok(handle.shown(user, now))
    })
    .await
}

/// The caller's groups, `updated_at` descending.
pub(crate) async fn groups(app: &App, caller: Caller<Verified>) -> Result<Vec<Group>, ApiError> {
    app.read(caller, |db, me| Ok(db.list_groups_of(&me.id)?)).await
}
