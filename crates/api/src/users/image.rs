//! `GET /users/{id}/profile/image` (rules I1 to I4).

use std::sync::LazyLock;

use actix_web::http::header;
use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse, HttpResponseBuilder};
use bytes::Bytes;
use rosterd_app::avatars::{Image, Shown};
use rosterd_app::{App, lookup};

use crate::auth::{Caller, Verified};
use crate::error::ApiError;
use crate::etag;
use crate::extract::PathId;
use crate::openapi::schemas;

/// A plain silhouette.
static DEFAULT_IMAGE: LazyLock<Image> =
    LazyLock::new(|| Image::new("image/png", Bytes::from_static(include_bytes!("../../assets/user.png"))));

/// `GET /users/{id}/profile/image`
#[utoipa::path(
    get,
    path = "/api/v1/users/{id}/profile/image",
    operation_id = "getUserProfileImageById",
    tag = "users",
    summary = "A user's picture",
    description = "",
    params(
        ("id" = String, Path, description = "A user's id."),
        ("If-None-Match" = Option<String>, Header, description = "The version the client has: 304 where it still holds."),
    ),
    responses(
        (
            status = 200, description = "The picture, or the built-in one (rules I1 to I3).",
            content(
                (schemas::Image = "image/png"), (schemas::Image = "image/jpeg"),
                (schemas::Image = "image/gif"), (schemas::Image = "image/webp"),
            ),
            headers(("ETag" = String, description = "The version of the picture."))
        ),
        (
            status = 302, description = "The picture is elsewhere (rule I4).",
            headers(("Location" = String, description = "Where it is."))
        ),
        (
            status = 304, description = "The client has this version.",
            headers(("ETag" = String, description = "The version of the picture."))
        ),
    ),
    extensions(("x-access" = json!("verified")), ("x-errors" = json!(["USER_NOT_FOUND"]))),
)]
pub(crate) async fn get_profile_image(
    app: Data<App>,
    caller: Caller<Verified>,
    id: PathId,
    request: HttpRequest,
) -> Result<HttpResponse, ApiError> {
    let stored = app.read(caller.into(), move |act| lookup::profile_image(act, &id.user())).await?;
    Ok(match app.avatars().read(&stored) {
        Shown::Redirect(url) if app.settings().image_redirects => HttpResponse::Found()
            .insert_header((header::LOCATION, url))
            .insert_header((header::REFERRER_POLICY, "no-referrer"))
            .insert_header((header::CACHE_CONTROL, "private"))
            .finish(),
        Shown::Inline(found) => image(&request, found),
        Shown::Default | Shown::Redirect(_) => image(&request, DEFAULT_IMAGE.clone()),
    })
}

/// The bytes, or 304. The headers keep a browser from taking what a user uploaded for anything but an image.
fn image(request: &HttpRequest, image: Image) -> HttpResponse {
    if etag::client_has(request.headers(), &image.tag) {
        return with_headers(HttpResponse::NotModified(), &image.tag).finish();
    }
    with_headers(HttpResponse::Ok(), &image.tag).content_type(image.mime).body(image.bytes)
}

fn with_headers(mut answer: HttpResponseBuilder, tag: &str) -> HttpResponseBuilder {
    answer
        .insert_header((header::ETAG, tag))
        .insert_header((header::CACHE_CONTROL, "private, no-cache"))
        .insert_header((header::CONTENT_DISPOSITION, "inline"))
        .insert_header((header::CONTENT_SECURITY_POLICY, "default-src 'none'"));
    answer
}
