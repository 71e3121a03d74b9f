//! From an event to its row.

use std::sync::{Mutex, PoisonError};

use rosterd_domain::audit::{EventActor, EventSubject, Label, NewEvent};
use rosterd_domain::clock::UnixMillis;
use rosterd_domain::ids::SessionId;
use uuid::{Builder, Uuid};

use crate::actor::Actor;
use crate::caller::Caller;
use crate::credential::Credential;
use crate::event::Event;

/// What this process has made of ids: within a millisecond they are in the order in which they were made.
#[derive(Debug, Default)]
pub(crate) struct EventIds(Mutex<(UnixMillis, usize)>);

impl EventIds {
    /// A fresh id for this moment.
    pub(crate) fn fresh(&self, at: UnixMillis) -> String {
        let mut last = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        *last = if last.0 == at { (at, last.1 + 1) } else { (at, 0) };
        let place = last.1;
        drop(last);
        id_at(at, place, Uuid::new_v4().as_bytes())
    }
}

/// The row of an event that this caller's use case tells.
pub(crate) fn row_of(
    event: &Event,
    actor: &Actor,
    caller: &Caller,
    at: UnixMillis,
    ids: &EventIds,
) -> NewEvent {
    let request = &caller.request;
    NewEvent {
        id: ids.fresh(at),
        at,
        action: event.name(),
        actor: actor_of(actor, caller),
        client_ip: request.client_ip.ip().map(|ip| ip.to_string()),
        request_id: request.id.clone(),
        subject: subject_of(event, actor),
        details: event.details_text(),
        count: None,
        salt: salt(),
    }
}

/// A UUID of version 7 for this moment. Within a millisecond `place` decides the order, then chance.
pub(super) fn id_at(at: UnixMillis, place: usize, random: &[u8; 16]) -> String {
    let mut bytes = [0; 10];
    bytes.iter_mut().zip(random).for_each(|(byte, random)| *byte = *random);
    // Twelve bits: more than 4,096 events of a millisecond are not in order.
    let [.., high, low] = place.to_be_bytes();
    (bytes[0], bytes[1]) = (high, low);
    let millis = u64::try_from(at).unwrap_or_default();
    Builder::from_unix_timestamp_millis(millis, &bytes).into_uuid().to_string()
}

/// A fresh salt: 122 random bits.
pub(super) fn salt() -> String {
    Uuid::new_v4().simple().to_string()
}

/// Who acts, as it is kept.
pub(crate) fn actor_of(actor: &Actor, caller: &Caller) -> EventActor {
    let of_kind = |kind| EventActor { kind, ..EventActor::default() };
    match actor {
        Actor::Account { row, via } => {
            let session = caller.credential().and_then(Credential::session).map(SessionId::as_str);
            let key = row.key.as_ref().map(|key| key.id.as_str());
            EventActor {
                id: Some(row.id.as_str().to_owned()),
                via: Some(via.as_str()),
                credential: key.or(session).map(str::to_owned),
                ..of_kind("account")
            }
        }
        Actor::Holder(id) => {
            EventActor { id: Some(id.as_str().to_owned()), via: Some("session"), ..of_kind("account") }
        }
        Actor::Visitor => EventActor::visitor(),
        Actor::Proxy => of_kind("proxy"),
        Actor::Operator => of_kind("operator"),
        Actor::Job(name) => EventActor { id: Some((*name).to_owned()), ..of_kind("job") },
        Actor::Connection(connection) => {
            EventActor { id: Some(connection.id.as_str().to_owned()), ..of_kind("scim") }
        }
    }
}

fn subject_of(event: &Event, actor: &Actor) -> EventSubject {
    let Some(subject) = event.subject() else { return EventSubject::default() };
    let label = match (event.last_name(), actor) {
        (Some(name), _) => Label::Of(name.to_owned()),
        // Their name was just erased.
        (None, _) if matches!(event, Event::AuditErased(_)) => Label::None,
        // Who changes something about themselves was read already. A new name is in the details.
        (None, Actor::Account { row, .. }) if subject.id == Some(row.id.as_str()) => {
            Label::Of(row.name.clone())
        }
        (None, _) => Label::Stored,
    };
    EventSubject { kind: Some(subject.kind), id: subject.id.map(str::to_owned), label }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_in_the_order_in_which_they_were_made() {
        let ids = EventIds::default();
        let made: Vec<String> = (0..3000).map(|n| ids.fresh(1_800_000_000_000 + n / 1000)).collect();
        assert!(made.is_sorted());
    }

    #[test]
    fn ids_are_in_the_order_of_time_and_of_their_place() {
        let id = |at, place| id_at(at, place, &[7; 16]);
        let ids = [
            id(1_800_000_000_000, 0),
            id(1_800_000_000_000, 1),
            id(1_800_000_000_000, 300),
            id(1_800_000_000_001, 0),
        ];
        assert!(ids.is_sorted(), "{ids:?}");
        for id in &ids {
            assert_eq!(Uuid::parse_str(id).unwrap().get_version_num(), 7);
        }
    }
}
