//! Events as they are sealed, as server-sent events.

use std::time::{Duration, Instant};

use actix_web::http::header;
use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse, rt};
use bytes::Bytes;
use futures_util::{Stream, stream};
use rosterd_app::{App, audit};
use rosterd_domain::audit::AuditEvent;
use serde_json::json;

use crate::auth::{Admin, Caller};
use crate::endpoint::{Made, Operation, Shape};
use crate::error::ApiError;
use crate::extract::{Query, StreamedEvents, accept};
use crate::places::{Place, Places};

/// How often the database is asked for new events, and with it whether the caller may still read them.
const EVERY: Duration = Duration::from_secs(1);

/// After so many empty looks a comment shows that the connection lives.
const QUIET: u32 = 15;

/// Streams of this process at a time: each asks the database every second.
static STREAMS: Places = Places::new(64);

/// Server-sent events.
pub(crate) struct EventStream;

impl Shape for EventStream {
    fn describe(operation: &mut Operation) {
        operation.header(
            "Last-Event-ID",
            "The position of the last event that was received; browsers send it when they connect again.",
        );
        // OpenAPI 3.1 has no words for a stream of events: what reads it as a text or as a list of them is right.
        let content = json!({ "text/event-stream": { "schema": {} } });
        operation.answers(200, "", content, json!({}));
    }
}

/// `GET /audit/stream`
pub(crate) async fn stream_events(
    app: Data<App>,
    caller: Caller<Admin>,
    query: Query<StreamedEvents>,
    request: HttpRequest,
) -> Result<Made<EventStream>, ApiError> {
    let StreamedEvents { position, follow } = accept(&app, &caller, query).await?;
    let last = request.headers().get("last-event-id").and_then(|value| value.to_str().ok());
    let resumed = last.and_then(|last| last.trim().parse::<i64>().ok()).filter(|last| *last >= 0);
    let caller: rosterd_app::Caller = caller.into();
    let position = match resumed.or(position) {
        Some(position) => position,
        None => audit::last_position(&app, caller.clone()).await?,
    };
    // The first look decides the status.
    let first = audit::sealed_after(&app, caller.clone(), position).await?;
    let place = STREAMS.take()?;
    let mut events = Events {
        app: app.apart(),
        caller,
        position,
        pending: Vec::new(),
        caught_up: false,
        ends: Instant::now() + app.settings().audit.stream_for,
        follow,
        opening: true,
        quiet: 0,
        _place: place,
    };
    events.take_in(first);
    Ok(HttpResponse::Ok()
        .content_type("text/event-stream")
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .insert_header(("x-accel-buffering", "no"))
        .streaming(events.into_stream())
        .into())
}

/// What is streamed.
struct Events {
    app: App,
    caller: rosterd_app::Caller,
    /// Of the last event that was read.
    position: i64,
    /// Read and not sent.
    pending: Vec<AuditEvent>,
    /// There was nothing after these.
    caught_up: bool,
    /// When it is ended, so that none lasts for ever.
    ends: Instant,
    follow: bool,
    opening: bool,
    /// Looks that found nothing since something was sent.
    quiet: u32,
    _place: Place,
}

impl Events {
    fn into_stream(self) -> impl Stream<Item = Result<Bytes, ApiError>> {
        stream::unfold(self, |mut events| async move {
            let piece = events.next_piece().await?;
            Some((Ok(piece), events))
        })
    }

    fn take_in(&mut self, found: Vec<AuditEvent>) {
        if let Some(last) = found.last().and_then(|event| event.position) {
            self.position = last;
        }
        self.caught_up = i64::try_from(found.len()).is_ok_and(|count| count < audit::MOST);
        self.pending = found;
    }

    /// The next text to be sent; `None` at the end: the session is over, the role is gone, the database fails, the server stops
    /// or the stream has lasted long enough. Whoever connects again is told which of them.
    async fn next_piece(&mut self) -> Option<Bytes> {
        if std::mem::take(&mut self.opening) {
            return Some(Bytes::from_static(b"retry: 2000\n\n"));
        }
        loop {
            if !self.pending.is_empty() {
                self.quiet = 0;
                let text: String = self.pending.drain(..).map(|event| written(&event)).collect();
                return Some(Bytes::from(text));
            }
            if self.caught_up {
                if !self.follow || Instant::now() >= self.ends {
                    return None;
                }
                rt::time::sleep(EVERY).await;
            }
            if self.app.is_stopping() {
                return None;
            }
            let found = audit::sealed_after(&self.app, self.caller.clone(), self.position).await.ok()?;
            self.take_in(found);
            self.quiet += 1;
            if self.pending.is_empty() && self.quiet >= QUIET {
                self.quiet = 0;
                return Some(Bytes::from_static(b": nothing new\n\n"));
            }
        }
    }
}

fn written(event: &AuditEvent) -> String {
    let data = serde_json::to_string(event).unwrap_or_default();
    format!("id: {}\nevent: {}\ndata: {data}\n\n", event.position.unwrap_or_default(), event.action)
}
