//! Answers with one JSON value a line.

use actix_web::HttpRequest;
use actix_web::http::header;

/// Their media type.
pub(crate) const LINES: &str = "application/x-ndjson";

/// Whether a request asks for lines.
pub(crate) fn wants_lines(request: &HttpRequest) -> bool {
    let accepted = request.headers().get_all(header::ACCEPT);
    accepted.filter_map(|value| value.to_str().ok()).any(|value| {
        value.split(',').any(|kind| kind.split(';').next().is_some_and(|kind| kind.trim() == LINES))
    })
}
