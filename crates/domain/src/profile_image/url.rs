//! What may be stored as a profile image from now on (rule N9).

use std::fmt;

use super::{ProfileImage, is_http, read, strip_prefix_ignoring_case};
use crate::error::DomainError;
use crate::text::ensure_storable;

/// The field of every body that the URL comes in.
const FIELD: &str = "profile_image_url";

/// The paths of our own that a URL may be: the pictures that front ends ship with.
const OWN_PATHS: [&str; 3] = [ProfileImageUrl::USER, "/favicon.png", "/static/favicon.png"];

/// The URL of a profile image that may be stored (rule N9): empty; a picture as a data URI that [`read`] serves; an
/// `http` or `https` URL with a host; or one of the known paths, which are the pictures of the front ends and
/// `/api/v1/users/<id>/profile/image`. Front ends put the text into pages as it is, so no other path of this server may
/// be asked for in a picture's place, and nothing that a browser reads as another host (`//host`, `/\\host`).
#[derive(Clone, PartialEq, Eq)]
pub struct ProfileImageUrl(String);

impl ProfileImageUrl {
    /// The image of an account that has none.
    const USER: &str = "/user.png";

    /// Takes a URL as somebody sent it.
    ///
    /// # Errors
    /// [`DomainError::Field`] at `["profile_image_url"]` for everything else, and for control characters and white space
    /// other than inside a data URI's base64.
    pub fn parse(url: String) -> Result<Self, DomainError> {
        judge(&url).map(|()| Self(url))
    }

    /// A URL as a database holds it, whatever it is. Not for what somebody sends: that is [parsed](Self::parse).
    #[must_use]
    pub fn from_stored(url: String) -> Self {
        Self(url)
    }

    /// The URL.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Default for ProfileImageUrl {
    /// The image of an account that has none: a picture that front ends ship with.
    fn default() -> Self {
        Self(Self::USER.to_owned())
    }
}

impl fmt::Debug for ProfileImageUrl {
    /// A data URI can be long: what it holds is left out.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const SHOWN: usize = 64;
        match self.0.char_indices().nth(SHOWN) {
            None => write!(f, "{:?}", self.0),
            Some((end, _)) => write!(f, "{:?}… ({} bytes)", &self.0[..end], self.0.len()),
        }
    }
}

fn judge(url: &str) -> Result<(), DomainError> {
    ensure_storable(FIELD, url)?;
    if strip_prefix_ignoring_case(url, "data:").is_some() {
        return match read(url) {
            ProfileImage::Inline { .. } => Ok(()),
            _ => Err(DomainError::field(
                FIELD,
                "must be a PNG, JPEG, GIF or WebP image in base64 if it is a data: URI",
            )),
        };
    }
    if url.contains(|c: char| c.is_control() || c.is_whitespace()) {
        return Err(DomainError::field(FIELD, "must not contain white space or control characters"));
    }
    if url.is_empty() || OWN_PATHS.contains(&url) || is_image_path(url) || is_http(url) {
        return Ok(());
    }
    Err(DomainError::field(
        FIELD,
        "must be empty, an http(s) URL with a host, a data: URI of a picture, /user.png, /favicon.png, \
         /static/favicon.png or /api/v1/users/<id>/profile/image",
    ))
}

/// Whether this is the path at which some user's picture is served. An id with a character that means something in a
/// URL has no such path.
fn is_image_path(url: &str) -> bool {
    let id = url.strip_prefix("/api/v1/users/").and_then(|rest| rest.strip_suffix("/profile/image"));
    id.is_some_and(|id| !matches!(id, "" | "." | "..") && !id.contains(['/', '\\', '?', '#', '%']))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn accept(url: &str) -> Result<(), DomainError> {
        ProfileImageUrl::parse(url.to_owned()).map(|taken| assert_eq!(taken.as_str(), url))
    }

    #[test]
    fn the_default_is_one_that_may_be_stored() {
        assert_eq!(accept(ProfileImageUrl::default().as_str()), Ok(()));
    }

    #[test]
    fn a_picture_is_not_printed_whole() {
        let long = ProfileImageUrl::from_stored(format!("data:image/png;base64,{}", "A".repeat(5000)));
        assert!(format!("{long:?}").len() < 100, "{long:?}");
        assert_eq!(format!("{:?}", ProfileImageUrl::default()), "\"/user.png\"");
    }

    #[test]
    fn n9_an_update_may_store_known_paths_urls_and_pictures() {
        for url in [
            "",
            "/user.png",
            "/favicon.png",
            "/static/favicon.png",
            "/api/v1/users/8917c25b-d13b-4e85-8ed4-6a2f1b0e1cf1/profile/image",
            "https://x.example/é.png",
            "https://bücher.example:8443",
            "https://[2001:db8::1]/x.png?a=b@c#d",
            "HTTP://x.example",
            "http://127.0.0.1:9000/a_b/c.png",
            "data:image/png;base64,iVBORw0KGgo=",
            "DATA:image/JPEG;base64,/9j/4AAQ",
        ] {
            assert_eq!(accept(url), Ok(()), "{url}");
        }
    }

    #[test]
    fn n9_an_update_may_store_nothing_else() {
        for url in [
            "//evil.example/a.png",
            "/\\evil.example/a.png",
            "\\\\evil.example/a.png",
            "/\t/evil.example",
            "https:\\\\evil.example",
            "https:/\\evil.example",
            "https://good.example\\@evil.example/",
            "https://good.example@evil.example/",
            "https://:80/x.png",
            "https://x.example:port/",
            "/",
            "/user.png?x",
            "/user.png/",
            "/User.png",
            "/other.png",
            "/api/v1/users/all",
            "/api/v1/files/x",
            "/api/v1/auths/signout",
            "/api/v1/users//profile/image",
            "/api/v1/users/../profile/image",
            "/api/v1/users/a/b/profile/image",
            "/api/v1/users/a\\b/profile/image",
            "/api/v1/users/%2e%2e/profile/image",
            "/api/v1/users/a?b=/profile/image",
            "/api/v1/users/u-1/profile/image?x",
            "data:image/svg+xml;base64,PHN2Zz4=",
            "data:image/png,abc",
            "data:image/png;base64,@@@",
            "data:image/png;base64,PHNjcmlwdD4=",
            "data:image/png;base64,",
            "javascript:alert(1)",
            "JavaScript:alert(1)",
            "file:///etc/passwd",
            "data:text/html,x",
            "user.png",
            "vbscript:x",
            " https://x.example",
            "https://x.example/\n",
            "/a\0",
            "data:image/png;base64,\0",
            "java\tscript:x",
            "https://",
        ] {
            let Err(DomainError::Field { path, .. }) = accept(url) else { panic!("{url:?}") };
            assert_eq!(path, ["profile_image_url"]);
        }
    }
}
