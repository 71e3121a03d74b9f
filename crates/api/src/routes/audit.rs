//! The audit log.

use crate::audit::{list, stream};
use crate::endpoint::Failure::NotFound;
use crate::endpoint::{Section, get};

/// The endpoints.
pub(super) fn section() -> Section {
    let lines = vec![
        get("/api/v1/audit", "getAuditEvents", list::list_events)
            .doc("Events, newest first", "A page of events.")
            .note(
                "What the database holds of them, sealed or not. `format=ocsf` gives events of the Open Cybersecurity Schema \
                 Framework. Without the tables for events: 404.",
            )
            .fails(&[NotFound]),
        get("/api/v1/audit/stream", "streamAuditEvents", stream::stream_events)
            .doc("Events as they are sealed", "Server-sent events: `id` is the position, `event` the action, `data` the event.")
            .note(
                "Sends the sealed events after a position in their order, and then each new one about a second after it \
                 happened. Ends when the session ends or the role is taken away, and after an hour: connect again with \
                 `Last-Event-ID`. A process has 64 such streams at most. Without the tables for events: 404.",
            )
            .fails(&[NotFound]),
    ];
    Section { tag: "audit", about: "The audit log.", lines }
}
