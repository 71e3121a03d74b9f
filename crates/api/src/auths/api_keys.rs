//! API keys: the one that front ends of Open WebUI know, and those with a name.

use actix_web::web::{Data, Json};
use rosterd_app::App;
use rosterd_app::api_keys::{self, MadeKey, SentKey};
use rosterd_domain::api_key::{
    AllowedPaths, ApiKeyInfo, KeyName, MAX_ALLOWED_PATH, MAX_ALLOWED_PATHS, MAX_KEY_NAME,
};
use rosterd_domain::clock::UnixSeconds;
use rosterd_domain::error::DomainError;
use rosterd_domain::ids::{ApiKeyId, UserId};
use rosterd_domain::rules::api_keys::SentEnd;
use rosterd_domain::rules::duration::TokenLife;
use rosterd_domain::secret::ApiKey;
use serde::Serialize;
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{Array, ObjectBuilder, Schema, Type};

use crate::alias::plain_path;
use crate::auth::{Admin, Authenticated, Caller};
use crate::endpoint::List;
use crate::error::ApiError;
use crate::extract::{
    Body, Checked, Fault, FieldType, NAME_PATTERN, Parts, PathId, Strict, SubId, accept, form, name_fault,
};

/// The caller's own key.
#[derive(Serialize, utoipa::ToSchema)]
#[schema(as = ApiKey)]
pub(crate) struct ApiKeyBody {
    /// The key, for `Authorization: Bearer`. Where it is stored as a hash, GET shows its beginning and asterisks.
    api_key: String,
}

fn key_answer(key: &ApiKey) -> Json<ApiKeyBody> {
    Json(ApiKeyBody { api_key: key.expose().to_owned() })
}

/// `GET /auths/api_key`
pub(crate) async fn get_api_key(
    app: Data<App>,
    caller: Caller<Authenticated>,
) -> Result<Json<ApiKeyBody>, ApiError> {
    Ok(key_answer(&app.snapshot(caller.into(), api_keys::find).await?))
}

/// `POST /auths/api_key`
pub(crate) async fn create_api_key(
    app: Data<App>,
    caller: Caller<Authenticated>,
) -> Result<Json<ApiKeyBody>, ApiError> {
    Ok(key_answer(&app.write(caller.into(), api_keys::replace).await?))
}

/// `DELETE /auths/api_key`
pub(crate) async fn delete_api_key(
    app: Data<App>,
    caller: Caller<Authenticated>,
) -> Result<Json<bool>, ApiError> {
    Ok(Json(app.write(caller.into(), api_keys::delete).await?))
}

form! {
    /// An API key to be made, with a name.
    pub(crate) struct NewApiKeyForm {
        /// What you call it.
        name: KeyName,
        /// How long it lives, such as `1h` or `90d`; `-1`: without end, where the configuration allows that.
        expires_in: Option<KeyLife>,
        /// When it ends, instead of `expires_in`. Without both, it lives as long as the configuration says (90 days by
        /// default).
        expires_at: Option<UnixSeconds>,
        /// `true`: it only reads (rule K4).
        read_only: Option<bool>,
        /// The only paths it works for, with all below them (rule K5); absent: every path.
        allowed_paths: Option<Paths>,
    }
}

impl NewApiKeyForm {
    fn into_sent(self) -> Result<SentKey, DomainError> {
        Ok(SentKey {
            name: self.name,
            end: SentEnd::of(self.expires_in.map(|life| life.0), self.expires_at)?,
            read_only: self.read_only == Some(true),
            allowed_paths: self.allowed_paths.map(|paths| AllowedPaths::parse(paths.0)).transpose()?,
        })
    }
}

impl FieldType for KeyName {
    fn read(json: &str) -> Result<Self, Fault> {
        Self::parse(&String::read(json)?).map_err(name_fault)
    }

    fn schema(_parts: &mut Parts) -> RefOr<Schema> {
        let text = ObjectBuilder::new().schema_type(Type::String).pattern(Some(NAME_PATTERN));
        text.min_length(Some(1)).max_length(Some(MAX_KEY_NAME)).into()
    }
}

/// How long a key is to live.
#[derive(Debug)]
pub(crate) struct KeyLife(TokenLife);

