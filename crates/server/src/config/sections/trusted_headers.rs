//! `[trusted_headers]`: sign-in through headers that an authenticating proxy sets.

use rosterd_api::settings::{IpRange, TrustedHeaders};

use crate::config::parse;
use crate::config::reader::Reader;
use crate::config::setting::{Kind, Setting};

const EMAIL: Setting = Setting::new(
    "trusted_headers.email",
    "WEBUI_AUTH_TRUSTED_EMAIL_HEADER",
    &[],
    Kind::Text,
    "",
    "Header with the e-mail address of a user that a proxy has authenticated; empty: off.",
);
const NAME: Setting = Setting::new(
    "trusted_headers.name",
    "WEBUI_AUTH_TRUSTED_NAME_HEADER",
    &[],
    Kind::Text,
    "",
    "Header with the user's name.",
);
const GROUPS: Setting = Setting::new(
    "trusted_headers.groups",
    "WEBUI_AUTH_TRUSTED_GROUPS_HEADER",
    &[],
    Kind::Text,
    "",
    "Header with the names of the user's groups, separated by commas.",
);
const PROXIES: Setting = Setting::new(
    "trusted_headers.proxies",
    "ROSTERD_TRUSTED_PROXIES",
    &[],
    Kind::List,
    "",
    "Addresses or ranges (10.0.0.0/8, ::1) of the proxies that may set these headers; from any other they are ignored.",
);

/// The section's settings.
pub(in crate::config) const ALL: &[Setting] = &[EMAIL, NAME, GROUPS, PROXIES];

/// `None` inside: switched off.
#[expect(clippy::option_option, reason = "outer: readable; inner: switched on")]
pub(in crate::config) fn read(reader: &mut Reader<'_>) -> Option<Option<TrustedHeaders>> {
    let email = reader.read_optional(&EMAIL, parse::header_name);
    let name = reader.read_optional(&NAME, parse::header_name);
    let groups = reader.read_optional(&GROUPS, parse::header_name);
    let proxies = reader.read(&PROXIES, |text| parse::list(text, IpRange::parse));
    let (email, name, groups, proxies) = (email?, name?, groups?, proxies?);
    let Some(email) = email else {
        for (setting, header) in [(&NAME, name), (&GROUPS, groups)] {
            if header.is_some() {
                reader.conflict(setting, "has no effect without WEBUI_AUTH_TRUSTED_EMAIL_HEADER");
            }
        }
        return Some(None);
    };
    if proxies.is_empty() {
        reader.conflict(
            &EMAIL,
            "needs ROSTERD_TRUSTED_PROXIES, the addresses of the proxies that may set it: anybody who reaches the server could sign in as anyone otherwise",
        );
    }
    Some(Some(TrustedHeaders { email, name, groups, proxies }))
}
