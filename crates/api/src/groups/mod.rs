//! `/groups`: handlers and wire shapes.

mod group_form;

use actix_web::web::{Data, Json};
use rosterd_app::App;
use rosterd_app::groups;
use rosterd_domain::group::{Group, GroupWithCount};
use rosterd_domain::ids::{GroupId, UserId};
use rosterd_domain::user::UserInfo;
use serde::Serialize;

use self::group_form::GroupForm;
use crate::auth::{Admin, Caller, Verified};
use crate::endpoint::List;
use crate::error::ApiError;
use crate::extract::{Body, New, PathId, accept, form};

form! {
    /// Whom to add or remove.
    pub(crate) struct MembersForm {
        /// Their ids.
        user_ids: Vec<UserId>,
    }
}

/// A group with the ids of its members.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(crate) struct GroupExport {
    #[serde(flatten)]
    group: GroupWithCount,
    /// The members' ids.
    user_ids: Vec<UserId>,
}

/// `GET /groups/`
pub(crate) async fn list_groups(
    app: Data<App>,
    caller: Caller<Verified>,
) -> Result<List<GroupWithCount>, ApiError> {
    Ok(List(app.scan(caller.into(), groups::list).await?))
}

/// `POST /groups/create`
pub(crate) async fn create_group(
    app: Data<App>,
    caller: Caller<Admin>,
    body: Body<New<GroupForm>>,
) -> Result<Json<GroupWithCount>, ApiError> {
    let New(form) = accept(&app, &caller, body).await?;
    let draft = form.draft()?;
    Ok(Json(app.write(caller.into(), move |act| groups::create(act, draft, None)).await?))
}

/// `GET /groups/id/{id}`
pub(crate) async fn get_group(
    app: Data<App>,
    caller: Caller<Admin>,
    id: PathId<GroupId>,
) -> Result<Json<GroupWithCount>, ApiError> {
    Ok(Json(app.snapshot(caller.into(), move |act| groups::get(act, &id.0)).await?))
}

/// `GET /groups/id/{id}/export`
pub(crate) async fn export_group(
    app: Data<App>,
    caller: Caller<Admin>,
    id: PathId<GroupId>,
) -> Result<Json<GroupExport>, ApiError> {
    let exported = app.scan(caller.into(), move |act| groups::export(act, &id.0)).await?;
    Ok(Json(GroupExport { group: exported.group, user_ids: exported.members }))
}

/// `POST /groups/id/{id}/users`
pub(crate) async fn list_members(
    app: Data<App>,
    caller: Caller<Admin>,
    id: PathId<GroupId>,
) -> Result<List<UserInfo>, ApiError> {
    Ok(List(app.scan(caller.into(), move |act| groups::members(act, &id.0)).await?))
}

/// `POST /groups/id/{id}/update`: what is absent or null stays.
pub(crate) async fn update_group(
    app: Data<App>,
    caller: Caller<Admin>,
    id: PathId<GroupId>,
    body: Body<GroupForm>,
) -> Result<Json<GroupWithCount>, ApiError> {
    let form = accept(&app, &caller, body).await?;
    let changes = move |stored: Option<&Group>| form.changes(stored);
    Ok(Json(app.write(caller.into(), move |act| groups::update(act, &id.0, changes)).await?))
}

/// `POST /groups/id/{id}/users/add`
pub(crate) async fn add_members(
    app: Data<App>,
    caller: Caller<Admin>,
    id: PathId<GroupId>,
    body: Body<MembersForm>,
) -> Result<Json<GroupWithCount>, ApiError> {
    let form = accept(&app, &caller, body).await?;
    Ok(Json(app.write(caller.into(), move |act| groups::add_members(act, &id.0, &form.user_ids)).await?))
}

/// `POST /groups/id/{id}/users/remove`
pub(crate) async fn remove_members(
    app: Data<App>,
    caller: Caller<Admin>,
    id: PathId<GroupId>,
    body: Body<MembersForm>,
) -> Result<Json<GroupWithCount>, ApiError> {
    let form = accept(&app, &caller, body).await?;
    Ok(Json(app.write(caller.into(), move |act| groups::remove_members(act, &id.0, &form.user_ids)).await?))
}

/// `DELETE /groups/id/{id}/delete`
pub(crate) async fn delete_group(
    app: Data<App>,
    caller: Caller<Admin>,
    id: PathId<GroupId>,
) -> Result<Json<bool>, ApiError> {
    app.write(caller.into(), move |act| groups::delete(act, &id.0)).await?;
    Ok(Json(true))
}
