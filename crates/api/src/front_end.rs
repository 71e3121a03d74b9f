//! What a front end is told before its first page: `GET /api/config`.

use std::borrow::Cow;

use actix_web::HttpRequest;
use actix_web::web::{Data, Json};
use rosterd_app::front_end::{ForVerified, FrontEnd, told};
use rosterd_app::stored_config::{Key, StoredConfig};
use rosterd_app::{Access, App, Credential, KnownUser};
use rosterd_domain::front_end::{Audience, Feature, Source, suggestions};
use rosterd_domain::json::JsonText;
use rosterd_domain::permissions::UserPermissions;
use serde::Serialize;
use serde_json::{Map, Value};
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{ObjectBuilder, Schema, Type};
use utoipa::{PartialSchema, ToSchema};

use crate::auth::credential_of;
use crate::auths::setting;
use crate::error::ApiError;
use crate::extract::Parts;
use crate::telemetry::known_of;

/// `GET /api/config`: more is told to those who are signed in. A session that is over is told what anonymous callers
/// are, and so is an API key.
pub(crate) async fn get_config(
    app: Data<App>,
    request: HttpRequest,
) -> Result<Json<BackendConfig>, ApiError> {
    let known = known_of(&request);
    let session =
        credential_of(&request, &app).ok().filter(|credential| matches!(credential, Credential::Token(_)));
    let caller = session.map(|session| {
        rosterd_app::Caller::account(session, Access::Authenticated, KnownUser::default(), known.clone())
    });
    let visitor = rosterd_app::Caller::visitor(known);
    let front_end = app.read(visitor, move |act| told(act, caller.as_ref())).await?;
    Ok(Json(BackendConfig::of(&app, front_end)))
}

/// What a front end needs for its first page.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct BackendConfig {
    /// Present, and true, while there is no user.
    #[serde(skip_serializing_if = "Option::is_none")]
    onboarding: Option<bool>,
    /// Present, and true, where who has forgotten the password can ask for a link by mail (`POST /auths/password/forgot`).
    #[serde(skip_serializing_if = "Option::is_none")]
    password_forgot: Option<bool>,
    /// Present, and true, for whoever waits until the e-mail address of the account is confirmed (rule C1).
    #[serde(skip_serializing_if = "Option::is_none")]
    email_unconfirmed: Option<bool>,
    /// `true`.
    status: bool,
    /// The deployment's name.
    name: String,
    /// The server's version.
    version: String,
    /// The default language; empty: the browser's.
    default_locale: String,
    /// Translations of the deployment's own texts: languages, each with texts and their translations.
    #[schema(value_type = JsonText)]
    i18n: Value,
    /// Other services for signing in.
    oauth: OAuthProviders,
    /// What is switched on.
    features: BackendFeatures,
    /// Texts of the deployment, for whoever is signed in.
    #[serde(skip_serializing_if = "Option::is_none")]
    ui: Option<BackendTexts>,
    /// The models a new chat of the caller begins with, separated by commas. This field and the next ones are for users and
    /// admins only.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    default_models: Option<Value>,
    /// Models that are pinned for new users, separated by commas.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    default_pinned_models: Option<Value>,
    /// Suggestions for an empty chat; null: those of the front end.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Vec<Value>>)]
    default_prompt_suggestions: Option<Value>,
    /// Translations of the suggestions.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<JsonText>)]
    default_prompt_suggestions_i18n: Option<Value>,
    /// How many users there are.
    #[serde(skip_serializing_if = "Option::is_none")]
    user_count: Option<i64>,
    /// What runs code.
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<BackendCode>,
    /// What speaks and listens.
    #[serde(skip_serializing_if = "Option::is_none")]
    audio: Option<BackendAudio>,
    /// What files may be.
    #[serde(skip_serializing_if = "Option::is_none")]
    file: Option<BackendFiles>,
    /// The default template.
    #[serde(skip_serializing_if = "Option::is_none")]
    permissions: Option<UserPermissions>,
    /// Google Drive. rosterd never tells its credentials: all texts are empty.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<JsonText>)]
    google_drive: Option<Value>,
    /// `OneDrive`. All texts are empty.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<JsonText>)]
    onedrive: Option<Value>,
    /// Always null.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<JsonText>)]
    license_metadata: Option<Value>,
}

