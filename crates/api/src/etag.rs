//! Entity tags (RFC 9110, section 8.8.3) of what is stored (rule S4) and of images.

use std::future::{Ready, ready};

use actix_web::dev::Payload;
use actix_web::http::header::{self, HeaderMap};
use actix_web::{FromRequest, HttpRequest};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use rosterd_domain::json::JsonText;
use sha2::{Digest, Sha256};

use crate::error::ApiError;

/// The strong entity tag of some bytes, quotes included.
pub(crate) fn of(bytes: &[u8]) -> String {
    // 128 bits of the digest: nobody finds two values with the same tag by chance.
    let mut tag = String::with_capacity(24);
    tag.push('"');
    URL_SAFE_NO_PAD.encode_string(&Sha256::digest(bytes)[..16], &mut tag);
    tag.push('"');
    tag
}

/// The entity tag of a stored value; nothing stored is shown, and tagged, as `null`.
pub(crate) fn of_json(value: Option<&JsonText>) -> String {
    of(value.map_or("null", JsonText::as_str).as_bytes())
}

/// Whether the client already has this version (`If-None-Match`, weak comparison).
pub(crate) fn client_has(headers: &HeaderMap, tag: &str) -> bool {
    headers
        .get_all(header::IF_NONE_MATCH)
        .filter_map(|value| value.to_str().ok())
        .flat_map(|list| list.split(','))
        .map(str::trim)
        .any(|candidate| candidate == "*" || candidate.strip_prefix("W/").unwrap_or(candidate) == tag)
}

/// The condition of an update: the `If-Match` header, if any.
#[derive(Debug, Clone, Default)]
pub(crate) struct IfMatch(Option<Vec<String>>);

impl IfMatch {
    /// Refuses when a version is demanded that is not the stored one (rule S4, strong comparison). `stored` is asked for
    /// only then.
    ///
    /// # Errors
    /// [`ApiError::PreconditionFailed`].
    pub(crate) fn ensure(&self, stored: impl FnOnce() -> Option<JsonText>) -> Result<(), ApiError> {
        let Some(wanted) = &self.0 else { return Ok(()) };
        let tag = of_json(stored().as_ref());
        let fits = wanted.iter().any(|candidate| candidate == "*" || *candidate == tag);
        if fits { Ok(()) } else { Err(ApiError::PreconditionFailed) }
    }
}

impl FromRequest for IfMatch {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _payload: &mut Payload) -> Self::Future {
        let mut wanted = None;
        for value in request.headers().get_all(header::IF_MATCH) {
            // A header that cannot be read demands something we do not have.
            let list = value.to_str().unwrap_or_default();
            wanted.get_or_insert_with(Vec::new).extend(list.split(',').map(|tag| tag.trim().to_owned()));
        }
        ready(Ok(Self(wanted)))
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
            IfMatch(wanted).ensure(|| stored.cloned()).is_ok()
        };
        assert!(ensure(Some(vec!["\"x\"".into(), tag.clone()]), Some(&stored)));
        assert!(ensure(Some(vec!["*".into()]), None));
        assert!(ensure(None, None));
        assert!(!ensure(Some(vec![format!("W/{tag}")]), Some(&stored)));
        assert!(!ensure(Some(vec![tag]), None));
    }
}
