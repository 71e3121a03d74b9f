//! What operators ask.

use crate::endpoint::{Section, get};
use crate::system;

/// The endpoints.
pub(super) fn section() -> Section {
    let lines = vec![
        get("/health", "getHealth", system::get_liveness)
            .doc("Whether the process is running", "The process is running."),
        get("/health/db", "getDatabaseHealth", system::get_readiness)
            .doc("Whether the database works", "It can be read and, as far as is known, accepts writes."),
    ];
    Section { tag: "health", about: "For operators.", lines }
}
