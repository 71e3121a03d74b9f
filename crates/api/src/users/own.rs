//! The caller's own settings, status, info and groups.

use std::borrow::Cow;
use std::marker::PhantomData;

use actix_web::HttpResponse;
use actix_web::http::header;
use actix_web::web::{Data, Json};
use rosterd_app::profile::{self, Versioned};
use rosterd_app::{App, usage};
use rosterd_domain::clock::UnixSeconds;
use rosterd_domain::group::UserGroup;
use rosterd_domain::json::{JsonObject, JsonText};
use rosterd_domain::settings::SettingsUpdate;
use rosterd_domain::status::{StatusUpdate, UserStatus};
use rosterd_domain::text::{MAX_STATUS_EMOJI, MAX_STATUS_MESSAGE};
use rosterd_domain::usage::{Usage, UsageRequest};
use rosterd_domain::user::UserModel;
use serde_json::json;
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::Schema;
use utoipa::{PartialSchema, ToSchema};

use crate::auth::{Caller, Verified};
use crate::endpoint::{List, Made, Operation, Shape};
use crate::error::ApiError;
use crate::etag::{self, IfMatch, IfNoneMatch};
use crate::extract::{
    Body, Cargo, Field, Form, FormShape, IncludeInherited, Parts, Query, Raw, Sent, Text, accept, form,
    object,
};

/// Settings to be merged in.
#[derive(Debug)]
pub(crate) struct UserSettingsForm(SettingsUpdate);

impl Form for UserSettingsForm {
    const CARRIES: Cargo = Cargo::Document;

    fn read(json: &str) -> Result<Self, ApiError> {
        Ok(Self(SettingsUpdate::parse(object(json)?)?))
    }
}

impl PartialSchema for UserSettingsForm {
    fn schema() -> RefOr<Schema> {
        let mut shape = FormShape::default();
        Option::<JsonText>::describe(
            &mut shape,
            "ui",
            "Each key replaces the stored one, and null removes it; a null in place of the object keeps all.",
        );
        shape.finish_open("Settings to be merged: any keys, and `ui`.")
    }
}

impl ToSchema for UserSettingsForm {
    fn name() -> Cow<'static, str> {
        "UserSettingsForm".into()
    }

    fn schemas(schemas: &mut Parts) {
        schemas.push((JsonText::name().into_owned(), JsonText::schema()));
    }
}

/// A user's settings, as the document describes them. The settings themselves are text that nobody here looks into.
pub(crate) enum UserSettings {}

impl PartialSchema for UserSettings {
    fn schema() -> RefOr<Schema> {
        let mut shape = FormShape::default();
        JsonText::describe(&mut shape, "ui", "What the front end keeps.");
        shape.finish_open("A user's settings: any keys, and always `ui`.")
    }
}

impl ToSchema for UserSettings {
    fn name() -> Cow<'static, str> {
        "UserSettings".into()
    }

    fn schemas(schemas: &mut Parts) {
        UserSettingsForm::schemas(schemas);
    }
}

/// Info to be merged in: any object.
#[derive(Debug)]
pub(crate) struct InfoForm(JsonObject);

impl Form for InfoForm {
    const CARRIES: Cargo = Cargo::Document;

    fn read(json: &str) -> Result<Self, ApiError> {
        object(json).map(Self)
    }
}

impl PartialSchema for InfoForm {
    fn schema() -> RefOr<Schema> {
        JsonText::schema()
    }
}

impl ToSchema for InfoForm {
    fn name() -> Cow<'static, str> {
        JsonText::name()
    }
}

form! {
    /// A change of status: an absent field stays, null clears it, a value sets it (rule S5).
    #[expect(clippy::struct_field_names, reason = "they are the names on the wire")]
    pub(crate) struct StatusForm {
        /// The emoji, at most 64 characters.
        status_emoji: Sent<Text<MAX_STATUS_EMOJI>>,
        /// The line of text, at most 500 characters.
        status_message: Sent<Text<MAX_STATUS_MESSAGE>>,
        /// When the status ends.
        status_expires_at: Sent<UnixSeconds>,
    }
}

impl From<StatusForm> for StatusUpdate {
    fn from(form: StatusForm) -> Self {
        Self {
            status_emoji: form.status_emoji.map(|text| text.0).into_change(),
            status_message: form.status_message.map(|text| text.0).into_change(),
            status_expires_at: form.status_expires_at.into_change(),
        }
    }
}

/// `GET /users/user/settings`
pub(crate) async fn get_settings(
    app: Data<App>,
    caller: Caller<Verified>,
    known: IfNoneMatch,
    raw: Query<Raw>,
) -> Result<Made<Stored<UserSettings>>, ApiError> {
    let raw = accept(&app, &caller, raw).await?;
    Ok(versioned(&known, profile::settings(&app, caller.into(), raw).await?))
}

/// `POST /users/user/settings/update`
pub(crate) async fn update_settings(
    app: Data<App>,
    caller: Caller<Verified>,
    condition: IfMatch,
    body: Body<UserSettingsForm>,
) -> Result<Made<Merged<UserSettings>>, ApiError> {
    let sent = accept(&app, &caller, body).await?;
    Ok(answer(profile::update_settings(&app, caller.into(), sent.0, condition.0).await?).into())
}

/// `GET /users/user/status`
pub(crate) async fn get_status(
    app: Data<App>,
    caller: Caller<Verified>,
) -> Result<Json<UserStatus>, ApiError> {
    Ok(Json(app.snapshot(caller.into(), profile::status).await?))
}

/// `POST /users/user/status/update`
pub(crate) async fn update_status(
    app: Data<App>,
    caller: Caller<Verified>,
    body: Body<StatusForm>,
) -> Result<Json<UserModel>, ApiError> {
    let sent = accept(&app, &caller, body).await?.into();
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
    body: Body<InfoForm>,
) -> Result<Made<Merged<JsonText>>, ApiError> {
    let sent = accept(&app, &caller, body).await?;
    Ok(answer(profile::update_info(&app, caller.into(), sent.0, condition.0).await?).into())
}

/// `GET /users/usage`
pub(crate) async fn get_usage(
    app: Data<App>,
    caller: Caller<Verified>,
    asked: Query<UsageRequest>,
) -> Result<Json<Usage>, ApiError> {
    let asked = accept(&app, &caller, asked).await?;
    Ok(Json(app.scan(caller.into(), move |act| usage::own(act, asked)).await?))
}

/// `GET /users/groups`
pub(crate) async fn get_groups(
    app: Data<App>,
    caller: Caller<Verified>,
    inherited: Query<IncludeInherited>,
) -> Result<List<UserGroup>, ApiError> {
    let inherited = accept(&app, &caller, inherited).await?;
    Ok(List(app.snapshot(caller.into(), move |act| profile::groups(act, inherited)).await?))
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