impl FieldType for KeyLife {
    fn read(json: &str) -> Result<Self, Fault> {
        let text = String::read(json)?;
        TokenLife::parse(&text)
            .map(Self)
            .map_err(|_why| Fault::new("value_error", "A duration such as 1h or 90d is needed."))
    }

    fn schema(_parts: &mut Parts) -> RefOr<Schema> {
        // Some of what is read: one number with one unit.
        let text = ObjectBuilder::new().schema_type(Type::String);
        text.pattern(Some(r"^([1-9][0-9]{0,4}(s|m|h|d|w)|-1)$")).into()
    }
}

/// The paths of a key, as they were sent but for the second name of every path.
#[derive(Debug)]
pub(crate) struct Paths(Vec<String>);

impl FieldType for Paths {
    fn read(json: &str) -> Result<Self, Fault> {
        let paths: Vec<String> = serde_json::from_str(json)
            .map_err(|_why| Fault::new("list_type", "A list of texts is needed."))?;
        Ok(Self(paths.iter().map(|path| plain_path(path).to_owned()).collect()))
    }

    fn schema(_parts: &mut Parts) -> RefOr<Schema> {
        let path = ObjectBuilder::new().schema_type(Type::String).pattern(Some(r#"^/[!"$->@-~]*$"#));
        let path = path.max_length(Some(MAX_ALLOWED_PATH));
        let mut paths = Array::new(path);
        (paths.min_items, paths.max_items) = (Some(1), Some(MAX_ALLOWED_PATHS));
        paths.into()
    }
}

/// A key that was made. It is shown this once.
#[derive(Serialize, utoipa::ToSchema)]
#[schema(as = MadeApiKey)]
pub(crate) struct MadeKeyBody {
    /// The key, for `Authorization: Bearer`.
    key: String,
    #[serde(flatten)]
    info: ApiKeyInfo,
}

impl From<MadeKey> for MadeKeyBody {
    fn from(made: MadeKey) -> Self {
        Self { key: made.key.expose().to_owned(), info: made.info }
    }
}

/// `GET /auths/api_keys`
pub(crate) async fn list_api_keys(
    app: Data<App>,
    caller: Caller<Authenticated>,
) -> Result<List<ApiKeyInfo>, ApiError> {
    Ok(List(app.snapshot(caller.into(), api_keys::list).await?))
}

/// `POST /auths/api_keys`
pub(crate) async fn create_named_api_key(
    app: Data<App>,
    caller: Caller<Authenticated>,
    body: Body<Strict<NewApiKeyForm>>,
) -> Result<Json<MadeKeyBody>, ApiError> {
    let sent = body.into_result().and_then(|form| Ok(form.0.into_sent()?));
    let sent = accept(&app, &caller, sent).await?;
    let made = app.write(caller.into(), move |act| api_keys::create(act, sent)).await?;
    Ok(Json(made.into()))
}

/// `DELETE /auths/api_keys/{id}`
pub(crate) async fn delete_api_key_by_id(
    app: Data<App>,
    caller: Caller<Authenticated>,
    id: PathId<ApiKeyId>,
) -> Result<Json<bool>, ApiError> {
    app.write(caller.into(), move |act| api_keys::delete_one(act, &id.0)).await?;
    Ok(Json(true))
}

/// `GET /users/{id}/api_keys`
pub(crate) async fn list_api_keys_of(
    app: Data<App>,
    caller: Caller<Admin>,
    id: PathId<UserId>,
) -> Result<List<ApiKeyInfo>, ApiError> {
    Ok(List(app.snapshot(caller.into(), move |act| api_keys::list_of(act, &id.0)).await?))
}

/// `DELETE /users/{id}/api_keys`
pub(crate) async fn delete_api_keys_of(
    app: Data<App>,
    caller: Caller<Admin>,
    id: PathId<UserId>,
) -> Result<Json<bool>, ApiError> {
    app.write(caller.into(), move |act| api_keys::delete_all_of(act, &id.0)).await?;
    Ok(Json(true))
}

/// `DELETE /users/{id}/api_keys/{key_id}`
pub(crate) async fn delete_api_key_of(
    app: Data<App>,
    caller: Caller<Admin>,
    id: PathId<UserId>,
    key: SubId<ApiKeyId>,
) -> Result<Json<bool>, ApiError> {
    app.write(caller.into(), move |act| api_keys::delete_of(act, &id.0, &key.0)).await?;
    Ok(Json(true))
}
