//! What operators ask.

use crate::endpoint::{Section, get};
use crate::system;

/// The endpoints.
pub(super) fn section() -> Section {
    let lines = vec![
        get("/health", "getHealth", system::get_liveness).doc("Whether the process runs", "It does."),
        get("/health/db", "getDatabaseHealth", system::get_readiness).doc(
            "Whether the database does its work",
            "It can be read and, as far as is known, takes writes.",
        ),
    ];
    Section { tag: "health", about: "For operators.", lines }
}
