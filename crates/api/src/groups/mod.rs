//! `/groups`: the handlers and wire shapes of contract section 7.

use actix_web::web::{Data, Json};
use rosterd_domain::group::{GroupChanges, GroupWithCount, NewGroup, check_group_name};
use rosterd_domain::ids::{GroupId, UserId};
use rosterd_domain::json::JsonText;
use rosterd_domain::permissions::PermissionTree;
use rosterd_domain::user::UserInfo;
use serde::Serialize;
use serde_json::Value;

use crate::app::App;
use crate::auth::{Admin, Caller, Verified};
use crate::error::ApiError;
use crate::extract::{Body, Fields, Form, PathId};
use crate::openapi::schemas;
use crate::services::{accounts::fresh_id, groups};

/// What a group is made of.
#[derive(Debug, utoipa::ToSchema)]
pub(crate) struct GroupForm {
    /// The name: up to 255 characters, not counting white space at its ends.
    #[schema(max_length = 255, pattern = r"^[^\x00]*$")]
    name: String,
    /// A few words on it, at most 2,000 characters.
    #[schema(max_length = 2000, pattern = r"^[^\x00]*$")]
    description: String,
    /// What its members may do beyond the template, at most 8 levels deep.
    #[schema(value_type = Option<schemas::PermissionTree>)]
    permissions: Option<JsonText>,
    /// Free-form JSON.
    data: Option<JsonText>,
    /// Free-form JSON.
    meta: Option<JsonText>,
}

impl Form for GroupForm {
    fn read(json: &str) -> Result<Self, ApiError> {
        let mut fields = Fields::of_body(json)?;
        let (name, description) =
            (fields.required::<String>("name"), fields.required::<String>("description"));
        let permissions = fields.optional::<Value>("permissions");
        let mut document = |name| {
            fields
                .optional::<rosterd_domain::json::JsonObject>(name)
                .map(|object| JsonText::from_object(&object))
        };
        let (data, meta) = (document("data"), document("meta"));
        if let Some(name) = &name {
            fields.rule(&[], check_group_name(name));
        }
        if let Some(permissions) = &permissions {
            fields.rule(&["permissions"], PermissionTree::validate(permissions));
        }
        let form = name.zip(description).map(|(name, description)| Self {
            name: name.trim().to_owned(),
            description,
            permissions: permissions.as_ref().map(|value| JsonText::from_stored(value.to_string())),
            data,
            meta,
        });
        fields.finish(form)
    }
}

/// Whom to add or remove.
#[derive(Debug)]
pub(crate) struct MembersForm(Vec<UserId>);

impl Form for MembersForm {
    fn read(json: &str) -> Result<Self, ApiError> {
        let mut fields = Fields::of_body(json)?;
        let ids = fields.required::<Vec<String>>("user_ids");
        // Text that no id can be is an unknown id, and those are skipped.
        fields.finish(ids.map(|ids| Self(ids.iter().filter_map(|id| UserId::parse(id).ok()).collect())))
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
#[utoipa::path(
    get,
    path = "/api/v1/groups/",
    operation_id = "getGroups",
    tag = "groups",
    summary = "The groups",
    description = "",
    responses(
        (status = 200, description = "All groups for admins, their own for others; last changed first.", body = Vec<GroupWithCount>),
    ),
    extensions(("x-access" = json!("verified")), ("x-errors" = json!([]))),
)]
pub(crate) async fn list_groups(
    app: Data<App>,
    caller: Caller<Verified>,
) -> Result<Json<Vec<GroupWithCount>>, ApiError> {
    Ok(Json(groups::list(&app, caller).await?))
}

/// `POST /groups/create`
#[utoipa::path(
    post,
    path = "/api/v1/groups/create",
    operation_id = "createNewGroup",
    tag = "groups",
    summary = "Make a group",
    description = "",
    request_body = GroupForm,
    responses(
        (status = 200, description = "The new group, owned by you.", body = GroupWithCount),
    ),
    extensions(("x-access" = json!("admin")), ("x-errors" = json!([]))),
)]
pub(crate) async fn create_group(
    app: Data<App>,
    caller: Caller<Admin>,
    body: Body<GroupForm>,
) -> Result<Json<GroupWithCount>, ApiError> {
    let form = app.accept(&caller, body).await?;
    let now = app.now();
    let make = move |owner| NewGroup {
        id: GroupId::from_stored(fresh_id()),
        owner,
        name: form.name,
        description: form.description,
        data: form.data,
        meta: form.meta,
        permissions: form.permissions,
        created_at: now,
    };
    Ok(Json(groups::create(&app, caller, make).await?))
}

/// `GET /groups/id/{id}`
#[utoipa::path(
    get,
    path = "/api/v1/groups/id/{id}",
    operation_id = "getGroupById",
    tag = "groups",
    summary = "A group",
    description = "",
    params(
        ("id" = String, Path, description = "A group's id."),
    ),
    responses(
        (status = 200, description = "The group.", body = GroupWithCount),
    ),
    extensions(("x-access" = json!("admin")), ("x-errors" = json!(["GROUP_NOT_FOUND"]))),
)]
pub(crate) async fn get_group(
    app: Data<App>,
    caller: Caller<Admin>,
    id: PathId,
) -> Result<Json<GroupWithCount>, ApiError> {
    Ok(Json(groups::get(&app, caller, id.group()).await?))
}

