//! `[deleted]`: deleted accounts.

use std::time::Duration;

use crate::config::parse;
use crate::config::reader::Reader;
use crate::config::setting::{Kind, Setting};

const RETENTION: Setting = Setting::new(
    "deleted.retention",
    "ROSTERD_DELETED_RETENTION",
    &[],
    Kind::Duration,
    "30d",
    "How long a deleted account is kept, with all its data, so that it can be restored. 0: it is not kept.",
);

/// The section's settings.
pub(in crate::config) const ALL: &[Setting] = &[RETENTION];

/// How long deleted accounts are kept; `None` after noting a problem.
pub(in crate::config) fn read(reader: &mut Reader<'_>) -> Option<Duration> {
    reader.read(&RETENTION, parse::duration)
}
