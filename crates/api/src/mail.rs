//! The outbox of mails.

use actix_web::HttpRequest;
use actix_web::web::{Data, Json};
use rosterd_app::App;
use rosterd_app::mail;
use rosterd_domain::ids::MailId;
use rosterd_domain::mail::{MailInfo, MailTest};
use serde::Serialize;

use crate::auth::{Admin, Caller};
use crate::error::ApiError;
use crate::extract::{AskedMails, PathId, Query, accept};
use crate::telemetry::language_of;

/// A page of mails, newest first.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(crate) struct MailPage {
    /// The mails.
    mails: Vec<MailInfo>,
    /// Where the next page begins. Missing after the last one.
    #[serde(skip_serializing_if = "Option::is_none")]
    next_cursor: Option<String>,
}

/// `GET /mail`
pub(crate) async fn list_mails(
    app: Data<App>,
    caller: Caller<Admin>,
    query: Query<AskedMails>,
) -> Result<Json<MailPage>, ApiError> {
    let asked = accept(&app, &caller, query).await?;
    let limit = asked.limit;
    let mails = app.snapshot(caller.into(), move |act| mail::list(act, &asked)).await?;
    let is_full = i64::try_from(mails.len()).is_ok_and(|count| count >= limit);
    let next_cursor = mails.last().filter(|_| is_full).map(|last| last.id.as_str().to_owned());
    Ok(Json(MailPage { mails, next_cursor }))
}

/// `POST /mail/test`
pub(crate) async fn test_mail(
    app: Data<App>,
    caller: Caller<Admin>,
    request: HttpRequest,
) -> Result<Json<MailTest>, ApiError> {
    let caller = rosterd_app::Caller::from(caller).with_language(language_of(&request));
    Ok(Json(mail::test(&app, caller, None).await?))
}

/// `POST /mail/{id}/retry`
pub(crate) async fn retry_mail(
    app: Data<App>,
    caller: Caller<Admin>,
    id: PathId<MailId>,
) -> Result<Json<MailInfo>, ApiError> {
    Ok(Json(app.write(caller.into(), move |act| mail::retry(act, &id.0)).await?))
}
