//! Limits for request bodies while they arrive.
//!
//! actix-web waits for a body as long as the connection is open, and after an early answer it reads a chunked body
//! to its end. This middleware ends a body that does not arrive in time, and closes the connection after an answer
//! that left more than a little of the body unread. It also ignores the header `Upgrade`: actix-web would take
//! everything after `Upgrade: websocket` for the body.

use std::cell::RefCell;
use std::error::Error;
use std::io;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use actix_web::body::{BodySize, BoxBody, EitherBody, MessageBody};
use actix_web::dev::{Payload, ServiceRequest, ServiceResponse};
use actix_web::error::PayloadError;
use actix_web::http::{ConnectionType, Method, header};
use actix_web::middleware::Next;
use actix_web::rt::time::{Instant, Sleep, sleep_until, timeout};
use actix_web::{HttpMessage, web};
use bytes::Bytes;
use futures_util::{Stream, future};

use rosterd_app::App;

/// What an answer may leave unread of a body for the connection to go on, in bytes: it is read away. With more to come,
/// closing is cheaper for both sides.
const SMALL: u64 = 64 * 1024;

/// How long the answer waits for that.
const DRAIN_TIME: Duration = Duration::from_millis(100);

/// While the server stops, what holds for bodies that are under way, if it is less than what was configured: well below
/// the ten seconds that Docker grants.
const STOP_TIME: Duration = Duration::from_secs(5);
const STOP_IDLE_TIME: Duration = Duration::from_secs(2);

/// How often a waiting body looks whether the server stops.
const LOOK: Duration = Duration::from_millis(500);

