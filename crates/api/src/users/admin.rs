//! Updating and deleting users.

use actix_web::web::{Data, Json};
use rosterd_app::App;
use rosterd_app::users::{self, SentUpdate};
use rosterd_domain::ids::UserId;
use rosterd_domain::secret::PlainPassword;
use rosterd_domain::user::UserModel;

use crate::auth::{Admin, Caller};
use crate::error::ApiError;
use crate::extract::{Body, Cargo, Fields, Form, PathId, accept};
use crate::schemas;

/// An update as it was sent: only fields that differ from the stored ones are checked.
#[derive(Debug, utoipa::ToSchema)]
pub(crate) struct UserUpdateForm {
    /// The new role.
    #[schema(value_type = schemas::Role)]
    role: String,
    /// The new name.
    #[schema(
        min_length = 1,
        max_length = 255,
        pattern = r"^[^\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]*[^\s\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\xad\u034f\u115f\u1160\u200b-\u200d\u2060-\u206f\u2800\u3164\ufe00-\ufe0f\ufeff\uffa0][^\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]*$"
    )]
    name: String,
    /// The new e-mail address, as sent.
    #[schema(pattern = r"^[^\x00]*$")]
    email: String,
    /// The new profile image URL, or what is already stored.
    #[schema(value_type = schemas::PictureUrl)]
    profile_image_url: String,
    /// The new password; absent, null or empty: unchanged.
    #[schema(value_type = Option<String>, format = Password)]
    password: Option<PlainPassword>,
}

impl From<UserUpdateForm> for SentUpdate {
    fn from(form: UserUpdateForm) -> Self {
        let UserUpdateForm { role, name, email, profile_image_url, password } = form;
        Self {
            role: Some(role),
            name: Some(name),
            email: Some(email),
            profile_image_url: Some(profile_image_url),
            password,
        }
    }
}

impl Form for UserUpdateForm {
    type Shape = Self;

    const CARRIES: Cargo = Cargo::Image;

    fn read(json: &str) -> Result<Self, ApiError> {
        let mut fields = Fields::of_body(json)?;
        let (role, name) = (fields.required::<String>("role"), fields.required::<String>("name"));
        let (email, image) = (fields.required("email"), fields.required::<String>("profile_image_url"));
        let password = fields.optional("password");
        let waiting = users::faults(role.as_deref(), name.as_deref(), None);
        let form = role.zip(name).zip(email.zip(image)).map(|((role, name), (email, profile_image_url))| {
            Self { role, name, email, profile_image_url, password }
        });
        fields.finish_before(form, waiting)
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
