//! Schemas that follow tables of the server: the settings of the stored configuration, and the known permissions.

use std::borrow::Cow;

use rosterd_domain::permissions::OPEN_WEBUI_0_6;
use serde::Serialize;
use serde_json::{Map, Value};
use utoipa::openapi::schema::{
    self, AdditionalProperties, AnyOfBuilder, Array, ObjectBuilder, Schema, SchemaType, Type,
};
use utoipa::openapi::{Ref, RefOr};
use utoipa::{PartialSchema, ToSchema};

use rosterd_app::stored_config::{Key, Kind};

use crate::schemas::Role;

/// Every setting, all of them there.
#[derive(Debug, Serialize)]
pub(crate) struct AdminConfig(pub(crate) Map<String, Value>);

/// Every setting, those that Open WebUI's admin page knows there, the others where they were sent.
#[derive(Debug, Serialize)]
pub(crate) struct AdminConfigUpdated(pub(crate) Map<String, Value>);

/// Settings to change.
pub(crate) struct AdminConfigForm;

/// The template as it is sent.
pub(crate) struct UserPermissionsForm;

macro_rules! named {
    ($($name:ident),+) => {$(
        impl ToSchema for $name {
            fn name() -> Cow<'static, str> {
                Cow::Borrowed(stringify!($name))
            }

            fn schemas(schemas: &mut Vec<(String, RefOr<Schema>)>) {
                // What settings refer to.
                schemas.push((Role::name().into_owned(), Role::schema()));
                schemas.push((LenientFlag::name().into_owned(), LenientFlag::schema()));
            }
        }
    )+};
}

named!(AdminConfig, AdminConfigUpdated, AdminConfigForm, UserPermissionsForm);

impl PartialSchema for AdminConfig {
    fn schema() -> RefOr<Schema> {
        settings("The settings in the database.", |_key| true)
    }
}

impl PartialSchema for AdminConfigUpdated {
    fn schema() -> RefOr<Schema> {
        settings(
            "The settings that Open WebUI's admin page knows, and those that were sent.",
            Key::is_always_shown,
        )
    }
}

impl PartialSchema for AdminConfigForm {
    fn schema() -> RefOr<Schema> {
        settings("Settings to change; those that are not sent stay.", |_key| false)
    }
}

fn settings(description: &str, required: impl Fn(Key) -> bool) -> RefOr<Schema> {
    let mut object = ObjectBuilder::new().schema_type(Type::Object).description(Some(description));
    for key in Key::of_form() {
        object = object.property(key.wire(), setting(key.kind()));
        if required(key) {
            object = object.required(key.wire());
        }
    }
    object.into()
}

fn setting(kind: Kind) -> RefOr<Schema> {
    let text = || ObjectBuilder::new().schema_type(Type::String).pattern(Some(r"^[^\x00]*$"));
    match kind {
        Kind::Switch => ObjectBuilder::new().schema_type(Type::Boolean).into(),
        Kind::Text => text().into(),
        Kind::OptionalText => text().schema_type(SchemaType::from_iter([Type::String, Type::Null])).into(),
        Kind::Role => Ref::from_schema_name("Role").into(),
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

impl PartialSchema for UserPermissionsForm {
    fn schema() -> RefOr<Schema> {
        let mut form = ObjectBuilder::new()
            .schema_type(Type::Object)
            .description(Some("The default template as it is sent: all four sections, any of their keys."));
        for section in OPEN_WEBUI_0_6.sections() {
            let mut keys = ObjectBuilder::new()
                .schema_type(Type::Object)
                .additional_properties(Some(AdditionalProperties::FreeForm(true)));
            for right in section.rights {
                keys = keys.property(right.key, Ref::from_schema_name(LenientFlag::name()));
            }
            form = form.property(section.name, keys).required(section.name);
        }
        form.into()
    }
}

/// What passes for a boolean where a template is written.
struct LenientFlag;

impl ToSchema for LenientFlag {
    fn name() -> Cow<'static, str> {
        Cow::Borrowed("LenientFlag")
    }
}

impl PartialSchema for LenientFlag {
    fn schema() -> RefOr<Schema> {
        const SPELLINGS: &str = "^([Tt][Rr][Uu][Ee]|[Tt]|[Yy]|[Yy][Ee][Ss]|[Oo][Nn]|1\
                                 |[Ff][Aa][Ll][Ss][Ee]|[Ff]|[Nn]|[Nn][Oo]|[Oo][Ff][Ff]|0)$";
        let of = |kind| ObjectBuilder::new().schema_type(kind);
        AnyOfBuilder::new()
            .item(of(Type::Boolean))
            .item(of(Type::Integer).minimum(Some(0)).maximum(Some(1)))
            .item(of(Type::String).pattern(Some(SPELLINGS)))
            .description(Some("True or false, in any of the spellings that Open WebUI takes for one."))
            .into()
    }
}
