//! Versions of what is stored (rule S4) and of images: strong entity tags (RFC 9110, section 8.8.3).

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use rosterd_domain::json::JsonText;
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

/// The versions that an update demands to find: any of these tags, or `*` for whatever is there. `None`: no condition.
#[derive(Debug, Clone, Default)]
pub struct Condition(Option<Vec<String>>);

impl Condition {
    /// One of these.
    #[must_use]
    pub fn new(wanted: Option<Vec<String>>) -> Self {
        Self(wanted)
    }

    /// Refuses when a version is demanded that is not the stored one (rule S4, strong comparison). `stored` is asked for
    /// only then.
    ///
    /// # Errors
    /// [`AppError::PreconditionFailed`].
    pub fn ensure(&self, stored: impl FnOnce() -> Option<JsonText>) -> AppResult<()> {
        let Some(wanted) = &self.0 else { return Ok(()) };
        let tag = of_json(stored().as_ref());
        let fits = wanted.iter().any(|candidate| candidate == "*" || *candidate == tag);
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
        let ensure = |wanted: Option<Vec<String>>, stored: Option<&JsonText>| {
            Condition(wanted).ensure(|| stored.cloned()).is_ok()
        };
        assert!(ensure(Some(vec!["\"x\"".into(), tag.clone()]), Some(&stored)));
        assert!(ensure(Some(vec!["*".into()]), None));
        assert!(ensure(None, None));
        assert!(!ensure(Some(vec![format!("W/{tag}")]), Some(&stored)));
        assert!(!ensure(Some(vec![tag]), None));
    }
}
