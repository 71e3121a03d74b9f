//! Looking at one user.

use actix_web::web::{Data, Json};
use rosterd_app::{App, lookup};
use rosterd_domain::group::Group;
use rosterd_domain::ids::UserId;
use rosterd_domain::oauth_session::OauthSession;
use rosterd_domain::user::UserActive;
use serde::Serialize;

use crate::auth::{Admin, Caller, Verified};
use crate::endpoint::List;
use crate::error::ApiError;
use crate::extract::PathId;

/// The answer of `GET /users/{id}/active`.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(crate) struct Active {
    /// Whether there was a request in the last 180 seconds.
    active: bool,
}

/// `GET /users/{id}`
pub(crate) async fn get_user(
    app: Data<App>,
    caller: Caller<Verified>,
    id: PathId<UserId>,
) -> Result<Json<UserActive>, ApiError> {
    Ok(Json(app.snapshot(caller.into(), move |act| lookup::user(act, id.0)).await?))
}

/// `GET /users/{id}/active`
pub(crate) async fn get_active(
    app: Data<App>,
    caller: Caller<Verified>,
    id: PathId<UserId>,
) -> Result<Json<Active>, ApiError> {
    Ok(Json(Active { active: app.snapshot(caller.into(), move |act| lookup::is_active(act, &id.0)).await? }))
}

/// `GET /users/{id}/oauth/sessions`
pub(crate) async fn get_oauth_sessions(
    app: Data<App>,
    caller: Caller<Admin>,
    id: PathId<UserId>,
) -> Result<List<OauthSession>, ApiError> {
    Ok(List(app.snapshot(caller.into(), move |act| lookup::oauth_sessions(act, &id.0)).await?))
}

/// `GET /users/{id}/groups`
pub(crate) async fn get_groups(
    app: Data<App>,
    caller: Caller<Admin>,
    id: PathId<UserId>,
) -> Result<List<Group>, ApiError> {
    Ok(List(app.snapshot(caller.into(), move |act| lookup::groups_of(act, &id.0)).await?))
}
