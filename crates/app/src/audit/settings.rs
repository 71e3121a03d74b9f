//! What is kept of events, and for how long.

use std::time::Duration;

/// What is kept of events in the database, and for how long.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditSettings {
    /// Whether events are written into the database at all.
    pub is_on: bool,
    /// How long events are kept of what people change about themselves every day (the [passing] ones).
    ///
    /// [passing]: rosterd_domain::audit::Chain::Passing
    pub passing_for: Duration,
    /// How long all other events are kept; `None`: without end.
    pub lasting_for: Option<Duration>,
    /// How often events are sealed, and counted ones written.
    pub seal_every: Duration,
    /// How long one stream of events lasts; the client connects again. Zero: it ends when it has sent all there is.
    pub stream_for: Duration,
}

impl Default for AuditSettings {
    fn default() -> Self {
        Self {
            is_on: true,
            passing_for: Duration::from_hours(30 * 24),
            lasting_for: None,
            seal_every: Duration::from_secs(1),
            stream_for: Duration::from_hours(1),
        }
    }
}
