//! The types that fields of forms can have.

use std::marker::PhantomData;

use chrono::NaiveDate;
use rosterd_domain::clock::UnixSeconds;
use rosterd_domain::error::DomainError;
use rosterd_domain::field_error::{FieldError, faults_of};
use rosterd_domain::group::GroupName;
use rosterd_domain::ids::UserId;
use rosterd_domain::json::JsonText;
use rosterd_domain::list::AccountStatus;
use rosterd_domain::name::{MAX_NAME, UserName};
use rosterd_domain::profile_image::ProfileImageUrl;
use rosterd_domain::role::Role;
use rosterd_domain::rules::user_update;
use rosterd_domain::secret::PlainPassword;
use utoipa::openapi::schema::{Array, KnownFormat, ObjectBuilder, Schema, SchemaFormat, Type};
use utoipa::openapi::{Ref, RefOr};
use utoipa::{PartialSchema, ToSchema};

use super::cargo::Cargo;
use super::field_type::{Fault, FieldType, Parts};

/// Text without U+0000.
const STORABLE: &str = r"^[^\x00]*$";

fn text() -> ObjectBuilder {
    ObjectBuilder::new().schema_type(Type::String)
}

/// A reference to the schema of a type, which is put among `parts`.
pub(crate) fn reference<T: ToSchema>(parts: &mut Parts) -> RefOr<Schema> {
    parts.push((T::name().into_owned(), T::schema()));
    T::schemas(parts);
    Ref::from_schema_name(T::name()).into()
}

impl FieldType for String {
    fn read(json: &str) -> Result<Self, Fault> {
        let fault = |message| Fault::new("string_type", message);
        let text: Self = serde_json::from_str(json).map_err(|_why| fault("A text is needed."))?;
        // PostgreSQL cannot hold it, and nobody means it.
        if text.contains('\0') { Err(fault("A text may not hold the NUL character.")) } else { Ok(text) }
    }

    fn schema(_parts: &mut Parts) -> RefOr<Schema> {
        text().pattern(Some(STORABLE)).into()
    }
}

impl FieldType for bool {
    fn read(json: &str) -> Result<Self, Fault> {
        serde_json::from_str(json).map_err(|_why| Fault::new("bool_type", "True or false is needed."))
    }

    fn schema(_parts: &mut Parts) -> RefOr<Schema> {
        ObjectBuilder::new().schema_type(Type::Boolean).into()
    }
}

/// Text of at most `MAX` characters. Longer text is read: it may be what is stored, so the rule decides.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Text<const MAX: usize>(pub(crate) String);

impl<const MAX: usize> FieldType for Text<MAX> {
    fn read(json: &str) -> Result<Self, Fault> {
        String::read(json).map(Self)
    }

    fn schema(_parts: &mut Parts) -> RefOr<Schema> {
        text().max_length(Some(MAX)).pattern(Some(STORABLE)).into()
    }
}

/// A whole number may be written as one with a fraction of nothing (`7.0`, `1e3`), as languages without integers do.
impl FieldType for UnixSeconds {
    fn read(json: &str) -> Result<Self, Fault> {
        /// Every `f64` below is an `i64`.
        const END: f64 = 9_223_372_036_854_775_808.0;
        let by_float =
            || serde_json::from_str::<f64>(json).ok().filter(|it| it.fract() == 0.0 && it.abs() < END);
        #[expect(clippy::cast_possible_truncation, reason = "it is whole and within bounds")]
        let number = serde_json::from_str(json).ok().or_else(|| by_float().map(|float| float as Self));
        number.ok_or_else(|| Fault::new("int_type", "A whole number is needed."))
    }

    fn schema(parts: &mut Parts) -> RefOr<Schema> {
        reference::<Self>(parts)
    }
}

/// One of the three that can be given (rule R1).
impl FieldType for Role {
    fn read(json: &str) -> Result<Self, Fault> {
        let fault = |message: String| Fault::new("enum", message);
        let text = String::read(json).map_err(|why| fault(why.message))?;
        Self::parse(&text).ok_or_else(|| fault("A role is pending, user or admin.".to_owned()))
    }

    fn schema(parts: &mut Parts) -> RefOr<Schema> {
        reference::<GivenRole>(parts)
    }
}

/// Whether an account is suspended, by its name.
impl FieldType for AccountStatus {
    fn read(json: &str) -> Result<Self, Fault> {
        let text = String::read(json).map_err(|why| Fault::new("enum", why.message))?;
        Self::parse(&text).ok_or_else(|| Fault::new("enum", "A status is active or suspended."))
    }

