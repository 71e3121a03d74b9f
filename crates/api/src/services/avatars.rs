//! Profile images.

use rosterd_domain::error::DomainError;
use rosterd_domain::ids::UserId;

use crate::app::App;
use crate::auth::{Caller, Verified};
use crate::error::ApiError;

/// The stored address or data URI of a user's image.
pub(crate) async fn stored(app: &App, caller: Caller<Verified>, id: UserId) -> Result<String, ApiError> {
    app.read(caller, move |db, _me| Ok(db.find_profile_image(&id)?.ok_or(DomainError::UserNotFound)?)).await
}
