//! Handing over the place of the primary admin.

use actix_web::web::{Data, Json};
use rosterd_app::{App, hand_over};
use rosterd_domain::ids::UserId;
use rosterd_domain::secret::PlainPassword;
use rosterd_domain::user::UserModel;

use crate::auth::{Admin, Caller};
use crate::error::ApiError;
use crate::extract::{Body, PathId, accept, form};

form! {
    /// What shows that the primary admin itself hands over.
    pub(crate) struct HandOverForm {
        /// The caller's current password.
        password: PlainPassword,
    }
}

/// `POST /users/{id}/make-primary`
pub(crate) async fn make_primary(
    app: Data<App>,
    caller: Caller<Admin>,
    id: PathId<UserId>,
    body: Body<HandOverForm>,
) -> Result<Json<UserModel>, ApiError> {
    let form = accept(&app, &caller, body).await?;
    Ok(Json(hand_over::hand_over(&app, caller.into(), id.0, form.password).await?))
}
