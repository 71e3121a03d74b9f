//! `[activity]`: when a user was last seen (rule L4).

use std::time::Duration;

use crate::config::parse;
use crate::config::reader::Reader;
use crate::config::setting::{Kind, Setting};

const FLUSH: Setting = Setting::new(
    "activity.flush",
    "ROSTERD_ACTIVITY_FLUSH",
    &[],
    Kind::Duration,
    "5s",
    "How often collected activity is written to the database.",
);
/// The section's settings.
pub(in crate::config) const ALL: &[Setting] = &[FLUSH];

/// When a user was last seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ActivityConfig {
    /// Collected activity is written this often.
    pub flush: Duration,
}

impl ActivityConfig {
    pub(in crate::config) fn read(reader: &mut Reader<'_>) -> Option<Self> {
        let flush = reader.read(&FLUSH, parse::positive_duration);
        Some(Self { flush: flush? })
    }
}
