//! What the front end and the operator need before anybody signs in: configuration, version, health.

use actix_web::HttpRequest;
use actix_web::web::{Data, Json};
use rosterd_app::stored_config::{Key, StoredConfig};
use rosterd_app::{Access, Act, App, AppError, AppResult, KnownUser, permissions};
use rosterd_domain::json::JsonText;
use rosterd_domain::permissions::UserPermissions;
use serde::Serialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;

use crate::auth::credential_of;
use crate::endpoint::Done;
use crate::error::ApiError;
use crate::telemetry::known_of;

/// `GET /api/config`: more is told to those who are signed in. A session that is over is told what anonymous callers
/// are.
pub(crate) async fn get_config(
    app: Data<App>,
    request: HttpRequest,
) -> Result<Json<BackendConfig>, ApiError> {
    let known = known_of(&request);
    let caller = credential_of(&request, &app).ok().map(|credential| {
        rosterd_app::Caller::account(credential, Access::Verified, KnownUser::default(), known.clone())
    });
    let visitor = rosterd_app::Caller::visitor(known);
    Ok(Json(app.read(visitor, move |act| backend_config(act, caller.as_ref())).await?))
}

/// What a front end is told; more where this caller is verified.
fn backend_config(act: &mut Act<'_>, caller: Option<&rosterd_app::Caller>) -> AppResult<BackendConfig> {
    let app = act.app();
    let config = app.stored_config(act.read())?;
    let users = act.read().count_users()?;
    let mut answer = BackendConfig::for_anybody(app, &config, users);
    let signed_in = match caller {
        Some(caller) => act.recognizes(caller)?,
        None => false,
    };
    if signed_in {
        answer.default_prompt_suggestions = Some(config.value(Key::PromptSuggestions).clone());
        answer.user_count = Some(users);
        answer.permissions = Some(permissions::stored_template(app, act.read())?);
        answer.ui = Some(BackendTexts::of(&config));
    }
    Ok(answer)
}

/// What a front end needs for its first page.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct BackendConfig {
    /// `true`.
    status: bool,
    /// The deployment's name.
    name: String,
    /// The server's version.
    version: String,
    /// The default language; empty: the browser's.
    default_locale: String,
    /// Other services for signing in.
    oauth: OAuthProviders,
    /// What is switched on.
    features: BackendFeatures,
    /// Present, and true, while there is no user.
    #[serde(skip_serializing_if = "Option::is_none")]
    onboarding: Option<bool>,
    /// Suggestions for an empty chat. This field and the next ones are for verified callers only.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Vec<Value>>)]
    default_prompt_suggestions: Option<Value>,
    /// How many users there are.
    #[serde(skip_serializing_if = "Option::is_none")]
    user_count: Option<i64>,
    /// The default template.
    #[serde(skip_serializing_if = "Option::is_none")]
    permissions: Option<UserPermissions>,
    /// Texts of the deployment.
    #[serde(skip_serializing_if = "Option::is_none")]
    ui: Option<BackendTexts>,
}

impl BackendConfig {
    fn for_anybody(app: &App, config: &StoredConfig, users: i64) -> Self {
        let settings = app.settings();
        Self {
            status: true,
            name: settings.name.clone(),
            version: settings.version.clone(),
            default_locale: config.text(Key::DefaultLocale).to_owned(),
            oauth: OAuthProviders { providers: Map::new() },
            features: BackendFeatures {
                auth: true,
                auth_trusted_header: settings.trusted_headers.is_some(),
                enable_signup: config.is_on(Key::EnableSignup),
                enable_login_form: config.is_on(Key::EnableLoginForm),
                enable_api_keys: config.is_on(Key::EnableApiKeys),
            },
            onboarding: (users == 0).then_some(true),
            default_prompt_suggestions: None,
            user_count: None,
            permissions: None,
            ui: None,
        }
    }
}

/// Other services for signing in.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct OAuthProviders {
    /// Always empty: rosterd has no sign-in with other services.
    #[schema(value_type = JsonText)]
    providers: Map<String, Value>,
}

/// What is switched on.
#[derive(Debug, Serialize, ToSchema)]
#[expect(clippy::struct_excessive_bools, reason = "switches, as the front end knows them")]
pub(crate) struct BackendFeatures {
    /// `true`: accounts are needed.
    auth: bool,
    /// Whether a trusted proxy signs users in.
    auth_trusted_header: bool,
    /// Whether anybody may sign up.
    enable_signup: bool,
    /// Whether there is a form to sign in.
    enable_login_form: bool,
    /// Whether API keys work.
    enable_api_keys: bool,
}

/// Texts of the deployment.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct BackendTexts {
    /// The heading that pending users see.
    pending_user_overlay_title: String,
    /// The text that pending users see.
    pending_user_overlay_content: String,
    /// Text that is added to copied answers.
    response_watermark: String,
}

impl BackendTexts {
    fn of(config: &StoredConfig) -> Self {
        Self {
            pending_user_overlay_title: config.text(Key::PendingUserOverlayTitle).to_owned(),
            pending_user_overlay_content: config.text(Key::PendingUserOverlayContent).to_owned(),
            response_watermark: config.text(Key::ResponseWatermark).to_owned(),
        }
    }
}

/// A program's version.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Version {
    /// Such as `0.1.0`.
    version: String,
}

/// `GET /api/version`
pub(crate) async fn get_version(app: Data<App>) -> Json<Version> {
    Json(Version { version: app.settings().version.clone() })
}

/// `GET /health`: the process runs.
pub(crate) async fn get_liveness() -> Json<Done> {
    Json(Done::YES)
}

/// `GET /health/db`: the database answers and, as far as is known, takes writes.
pub(crate) async fn get_readiness(app: Data<App>) -> Result<Json<Done>, ApiError> {
    app.store().check().await.map_err(AppError::from)?;
    Ok(Json(Done::YES))
}
