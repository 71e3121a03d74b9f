//! Updating and deleting users.

use actix_web::web::{Data, Json};
use rosterd_domain::user::UserModel;
use validator::Validate;

use crate::app::App;
use crate::auth::{Admin, Caller};
use crate::error::ApiError;
use crate::extract::{Body, Fields, Form, PathId};
use crate::services::users::{self, SentUpdate};

/// The longest name.
pub(crate) const MAX_NAME: u64 = 255;

/// What a name must be like. Whether an image may be stored is judged against the stored one: what is there may stay.
#[derive(Validate)]
pub(crate) struct NameShape<'a> {
    /// The name without the space around it.
    #[validate(length(min = 1, max = MAX_NAME, message = "A name has 1 to 255 characters."))]
    pub(crate) name: &'a str,
}

impl Form for SentUpdate {
    const CARRIES_IMAGE: bool = true;

    fn read(json: &str) -> Result<Self, ApiError> {
        let mut fields = Fields::of_body(json)?;
        let (role, name) = (fields.required("role"), fields.required::<String>("name"));
        let (email, image) = (fields.required("email"), fields.required::<String>("profile_image_url"));
        let password = fields.optional("password");
        if let Some(name) = &name {
            fields.judge(NameShape { name: name.trim() }.validate());
        }
        let form = role.zip(name).zip(email.zip(image)).map(|((role, name), (email, profile_image_url))| {
            Self { role, name, email, profile_image_url, password }
        });
        fields.finish(form)
    }
}

/// `POST /users/{id}/update`
pub(crate) async fn update_user(
    app: Data<App>,
    caller: Caller<Admin>,
    id: PathId,
    body: Body<SentUpdate>,
) -> Result<Json<UserModel>, ApiError> {
    let sent = app.accept(&caller, body).await?;
    Ok(Json(users::update(&app, caller, id.user(), sent).await?))
}

/// `DELETE /users/{id}`
pub(crate) async fn delete_user(
    app: Data<App>,
    caller: Caller<Admin>,
    id: PathId,
) -> Result<Json<bool>, ApiError> {
    users::delete(&app, caller, id.user()).await?;
    Ok(Json(true))
}
