//! Reading what a trusted proxy says of the person behind a request.

use actix_web::HttpRequest;
use actix_web::http::header::{HeaderMap, HeaderName};
use percent_encoding::percent_decode;

use crate::services::trusted::TrustedIdentity;
use crate::settings::Settings;

/// The identity in the headers, if they are switched on, the peer is one of the proxies and an address is named.
/// The peer is the other end of the connection, never what a forwarding header claims.
pub(super) fn identity(request: &HttpRequest, settings: &Settings) -> Option<TrustedIdentity> {
    let trusted = settings.trusted_headers.as_ref()?;
    if !settings.trusted_proxies.contains(request.peer_addr()?.ip()) {
        return None;
    }
    let headers = request.headers();
    let email = text(headers, &trusted.email)?;
    let name = trusted.name.as_ref().and_then(|name| text(headers, name));
    let groups = trusted
        .groups
        .as_ref()
        .and_then(|name| text(headers, name))
        .map(|list| names_in(&list))
        .filter(|names| !names.is_empty());
    Some(TrustedIdentity { email, name, groups })
}

/// The names in a list separated by commas.
fn names_in(list: &str) -> Vec<String> {
    list.split(',').map(str::trim).filter(|name| !name.is_empty()).map(str::to_owned).collect()
}

/// A header's text: names beyond ASCII come as UTF-8 or percent-encoded.
fn text(headers: &HeaderMap, name: &HeaderName) -> Option<String> {
    let value = headers.get(name)?.as_bytes().trim_ascii();
    let decoded = percent_decode(value).decode_utf8().ok()?;
    (!decoded.is_empty() && !decoded.contains('\0')).then(|| decoded.into_owned())
}
