//! Reading the headers in which a trusted proxy names the user.

use actix_web::HttpRequest;
use actix_web::http::header::HeaderMap;
use percent_encoding::percent_decode;
use rosterd_app::settings::Settings;
use rosterd_app::trusted::TrustedIdentity;
use rosterd_domain::error::DomainError;

use crate::error::ApiError;

/// The identity in the headers, if they are switched on, the peer is one of the proxies and an e-mail address is named.
/// The peer is the other end of the connection, never what a forwarding header claims.
///
/// # Errors
/// [`ApiError::RepeatedHeader`] for a header that is there twice: the second may be the proxy's, and the first what
/// somebody sent to it. `INVALID_EMAIL_FORMAT` for an e-mail address that is not UTF-8.
pub(super) fn identity(
    request: &HttpRequest,
    settings: &Settings,
) -> Result<Option<TrustedIdentity>, ApiError> {
    let Some(trusted) = settings.trusted_headers.as_ref() else { return Ok(None) };
    let is_proxy = |peer: std::net::SocketAddr| settings.trusted_proxies.contains(peer.ip());
    if !request.peer_addr().is_some_and(is_proxy) {
        return Ok(None);
    }
    let headers = request.headers();
    let email = sent(headers, &trusted.email)?;
    let name = trusted.name.as_ref().map_or(Ok(None), |name| sent(headers, name))?;
    let groups = trusted.groups.as_ref().map_or(Ok(None), |name| sent(headers, name))?;
    let Some(email) = email.filter(|email| !email.is_empty()) else { return Ok(None) };
    let email = percent_decode(email).decode_utf8().map_err(|_why| DomainError::InvalidEmail)?.into_owned();
    // A name that cannot be read is as good as none: the e-mail address stands for it.
    let name = name.and_then(|name| Some(percent_decode(name).decode_utf8().ok()?.into_owned()));
    let groups = groups.map(names_in);
    Ok(Some(TrustedIdentity { email, name, groups }))
}

/// A header's value without the blanks around it, if the header was sent.
fn sent<'a>(headers: &'a HeaderMap, name: &str) -> Result<Option<&'a [u8]>, ApiError> {
    let mut values = headers.get_all(name);
    let first = values.next().map(|value| value.as_bytes().trim_ascii());
    if values.next().is_some() { Err(ApiError::RepeatedHeader(name.to_ascii_lowercase())) } else { Ok(first) }
}

/// The names in a list separated by commas; a comma within a name is percent-encoded. What is not UTF-8, and what no
/// database can hold, is no group's name.
fn names_in(list: &[u8]) -> Vec<String> {
    let names = list.split(|byte| *byte == b',');
    let names = names.filter_map(|name| percent_decode(name.trim_ascii()).decode_utf8().ok());
    let names = names.map(|name| name.trim().to_owned());
    names.filter(|name| !name.is_empty() && !name.contains('\0')).collect()
}
