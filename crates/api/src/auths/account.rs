//! What people change about their own account.

use actix_web::HttpResponse;
use actix_web::http::header;
use actix_web::web::{Data, Json};
use chrono::NaiveDate;
use rosterd_domain::secret::{ApiKey, PlainPassword};
use rosterd_domain::user::UserChanges;
use serde::Serialize;
use validator::Validate;

use super::sign_in::AccountBody;
use crate::app::App;
use crate::auth::{Authenticated, Caller, Verified};
use crate::error::ApiError;
use crate::extract::{Body, Fields, Form};
use crate::services::accounts;
use crate::users::admin::NameShape;

/// What `POST /auths/update/profile` is sent: absent optional fields stay, null clears them.
#[derive(Debug)]
pub(crate) struct ProfileForm(UserChanges);

impl Form for ProfileForm {
    const CARRIES_IMAGE: bool = true;

    fn read(json: &str) -> Result<Self, ApiError> {
        let mut fields = Fields::of_body(json)?;
        let (name, image) =
            (fields.required::<String>("name"), fields.required::<String>("profile_image_url"));
        let (bio, gender) = (fields.patch("bio"), fields.patch("gender"));
        let date_of_birth = fields.patch::<NaiveDate>("date_of_birth");
        if let Some(name) = &name {
            fields.judge(NameShape { name: name.trim() }.validate());
        }
        let changes = UserChanges {
            name,
            profile_image_url: image,
            bio,
            gender,
            date_of_birth,
            ..UserChanges::default()
        };
        fields.finish(Some(Self(changes)))
    }
}

/// `POST /auths/update/profile`
pub(crate) async fn update_profile(
    app: Data<App>,
    caller: Caller<Verified>,
    body: Body<ProfileForm>,
) -> Result<Json<AccountBody>, ApiError> {
    let form = app.accept(&caller, body).await?;
    Ok(Json(accounts::update_profile(&app, caller, form.0).await?.into()))
}

/// What `POST /auths/update/password` is sent.
#[derive(Debug)]
pub(crate) struct PasswordForm {
    current: PlainPassword,
    new: PlainPassword,
}

impl Form for PasswordForm {
    fn read(json: &str) -> Result<Self, ApiError> {
        let mut fields = Fields::of_body(json)?;
        let form = fields.required("password").zip(fields.required("new_password"));
        fields.finish(form.map(|(current, new)| Self { current, new }))
    }
}

/// `POST /auths/update/password`
pub(crate) async fn update_password(
    app: Data<App>,
    caller: Caller<Authenticated>,
    body: Body<PasswordForm>,
) -> Result<Json<bool>, ApiError> {
    let form = app.accept(&caller, body).await?;
    accounts::update_password(&app, caller, form.current, form.new).await?;
    Ok(Json(true))
}

/// The caller's own key: the one place where a key is ever shown.
#[derive(Serialize)]
struct ApiKeyBody<'a> {
    api_key: &'a str,
}

fn shown(key: &ApiKey) -> HttpResponse {
    HttpResponse::Ok()
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .json(ApiKeyBody { api_key: key.expose() })
}

/// `GET /auths/api_key`
pub(crate) async fn get_api_key(app: Data<App>, caller: Caller<Verified>) -> Result<HttpResponse, ApiError> {
    Ok(shown(&accounts::api_key(&app, caller).await?))
}

/// `POST /auths/api_key`
pub(crate) async fn create_api_key(
    app: Data<App>,
    caller: Caller<Verified>,
) -> Result<HttpResponse, ApiError> {
    Ok(shown(&accounts::create_api_key(&app, caller).await?))
}

/// `DELETE /auths/api_key`
pub(crate) async fn delete_api_key(app: Data<App>, caller: Caller<Verified>) -> Result<Json<bool>, ApiError> {
    Ok(Json(accounts::delete_api_key(&app, caller).await?))
}

/// The answer of `GET /auths/admin/details`.
#[derive(Debug, Serialize)]
pub(crate) struct AdminDetails {
    name: Option<String>,
    email: Option<String>,
}

/// `GET /auths/admin/details`
pub(crate) async fn get_admin_details(
    app: Data<App>,
    caller: Caller<Authenticated>,
) -> Result<Json<AdminDetails>, ApiError> {
    let (name, email) = accounts::admin_details(&app, caller).await?;
    Ok(Json(AdminDetails { name, email }))
}
