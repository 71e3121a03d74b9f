//! The document and the page to browse it. Everything is in the binary, and nothing is loaded from other servers.
//!
//! The page is our own and has about ten kilobytes. Swagger UI with its source maps would make the binary six
//! megabytes larger.

use actix_web::http::header;
use actix_web::web;
use actix_web::{HttpRequest, HttpResponse};
use bytes::Bytes;
use rosterd_app::AppError;

use crate::error::ApiError;
use crate::etag;

/// The page runs its own script and talks to this server only.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src data:; connect-src 'self'; \
                      base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// The document as it is served. It tells of this page's own table, so whoever mounts the table brings it.
#[derive(Debug)]
pub(crate) struct Served {
    pub(crate) text: Bytes,
    /// Its entity tag.
    pub(crate) tag: String,
}

/// Where to get the document: application data. It is made when it is first asked for.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Source(pub(crate) fn() -> &'static Served);

/// `GET /api/v1/openapi.json`
pub(crate) async fn get_document(request: HttpRequest) -> Result<HttpResponse, ApiError> {
    let Source(document) =
        request.app_data().ok_or(AppError::Internal("the OpenAPI document is not mounted"))?;
    let Served { text, tag } = document();
    let known = etag::client_has(&request, tag);
    let mut answer = if known { HttpResponse::NotModified() } else { HttpResponse::Ok() };
    answer.insert_header((header::ETAG, tag.as_str())).insert_header((header::CACHE_CONTROL, "no-cache"));
    Ok(if known { answer.finish() } else { answer.content_type("application/json").body(text.clone()) })
}

/// `GET /docs`: the page's own files lie below, so its URL needs the slash. By the other name of the path it stays there.
pub(crate) async fn to_page(request: HttpRequest) -> HttpResponse {
    let page = format!("{}/", request.path());
    HttpResponse::Found().insert_header((header::LOCATION, page)).finish()
}

/// `GET /docs/{file}`
pub(crate) async fn get_file(file: web::Path<String>) -> Result<HttpResponse, ApiError> {
    let (content_type, text) = match file.as_str() {
        "" | "index.html" => ("text/html; charset=utf-8", include_str!("../assets/docs/index.html")),
        "docs.css" => ("text/css; charset=utf-8", include_str!("../assets/docs/docs.css")),
        "docs.js" => ("text/javascript; charset=utf-8", include_str!("../assets/docs/docs.js")),
        _ => return Err(ApiError::NotFound),
    };
    Ok(HttpResponse::Ok()
        .insert_header((header::CONTENT_SECURITY_POLICY, POLICY))
        .insert_header((header::REFERRER_POLICY, "no-referrer"))
        .insert_header((header::CACHE_CONTROL, "no-cache"))
        .content_type(content_type)
        .body(text))
}
