//! The caller's own settings, status, info and groups.

use actix_web::http::header;
use actix_web::web::{Data, Json};
use actix_web::{HttpRequest, HttpResponse};
use rosterd_app::App;
use rosterd_app::profile::{self, Versioned};
use rosterd_domain::group::Group;
use rosterd_domain::json::{JsonObject, JsonText};
use rosterd_domain::settings::SettingsUpdate;
use rosterd_domain::status::{StatusUpdate, UserStatus};
use rosterd_domain::user::UserModel;

use crate::auth::{Caller, Verified};
use crate::error::ApiError;
use crate::etag::{self, IfMatch};
use crate::extract::{Body, Cargo, Fields, Form, accept, object};
use crate::openapi::schemas;

impl Form for SettingsUpdate {
    const CARRIES: Cargo = Cargo::Document;

    fn read(json: &str) -> Result<Self, ApiError> {
        Ok(Self::parse(object(json)?)?)
    }
}

/// What `POST /users/user/info/update` is sent.
impl Form for JsonObject {
    const CARRIES: Cargo = Cargo::Document;

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
#[utoipa::path(
    get,
    path = "/api/v1/users/user/settings",
    operation_id = "getUserSettings",
    tag = "own profile",
    summary = "Your settings",
    description = "",
    params(
        ("If-None-Match" = Option<String>, Header, description = "The version the client has: 304 where it still holds."),
    ),
    responses(
        (status = 200, description = "The settings, or null where none were ever stored.", body = Option<schemas::UserSettings>, headers(("ETag" = String, description = "The version of the document."))),
        (status = 304, description = "The client has this version.", headers(("ETag" = String, description = "The version of the document."))),
    ),
    extensions(("x-access" = json!("verified")), ("x-errors" = json!([]))),
)]
pub(crate) async fn get_settings(
    app: Data<App>,
    caller: Caller<Verified>,
    request: HttpRequest,
) -> Result<HttpResponse, ApiError> {
    Ok(versioned(&request, profile::settings(&app, caller.into()).await?))
}

/// `POST /users/user/settings/update`
#[utoipa::path(
    post,
    path = "/api/v1/users/user/settings/update",
    operation_id = "updateUserSettings",
    tag = "own profile",
    summary = "Merge into your settings",
    description = "Each sent key replaces the stored one as a whole, `ui` included; the others stay (rules S1 to S4). `ui` absent or null leaves the stored `ui`. Without the right `features.direct_tool_servers`, `ui.toolServers` is taken out of what was sent.",
    params(
        ("If-Match" = Option<String>, Header, description = "The version the update is meant for: 412 where another is stored (rule S4)."),
    ),
    request_body = schemas::UserSettingsForm,
    responses(
        (status = 200, description = "All of the settings.", body = schemas::UserSettings, headers(("ETag" = String, description = "The version of the document."))),
    ),
    extensions(("x-access" = json!("verified")), ("x-errors" = json!(["PRECONDITION_FAILED", "STORED_VALUE_UNREADABLE"]))),
)]
pub(crate) async fn update_settings(
    app: Data<App>,
    caller: Caller<Verified>,
    condition: IfMatch,
    body: Body<SettingsUpdate>,
) -> Result<HttpResponse, ApiError> {
    let sent = accept(&app, &caller, body).await?;
    Ok(answer(profile::update_settings(&app, caller.into(), sent, condition.0).await?))
}

/// `GET /users/user/status`
#[utoipa::path(
    get,
    path = "/api/v1/users/user/status",
    operation_id = "getUserStatus",
    tag = "own profile",
    summary = "Your status",
    description = "",
    responses(
        (status = 200, description = "The status; all null where there is none, or no longer.", body = UserStatus),
    ),
    extensions(("x-access" = json!("verified")), ("x-errors" = json!([]))),
)]
pub(crate) async fn get_status(
    app: Data<App>,
    caller: Caller<Verified>,
) -> Result<Json<UserStatus>, ApiError> {
    Ok(Json(app.read_one(caller.into(), profile::status).await?))
}

