//! What the front end and the operator ask before anybody signs in: configuration, version, health.

use actix_web::web::{Data, Json};
use actix_web::{HttpRequest, HttpResponse};
use rosterd_storage::Db;
use serde_json::{Value, json};

use crate::app::App;
use crate::auth::{Authenticated, Caller, Credential};
use crate::error::ApiError;
use crate::openapi::schemas;
use crate::services::permissions;
use crate::stored_config::{Key, StoredConfig};

/// `GET /api/config`: more is told to those who are signed in. A session that is over is told what anonymous callers
/// are.
#[utoipa::path(
    get,
    path = "/api/config",
    operation_id = "getBackendConfig",
    tag = "configuration",
    summary = "What a front end needs for its first page",
    description = "",
    responses(
        (status = 200, description = "More is told to verified callers; credentials that are no longer good count as none.", body = schemas::BackendConfig),
    ),
    extensions(("x-access" = json!("anybody")), ("x-errors" = json!([]))),
)]
pub(crate) async fn get_config(app: Data<App>, request: HttpRequest) -> Result<Json<Value>, ApiError> {
    let caller = Credential::of(&request, app.tokens(), app.now()).ok().map(Caller::<Authenticated>::new);
    let handle = app.clone();
    let config = app
        .store()
        .read(move |db| {
            let config = handle.stored_config(db)?;
            let users = db.count_users()?;
            let mut answer = anonymous(&handle, &config, users);
            let signed_in = match &caller {
                None => false,
                Some(caller) => match handle.authorize(caller, db) {
                    Ok(me) => me.role.is_verified(),
                    Err(ApiError::Store(error)) => return Err(error.into()),
                    Err(_over) => false,
                },
            };
            if signed_in {
                tell_more(&handle, db, &config, users, &mut answer)?;
            }
            Ok::<_, ApiError>(answer)
        })
        .await?;
    Ok(Json(config))
}

fn anonymous(app: &App, config: &StoredConfig, users: i64) -> Value {
    let settings = app.settings();
    let mut answer = json!({
        "status": true,
        "name": settings.name,
        "version": settings.version,
        "default_locale": config.value(Key::DefaultLocale),
        "oauth": { "providers": {} },
        "features": {
            "auth": true,
            "auth_trusted_header": settings.trusted_headers.is_some(),
            "enable_signup": config.value(Key::EnableSignup),
            "enable_login_form": config.value(Key::EnableLoginForm),
            "enable_api_keys": config.value(Key::EnableApiKeys),
        },
    });
    if users == 0 {
        answer["onboarding"] = Value::Bool(true);
    }
    answer
}

fn tell_more(
    app: &App,
    db: &mut dyn Db,
    config: &StoredConfig,
    users: i64,
    answer: &mut Value,
) -> Result<(), ApiError> {
    answer["default_prompt_suggestions"] = config.value(Key::PromptSuggestions).clone();
    answer["user_count"] = users.into();
    answer["permissions"] = serde_json::to_value(permissions::stored_template(app, db)?)
        .map_err(|_why| ApiError::Internal("the permission template could not be written as JSON"))?;
    answer["ui"] = json!({
        "pending_user_overlay_title": config.value(Key::PendingUserOverlayTitle),
        "pending_user_overlay_content": config.value(Key::PendingUserOverlayContent),
        "response_watermark": config.value(Key::ResponseWatermark),
    });
    Ok(())
}

/// `GET /api/version`
#[utoipa::path(
    get,
    path = "/api/version",
    operation_id = "getVersion",
    tag = "configuration",
    summary = "The version",
    description = "",
    responses(
        (status = 200, description = "The version.", body = schemas::Version),
    ),
    extensions(("x-access" = json!("anybody")), ("x-errors" = json!([]))),
)]
pub(crate) async fn get_version(app: Data<App>) -> Json<Value> {
    Json(json!({ "version": app.settings().version }))
}

/// `GET /health`: the process runs.
#[utoipa::path(
    get,
    path = "/health",
    operation_id = "getHealth",
    tag = "health",
    summary = "Whether the process runs",
    description = "",
    responses(
        (status = 200, description = "It does.", body = schemas::Done),
    ),
    extensions(("x-access" = json!("anybody")), ("x-errors" = json!([]))),
)]
pub(crate) async fn get_liveness() -> HttpResponse {
    HttpResponse::Ok().json(json!({ "status": true }))
}

/// `GET /health/db`: the database answers and, as far as is known, takes writes.
#[utoipa::path(
    get,
    path = "/health/db",
    operation_id = "getDatabaseHealth",
    tag = "health",
    summary = "Whether the database does its work",
    description = "",
    responses(
        (status = 200, description = "It can be read and, as far as is known, takes writes.", body = schemas::Done),
    ),
    extensions(("x-access" = json!("anybody")), ("x-errors" = json!([]))),
)]
pub(crate) async fn get_readiness(app: Data<App>) -> Result<HttpResponse, ApiError> {
    app.store().check().await?;
    Ok(HttpResponse::Ok().json(json!({ "status": true })))
}
