//! Traces for OpenTelemetry: a span for each request, sent to a collector in batches, by a thread of its own.
//!
//! Where to, how often, and which requests is said by the standard variables, which the SDK reads itself: `OTEL_…` means
//! the same in every program, and none of it changes what rosterd answers. Nothing is traced unless one of them names a
//! collector. A span says what the log line of a request says, but for the client IP, and no more.

use std::env;

use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::Method;
use actix_web::http::header::{HeaderMap, HeaderName};
use actix_web::middleware::Next;
use opentelemetry::KeyValue;
use opentelemetry::propagation::{Extractor, TextMapPropagator as _};
use opentelemetry::trace::{Span as _, SpanKind, Status, Tracer as _, TracerProvider as _};
use opentelemetry_otlp::{ExporterBuildError, SpanExporter};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::propagation::TraceContextPropagator;
use opentelemetry_sdk::trace::{SdkTracer, SdkTracerProvider};

/// Each names a collector.
const COLLECTORS: [&str; 2] = ["OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"];

/// Methods that a span is named after. A client may send any word.
const METHODS: [Method; 6] =
    [Method::GET, Method::HEAD, Method::POST, Method::PUT, Method::DELETE, Method::OPTIONS];

/// Where spans come from and go to. A clone is the same.
#[derive(Clone)]
pub(crate) struct Traces {
    provider: SdkTracerProvider,
    tracer: SdkTracer,
}

impl Traces {
    /// What the environment asks for; `None` if it names no collector, or says that nothing is to be traced.
    ///
    /// # Errors
    /// When a variable does not say what it should.
    pub(crate) fn start() -> Result<Option<Self>, ExporterBuildError> {
        let is_off = value("OTEL_SDK_DISABLED").is_some_and(|text| text.eq_ignore_ascii_case("true"))
            || value("OTEL_TRACES_EXPORTER").is_some_and(|text| text != "otlp");
        if is_off || COLLECTORS.iter().all(|name| value(name).is_none()) {
            return Ok(None);
        }
        let exporter = SpanExporter::builder().with_http().build()?;
        let provider =
            SdkTracerProvider::builder().with_resource(resource()).with_batch_exporter(exporter).build();
        let tracer = provider.tracer("rosterd");
        tracing::info!("requests are traced to an OpenTelemetry collector");
        Ok(Some(Self { provider, tracer }))
    }

    /// Sends what has not been sent yet. May wait for the collector, so not on a thread that has something else to do.
    pub(crate) fn stop(&self) {
        if let Err(error) = self.provider.shutdown() {
            tracing::warn!(%error, "the last traces were not sent");
        }
    }
}

/// What all spans have in common: this program, unless the environment calls it otherwise.
fn resource() -> Resource {
    let is_named = value("OTEL_SERVICE_NAME").is_some()
        || value("OTEL_RESOURCE_ATTRIBUTES").is_some_and(|text| text.contains("service.name="));
    let named =
        Resource::builder().with_attribute(KeyValue::new("service.version", env!("CARGO_PKG_VERSION")));
    if is_named { named.build() } else { named.with_service_name("rosterd").build() }
}

/// A variable of the environment that is set and not empty.
fn value(name: &str) -> Option<String> {
    env::var(name).ok().filter(|text| !text.is_empty())
}

/// The middleware; it does nothing in an application without [`Traces`].
///
/// # Errors
/// Those of the inner service, unchanged.
pub(crate) async fn trace(
    request: ServiceRequest,
    next: Next<impl MessageBody>,
) -> Result<ServiceResponse<impl MessageBody>, actix_web::Error> {
    let Some(traces) = request.app_data::<Traces>().cloned() else { return next.call(request).await };
    let caller = TraceContextPropagator::new().extract(&Headers(request.headers()));
    let method = METHODS.iter().find(|known| *known == request.method()).map_or("_OTHER", Method::as_str);
    let builder = traces.tracer.span_builder(method.to_owned()).with_kind(SpanKind::Server);
    // When nobody waits for the answer any more, it ends as it is dropped.
    let mut span = traces.tracer.build_with_context(builder, &caller);
    span.set_attribute(KeyValue::new("http.request.method", method.to_owned()));
    let response = next.call(request).await?;
    if let Some(route) = rosterd_api::route_of(response.request()) {
        span.update_name(format!("{method} {route}"));
        span.set_attribute(KeyValue::new("http.route", route));
    }
    let status = response.status();
    span.set_attribute(KeyValue::new("http.response.status_code", i64::from(status.as_u16())));
    if status.is_server_error() {
        span.set_status(Status::error(""));
    }
    if let Some(id) = response.headers().get(REQUEST_ID).and_then(|id| id.to_str().ok()) {
        span.set_attribute(KeyValue::new("request.id", id.to_owned()));
    }
    span.end();
    Ok(response)
}

/// The header of an answer that has the request's id, as in the log.
const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// The headers of a request, of which the trace that it belongs to is read (W3C Trace Context).
struct Headers<'a>(&'a HeaderMap);

impl Extractor for Headers<'_> {
    fn get(&self, key: &str) -> Option<&str> {
        self.0.get(key)?.to_str().ok()
    }

    fn keys(&self) -> Vec<&str> {
        self.0.keys().map(HeaderName::as_str).collect()
    }
}
