//! Suspending a user, and letting the user in again (rules U1 to U4).

use actix_web::web::{Data, Json};
use rosterd_app::{App, suspensions};
use rosterd_domain::clock::UnixSeconds;
use rosterd_domain::ids::UserId;
use rosterd_domain::rules::suspension::SuspensionTerms;
use rosterd_domain::text::MAX_REASON;
use rosterd_domain::user::UserModel;

use crate::auth::{Admin, Caller};
use crate::error::ApiError;
use crate::extract::{Body, PathId, Strict, Text, accept, form};

form! {
    /// Why and until when a user is suspended.
    pub(crate) struct SuspendForm {
        /// Why, in words for other admins.
        reason: Option<Text<MAX_REASON>>,
        /// When the suspension ends by itself: a second in the future. Absent or null: not before somebody ends it.
        until: Option<UnixSeconds>,
    }
}

impl From<SuspendForm> for SuspensionTerms {
    fn from(form: SuspendForm) -> Self {
        let SuspendForm { reason, until } = form;
        Self { reason: reason.map(|reason| reason.0), until }
    }
}

/// `POST /users/{id}/suspend`
pub(crate) async fn suspend_user(
    app: Data<App>,
    caller: Caller<Admin>,
    id: PathId<UserId>,
    body: Body<Strict<SuspendForm>>,
) -> Result<Json<UserModel>, ApiError> {
    let Strict(form) = accept(&app, &caller, body).await?;
    let suspend = move |act: &mut rosterd_app::Act<'_>| suspensions::suspend(act, &id.0, form.into());
    Ok(Json(app.write(caller.into(), suspend).await?))
}

/// `POST /users/{id}/resume`
pub(crate) async fn resume_user(
    app: Data<App>,
    caller: Caller<Admin>,
    id: PathId<UserId>,
) -> Result<Json<UserModel>, ApiError> {
    Ok(Json(app.write(caller.into(), move |act| suspensions::resume(act, &id.0)).await?))
}
