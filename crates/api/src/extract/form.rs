//! Forms: what a body is made of, written once.

use rosterd_app::AppError;
use rosterd_domain::field_error::FieldError;
use utoipa::ToSchema;
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{AdditionalProperties, Schema};

use super::cargo::Cargo;
use super::field::Field;
use super::field_type::{Fault, FieldType, Parts};
use super::fields::Fields;
use super::values::reference;
use crate::error::ApiError;

/// What a body can be read as.
pub(crate) trait Form: ToSchema + Sized + Send + 'static {
    /// What may be inside, which decides how large the body may be.
    const CARRIES: Cargo = Cargo::Fields;

    /// Reads a valid JSON text.
    ///
    /// # Errors
    /// [`ApiError::Validation`] with every field that is wrong.
    fn read(json: &str) -> Result<Self, ApiError>;
}

/// Makes a struct a form. Each field is read, and described in the document, as its type says ([`Field`]); the comments
/// become descriptions. Faults come in the order of the fields.
///
/// ```ignore
/// form! {
///     /// An account to be opened.
///     pub(crate) struct AccountForm {
///         /// The name others see.
///         name: UserName,
///         /// The picture; `/user.png` when absent.
///         profile_image_url: Option<PictureUrl>,
///     }
/// }
/// ```
macro_rules! form {
    (
        $(#[doc = $about:literal])*
        $(#[expect($($lint:tt)*)])?
        $visibility:vis struct $name:ident {
            $($(#[doc = $doc:literal])* $field:ident: $type:ty,)+
        }
    ) => {
        $(#[doc = $about])*
        $(#[expect($($lint)*)])?
        #[derive(Debug)]
        $visibility struct $name {
            $($(#[doc = $doc])* pub(crate) $field: $type,)+
        }

        impl $crate::extract::Field for $name {
            const CARRIES: $crate::extract::Cargo = {
                let cargo = $crate::extract::Cargo::Fields;
                $(let cargo = cargo.or(<$type as $crate::extract::Field>::CARRIES);)+
                cargo
            };

            fn take(fields: &mut $crate::extract::Fields, _name: &'static str) -> Option<Self> {
                // All of them are read before one is missed, so that every fault is told.
                $(let $field = <$type as $crate::extract::Field>::take(fields, stringify!($field));)+
                Some(Self { $($field: $field?,)+ })
            }

            fn describe(shape: &mut $crate::extract::FormShape, _name: &str, _about: &str) {
                $(<$type as $crate::extract::Field>::describe(shape, stringify!($field), concat!($($doc),*));)+
            }
        }

        impl $crate::extract::Form for $name {
            const CARRIES: $crate::extract::Cargo = <Self as $crate::extract::Field>::CARRIES;

            fn read(json: &str) -> Result<Self, $crate::error::ApiError> {
                let mut fields = $crate::extract::Fields::of_body(json)?;
                let form = <Self as $crate::extract::Field>::take(&mut fields, "");
                fields.finish(form)
            }
        }

        impl utoipa::PartialSchema for $name {
            fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
                let mut shape = $crate::extract::FormShape::default();
                <Self as $crate::extract::Field>::describe(&mut shape, "", "");
                shape.finish(concat!($($about),*))
            }
        }

        impl utoipa::ToSchema for $name {
            fn name() -> std::borrow::Cow<'static, str> {
                stringify!($name).into()
            }

            fn schemas(schemas: &mut $crate::extract::Parts) {
                let mut shape = $crate::extract::FormShape::default();
                <Self as $crate::extract::Field>::describe(&mut shape, "", "");
                schemas.append(&mut shape.parts);
            }
        }
    };
}

pub(crate) use form;

/// A form for something new: what would wait for what is stored is told at once.
#[derive(Debug)]
pub(crate) struct New<F>(pub(crate) F);

impl<F: Form + Field> Form for New<F> {
    const CARRIES: Cargo = <F as Form>::CARRIES;

    fn read(json: &str) -> Result<Self, ApiError> {
        let mut fields = Fields::of_body(json)?;
        let form = F::take(&mut fields, "");
        fields.finish_new(form).map(Self)
    }
}

impl<F: ToSchema> utoipa::PartialSchema for New<F> {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
        F::schema()
    }
}

impl<F: ToSchema> ToSchema for New<F> {
    fn name() -> std::borrow::Cow<'static, str> {
        F::name()
    }

    fn schemas(schemas: &mut super::Parts) {
        F::schemas(schemas);
    }
}

/// A form for something new that has no other fields than its own: what somebody sends by another name is not left out
/// without a word, since it may have been meant to limit something.
#[derive(Debug)]
pub(crate) struct Strict<F>(pub(crate) F);

impl<F: Form + Field> Form for Strict<F> {
    const CARRIES: Cargo = <F as Form>::CARRIES;

    fn read(json: &str) -> Result<Self, ApiError> {
        let mut fields = Fields::of_body(json)?;
        let form = F::take(&mut fields, "");
        fields.refuse_unknown();
        fields.finish_new(form).map(Self)
    }
}

impl<F: ToSchema> utoipa::PartialSchema for Strict<F> {
    fn schema() -> RefOr<Schema> {
        match F::schema() {
            RefOr::T(Schema::Object(mut object)) => {
                object.additional_properties = Some(Box::new(AdditionalProperties::FreeForm(false)));
                object.into()
            }
            other => other,
        }
    }
}

impl<F: ToSchema> ToSchema for Strict<F> {
    fn name() -> std::borrow::Cow<'static, str> {
        F::name()
    }

    fn schemas(schemas: &mut super::Parts) {
        F::schemas(schemas);
    }
}

/// A form as the value of a field: an object within the object, which has no other fields than its own. Its faults are told
/// with those of the form around it, which must be for something new ([`Strict`], [`New`]).
#[derive(Debug)]
pub(crate) struct Inner<F>(Result<F, Vec<FieldError>>);

impl<F> Inner<F> {
    /// The form; `None` where it has faults, which the form around it was refused for.
    pub(crate) fn into_form(self) -> Option<F> {
        self.0.ok()
    }
}

impl<F: Form + Field> FieldType for Inner<F> {
    const CARRIES: Cargo = <F as Form>::CARRIES;

    fn read(json: &str) -> Result<Self, Fault> {
        match Strict::<F>::read(json) {
            Ok(Strict(form)) => Ok(Self(Ok(form))),
            Err(ApiError::App(AppError::Validation(faults))) if faults.iter().all(|it| it.loc.len() > 1) => {
                Ok(Self(Err(faults)))
            }
            Err(_no_object) => Err(Fault::new("dict_type", "An object is needed.")),
        }
    }

    fn waits(&self, name: &'static str) -> Vec<FieldError> {
        let mut faults = self.0.as_ref().err().cloned().unwrap_or_default();
        for fault in &mut faults {
            fault.loc.insert(1, name.into());
        }
        faults
    }

    fn schema(parts: &mut Parts) -> RefOr<Schema> {
        reference::<Strict<F>>(parts)
    }
}

#[cfg(test)]
mod tests {
    use rosterd_domain::name::UserName;
    use rosterd_domain::role::Role;

    use super::super::{AsStored, Sent, Text};
    use super::*;

    form! {
        /// For these tests.
        struct Sample {
            /// One of three.
            role: AsStored<Role>,
            /// A name.
            name: AsStored<UserName>,
            /// A text.
            email: String,
            /// A text or null.
            bio: Sent<Text<3>>,
        }
    }

    form! {
        /// With all of the other.
        struct Wider {
            /// The other.
            sample: Sample,
            /// A second.
            second: Option<String>,
        }
    }

    fn faults<F: Form + std::fmt::Debug>(json: &str) -> Vec<String> {
        let Err(ApiError::App(AppError::Validation(faults))) = F::read(json) else {
            panic!("faults are wanted")
        };
        faults.iter().map(|FieldError { kind, loc, .. }| format!("{kind} {}", loc.join("/"))).collect()
    }

    #[test]
    fn every_fault_is_told_in_the_order_of_the_fields() {
        assert_eq!(
            faults::<Wider>(r#"{"second": 1, "bio": [], "name": 7, "email": null}"#),
            [
                "missing body/role",
                "string_type body/name",
                "string_type body/email",
                "string_type body/bio",
                "string_type body/second"
            ]
        );
        assert_eq!(faults::<Wider>("[]"), ["dict_type body"]);
    }

    #[test]
    fn faults_that_wait_are_told_beside_others_and_of_what_is_new() {
        let json = r#"{"role": "king", "name": "", "email": "x", "bio": "long"}"#;
        let form = Sample::read(json).unwrap();
        assert_eq!((form.role.text.as_str(), form.name.text.as_str()), ("king", ""));
        assert_eq!(form.email, "x");
        let waiting = ["value_error body/role", "value_error body/name"];
        assert_eq!(faults::<New<Sample>>(json), waiting);
        let beside = faults::<Sample>(r#"{"role": "king", "name": ""}"#);
        assert_eq!(beside, ["missing body/email", waiting[0], waiting[1]]);
    }

    #[test]
    fn a_strict_form_has_no_other_fields() {
        let right = r#""role": "user", "name": "n", "email": "e""#;
        assert_eq!(Strict::<Sample>::read(&format!("{{{right}}}")).unwrap().0.email, "e");
        let json = format!(r#"{{"nmae": 1, {right}, "": 2}}"#);
        assert_eq!(faults::<Strict<Sample>>(&json), ["extra_forbidden body/nmae", "extra_forbidden body/"]);
        let schema = serde_json::to_value(<Strict<Sample> as utoipa::PartialSchema>::schema()).unwrap();
        assert_eq!(schema["additionalProperties"], false);
    }

    form! {
        /// With the other inside.
        struct Outer {
            /// The other, as an object.
            sample: Option<Inner<Sample>>,
            /// A second.
            second: String,
        }
    }

    #[test]
    fn the_faults_of_a_form_within_a_form_say_where_they_are() {
        let inside = r#"{"role": "user", "name": "n", "email": "e"}"#;
        let outer = Strict::<Outer>::read(&format!(r#"{{"second": "s", "sample": {inside}}}"#)).unwrap().0;
        assert_eq!(outer.second, "s");
        assert_eq!(outer.sample.unwrap().into_form().unwrap().email, "e");
        let json = r#"{"sample": {"role": "king", "name": "n", "mail": 1}}"#;
        assert_eq!(
            faults::<Strict<Outer>>(json),
            [
                "missing body/second",
                "missing body/sample/email",
                "extra_forbidden body/sample/mail",
                "value_error body/sample/role"
            ]
        );
        assert_eq!(faults::<Strict<Outer>>(r#"{"second": "s", "sample": 7}"#), ["dict_type body/sample"]);
    }

    #[test]
    fn absent_null_and_value_are_three_things() {
        let bio = |bio: &str| {
            let json = format!(r#"{{"role": "user", "name": "n", "email": "e"{bio}}}"#);
            Wider::read(&json).unwrap().sample.bio
        };
        assert_eq!(bio(""), Sent::Absent);
        assert_eq!(bio(r#", "bio": null"#), Sent::Null);
        assert_eq!(bio(r#", "bio": "hi""#), Sent::Value(Text("hi".to_owned())));
        let second = |json: &str| Wider::read(json).unwrap().second;
        let sample = r#""role": "user", "name": "n", "email": "e""#;
        assert_eq!(second(&format!("{{{sample}, \"second\": null}}")), None);
        assert_eq!(second(&format!("{{{sample}, \"second\": \"x\"}}")), Some("x".to_owned()));
    }

    #[test]
    fn the_schema_is_that_of_the_fields() {
        let schema = serde_json::to_value(<Wider as utoipa::PartialSchema>::schema()).unwrap();
        assert_eq!(schema["description"], "With all of the other.");
        assert_eq!(schema["required"], serde_json::json!(["role", "name", "email"]));
        let keys: Vec<_> = schema["properties"].as_object().unwrap().keys().collect();
        assert_eq!(keys, ["role", "name", "email", "bio", "second"]);
        assert_eq!(schema["properties"]["bio"]["type"], serde_json::json!(["string", "null"]));
        assert_eq!(schema["properties"]["bio"]["maxLength"], 3);
        assert_eq!(schema["properties"]["email"]["description"], "A text.");
    }
}