/// `GET /groups/id/{id}/export`
#[utoipa::path(
    get,
    path = "/api/v1/groups/id/{id}/export",
    operation_id = "exportGroupById",
    tag = "groups",
    summary = "A group with its members",
    description = "",
    params(
        ("id" = String, Path, description = "A group's id."),
    ),
    responses(
        (status = 200, description = "The group and the ids of its members.", body = GroupExport),
    ),
    extensions(("x-access" = json!("admin")), ("x-errors" = json!(["GROUP_NOT_FOUND"]))),
)]
pub(crate) async fn export_group(
    app: Data<App>,
    caller: Caller<Admin>,
    id: PathId,
) -> Result<Json<GroupExport>, ApiError> {
    let (group, user_ids) = groups::export(&app, caller, id.group()).await?;
    Ok(Json(GroupExport { group, user_ids }))
}

/// `POST /groups/id/{id}/users`
#[utoipa::path(
    post,
    path = "/api/v1/groups/id/{id}/users",
    operation_id = "getUsersInGroup",
    tag = "groups",
    summary = "The members of a group",
    description = "",
    params(
        ("id" = String, Path, description = "A group's id."),
    ),
    responses(
        (status = 200, description = "The narrow shape, oldest account first.", body = Vec<UserInfo>),
    ),
    extensions(("x-access" = json!("admin")), ("x-errors" = json!(["GROUP_NOT_FOUND"]))),
)]
pub(crate) async fn list_members(
    app: Data<App>,
    caller: Caller<Admin>,
    id: PathId,
) -> Result<Json<Vec<UserInfo>>, ApiError> {
    Ok(Json(groups::members(&app, caller, id.group()).await?))
}

/// `POST /groups/id/{id}/update`: what is absent or null stays.
#[utoipa::path(
    post,
    path = "/api/v1/groups/id/{id}/update",
    operation_id = "updateGroupById",
    tag = "groups",
    summary = "Change a group",
    description = "`permissions`, `data` and `meta` stay where they are absent or null.",
    params(
        ("id" = String, Path, description = "A group's id."),
    ),
    request_body = GroupForm,
    responses(
        (status = 200, description = "The group.", body = GroupWithCount),
    ),
    extensions(("x-access" = json!("admin")), ("x-errors" = json!(["GROUP_NOT_FOUND"]))),
)]
pub(crate) async fn update_group(
    app: Data<App>,
    caller: Caller<Admin>,
    id: PathId,
    body: Body<GroupForm>,
) -> Result<Json<GroupWithCount>, ApiError> {
    let form = app.accept(&caller, body).await?;
    let changes = GroupChanges {
        name: Some(form.name),
        description: Some(form.description),
        permissions: form.permissions.map(Some),
        data: form.data.map(Some),
        meta: form.meta.map(Some),
    };
    Ok(Json(groups::update(&app, caller, id.group(), changes).await?))
}

/// `POST /groups/id/{id}/users/add`
#[utoipa::path(
    post,
    path = "/api/v1/groups/id/{id}/users/add",
    operation_id = "addUserToGroup",
    tag = "groups",
    summary = "Add members",
    description = "Unknown ids and members are skipped.",
    params(
        ("id" = String, Path, description = "A group's id."),
    ),
    request_body = schemas::MembersForm,
    responses(
        (status = 200, description = "The group.", body = GroupWithCount),
    ),
    extensions(("x-access" = json!("admin")), ("x-errors" = json!(["GROUP_NOT_FOUND"]))),
)]
pub(crate) async fn add_members(
    app: Data<App>,
    caller: Caller<Admin>,
    id: PathId,
    body: Body<MembersForm>,
) -> Result<Json<GroupWithCount>, ApiError> {
    let form = app.accept(&caller, body).await?;
    Ok(Json(groups::add_members(&app, caller, id.group(), form.0).await?))
}

/// `POST /groups/id/{id}/users/remove`
#[utoipa::path(
    post,
    path = "/api/v1/groups/id/{id}/users/remove",
    operation_id = "removeUserFromGroup",
    tag = "groups",
    summary = "Remove members",
    description = "Ids that are no members are skipped.",
    params(
        ("id" = String, Path, description = "A group's id."),
    ),
    request_body = schemas::MembersForm,
    responses(
        (status = 200, description = "The group.", body = GroupWithCount),
    ),
    extensions(("x-access" = json!("admin")), ("x-errors" = json!(["GROUP_NOT_FOUND"]))),
)]
pub(crate) async fn remove_members(
    app: Data<App>,
    caller: Caller<Admin>,
    id: PathId,
    body: Body<MembersForm>,
) -> Result<Json<GroupWithCount>, ApiError> {
    let form = app.accept(&caller, body).await?;
    Ok(Json(groups::remove_members(&app, caller, id.group(), form.0).await?))
}

/// `DELETE /groups/id/{id}/delete`
#[utoipa::path(
    delete,
    path = "/api/v1/groups/id/{id}/delete",
    operation_id = "deleteGroupById",
    tag = "groups",
    summary = "Delete a group",
    description = "",
    params(
        ("id" = String, Path, description = "A group's id."),
    ),
    responses(
        (status = 200, description = "`true`", body = bool, content_type = "application/json"),
    ),
    extensions(("x-access" = json!("admin")), ("x-errors" = json!(["GROUP_NOT_FOUND"]))),
)]
pub(crate) async fn delete_group(
    app: Data<App>,
    caller: Caller<Admin>,
    id: PathId,
) -> Result<Json<bool>, ApiError> {
    groups::delete(&app, caller, id.group()).await?;
    Ok(Json(true))
}
