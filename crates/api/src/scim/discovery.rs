//! What the server tells of itself (RFC 7644, 4). It is told to connections alone.

use std::future::{Ready, ready};

use actix_web::dev::Payload;
use actix_web::web::Data;
use actix_web::{FromRequest, HttpRequest};
use percent_encoding::percent_decode_str;
use rosterd_app::App;
use rosterd_app::scim::{Served, passwords};
use rosterd_scim::discovery::Passwords;
use rosterd_scim::{ScimError, discovery, list_response};
use serde_json::{Value, json};

use super::answer::describe_errors;
use super::{Document, LIMITS, Listing, Provider, ScimAnswer, ScimFailure};
use crate::endpoint::{Argument, Line, Operation, get};

pub(super) fn routes() -> Vec<Line> {
    vec![
        get("/scim/v2/ServiceProviderConfig", "getScimServiceProviderConfig", get_config)
            .also("/api/v1/scim/v2/ServiceProviderConfig")
            .doc("What SCIM can do here", "The document of RFC 7643, section 5."),
        get("/scim/v2/ResourceTypes", "listScimResourceTypes", list_types)
            .also("/api/v1/scim/v2/ResourceTypes")
            .doc("The kinds of resources", "User and Group."),
        get("/scim/v2/ResourceTypes/{id}", "getScimResourceType", get_type)
            .also("/api/v1/scim/v2/ResourceTypes/{id}")
            .doc("A kind of resources", "The document of RFC 7643, section 6."),
        get("/scim/v2/Schemas", "listScimSchemas", list_schemas).also("/api/v1/scim/v2/Schemas").doc(
            "What resources are made of",
            "The schemas, with the attributes that are stored and no others.",
        ),
        get("/scim/v2/Schemas/{id}", "getScimSchema", get_schema)
            .also("/api/v1/scim/v2/Schemas/{id}")
            .doc("What a kind of resources is made of", "The document of RFC 7643, section 7."),
    ]
}

/// The name or URN at the end of a path.
#[derive(Debug)]
pub(crate) struct NameInPath(String);

impl FromRequest for NameInPath {
    type Error = ScimFailure;
    type Future = Ready<Result<Self, ScimFailure>>;

    fn from_request(request: &HttpRequest, _payload: &mut Payload) -> Self::Future {
        let text = request.match_info().get("id").unwrap_or_default();
        ready(Ok(Self(percent_decode_str(text).decode_utf8_lossy().into_owned())))
    }
}

impl Argument for NameInPath {
    fn describe(operation: &mut Operation) {
        operation.parameter(json!({
            "name": "id", "in": "path", "description": "A name, such as `User`, or the URN of a schema.",
            "required": true, "schema": { "type": "string" },
        }));
    }
}

fn all(documents: Vec<Value>) -> ScimAnswer<Listing> {
    let total = u64::try_from(documents.len()).unwrap_or(u64::MAX);
    ScimAnswer::list(list_response(total, 1, documents))
}

fn found(document: Option<Value>) -> Result<ScimAnswer<Document>, ScimFailure> {
    let document =
        document.ok_or_else(|| ScimError::with_status(404, "there is no document of this name"))?;
    Ok(ScimAnswer::document(document))
}

/// A request without a filter: documents of discovery have none, and one that is sent is refused (RFC 7644, 4).
#[derive(Debug)]
pub(crate) struct Unfiltered(Result<(), ScimFailure>);

impl FromRequest for Unfiltered {
    type Error = ScimFailure;
    type Future = Ready<Result<Self, ScimFailure>>;

    fn from_request(request: &HttpRequest, _payload: &mut Payload) -> Self::Future {
        let has_filter = names_in(request.query_string()).any(|name| name == "filter");
        let refused = || ScimError::with_status(403, "these documents cannot be filtered");
        ready(Ok(Self(if has_filter { Err(refused().into()) } else { Ok(()) })))
    }
}

impl Argument for Unfiltered {
    fn describe(operation: &mut Operation) {
        describe_errors(operation, &[403]);
    }
}

/// The names of the parameters of a query string.
fn names_in(query: &str) -> impl Iterator<Item = &str> {
    query.split('&').map(|pair| pair.split_once('=').map_or(pair, |(name, _)| name))
}

async fn served(
    app: &App,
    provider: &Provider,
    unfiltered: Unfiltered,
) -> Result<Served<Passwords>, ScimFailure> {
    let served = provider.read(app, passwords).await?;
    unfiltered.0?;
    Ok(served)
}

/// `GET /ServiceProviderConfig`
async fn get_config(
    app: Data<App>,
    provider: Provider,
    unfiltered: Unfiltered,
) -> Result<ScimAnswer<Document>, ScimFailure> {
    let served = served(&app, &provider, unfiltered).await?;
    let config = discovery::service_provider_config(&served.base, LIMITS.max_count, served.value);
    Ok(ScimAnswer::document(config))
}

/// `GET /ResourceTypes`
async fn list_types(
    app: Data<App>,
    provider: Provider,
    unfiltered: Unfiltered,
) -> Result<ScimAnswer<Listing>, ScimFailure> {
    let served = served(&app, &provider, unfiltered).await?;
    Ok(all(discovery::resource_types(&served.base)))
}

/// `GET /ResourceTypes/{id}`
async fn get_type(
    app: Data<App>,
    provider: Provider,
    name: NameInPath,
    unfiltered: Unfiltered,
) -> Result<ScimAnswer<Document>, ScimFailure> {
    let served = served(&app, &provider, unfiltered).await?;
    found(discovery::resource_type(&served.base, &name.0))
}

/// `GET /Schemas`
async fn list_schemas(
    app: Data<App>,
    provider: Provider,
    unfiltered: Unfiltered,
) -> Result<ScimAnswer<Listing>, ScimFailure> {
    let served = served(&app, &provider, unfiltered).await?;
    Ok(all(discovery::schemas(&served.base, served.value)))
}

/// `GET /Schemas/{id}`
async fn get_schema(
    app: Data<App>,
    provider: Provider,
    name: NameInPath,
    unfiltered: Unfiltered,
) -> Result<ScimAnswer<Document>, ScimFailure> {
    let served = served(&app, &provider, unfiltered).await?;
    found(discovery::schema(&served.base, &name.0, served.value))
}
