//! Updating and deleting users.

use actix_web::web::{Data, Json};
use rosterd_app::App;
use rosterd_app::users::{self, SentUpdate};
use rosterd_domain::ids::UserId;
use rosterd_domain::name::UserName;
use rosterd_domain::profile_image::ProfileImageUrl;
use rosterd_domain::role::Role;
use rosterd_domain::secret::PlainPassword;
use rosterd_domain::user::UserModel;

use crate::auth::{Admin, Caller};
use crate::error::ApiError;
use crate::extract::{AsStored, Body, PathId, accept, form};

form! {
    /// An update as it was sent: only fields that differ from the stored ones are checked.
    pub(crate) struct UserUpdateForm {
        /// The new role.
        role: AsStored<Role>,
        /// The new name.
        name: AsStored<UserName>,
        /// The new e-mail address, as sent.
        email: String,
        /// The new profile image URL, or what is already stored.
        profile_image_url: AsStored<ProfileImageUrl>,
        /// The new password; absent, null or empty: unchanged.
        password: Option<PlainPassword>,
    }
}

impl From<UserUpdateForm> for SentUpdate {
    fn from(form: UserUpdateForm) -> Self {
        let UserUpdateForm { role, name, email, profile_image_url, password } = form;
        Self {
            role: Some(role.text),
            name: Some(name.text),
            email: Some(email),
            profile_image_url: Some(profile_image_url.text),
            password,
        }
    }
}

/// `POST /users/{id}/update`
pub(crate) async fn update_user(
    app: Data<App>,
    caller: Caller<Admin>,
    id: PathId<UserId>,
    body: Body<UserUpdateForm>,
) -> Result<Json<UserModel>, ApiError> {
    let sent = accept(&app, &caller, body).await?;
    Ok(Json(users::update(&app, caller.into(), id.0, sent.into()).await?))
}

/// `DELETE /users/{id}`
pub(crate) async fn delete_user(
    app: Data<App>,
    caller: Caller<Admin>,
    id: PathId<UserId>,
) -> Result<Json<bool>, ApiError> {
    app.write(caller.into(), move |act| users::delete(act, &id.0)).await?;
    Ok(Json(true))
}
