//! Updating and deleting users.

use actix_web::web::{Data, Json};
use rosterd_app::App;
use rosterd_app::users::{self, SentUpdate};
use rosterd_domain::ids::UserId;
use rosterd_domain::name::UserName;
use rosterd_domain::profile_image::ProfileImageUrl;
use rosterd_domain::role::Role;
use rosterd_domain::rules::way_back::Keep;
use rosterd_domain::secret::PlainPassword;
use rosterd_domain::user::UserModel;

use crate::auth::{Admin, Caller};
use crate::error::ApiError;
use crate::etag::{IfMatch, Tagged};
use crate::extract::{AsStored, Body, ByDialect, PathId, Purge, Query, accept, accept_in_dialect, form};

form! {
    /// An update as a front end of Open WebUI 0.6 sends it: only fields that differ from the stored ones are checked.
    pub(crate) struct WholeUpdateForm {
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

form! {
    /// An update: what is absent, null or as it is stored stays (rule N10). A database of Open WebUI 0.6 wants all but the
    /// password.
    pub(crate) struct UserUpdateForm {
        /// The new role.
        role: Option<AsStored<Role>>,
        /// The new name.
        name: Option<AsStored<UserName>>,
        /// The new e-mail address, as sent.
        email: Option<String>,
        /// The new profile image URL, or what is already stored.
        profile_image_url: Option<AsStored<ProfileImageUrl>>,
        /// The new password; absent, null or empty: unchanged.
        password: Option<PlainPassword>,
    }
}

impl From<WholeUpdateForm> for UserUpdateForm {
    fn from(form: WholeUpdateForm) -> Self {
        let WholeUpdateForm { role, name, email, profile_image_url, password } = form;
        Self {
            role: Some(role),
            name: Some(name),
            email: Some(email),
            profile_image_url: Some(profile_image_url),
            password,
        }
    }
}

impl From<UserUpdateForm> for SentUpdate {
    fn from(form: UserUpdateForm) -> Self {
        let UserUpdateForm { role, name, email, profile_image_url, password } = form;
        Self {
            role: role.map(|role| role.text),
            name: name.map(|name| name.text),
            email,
            profile_image_url: profile_image_url.map(|url| url.text),
            password,
        }
    }
}

/// `POST /users/{id}/update`
pub(crate) async fn update_user(
    app: Data<App>,
    caller: Caller<Admin>,
    id: PathId<UserId>,
    condition: IfMatch,
    body: Body<ByDialect<WholeUpdateForm, UserUpdateForm>>,
) -> Result<Tagged<UserModel>, ApiError> {
    let form: UserUpdateForm = accept_in_dialect(&app, &caller, body).await?;
    Ok(users::update_if(&app, caller.into(), id.0, form.into(), condition.0).await?.into())
}

/// `DELETE /users/{id}`
pub(crate) async fn delete_user(
    app: Data<App>,
    caller: Caller<Admin>,
    id: PathId<UserId>,
    purge: Query<Purge>,
) -> Result<Json<bool>, ApiError> {
    let keep = Keep::unless(accept(&app, &caller, purge).await?);
    app.write(caller.into(), move |act| users::delete(act, &id.0, keep)).await?;
    Ok(Json(true))
}
