//! Which pages of other origins may read the answers (CORS; Fetch Standard, 3.3).
//!
//! By default none may, and this middleware is not there. Origins are listed as Open WebUI lists them
//! (`CORS_ALLOW_ORIGIN`). A listed origin may also send the cookie. `*` lets every page read what anybody may read, but
//! with the cookie of nobody: an origin that is not listed is not trusted with somebody's session.

use actix_web::body::{EitherBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::Method;
use actix_web::http::header::{self, HeaderMap, HeaderValue};
use actix_web::middleware::Next;
use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};
use rosterd_app::App;

/// Stands for every origin.
const ANY: &str = "*";

/// What pages may send.
const METHODS: HeaderValue = HeaderValue::from_static("GET, HEAD, POST, DELETE");

/// Headers of answers that pages may read beside the usual ones.
const EXPOSED: HeaderValue = HeaderValue::from_static("etag, retry-after, x-process-time, x-request-id");

/// For how many seconds a browser need not ask again.
const MAX_AGE: HeaderValue = HeaderValue::from_static("600");

/// The middleware: `App::new().wrap(middleware::from_fn(rosterd_api::allow_origins))`. It answers what browsers ask before
/// they send a request (preflight), and names in every other answer who may read it.
///
/// # Errors
/// Those of the inner service, unchanged.
pub async fn allow_origins<B: MessageBody + 'static>(
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<EitherBody<B>>, actix_web::Error> {
    let permit = Permit::of(request.request());
    let mut response = match preflight(&request) {
        Some(asked) if permit != Permit::None => {
            let mut answer = HttpResponse::NoContent().finish();
            let headers = answer.headers_mut();
            headers.insert(header::ACCESS_CONTROL_ALLOW_METHODS, METHODS);
            headers.insert(header::ACCESS_CONTROL_MAX_AGE, MAX_AGE);
            if let Some(asked) = asked {
                headers.insert(header::ACCESS_CONTROL_ALLOW_HEADERS, asked);
            }
            request.into_response(answer).map_into_right_body()
        }
        _ => next.call(request).await?.map_into_left_body(),
    };
    permit.write(response.headers_mut());
    Ok(response)
}

/// Whether this request comes from a page of a listed origin.
pub(crate) fn is_listed(request: &HttpRequest) -> bool {
    matches!(Permit::of(request), Permit::Listed(_))
}

/// What the page behind a request may do.
#[derive(Debug, PartialEq, Eq)]
enum Permit {
    /// Nothing: its origin is not listed, or it told none.
    None,
    /// Read what anybody may read.
    Any,
    /// Read, and send the cookie.
    Listed(HeaderValue),
}

impl Permit {
    fn of(request: &HttpRequest) -> Self {
        let Some(app) = request.app_data::<Data<App>>() else { return Self::None };
        Self::from(&app.settings().allowed_origins, request.headers())
    }

    fn from(allowed: &[String], headers: &HeaderMap) -> Self {
        let mut sent = headers.get_all(header::ORIGIN);
        let (Some(origin), None) = (sent.next(), sent.next()) else { return Self::None };
        let is = |listed: &String| listed != ANY && listed.as_bytes().eq_ignore_ascii_case(origin.as_bytes());
        if allowed.iter().any(is) {
            Self::Listed(origin.clone())
        } else if allowed.iter().any(|listed| listed == ANY) {
            Self::Any
        } else {
            Self::None
        }
    }

    fn write(self, headers: &mut HeaderMap) {
        // A cache must not give one origin the answer to another.
        headers.append(header::VARY, HeaderValue::from_static("origin"));
        let origin = match self {
            Self::None => return,
            Self::Any => HeaderValue::from_static(ANY),
            Self::Listed(origin) => {
                headers.insert(header::ACCESS_CONTROL_ALLOW_CREDENTIALS, HeaderValue::from_static("true"));
                origin
            }
        };
        headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin);
        headers.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, EXPOSED);
    }
}

/// Where a browser asks what it may send: the headers that it asks for.
fn preflight(request: &ServiceRequest) -> Option<Option<HeaderValue>> {
    let headers = request.headers();
    let is_preflight =
        request.method() == Method::OPTIONS && headers.contains_key(header::ACCESS_CONTROL_REQUEST_METHOD);
    is_preflight.then(|| headers.get(header::ACCESS_CONTROL_REQUEST_HEADERS).cloned())
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    fn permit(allowed: &[&str], origins: &[&'static str]) -> Permit {
        let allowed: Vec<String> = allowed.iter().map(ToString::to_string).collect();
        let request = origins
            .iter()
            .fold(TestRequest::default(), |request, origin| request.append_header((header::ORIGIN, *origin)));
        Permit::from(&allowed, request.to_http_request().headers())
    }

    #[test]
    fn only_what_is_listed_is_allowed() {
        let chat = "https://chat.example";
        let listed = Permit::Listed(HeaderValue::from_static(chat));
        assert_eq!(permit(&[], &[chat]), Permit::None);
        assert_eq!(permit(&["https://a.example", chat], &[chat]), listed);
        assert_eq!(permit(&["HTTPS://Chat.Example"], &[chat]), listed);
        for other in [
            "http://chat.example",
            "https://chat.example:8443",
            "https://chat.example.evil",
            "https://a.chat.example",
            "null",
            "",
            "*",
        ] {
            assert_eq!(permit(&[chat], &[other]), Permit::None, "{other}");
        }
        assert_eq!(permit(&[chat], &[chat, chat]), Permit::None, "told twice");
        assert_eq!(permit(&[chat], &[]), Permit::None);
    }

    #[test]
    fn a_star_stands_for_every_origin_and_lists_none() {
        assert_eq!(permit(&["*"], &["https://evil.example"]), Permit::Any);
        assert_eq!(permit(&["*"], &["*"]), Permit::Any);
        let chat = "https://chat.example";
        assert_eq!(permit(&["*", chat], &[chat]), Permit::Listed(HeaderValue::from_static(chat)));
        assert_eq!(permit(&["*"], &[]), Permit::None);
    }
}
