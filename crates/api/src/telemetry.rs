//! What every answer gets: a log line, the request id that joins the two, the time it took, security headers, and
//! `Retry-After` in a 503. And it is counted ([`metrics`]).
//!
//! Logged are method, route pattern, status, duration, user id and client IP, but never a token, an e-mail address
//! or a body.

use std::error::Error;
use std::fmt::Display;
use std::rc::Rc;
use std::sync::Arc;
use std::time::{Duration, Instant};

use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderMap, HeaderName, HeaderValue, RETRY_AFTER};
use actix_web::middleware::Next;
use actix_web::web::Data;
use actix_web::{HttpMessage, HttpRequest};
use rosterd_app::known_browsers::BROWSER_COOKIE;
use rosterd_app::{Access, App, ClientIp, KnownUser, Request};
use rosterd_domain::ids::UserId;
use rosterd_domain::mail::Language;
use uuid::Uuid;

use crate::alias::plain_path;
use crate::client_ip;
use crate::error::ApiError;
use crate::metrics;
use crate::scim::ScimFailure;

/// The header with the request's id, taken over from the client or a proxy when it is sane.
const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// The header with the seconds that an answer took, as Open WebUI has it.
const PROCESS_TIME: HeaderName = HeaderName::from_static("x-process-time");

/// What the paths of accounts begin with.
const AUTHS: &str = "/api/v1/auths";

/// The pattern of the path that a request met, such as `/api/v1/users/{id}`: for its log line. Kept beside the route,
/// since actix finds it by going through its whole table once more. And where requests to it are counted, if they are.
#[derive(Clone)]
pub(crate) struct Pattern {
    pub(crate) path: &'static str,
    pub(crate) counted: Option<Arc<metrics::Route>>,
}

/// The pattern of the path that an answered request met, such as `/api/v1/users/{id}`; `None` for a path that does not
/// exist. For middleware around the API.
#[must_use]
pub fn route_of(request: &HttpRequest) -> Option<&'static str> {
    let pattern = request.app_data::<Pattern>().map(|pattern| pattern.path);
    pattern.filter(|path| *path != metrics::NO_ROUTE)
}

/// What was found out about a request as it came, for whoever tells what was done for it.
#[derive(Debug, Clone)]
struct Arrival {
    id: Arc<str>,
    client_ip: ClientIp,
}

/// Puts a place for the account into the request, which the log line is written from, and gives another handle on it.
pub(crate) fn attach_user(request: &HttpRequest) -> KnownUser {
    let user = KnownUser::default();
    request.extensions_mut().insert(user.clone());
    user
}

/// What is known of a request before anybody asked who sends it.
pub(crate) fn known_of(request: &HttpRequest) -> Request {
    let arrival = request.extensions().get::<Arrival>().cloned();
    let client_ip = arrival.as_ref().map_or_else(|| client_ip::of(request), |arrival| arrival.client_ip);
    Request { id: arrival.map(|arrival| arrival.id), client_ip, ..Request::default() }
}

/// The same with the call, where only admins may make it: it is told of when it is refused.
pub(crate) fn known_of_call(request: &HttpRequest, access: Access) -> Request {
    let call = (access == Access::Admin).then(|| {
        let route = request.match_pattern();
        format!("{} {}", request.method(), route.as_deref().unwrap_or_else(|| request.path())).into()
    });
    Request { call, ..known_of(request) }
}

/// The same with the program that sends it, for a sign-in or sign-up.
pub(crate) fn known_of_visit(request: &HttpRequest) -> Request {
    let browser = request.cookie(BROWSER_COOKIE).map(|cookie| cookie.value().into());
    let language = language_of(request);
    Request { user_agent: user_agent_of(request), browser, language, ..known_of(request) }
}

/// The language that a request asks for.
pub(crate) fn language_of(request: &HttpRequest) -> Option<Language> {
    let header = request.headers().get(header::ACCEPT_LANGUAGE)?;
    Language::accepted(header.to_str().ok()?)
}

/// What the program says of itself that sends a request.
pub(crate) fn user_agent_of(request: &HttpRequest) -> Option<Arc<str>> {
    let agent = request.headers().get(header::USER_AGENT);
    agent.map(|agent| String::from_utf8_lossy(agent.as_bytes()).into())
}

