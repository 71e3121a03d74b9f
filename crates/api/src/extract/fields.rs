//! Reading an object field by field, collecting every fault instead of stopping at the first.

use rosterd_domain::field_error::FieldError;
use rosterd_domain::json::JsonObject;
use serde_json::value::RawValue;

use super::field_type::FieldType;
use crate::error::ApiError;

/// An object whose fields are being read.
#[derive(Debug)]
pub(crate) struct Fields {
    object: JsonObject,
    /// The fields that were asked for.
    asked: Vec<&'static str>,
    faults: Vec<FieldError>,
    /// What is wrong with values that may stand all the same, where they are stored already.
    waiting: Vec<FieldError>,
}

impl Fields {
    /// Opens the object of a body.
    ///
    /// # Errors
    /// 422 at `body` when the text is not an object.
    pub(crate) fn of_body(json: &str) -> Result<Self, ApiError> {
        Ok(Self { object: object(json)?, asked: Vec::new(), faults: Vec::new(), waiting: Vec::new() })
    }

    /// A field that must be there and not null.
    pub(crate) fn required<T: FieldType>(&mut self, name: &'static str) -> Option<T> {
        match self.raw(name) {
            None => {
                self.fault("missing", name, "This field is needed.");
                None
            }
            Some(raw) => self.convert(name, &raw),
        }
    }

    /// A field that is empty where it is absent. Null is none.
    pub(crate) fn or_empty<T: FieldType + Default>(&mut self, name: &'static str) -> Option<T> {
        match self.raw(name) {
            None => Some(T::default()),
            Some(raw) => self.convert(name, &raw),
        }
    }

    /// A field of a partial update: absent, null and a value are three things. `None`: it is wrong.
    pub(crate) fn patch<T: FieldType>(&mut self, name: &'static str) -> Option<Sent<T>> {
        match self.raw(name) {
            None => Some(Sent::Absent),
            Some(raw) if raw.get() == "null" => Some(Sent::Null),
            Some(raw) => self.convert(name, &raw).map(Sent::Value),
        }
    }

    /// Ends the reading of a form whose values may be wrong and still stand, as they are stored. Their faults are told here
    /// only beside others; alone they wait for what is stored.
    ///
    /// # Errors
    /// 422 with all faults found.
    pub(crate) fn finish<T>(self, form: Option<T>) -> Result<T, ApiError> {
        match form {
            Some(form) if self.faults.is_empty() => Ok(form),
            _ => Err(self.all()),
        }
    }

    /// Ends the reading of a form for something new: nothing is stored that any fault could wait for.
    ///
    /// # Errors
    /// 422 with all faults found.
    pub(crate) fn finish_new<T>(self, form: Option<T>) -> Result<T, ApiError> {
        match form {
            Some(form) if self.faults.is_empty() && self.waiting.is_empty() => Ok(form),
            _ => Err(self.all()),
        }
    }

    fn all(mut self) -> ApiError {
        self.faults.append(&mut self.waiting);
        ApiError::validation(self.faults)
    }

    /// Makes faults of the fields that nobody asked for.
    pub(crate) fn refuse_unknown(&mut self) {
        let unknown = self.object.keys().filter(|key| !self.asked.contains(key));
        let unknown: Vec<String> = unknown.map(str::to_owned).collect();
        for name in unknown {
            self.fault("extra_forbidden", &name, "There is no such field.");
        }
    }

    fn raw(&mut self, name: &'static str) -> Option<Box<RawValue>> {
        self.asked.push(name);
        self.object.get(name).map(ToOwned::to_owned)
    }

    fn convert<T: FieldType>(&mut self, name: &'static str, raw: &RawValue) -> Option<T> {
        match T::read(raw.get()) {
            Ok(value) => {
                self.waiting.extend(value.waits(name));
                Some(value)
            }
            Err(fault) => {
                self.fault(fault.kind, name, &fault.message);
                None
            }
        }
    }

    fn fault(&mut self, kind: &'static str, name: &str, message: &str) {
        self.faults.push(FieldError::new(kind, &["body", name], message));
    }
}

/// What was sent of a field of a partial update.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Sent<T> {
    /// It was not sent, and what is stored stays.
    Absent,
    /// Null, which clears it.
    Null,
    /// A value, which sets it.
    Value(T),
}

impl<T> Sent<T> {
    /// The same of what a value is made into.
    pub(crate) fn map<U>(self, make: impl FnOnce(T) -> U) -> Sent<U> {
        match self {
            Self::Absent => Sent::Absent,
            Self::Null => Sent::Null,
            Self::Value(value) => Sent::Value(make(value)),
        }
    }

    /// As the domain has it: `None` stays, `Some(None)` clears.
    #[expect(clippy::option_option, reason = "absent and null mean different things")]
    pub(crate) fn into_change(self) -> Option<Option<T>> {
        match self {
            Self::Absent => None,
            Self::Null => Some(None),
            Self::Value(value) => Some(Some(value)),
        }
    }
}

/// A body that must be an object.
///
/// # Errors
/// 422 at `body`.
pub(crate) fn object(json: &str) -> Result<JsonObject, ApiError> {
    serde_json::from_str(json).map_err(|_why| ApiError::field("dict_type", &["body"], "An object is needed."))
}
