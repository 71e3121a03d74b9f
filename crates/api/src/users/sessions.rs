//! The open sessions of a user and the last sign-in, for admins.

use actix_web::web::{Data, Json};
use rosterd_app::{App, last_sign_in, open_sessions};
use rosterd_domain::ids::{SessionId, UserId};
use rosterd_domain::last_sign_in::LastSignIn;
use rosterd_domain::session::OpenSession;

use crate::auth::{Admin, Caller};
use crate::endpoint::List;
use crate::error::ApiError;
use crate::extract::{PathId, SubId};

/// `GET /users/{id}/sessions`
pub(crate) async fn get_sessions(
    app: Data<App>,
    caller: Caller<Admin>,
    id: PathId<UserId>,
) -> Result<List<OpenSession>, ApiError> {
    let current = caller.session();
    let work = move |act: &mut rosterd_app::Act<'_>| open_sessions::of_user(act, &id.0, current.as_ref());
    Ok(List(app.snapshot(caller.into(), work).await?))
}

/// `GET /users/{id}/last_sign_in`
pub(crate) async fn get_last_sign_in(
    app: Data<App>,
    caller: Caller<Admin>,
    id: PathId<UserId>,
) -> Result<Json<LastSignIn>, ApiError> {
    let work = move |act: &mut rosterd_app::Act<'_>| last_sign_in::of_user(act, &id.0);
    Ok(Json(app.snapshot(caller.into(), work).await?))
}

/// `DELETE /users/{id}/sessions/{session_id}`
pub(crate) async fn end_session(
    app: Data<App>,
    caller: Caller<Admin>,
    id: PathId<UserId>,
    session: SubId<SessionId>,
) -> Result<Json<bool>, ApiError> {
    app.write(caller.into(), move |act| open_sessions::end_one_of(act, &id.0, &session.0)).await?;
    Ok(Json(true))
}

/// `POST /users/{id}/sessions/revoke`
pub(crate) async fn end_all_sessions(
    app: Data<App>,
    caller: Caller<Admin>,
    id: PathId<UserId>,
) -> Result<Json<bool>, ApiError> {
    app.write(caller.into(), move |act| open_sessions::end_all_of(act, &id.0).map(drop)).await?;
    Ok(Json(true))
}