/// The middleware: `App::new().wrap(middleware::from_fn(telemetry::log_requests))`.
///
/// # Errors
/// Those of the inner service, unchanged.
pub async fn log_requests(
    request: ServiceRequest,
    next: Next<impl MessageBody>,
) -> Result<ServiceResponse<impl MessageBody>, actix_web::Error> {
    let began = Instant::now();
    let id = request_id(&request);
    let client_ip = client_ip::of(request.request());
    request.extensions_mut().insert(Arrival { id: id.to_str().unwrap_or_default().into(), client_ip });
    let mut response = next.call(request).await?;
    response.headers_mut().insert(REQUEST_ID, id.clone());
    let took = began.elapsed();
    response.headers_mut().insert(PROCESS_TIME, seconds(took));
    let configured = response.request().app_data::<ConfiguredHeaders>().cloned();
    let is_of_auths = plain_path(response.request().path()).starts_with(AUTHS);
    complete_headers(response.headers_mut(), configured.as_ref(), is_of_auths);
    if response.status() == StatusCode::SERVICE_UNAVAILABLE
        && let Some(app) = response.request().app_data::<Data<App>>()
    {
        let seconds = HeaderValue::from(app.settings().retry_after_seconds);
        response.headers_mut().insert(RETRY_AFTER, seconds);
    }
    let (request, answer) = (response.request(), response.response());
    let id = id.to_str().unwrap_or_default();
    let pattern = request.app_data::<Pattern>();
    if let Some(route) = pattern.and_then(|pattern| pattern.counted.as_deref()) {
        route.count(request.method(), answer.status(), took);
    }
    if is_failure(answer.status()) {
        tell_failure(answer.status(), answer.error(), id);
    }
    if tracing::enabled!(target: "rosterd::request", tracing::Level::INFO) {
        let route = pattern.map_or(metrics::NO_ROUTE, |pattern| pattern.path);
        let extensions = request.extensions();
        let client = client_ip.ip();
        let user = extensions.get::<KnownUser>().and_then(KnownUser::get);
        tracing::info!(
            target: "rosterd::request",
            method = request.method().as_str(),
            route,
            status = answer.status().as_u16(),
            duration_us = u64::try_from(took.as_micros()).unwrap_or(u64::MAX),
            user.id = user.map_or("-", UserId::as_str),
            client.ip = tracing::field::display(client.as_ref().map_or(&"-" as &dyn Display, |ip| ip)),
            request.id = id,
        );
    }
    Ok(response)
}

/// The configured headers of every answer.
#[derive(Debug, Clone)]
pub(crate) struct ConfiguredHeaders(Rc<[(HeaderName, HeaderValue)]>);

impl ConfiguredHeaders {
    /// Those of the settings; what can be no header is left out, which the server's configuration never lets through.
    pub(crate) fn of(app: &App) -> Self {
        let headers = app.settings().response_headers.iter();
        Self(headers.filter_map(|(name, value)| Some((name.parse().ok()?, value.parse().ok()?))).collect())
    }
}

