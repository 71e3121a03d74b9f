//! What the server tells of itself (RFC 7644, 4). It is told to connections alone.

use actix_web::HttpRequest;
use actix_web::web::Data;
use percent_encoding::percent_decode_str;
use rosterd_app::App;
use rosterd_app::scim::passwords;
use rosterd_scim::{ScimError, discovery, list_response};
use serde_json::{Value, json};

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

impl actix_web::FromRequest for NameInPath {
    type Error = ScimFailure;
    type Future = std::future::Ready<Result<Self, ScimFailure>>;

    fn from_request(request: &HttpRequest, _payload: &mut actix_web::dev::Payload) -> Self::Future {
        let text = request.match_info().get("id").unwrap_or_default();
        std::future::ready(Ok(Self(percent_decode_str(text).decode_utf8_lossy().into_owned())))
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

/// `GET /ServiceProviderConfig`
async fn get_config(app: Data<App>, provider: Provider) -> Result<ScimAnswer<Document>, ScimFailure> {
    let served = provider.read(&app, passwords).await?;
    let config = discovery::service_provider_config(&served.base, LIMITS.max_count, served.value);
    Ok(ScimAnswer::document(config))
}

/// `GET /ResourceTypes`
async fn list_types(app: Data<App>, provider: Provider) -> Result<ScimAnswer<Listing>, ScimFailure> {
    let served = provider.read(&app, passwords).await?;
    Ok(all(discovery::resource_types(&served.base)))
}

/// `GET /ResourceTypes/{id}`
async fn get_type(
    app: Data<App>,
    provider: Provider,
    name: NameInPath,
) -> Result<ScimAnswer<Document>, ScimFailure> {
    let served = provider.read(&app, passwords).await?;
    found(discovery::resource_type(&served.base, &name.0))
}

/// `GET /Schemas`
async fn list_schemas(app: Data<App>, provider: Provider) -> Result<ScimAnswer<Listing>, ScimFailure> {
    let served = provider.read(&app, passwords).await?;
    Ok(all(discovery::schemas(&served.base, served.value)))
}

/// `GET /Schemas/{id}`
async fn get_schema(
    app: Data<App>,
    provider: Provider,
    name: NameInPath,
) -> Result<ScimAnswer<Document>, ScimFailure> {
    let served = provider.read(&app, passwords).await?;
    found(discovery::schema(&served.base, &name.0, served.value))
}
