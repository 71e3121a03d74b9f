//! Files that are compressed in the program, and are sent as they are to whoever takes gzip.

use std::borrow::Cow;
use std::io::{self, Read as _};
use std::sync::OnceLock;

use actix_web::http::header::{self, AcceptEncoding, Encoding, Header as _};
use actix_web::{HttpRequest, HttpResponse};
use bytes::Bytes;
use flate2::read::GzDecoder;
use rosterd_app::{AppError, versions};
use rosterd_console::File;

use crate::error::ApiError;
use crate::etag;

/// A file that is compressed with gzip.
#[derive(Debug)]
pub(crate) struct Compressed {
    content_type: &'static str,
    gzip: Cow<'static, [u8]>,
    /// The entity tag of the compressed form.
    tag: OnceLock<String>,
    /// The file itself with its entity tag. It is made when somebody first asks for it.
    plain: OnceLock<(Bytes, String)>,
}

impl Compressed {
    /// Of this type, with these bytes. Kept for the life of the program, it is tagged and unpacked once.
    pub(crate) const fn new(content_type: &'static str, gzip: &'static [u8]) -> Self {
        let gzip = Cow::Borrowed(gzip);
        Self { content_type, gzip, tag: OnceLock::new(), plain: OnceLock::new() }
    }

    /// A file of the console, whose tag is known.
    pub(crate) fn of_console(file: File) -> Self {
        let File { gzip, content_type, tag } = file;
        Self { content_type, gzip, tag: OnceLock::from(tag), plain: OnceLock::new() }
    }

    /// The answer to a request for it: in the form that its `Accept-Encoding` asks for, or 304 where the client has it. Who
    /// names no form, as curl does, gets the plain one.
    ///
    /// # Errors
    /// [`AppError::Internal`] if the file in the program cannot be read.
    pub(crate) fn answer(&self, request: &HttpRequest) -> Result<HttpResponse, ApiError> {
        let compressed = takes_gzip(request);
        let (body, tag) = if compressed {
            let tag = self.tag.get_or_init(|| versions::of(&self.gzip));
            let body = match &self.gzip {
                Cow::Borrowed(gzip) => Bytes::from_static(gzip),
                // Where the files are read from a folder, as in builds for developers.
                Cow::Owned(gzip) => Bytes::copy_from_slice(gzip),
            };
            (body, tag)
        } else {
            let (text, tag) = self.plain()?;
            (text.clone(), tag)
        };
        let known = etag::client_has(request, tag);
        let mut answer = if known { HttpResponse::NotModified() } else { HttpResponse::Ok() };
        answer
            .insert_header((header::ETAG, tag.as_str()))
            .insert_header((header::CACHE_CONTROL, "no-cache"))
            .insert_header((header::VARY, "Accept-Encoding"));
        if known {
            return Ok(answer.finish());
        }
        if compressed {
            answer.insert_header((header::CONTENT_ENCODING, "gzip"));
        }
        Ok(answer.content_type(self.content_type).body(body))
    }

    fn plain(&self) -> Result<&(Bytes, String), ApiError> {
        if let Some(plain) = self.plain.get() {
            return Ok(plain);
        }
        let text = unpacked(&self.gzip)
            .map_err(|_damaged| AppError::Internal("a file in the program cannot be read"))?;
        let tag = versions::of(&text);
        Ok(self.plain.get_or_init(|| (Bytes::from(text), tag)))
    }
}

fn unpacked(gzip: &[u8]) -> io::Result<Vec<u8>> {
    let mut text = Vec::new();
    GzDecoder::new(gzip).read_to_end(&mut text)?;
    Ok(text)
}

/// Whether the client takes gzip, and likes it no less than the plain form (RFC 9110, 12.5.3).
fn takes_gzip(request: &HttpRequest) -> bool {
    let forms = [Encoding::gzip(), Encoding::identity()];
    let chosen = AcceptEncoding::parse(request).ok().and_then(|accepted| accepted.negotiate(forms.iter()));
    chosen == Some(Encoding::gzip())
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    #[test]
    fn the_form_is_the_one_that_the_client_asks_for() {
        let takes = |value: &str| {
            takes_gzip(
                &TestRequest::default().insert_header((header::ACCEPT_ENCODING, value)).to_http_request(),
            )
        };
        for value in ["gzip", "gzip, deflate, br, zstd", "br;q=1.0, gzip;q=0.8", "identity;q=0.5, gzip"] {
            assert!(takes(value), "{value}");
        }
        for value in ["", "identity", "br", "gzip;q=0", "gzip;q=0.5, identity", "*;q=0"] {
            assert!(!takes(value), "{value}");
        }
        assert!(!takes_gzip(&TestRequest::default().to_http_request()), "curl sends no such header");
    }

    #[test]
    fn a_damaged_file_is_an_error() {
        let damaged = Compressed::new("text/plain", b"no gzip");
        let answer = damaged.answer(&TestRequest::default().to_http_request());
        assert!(matches!(answer, Err(ApiError::App(AppError::Internal(_)))));
    }
}
