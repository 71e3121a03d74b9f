//! `[trusted_headers]`: what proxies in front may say of a request: which client and which user it comes from.

use rosterd_app::settings::TrustedHeaders;
use rosterd_domain::rules::client_ip::{self, IpRanges};

use crate::config::parse;
use crate::config::reader::Reader;
use crate::config::setting::{Kind, Setting};

const EMAIL: Setting = Setting::new(
    "trusted_headers.email",
    "WEBUI_AUTH_TRUSTED_EMAIL_HEADER",
    &[],
    Kind::Text,
    "",
    "Header with the e-mail address of the user whom a proxy has authenticated; empty: off.",
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
    "IPs or ranges (10.0.0.0/8, ::1) of trusted proxies. Only their headers for the client IP and for sign-in are used; those of other peers are ignored.",
);
const CLIENT_IP: Setting = Setting::new(
    "trusted_headers.client_ip",
    "ROSTERD_CLIENT_IP_HEADER",
    &[],
    Kind::Text,
    "X-Forwarded-For",
    "Header in which trusted proxies name the client IP. The last entry that is not a trusted proxy counts. Forwarded is read as RFC 7239 says.",
);

/// The section's settings.
pub(in crate::config) const ALL: &[Setting] = &[EMAIL, NAME, GROUPS, PROXIES, CLIENT_IP];

/// Whom proxies in front may speak for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProxiesConfig {
    /// The proxies.
    pub trusted: IpRanges,
    /// The header in which they name the client's IP.
    pub client_ip_header: String,
    /// Sign-in through their headers; `None`: switched off.
    pub sign_in: Option<TrustedHeaders>,
}

impl ProxiesConfig {
    pub(in crate::config) fn read(reader: &mut Reader<'_>) -> Option<Self> {
        let email = reader.read_optional(&EMAIL, parse::header_name);
        let name = reader.read_optional(&NAME, parse::header_name);
        let groups = reader.read_optional(&GROUPS, parse::header_name);
        let trusted =
            reader.read(&PROXIES, |text| parse::list(text, client_ip::parse_range)).map(IpRanges::new);
        let client_ip_header = reader.read(&CLIENT_IP, parse::header_name);
        let (email, name, groups, trusted) = (email?, name?, groups?, trusted?);
        let sign_in = if let Some(email) = email {
            if trusted.is_empty() {
                reader.conflict(
                    &EMAIL,
                    "needs ROSTERD_TRUSTED_PROXIES, the IPs of the proxies that may set it: anybody who reaches the server could sign in as anyone otherwise. If all of /api/v1/auths is answered by Open WebUI, leave this variable away for rosterd",
                );
            }
            Some(TrustedHeaders { email, name, groups })
        } else {
            for (setting, header) in [(&NAME, name), (&GROUPS, groups)] {
                if header.is_some() {
                    reader.conflict(setting, "has no effect without WEBUI_AUTH_TRUSTED_EMAIL_HEADER");
                }
            }
            None
        };
        Some(Self { trusted, client_ip_header: client_ip_header?, sign_in })
    }
}
