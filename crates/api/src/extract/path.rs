//! Ids in paths.

use std::future::{Ready, ready};

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest};
use percent_encoding::percent_decode_str;
use rosterd_domain::ids::{
    ApiKeyId, ConnectionId, DeliveryId, GroupId, MailId, SessionId, UserId, WebhookId,
};
use serde_json::json;

use crate::endpoint::{Argument, Operation};
use crate::error::ApiError;

/// The `{id}` of a path, of a user, a group, a session, an API key, a webhook, a mail or a connection. Text that no id can be (over-long, with a NUL
/// character) becomes the empty id, which no row has: such a path is answered like any unknown id, and the text never reaches
/// a database.
#[derive(Debug, Clone)]
pub(crate) struct PathId<I>(pub(crate) I);

/// The rest of a path that names an identity provider; it may hold `/` and `:`. Text that no database can hold becomes the
/// empty one, which no provider has.
#[derive(Debug, Clone)]
pub(crate) struct Provider(pub(crate) String);

impl FromRequest for Provider {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _payload: &mut Payload) -> Self::Future {
        let text = request.match_info().get("provider").unwrap_or_default();
        let text = percent_decode_str(text).decode_utf8_lossy();
        ready(Ok(Self(if text.contains('\0') { String::new() } else { text.into_owned() })))
    }
}

impl Argument for Provider {
    fn describe(operation: &mut Operation) {
        operation.parameter(json!({
            "name": "provider", "in": "path", "description": "The provider's name; it may hold `/`.",
            "required": true, "schema": { "type": "string" },
        }));
    }
}

/// The id of something that belongs to whom or what the `{id}` of the path names. Read as that one is.
#[derive(Debug, Clone)]
pub(crate) struct SubId<I>(pub(crate) I);

/// An id that a path can hold.
pub(crate) trait InPath: Sized {
    /// Whose it is, for the document.
    const MEANING: &'static str;

    /// What it is called in a path where it is not the first.
    const SUB: &'static str = "sub_id";

    /// Takes a text that is known to be harmless.
    fn from_path(text: String) -> Self;
}

impl InPath for UserId {
    const MEANING: &'static str = "A user's id.";

    fn from_path(text: String) -> Self {
        Self::from_stored(text)
    }
}

impl InPath for GroupId {
    const MEANING: &'static str = "A group's id.";

    fn from_path(text: String) -> Self {
        Self::from_stored(text)
    }
}

impl InPath for ApiKeyId {
    const MEANING: &'static str = "An API key's id.";
    const SUB: &'static str = "key_id";

    fn from_path(text: String) -> Self {
        Self::from_stored(text)
    }
}

impl InPath for SessionId {
    const MEANING: &'static str = "A session's id.";
    const SUB: &'static str = "session_id";

    fn from_path(text: String) -> Self {
        Self::from_stored(text)
    }
}

impl InPath for WebhookId {
    const MEANING: &'static str = "A webhook's id.";

    fn from_path(text: String) -> Self {
        Self::from_stored(text)
    }
}

impl InPath for ConnectionId {
    const MEANING: &'static str = "A connection's id.";

    fn from_path(text: String) -> Self {
        Self::from_stored(text)
    }
}

impl InPath for MailId {
    const MEANING: &'static str = "A mail's id.";

    fn from_path(text: String) -> Self {
        Self::from_stored(text)
    }
}

impl InPath for DeliveryId {
    const MEANING: &'static str = "A delivery's id: that of its event.";
    const SUB: &'static str = "delivery_id";

    fn from_path(text: String) -> Self {
        Self::from_stored(text)
    }
}

/// The id under this name in the path of a request.
fn id_of<I: InPath>(request: &HttpRequest, name: &str) -> I {
    let text = request.match_info().get(name).unwrap_or_default();
    let text = percent_decode_str(text).decode_utf8_lossy();
    I::from_path(if UserId::parse(&text).is_ok() { text.into_owned() } else { String::new() })
}

fn describe_id<I: InPath>(operation: &mut Operation, name: &str) {
    operation.parameter(json!({
        "name": name, "in": "path", "description": I::MEANING, "required": true, "schema": { "type": "string" },
    }));
}

impl<I: InPath> FromRequest for PathId<I> {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _payload: &mut Payload) -> Self::Future {
        ready(Ok(Self(id_of(request, "id"))))
    }
}

impl<I: InPath> FromRequest for SubId<I> {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _payload: &mut Payload) -> Self::Future {
        ready(Ok(Self(id_of(request, I::SUB))))
    }
}

impl<I: InPath> Argument for PathId<I> {
    fn describe(operation: &mut Operation) {
        describe_id::<I>(operation, "id");
    }
}

impl<I: InPath> Argument for SubId<I> {
    fn describe(operation: &mut Operation) {
        describe_id::<I>(operation, I::SUB);
    }
}
