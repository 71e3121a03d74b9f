//! Bodies of SCIM: JSON of either media type.

use std::pin::Pin;

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpMessage as _, HttpRequest, web};
use rosterd_app::{App, AppError};
use serde_json::{Value, json};

use super::answer::{MEDIA_TYPE, ScimResource, describe_errors};
use super::failure::ScimFailure;
use super::provider::token_of;
use crate::endpoint::{Argument, Operation};
use crate::error::ApiError;
use crate::extract::{collect_json, json_text, no_json};

/// How many times larger than other bodies one of SCIM may be: a group is sent with all its members.
const ROOM: usize = 4;

/// A body, read as JSON. What it means, [`read`](Self::read) says; the fault of one that cannot be read is told by
/// [`Provider::accept`](super::Provider::accept).
#[derive(Debug)]
pub(crate) struct ScimBody {
    json: Result<Value, ScimFailure>,
    bytes: usize,
}

impl ScimBody {
    /// How many bytes it had.
    pub(crate) fn bytes(&self) -> usize {
        self.bytes
    }

    /// What it means.
    ///
    /// # Errors
    /// 400, 408, 413 and 415, to be given to [`Provider::accept`](super::Provider::accept); those of `meaning`.
    pub(crate) fn read<T, E: Into<ScimFailure>>(
        self,
        meaning: impl FnOnce(&Value) -> Result<T, E>,
    ) -> Result<T, ScimFailure> {
        meaning(&self.json?).map_err(Into::into)
    }
}

impl FromRequest for ScimBody {
    type Error = ScimFailure;
    type Future = Pin<Box<dyn Future<Output = Result<Self, ScimFailure>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let request = request.clone();
        let mut payload = payload.take();
        Box::pin(async move {
            Ok(match read(&request, &mut payload).await {
                Ok((json, bytes)) => Self { json: Ok(json), bytes },
                Err(fault) => Self { json: Err(fault.into()), bytes: 0 },
            })
        })
    }
}

async fn read(request: &HttpRequest, payload: &mut Payload) -> Result<(Value, usize), ApiError> {
    let app = request
        .app_data::<web::Data<App>>()
        .ok_or(AppError::Internal("the application state is not mounted"))?;
    // Who shows no token gets no further, whatever the body says.
    if token_of(request).is_none() {
        return Err(ApiError::NotAuthenticated);
    }
    let limit = app.settings().max_body_bytes.saturating_mul(ROOM);
    let media_type = request.content_type();
    if ![MEDIA_TYPE, "application/json", ""].iter().any(|known| media_type.eq_ignore_ascii_case(known)) {
        return Err(ApiError::UnsupportedMediaType);
    }
    let bytes = collect_json(request, payload, limit).await?;
    let length = bytes.len();
    let parse = move || {
        let text = json_text(&bytes)?;
        serde_json::from_str(&text).map_err(|why| no_json(&why))
    };
    Ok((app.heavy().run(length, parse).await??, length))
}

impl Argument for ScimBody {
    fn describe(operation: &mut Operation) {
        let schema = operation.schema::<ScimResource>();
        operation.file(&json!({ MEDIA_TYPE: { "schema": schema } }));
        describe_errors(operation, &[400, 403, 408, 409, 413, 415]);
    }
}
