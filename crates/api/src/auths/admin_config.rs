//! The settings of the stored configuration on the wire: read, answered and described by their one table.

use std::borrow::Cow;

use rosterd_app::stored_config::{Key, Kind};
use rosterd_domain::field_error::FieldError;
use rosterd_domain::role::Role;
use serde::Serialize;
use serde_json::{Map, Value};
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{self, AdditionalProperties, Array, ObjectBuilder, Schema, SchemaType, Type};
use utoipa::{PartialSchema, ToSchema};

use crate::error::ApiError;
use crate::extract::{FieldType, Form, Parts, object};

/// Every setting, all of them there.
#[derive(Debug, Serialize)]
pub(crate) struct AdminConfig(pub(super) Map<String, Value>);

/// Every setting, those that Open WebUI's admin page knows there, the others where they were sent.
#[derive(Debug, Serialize)]
pub(crate) struct AdminConfigUpdated(pub(super) Map<String, Value>);

/// New values. Keys that are not sent stay as they are; unknown keys are ignored.
#[derive(Debug)]
pub(crate) struct AdminConfigForm(pub(super) Vec<(Key, Value)>);

impl Form for AdminConfigForm {
    fn read(json: &str) -> Result<Self, ApiError> {
        let sent = object(json)?;
        let (mut values, mut faults) = (Vec::new(), Vec::new());
        for key in Key::of_form() {
            let Some(raw) = sent.get(key.wire()) else { continue };
            match serde_json::from_str(raw.get()) {
                Ok(value) => match key.fault(&value) {
                    None => values.push((key, value)),
                    Some(fault) => faults.push(FieldError::new("value_error", &["body", key.wire()], fault)),
                },
                Err(why) => faults.push(FieldError::new("json_type", &["body", key.wire()], why.to_string())),
            }
        }
        if faults.is_empty() { Ok(Self(values)) } else { Err(ApiError::validation(faults)) }
    }
}

macro_rules! described {
    ($($name:ident, $about:literal, $required:expr;)+) => {$(
        impl PartialSchema for $name {
            fn schema() -> RefOr<Schema> {
                settings($about, $required, &mut Parts::new())
            }
        }

        impl ToSchema for $name {
            fn name() -> Cow<'static, str> {
                stringify!($name).into()
            }

            fn schemas(schemas: &mut Parts) {
                settings($about, $required, schemas);
            }
        }
    )+};
}

described! {
    AdminConfig, "The settings in the database.", |_key| true;
    AdminConfigUpdated, "The settings that Open WebUI's admin page knows, and those that were sent.", Key::is_always_shown;
    AdminConfigForm, "Settings to change; those that are not sent stay.", |_key| false;
}

fn settings(description: &str, required: impl Fn(Key) -> bool, parts: &mut Parts) -> RefOr<Schema> {
    let mut object = ObjectBuilder::new().schema_type(Type::Object).description(Some(description));
    for key in Key::of_form() {
        object = object.property(key.wire(), setting(key.kind(), parts));
        if required(key) {
            object = object.required(key.wire());
        }
    }
    object.into()
}

fn setting(kind: Kind, parts: &mut Parts) -> RefOr<Schema> {
    let text = || ObjectBuilder::new().schema_type(Type::String).pattern(Some(r"^[^\x00]*$"));
    match kind {
        Kind::Switch => ObjectBuilder::new().schema_type(Type::Boolean).into(),
        Kind::Text => text().into(),
        Kind::OptionalText => text().schema_type(SchemaType::from_iter([Type::String, Type::Null])).into(),
        Kind::Role => <Role as FieldType>::schema(parts),
        Kind::TokenLife => text()
            .description(Some("A duration such as 4w, 12h or 30m; -1 and 0 mean without end."))
            .pattern(Some(r"^(-1|0|([1-9][0-9]{0,3}(s|m|h|d|w))+)$"))
            .into(),
        Kind::Number => ObjectBuilder::new().schema_type(Type::Integer).into(),
        Kind::List => Array::new(schema::empty()).into(),
        Kind::Object => ObjectBuilder::new()
            .schema_type(Type::Object)
            .additional_properties(Some(AdditionalProperties::FreeForm(true)))
            .into(),
    }
}
