//! What people change about their own account.

use actix_web::web::{Data, Json};
use chrono::NaiveDate;
use rosterd_app::{App, own_account};
use rosterd_domain::field_error::faults_of;
use rosterd_domain::rules::user_update::{self, SentProfile};
use rosterd_domain::secret::{ApiKey, PlainPassword};
use serde::Serialize;

use super::sign_in::AccountBody;
use crate::auth::{Authenticated, Caller, Verified};
use crate::error::ApiError;
use crate::extract::{Body, Cargo, Fields, Form, accept};
use crate::schemas;

/// What `POST /auths/update/profile` is sent: absent optional fields stay, null clears them.
#[derive(Debug)]
pub(crate) struct ProfileForm(SentProfile);

impl Form for ProfileForm {
    type Shape = schemas::ProfileForm;

    const CARRIES: Cargo = Cargo::Image;

    fn read(json: &str) -> Result<Self, ApiError> {
        let mut fields = Fields::of_body(json)?;
        let (name, image) =
            (fields.required::<String>("name"), fields.required::<String>("profile_image_url"));
        let (bio, gender) = (fields.patch("bio"), fields.patch("gender"));
        let date_of_birth = fields.patch::<NaiveDate>("date_of_birth");
        let waiting = name.as_deref().map(|name| faults_of(&[], &user_update::new_name(name, None)));
        let sent = SentProfile { name, profile_image_url: image, bio, gender, date_of_birth };
        fields.finish_before(Some(Self(sent)), waiting.unwrap_or_default())
    }
}

/// `POST /auths/update/profile`
pub(crate) async fn update_profile(
    app: Data<App>,
    caller: Caller<Verified>,
    body: Body<ProfileForm>,
) -> Result<Json<AccountBody>, ApiError> {
    let form = accept(&app, &caller, body).await?;
    let bytes = form.0.profile_image_url.as_ref().map_or(0, String::len);
    let account =
        app.write_much(caller.into(), bytes, move |act| own_account::update_profile(act, form.0)).await?;
    Ok(Json(account.into()))
}

/// What `POST /auths/update/password` is sent.
#[derive(Debug, utoipa::ToSchema)]
pub(crate) struct PasswordForm {
    /// The current password.
    #[schema(rename = "password", value_type = String, format = Password)]
    current: PlainPassword,
    /// The new one: at most 72 bytes, and as many characters as the configuration requires (8 by default).
    #[schema(rename = "new_password", value_type = String, format = Password)]
    new: PlainPassword,
}

impl Form for PasswordForm {
    type Shape = Self;

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
    let form = accept(&app, &caller, body).await?;
    own_account::update_password(&app, caller.into(), form.current, form.new).await?;
    Ok(Json(true))
}

/// The caller's own key: no other call ever shows a key.
#[derive(Serialize, utoipa::ToSchema)]
#[schema(as = ApiKey)]
pub(crate) struct ApiKeyBody {
    /// The key, for `Authorization: Bearer`.
    api_key: String,
}

fn key_answer(key: &ApiKey) -> Json<ApiKeyBody> {
    Json(ApiKeyBody { api_key: key.expose().to_owned() })
}

/// `GET /auths/api_key`
pub(crate) async fn get_api_key(
    app: Data<App>,
    caller: Caller<Verified>,
) -> Result<Json<ApiKeyBody>, ApiError> {
    Ok(key_answer(&app.snapshot(caller.into(), own_account::api_key).await?))
}

/// `POST /auths/api_key`
pub(crate) async fn create_api_key(
    app: Data<App>,
    caller: Caller<Verified>,
) -> Result<Json<ApiKeyBody>, ApiError> {
    Ok(key_answer(&app.write(caller.into(), own_account::create_api_key).await?))
}

/// `DELETE /auths/api_key`
pub(crate) async fn delete_api_key(app: Data<App>, caller: Caller<Verified>) -> Result<Json<bool>, ApiError> {
    Ok(Json(app.write(caller.into(), own_account::delete_api_key).await?))
}

/// The answer of `GET /auths/admin/details`.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(crate) struct AdminDetails {
    /// Their name.
    name: Option<String>,
    /// Their e-mail address.
    email: Option<String>,
}

/// `GET /auths/admin/details`
pub(crate) async fn get_admin_details(
    app: Data<App>,
    caller: Caller<Authenticated>,
) -> Result<Json<AdminDetails>, ApiError> {
    let own_account::AdminDetails { name, email } =
        app.snapshot(caller.into(), own_account::admin_details).await?;
    Ok(Json(AdminDetails { name, email }))
}
