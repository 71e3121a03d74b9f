//! What the front end and the operator ask before anybody signs in: configuration, version, health.

use actix_web::web::{Data, Json};
use actix_web::{HttpRequest, HttpResponse};
use rosterd_app::stored_config::{Key, StoredConfig};
use rosterd_app::{Access, Act, App, AppError, AppResult, KnownUser, permissions};
use rosterd_storage::Reads;
use serde_json::{Value, json};

use crate::auth::credential_of;
use crate::error::ApiError;
use crate::openapi::schemas;
use crate::telemetry::known_of;

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
    let known = known_of(&request);
    let caller = credential_of(&request, &app).ok().map(|credential| {
        rosterd_app::Caller::account(credential, Access::Verified, KnownUser::default(), known.clone())
    });
    let visitor = rosterd_app::Caller::visitor(known);
    Ok(Json(app.read_one(visitor, move |act| backend_config(act, caller.as_ref())).await?))
}

/// What a front end is told; more where this caller is verified.
fn backend_config(act: &mut Act<'_>, caller: Option<&rosterd_app::Caller>) -> AppResult<Value> {
    let app = act.app();
    let config = app.stored_config(act.read())?;
    let users = act.read().count_users()?;
    let mut answer = anonymous(app, &config, users);
    let signed_in = match caller {
        Some(caller) => act.recognizes(caller)?,
        None => false,
    };
    if signed_in {
        tell_more(app, act.read(), &config, users, &mut answer)?;
    }
    Ok(answer)
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
    db: &mut dyn Reads,
    config: &StoredConfig,
    users: i64,
    answer: &mut Value,
) -> AppResult<()> {
    answer["default_prompt_suggestions"] = config.value(Key::PromptSuggestions).clone();
    answer["user_count"] = users.into();
    answer["permissions"] = serde_json::to_value(permissions::stored_template(app, db)?)
        .map_err(|_why| AppError::Internal("the permission template could not be written as JSON"))?;
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
    app.store().check().await.map_err(AppError::from)?;
    Ok(HttpResponse::Ok().json(json!({ "status": true })))
}
