//! Updating and deleting users.

use actix_web::web::{Data, Json};
use rosterd_domain::user::UserModel;

use crate::app::App;
use crate::auth::{Admin, Caller};
use crate::error::ApiError;
use crate::extract::{Body, Cargo, Fields, Form, PathId};
use crate::services::users::{self, SentUpdate};

impl Form for SentUpdate {
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
#[utoipa::path(
    post,
    path = "/api/v1/users/{id}/update",
    operation_id = "updateUserById",
    tag = "users",
    summary = "Change a user",
    description = "All fields or none (rules P1, R1 to R5). A password that an admin sets ends the sessions that were opened with the old one.",
    params(
        ("id" = String, Path, description = "A user's id."),
    ),
    request_body = SentUpdate,
    responses(
        (status = 200, description = "The whole record.", body = UserModel),
    ),
    extensions(("x-access" = json!("admin")), ("x-errors" = json!(["USER_NOT_FOUND", "EMAIL_TAKEN", "INVALID_EMAIL_FORMAT", "PASSWORD_TOO_LONG", "INVALID_PASSWORD", "ACTION_PROHIBITED"]))),
)]
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
#[utoipa::path(
    delete,
    path = "/api/v1/users/{id}",
    operation_id = "deleteUserById",
    tag = "users",
    summary = "Delete a user",
    description = "With memberships, chats, API keys and OAuth sessions, or nothing at all (rules P1 to P4).",
    params(
        ("id" = String, Path, description = "A user's id."),
    ),
    responses(
        (status = 200, description = "`true`", body = bool, content_type = "application/json"),
    ),
    extensions(("x-access" = json!("admin")), ("x-errors" = json!(["USER_NOT_FOUND", "ACTION_PROHIBITED", "DELETE_USER_ERROR"]))),
)]
pub(crate) async fn delete_user(
    app: Data<App>,
    caller: Caller<Admin>,
    id: PathId,
) -> Result<Json<bool>, ApiError> {
    users::delete(&app, caller, id.user()).await?;
    Ok(Json(true))
}