/// `POST /users/user/status/update`
#[utoipa::path(
    post,
    path = "/api/v1/users/user/status/update",
    operation_id = "updateUserStatus",
    tag = "own profile",
    summary = "Change your status",
    description = "An absent field stays, null clears it, a value sets it (rule S5).",
    request_body = StatusUpdate,
    responses(
        (status = 200, description = "Your whole record.", body = UserModel),
    ),
    extensions(("x-access" = json!("verified")), ("x-errors" = json!([]))),
)]
pub(crate) async fn update_status(
    app: Data<App>,
    caller: Caller<Verified>,
    body: Body<StatusUpdate>,
) -> Result<Json<UserModel>, ApiError> {
    let sent = accept(&app, &caller, body).await?;
    Ok(Json(app.write(caller.into(), move |act| profile::update_status(act, sent)).await?))
}

/// `GET /users/user/info`
#[utoipa::path(
    get,
    path = "/api/v1/users/user/info",
    operation_id = "getUserInfo",
    tag = "own profile",
    summary = "Your info",
    description = "",
    params(
        ("If-None-Match" = Option<String>, Header, description = "The version the client has: 304 where it still holds."),
    ),
    responses(
        (status = 200, description = "The info, or null where none was ever stored.", body = Option<JsonText>, headers(("ETag" = String, description = "The version of the document."))),
        (status = 304, description = "The client has this version.", headers(("ETag" = String, description = "The version of the document."))),
    ),
    extensions(("x-access" = json!("verified")), ("x-errors" = json!([]))),
)]
pub(crate) async fn get_info(
    app: Data<App>,
    caller: Caller<Verified>,
    request: HttpRequest,
) -> Result<HttpResponse, ApiError> {
    Ok(versioned(&request, profile::info(&app, caller.into()).await?))
}

/// `POST /users/user/info/update`
#[utoipa::path(
    post,
    path = "/api/v1/users/user/info/update",
    operation_id = "updateUserInfo",
    tag = "own profile",
    summary = "Merge into your info",
    description = "Each sent key replaces the stored one as a whole; the others stay (rules S3 and S4).",
    params(
        ("If-Match" = Option<String>, Header, description = "The version the update is meant for: 412 where another is stored (rule S4)."),
    ),
    request_body = JsonText,
    responses(
        (status = 200, description = "All of the info.", body = JsonText, headers(("ETag" = String, description = "The version of the document."))),
    ),
    extensions(("x-access" = json!("verified")), ("x-errors" = json!(["PRECONDITION_FAILED", "STORED_VALUE_UNREADABLE"]))),
)]
pub(crate) async fn update_info(
    app: Data<App>,
    caller: Caller<Verified>,
    condition: IfMatch,
    body: Body<JsonObject>,
) -> Result<HttpResponse, ApiError> {
    let sent = accept(&app, &caller, body).await?;
    Ok(answer(profile::update_info(&app, caller.into(), sent, condition.0).await?))
}

/// `GET /users/groups`
#[utoipa::path(
    get,
    path = "/api/v1/users/groups",
    operation_id = "getUserGroups",
    tag = "own profile",
    summary = "Your groups",
    description = "",
    responses(
        (status = 200, description = "Your groups, last changed first.", body = Vec<Group>),
    ),
    extensions(("x-access" = json!("verified")), ("x-errors" = json!([]))),
)]
pub(crate) async fn get_groups(
    app: Data<App>,
    caller: Caller<Verified>,
) -> Result<Json<Vec<Group>>, ApiError> {
    Ok(Json(app.read(caller.into(), profile::groups).await?))
}

/// A stored document with its entity tag (rule S4); 304 when the client has it.
fn versioned(request: &HttpRequest, Versioned { text, tag }: Versioned) -> HttpResponse {
    if etag::client_has(request.headers(), &tag) {
        return HttpResponse::NotModified().insert_header((header::ETAG, tag)).finish();
    }
    answer(Versioned { text, tag })
}

/// The text goes out as it is stored: nothing is parsed on the way, so key order and the spelling of numbers survive.
fn answer(Versioned { text, tag }: Versioned) -> HttpResponse {
    let body = text.map_or_else(|| "null".to_owned(), JsonText::into_string);
    HttpResponse::Ok().insert_header((header::ETAG, tag)).content_type("application/json").body(body)
}
