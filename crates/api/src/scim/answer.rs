//! What SCIM answers with: `application/scim+json`, the version as `ETag`, and where a new resource is.

use std::marker::PhantomData;

use actix_web::body::BoxBody;
use actix_web::http::{StatusCode, header};
use actix_web::{HttpRequest, HttpResponse, Responder};
use rosterd_scim::{Projection, ScimError, Version};
use serde_json::{Value, json};
use utoipa::openapi::schema::{AdditionalProperties, Array, ObjectBuilder, Schema, Type};
use utoipa::openapi::{Ref, RefOr};
use utoipa::{PartialSchema, ToSchema};

use crate::endpoint::{Answer, Operation, Shape};
use crate::extract::Parts;

/// The media type of all that SCIM answers (RFC 7644, 3.1).
pub(super) const MEDIA_TYPE: &str = "application/scim+json";

/// An answer; `S` says what it is.
pub(crate) struct ScimAnswer<S> {
    status: StatusCode,
    document: Option<Value>,
    etag: Option<String>,
    location: Option<String>,
    shape: PhantomData<fn() -> S>,
}

impl<S> ScimAnswer<S> {
    fn of(status: StatusCode, document: Option<Value>) -> Self {
        Self { status, document, etag: None, location: None, shape: PhantomData }
    }
}

impl ScimAnswer<Document> {
    /// A document of discovery.
    pub(crate) fn document(document: Value) -> Self {
        Self::of(StatusCode::OK, Some(document))
    }
}

impl ScimAnswer<Listing> {
    /// A list, whose resources are projected already.
    pub(crate) fn list(document: Value) -> Self {
        Self::of(StatusCode::OK, Some(document))
    }
}

impl ScimAnswer<Resource> {
    /// A whole resource, of which is shown what the projection lets through.
    pub(crate) fn one(document: Value, projection: &Projection) -> Self {
        let etag = text_at(&document, "/meta/version");
        Self { etag, ..Self::of(StatusCode::OK, Some(projection.apply(document))) }
    }

    /// The client has this version already.
    pub(crate) fn unchanged(version: &Version) -> Self {
        Self { etag: Some(version.to_string()), ..Self::of(StatusCode::NOT_MODIFIED, None) }
    }
}

impl ScimAnswer<Created> {
    /// The same of a new resource.
    pub(crate) fn created(document: Value, projection: &Projection) -> Self {
        let (etag, location) = (text_at(&document, "/meta/version"), text_at(&document, "/meta/location"));
        Self { etag, location, ..Self::of(StatusCode::CREATED, Some(projection.apply(document))) }
    }
}

impl ScimAnswer<Deleted> {
    /// It is gone.
    pub(crate) fn deleted() -> Self {
        Self::of(StatusCode::NO_CONTENT, None)
    }
}

fn text_at(document: &Value, pointer: &str) -> Option<String> {
    document.pointer(pointer).and_then(Value::as_str).map(str::to_owned)
}

impl<S> Responder for ScimAnswer<S> {
    type Body = BoxBody;

    fn respond_to(self, _request: &HttpRequest) -> HttpResponse {
        let mut answer = HttpResponse::build(self.status);
        if let Some(etag) = self.etag {
            answer.insert_header((header::ETAG, etag));
        }
        if let Some(location) = self.location {
            answer.insert_header((header::LOCATION, location));
        }
        match self.document {
            Some(document) => answer.content_type(MEDIA_TYPE).body(document.to_string()),
            None => answer.finish(),
        }
    }
}

impl<S: Shape> Answer for ScimAnswer<S> {
    fn describe(operation: &mut Operation) {
        S::describe(operation);
    }
}

/// A document of discovery.
pub(crate) struct Document;

/// A page of a list.
pub(crate) struct Listing;

/// A user or a group.
pub(crate) struct Resource;

/// A new user or group.
pub(crate) struct Created;

/// Nothing.
pub(crate) struct Deleted;

/// What a 200 or 201 of this type has.
fn content<T: ToSchema>(operation: &mut Operation) -> Value {
    let schema = operation.schema::<T>();
    json!({ MEDIA_TYPE: { "schema": schema } })
}

fn etag() -> Value {
    json!({ "description": "The version of the resource.", "schema": { "type": "string" } })
}

impl Shape for Document {
    fn describe(operation: &mut Operation) {
        let content = content::<ScimResource>(operation);
        operation.answers(200, "", content, json!({}));
    }
}

