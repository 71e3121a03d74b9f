//! The schema of the template, which follows the table of rights.

use std::borrow::Cow;

use utoipa::openapi::schema::{ObjectBuilder, Schema, Type};
use utoipa::openapi::{Ref, RefOr};
use utoipa::{PartialSchema, ToSchema};

use super::right::Section;
use super::rights::OPEN_WEBUI_0_12;
use super::user_permissions::UserPermissions;

impl PartialSchema for UserPermissions {
    fn schema() -> RefOr<Schema> {
        let mut template = ObjectBuilder::new().schema_type(Type::Object).description(Some(
            "The known rights, with a value for each. The keys come in the order in which `Open WebUI` shows them.",
        ));
        for section in OPEN_WEBUI_0_12.sections() {
            let mut rights = Ref::from_schema_name(section.schema);
            rights.description = format!("Section `{}`.", section.name);
            template = template.property(section.name, rights).required(section.name);
        }
        template.into()
    }
}

impl ToSchema for UserPermissions {
    fn name() -> Cow<'static, str> {
        Cow::Borrowed("UserPermissions")
    }

    fn schemas(schemas: &mut Vec<(String, RefOr<Schema>)>) {
        let sections = OPEN_WEBUI_0_12.sections();
        schemas.extend(sections.map(|section| (section.schema.to_owned(), schema_of(section))));
    }
}

fn schema_of(section: &'static Section) -> RefOr<Schema> {
    let mut object = ObjectBuilder::new().schema_type(Type::Object).description(Some(section.about));
    for right in OPEN_WEBUI_0_12.of_section(section) {
        let flag = ObjectBuilder::new().schema_type(Type::Boolean).description(Some(right.about));
        object = object.property(right.key, flag).required(right.key);
    }
    object.into()
}
