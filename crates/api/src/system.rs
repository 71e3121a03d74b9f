//! What operators and front ends ask before anybody signs in: version and health.

use actix_web::web::{Data, Json};
use rosterd_app::{App, AppError};
use serde::Serialize;
use utoipa::ToSchema;

use crate::endpoint::Done;
use crate::error::ApiError;

/// A program's version.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Version {
    /// Such as `0.1.0`.
    version: String,
}

/// `GET /api/version`
pub(crate) async fn get_version(app: Data<App>) -> Json<Version> {
    Json(Version { version: app.settings().version.clone() })
}

/// `GET /health`: the process runs.
pub(crate) async fn get_liveness() -> Json<Done> {
    Json(Done::YES)
}

/// `GET /health/db`: the database answers and, as far as is known, takes writes.
pub(crate) async fn get_readiness(app: Data<App>) -> Result<Json<Done>, ApiError> {
    app.store().check().await.map_err(AppError::from)?;
    Ok(Json(Done::YES))
}
