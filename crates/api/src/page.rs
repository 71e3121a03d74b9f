//! The document and the page to browse it. Everything is in the binary, and nothing is loaded from other servers.
//!
//! The page is our own and has about twenty kilobytes, and the rules thirty. Swagger UI with its source maps would make the binary six
//! megabytes larger.

use actix_web::http::header;
use actix_web::web;
use actix_web::{HttpRequest, HttpResponse};

use crate::error::ApiError;
use crate::openapi;

/// The page runs its own script and talks to this server only.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src data:; connect-src 'self'; \
                      base-uri 'none'; form-action 'none'; frame-ancestors 'none'; \
                      require-trusted-types-for 'script'; trusted-types 'none'";

/// `GET /api/v1/openapi.json`
pub(crate) async fn get_document(request: HttpRequest) -> Result<HttpResponse, ApiError> {
    openapi::SERVED.answer(&request)
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
        // A link to docs/RULES.md, so that it is in the package of the crate.
        "rules.md" => ("text/markdown; charset=utf-8", include_str!("../assets/docs/rules.md")),
        _ => return Err(ApiError::NotFound),
    };
    Ok(HttpResponse::Ok()
        .insert_header((header::CONTENT_SECURITY_POLICY, POLICY))
        .insert_header((header::REFERRER_POLICY, "no-referrer"))
        .insert_header((header::CACHE_CONTROL, "no-cache"))
        .content_type(content_type)
        .body(text))
}
