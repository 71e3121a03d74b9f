//! Pages of events.

use actix_web::http::header::HeaderName;
use actix_web::web::{Data, Json};
use actix_web::{HttpRequest, HttpResponse};
use rosterd_app::{App, AppError, audit};
use rosterd_domain::audit::{AuditEvent, to_ocsf};
use serde::Serialize;
use serde_json::{Value, json};
use utoipa::ToSchema;

use crate::auth::{Admin, Authenticated, Caller};
use crate::endpoint::{Made, Operation, Shape};
use crate::error::ApiError;
use crate::extract::{AskedEvents, EventFormat, OwnEvents, Query, accept};
use crate::lines::{LINES, wants_lines};

/// Where the next page begins, in an answer that has no other place for it.
const NEXT_CURSOR: HeaderName = HeaderName::from_static("x-next-cursor");

/// A page of events, newest first.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct EventPage {
    /// The events.
    events: Vec<AuditEvent>,
    /// Where the next page begins. Missing after the last one.
    #[serde(skip_serializing_if = "Option::is_none")]
    next_cursor: Option<String>,
}

/// A page of events as JSON, or as lines of JSON where the request asks for them.
pub(crate) struct EventPageOrLines;

impl Shape for EventPageOrLines {
    fn describe(operation: &mut Operation) {
        operation.header("Accept", "`application/x-ndjson`: one event a line.");
        let page = operation.schema::<EventPage>();
        let event = operation.schema::<AuditEvent>();
        let ocsf = json!({
            "type": "object", "required": ["events"], "properties": {
                "events": { "type": "array", "items": { "type": "object" }, "description": "With `format=ocsf`." },
                "next_cursor": { "type": "string" },
            },
        });
        let cursor = json!({
            "description": "Where the next page begins, of an answer by lines.", "schema": { "type": "string" },
        });
        operation.answers(
            200,
            "",
            json!({ "application/json": { "schema": { "anyOf": [page, ocsf] } }, LINES: { "schema": event } }),
            json!({ "x-next-cursor": cursor }),
        );
    }
}

/// `GET /audit`
pub(crate) async fn list_events(
    app: Data<App>,
    caller: Caller<Admin>,
    query: Query<AskedEvents>,
    request: HttpRequest,
) -> Result<Made<EventPageOrLines>, ApiError> {
    let (query, format) = accept(&app, &caller, query).await?;
    let limit = query.limit;
    let events = app.scan(caller.into(), move |act| audit::list(act, &query)).await?;
    let next = next_cursor(&events, limit);
    let version = &app.settings().version;
    let written = |event: &AuditEvent| match format {
        EventFormat::Own => serde_json::to_value(event),
        EventFormat::Ocsf => Ok(to_ocsf(event, version)),
    };
    let events: Result<Vec<Value>, _> = events.iter().map(written).collect();
    let events = events.map_err(|_unwritable| AppError::Internal("an event could not be written as JSON"))?;
    let mut answer = HttpResponse::Ok();
    if !wants_lines(&request) {
        let mut page = json!({ "events": events });
        if let Some(next) = next {
            page["next_cursor"] = next.into();
        }
        return Ok(answer.json(page).into());
    }
    if let Some(next) = next {
        answer.insert_header((NEXT_CURSOR, next));
    }
    let mut lines = String::new();
    for event in &events {
        lines.push_str(&event.to_string());
        lines.push('\n');
    }
    Ok(answer.content_type(LINES).body(lines).into())
}

/// `GET /users/user/events`
pub(crate) async fn list_own_events(
    app: Data<App>,
    caller: Caller<Authenticated>,
    query: Query<OwnEvents>,
) -> Result<Json<EventPage>, ApiError> {
    let query = accept(&app, &caller, query).await?;
    let limit = query.limit;
    let events = app.scan(caller.into(), move |act| audit::list_own(act, &query)).await?;
    let next_cursor = next_cursor(&events, limit);
    Ok(Json(EventPage { events, next_cursor }))
}

/// A full page may have another one after it.
fn next_cursor(events: &[AuditEvent], limit: i64) -> Option<String> {
    let is_full = i64::try_from(events.len()).is_ok_and(|count| count >= limit);
    events.last().filter(|_| is_full).map(|event| event.id.clone())
}
