//! Permissions: the caller's own, and the default template.

use actix_web::web::{Data, Json};
use rosterd_app::{App, permissions};
use rosterd_domain::permissions::{EffectivePermissions, UserPermissions};

use crate::auth::{Admin, Caller, Verified};
use crate::error::ApiError;
use crate::extract::{Body, Form, accept};
use crate::schemas;

impl Form for UserPermissions {
    type Shape = schemas::UserPermissionsForm;

    fn read(json: &str) -> Result<Self, ApiError> {
        let value = serde_json::from_str(json).map_err(|why| {
            ApiError::field("json_invalid", &["body"], format!("The body cannot be read: {why}."))
        })?;
        Ok(Self::parse(&value)?)
    }
}

/// `GET /users/permissions`
pub(crate) async fn get_own(
    app: Data<App>,
    caller: Caller<Verified>,
) -> Result<Json<EffectivePermissions>, ApiError> {
    Ok(Json(app.snapshot(caller.into(), permissions::own).await?))
}

/// `GET /users/default/permissions`
pub(crate) async fn get_default(
    app: Data<App>,
    caller: Caller<Admin>,
) -> Result<Json<UserPermissions>, ApiError> {
    Ok(Json(app.snapshot(caller.into(), permissions::template).await?))
}

/// `POST /users/default/permissions`
pub(crate) async fn set_default(
    app: Data<App>,
    caller: Caller<Admin>,
    body: Body<UserPermissions>,
) -> Result<Json<UserPermissions>, ApiError> {
    let template = accept(&app, &caller, body).await?;
    Ok(Json(app.write(caller.into(), move |act| permissions::set_template(act, template)).await?))
}
