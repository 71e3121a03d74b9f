//! The settings of the stored configuration on the wire: read, answered and described by their one table.

use std::borrow::Cow;

use rosterd_app::stored_config::{Key, Kind};
use rosterd_domain::dialect::Dialect;
use rosterd_domain::field_error::FieldError;
use rosterd_domain::role::Role;
use rosterd_domain::stored_config::Sent;
use serde::Serialize;
use serde_json::{Map, Value};
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{
    self, AdditionalProperties, Array, ArrayItems, ObjectBuilder, OneOf, Schema, SchemaType, Type,
};
use utoipa::{PartialSchema, ToSchema};

use crate::error::ApiError;
use crate::extract::{ByDialect, FieldType, Form, Parts, object};

/// The name of what an answer to a change also tells in the newest dialect.
pub(super) const SESSIONS_REVOKED: &str = "sessions_revoked";

/// Every setting, all of them there.
#[derive(Debug, Serialize)]
pub(crate) struct AdminConfig(pub(super) Map<String, Value>);

/// Every setting, those that Open WebUI's admin page knows there, the others where they were sent.
#[derive(Debug, Serialize)]
pub(crate) struct AdminConfigUpdated(pub(super) Map<String, Value>);

/// New values, as the newest front end sends them: most settings are needed, unknown keys are ignored.
#[derive(Debug)]
pub(crate) struct AdminConfigForm(pub(super) Vec<(Key, Value)>);

/// New values, as the older front end sends them: keys that are not sent stay, unknown keys are ignored.
#[derive(Debug)]
pub(crate) struct OlderAdminConfigForm(Vec<(Key, Value)>);

/// Either.
pub(crate) type EitherForm = ByDialect<OlderAdminConfigForm, AdminConfigForm>;

impl From<OlderAdminConfigForm> for AdminConfigForm {
    fn from(OlderAdminConfigForm(values): OlderAdminConfigForm) -> Self {
        Self(values)
    }
}

impl Form for AdminConfigForm {
    fn read(json: &str) -> Result<Self, ApiError> {
        read(json, Dialect::V0_12).map(Self)
    }
}

impl Form for OlderAdminConfigForm {
    fn read(json: &str) -> Result<Self, ApiError> {
        read(json, Dialect::V0_6).map(Self)
    }
}

/// What is to be stored.
fn read(json: &str, dialect: Dialect) -> Result<Vec<(Key, Value)>, ApiError> {
    let sent = object(json)?;
    let (mut values, mut faults) = (Vec::new(), Vec::new());
    let fault = |key: Key, kind, why: String| FieldError::new(kind, &["body", key.wire()], why);
    for key in Key::of_form(dialect) {
        let value = match sent.get(key.wire()).map(|raw| serde_json::from_str(raw.get())).transpose() {
            Ok(value) => value,
            Err(why) => {
                faults.push(fault(key, "json_type", why.to_string()));
                continue;
            }
        };
        match key.sent(value, dialect) {
            Sent::Value(value) => values.push((key, value)),
            Sent::Nothing => {}
            Sent::Missing => faults.push(fault(key, "missing", "This field is needed.".to_owned())),
            Sent::Faulty(why) => faults.push(fault(key, "value_error", why.to_owned())),
        }
    }
    if faults.is_empty() { Ok(values) } else { Err(ApiError::validation(faults)) }
}

macro_rules! described {
    ($($name:ident, $about:literal, $required:expr, $schema:expr;)+) => {$(
        impl PartialSchema for $name {
            fn schema() -> RefOr<Schema> {
                settings($about, $required, $schema, &mut Parts::new()).into()
            }
        }

        impl ToSchema for $name {
            fn name() -> Cow<'static, str> {
                stringify!($name).into()
            }

            fn schemas(schemas: &mut Parts) {
                settings($about, $required, $schema, schemas);
            }
        }
    )+};
}

described! {
    AdminConfig, "The settings in the database.", is_in_every_form, setting;
    AdminConfigForm, "Settings to change.", |key: Key| key.is_required(Dialect::V0_12), sent_setting;
    OlderAdminConfigForm, "Settings to change.", |_key| false, sent_setting;
}

impl PartialSchema for AdminConfigUpdated {
    fn schema() -> RefOr<Schema> {
        updated(&mut Parts::new()).into()
    }
}

impl ToSchema for AdminConfigUpdated {
    fn name() -> Cow<'static, str> {
        "AdminConfigUpdated".into()
    }

    fn schemas(schemas: &mut Parts) {
        updated(schemas);
    }
}

