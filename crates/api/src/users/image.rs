//! `GET /users/{id}/profile/image` (rules I1 to I4).

use actix_web::http::header;
use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse, HttpResponseBuilder};
use bytes::Bytes;
use rosterd_domain::profile_image::{self, ProfileImage};

use crate::app::App;
use crate::auth::{Caller, Verified};
use crate::error::ApiError;
use crate::etag;
use crate::extract::PathId;
use crate::services::avatars;

/// A plain silhouette.
static DEFAULT_IMAGE: &[u8] = include_bytes!("../../assets/user.png");

/// `GET /users/{id}/profile/image`
pub(crate) async fn get_profile_image(
    app: Data<App>,
    caller: Caller<Verified>,
    id: PathId,
    request: HttpRequest,
) -> Result<HttpResponse, ApiError> {
    let stored = avatars::stored(&app, caller, id.user()).await?;
    Ok(match profile_image::read(&stored) {
        ProfileImage::Redirect(url) if app.settings().image_redirects => HttpResponse::Found()
            .insert_header((header::LOCATION, url))
            .insert_header((header::REFERRER_POLICY, "no-referrer"))
            .insert_header((header::CACHE_CONTROL, "private"))
            .finish(),
        ProfileImage::Inline { mime, bytes } => image(&request, mime.mime(), bytes.into()),
        ProfileImage::Default | ProfileImage::Redirect(_) => {
            image(&request, "image/png", Bytes::from_static(DEFAULT_IMAGE))
        }
    })
}

/// The bytes, or 304. The headers keep a browser from taking what a user uploaded for anything but an image.
fn image(request: &HttpRequest, mime: &'static str, bytes: Bytes) -> HttpResponse {
    let tag = etag::of(&bytes);
    if etag::client_has(request.headers(), &tag) {
        return with_headers(HttpResponse::NotModified(), tag).finish();
    }
    with_headers(HttpResponse::Ok(), tag).content_type(mime).body(bytes)
}

fn with_headers(mut answer: HttpResponseBuilder, tag: String) -> HttpResponseBuilder {
    answer
        .insert_header((header::ETAG, tag))
        .insert_header((header::CACHE_CONTROL, "private, no-cache"))
        .insert_header((header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .insert_header((header::CONTENT_DISPOSITION, "inline"))
        .insert_header((header::CONTENT_SECURITY_POLICY, "default-src 'none'"));
    answer
}
