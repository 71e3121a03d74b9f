//! The caller's own settings, status, info and groups.

use actix_web::http::header;
use actix_web::web::{Data, Json};
use actix_web::{HttpRequest, HttpResponse};
use rosterd_domain::group::Group;
use rosterd_domain::json::{JsonObject, JsonText};
use rosterd_domain::settings::SettingsUpdate;
use rosterd_domain::status::{StatusUpdate, UserStatus};
use rosterd_domain::user::UserModel;

use crate::app::App;
use crate::auth::{Caller, Verified};
use crate::error::ApiError;
use crate::etag::{self, IfMatch};
use crate::extract::{Body, Fields, Form, object};
use crate::services::profile;

impl Form for SettingsUpdate {
    fn read(json: &str) -> Result<Self, ApiError> {
        Ok(Self::parse(object(json)?)?)
    }
}

impl Form for JsonObject {
    fn read(json: &str) -> Result<Self, ApiError> {
        object(json)
    }
}

impl Form for StatusUpdate {
    fn read(json: &str) -> Result<Self, ApiError> {
        let mut fields = Fields::of_body(json)?;
        let form = Self {
            status_emoji: fields.patch("status_emoji"),
            status_message: fields.patch("status_message"),
            status_expires_at: fields.patch("status_expires_at"),
        };
        fields.finish(Some(form))
    }
}

/// `GET /users/user/settings`
pub(crate) async fn get_settings(
    app: Data<App>,
    caller: Caller<Verified>,
    request: HttpRequest,
) -> Result<HttpResponse, ApiError> {
    Ok(versioned(&request, profile::settings(&app, caller).await?))
}

/// `POST /users/user/settings/update`
pub(crate) async fn update_settings(
    app: Data<App>,
    caller: Caller<Verified>,
    condition: IfMatch,
    body: Body<SettingsUpdate>,
) -> Result<HttpResponse, ApiError> {
    let sent = app.accept(&caller, body).await?;
    Ok(stored(profile::update_settings(&app, caller, sent, condition).await?))
}

/// `GET /users/user/status`
pub(crate) async fn get_status(
    app: Data<App>,
    caller: Caller<Verified>,
) -> Result<Json<UserStatus>, ApiError> {
    Ok(Json(profile::status(&app, caller).await?))
}

/// `POST /users/user/status/update`
pub(crate) async fn update_status(
    app: Data<App>,
    caller: Caller<Verified>,
    body: Body<StatusUpdate>,
) -> Result<Json<UserModel>, ApiError> {
    let sent = app.accept(&caller, body).await?;
    Ok(Json(profile::update_status(&app, caller, sent).await?))
}

/// `GET /users/user/info`
pub(crate) async fn get_info(
    app: Data<App>,
    caller: Caller<Verified>,
    request: HttpRequest,
) -> Result<HttpResponse, ApiError> {
    Ok(versioned(&request, profile::info(&app, caller).await?))
}

/// `POST /users/user/info/update`
pub(crate) async fn update_info(
    app: Data<App>,
    caller: Caller<Verified>,
    condition: IfMatch,
    body: Body<JsonObject>,
) -> Result<HttpResponse, ApiError> {
    let sent = app.accept(&caller, body).await?;
    Ok(stored(profile::update_info(&app, caller, sent, condition).await?))
}

/// `GET /users/groups`
pub(crate) async fn get_groups(
    app: Data<App>,
    caller: Caller<Verified>,
) -> Result<Json<Vec<Group>>, ApiError> {
    Ok(Json(profile::groups(&app, caller).await?))
}

/// A stored document with its entity tag (rule S4); 304 when the client has it.
fn versioned(request: &HttpRequest, value: Option<JsonText>) -> HttpResponse {
    let tag = etag::of_json(value.as_ref());
    if etag::client_has(request.headers(), &tag) {
        return HttpResponse::NotModified().insert_header((header::ETAG, tag)).finish();
    }
    answer(tag, value.map_or_else(|| "null".to_owned(), JsonText::into_string))
}

/// What an update left in the database, with its new entity tag.
fn stored(value: JsonText) -> HttpResponse {
    answer(etag::of_json(Some(&value)), value.into_string())
}

/// The text goes out as it is stored: nothing is parsed on the way (design D5).
fn answer(tag: String, body: String) -> HttpResponse {
    HttpResponse::Ok().insert_header((header::ETAG, tag)).content_type("application/json").body(body)
}
