//! The default template of permissions as it is sent.

use std::borrow::Cow;

use rosterd_domain::permissions::{OPEN_WEBUI_0_6, OPEN_WEBUI_0_12};
use serde_json::Value;
use utoipa::openapi::schema::{AdditionalProperties, AnyOfBuilder, ObjectBuilder, Schema, Type};
use utoipa::openapi::{Ref, RefOr};
use utoipa::{PartialSchema, ToSchema};

use crate::error::ApiError;
use crate::extract::{Form, Parts};

/// The template as it is sent: which sections it must have, the database's dialect says.
#[derive(Debug)]
pub(crate) struct UserPermissionsForm(pub(super) Value);

impl Form for UserPermissionsForm {
    fn read(json: &str) -> Result<Self, ApiError> {
        serde_json::from_str(json).map(Self).map_err(|why| {
            ApiError::field("json_invalid", &["body"], format!("The body cannot be read: {why}."))
        })
    }
}

impl ToSchema for UserPermissionsForm {
    fn name() -> Cow<'static, str> {
        "UserPermissionsForm".into()
    }

    fn schemas(schemas: &mut Parts) {
        schemas.push((LenientFlag::name().into_owned(), LenientFlag::schema()));
    }
}

impl PartialSchema for UserPermissionsForm {
    fn schema() -> RefOr<Schema> {
        let mut form = ObjectBuilder::new()
            .schema_type(Type::Object)
            .description(Some(
                "The default template as it is sent: all sections, any of their keys. A database of Open WebUI 0.6 has \
                 four sections; any other needs `access_grants` and `settings` too.",
            ));
        for section in OPEN_WEBUI_0_12.sections() {
            let mut keys = ObjectBuilder::new()
                .schema_type(Type::Object)
                .additional_properties(Some(AdditionalProperties::FreeForm(true)));
            for right in OPEN_WEBUI_0_12.of_section(section) {
                keys = keys.property(right.key, Ref::from_schema_name(LenientFlag::name()));
            }
            form = form.property(section.name, keys);
            if OPEN_WEBUI_0_6.sections().any(|older| older.name == section.name) {
                form = form.required(section.name);
            }
        }
        form.into()
    }
}

/// The schema of what passes for a boolean where a template is written.
enum LenientFlag {}

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
