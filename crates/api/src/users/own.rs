//! The caller's own settings, status, info and groups.

use std::marker::PhantomData;

use actix_web::HttpResponse;
use actix_web::http::header;
use actix_web::web::{Data, Json};
use rosterd_app::App;
use rosterd_app::profile::{self, Versioned};
use rosterd_domain::group::Group;
use rosterd_domain::json::{JsonObject, JsonText};
use rosterd_domain::settings::SettingsUpdate;
use rosterd_domain::status::{StatusUpdate, UserStatus};
use rosterd_domain::user::UserModel;
use serde_json::json;
use utoipa::ToSchema;

use crate::auth::{Caller, Verified};
use crate::endpoint::{List, Made, Operation, Shape};
use crate::error::ApiError;
use crate::etag::{self, IfMatch, IfNoneMatch};
use crate::extract::{Body, Cargo, Fields, Form, accept, object};
use crate::schemas;

impl Form for SettingsUpdate {
    type Shape = schemas::UserSettingsForm;

    const CARRIES: Cargo = Cargo::Document;

    fn read(json: &str) -> Result<Self, ApiError> {
        Ok(Self::parse(object(json)?)?)
    }
}

/// What `POST /users/user/info/update` is sent.
impl Form for JsonObject {
    type Shape = JsonText;

    const CARRIES: Cargo = Cargo::Document;

    fn read(json: &str) -> Result<Self, ApiError> {
        object(json)
    }
}

impl Form for StatusUpdate {
    type Shape = Self;

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
    known: IfNoneMatch,
) -> Result<Made<Stored<schemas::UserSettings>>, ApiError> {
    Ok(versioned(&known, profile::settings(&app, caller.into()).await?))
}

/// `POST /users/user/settings/update`
pub(crate) async fn update_settings(
    app: Data<App>,
    caller: Caller<Verified>,
    condition: IfMatch,
    body: Body<SettingsUpdate>,
) -> Result<Made<Merged<schemas::UserSettings>>, ApiError> {
    let sent = accept(&app, &caller, body).await?;
    Ok(answer(profile::update_settings(&app, caller.into(), sent, condition.0).await?).into())
}

/// `GET /users/user/status`
pub(crate) async fn get_status(
    app: Data<App>,
    caller: Caller<Verified>,
) -> Result<Json<UserStatus>, ApiError> {
    Ok(Json(app.read(caller.into(), profile::status).await?))
}

/// `POST /users/user/status/update`
pub(crate) async fn update_status(
    app: Data<App>,
    caller: Caller<Verified>,
    body: Body<StatusUpdate>,
) -> Result<Json<UserModel>, ApiError> {
    let sent = accept(&app, &caller, body).await?;
    Ok(Json(app.write(caller.into(), move |act| profile::update_status(act, sent)).await?))
}

/// `GET /users/user/info`
pub(crate) async fn get_info(
    app: Data<App>,
    caller: Caller<Verified>,
    known: IfNoneMatch,
) -> Result<Made<Stored<JsonText>>, ApiError> {
    Ok(versioned(&known, profile::info(&app, caller.into()).await?))
}

/// `POST /users/user/info/update`
pub(crate) async fn update_info(
    app: Data<App>,
    caller: Caller<Verified>,
    condition: IfMatch,
    body: Body<JsonObject>,
) -> Result<Made<Merged<JsonText>>, ApiError> {
    let sent = accept(&app, &caller, body).await?;
    Ok(answer(profile::update_info(&app, caller.into(), sent, condition.0).await?).into())
}

/// `GET /users/groups`
pub(crate) async fn get_groups(app: Data<App>, caller: Caller<Verified>) -> Result<List<Group>, ApiError> {
    Ok(List(app.snapshot(caller.into(), profile::groups).await?))
}

/// A stored document with its entity tag (rule S4); 304 when the client has it.
fn versioned<S>(known: &IfNoneMatch, Versioned { text, tag }: Versioned) -> Made<S> {
    if known.is(&tag) {
        return HttpResponse::NotModified().insert_header((header::ETAG, tag)).finish().into();
    }
    answer(Versioned { text, tag }).into()
}

/// A document as it is stored, or null, with its entity tag.
pub(crate) struct Stored<T>(PhantomData<T>);

impl<T: ToSchema> Shape for Stored<T> {
    fn describe(operation: &mut Operation) {
        let schema = json!({ "oneOf": [{ "type": "null" }, operation.schema::<T>()] });
        operation.answers_json(&schema, etag::header_of_answer());
    }
}

/// A document after an update, with its entity tag.
pub(crate) struct Merged<T>(PhantomData<T>);

impl<T: ToSchema> Shape for Merged<T> {
    fn describe(operation: &mut Operation) {
        let schema = operation.schema::<T>();
        operation.answers_json(&schema, etag::header_of_answer());
    }
}

/// The text goes out as it is stored: nothing is parsed on the way, so key order and the spelling of numbers survive.
fn answer(Versioned { text, tag }: Versioned) -> HttpResponse {
    let body = text.map_or_else(|| "null".to_owned(), JsonText::into_string);
    HttpResponse::Ok().insert_header((header::ETAG, tag)).content_type("application/json").body(body)
}
