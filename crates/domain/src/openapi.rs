//! Schemas that no derive can generate. They are written by hand for types whose serde code is written by hand.

use std::borrow::Cow;

use utoipa::openapi::schema::{
    AdditionalProperties, AnyOfBuilder, ArrayBuilder, KnownFormat, ObjectBuilder, OneOfBuilder, Schema,
    SchemaFormat, SchemaType, Type,
};
use utoipa::openapi::{Ref, RefOr};
use utoipa::{PartialSchema, ToSchema};

use crate::json::JsonText;
use crate::list::{Listed, UserPage};
use crate::permissions::{EffectivePermissions, Node, PermissionTree, UserPermissions};
use crate::role::Role;

impl PartialSchema for Role {
    /// Any text may stand in a database, so the three roles are what is meant, not all that can be seen.
    fn schema() -> RefOr<Schema> {
        let known =
            ObjectBuilder::new().schema_type(Type::String).enum_values(Some(["pending", "user", "admin"]));
        AnyOfBuilder::new()
            .item(known)
            .item(ObjectBuilder::new().schema_type(Type::String))
            .description(Some(
                "`pending`, `user` or `admin`. A database that another program writes to may hold another text: it is \
                 shown as it is and gives no rights.",
            ))
            .into()
    }
}

impl ToSchema for Role {
    fn name() -> Cow<'static, str> {
        Cow::Borrowed("StoredRole")
    }
}

impl PartialSchema for JsonText {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(SchemaType::new(Type::Object))
            .additional_properties(Some(AdditionalProperties::FreeForm(true)))
            .description(Some("An object that belongs to the front end and is stored as it is."))
            .into()
    }
}

impl ToSchema for JsonText {
    fn name() -> Cow<'static, str> {
        Cow::Borrowed("JsonDocument")
    }
}

/// By hand: a derive would name the list after its type in Rust.
impl<T: Listed + ToSchema> PartialSchema for UserPage<T> {
    fn schema() -> RefOr<Schema> {
        let users = ArrayBuilder::new()
            .items(Ref::from_schema_name(T::name()))
            .description(Some("The users, in the order asked for."));
        let total = ObjectBuilder::new()
            .schema_type(Type::Integer)
            .format(Some(SchemaFormat::KnownFormat(KnownFormat::Int64)))
            .minimum(Some(0))
            .description(Some("The total number of matches."));
        let next_cursor = ObjectBuilder::new().schema_type(Type::String).description(Some(
            "Where the next page begins. Present if the request had `limit` or `cursor` and there may be more rows.",
        ));
        ObjectBuilder::new()
            .description(Some("A list page of users, and the total number of matches."))
            .property("users", users)
            .property("total", total)
            .property("next_cursor", next_cursor)
            .required("users")
            .required("total")
            .into()
    }
}

impl<T: Listed + ToSchema> ToSchema for UserPage<T> {
    fn name() -> Cow<'static, str> {
        Cow::Borrowed(T::LIST)
    }

    fn schemas(schemas: &mut Vec<(String, RefOr<Schema>)>) {
        schemas.push((T::name().into_owned(), T::schema()));
        T::schemas(schemas);
    }
}

/// The same keys as the template, and whatever groups know beyond it.
impl PartialSchema for EffectivePermissions {
    fn schema() -> RefOr<Schema> {
        UserPermissions::schema()
    }
}

impl ToSchema for EffectivePermissions {
    fn name() -> Cow<'static, str> {
        UserPermissions::name()
    }

    fn schemas(schemas: &mut Vec<(String, RefOr<Schema>)>) {
        UserPermissions::schemas(schemas);
    }
}

impl PartialSchema for PermissionTree {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(SchemaType::new(Type::Object))
            .additional_properties(Some(Ref::from_schema_name(Node::name())))
            .description(Some("Rights by key; sections may hold sections."))
            .into()
    }
}

impl ToSchema for PermissionTree {
    fn name() -> Cow<'static, str> {
        Cow::Borrowed("PermissionTree")
    }

    fn schemas(schemas: &mut Vec<(String, RefOr<Schema>)>) {
        schemas.push((Node::name().into_owned(), Node::schema()));
    }
}

impl PartialSchema for Node {
    fn schema() -> RefOr<Schema> {
        OneOfBuilder::new()
            .item(
                ObjectBuilder::new()
                    .schema_type(SchemaType::new(Type::Boolean))
                    .description(Some("A right.")),
            )
            .item(Ref::from_schema_name(PermissionTree::name()))
            .description(Some("A right, given or not, or a section of rights."))
            .into()
    }
}

impl ToSchema for Node {
    fn name() -> Cow<'static, str> {
        Cow::Borrowed("PermissionNode")
    }
}
