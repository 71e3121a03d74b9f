//! Requests that a page of another origin makes a browser send.
//!
//! A browser sends the cookie `token` with the requests of any page, within the limits of `SameSite`. So if a
//! request is authenticated by the cookie alone and changes something, it must come from a page of this origin. A
//! browser never sends an `Authorization` header by itself, so requests with this header are not checked.
//!
//! `Sec-Fetch-Site` (W3C Fetch Metadata) says where the page came from, and no page can forge it. Browsers send it
//! over HTTPS and to localhost. In other cases `Origin` (RFC 6454) is compared with the requested host. Programs
//! that are not browsers send neither header, and are allowed.

use actix_web::HttpRequest;
use actix_web::http::Method;
use actix_web::http::header::{self, HeaderMap, HeaderName};

use crate::cors;
use crate::error::ApiError;

const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");
const SEC_FETCH_DEST: HeaderName = HeaderName::from_static("sec-fetch-dest");
const FORWARDED_HOST: HeaderName = HeaderName::from_static("x-forwarded-host");

/// Refuses a request that may change something and comes from a page of another origin, unless that is a listed one.
///
/// # Errors
/// [`ApiError::ForeignOrigin`].
pub(crate) fn ensure_own_change(request: &HttpRequest) -> Result<(), ApiError> {
    let changes = ![Method::GET, Method::HEAD, Method::OPTIONS].contains(request.method());
    if changes && is_foreign(request.headers()) && !cors::is_listed(request) {
        Err(ApiError::ForeignOrigin)
    } else {
        Ok(())
    }
}

/// The same for a change that GET makes too, as signing out does: then it must not be asked for as a part of a page
/// either, such as an image, since any text that shows images could do that.
///
/// # Errors
/// [`ApiError::ForeignOrigin`].
pub(crate) fn ensure_own_visit(request: &HttpRequest) -> Result<(), ApiError> {
    let headers = request.headers();
    // `empty` is a script's own request, `document` the URL field or a link.
    let is_part = headers.get_all(SEC_FETCH_DEST).any(|dest| dest != "empty" && dest != "document");
    if is_part || is_foreign(headers) { Err(ApiError::ForeignOrigin) } else { Ok(()) }
}

/// Whether a browser says that a page of another origin is behind this. Another host of the same site counts as
/// foreign: whoever controls one host of a site need not control the others.
fn is_foreign(headers: &HeaderMap) -> bool {
    let mut sites = headers.get_all(SEC_FETCH_SITE).peekable();
    if sites.peek().is_some() {
        // `none`: the user's own doing, such as a bookmark.
        return sites.any(|site| site != "same-origin" && site != "none");
    }
    headers.get_all(header::ORIGIN).any(|origin| {
        let Some(origin) = origin.to_str().ok().and_then(Host::of_origin) else { return true };
        // A proxy may have put a host of its own into `Host` and told the real one. No page can set that header for
        // another origin: the browser would ask first, and is never allowed to.
        let asked = headers.get_all(header::HOST).chain(headers.get_all(FORWARDED_HOST));
        !asked.filter_map(|host| host.to_str().ok()).any(|host| origin.is(host))
    })
}

/// The host and port of an origin.
struct Host<'a> {
    /// Both, the port only where it is not the scheme's own.
    authority: &'a str,
    /// What a host may end in without being another.
    default_port: &'static str,
}

impl<'a> Host<'a> {
    /// `null`, and what is no origin of a web page, have none.
    fn of_origin(origin: &'a str) -> Option<Self> {
        let (scheme, authority) = origin.trim().split_once("://")?;
        let default_port = match scheme {
            "http" => ":80",
            "https" => ":443",
            _ => return None,
        };
        Some(Self { authority: authority.strip_suffix(default_port).unwrap_or(authority), default_port })
    }

    fn is(&self, host: &str) -> bool {
        let host = host.trim();
        let host = host.strip_suffix(self.default_port).unwrap_or(host);
        !host.is_empty() && host.eq_ignore_ascii_case(self.authority)
    }
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    fn foreign(headers: &[(&'static str, &str)]) -> bool {
        let request = headers.iter().fold(TestRequest::default(), |request, header| {
            request.append_header((header.0, header.1.to_owned()))
        });
        is_foreign(request.to_http_request().headers())
    }

    #[test]
    fn who_says_nothing_of_an_origin_is_no_browser() {
        assert!(!foreign(&[]));
        assert!(!foreign(&[("host", "chat.example")]));
    }

    #[test]
    fn the_word_of_the_browser_counts_before_all() {
        for site in ["same-origin", "none"] {
            assert!(!foreign(&[("sec-fetch-site", site)]), "{site}");
            // Behind a proxy that puts its own host into the request.
            let headers = [("sec-fetch-site", site), ("origin", "https://chat.example"), ("host", "backend")];
            assert!(!foreign(&headers), "{site}");
        }
        for site in ["cross-site", "same-site", "", "SAME-ORIGIN?"] {
            assert!(foreign(&[("sec-fetch-site", site)]), "{site}");
            let headers = [("sec-fetch-site", site), ("origin", "https://a.example"), ("host", "a.example")];
            assert!(foreign(&headers), "{site}");
        }
        assert!(foreign(&[("sec-fetch-site", "same-origin"), ("sec-fetch-site", "cross-site")]));
    }

    #[test]
    fn an_origin_is_ours_where_host_and_port_are_those_asked_for() {
        for (origin, host) in [
            ("https://chat.example", "chat.example"),
            ("https://chat.example", "Chat.Example:443"),
            ("http://chat.example:80", "chat.example"),
            ("http://127.0.0.1:8080", "127.0.0.1:8080"),
            ("http://[::1]:8080", "[::1]:8080"),
        ] {
            assert!(!foreign(&[("origin", origin), ("host", host)]), "{origin} at {host}");
            let behind = [("origin", origin), ("host", "backend:8080"), ("x-forwarded-host", host)];
            assert!(!foreign(&behind), "{origin} at {host} behind a proxy");
        }
        for (origin, host) in [
            ("https://evil.example", "chat.example"),
            ("https://chat.example.evil", "chat.example"),
            ("https://evilchat.example", "chat.example"),
            ("https://chat.example:8443", "chat.example"),
            ("http://chat.example", "chat.example:443"),
            ("http://localhost:5173", "localhost:8080"),
            ("null", "chat.example"),
            ("", ""),
            ("https://", ""),
            ("file://", "chat.example"),
            ("chrome-extension://chat.example", "chat.example"),
        ] {
            assert!(foreign(&[("origin", origin), ("host", host)]), "{origin} at {host}");
        }
        assert!(foreign(&[("origin", "https://chat.example")]), "without any host");
    }
}
