//! JSON bodies (rules E2 and E3).

use std::borrow::Cow;
use std::pin::Pin;

use actix_web::dev::Payload;
use actix_web::http::header;
use actix_web::{FromRequest, HttpMessage, HttpRequest, web};
use bytes::{Bytes, BytesMut};
use futures_util::StreamExt;
use rosterd_app::{App, AppError};

use super::form::Form;
use super::{Checked, depth};
use crate::endpoint::{Argument, Failure, Operation};
use crate::error::ApiError;
use crate::incoming::is_overdue;

/// A body, read and judged. The judgement is opened by [`accept`](super::accept).
#[derive(Debug)]
pub(crate) struct Body<F>(Result<F, ApiError>);

impl<F> Checked for Body<F> {
    type Value = F;

    fn into_result(self) -> Result<F, ApiError> {
        self.0
    }
}

impl<F: Form> FromRequest for Body<F> {
    type Error = ApiError;
    type Future = Pin<Box<dyn Future<Output = Result<Self, ApiError>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let request = request.clone();
        let mut payload = payload.take();
        Box::pin(async move { Ok(Self(read::<F>(&request, &mut payload).await)) })
    }
}

impl<F: Form> Argument for Body<F> {
    fn describe(operation: &mut Operation) {
        operation.body::<F>();
        operation.fails(&[
            Failure::RequestTimeout,
            Failure::PayloadTooLarge,
            Failure::UnsupportedMediaType,
            Failure::ValidationError,
        ]);
    }
}

async fn read<F: Form>(request: &HttpRequest, payload: &mut Payload) -> Result<F, ApiError> {
    let app = request
        .app_data::<web::Data<App>>()
        .ok_or(AppError::Internal("the application state is not mounted"))?;
    let settings = app.settings();
    let limit = F::CARRIES.limit(settings);
    let bytes = collect_json(request, payload, limit).await?;
    app.heavy().run(bytes.len(), move || judge(&bytes)).await?
}

/// What a body says, or every fault of it.
fn judge<F: Form>(bytes: &[u8]) -> Result<F, ApiError> {
    let text = json_text(bytes)?;
    serde_json::from_str::<serde::de::IgnoredAny>(&text).map_err(|why| no_json(&why))?;
    F::read(&text)
}

/// What a text is that cannot be read as JSON.
pub(crate) fn no_json(why: &serde_json::Error) -> ApiError {
    ApiError::field("json_invalid", &["body"], format!("The body is not JSON: {why}."))
}

/// The text of a body that is not empty and not nested too deep. Whether it is JSON, reading it shows.
pub(crate) fn json_text(bytes: &[u8]) -> Result<Cow<'_, str>, ApiError> {
    let text = text_of(bytes)?;
    if text.bytes().all(|byte| byte.is_ascii_whitespace()) {
        return Err(ApiError::field("missing", &["body"], "A JSON body is needed."));
    }
    if !depth::is_shallow(text.as_bytes()) {
        let message = format!("The body nests deeper than {} levels.", depth::MAX_DEPTH);
        return Err(ApiError::field("json_invalid", &["body"], message));
    }
    Ok(text)
}

/// The text of a body: UTF-8, with a byte-order mark or without, or UTF-16 where its byte-order mark says so, as some
/// tools on Windows write it.
fn text_of(bytes: &[u8]) -> Result<Cow<'_, str>, ApiError> {
    let refused = |why: String| ApiError::field("json_invalid", &["body"], why);
    let wide = match bytes {
        [0xff, 0xfe, rest @ ..] => Some((rest, u16::from_le_bytes as fn([u8; 2]) -> u16)),
        [0xfe, 0xff, rest @ ..] => Some((rest, u16::from_be_bytes as fn([u8; 2]) -> u16)),
        _ => None,
    };
    if let Some((rest, read)) = wide {
        let (units, odd) = rest.as_chunks::<2>();
        let units: Vec<u16> = units.iter().map(|unit| read(*unit)).collect();
        let text = String::from_utf16(&units).ok().filter(|_| odd.is_empty());
        return text.map(Cow::Owned).ok_or_else(|| refused("The body is not UTF-16.".to_owned()));
    }
    let text = std::str::from_utf8(bytes).map_err(|why| refused(format!("The body is not UTF-8: {why}.")))?;
    Ok(Cow::Borrowed(text.strip_prefix('\u{feff}').unwrap_or(text)))
}

/// The whole body of a request that declares it as JSON.
pub(crate) async fn collect_json(
    request: &HttpRequest,
    payload: &mut Payload,
    limit: usize,
) -> Result<Bytes, ApiError> {
    let bytes = collect(request, payload, limit).await?;
    if !bytes.is_empty() && request.content_type().is_empty() {
        return Err(ApiError::UnsupportedMediaType);
    }
    Ok(bytes)
}

/// The whole body, refused as soon as it is seen to be too large, late, or something else than JSON.
async fn collect(request: &HttpRequest, payload: &mut Payload, limit: usize) -> Result<Bytes, ApiError> {
    let declared = request
        .headers()
        .get(header::CONTENT_LENGTH)
        .and_then(|value| value.to_str().ok())
        .and_then(|text| text.parse::<u64>().ok());
    if declared.is_some_and(|length| length > limit as u64) {
        return Err(ApiError::PayloadTooLarge { limit });
    }
    if is_other_than_json(request, declared) {
        return Err(ApiError::UnsupportedMediaType);
    }
    let mut bytes = BytesMut::new();
    while let Some(chunk) = payload.next().await {
        let chunk = chunk.map_err(|why| {
            if is_overdue(&why) {
                ApiError::RequestTimeout
            } else {
                ApiError::field("json_invalid", &["body"], "The body ended before it was complete.")
            }
        })?;
        if bytes.len() + chunk.len() > limit {
            return Err(ApiError::PayloadTooLarge { limit });
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(bytes.freeze())
}

/// Whether a body comes that is not declared as JSON. What an empty one is declared as says nothing.
fn is_other_than_json(request: &HttpRequest, declared_length: Option<u64>) -> bool {
    let comes = match declared_length {
        Some(length) => length > 0,
        None => request.headers().contains_key(header::TRANSFER_ENCODING),
    };
    if !comes {
        return false;
    }
    let content_type = request.content_type();
    let json = content_type.eq_ignore_ascii_case("application/json")
        || content_type
            .to_ascii_lowercase()
            .strip_prefix("application/")
            .is_some_and(|sub| sub.ends_with("+json"));
    !content_type.is_empty() && !json
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn e2_a_byte_order_mark_is_no_part_of_the_text() {
        let json = r#"{"a": "ü🎉"}"#;
        let wide = |bytes: fn(u16) -> [u8; 2]| -> Vec<u8> {
            std::iter::once(0xfeff).chain(json.encode_utf16()).flat_map(bytes).collect()
        };
        let marked = [b"\xef\xbb\xbf", json.as_bytes()].concat();
        for body in [json.as_bytes(), &marked, &wide(u16::to_le_bytes), &wide(u16::to_be_bytes)] {
            assert_eq!(text_of(body).unwrap(), json, "{body:?}");
        }
        assert_eq!(text_of(b"\xef\xbb\xbf").unwrap(), "");
    }

    #[test]
    fn e2_what_is_no_text_is_refused() {
        for body in [b"\xff".as_slice(), b"{\"a\": \"\xe9\"}", b"\xff\xfe{", b"\xfe\xff\xd8\x00"] {
            assert!(text_of(body).is_err(), "{body:?}");
        }
    }
}