impl BackendConfig {
    fn of(app: &App, told: FrontEnd) -> Self {
        let FrontEnd { audience, features, config, users, password_forgot, email_unconfirmed, more } = told;
        let settings = app.settings();
        let answer = Self {
            onboarding: (audience == Audience::Anybody && users == Some(0)).then_some(true),
            password_forgot: password_forgot.then_some(true),
            email_unconfirmed: email_unconfirmed.then_some(true),
            status: true,
            name: settings.name.clone(),
            version: settings.version.clone(),
            default_locale: config.text(Key::DefaultLocale).to_owned(),
            i18n: config.value(Key::I18n).clone(),
            oauth: OAuthProviders {
                providers: Map::new(),
                auto_redirect: config.is_on(Key::OauthAutoRedirect),
            },
            features: BackendFeatures(
                features.into_iter().map(|(name, value)| (name.to_owned(), value)).collect(),
            ),
            ui: BackendTexts::of(&config, audience),
            default_models: None,
            default_pinned_models: None,
            default_prompt_suggestions: None,
            default_prompt_suggestions_i18n: None,
            user_count: None,
            code: None,
            audio: None,
            file: None,
            permissions: None,
            google_drive: None,
            onedrive: None,
            license_metadata: None,
        };
        match more {
            Some(more) => Self { user_count: users, ..answer.with(app, &config, more) },
            None => answer,
        }
    }

    /// The same with what only users and admins are told.
    fn with(self, app: &App, config: &StoredConfig, more: ForVerified) -> Self {
        let value = |key| config.value(key).clone();
        let is_standalone = app.store().layout().is_standalone();
        Self {
            default_models: Some(more.default_models),
            default_pinned_models: Some(value(Key::DefaultPinnedModels)),
            default_prompt_suggestions: Some(suggestions(value(Key::PromptSuggestions), app.dialect())),
            default_prompt_suggestions_i18n: Some(value(Key::PromptSuggestionsI18n)),
            code: Some(BackendCode::of(config, is_standalone)),
            audio: Some(BackendAudio::of(config, is_standalone)),
            file: Some(BackendFiles {
                max_size: value(Key::FileMaxSize),
                max_count: value(Key::FileMaxCount),
                image_compression: ImageCompression {
                    width: value(Key::ImageCompressionWidth),
                    height: value(Key::ImageCompressionHeight),
                },
            }),
            permissions: Some(more.permissions),
            google_drive: Some(empty(&["client_id", "api_key"])),
            onedrive: Some(empty(&[
                "client_id_personal",
                "client_id_business",
                "sharepoint_url",
                "sharepoint_tenant_id",
            ])),
            license_metadata: Some(Value::Null),
            ..self
        }
    }
}

/// What does the work; a standalone server has nothing that runs code, speaks or listens.
fn engine(config: &StoredConfig, key: Key, is_standalone: bool) -> String {
    if is_standalone { String::new() } else { config.text(key).to_owned() }
}

/// An object of empty texts.
fn empty(keys: &[&str]) -> Value {
    keys.iter().map(|key| ((*key).to_owned(), Value::from(""))).collect::<Map<_, _>>().into()
}

/// Other services for signing in.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct OAuthProviders {
    /// Always empty: rosterd has no sign-in with other services.
    #[schema(value_type = JsonText)]
    providers: Map<String, Value>,
    /// Whether front ends go to the one provider at once.
    auto_redirect: bool,
}

/// What is switched on, by the table of features.
#[derive(Debug, Serialize)]
pub(crate) struct BackendFeatures(Map<String, Value>);

impl PartialSchema for BackendFeatures {
    fn schema() -> RefOr<Schema> {
        features(&mut Parts::new())
    }
}

impl ToSchema for BackendFeatures {
    fn name() -> Cow<'static, str> {
        "BackendFeatures".into()
    }

    fn schemas(schemas: &mut Parts) {
        features(schemas);
    }
}

fn features(parts: &mut Parts) -> RefOr<Schema> {
    let about = "What is switched on. Anonymous callers are told of signing in only.";
    let mut object = ObjectBuilder::new().schema_type(Type::Object).description(Some(about));
    for feature in Feature::ALL {
        let schema = match feature.source {
            Source::Stored(key) => setting(key.kind(), parts),
            Source::Fixed(_) | Source::TrustedHeaders | Source::AnyEnabled(_) | Source::Configured(_) => {
                ObjectBuilder::new().schema_type(Type::Boolean).into()
            }
        };
        object = object.property(feature.name, schema);
        if feature.is_for_anybody() {
            object = object.required(feature.name);
        }
    }
    object.into()
}

