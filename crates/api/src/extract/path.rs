//! Ids in paths.

use std::future::{Ready, ready};

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest};
use percent_encoding::percent_decode_str;
use rosterd_domain::ids::{GroupId, UserId};

use crate::error::ApiError;

/// The `{id}` of a path. Text that no id can be (over-long, with a NUL character) becomes the empty id, which no row
/// has: such a path is answered like any unknown id, and the text never reaches a database.
#[derive(Debug, Clone)]
pub(crate) struct PathId(String);

impl PathId {
    /// As a user's id.
    pub(crate) fn user(self) -> UserId {
        UserId::from_stored(self.0)
    }

    /// As a group's id.
    pub(crate) fn group(self) -> GroupId {
        GroupId::from_stored(self.0)
    }
}

impl FromRequest for PathId {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _payload: &mut Payload) -> Self::Future {
        let text = request.match_info().get("id").unwrap_or_default();
        let text = percent_decode_str(text).decode_utf8_lossy();
        let text = if UserId::parse(&text).is_ok() { text.into_owned() } else { String::new() };
        ready(Ok(Self(text)))
    }
}
