//! SCIM 2.0 (RFC 7643, RFC 7644): what identity providers ask, at `/scim/v2` and, where Open WebUI has it, `/api/v1/scim/v2`. And the
//! connections by which they ask, for admins.
//!
//! A handler takes a [`Provider`], reads what was sent ([`ScimBody`], [`Listed`], [`Projected`], [`IfMatchSent`]), lets
//! [`Provider::accept`] tell its faults to those alone who may ask, and answers with a [`ScimAnswer`] or a [`ScimFailure`].

mod answer;
mod body;
pub(crate) mod connections;
mod discovery;
mod failure;
mod form;
mod groups;
mod provider;
mod search;
mod sent;
mod users;

use actix_web::http::Method;
use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};
use rosterd_app::App;
use rosterd_app::scim::MOUNT;
use rosterd_scim::{Limits, ScimError};

use crate::alias::plain_path;
use crate::endpoint::Line;
use crate::error::ApiError;

pub(crate) use answer::{Created, Deleted, Document, Listing, Resource, ScimAnswer};
pub(crate) use body::ScimBody;
pub(crate) use failure::ScimFailure;
pub(crate) use provider::Provider;
pub(crate) use sent::{IfMatchSent, IfNoneMatchSent, Listed, Projected};

/// How long a page is (rule J11).
pub(crate) const LIMITS: Limits = Limits { default_count: 100, max_count: 200 };

/// The routes of SCIM itself. Each has a second spelling below `/api/v1`.
pub(crate) fn routes() -> Vec<Line> {
    [discovery::routes(), users::routes(), groups::routes(), search::routes()].into_iter().flatten().collect()
}

/// Whether a path of the table is one of SCIM itself.
pub(crate) fn is_of_scim(path: &str) -> bool {
    let path = plain_path(path);
    let path = path.strip_prefix("/api/v1").unwrap_or(path);
    path.strip_prefix(MOUNT).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// What answers below the mount where no route does: 501 for what SCIM has and rosterd does not, else 404.
pub(crate) async fn elsewhere(
    app: Data<App>,
    request: HttpRequest,
    provider: Provider,
) -> Result<HttpResponse, ScimFailure> {
    provider.look(&app).await?;
    let rest = request.path().split_once(MOUNT).map_or("", |(_, rest)| rest);
    let step = rest.trim_start_matches('/').split('/').next().unwrap_or_default();
    Err(match step {
        "Bulk" | "Me" => {
            let detail =
                format!("this server does not have {MOUNT}/{step}; send a request for each resource");
            ScimError::with_status(501, detail).into()
        }
        _ => ScimError::with_status(404, "there is nothing at this path").into(),
    })
}

/// What answers a method that a path does not have.
pub(crate) async fn refuse_method(
    app: Data<App>,
    provider: Provider,
    allowed: Vec<Method>,
) -> Result<HttpResponse, ScimFailure> {
    provider.look(&app).await?;
    Err(ApiError::MethodNotAllowed(allowed).into())
}
