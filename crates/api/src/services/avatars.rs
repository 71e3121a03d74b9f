//! Profile images.

use rosterd_domain::error::DomainError;
use rosterd_domain::ids::UserId;

use crate::app::App;
use crate::auth::{Caller, Verified};
use crate::error::ApiError;

/// Where a user's image is served. Lists show this in place of a long inline image.
pub(crate) fn address(id: &UserId) -> String {
    format!("/api/v1/users/{id}/profile/image")
}

/// The image that an update means: the address that a list showed in place of a long inline image means the image
/// itself, or an admin who saves what a list told would store the address over the picture.
pub(crate) fn meant(id: &UserId, sent: &str, stored: &str) -> String {
    if sent == address(id) { stored.to_owned() } else { sent.to_owned() }
}

/// The stored address or data URI of a user's image.
pub(crate) async fn stored(app: &App, caller: Caller<Verified>, id: UserId) -> Result<String, ApiError> {
    app.read(caller, move |db, _me| Ok(db.find_profile_image(&id)?.ok_or(DomainError::UserNotFound)?)).await
}
