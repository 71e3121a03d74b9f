//! Reading an object field by field, collecting every fault instead of stopping at the first.

use chrono::NaiveDate;
use rosterd_domain::error::DomainError;
use rosterd_domain::field_error::{FieldError, faults_of};
use rosterd_domain::json::{JsonObject, JsonText};
use rosterd_domain::name::UserName;
use rosterd_domain::role::Role;
use rosterd_domain::secret::PlainPassword;
use serde_json::value::RawValue;

use crate::error::ApiError;

/// An object whose fields are being read.
#[derive(Debug)]
pub(crate) struct Fields {
    object: JsonObject,
    faults: Vec<FieldError>,
}

impl Fields {
    /// Opens the object of a body.
    ///
    /// # Errors
    /// 422 at `body` when the text is not an object.
    pub(crate) fn of_body(json: &str) -> Result<Self, ApiError> {
        let object = object(json)?;
        Ok(Self { object, faults: Vec::new() })
    }

    /// A field that must be there and not null.
    pub(crate) fn required<T: FieldType>(&mut self, name: &str) -> Option<T> {
        match self.raw(name) {
            None => {
                self.fault("missing", name, "This field is needed.");
                None
            }
            Some(raw) => self.convert(name, &raw),
        }
    }

    /// A field that may be absent or null.
    pub(crate) fn optional<T: FieldType>(&mut self, name: &str) -> Option<T> {
        self.patch(name).flatten()
    }

    /// A field of a partial update: absent, null and a value are three things.
    #[expect(clippy::option_option, reason = "absent and null mean different things")]
    pub(crate) fn patch<T: FieldType>(&mut self, name: &str) -> Option<Option<T>> {
        let raw = self.raw(name)?;
        if raw.get() == "null" { Some(None) } else { self.convert(name, &raw).map(Some) }
    }

    /// What a rule made of a field; its faults are told with the others.
    pub(crate) fn judged<T>(&mut self, verdict: Result<T, DomainError>) -> Option<T> {
        self.faults.extend(faults_of(&[], &verdict));
        verdict.ok()
    }

    /// Ends the reading of a form some of whose values may be wrong and still stand as they are stored. Their faults are
    /// told here only beside others; alone they wait for what is stored.
    ///
    /// # Errors
    /// 422 with all faults found.
    pub(crate) fn finish_before<T>(
        mut self,
        form: Option<T>,
        waiting: Vec<FieldError>,
    ) -> Result<T, ApiError> {
        match form {
            Some(form) if self.faults.is_empty() => Ok(form),
            _ => {
                self.faults.extend(waiting);
                Err(ApiError::validation(self.faults))
            }
        }
    }

    /// Ends the reading.
    ///
    /// # Errors
    /// 422 with all faults found.
    pub(crate) fn finish<T>(self, form: Option<T>) -> Result<T, ApiError> {
        match form {
            Some(form) if self.faults.is_empty() => Ok(form),
            _ => Err(ApiError::validation(self.faults)),
        }
    }

    fn raw(&self, name: &str) -> Option<Box<RawValue>> {
        self.object.get(name).map(ToOwned::to_owned)
    }

    fn convert<T: FieldType>(&mut self, name: &str, raw: &RawValue) -> Option<T> {
        match T::read(raw.get()) {
            Ok(value) => Some(value),
            Err(fault) => {
                self.fault(T::FAULT, name, &fault);
                None
            }
        }
    }

    fn fault(&mut self, kind: &'static str, name: &str, message: &str) {
        self.faults.push(FieldError::new(kind, &["body", name], message));
    }
}

/// A body that must be an object.
///
/// # Errors
/// 422 at `body`.
pub(crate) fn object(json: &str) -> Result<JsonObject, ApiError> {
    serde_json::from_str(json).map_err(|_why| ApiError::field("dict_type", &["body"], "An object is needed."))
}

/// A type a field can have.
pub(crate) trait FieldType: Sized {
    /// The kind of fault when it does not.
    const FAULT: &'static str;

    /// Reads one JSON value.
    fn read(json: &str) -> Result<Self, String>;
}

impl FieldType for String {
    const FAULT: &'static str = "string_type";

    fn read(json: &str) -> Result<Self, String> {
        let text: Self = serde_json::from_str(json).map_err(|_why| "A text is needed.".to_owned())?;
        // PostgreSQL cannot hold it, and nobody means it.
        if text.contains('\0') { Err("A text may not hold the NUL character.".to_owned()) } else { Ok(text) }
    }
}

impl FieldType for bool {
    const FAULT: &'static str = "bool_type";

    fn read(json: &str) -> Result<Self, String> {
        serde_json::from_str(json).map_err(|_why| "true or false is needed.".to_owned())
    }
}

impl FieldType for i64 {
    const FAULT: &'static str = "int_type";

