//! The console: a page for people who look after accounts. It is served by this server and talks to nothing but its API.

use actix_web::http::header::{self, HeaderName, HeaderValue};
use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse};
use rosterd_app::{App, AppError};
use rosterd_console::File;

use crate::alias::{ALIAS, plain_path};
use crate::compressed::{takes_gzip, unpacked};
use crate::error::ApiError;
use crate::etag;

/// The page runs scripts and styles of this server only, makes no markup from texts, and cannot be put into a page of others.
/// `blob:` and `data:` are for pictures that somebody chooses or has stored.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; connect-src 'self'; \
                      base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; \
                      trusted-types 'none'";

/// A year: the name of such a file has a hash of what is in it.
const FOR_GOOD: &str = "public, max-age=31536000, immutable";

/// Headers of the page.
const PAGE_HEADERS: [(HeaderName, &str); 4] = [
    (header::CONTENT_SECURITY_POLICY, POLICY),
    (header::REFERRER_POLICY, "no-referrer"),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    (header::CACHE_CONTROL, "no-cache"),
];

/// `GET /console` and all paths below it that are no file: the page itself knows which of them exist.
pub(crate) async fn get_page(app: Data<App>, request: HttpRequest) -> Result<HttpResponse, ApiError> {
    if app.settings().console { page(&request) } else { Err(ApiError::NotFound) }
}

/// `GET /console/assets/{file}`
pub(crate) async fn get_asset(
    app: Data<App>,
    request: HttpRequest,
    name: Path<String>,
) -> Result<HttpResponse, ApiError> {
    let file = rosterd_console::asset(&name).filter(|_file| app.settings().console);
    let mut answer = sent(&request, file.ok_or(ApiError::NotFound)?)?;
    answer.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static(FOR_GOOD));
    Ok(answer)
}

/// The page, whose files are named by the path that it was asked for by.
///
/// # Errors
/// 404 if this program has none.
pub(crate) fn page(request: &HttpRequest) -> Result<HttpResponse, ApiError> {
    let path = request.path();
    let prefix = if plain_path(path) == path { "" } else { ALIAS };
    let mut answer = sent(request, rosterd_console::page(prefix).ok_or(ApiError::NotFound)?)?;
    for (name, value) in PAGE_HEADERS {
        answer.headers_mut().insert(name, HeaderValue::from_static(value));
    }
    Ok(answer)
}

/// A file in the form that `Accept-Encoding` asks for, or that the browser has it already.
fn sent(request: &HttpRequest, file: File) -> Result<HttpResponse, ApiError> {
    let compressed = takes_gzip(request);
    // Another form is another representation, so it has a tag of its own.
    let tag = if compressed { file.tag } else { file.tag.replacen('"', "\"plain-", 1) };
    let known = etag::client_has(request, &tag);
    let mut answer = if known { HttpResponse::NotModified() } else { HttpResponse::Ok() };
    answer.insert_header((header::ETAG, tag)).insert_header((header::VARY, "Accept-Encoding"));
    if known {
        return Ok(answer.finish());
    }
    answer.content_type(file.content_type);
    if compressed {
        return Ok(answer.insert_header((header::CONTENT_ENCODING, "gzip")).body(file.gzip.into_owned()));
    }
    let text = unpacked(&file.gzip)
        .map_err(|_damaged| AppError::Internal("a file of the console cannot be read"))?;
    Ok(answer.body(text))
}
