//! Mounting the URL table into an actix application.

use actix_web::http::header;
use actix_web::web::{self, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse, Resource, Scope};
use rosterd_app::App;
use rosterd_app::scim::MOUNT;

use crate::alias::ALIAS;
use crate::endpoint::{Line, methods, resource};
use crate::error::ApiError;
use crate::metrics::{Metrics, NO_ROUTE};
use crate::routes;
use crate::scim;
use crate::telemetry::{ConfiguredHeaders, Pattern};

/// What most paths begin with.
const API: &str = "/api/v1";

/// Mounts every endpoint, under `/api/v1` and beside it, all of them also below `/rosterd`, and JSON answers for all other
/// paths (rule E3).
///
/// An application on a standalone database that others can reach calls [`rosterd_app::setup::prepare`] before it listens: the
/// first account needs the token that it gives (rule A3).
///
/// ```no_run
/// # fn mount(app: rosterd_app::App) {
/// let service = actix_web::App::new().configure(rosterd_api::configure(&app));
/// # }
/// ```
pub fn configure(app: &App) -> impl Fn(&mut ServiceConfig) + Clone + use<> {
    configure_with(app, &Metrics::new(app))
}

/// As [`configure`], where the metrics are shown elsewhere, too ([`metrics::configure`](crate::metrics::configure)): they
/// must be those of this application.
pub fn configure_with(app: &App, metrics: &Metrics) -> impl Fn(&mut ServiceConfig) + Clone + use<> {
    let (app, metrics) = (app.clone(), metrics.clone());
    move |service: &mut ServiceConfig| {
        // Called once on each worker: requests of one worker count their handles apart from those of the others.
        let app = web::Data::new(app.apart());
        let lines = routes::lines();
        let counted = metrics.of_worker(paths(&lines).into_iter().map(|path| (path, methods(&lines, path))));
        let pattern = |path| Pattern { path, counted: counted.get(path).cloned() };
        let (api, beside) = services(&lines, pattern);
        let headers = ConfiguredHeaders::of(&app);
        service.app_data(app).app_data(headers).service(api);
        service.app_data(web::Data::new(metrics.clone())).app_data(pattern(NO_ROUTE));
        for resource in beside {
            service.service(resource);
        }
        let (api, beside) = services(&lines, pattern);
        let alias = web::resource(ALIAS).app_data(pattern(NO_ROUTE)).to(to_alias);
        service.service(alias);
        service.service(beside.into_iter().fold(web::scope(ALIAS).service(api), Scope::service));
        service.default_service(web::to(not_found));
    }
}

/// What answers below `/api/v1`, and what answers beside it.
fn services(lines: &[Line], pattern: impl Fn(&'static str) -> Pattern) -> (Scope, Vec<Resource>) {
    let (mut api, mut beside) = (web::scope(API), Vec::new());
    for path in paths(lines) {
        match path.strip_prefix(API).filter(|rest| rest.starts_with('/')) {
            Some(rest) => api = api.service(resource(lines, &pattern(path), rest)),
            None => beside.push(resource(lines, &pattern(path), path)),
        }
    }
    // What SCIM does not have is answered in its own words, too.
    let elsewhere = || {
        web::resource([MOUNT.to_owned(), format!("{MOUNT}/{{rest:.*}}")])
            .app_data(pattern(NO_ROUTE))
            .to(scim::elsewhere)
    };
    beside.push(elsewhere());
    (api.service(elsewhere()), beside)
}

/// Every path, once, in the order of the table.
fn paths(lines: &[Line]) -> Vec<&'static str> {
    let mut paths = Vec::new();
    for path in lines.iter().flat_map(Line::paths) {
        if !paths.contains(&path) {
            paths.push(path);
        }
    }
    paths
}

/// The alias without its slash leads to the page below it, whatever was asked behind it.
async fn to_alias(request: HttpRequest) -> HttpResponse {
    let query = request.uri().query().map(|query| format!("?{query}")).unwrap_or_default();
    HttpResponse::PermanentRedirect().insert_header((header::LOCATION, format!("{ALIAS}/{query}"))).finish()
}

async fn not_found(_request: HttpRequest) -> Result<&'static str, ApiError> {
    Err(ApiError::NotFound)
}
