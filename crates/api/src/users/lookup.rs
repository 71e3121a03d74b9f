//! Looking at one user.

use actix_web::HttpResponse;
use actix_web::http::header;
use actix_web::web::{Data, Json};
use rosterd_app::{App, lookup};
use rosterd_domain::group::UserGroup;
use rosterd_domain::ids::UserId;
use rosterd_domain::oauth_session::OauthSession;
use rosterd_domain::preview::UserPreview;
use rosterd_domain::user::{UserActive, UserInfo, UserRecord};
use serde::Serialize;
use serde_json::json;

use crate::auth::{Admin, Caller, Verified};
use crate::endpoint::{List, Made, Operation, Shape};
use crate::error::ApiError;
use crate::etag;
use crate::extract::{IncludeInherited, PathId, Query, accept};

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
) -> Result<Made<CardOrRecord>, ApiError> {
    let (seen, tag) = app.snapshot(caller.into(), move |act| lookup::user(act, id.0)).await?;
    let mut answer = HttpResponse::Ok();
    if let Some(tag) = tag {
        answer.insert_header((header::ETAG, tag));
    }
    Ok(answer.json(seen).into())
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
    inherited: Query<IncludeInherited>,
) -> Result<List<UserGroup>, ApiError> {
    let inherited = accept(&app, &caller, inherited).await?;
    Ok(List(app.snapshot(caller.into(), move |act| lookup::groups_of(act, &id.0, inherited)).await?))
}

/// `GET /users/{id}/info`
pub(crate) async fn get_info(
    app: Data<App>,
    caller: Caller<Verified>,
    id: PathId<UserId>,
) -> Result<Json<UserInfo>, ApiError> {
    Ok(Json(app.snapshot(caller.into(), move |act| lookup::info(act, &id.0)).await?))
}

/// `GET /users/{id}/preview`
pub(crate) async fn get_preview(
    app: Data<App>,
    caller: Caller<Admin>,
    id: PathId<UserId>,
) -> Result<Json<UserPreview>, ApiError> {
    Ok(Json(app.scan(caller.into(), move |act| lookup::preview(act, &id.0)).await?))
}

/// The card that everybody may see of a user, or the record that admins see.
pub(crate) struct CardOrRecord;

impl Shape for CardOrRecord {
    fn describe(operation: &mut Operation) {
        let shapes = [operation.schema::<UserActive>(), operation.schema::<UserRecord>()];
        operation.answers_json(&json!({ "anyOf": shapes }), etag::header_of_answer());
    }
}
