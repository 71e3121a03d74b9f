//! `[audit]`: which events are kept in the database, and for how long.

use rosterd_app::audit::AuditSettings;

use crate::config::parse;
use crate::config::reader::Reader;
use crate::config::setting::{Kind, Setting};

const ON: Setting = Setting::new(
    "audit.enabled",
    "ROSTERD_AUDIT",
    &[],
    Kind::Switch,
    "true",
    "Events are written into the database, with what they tell of. If it is false, they are in the log of the server only.",
);
const PASSING: Setting = Setting::new(
    "audit.settings_retention",
    "ROSTERD_AUDIT_SETTINGS_RETENTION",
    &[],
    Kind::Duration,
    "30d",
    "How long events of changed settings, info, variables and status are kept.",
);
const LASTING: Setting = Setting::new(
    "audit.retention",
    "ROSTERD_AUDIT_RETENTION",
    &[],
    Kind::Duration,
    "",
    "How long all other events are kept, such as 365d. If it is not set, they are kept without end.",
);

/// The section's settings.
pub(in crate::config) const ALL: &[Setting] = &[ON, PASSING, LASTING];

/// What is kept; `None` after noting a problem.
pub(in crate::config) fn read(reader: &mut Reader<'_>) -> Option<AuditSettings> {
    let is_on = reader.read(&ON, parse::switch);
    let passing_for = reader.read(&PASSING, parse::positive_duration);
    let lasting_for = reader.read_optional(&LASTING, parse::positive_duration);
    Some(AuditSettings {
        is_on: is_on?,
        passing_for: passing_for?,
        lasting_for: lasting_for?,
        ..AuditSettings::default()
    })
}
