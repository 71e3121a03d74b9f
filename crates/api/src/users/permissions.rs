//! Permissions: the caller's own, and the default template.

use actix_web::web::{Data, Json};
use rosterd_app::{App, permissions};
use rosterd_domain::permissions::{EffectivePermissions, UserPermissions};

use crate::auth::{Admin, Caller, Verified};
use crate::error::ApiError;
use crate::extract::{Body, Form, accept};
use crate::openapi::schemas;

impl Form for UserPermissions {
    fn read(json: &str) -> Result<Self, ApiError> {
        let value = serde_json::from_str(json).map_err(|why| {
            ApiError::field("json_invalid", &["body"], format!("The body cannot be read: {why}."))
        })?;
        Ok(Self::parse(&value)?)
    }
}

/// `GET /users/permissions`
#[utoipa::path(
    get,
    path = "/api/v1/users/permissions",
    operation_id = "getUserPermissions",
    tag = "permissions",
    summary = "What you may do",
    description = "",
    responses(
        (status = 200, description = "The template joined with the permissions of your groups, and whatever they know beyond it.", body = UserPermissions),
    ),
    extensions(("x-access" = json!("verified")), ("x-errors" = json!([]))),
)]
pub(crate) async fn get_own(
    app: Data<App>,
    caller: Caller<Verified>,
) -> Result<Json<EffectivePermissions>, ApiError> {
    Ok(Json(app.read(caller.into(), permissions::own).await?))
}

/// `GET /users/default/permissions`
#[utoipa::path(
    get,
    path = "/api/v1/users/default/permissions",
    operation_id = "getUserDefaultPermissions",
    tag = "permissions",
    summary = "The default template",
    description = "",
    responses(
        (status = 200, description = "All known keys and no others.", body = UserPermissions),
    ),
    extensions(("x-access" = json!("admin")), ("x-errors" = json!([]))),
)]
pub(crate) async fn get_default(
    app: Data<App>,
    caller: Caller<Admin>,
) -> Result<Json<UserPermissions>, ApiError> {
    Ok(Json(app.read(caller.into(), permissions::template).await?))
}

/// `POST /users/default/permissions`
#[utoipa::path(
    post,
    path = "/api/v1/users/default/permissions",
    operation_id = "updateUserDefaultPermissions",
    tag = "permissions",
    summary = "Replace the default template",
    description = "All four sections are needed; a key that is missing gets a fixed default, unknown keys are dropped.",
    request_body = schemas::UserPermissionsForm,
    responses(
        (status = 200, description = "The template as it is now.", body = UserPermissions),
    ),
    extensions(("x-access" = json!("admin")), ("x-errors" = json!(["STORED_VALUE_UNREADABLE"]))),
)]
pub(crate) async fn set_default(
    app: Data<App>,
    caller: Caller<Admin>,
    body: Body<UserPermissions>,
) -> Result<Json<UserPermissions>, ApiError> {
    let template = accept(&app, &caller, body).await?;
    Ok(Json(app.write(caller.into(), move |act| permissions::set_template(act, template)).await?))
}
