//! Versions of what is stored (rule S4) and of images: strong entity tags (RFC 9110, section 8.8.3).

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use rosterd_domain::json::JsonText;
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::error::{AppError, AppResult};

/// The tag of some bytes, quotes included.
#[must_use]
pub fn of(bytes: &[u8]) -> String {
    // 128 bits of the digest: nobody finds two values with the same tag by chance.
    let mut tag = String::with_capacity(24);
    tag.push('"');
    URL_SAFE_NO_PAD.encode_string(&Sha256::digest(bytes)[..16], &mut tag);
    tag.push('"');
    tag
}

/// The tag of a stored value; nothing stored is shown, and tagged, as `null`.
#[must_use]
pub fn of_json(value: Option<&JsonText>) -> String {
    of(value.map_or("null", JsonText::as_str).as_bytes())
}

/// The tag of a value that is put together from what is stored: in whatever order its keys come.
#[must_use]
pub fn of_value(mut value: Value) -> String {
    value.sort_all_objects();
    of(value.to_string().as_bytes())
}

/// The version that an update demands to find.
#[derive(Debug, Clone, Default)]
pub enum Condition {
    /// None in particular.
    #[default]
    None,
    /// Whatever is there.
    Any,
    /// The one with any of these tags, quotes included.
    OneOf(Vec<String>),
}

impl Condition {
    /// As [`ensure`](Self::ensure), for a value that is shown in several ways: any of them is the stored version.
    ///
    /// # Errors
    /// [`AppError::PreconditionFailed`]; those of `seen`.
    pub fn ensure_any(&self, seen: impl FnOnce() -> AppResult<Vec<Option<JsonText>>>) -> AppResult<()> {
        let fits = match self {
            Self::None | Self::Any => true,
            Self::OneOf(wanted) => seen()?.iter().any(|seen| wanted.contains(&of_json(seen.as_ref()))),
        };
        if fits { Ok(()) } else { Err(AppError::PreconditionFailed) }
    }

    /// Refuses when a version is demanded that is not the stored one (rule S4, strong comparison). `stored` is asked for
    /// only then.
    ///
    /// # Errors
    /// [`AppError::PreconditionFailed`].
    pub fn ensure(&self, stored: impl FnOnce() -> Option<JsonText>) -> AppResult<()> {
        self.ensure_tag(|| of_json(stored().as_ref()))
    }

    /// As [`ensure`](Self::ensure), for what has this tag.
    ///
    /// # Errors
    /// [`AppError::PreconditionFailed`].
    pub fn ensure_tag(&self, tag: impl FnOnce() -> String) -> AppResult<()> {
        let fits = match self {
            Self::None | Self::Any => true,
            Self::OneOf(wanted) => wanted.contains(&tag()),
        };
        if fits { Ok(()) } else { Err(AppError::PreconditionFailed) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn s4_only_the_stored_version_fits() {
        let stored = JsonText::from_stored(r#"{"a":1}"#.to_owned());
        let tag = of_json(Some(&stored));
        let ensure = |wanted: Condition, stored: Option<&JsonText>| wanted.ensure(|| stored.cloned()).is_ok();
        assert!(ensure(Condition::OneOf(vec!["\"x\"".into(), tag.clone()]), Some(&stored)));
        assert!(ensure(Condition::Any, None));
        assert!(ensure(Condition::None, None));
        assert!(!ensure(Condition::OneOf(vec![format!("W/{tag}")]), Some(&stored)));
        assert!(!ensure(Condition::OneOf(vec![tag]), None));
        assert!(!ensure(Condition::OneOf(Vec::new()), Some(&stored)));
    }

    #[test]
    fn s4_the_order_of_keys_makes_no_other_version() {
        let tag = |text: &str| of_value(serde_json::from_str(text).unwrap());
        assert_eq!(tag(r#"{"a":{"x":1,"y":[1,2]},"b":null}"#), tag(r#"{"b":null,"a":{"y":[1,2],"x":1}}"#));
        assert_ne!(tag(r#"{"a":[1,2]}"#), tag(r#"{"a":[2,1]}"#));
        assert_ne!(tag(r#"{"a":"1"}"#), tag(r#"{"a":1}"#));
    }
}
