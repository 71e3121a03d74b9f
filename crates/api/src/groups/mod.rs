//! `/groups`: handlers and wire shapes.

use actix_web::web::{Data, Json};
use rosterd_app::groups::{self, GroupDraft};
use rosterd_app::{App, AppError, AppResult};
use rosterd_domain::field_error::{FieldError, faults_of};
use rosterd_domain::group::{self, Group, GroupChanges, GroupName, GroupWithCount};
use rosterd_domain::ids::{GroupId, UserId};
use rosterd_domain::json::{JsonText, is_same_text};
use rosterd_domain::permissions::PermissionTree;
use rosterd_domain::user::UserInfo;
use rosterd_storage::StoreError;
use serde::Serialize;

use crate::auth::{Admin, Caller, Verified};
use crate::endpoint::List;
use crate::error::ApiError;
use crate::extract::{Body, Fields, Form, PathId, accept};
use crate::schemas;

/// What a group is made of.
#[derive(Debug, utoipa::ToSchema)]
pub(crate) struct GroupForm {
    /// The name: up to 255 characters, not counting white space at its ends.
    #[schema(max_length = 255, pattern = r"^[^\x00]*$")]
    name: String,
    /// A short description, at most 2,000 characters.
    #[schema(max_length = 2000, pattern = r"^[^\x00]*$")]
    description: String,
    /// What its members may do in addition to the template, at most 8 levels deep.
    #[schema(value_type = Option<schemas::PermissionTree>)]
    permissions: Option<JsonText>,
    /// Free-form JSON.
    data: Option<JsonText>,
    /// Free-form JSON.
    meta: Option<JsonText>,
}

impl GroupForm {
    /// Reads the fields, whatever their values are, and gives what is wrong with these for a new group.
    fn read_fields(fields: &mut Fields) -> (Option<Self>, Vec<FieldError>) {
        let (name, description) =
            (fields.required::<String>("name"), fields.required::<String>("description"));
        let permissions = fields.optional("permissions");
        let (data, meta) = (fields.optional("data"), fields.optional("meta"));
        let named = name.is_some();
        let form =
            Self { name: name.unwrap_or_default(), description: String::new(), permissions, data, meta };
        let faults = form.faults(None);
        (description.filter(|_| named).map(|description| Self { description, ..form }), faults)
    }

    /// What is wrong with the values, beside what is stored.
    fn faults(&self, stored: Option<&Group>) -> Vec<FieldError> {
        let mut faults = faults_of(&[], &group::new_name(&self.name, stored));
        let before = stored.and_then(|stored| stored.permissions.as_ref());
        match &self.permissions {
            Some(sent) if !before.is_some_and(|before| is_same_text(sent, before)) => {
                let before = before.map(JsonText::to_value).unwrap_or_default();
                match serde_json::from_str(sent.as_str()) {
                    Ok(sent) => {
                        let verdict = PermissionTree::validate_changes(&sent, &before);
                        faults.extend(faults_of(&["permissions"], &verdict));
                    }
                    Err(why) => {
                        let message = format!("This is not a value we can hold: {why}.");
                        faults.push(FieldError::new("json_type", &["body", "permissions"], message));
                    }
                }
            }
            _ => {}
        }
        let documents = [
            ("data", &self.data, stored.and_then(|stored| stored.data.as_ref())),
            ("meta", &self.meta, stored.and_then(|stored| stored.meta.as_ref())),
        ];
        for (name, sent, stored) in documents {
            if let Some(sent) = sent
                && sent.object().is_none()
                && !stored.is_some_and(|stored| is_same_text(sent, stored))
            {
                faults.push(FieldError::new("dict_type", &["body", name], "An object is needed."));
            }
        }
        faults
    }

    /// What of it differs from what is stored.
    ///
    /// # Errors
    /// 422 for a value that is new and wrong; [`AppError::GroupNotFound`]; 409 where a new value would overwrite one that
    /// cannot be read.
    fn changes(self, stored: Option<&Group>) -> AppResult<GroupChanges> {
        let faults = self.faults(stored);
        if !faults.is_empty() {
            return Err(AppError::Validation(faults));
        }
        let stored = stored.ok_or(AppError::GroupNotFound)?;
        let differs = |column, sent: Option<JsonText>, stored_text: Option<&JsonText>| {
            let Some(sent) = sent else { return Ok(None) };
            match stored_text {
                Some(text) if is_same_text(&sent, text) => Ok(None),
                Some(text) if text.is_unreadable() => {
                    Err(StoreError::unreadable("group", column, stored.id.as_str()))
                }
                _ => Ok(Some(Some(sent))),
            }
        };
        Ok(GroupChanges {
            name: group::new_name(&self.name, Some(stored))?,
            description: (self.description != stored.description).then_some(self.description),
            permissions: differs("permissions", self.permissions, stored.permissions.as_ref())?,
            data: differs("data", self.data, stored.data.as_ref())?,
            meta: differs("meta", self.meta, stored.meta.as_ref())?,
        })
    }
}

impl Form for GroupForm {
    type Shape = Self;

    fn read(json: &str) -> Result<Self, ApiError> {
        let mut fields = Fields::of_body(json)?;
        let (form, faults) = Self::read_fields(&mut fields);
        let form = fields.finish_before(form, faults.clone())?;
        if faults.is_empty() { Ok(form) } else { Err(ApiError::validation(faults)) }
    }
}

/// The same for a group that exists: what it has already is not judged.
#[derive(Debug)]
pub(crate) struct GroupUpdateForm(GroupForm);

impl Form for GroupUpdateForm {
    type Shape = GroupForm;

    fn read(json: &str) -> Result<Self, ApiError> {
        let mut fields = Fields::of_body(json)?;
        let (form, waiting) = GroupForm::read_fields(&mut fields);
        fields.finish_before(form.map(Self), waiting)
    }
}

/// Whom to add or remove.
#[derive(Debug)]
pub(crate) struct MembersForm(Vec<UserId>);

impl Form for MembersForm {
    type Shape = schemas::MembersForm;

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
    body: Body<GroupForm>,
) -> Result<Json<GroupWithCount>, ApiError> {
    let form = accept(&app, &caller, body).await?;
    let GroupForm { name, description, permissions, data, meta } = form;
    let name = GroupName::parse(&name)?;
    let draft = GroupDraft { name, description, permissions, data, meta };
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
    body: Body<GroupUpdateForm>,
) -> Result<Json<GroupWithCount>, ApiError> {
    let form = accept(&app, &caller, body).await?;
    let changes = move |stored: Option<&Group>| form.0.changes(stored);
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
    Ok(Json(app.write(caller.into(), move |act| groups::add_members(act, &id.0, &form.0)).await?))
}

/// `POST /groups/id/{id}/users/remove`
pub(crate) async fn remove_members(
    app: Data<App>,
    caller: Caller<Admin>,
    id: PathId<GroupId>,
    body: Body<MembersForm>,
) -> Result<Json<GroupWithCount>, ApiError> {
    let form = accept(&app, &caller, body).await?;
    Ok(Json(app.write(caller.into(), move |act| groups::remove_members(act, &id.0, &form.0)).await?))
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
