//! A body that is a file: taken only once it is known that the caller may send it.

use std::future::{Ready, ready};
use std::io::{self, Write};

use actix_web::dev::Payload;
use actix_web::http::header;
use actix_web::{FromRequest, HttpMessage, HttpRequest, web};
use bytes::BytesMut;
use futures_util::StreamExt;
use rosterd_app::AppError;
use rosterd_app::import::{Spool, SpoolWriter};
use rosterd_domain::transfer::FileKind;
use serde_json::json;

use crate::endpoint::{Argument, Failure, Operation};
use crate::error::ApiError;
use crate::incoming::is_overdue;

/// The most bytes of a file. Larger ones are imported on the command line.
pub(super) const MAX_BYTES: usize = 256 << 20;

/// How much is gathered before it is written: less than this stays in memory.
const PART: usize = 1 << 20;

/// A body that was not read yet.
pub(crate) struct Upload {
    payload: Payload,
    kind: Option<FileKind>,
    declared: Option<u64>,
}

impl FromRequest for Upload {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let length = request.headers().get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok());
        ready(Ok(Self {
            payload: payload.take(),
            kind: FileKind::of_media_type(request.content_type()),
            declared: length.and_then(|text| text.trim().parse().ok()),
        }))
    }
}

impl Argument for Upload {
    fn describe(operation: &mut Operation) {
        let text = json!({ "schema": { "type": "string" } });
        operation.file(
            &json!({ "text/csv": text, "application/x-ndjson": text, "application/octet-stream": text }),
        );
        operation.fails(&[Failure::RequestTimeout, Failure::PayloadTooLarge, Failure::ValidationError]);
    }
}

impl Upload {
    /// The form that the body's media type stands for.
    pub(super) fn kind(&self) -> Option<FileKind> {
        self.kind
    }

    /// Reads the body; what is large goes into a temporary file.
    ///
    /// # Errors
    /// It is empty, too large, late or broken off; there is no room for it.
    pub(super) async fn into_spool(mut self) -> Result<Spool, ApiError> {
        let too_large = || ApiError::PayloadTooLarge { limit: MAX_BYTES };
        if self.declared.is_some_and(|length| length > MAX_BYTES as u64) {
            return Err(too_large());
        }
        let mut writer = SpoolWriter::default();
        let (mut part, mut taken) = (BytesMut::new(), 0_usize);
        while let Some(bytes) = self.payload.next().await {
            let bytes = bytes.map_err(|why| {
                if is_overdue(&why) {
                    ApiError::RequestTimeout
                } else {
                    ApiError::field("value_error", &["body"], "The body ended before it was complete.")
                }
            })?;
            taken = taken.saturating_add(bytes.len());
            if taken > MAX_BYTES {
                return Err(too_large());
            }
            part.extend_from_slice(&bytes);
            if part.len() >= PART {
                writer = written(writer, part.split()).await?;
            }
        }
        if taken == 0 {
            return Err(ApiError::field("missing", &["body"], "Send the file as the body of the request."));
        }
        if taken < PART {
            return Ok(Spool::Memory(part.freeze()));
        }
        Ok(written(writer, part).await?.finish())
    }
}

/// Writes beside the threads that answer.
async fn written(mut writer: SpoolWriter, part: BytesMut) -> Result<SpoolWriter, ApiError> {
    let write = move || -> io::Result<SpoolWriter> {
        writer.write_all(&part)?;
        Ok(writer)
    };
    match web::block(write).await {
        Ok(Ok(writer)) => Ok(writer),
        Ok(Err(error)) => {
            tracing::error!(target: "rosterd::failure", %error, "a file that is imported cannot be kept while it is read");
            Err(AppError::Busy.into())
        }
        Err(_panicked) => Err(AppError::Internal("a file that is imported could not be kept").into()),
    }
}
