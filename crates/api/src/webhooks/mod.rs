//! Webhooks.

mod form;

use actix_web::web::{Data, Json};
use rosterd_app::App;
use rosterd_app::webhooks::{self, MadeWebhook};
use rosterd_domain::ids::{DeliveryId, WebhookId};
use rosterd_domain::webhook::{WebhookDelivery, WebhookInfo, WebhookTest};
use serde::Serialize;

use crate::auth::{Admin, Caller};
use crate::endpoint::List;
use crate::error::ApiError;
use crate::etag::{IfMatch, Tagged};
use crate::extract::{AskedDeliveries, Body, Checked, PathId, Query, Strict, SubId, accept};
use form::{NewWebhookForm, RotateWebhookForm, WebhookForm};

/// A webhook with a new secret. It is shown this once.
#[derive(Serialize, utoipa::ToSchema)]
#[schema(as = MadeWebhook)]
pub(crate) struct MadeWebhookBody {
    /// The secret, `whsec_` and base64: deliveries are verified with it.
    secret: String,
    #[serde(flatten)]
    info: WebhookInfo,
}

impl From<MadeWebhook> for MadeWebhookBody {
    fn from(made: MadeWebhook) -> Self {
        Self { secret: made.secret.text(), info: made.info }
    }
}

/// A page of deliveries, newest first.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(crate) struct DeliveryPage {
    /// The deliveries.
    deliveries: Vec<WebhookDelivery>,
    /// Where the next page begins. Missing after the last one.
    #[serde(skip_serializing_if = "Option::is_none")]
    next_cursor: Option<String>,
}

/// `GET /webhooks`
pub(crate) async fn list_webhooks(
    app: Data<App>,
    caller: Caller<Admin>,
) -> Result<List<WebhookInfo>, ApiError> {
    Ok(List(app.snapshot(caller.into(), webhooks::list).await?))
}

/// `POST /webhooks`
pub(crate) async fn create_webhook(
    app: Data<App>,
    caller: Caller<Admin>,
    body: Body<Strict<NewWebhookForm>>,
) -> Result<Json<MadeWebhookBody>, ApiError> {
    let allow_private = app.settings().webhooks.allow_private;
    let draft = body.into_result().and_then(|form| Ok(form.0.into_draft(allow_private)?));
    let draft = accept(&app, &caller, draft).await?;
    let made = app.write(caller.into(), move |act| webhooks::create(act, draft)).await?;
    Ok(Json(made.into()))
}

/// `GET /webhooks/{id}`
pub(crate) async fn get_webhook(
    app: Data<App>,
    caller: Caller<Admin>,
    id: PathId<WebhookId>,
) -> Result<Tagged<WebhookInfo>, ApiError> {
    Ok(app.snapshot(caller.into(), move |act| webhooks::get(act, &id.0)).await?.into())
}

/// `POST /webhooks/{id}/update`
pub(crate) async fn update_webhook(
    app: Data<App>,
    caller: Caller<Admin>,
    id: PathId<WebhookId>,
    condition: IfMatch,
    body: Body<Strict<WebhookForm>>,
) -> Result<Tagged<WebhookInfo>, ApiError> {
    let allow_private = app.settings().webhooks.allow_private;
    let update = body.into_result().and_then(|form| Ok(form.0.into_update(allow_private)?));
    let update = accept(&app, &caller, update).await?;
    let update = move |act: &mut rosterd_app::Act<'_>| webhooks::update_if(act, &id.0, update, &condition.0);
    Ok(app.write(caller.into(), update).await?.into())
}

/// `DELETE /webhooks/{id}`
pub(crate) async fn delete_webhook(
    app: Data<App>,
    caller: Caller<Admin>,
    id: PathId<WebhookId>,
) -> Result<Json<bool>, ApiError> {
    app.write(caller.into(), move |act| webhooks::delete(act, &id.0)).await?;
    Ok(Json(true))
}

/// `POST /webhooks/{id}/rotate`
pub(crate) async fn rotate_webhook(
    app: Data<App>,
    caller: Caller<Admin>,
    id: PathId<WebhookId>,
    body: Body<Strict<RotateWebhookForm>>,
) -> Result<Json<MadeWebhookBody>, ApiError> {
    let form = accept(&app, &caller, body).await?;
    let overlap = form.0.overlap.unwrap_or_default();
    let made = app.write(caller.into(), move |act| webhooks::rotate(act, &id.0, overlap)).await?;
    Ok(Json(made.into()))
}

/// `POST /webhooks/{id}/test`
pub(crate) async fn test_webhook(
    app: Data<App>,
    caller: Caller<Admin>,
    id: PathId<WebhookId>,
) -> Result<Json<WebhookTest>, ApiError> {
    Ok(Json(webhooks::test(&app, caller.into(), id.0).await?))
}

/// `GET /webhooks/{id}/deliveries`
pub(crate) async fn list_deliveries(
    app: Data<App>,
    caller: Caller<Admin>,
    id: PathId<WebhookId>,
    query: Query<AskedDeliveries>,
) -> Result<Json<DeliveryPage>, ApiError> {
    let asked = accept(&app, &caller, query).await?;
    let list = move |act: &mut rosterd_app::Act<'_>| webhooks::list_deliveries(act, &id.0, &asked);
    let deliveries = app.snapshot(caller.into(), list).await?;
    let is_full = i64::try_from(deliveries.len()).is_ok_and(|count| count >= asked.limit);
    let next_cursor = deliveries.last().filter(|_| is_full).map(|last| last.position.to_string());
    Ok(Json(DeliveryPage { deliveries, next_cursor }))
}

/// `POST /webhooks/{id}/deliveries/{delivery_id}/retry`
pub(crate) async fn retry_delivery(
    app: Data<App>,
    caller: Caller<Admin>,
    id: PathId<WebhookId>,
    delivery: SubId<DeliveryId>,
) -> Result<Json<WebhookDelivery>, ApiError> {
    Ok(Json(app.write(caller.into(), move |act| webhooks::retry(act, &id.0, &delivery.0)).await?))
}