    /// A whole number may be written as one with a fraction of nothing (`7.0`, `1e3`), as languages without integers
    /// do.
    fn read(json: &str) -> Result<Self, String> {
        /// Every `f64` below is an `i64`.
        const END: f64 = 9_223_372_036_854_775_808.0;
        let by_float =
            || serde_json::from_str::<f64>(json).ok().filter(|it| it.fract() == 0.0 && it.abs() < END);
        #[expect(clippy::cast_possible_truncation, reason = "it is whole and within bounds")]
        let number = serde_json::from_str(json).ok().or_else(|| by_float().map(|float| float as Self));
        number.ok_or_else(|| "A whole number is needed.".to_owned())
    }
}

impl FieldType for Role {
    const FAULT: &'static str = "enum";

    /// Rule R1.
    fn read(json: &str) -> Result<Self, String> {
        let text = String::read(json)?;
        Self::parse(&text).ok_or_else(|| "A role is pending, user or admin.".to_owned())
    }
}

impl FieldType for UserName {
    const FAULT: &'static str = "value_error";

    fn read(json: &str) -> Result<Self, String> {
        Self::parse(&String::read(json)?).map_err(|why| match why {
            DomainError::Field { message, .. } => format!("A name {message}."),
            other => other.to_string(),
        })
    }
}

impl FieldType for NaiveDate {
    const FAULT: &'static str = "date_type";

    fn read(json: &str) -> Result<Self, String> {
        let text = String::read(json)?;
        Self::parse_from_str(&text, "%Y-%m-%d")
            .map_err(|_why| "A date such as 1990-02-28 is needed.".to_owned())
    }
}

impl FieldType for PlainPassword {
    const FAULT: &'static str = "string_type";

    fn read(json: &str) -> Result<Self, String> {
        serde_json::from_str(json).map(Self::new).map_err(|_why| "A text is needed.".to_owned())
    }
}

impl FieldType for Vec<String> {
    const FAULT: &'static str = "list_type";

    fn read(json: &str) -> Result<Self, String> {
        serde_json::from_str(json).map_err(|_why| "A list of texts is needed.".to_owned())
    }
}

impl FieldType for JsonText {
    const FAULT: &'static str = "json_type";

    fn read(json: &str) -> Result<Self, String> {
        Ok(Self::from_stored(json.to_owned()))
    }
}

impl FieldType for JsonObject {
    const FAULT: &'static str = "dict_type";

    fn read(json: &str) -> Result<Self, String> {
        serde_json::from_str(json).map_err(|_why| "An object is needed.".to_owned())
    }
}

#[cfg(test)]
mod tests {
    use rosterd_app::AppError;

    use super::*;

    #[test]
    fn every_offending_field_is_named() {
        let mut fields = Fields::of_body(r#"{"name": 7, "email": null}"#).unwrap();
        let _ = (
            fields.required::<Role>("role"),
            fields.required::<String>("name"),
            fields.required::<String>("email"),
        );
        let Err(ApiError::App(AppError::Validation(faults))) = fields.finish(Some(())) else {
            panic!("faults are wanted")
        };
        let named: Vec<_> = faults.iter().map(|fault| fault.loc[1].as_ref()).collect();
        assert_eq!(named, ["role", "name", "email"]);
    }

    #[test]
    fn faults_that_wait_are_told_beside_others_alone() {
        let fine = Fields::of_body("{}").unwrap();
        let waits = vec![FieldError::new("value_error", &["body", "name"], "")];
        assert!(fine.finish_before(Some(()), waits).is_ok());

        let mut fields = Fields::of_body(r#"{"permissions": {"chat": 1, "zoo": {"fly": 2}}}"#).unwrap();
        let wrong = vec![
            (vec!["chat".to_owned()], String::new()),
            (vec!["zoo".to_owned(), "fly".to_owned()], String::new()),
        ];
        let waiting = faults_of::<()>(&["permissions"], &Err(DomainError::Fields(wrong)));
        let _ = fields.required::<String>("name");
        let Err(ApiError::App(AppError::Validation(faults))) = fields.finish_before(Some(()), waiting) else {
            panic!("faults are wanted")
        };
        let named: Vec<_> = faults.iter().map(|fault| fault.loc.join("/")).collect();
        assert_eq!(named, ["body/name", "body/permissions/chat", "body/permissions/zoo/fly"]);
    }

    #[test]
    fn absent_null_and_value_are_three_things() {
        let mut fields = Fields::of_body(r#"{"b": null, "c": 1}"#).unwrap();
        assert_eq!(fields.patch::<i64>("a"), None);
        assert_eq!(fields.patch::<i64>("b"), Some(None));
        assert_eq!(fields.patch::<i64>("c"), Some(Some(1)));
    }

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
