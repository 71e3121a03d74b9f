//! How large a user's documents, settings and info, may become.

use crate::error::DomainError;
use crate::json::{JsonObject, JsonText};

/// The most keys a document may have at the level that is merged.
pub const MAX_KEYS: usize = 2_000;

/// What a document may be after merging.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DocumentLimits {
    /// Bytes of its text, in UTF-8.
    pub max_bytes: usize,
    /// Keys at the level that is merged.
    pub max_keys: usize,
}

impl Default for DocumentLimits {
    /// 4 MiB, and [`MAX_KEYS`]. Open WebUI keeps background pictures in its settings.
    fn default() -> Self {
        Self { max_bytes: 4 << 20, max_keys: MAX_KEYS }
    }
}

/// A document taken apart at the top level, so that something can be merged into it, and how large it was.
#[derive(Debug)]
pub(crate) struct Opened {
    /// What is stored, and then what is to be stored.
    pub(crate) object: JsonObject,
    bytes_before: usize,
    keys_before: usize,
}

impl Opened {
    /// Opens what is stored. Stored JSON that is no object counts as absent.
    ///
    /// # Errors
    /// [`DomainError::Unreadable`] when the stored text is no JSON: nothing may be written over it.
    pub(crate) fn new(stored: Option<&JsonText>) -> Result<Self, DomainError> {
        let object = stored.map_or_else(|| Ok(JsonObject::new()), JsonText::object_for_merge)?;
        let bytes_before = stored.map_or(0, |text| text.as_str().len());
        Ok(Self { bytes_before, keys_before: object.len(), object })
    }

    /// The text to store. A document that is over a limit already, as an old database may hold it, may shrink: it is
    /// refused only if it grows.
    ///
    /// # Errors
    /// [`DomainError::DocumentTooLarge`] where the text is too long; [`DomainError::Field`], which is about the whole
    /// body, where there are too many keys. Both name the `document`.
    pub(crate) fn close(
        self,
        document: &'static str,
        limits: &DocumentLimits,
    ) -> Result<JsonText, DomainError> {
        let keys = self.object.len();
        if keys > limits.max_keys && keys > self.keys_before {
            return Err(DomainError::Field {
                path: Vec::new(),
                message: format!("{document} would have {keys} keys; at most {} are stored", limits.max_keys),
            });
        }
        let text = JsonText::from_object(&self.object);
        let bytes = text.as_str().len();
        if bytes > limits.max_bytes && bytes > self.bytes_before {
            return Err(DomainError::DocumentTooLarge { document, bytes, limit: limits.max_bytes });
        }
        Ok(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SMALL: DocumentLimits = DocumentLimits { max_bytes: 20, max_keys: 2 };

    fn merged(stored: &str, sent: &str) -> Result<String, DomainError> {
        let mut opened = Opened::new(Some(&JsonText::from_stored(stored.to_owned())))?;
        opened.object.merge(serde_json::from_str(sent).unwrap());
        opened.close("settings", &SMALL).map(JsonText::into_string)
    }

    #[test]
    fn up_to_the_limits_everything_is_stored() {
        assert_eq!(merged("{}", r#"{"a":"0123456789ab"}"#).unwrap().len(), 20);
        assert_eq!(merged("null", r#"{"a":1,"b":2}"#).unwrap(), r#"{"a":1,"b":2}"#);
    }

    #[test]
    fn a_text_over_the_limit_is_refused_by_name() {
        let refused = merged(r#"{"a":1}"#, r#"{"b":"0123456789"}"#).unwrap_err();
        assert_eq!(refused, DomainError::DocumentTooLarge { document: "settings", bytes: 24, limit: 20 });
        let told = refused.to_string();
        assert!(told.contains("settings") && told.contains("24") && told.contains("20"), "{told}");
    }

    #[test]
    fn more_keys_than_the_limit_are_refused_by_name() {
        let Err(DomainError::Field { path, message }) = merged("{}", r#"{"a":1,"b":2,"c":3}"#) else {
            panic!("three keys are stored")
        };
        assert_eq!(path, Vec::<String>::new());
        assert!(message.starts_with("settings would have 3 keys"), "{message}");
    }

    #[test]
    fn what_is_over_a_limit_already_may_shrink_and_stay_but_not_grow() {
        let long = r#"{"a":"0123456789","b":"0123456789"}"#;
        assert!(merged(long, r#"{"b":"012345678"}"#).is_ok());
        assert!(merged(long, r#"{"b":"9876543210"}"#).is_ok());
        assert!(matches!(merged(long, r#"{"b":"01234567890"}"#), Err(DomainError::DocumentTooLarge { .. })));
        let many = r#"{"a":1,"b":2,"c":3}"#;
        assert_eq!(merged(many, r#"{"b":0}"#).unwrap(), r#"{"a":1,"b":0,"c":3}"#);
        assert!(matches!(merged(many, r#"{"d":0}"#), Err(DomainError::Field { .. })));
    }
}
