//! Events that are no changes and may come in masses: failed sign-ins and refused calls. Each kind of them is one row for an
//! account, a client IP and a minute, which says how often it happened.
//!
//! They are counted in memory, so that whoever makes them cannot make the database write for each of them, and written by a
//! job about every second and at a stop. What a process has counted and not written is lost when it is killed.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use rosterd_domain::audit::{EventActor, EventSubject, Label, NewEvent};
use rosterd_domain::clock::UnixMillis;
use sha2::{Digest, Sha256};

use super::row::{id_at, salt};
use crate::app::App;
use crate::caller::Caller;
use crate::error::{AppError, AppResult};
use crate::event::Event;
use crate::request::Request;

/// More kinds than this between two writes are counted as one of each action, without account and client IP.
const MOST_KINDS: usize = 4096;

const MINUTE: UnixMillis = 60_000;

/// What is counted and not written.
#[derive(Debug, Default)]
pub(crate) struct CountedEvents(Mutex<HashMap<Kind, Counted>>);

/// What is counted together.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Kind {
    action: &'static str,
    actor: Option<String>,
    subject: Option<String>,
    client: Option<String>,
}

/// How often it happened, and what the first of them was like.
#[derive(Debug, Clone)]
struct Counted {
    times: i64,
    actor: EventActor,
    subject: EventSubject,
    client_ip: Option<String>,
    request_id: Option<std::sync::Arc<str>>,
}

impl CountedEvents {
    fn lock(&self) -> MutexGuard<'_, HashMap<Kind, Counted>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Counts an event.
    pub(crate) fn count(&self, event: &Event, actor: EventActor, request: &Request) {
        let subject = event.subject();
        let kind = Kind {
            action: event.name(),
            actor: actor.id.clone(),
            subject: subject.and_then(|subject| subject.id).map(str::to_owned),
            client: request.client_ip.counted().map(|ip| ip.to_string()),
        };
        let first = Counted {
            times: 0,
            actor,
            subject: EventSubject {
                kind: subject.map(|subject| subject.kind),
                id: kind.subject.clone(),
                label: Label::Stored,
            },
            client_ip: request.client_ip.ip().map(|ip| ip.to_string()),
            request_id: request.id.clone(),
        };
        self.add(kind, first, 1);
    }

    fn add(&self, kind: Kind, first: Counted, times: i64) {
        let mut counted = self.lock();
        let (kind, first) = if counted.len() < MOST_KINDS || counted.contains_key(&kind) {
            (kind, first)
        } else {
            let actor = EventActor { kind: first.actor.kind, ..EventActor::default() };
            let kind = Kind { actor: None, subject: None, client: None, ..kind };
            (
                kind,
                Counted {
                    actor,
                    subject: EventSubject::default(),
                    client_ip: None,
                    request_id: None,
                    ..first
                },
            )
        };
        counted.entry(kind).or_insert(first).times += times;
    }

    fn take(&self) -> Vec<(Kind, Counted)> {
        self.lock().drain().collect()
    }
}

/// The row of what was counted, for the minute of `at`. The same kind has the same id in each process, so that there is one
/// row of it.
fn row_of(kind: &Kind, counted: &Counted, at: UnixMillis) -> NewEvent {
    let minute = at - at.rem_euclid(MINUTE);
    let Kind { action, actor, subject, client } = kind;
    let text = serde_json::json!([action, actor, subject, client]).to_string();
    let hash = Sha256::digest(text.as_bytes());
    let mut bytes = [0; 16];
    bytes.iter_mut().zip(hash.iter()).for_each(|(byte, of_hash)| *byte = *of_hash);
    NewEvent {
        id: id_at(minute, 0, &bytes),
        at: minute,
        action,
        actor: counted.actor.clone(),
        client_ip: counted.client_ip.clone(),
        request_id: counted.request_id.clone(),
        subject: counted.subject.clone(),
        details: None,
        count: Some(counted.times),
        salt: salt(),
    }
}

/// Writes what was counted since the last time, in one transaction; gives how many rows that were.
///
/// # Errors
/// Those of the store; then all of it is kept for the next time.
pub async fn write_counted(app: &App) -> AppResult<usize> {
    let counted = app.counted_events().take();
    if counted.is_empty() || !app.keeps_audit_log() {
        return Ok(0);
    }
    let at = app.now_millis();
    let rows: Vec<NewEvent> = counted.iter().map(|(kind, counted)| row_of(kind, counted, at)).collect();
    let written = app
        .write(Caller::job("audit_counts"), move |act| {
            for (place, row) in rows.iter().enumerate() {
                if !act.housekeeping().count_event(row)? {
                    // Another process has sealed this minute: its clock is ahead.
                    let id = id_at(at, place, uuid::Uuid::new_v4().as_bytes());
                    act.housekeeping().count_event(&NewEvent { id, at, ..row.clone() })?;
                }
            }
            Ok::<_, AppError>(rows.len())
        })
        .await;
    if written.is_err() {
        for (kind, first) in counted {
            let times = first.times;
            app.counted_events().add(kind, Counted { times: 0, ..first }, times);
        }
    }
    written
}

#[cfg(test)]
mod tests {
    use super::*;

    fn count(counted: &CountedEvents, ip: &str) {
        let client_ip = crate::request::ClientIp::new(ip.parse().ok());
        let request = Request { client_ip, ..Request::default() };
        counted.count(&Event::SignInFailed(None), EventActor::visitor(), &request);
    }

    #[test]
    fn what_is_alike_is_one_row_with_the_same_id_everywhere() {
        let counted = CountedEvents::default();
        for ip in ["192.0.2.1", "192.0.2.1", "192.0.2.2", "2001:db8::1", "2001:db8::2"] {
            count(&counted, ip);
        }
        let mut taken = counted.take();
        taken.sort_by(|(a, _), (b, _)| a.client.cmp(&b.client));
        let times: Vec<i64> = taken.iter().map(|(_, counted)| counted.times).collect();
        assert_eq!(times, [2, 1, 2], "{taken:?}");
        let (kind, first) = &taken[0];
        let ids = [60_000, 119_999, 120_000].map(|at| row_of(kind, first, at).id);
        assert_eq!(ids[0], ids[1]);
        assert_ne!(ids[1], ids[2]);
        assert_ne!(ids[0], row_of(&taken[1].0, first, 60_000).id);
    }

    #[test]
    fn masses_are_counted_as_one() {
        let counted = CountedEvents::default();
        for n in 0..MOST_KINDS + 10 {
            count(&counted, &format!("10.1.{}.{}", n / 256, n % 256));
        }
        let taken = counted.take();
        assert_eq!(taken.len(), MOST_KINDS + 1);
        let rest = taken.iter().find(|(kind, _)| kind.client.is_none()).map(|(_, rest)| rest.times);
        assert_eq!(rest, Some(10));
    }
}
