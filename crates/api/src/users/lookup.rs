//! Looking at one user.

use actix_web::web::{Data, Json};
use rosterd_domain::group::Group;
use rosterd_domain::oauth_session::OauthSession;
use rosterd_domain::user::UserActive;
use serde::Serialize;

use crate::app::App;
use crate::auth::{Admin, Caller, Verified};
use crate::error::ApiError;
use crate::extract::PathId;
use crate::services::lookup;

/// The answer of `GET /users/{id}/active`.
#[derive(Debug, Serialize)]
pub(crate) struct Active {
    active: bool,
}

/// `GET /users/{id}`
pub(crate) async fn get_user(
    app: Data<App>,
    caller: Caller<Verified>,
    id: PathId,
) -> Result<Json<UserActive>, ApiError> {
    Ok(Json(lookup::user(&app, caller, id.user()).await?))
}

/// `GET /users/{id}/active`
pub(crate) async fn get_active(
    app: Data<App>,
    caller: Caller<Verified>,
    id: PathId,
) -> Result<Json<Active>, ApiError> {
    Ok(Json(Active { active: lookup::is_active(&app, caller, id.user()).await? }))
}

/// `GET /users/{id}/oauth/sessions`
pub(crate) async fn get_oauth_sessions(
    app: Data<App>,
    caller: Caller<Admin>,
    id: PathId,
) -> Result<Json<Vec<OauthSession>>, ApiError> {
    Ok(Json(lookup::oauth_sessions(&app, caller, id.user()).await?))
}

/// `GET /users/{id}/groups`
pub(crate) async fn get_groups(
    app: Data<App>,
    caller: Caller<Admin>,
    id: PathId,
) -> Result<Json<Vec<Group>>, ApiError> {
    Ok(Json(lookup::groups_of(&app, caller, id.user()).await?))
}
