//! Permissions: the caller's own, those of another account, and the default template.

use actix_web::HttpResponse;
use actix_web::web::{Data, Json};
use rosterd_app::{App, permissions};
use rosterd_domain::ids::UserId;
use rosterd_domain::permissions::{EffectivePermissions, ExplainedPermissions, UserPermissions};
use serde_json::json;

use super::permissions_form::UserPermissionsForm;
use crate::auth::{Admin, Caller, Verified};
use crate::endpoint::{Made, Operation, Shape};
use crate::error::ApiError;
use crate::etag::{IfMatch, Tagged};
use crate::extract::{Body, Explain, PathId, Query, accept};

/// `GET /users/permissions`
pub(crate) async fn get_own(
    app: Data<App>,
    caller: Caller<Verified>,
) -> Result<Made<EffectivePermissions>, ApiError> {
    let permissions = app.read_own_permissions(caller.into()).await?;
    Ok(HttpResponse::Ok().content_type("application/json").body(permissions.to_json()).into())
}

impl Shape for EffectivePermissions {
    fn describe(operation: &mut Operation) {
        let schema = operation.schema::<Self>();
        operation.answers_json(&schema, json!({}));
    }
}

/// `GET /users/{id}/permissions`
pub(crate) async fn get_of_user(
    app: Data<App>,
    caller: Caller<Admin>,
    id: PathId<UserId>,
    explain: Query<Explain>,
) -> Result<Made<EffectiveOrExplained>, ApiError> {
    let explain = accept(&app, &caller, explain).await?;
    if explain {
        let explained = app.scan(caller.into(), move |act| permissions::explain(act, &id.0)).await?;
        return Ok(HttpResponse::Ok().json(explained).into());
    }
    let effective = app.snapshot(caller.into(), move |act| permissions::of_user(act, &id.0)).await?;
    Ok(HttpResponse::Ok().json(effective).into())
}

/// The rights of an account, or where each of them comes from.
pub(crate) struct EffectiveOrExplained;

impl Shape for EffectiveOrExplained {
    fn describe(operation: &mut Operation) {
        let shapes = [operation.schema::<EffectivePermissions>(), operation.schema::<ExplainedPermissions>()];
        operation.answers_json(&json!({ "anyOf": shapes }), json!({}));
    }
}

/// `GET /users/default/permissions`
pub(crate) async fn get_default(
    app: Data<App>,
    caller: Caller<Admin>,
) -> Result<Tagged<UserPermissions>, ApiError> {
    Ok(tagged(app.snapshot(caller.into(), permissions::template).await?))
}

/// `GET /users/default/permissions/defaults`
pub(crate) async fn get_defaults(
    app: Data<App>,
    caller: Caller<Admin>,
) -> Result<Json<UserPermissions>, ApiError> {
    Ok(Json(app.read(caller.into(), permissions::defaults).await?))
}

/// `POST /users/default/permissions`
pub(crate) async fn set_default(
    app: Data<App>,
    caller: Caller<Admin>,
    condition: IfMatch,
    body: Body<UserPermissionsForm>,
) -> Result<Tagged<UserPermissions>, ApiError> {
    let UserPermissionsForm(template) = accept(&app, &caller, body).await?;
    let set = move |act: &mut rosterd_app::Act<'_>| permissions::set_template(act, &template, &condition.0);
    Ok(tagged(app.write(caller.into(), set).await?))
}

/// A template with its entity tag.
fn tagged(template: UserPermissions) -> Tagged<UserPermissions> {
    let tag = permissions::template_version(&template);
    Tagged::new(template, tag)
}