impl Shape for Listing {
    fn describe(operation: &mut Operation) {
        let content = content::<ScimListResponse>(operation);
        operation.answers(200, "", content, json!({}));
    }
}

impl Shape for Resource {
    fn describe(operation: &mut Operation) {
        let content = content::<ScimResource>(operation);
        operation.answers(200, "", content, json!({ "ETag": etag() }));
    }
}

impl Shape for Created {
    fn describe(operation: &mut Operation) {
        let content = content::<ScimResource>(operation);
        let location = json!({ "description": "The URL of the resource.", "schema": { "type": "string" } });
        let headers = json!({ "ETag": etag(), "Location": location });
        operation.answers(201, "The resource.", content, headers);
    }
}

impl Shape for Deleted {
    fn describe(operation: &mut Operation) {
        operation.answers(204, "It is gone.", Value::Null, json!({}));
    }
}

/// Adds the SCIM errors of these statuses.
pub(super) fn describe_errors(operation: &mut Operation, statuses: &[u16]) {
    for status in statuses {
        let content = content::<ScimErrorBody>(operation);
        let about = match status {
            400 => "Something in the request is wrong; `scimType` says of what kind.",
            401 => "The token of a connection is missing or wrong.",
            403 => "The connection may not do this.",
            404 => "There is no such resource, or no connection at all.",
            408 => "The request body did not arrive in time.",
            409 => "Another resource has this value already, or it does not fit to what is there.",
            412 => "Another version is stored.",
            413 => "The request body is too large.",
            415 => "The body is no JSON by its media type.",
            429 => "Too many wrong tokens.",
            503 => "The server is busy or cannot reach its database.",
            _ => "The server failed; nothing was changed.",
        };
        operation.answers(*status, about, content, json!({}));
    }
}

fn schemas() -> Array {
    Array::new(ObjectBuilder::new().schema_type(Type::String))
}

/// A document of SCIM: what it holds, its schema at `/Schemas` says.
pub(crate) struct ScimResource;

impl PartialSchema for ScimResource {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .property("schemas", schemas())
            .required("schemas")
            .additional_properties(Some(AdditionalProperties::FreeForm(true)))
            .description(Some(
                "A user, a group or a document of discovery, as RFC 7643 has it; `/scim/v2/Schemas` says what it holds.",
            ))
            .into()
    }
}

impl ToSchema for ScimResource {
    fn name() -> std::borrow::Cow<'static, str> {
        "ScimResource".into()
    }
}

/// A page of resources.
pub(crate) struct ScimListResponse;

impl PartialSchema for ScimListResponse {
    fn schema() -> RefOr<Schema> {
        let number = || ObjectBuilder::new().schema_type(Type::Integer).minimum(Some(0));
        ObjectBuilder::new()
            .property("schemas", schemas())
            .required("schemas")
            .property("totalResults", number())
            .required("totalResults")
            .property("startIndex", number())
            .property("itemsPerPage", number())
            .property("Resources", Array::new(Ref::from_schema_name(ScimResource::name())))
            .additional_properties(Some(AdditionalProperties::FreeForm(true)))
            .description(Some("A page of a list (RFC 7644, 3.4.2)."))
            .into()
    }
}

impl ToSchema for ScimListResponse {
    fn name() -> std::borrow::Cow<'static, str> {
        "ScimListResponse".into()
    }

    fn schemas(schemas: &mut Parts) {
        schemas.push((ScimResource::name().into_owned(), ScimResource::schema()));
    }
}

/// An error.
struct ScimErrorBody;

impl PartialSchema for ScimErrorBody {
    fn schema() -> RefOr<Schema> {
        let text = || ObjectBuilder::new().schema_type(Type::String);
        ObjectBuilder::new()
            .property("schemas", schemas())
            .required("schemas")
            .property("status", text().pattern(Some("^[1-5][0-9][0-9]$")))
            .required("status")
            .property("scimType", text())
            .property("detail", text())
            .required("detail")
            .description(Some("An error of SCIM (RFC 7644, 3.12)."))
            .examples([ScimError::with_status(404, "no user has this id").to_json()])
            .into()
    }
}

impl ToSchema for ScimErrorBody {
    fn name() -> std::borrow::Cow<'static, str> {
        "ScimError".into()
    }
}