/// The middleware: `App::new().wrap(middleware::from_fn(rosterd_api::guard_bodies))`, within
/// [`log_requests`](crate::log_requests).
///
/// # Errors
/// Those of the inner service, unchanged.
pub async fn guard_bodies(
    mut request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<impl MessageBody>, actix_web::Error> {
    let head_only = request.method() == Method::HEAD;
    let upgrade = request.head().connection_type() == ConnectionType::Upgrade;
    let incoming = Incoming::take(&mut request);
    let mut response = next.call(request).await?;
    if upgrade {
        // Else the answer would announce an upgrade, and actix-web close the connection without a word.
        response.response_mut().head_mut().set_connection_type(ConnectionType::Close);
    }
    let unread = match incoming {
        Some(incoming) if !drain(&incoming).await => Some(incoming),
        _ => None,
    };
    if unread.is_none() && !head_only {
        return Ok(response.map_into_left_body());
    }
    Ok(response.map_body(|_head, body| {
        let size = body.size();
        // Of a streamed answer to HEAD nothing is made that nobody gets.
        let body = (!head_only).then(|| body.boxed());
        EitherBody::right(Replaced { size, body, _unread: unread })
    }))
}

/// The body of an answer, but for HEAD, or with the unread rest of the request: as long as somebody holds that, actix-web
/// knows that it has to close the connection, and that it must not read the rest to its end first.
struct Replaced {
    size: BodySize,
    body: Option<BoxBody>,
    _unread: Option<Rc<RefCell<Incoming>>>,
}

impl MessageBody for Replaced {
    type Error = Box<dyn Error>;

    fn size(&self) -> BodySize {
        self.size
    }

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Bytes, Self::Error>>> {
        match &mut self.get_mut().body {
            None => Poll::Ready(None),
            Some(body) => Pin::new(body).poll_next(cx),
        }
    }
}

/// A body that is arriving.
struct Incoming {
    payload: Payload,
    /// Bytes that are still to come; `None` for a chunked body, which says so itself.
    left: Option<u64>,
    /// Bytes that came.
    read: u64,
    state: State,
    limits: Limits,
    times: Option<Times>,
    alarm: Option<Pin<Box<Sleep>>>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Arriving,
    Complete,
    Broken,
}

/// How long a body may take, from the first time that somebody waits for it.
struct Limits {
    whole: Duration,
    idle: Duration,
    app: Option<web::Data<App>>,
}

struct Times {
    began: Instant,
    /// When the last piece came.
    progressed: Instant,
    /// When the server was first seen to stop.
    stopping: Option<Instant>,
}

impl Times {
    fn deadline(&self, limits: &Limits) -> Instant {
        let usual = (self.began + limits.whole).min(self.progressed + limits.idle);
        self.stopping
            .map_or(usual, |at| usual.min(at + STOP_TIME).min(self.progressed.max(at) + STOP_IDLE_TIME))
    }
}

impl Incoming {
    /// Takes the body out of a request, leaving in its place what reads it by the rules of this module.
    fn take(request: &mut ServiceRequest) -> Option<Rc<RefCell<Self>>> {
        let payload = request.take_payload();
        if matches!(payload, Payload::None) {
            return None;
        }
        let left = if request.chunked().unwrap_or(false) { None } else { Some(declared_length(request)) };
        let app = request.app_data::<web::Data<App>>().cloned();
        let limits = app.as_ref().map_or((Duration::from_secs(30), Duration::from_secs(10)), |app| {
            (app.settings().body_timeout, app.settings().body_idle_timeout)
        });
        let incoming = Rc::new(RefCell::new(Self {
            payload,
            left,
            read: 0,
            state: if left == Some(0) { State::Complete } else { State::Arriving },
            limits: Limits { whole: limits.0, idle: limits.1, app },
            times: None,
            alarm: None,
        }));
        if left != Some(0) {
            let payload = Box::pin(Reading(Rc::clone(&incoming)));
            request.set_payload(Payload::Stream { payload });
        }
        Some(incoming)
    }

    fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Bytes, PayloadError>>> {
        if self.state != State::Arriving {
            return Poll::Ready(None);
        }
        let next = match Pin::new(&mut self.payload).poll_next(cx) {
            Poll::Ready(next) => next,
            Poll::Pending => {
                ready!(self.poll_overdue(cx));
                self.state = State::Broken;
                return Poll::Ready(Some(Err(overdue())));
            }
        };
        Poll::Ready(match next {
            None => {
                self.state = State::Complete;
                None
            }
            Some(Err(error)) => {
                self.state = State::Broken;
                Some(Err(error))
            }
            Some(Ok(piece)) => Some(Ok(self.arrived(piece))),
        })
    }

    /// Counts a piece, and cuts off what lies behind the declared end.
    fn arrived(&mut self, mut piece: Bytes) -> Bytes {
        if let Some(left) = &mut self.left {
            piece.truncate(usize::try_from(*left).unwrap_or(usize::MAX));
            *left -= piece.len() as u64;
            if *left == 0 {
                self.state = State::Complete;
            }
        }
        self.read += piece.len() as u64;
        if let Some(times) = &mut self.times {
            times.progressed = Instant::now();
        }
        piece
    }

    /// Ready once the body has taken too long.
    fn poll_overdue(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        loop {
            let now = Instant::now();
            let times = self.times.get_or_insert(Times { began: now, progressed: now, stopping: None });
            if times.stopping.is_none() && self.limits.app.as_ref().is_some_and(|app| app.is_stopping()) {
                times.stopping = Some(now);
            }
            let deadline = times.deadline(&self.limits);
            if deadline <= now {
                return Poll::Ready(());
            }
            let wake = deadline.min(now + LOOK);
            let alarm = self.alarm.get_or_insert_with(|| Box::pin(sleep_until(wake)));
            // One that rings early does no harm: it is set again.
            if alarm.is_elapsed() || alarm.deadline() > wake {
                alarm.as_mut().reset(wake);
            }
            ready!(alarm.as_mut().poll(cx));
        }
    }

    /// Whether reading the rest away may end soon.
    fn is_nearly_read(&self) -> bool {
        self.state == State::Arriving && self.left.unwrap_or(self.read) <= SMALL
    }
}

/// The length that a request declares. Without one, and not chunked, it has no body (RFC 9112, 6.3).
fn declared_length(request: &ServiceRequest) -> u64 {
    let length = request.headers().get(header::CONTENT_LENGTH);
    length.and_then(|value| value.to_str().ok()).and_then(|text| text.trim().parse().ok()).unwrap_or(0)
}

/// Reads a small rest away. Gives whether the body is complete.
async fn drain(incoming: &RefCell<Incoming>) -> bool {
    let rest = async {
        while incoming.borrow().is_nearly_read() {
            future::poll_fn(|cx| incoming.borrow_mut().poll_next(cx)).await;
        }
    };
    if incoming.borrow().is_nearly_read() {
        // What is not complete after this time is told by the state.
        let _elapsed = timeout(DRAIN_TIME, rest).await;
    }
    incoming.borrow().state == State::Complete
}

/// What handlers read.
struct Reading(Rc<RefCell<Incoming>>);

impl Stream for Reading {
    type Item = Result<Bytes, PayloadError>;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.0.borrow_mut().poll_next(cx)
    }
}

fn overdue() -> PayloadError {
    PayloadError::Io(io::ErrorKind::TimedOut.into())
}

/// Whether a body failed because it took too long.
pub(crate) fn is_overdue(error: &PayloadError) -> bool {
    matches!(error, PayloadError::Io(error) if error.kind() == io::ErrorKind::TimedOut)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seconds(count: u64) -> Duration {
        Duration::from_secs(count)
    }

    #[test]
    fn a_body_has_a_deadline_for_the_whole_one_between_pieces_and_a_nearer_one_at_a_stop() {
        let limits = Limits { whole: seconds(30), idle: seconds(10), app: None };
        let began = Instant::now();
        let after = |progressed: u64, stopping: Option<u64>| {
            let stopping = stopping.map(|after| began + seconds(after));
            let times = Times { began, progressed: began + seconds(progressed), stopping };
            (times.deadline(&limits) - began).as_secs()
        };
        assert_eq!(after(0, None), 10);
        assert_eq!(after(12, None), 22);
        assert_eq!(after(28, None), 30);
        // Silent for six seconds when the server stops; silent since the stop; still sending; nearly over time anyway.
        assert_eq!(after(0, Some(6)), 8);
        assert_eq!(after(7, Some(6)), 9);
        assert_eq!(after(10, Some(6)), 11);
        assert_eq!(after(29, Some(29)), 30);
    }
}
