//! A field of a form: how it is read, and how the document describes it. Both come from its type.

use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{AdditionalProperties, ObjectBuilder, OneOfBuilder, Schema, SchemaType, Type};

use super::cargo::Cargo;
use super::field_type::{FieldType, Parts};
use super::fields::{Fields, Sent};

/// A field of a form. `T` must be sent, `Option<T>` may be absent or null, and [`Sent<T>`] tells these two apart. A form
/// within a form brings its fields.
pub(crate) trait Field: Sized {
    /// What it makes a body large with.
    const CARRIES: Cargo;

    /// Reads it; `None` when it is wrong, which `fields` then knows.
    fn take(fields: &mut Fields, name: &'static str) -> Option<Self>;

    /// Puts it into the schema of its form.
    fn describe(shape: &mut FormShape, name: &str, about: &str);
}

impl<T: FieldType> Field for T {
    const CARRIES: Cargo = T::CARRIES;

    fn take(fields: &mut Fields, name: &'static str) -> Option<Self> {
        fields.required(name)
    }

    fn describe(shape: &mut FormShape, name: &str, about: &str) {
        let schema = T::schema(&mut shape.parts);
        shape.put(name, described(schema, about), true);
    }
}

impl<T: FieldType> Field for Option<T> {
    const CARRIES: Cargo = T::CARRIES;

    fn take(fields: &mut Fields, name: &'static str) -> Option<Self> {
        fields.patch(name).map(|sent| match sent {
            Sent::Absent | Sent::Null => None,
            Sent::Value(value) => Some(value),
        })
    }

    fn describe(shape: &mut FormShape, name: &str, about: &str) {
        let schema = T::schema(&mut shape.parts);
        shape.put(name, nullable(described(schema, about)), false);
    }
}

impl<T: FieldType> Field for Sent<T> {
    const CARRIES: Cargo = T::CARRIES;

    fn take(fields: &mut Fields, name: &'static str) -> Option<Self> {
        fields.patch(name)
    }

    fn describe(shape: &mut FormShape, name: &str, about: &str) {
        Option::<T>::describe(shape, name, about);
    }
}

/// A field that may be absent, which is the empty one, but not null.
#[derive(Debug)]
pub(crate) struct OrEmpty<T>(pub(crate) T);

impl<T: FieldType + Default> Field for OrEmpty<T> {
    const CARRIES: Cargo = T::CARRIES;

    fn take(fields: &mut Fields, name: &'static str) -> Option<Self> {
        fields.or_empty(name).map(Self)
    }

    fn describe(shape: &mut FormShape, name: &str, about: &str) {
        let schema = T::schema(&mut shape.parts);
        shape.put(name, described(schema, about), false);
    }
}

/// The schema of a form, while its fields are put into it.
#[derive(Default)]
pub(crate) struct FormShape {
    object: ObjectBuilder,
    /// What the fields refer to.
    pub(crate) parts: Parts,
}

impl FormShape {
    fn put(&mut self, name: &str, schema: RefOr<Schema>, required: bool) {
        let mut object = std::mem::take(&mut self.object).property(name, schema);
        if required {
            object = object.required(name);
        }
        self.object = object;
    }

    /// The whole, and what it is about.
    pub(crate) fn finish(self, about: &str) -> RefOr<Schema> {
        self.object.schema_type(Type::Object).description(Some(about.trim())).into()
    }

    /// The same, beside whatever else is sent.
    pub(crate) fn finish_open(self, about: &str) -> RefOr<Schema> {
        let object = self.object.schema_type(Type::Object).description(Some(about));
        object.additional_properties(Some(AdditionalProperties::FreeForm(true))).into()
    }
}

/// The same with a description.
fn described(schema: RefOr<Schema>, about: &str) -> RefOr<Schema> {
    let about = about.trim();
    match schema {
        RefOr::Ref(mut reference) => {
            about.clone_into(&mut reference.description);
            RefOr::Ref(reference)
        }
        RefOr::T(Schema::Object(mut object)) => {
            object.description = Some(about.to_owned());
            object.into()
        }
        RefOr::T(Schema::Array(mut array)) => {
            array.description = Some(about.to_owned());
            array.into()
        }
        other @ RefOr::T(_) => other,
    }
}

/// The same, or null.
fn nullable(schema: RefOr<Schema>) -> RefOr<Schema> {
    match schema {
        RefOr::T(Schema::Object(mut object)) => {
            if let SchemaType::Type(of) = object.schema_type {
                object.schema_type = SchemaType::Array(vec![of, Type::Null]);
            }
            object.into()
        }
        other => OneOfBuilder::new().item(other).item(ObjectBuilder::new().schema_type(Type::Null)).into(),
    }
}
