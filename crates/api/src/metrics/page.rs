//! The page of metrics: at `/metrics` of the API, or on a listener of its own.

use actix_web::http::Method;
use actix_web::http::header::HeaderMap;
use actix_web::web::{self, Data, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse};
use prometheus::TEXT_FORMAT;
use rosterd_app::settings::MetricsPage;
use rosterd_domain::secret::MetricsToken;
use serde_json::json;

use super::Metrics;
use crate::auth::bearer;
use crate::endpoint::{Argument, Made, Operation, Shape};
use crate::error::ApiError;
use crate::telemetry::Pattern;

/// Where the page is.
const PATH: &str = "/metrics";

/// What the page is, for the document.
pub(crate) struct MetricsText;

impl Shape for MetricsText {
    fn describe(operation: &mut Operation) {
        let content = json!({ "text/plain": { "schema": { "type": "string" } } });
        operation.answers(200, "", content, json!({}));
    }
}

/// Which no server is without.
impl Argument for Data<Metrics> {}

/// `GET /metrics` of the API.
pub(crate) async fn get_metrics(
    request: HttpRequest,
    metrics: Data<Metrics>,
) -> Result<Made<MetricsText>, ApiError> {
    match &metrics.app.settings().metrics {
        MetricsPage::Here(token) => {
            ensure_token(request.headers(), token)?;
            Ok(answer(&metrics).into())
        }
        MetricsPage::Off | MetricsPage::Apart(_) => Err(ApiError::NotFound),
    }
}

/// Mounts the page into an actix application of its own, and nothing else. Wrap it in
/// [`log_requests`](crate::log_requests), which completes the answers.
pub fn configure(metrics: &Metrics) -> impl Fn(&mut ServiceConfig) + Clone + use<> {
    let metrics = metrics.clone();
    move |service: &mut ServiceConfig| {
        let page = web::resource(PATH)
            .app_data(Pattern { path: PATH, counted: None })
            .route(web::get().to(get_apart))
            .route(web::head().to(get_apart))
            .default_service(web::to(refuse_method));
        service.app_data(Data::new(metrics.clone())).service(page).default_service(web::to(not_found));
    }
}

/// `GET /metrics` of the other listener.
async fn get_apart(request: HttpRequest, metrics: Data<Metrics>) -> Result<HttpResponse, ApiError> {
    if let MetricsPage::Apart(Some(token)) = &metrics.app.settings().metrics {
        ensure_token(request.headers(), token)?;
    }
    Ok(answer(&metrics))
}

async fn refuse_method() -> Result<&'static str, ApiError> {
    Err(ApiError::MethodNotAllowed(vec![Method::GET, Method::HEAD]))
}

async fn not_found() -> Result<&'static str, ApiError> {
    Err(ApiError::NotFound)
}

fn answer(metrics: &Metrics) -> HttpResponse {
    HttpResponse::Ok().content_type(TEXT_FORMAT).body(metrics.text())
}

/// # Errors
/// [`ApiError::MetricsToken`] for any other token, and for none.
fn ensure_token(headers: &HeaderMap, token: &MetricsToken) -> Result<(), ApiError> {
    match bearer(headers) {
        Ok(Some(brought)) if token.is(brought) => Ok(()),
        _ => Err(ApiError::MetricsToken),
    }
}