/// The headers that every answer has. What is answered depends on who asks and on what is stored at that moment, so
/// nothing keeps it, unless a handler or the configuration says that it may be kept; answers under `/auths` never (rule
/// M29). And a browser takes it for nothing but what its content type says.
fn complete_headers(headers: &mut HeaderMap, configured: Option<&ConfiguredHeaders>, is_of_auths: bool) {
    if is_of_auths && !headers.contains_key(header::CACHE_CONTROL) {
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
    for (name, value) in configured.iter().flat_map(|configured| configured.0.iter()) {
        if !headers.contains_key(name) {
            headers.insert(name.clone(), value.clone());
        }
    }
    for (name, value) in [(header::CACHE_CONTROL, "no-store"), (header::X_CONTENT_TYPE_OPTIONS, "nosniff")] {
        if !headers.contains_key(&name) {
            headers.insert(name, HeaderValue::from_static(value));
        }
    }
}

/// A span of time in seconds, with six digits after the point.
fn seconds(span: Duration) -> HeaderValue {
    let text = format!("{}.{:06}", span.as_secs(), span.subsec_micros());
    HeaderValue::try_from(text).unwrap_or_else(|_never| HeaderValue::from_static("0"))
}

/// Whether an answer is our fault. 501 is none: a provider asked for what this server does not have.
fn is_failure(status: StatusCode) -> bool {
    status.is_server_error() && status != StatusCode::NOT_IMPLEMENTED
}

/// The whole chain of causes of an answer that is our fault, once.
fn tell_failure(status: StatusCode, error: Option<&actix_web::Error>, id: &str) {
    let of_scim = || error.and_then(|error| error.as_error::<ScimFailure>()).map(|failure| &failure.0);
    let Some(error) = error.and_then(|error| error.as_error::<ApiError>()).or_else(of_scim) else {
        tracing::error!(target: "rosterd::failure", status = status.as_u16(), request.id = id, "request failed");
        return;
    };
    tell_causes(error, id);
}

/// The same of a failure within an answer, whose own status tells of none.
pub(crate) fn tell_failure_within(request: &HttpRequest, error: &ApiError) {
    if error.status().is_server_error() {
        let id = request.extensions().get::<Arrival>().map(|arrival| Arc::clone(&arrival.id));
        tell_causes(error, id.as_deref().unwrap_or_default());
    }
}

fn tell_causes(error: &ApiError, id: &str) {
    let mut causes = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        causes.push_str(": ");
        causes.push_str(&cause.to_string());
        source = cause.source();
    }
    tracing::error!(
        target: "rosterd::failure",
        status = error.status().as_u16(),
        code = error.code(),
        request.id = id,
        "request failed: {causes}"
    );
}

/// An id given by whoever stands before us, if it is short and plain, else a new one.
fn request_id(request: &ServiceRequest) -> HeaderValue {
    let given = request.headers().get(REQUEST_ID).filter(|value| {
        let bytes = value.as_bytes();
        (1..=128).contains(&bytes.len())
            && bytes.iter().all(|byte| byte.is_ascii_alphanumeric() || b"-_.:".contains(byte))
    });
    given.cloned().unwrap_or_else(|| {
        let mut text = [0; uuid::fmt::Hyphenated::LENGTH];
        let text: &str = Uuid::new_v4().as_hyphenated().encode_lower(&mut text);
        HeaderValue::from_str(text).unwrap_or_else(|_| HeaderValue::from_static("-"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_this_server_does_not_have_is_no_failure() {
        let failures =
            [200, 404, 500, 501, 503].map(|status| is_failure(StatusCode::from_u16(status).unwrap()));
        assert_eq!(failures, [false, false, true, false, true]);
    }

    fn completed(configured: &[(&str, &str)], is_of_auths: bool, own: Option<&'static str>) -> HeaderMap {
        let configured = ConfiguredHeaders(
            configured.iter().map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap())).collect(),
        );
        let mut headers = HeaderMap::new();
        if let Some(own) = own {
            headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(own));
        }
        complete_headers(&mut headers, Some(&configured), is_of_auths);
        headers
    }

    #[test]
    fn m29_a_configured_header_stands_once_and_never_lets_accounts_be_kept() {
        let kept = [("cache-control", "max-age=5"), ("x-content-type-options", "nosniff"), ("hsts", "x")];
        let cache = |headers: &HeaderMap| {
            let all: Vec<_> = headers.get_all(header::CACHE_CONTROL).cloned().collect();
            assert_eq!(all.len(), 1);
            all[0].to_str().unwrap().to_owned()
        };
        assert_eq!(cache(&completed(&kept, false, None)), "max-age=5");
        assert_eq!(cache(&completed(&kept, false, Some("private"))), "private");
        assert_eq!(cache(&completed(&kept, true, None)), "no-store");
        assert_eq!(cache(&completed(&[], false, None)), "no-store");
        assert_eq!(completed(&kept, false, None).get("hsts").unwrap(), "x");
        assert_eq!(completed(&[], true, None).get(header::X_CONTENT_TYPE_OPTIONS).unwrap(), "nosniff");
    }

    #[test]
    fn the_time_is_told_in_seconds_with_a_fraction() {
        assert_eq!(seconds(Duration::from_micros(1_000_042)), "1.000042");
        assert_eq!(seconds(Duration::from_nanos(999)), "0.000000");
    }
}