    fn schema(_parts: &mut Parts) -> RefOr<Schema> {
        text().enum_values(Some(Self::NAMES.map(|(name, _)| name))).into()
    }
}

/// The schema of the roles that can be given. The one of [`Role`] tells what may be stored.
enum GivenRole {}

impl PartialSchema for GivenRole {
    fn schema() -> RefOr<Schema> {
        text()
            .enum_values(Some(["pending", "user", "admin"]))
            .description(Some("A role that can be given."))
            .into()
    }
}

impl ToSchema for GivenRole {
    fn name() -> std::borrow::Cow<'static, str> {
        "Role".into()
    }
}

/// What a name looks like in the document: no control characters and none that change the direction of text, and one that can
/// be seen.
pub(crate) const NAME_PATTERN: &str = concat!(
    r"^[^\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]*",
    r"[^\s\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069",
    r"\xad\u034f\u115f\u1160\u200b-\u200d\u2060-\u206f\u2800\u3164\ufe00-\ufe0f\ufeff\uffa0]",
    r"[^\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]*$",
);

/// The fault of a name that was refused.
pub(crate) fn name_fault(why: DomainError) -> Fault {
    match why {
        DomainError::Field { message, .. } => Fault::new("value_error", format!("A name {message}.")),
        other => Fault::new("value_error", other.to_string()),
    }
}

impl FieldType for UserName {
    fn read(json: &str) -> Result<Self, Fault> {
        let text = String::read(json).map_err(|why| Fault::new("value_error", why.message))?;
        Self::parse(&text).map_err(name_fault)
    }

    fn schema(_parts: &mut Parts) -> RefOr<Schema> {
        text().min_length(Some(1)).max_length(Some(MAX_NAME)).pattern(Some(NAME_PATTERN)).into()
    }
}

impl FieldType for NaiveDate {
    fn read(json: &str) -> Result<Self, Fault> {
        let fault = |message: String| Fault::new("date_type", message);
        let text = String::read(json).map_err(|why| fault(why.message))?;
        Self::parse_from_str(&text, "%Y-%m-%d")
            .map_err(|_why| fault("A date such as 1990-02-28 is needed.".to_owned()))
    }

    fn schema(_parts: &mut Parts) -> RefOr<Schema> {
        text().format(Some(SchemaFormat::KnownFormat(KnownFormat::Date))).into()
    }
}

impl FieldType for PlainPassword {
    fn read(json: &str) -> Result<Self, Fault> {
        let read = serde_json::from_str(json).map(Self::new);
        read.map_err(|_why| Fault::new("string_type", "A text is needed."))
    }

    fn schema(_parts: &mut Parts) -> RefOr<Schema> {
        text().format(Some(SchemaFormat::KnownFormat(KnownFormat::Password))).into()
    }
}

/// Text that no id can be is an unknown id, and those are skipped.
impl FieldType for Vec<UserId> {
    fn read(json: &str) -> Result<Self, Fault> {
        let ids: Vec<String> = serde_json::from_str(json)
            .map_err(|_why| Fault::new("list_type", "A list of texts is needed."))?;
        Ok(ids.iter().filter_map(|id| UserId::parse(id).ok()).collect())
    }

    fn schema(_parts: &mut Parts) -> RefOr<Schema> {
        Array::new(text()).into()
    }
}

impl FieldType for ProfileImageUrl {
    const CARRIES: Cargo = Cargo::Image;

    fn read(json: &str) -> Result<Self, Fault> {
        Self::parse(String::read(json)?).map_err(|why| match why {
            DomainError::Field { message, .. } => Fault::new("value_error", message),
            other => Fault::new("value_error", other.to_string()),
        })
    }

    fn schema(parts: &mut Parts) -> RefOr<Schema> {
        reference::<PictureUrl>(parts)
    }
}

/// The schema of a profile image URL that may be stored.
enum PictureUrl {}

