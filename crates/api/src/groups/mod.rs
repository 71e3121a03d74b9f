//! `/groups`: handlers and wire shapes.

mod group_form;
mod members_form;

use actix_web::web::{Data, Json};
use rosterd_app::{Act, App, group_preview, groups, versions};
use rosterd_domain::group::{GroupInfo, GroupMembers, GroupPreview, GroupWithCount, MembersQuery};
use rosterd_domain::ids::{GroupId, UserId};
use rosterd_domain::user::UserInfo;
use serde::Serialize;

use self::group_form::{GroupForm, OlderGroupForm};
use self::members_form::{MembersForm, OlderMembersForm};
use crate::auth::{Admin, Caller, Verified};
use crate::endpoint::List;
use crate::error::ApiError;
use crate::etag::{IfMatch, Tagged};
use crate::extract::{Body, ByDialect, New, PathId, Query, Share, accept, accept_in_dialect};

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
    share: Query<Share>,
) -> Result<List<GroupWithCount>, ApiError> {
    let share = accept(&app, &caller, share).await?.in_dialect(app.dialect());
    let share = accept(&app, &caller, share).await?;
    Ok(List(app.scan(caller.into(), move |act| groups::list(act, share)).await?))
}

/// `POST /groups/create`
pub(crate) async fn create_group(
    app: Data<App>,
    caller: Caller<Admin>,
    body: Body<ByDialect<New<OlderGroupForm>, New<GroupForm>>>,
) -> Result<Tagged<GroupWithCount>, ApiError> {
    let New(form): New<GroupForm> = accept_in_dialect(&app, &caller, body).await?;
    let draft = form.draft()?;
    Ok(tagged(app.write(caller.into(), move |act| groups::create(act, draft, None)).await?))
}

/// `GET /groups/id/{id}`
pub(crate) async fn get_group(
    app: Data<App>,
    caller: Caller<Admin>,
    id: PathId<GroupId>,
) -> Result<Tagged<GroupWithCount>, ApiError> {
    Ok(tagged(app.snapshot(caller.into(), move |act| groups::get(act, &id.0)).await?))
}

/// A group with its entity tag.
fn tagged(group: GroupWithCount) -> Tagged<GroupWithCount> {
    let tag = versions::of_group(&group);
    Tagged::new(group, tag)
}

/// `GET /groups/id/{id}/info`
pub(crate) async fn get_group_info(
    app: Data<App>,
    caller: Caller<Verified>,
    id: PathId<GroupId>,
) -> Result<Json<GroupInfo>, ApiError> {
    Ok(Json(app.snapshot(caller.into(), move |act| groups::info(act, &id.0)).await?))
}

/// `GET /groups/id/{id}/members`
pub(crate) async fn list_members_of_tree(
    app: Data<App>,
    caller: Caller<Admin>,
    id: PathId<GroupId>,
    query: Query<MembersQuery>,
) -> Result<Json<GroupMembers>, ApiError> {
    let query = accept(&app, &caller, query).await?;
    Ok(Json(app.scan(caller.into(), move |act| groups::members_of_tree(act, &id.0, &query)).await?))
}

/// `GET /groups/id/{id}/preview`
pub(crate) async fn get_group_preview(
    app: Data<App>,
    caller: Caller<Admin>,
    id: PathId<GroupId>,
) -> Result<Json<GroupPreview>, ApiError> {
    Ok(Json(app.scan(caller.into(), move |act| group_preview::preview(act, &id.0)).await?))
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

/// `POST /groups/id/{id}/update`: what is absent stays, and what is null, but for the parent.
pub(crate) async fn update_group(
    app: Data<App>,
    caller: Caller<Admin>,
    id: PathId<GroupId>,
    condition: IfMatch,
    body: Body<ByDialect<OlderGroupForm, GroupForm>>,
) -> Result<Tagged<GroupWithCount>, ApiError> {
    let form: GroupForm = accept_in_dialect(&app, &caller, body).await?;
    let dialect = app.dialect();
    let changes = move |stored: Option<&GroupWithCount>| form.changes(dialect, stored);
    let update = move |act: &mut Act<'_>| groups::update_if(act, &id.0, &condition.0, changes);
    Ok(tagged(app.write(caller.into(), update).await?))
}

/// `POST /groups/id/{id}/users/add`
pub(crate) async fn add_members(
    app: Data<App>,
    caller: Caller<Admin>,
    id: PathId<GroupId>,
    body: Body<ByDialect<OlderMembersForm, New<MembersForm>>>,
) -> Result<Json<GroupWithCount>, ApiError> {
    let New(form): New<MembersForm> = accept_in_dialect(&app, &caller, body).await?;
    let users = form.ids();
    Ok(Json(app.write(caller.into(), move |act| groups::add_members(act, &id.0, &users)).await?))
}

/// `POST /groups/id/{id}/users/remove`
pub(crate) async fn remove_members(
    app: Data<App>,
    caller: Caller<Admin>,
    id: PathId<GroupId>,
    body: Body<ByDialect<OlderMembersForm, New<MembersForm>>>,
) -> Result<Json<GroupWithCount>, ApiError> {
    let New(form): New<MembersForm> = accept_in_dialect(&app, &caller, body).await?;
    let users = form.ids();
    Ok(Json(app.write(caller.into(), move |act| groups::remove_members(act, &id.0, &users)).await?))
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
