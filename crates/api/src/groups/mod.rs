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
use crate::services::{accounts::fresh_id, groups};

/// What a group is made of.
#[derive(Debug)]
pub(crate) struct GroupForm {
    name: String,
    description: String,
    permissions: Option<JsonText>,
    data: Option<JsonText>,
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
        let form = name.zip(description).map(|(name, description)| Self {
            name: name.trim().to_owned(),
            description,
            permissions: permissions.as_ref().map(|value| JsonText::from_stored(value.to_string())),
            data,
            meta,
        });
        let form = fields.finish(form)?;
        check_group_name(&form.name)?;
        if let Some(permissions) = &permissions {
            PermissionTree::validate(permissions).map_err(|why| inside("permissions", why))?;
        }
        Ok(form)
    }
}

/// A fault inside a field.
fn inside(field: &str, why: rosterd_domain::error::DomainError) -> ApiError {
    use rosterd_domain::error::DomainError;
    let under = |path: Vec<String>| std::iter::once(field.to_owned()).chain(path).collect();
    ApiError::Rule(match why {
        DomainError::Field { path, message } => DomainError::Field { path: under(path), message },
        DomainError::Fields(faults) => {
            DomainError::Fields(faults.into_iter().map(|(path, message)| (under(path), message)).collect())
        }
        other => other,
    })
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
#[derive(Debug, Serialize)]
pub(crate) struct GroupExport {
    #[serde(flatten)]
    group: GroupWithCount,
    user_ids: Vec<UserId>,
}

/// `GET /groups/`
pub(crate) async fn list_groups(
    app: Data<App>,
    caller: Caller<Verified>,
) -> Result<Json<Vec<GroupWithCount>>, ApiError> {
    Ok(Json(groups::list(&app, caller).await?))
}

/// `POST /groups/create`
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
pub(crate) async fn get_group(
    app: Data<App>,
    caller: Caller<Admin>,
    id: PathId,
) -> Result<Json<GroupWithCount>, ApiError> {
    Ok(Json(groups::get(&app, caller, id.group()).await?))
}

/// `GET /groups/id/{id}/export`
pub(crate) async fn export_group(
    app: Data<App>,
    caller: Caller<Admin>,
    id: PathId,
) -> Result<Json<GroupExport>, ApiError> {
    let (group, user_ids) = groups::export(&app, caller, id.group()).await?;
    Ok(Json(GroupExport { group, user_ids }))
}

/// `POST /groups/id/{id}/users`
pub(crate) async fn list_members(
    app: Data<App>,
    caller: Caller<Admin>,
    id: PathId,
) -> Result<Json<Vec<UserInfo>>, ApiError> {
    Ok(Json(groups::members(&app, caller, id.group()).await?))
}

/// `POST /groups/id/{id}/update`: what is absent or null stays.
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
pub(crate) async fn delete_group(
    app: Data<App>,
    caller: Caller<Admin>,
    id: PathId,
) -> Result<Json<bool>, ApiError> {
    groups::delete(&app, caller, id.group()).await?;
    Ok(Json(true))
}
