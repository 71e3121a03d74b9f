//! `[webhooks]`: where events may be sent to, and how deliveries are kept.

use std::path::PathBuf;

use rosterd_app::webhooks::WebhookSettings;

use crate::config::parse;
use crate::config::reader::Reader;
use crate::config::setting::{Kind, Setting};

const ALLOW_PRIVATE: Setting = Setting::new(
    "webhooks.allow_private",
    "ROSTERD_WEBHOOK_ALLOW_PRIVATE",
    &[],
    Kind::Switch,
    "false",
    "Webhooks may lead to this machine and to private networks, also by http. Then every admin can make the server send requests there.",
);
const CA_FILE: Setting = Setting::new(
    "webhooks.ca_file",
    "ROSTERD_WEBHOOK_CA_FILE",
    &[],
    Kind::Text,
    "",
    "PEM file with the certificates of authorities that receivers' certificates must be signed by. If it is not set, those that the system trusts.",
);
const RETENTION: Setting = Setting::new(
    "webhooks.retention",
    "ROSTERD_WEBHOOK_RETENTION",
    &[],
    Kind::Duration,
    "30d",
    "How long deliveries that have ended are listed; of each webhook at most the newest 10,000.",
);

/// The section's settings.
pub(in crate::config) const ALL: &[Setting] = &[ALLOW_PRIVATE, CA_FILE, RETENTION];

/// How webhooks are delivered; `None` after noting a problem.
pub(in crate::config) fn read(reader: &mut Reader<'_>) -> Option<WebhookSettings> {
    let allow_private = reader.read(&ALLOW_PRIVATE, parse::switch);
    let ca_file = reader.read_optional(&CA_FILE, |text| {
        let file = PathBuf::from(text);
        if file.is_file() { Ok(file) } else { Err(format!("`{text}` is no file")) }
    });
    let kept_for = reader.read(&RETENTION, parse::positive_duration);
    Some(WebhookSettings {
        allow_private: allow_private?,
        ca_file: ca_file?,
        kept_for: kept_for?,
        ..WebhookSettings::default()
    })
}