fn updated(parts: &mut Parts) -> ObjectBuilder {
    let about = "The settings that Open WebUI's admin page knows, and those that were sent.";
    let revoked = ObjectBuilder::new().schema_type(Type::Boolean).description(Some(
        "Whether the change ended every session: never, since only Open WebUI changes what would. Not on a database of \
         Open WebUI 0.6.",
    ));
    settings(about, |key| key.is_always_shown(Dialect::V0_6), setting, parts)
        .property(SESSIONS_REVOKED, revoked)
}

/// What the form has in both dialects: answers have it whatever the database.
fn is_in_every_form(key: Key) -> bool {
    Key::of_form(Dialect::V0_6).any(|of_older| of_older == key)
}

fn settings(
    description: &str,
    required: impl Fn(Key) -> bool,
    schema: fn(Kind, &mut Parts) -> RefOr<Schema>,
    parts: &mut Parts,
) -> ObjectBuilder {
    let mut object = ObjectBuilder::new().schema_type(Type::Object).description(Some(description));
    for key in Key::of_form(Dialect::V0_12) {
        object = object.property(key.wire(), schema(key.kind(), parts));
        if required(key) {
            object = object.required(key.wire());
        }
    }
    object
}

fn text() -> ObjectBuilder {
    ObjectBuilder::new().schema_type(Type::String).pattern(Some(r"^[^\x00]*$"))
}

/// What a setting is in a form.
fn sent_setting(kind: Kind, parts: &mut Parts) -> RefOr<Schema> {
    /// Rule M25.
    const SKIPPED: &str = "Any other text is skipped, and the rest of the form is stored.";
    let any_text = |about: &str| {
        ObjectBuilder::new().schema_type(Type::String).description(Some(format!("{about} {SKIPPED}")))
    };
    match kind {
        Kind::Role => any_text("One of pending, user, admin.").into(),
        Kind::Choice(words) => any_text(&format!("One of {}.", words.join(", "))).into(),
        Kind::TokenLife => {
            any_text("One number with a unit, such as 4w, 12h or 30m; -1 and 0 mean without end.").into()
        }
        Kind::Count => {
            let number = ObjectBuilder::new().schema_type(SchemaType::from_iter([Type::Integer, Type::Null]));
            let digits = ObjectBuilder::new().schema_type(Type::String).pattern(Some("^(-?[0-9]{1,18})?$"));
            OneOf::builder()
                .item(number.build())
                .item(digits.build())
                .description(Some("A number, also as text; empty, null and 0: no limit."))
                .into()
        }
        other => setting(other, parts),
    }
}

/// What a setting is in an answer.
pub(crate) fn setting(kind: Kind, parts: &mut Parts) -> RefOr<Schema> {
    let object = || {
        ObjectBuilder::new()
            .schema_type(Type::Object)
            .additional_properties(Some(AdditionalProperties::FreeForm(true)))
    };
    match kind {
        Kind::Switch => ObjectBuilder::new().schema_type(Type::Boolean).into(),
        Kind::Text => text().into(),
        Kind::OptionalText => text().schema_type(SchemaType::from_iter([Type::String, Type::Null])).into(),
        Kind::Role => <Role as FieldType>::schema(parts),
        Kind::TokenLife => text()
            .description(Some("A duration such as 4w, 12h or 30m; -1 and 0 mean without end."))
            .pattern(Some(r"^(-1|0|([0-9]+(\.[0-9]+)?(ms|s|m|h|d|w))+)$"))
            .into(),
        Kind::Number => ObjectBuilder::new().schema_type(Type::Integer).into(),
        Kind::Count => OneOf::builder()
            .item(ObjectBuilder::new().schema_type(Type::Integer).build())
            .item(ObjectBuilder::new().schema_type(Type::String).enum_values(Some([""])).build())
            .description(Some("A number; empty: no limit."))
            .into(),
        Kind::Limit => ObjectBuilder::new()
            .schema_type(SchemaType::from_iter([Type::Integer, Type::Null]))
            .minimum(Some(1))
            .description(Some("A number; null: no limit."))
            .into(),
        Kind::Choice(words) => {
            ObjectBuilder::new().schema_type(Type::String).enum_values(Some(words.to_vec())).into()
        }
        Kind::List => Array::new(schema::empty()).into(),
        Kind::OptionalList => schema::ArrayBuilder::new()
            .schema_type(SchemaType::from_iter([Type::Array, Type::Null]))
            .items(ArrayItems::RefOrSchema(Box::new(schema::empty().into())))
            .into(),
        Kind::Object => object().into(),
        Kind::Translations => object()
            .description(Some("Languages, each with texts and their translations."))
            .additional_properties(Some(AdditionalProperties::RefOr(
                object()
                    .additional_properties(Some(AdditionalProperties::RefOr(
                        ObjectBuilder::new().schema_type(Type::String).build().into(),
                    )))
                    .build()
                    .into(),
            )))
            .into(),
    }
}
