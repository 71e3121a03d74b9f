//! One's own open sessions and last sign-in.

use actix_web::web::{Data, Json};
use rosterd_app::{App, last_sign_in, open_sessions};
use rosterd_domain::ids::SessionId;
use rosterd_domain::last_sign_in::LastSignIn;
use rosterd_domain::session::OpenSession;

use crate::auth::{Authenticated, Caller};
use crate::endpoint::List;
use crate::error::ApiError;
use crate::extract::PathId;

/// `GET /auths/sessions`
pub(crate) async fn get_sessions(
    app: Data<App>,
    caller: Caller<Authenticated>,
) -> Result<List<OpenSession>, ApiError> {
    let current = caller.session();
    let work = move |act: &mut rosterd_app::Act<'_>| open_sessions::own(act, current.as_ref());
    Ok(List(app.snapshot(caller.into(), work).await?))
}

/// `GET /auths/last_sign_in`
pub(crate) async fn get_last_sign_in(
    app: Data<App>,
    caller: Caller<Authenticated>,
) -> Result<Json<LastSignIn>, ApiError> {
    Ok(Json(app.snapshot(caller.into(), last_sign_in::own).await?))
}

/// `DELETE /auths/sessions/{id}`
pub(crate) async fn end_session(
    app: Data<App>,
    caller: Caller<Authenticated>,
    id: PathId<SessionId>,
) -> Result<Json<bool>, ApiError> {
    app.write(caller.into(), move |act| open_sessions::end_own(act, &id.0)).await?;
    Ok(Json(true))
}

/// `DELETE /auths/sessions`
pub(crate) async fn end_other_sessions(
    app: Data<App>,
    caller: Caller<Authenticated>,
) -> Result<Json<bool>, ApiError> {
    let current = caller.session();
    app.write(caller.into(), move |act| open_sessions::end_others(act, current.as_ref())).await?;
    Ok(Json(true))
}
