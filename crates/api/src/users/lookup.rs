//! Looking at one user.

use actix_web::web::{Data, Json};
use rosterd_app::{App, lookup};
use rosterd_domain::group::Group;
use rosterd_domain::oauth_session::OauthSession;
use rosterd_domain::user::UserActive;
use serde::Serialize;

use crate::auth::{Admin, Caller, Verified};
use crate::error::ApiError;
use crate::extract::PathId;

/// The answer of `GET /users/{id}/active`.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(crate) struct Active {
    /// Whether there was a request in the last 180 seconds.
    active: bool,
}

/// `GET /users/{id}`
#[utoipa::path(
    get,
    path = "/api/v1/users/{id}",
    operation_id = "getUserById",
    tag = "users",
    summary = "What everybody may see of a user",
    description = "",
    params(
        ("id" = String, Path, description = "A user's id, or `shared-` and a chat's id: the owner of that chat."),
    ),
    responses(
        (status = 200, description = "Never the address, role, settings, info or times (rule V2).", body = UserActive),
    ),
    extensions(("x-access" = json!("verified")), ("x-errors" = json!(["USER_NOT_FOUND"]))),
)]
pub(crate) async fn get_user(
    app: Data<App>,
    caller: Caller<Verified>,
    id: PathId,
) -> Result<Json<UserActive>, ApiError> {
    Ok(Json(app.read(caller.into(), move |act| lookup::user(act, id.user())).await?))
}

/// `GET /users/{id}/active`
#[utoipa::path(
    get,
    path = "/api/v1/users/{id}/active",
    operation_id = "getUserActiveStatusById",
    tag = "users",
    summary = "Whether a user is active",
    description = "",
    params(
        ("id" = String, Path, description = "A user's id."),
    ),
    responses(
        (status = 200, description = "Whether there was a request in the last 180 seconds; false for an unknown id.", body = Active),
    ),
    extensions(("x-access" = json!("verified")), ("x-errors" = json!([]))),
)]
pub(crate) async fn get_active(
    app: Data<App>,
    caller: Caller<Verified>,
    id: PathId,
) -> Result<Json<Active>, ApiError> {
    Ok(Json(Active { active: app.read(caller.into(), move |act| lookup::is_active(act, &id.user())).await? }))
}

/// `GET /users/{id}/oauth/sessions`
#[utoipa::path(
    get,
    path = "/api/v1/users/{id}/oauth/sessions",
    operation_id = "getUserOAuthSessionsById",
    tag = "users",
    summary = "A user's OAuth sessions",
    description = "",
    params(
        ("id" = String, Path, description = "A user's id."),
    ),
    responses(
        (status = 200, description = "Newest first, never with a token (rule V3). None at all is 400.", body = Vec<OauthSession>),
    ),
    extensions(("x-access" = json!("admin")), ("x-errors" = json!(["USER_NOT_FOUND"]))),
)]
pub(crate) async fn get_oauth_sessions(
    app: Data<App>,
    caller: Caller<Admin>,
    id: PathId,
) -> Result<Json<Vec<OauthSession>>, ApiError> {
    Ok(Json(app.read(caller.into(), move |act| lookup::oauth_sessions(act, &id.user())).await?))
}

/// `GET /users/{id}/groups`
#[utoipa::path(
    get,
    path = "/api/v1/users/{id}/groups",
    operation_id = "getUserGroupsById",
    tag = "users",
    summary = "A user's groups",
    description = "",
    params(
        ("id" = String, Path, description = "A user's id."),
    ),
    responses(
        (status = 200, description = "Last changed first; none for an unknown id.", body = Vec<Group>),
    ),
    extensions(("x-access" = json!("admin")), ("x-errors" = json!([]))),
)]
pub(crate) async fn get_groups(
    app: Data<App>,
    caller: Caller<Admin>,
    id: PathId,
) -> Result<Json<Vec<Group>>, ApiError> {
    Ok(Json(app.read(caller.into(), move |act| lookup::groups_of(act, &id.user())).await?))
}
