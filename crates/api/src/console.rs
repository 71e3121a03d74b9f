//! The console: a page for people who look after accounts. It is served by this server and talks to nothing but its API.

use actix_web::http::header::{self, HeaderName, HeaderValue};
use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse};
use rosterd_app::App;

use crate::alias::{ALIAS, plain_path};
use crate::compressed::Compressed;
use crate::error::ApiError;

/// The page runs scripts and styles of this server only, makes no markup from texts, and cannot be put into a page of others.
/// `blob:` and `data:` are for pictures that somebody chooses or has stored.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; connect-src 'self'; \
                      base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; \
                      trusted-types 'none'";

/// A year: the name of such a file has a hash of what is in it.
const FOR_GOOD: &str = "public, max-age=31536000, immutable";

/// Headers of the page.
const PAGE_HEADERS: [(HeaderName, &str); 3] = [
    (header::CONTENT_SECURITY_POLICY, POLICY),
    (header::REFERRER_POLICY, "no-referrer"),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
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
    let mut answer = Compressed::of_console(file.ok_or(ApiError::NotFound)?).answer(&request)?;
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
    let file = rosterd_console::page(prefix).ok_or(ApiError::NotFound)?;
    let mut answer = Compressed::of_console(file).answer(request)?;
    for (name, value) in PAGE_HEADERS {
        answer.headers_mut().insert(name, HeaderValue::from_static(value));
    }
    Ok(answer)
}