/// Texts of the deployment.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct BackendTexts {
    /// The heading that pending users see.
    #[schema(value_type = Option<String>)]
    pending_user_overlay_title: Value,
    /// The text that pending users see.
    #[schema(value_type = Option<String>)]
    pending_user_overlay_content: Value,
    /// Text that is added to copied answers. This field and the next ones are for users and admins only.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    response_watermark: Option<Value>,
    /// Interface settings of users who have set nothing.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<JsonText>)]
    default_interface_settings: Option<Value>,
    /// Which parts of the interface are shown.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<JsonText>)]
    visibility: Option<Value>,
    /// Always empty.
    #[serde(skip_serializing_if = "Option::is_none")]
    iframe_csp: Option<&'static str>,
}

impl BackendTexts {
    fn of(config: &StoredConfig, audience: Audience) -> Option<Self> {
        if audience == Audience::Anybody {
            return None;
        }
        let verified = |key| (audience == Audience::Verified).then(|| config.value(key).clone());
        Some(Self {
            pending_user_overlay_title: config.value(Key::PendingUserOverlayTitle).clone(),
            pending_user_overlay_content: config.value(Key::PendingUserOverlayContent).clone(),
            response_watermark: verified(Key::ResponseWatermark),
            default_interface_settings: verified(Key::DefaultInterfaceSettings),
            visibility: verified(Key::InterfaceVisibility),
            iframe_csp: (audience == Audience::Verified).then_some(""),
        })
    }
}

/// What runs code; empty: nothing.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct BackendCode {
    /// What runs the code in answers.
    engine: String,
    /// What runs code for models.
    interpreter_engine: String,
}

impl BackendCode {
    fn of(config: &StoredConfig, is_standalone: bool) -> Self {
        Self {
            engine: engine(config, Key::CodeExecutionEngine, is_standalone),
            interpreter_engine: engine(config, Key::CodeInterpreterEngine, is_standalone),
        }
    }
}

/// What speaks and listens.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct BackendAudio {
    /// Talking to models.
    realtime: RealtimeAudio,
    /// Reading texts aloud.
    tts: TextToSpeech,
    /// Writing down what is said.
    stt: SpeechToText,
}

impl BackendAudio {
    fn of(config: &StoredConfig, is_standalone: bool) -> Self {
        let text = |key| config.text(key).to_owned();
        Self {
            realtime: RealtimeAudio {
                enabled: !is_standalone && config.is_on(Key::EnableRealtimeAudio),
                model: text(Key::RealtimeAudioModel),
                voice: text(Key::RealtimeAudioVoice),
            },
            tts: TextToSpeech {
                engine: engine(config, Key::TtsEngine, is_standalone),
                voice: text(Key::TtsVoice),
                split_on: text(Key::TtsSplitOn),
            },
            stt: SpeechToText { engine: engine(config, Key::SttEngine, is_standalone) },
        }
    }
}

/// Talking to models.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RealtimeAudio {
    /// Whether it is switched on.
    enabled: bool,
    /// The model.
    model: String,
    /// Its voice.
    voice: String,
}

/// Reading texts aloud.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct TextToSpeech {
    /// What reads; empty: the browser.
    engine: String,
    /// The voice.
    voice: String,
    /// Where texts are cut.
    split_on: String,
}

/// Writing down what is said.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SpeechToText {
    /// What listens; empty: Open WebUI itself.
    engine: String,
}

/// What files may be; null: there is no limit.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct BackendFiles {
    /// How large, in mebibytes.
    #[schema(value_type = Option<i64>)]
    max_size: Value,
    /// How many in a chat.
    #[schema(value_type = Option<i64>)]
    max_count: Value,
    /// How large images are at most.
    image_compression: ImageCompression,
}

/// How large images are at most; null: as they come.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ImageCompression {
    /// How wide, in pixels.
    #[schema(value_type = Option<i64>)]
    width: Value,
    /// How high, in pixels.
    #[schema(value_type = Option<i64>)]
    height: Value,
}