impl PartialSchema for PictureUrl {
    fn schema() -> RefOr<Schema> {
        // The first bytes of each type of picture in base64, and after them groups of four characters.
        const URL: &str = concat!(
            r"^(/(static/)?favicon\.png|/user\.png|/api/v1/users/[A-Za-z0-9_-]+/profile/image",
            r"|https?://[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?(:[0-9]{1,4})?([/?#][!-[\]-~]*)?|data:image/(",
            r"png;base64,iVBORw0KGg(o=|[o-r][A-Za-z0-9+/]([A-Za-z0-9+/]{4})*([A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?)",
            r"|jpeg;base64,/9j/([A-Za-z0-9+/]{4})*([A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?",
            r"|gif;base64,R0lGOD[dl]h([A-Za-z0-9+/]{4})*([A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?",
            r"|webp;base64,UklGR[g-v][A-Za-z0-9+/]{4}[BFJNRVZdhlptx159]XRUJQ",
            r"([A-Za-z0-9+/]{4})*([A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?))?$",
        );
        text()
            .pattern(Some(URL))
            .description(Some(
                "What may be stored as a profile image URL (rule N9): nothing, a known path, an http(s) URL with a \
                 host, or a `data:` URI of a PNG, JPEG, GIF or WebP picture.",
            ))
            .into()
    }
}

impl ToSchema for PictureUrl {
    fn name() -> std::borrow::Cow<'static, str> {
        "PictureUrl".into()
    }
}

/// A text that is a `T`, or else what is stored already: any text is read, and the use case judges it where it differs.
#[derive(Debug, Clone)]
pub(crate) struct AsStored<T> {
    pub(crate) text: String,
    of: PhantomData<fn() -> T>,
}

/// What such a text must be where it is new.
pub(crate) trait Judged {
    /// As in [`FieldType`].
    const CARRIES: Cargo = Cargo::Fields;

    /// What is wrong with a new one.
    ///
    /// # Errors
    /// [`DomainError::Field`] at the field's name.
    fn judge(text: &str) -> Result<(), DomainError>;

    /// As in [`FieldType`].
    fn schema(parts: &mut Parts) -> RefOr<Schema>;
}

impl<T: Judged> FieldType for AsStored<T> {
    const CARRIES: Cargo = T::CARRIES;

    fn read(json: &str) -> Result<Self, Fault> {
        String::read(json).map(|text| Self { text, of: PhantomData })
    }

    fn waits(&self, _name: &'static str) -> Vec<FieldError> {
        faults_of(&[], &T::judge(&self.text))
    }

    fn schema(parts: &mut Parts) -> RefOr<Schema> {
        T::schema(parts)
    }
}

impl Judged for Role {
    fn judge(text: &str) -> Result<(), DomainError> {
        user_update::role(text, None).map(|_role| ())
    }

    fn schema(parts: &mut Parts) -> RefOr<Schema> {
        <Self as FieldType>::schema(parts)
    }
}

impl Judged for UserName {
    fn judge(text: &str) -> Result<(), DomainError> {
        Self::parse(text).map(|_name| ())
    }

    fn schema(parts: &mut Parts) -> RefOr<Schema> {
        <Self as FieldType>::schema(parts)
    }
}

impl Judged for GroupName {
    fn judge(text: &str) -> Result<(), DomainError> {
        Self::parse(text).map(|_name| ())
    }

    fn schema(parts: &mut Parts) -> RefOr<Schema> {
        Text::<MAX_NAME>::schema(parts)
    }
}

impl Judged for ProfileImageUrl {
    const CARRIES: Cargo = <Self as FieldType>::CARRIES;

    /// A picture is judged beside what is stored only, since it may be the path of the one that is.
    fn judge(_text: &str) -> Result<(), DomainError> {
        Ok(())
    }

    fn schema(parts: &mut Parts) -> RefOr<Schema> {
        <Self as FieldType>::schema(parts)
    }
}

/// A document that belongs to the front end: its text stays as it is.
impl FieldType for JsonText {
    fn read(json: &str) -> Result<Self, Fault> {
        Ok(Self::from_stored(json.to_owned()))
    }

    fn schema(parts: &mut Parts) -> RefOr<Schema> {
        reference::<Self>(parts)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_whole_number_may_be_written_as_a_float() {
        for (json, number) in [("7", 7), ("-7.0", -7), ("1e3", 1000), ("9223372036854775807", i64::MAX)] {
            assert_eq!(i64::read(json), Ok(number), "{json}");
        }
        for json in ["7.5", "9223372036854775808", "1e19", "\"7\"", "true", "null"] {
            assert!(i64::read(json).is_err(), "{json}");
        }
    }

    #[test]
    fn a_nul_character_is_refused() {
        assert!(String::read(r#""a\u0000b""#).is_err());
    }

    #[test]
    fn r1_other_roles_are_refused() {
        assert!(Role::read(r#""superuser""#).is_err());
        assert!(Role::read(r#""admin""#).is_ok());
    }
}
