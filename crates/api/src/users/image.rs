//! `GET /users/{id}/profile/image` (rules I1 to I4).

use std::sync::LazyLock;

use actix_web::http::header;
use actix_web::web::Data;
use actix_web::{HttpResponse, HttpResponseBuilder};
use bytes::Bytes;
use rosterd_app::avatars::{Image, StoredPicture};
use rosterd_app::{App, lookup};
use rosterd_domain::ids::UserId;
use serde_json::{Value, json};

use crate::auth::{Caller, Verified};
use crate::endpoint::{Made, Operation, Shape};
use crate::error::ApiError;
use crate::etag::{self, IfNoneMatch};
use crate::extract::PathId;

/// A plain silhouette.
static DEFAULT_IMAGE: LazyLock<Image> =
    LazyLock::new(|| Image::new("image/png", Bytes::from_static(include_bytes!("../../assets/user.png"))));

/// `GET /users/{id}/profile/image`
pub(crate) async fn get_profile_image(
    app: Data<App>,
    caller: Caller<Verified>,
    id: PathId<UserId>,
    known: IfNoneMatch,
) -> Result<Made<Picture>, ApiError> {
    let stored = app.snapshot(caller.into(), move |act| lookup::profile_image(act, &id.0)).await?;
    let answer = match app.avatars().read(&stored) {
        StoredPicture::Redirect(url) if app.settings().image_redirects => HttpResponse::Found()
            .insert_header((header::LOCATION, url))
            .insert_header((header::REFERRER_POLICY, "no-referrer"))
            .insert_header((header::CACHE_CONTROL, "private"))
            .finish(),
        StoredPicture::Inline(found) => image(&known, found),
        StoredPicture::Default | StoredPicture::Redirect(_) => image(&known, DEFAULT_IMAGE.clone()),
    };
    Ok(answer.into())
}

/// A picture, or where it is.
pub(crate) struct Picture;

impl Shape for Picture {
    fn describe(operation: &mut Operation) {
        let schema = json!({ "type": "string", "format": "binary", "description": "A picture's bytes." });
        let types = ["image/png", "image/jpeg", "image/gif", "image/webp"];
        let content = types.map(|mime| (mime.to_owned(), json!({ "schema": schema })));
        operation.answers(200, "", Value::Object(content.into_iter().collect()), etag::header_of_answer());
        let location = json!({ "description": "Where it is.", "schema": { "type": "string" } });
        operation.answers(
            302,
            "The image is on another server (rule I4).",
            Value::Null,
            json!({ "Location": location }),
        );
    }
}

/// The bytes, or 304. The headers keep a browser from taking what a user uploaded for anything but an image.
fn image(known: &IfNoneMatch, image: Image) -> HttpResponse {
    if known.is(&image.tag) {
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
