//! `[cookies]`: attributes of the `token` cookie.

use rosterd_app::settings::{CookieSettings, SameSite};

use crate::config::parse;
use crate::config::reader::Reader;
use crate::config::setting::{Kind, Setting};

const SAME_SITE: Setting = Setting::new(
    "cookies.same_site",
    "WEBUI_AUTH_COOKIE_SAME_SITE",
    &["WEBUI_SESSION_COOKIE_SAME_SITE"],
    Kind::Choice(&["strict", "lax", "none"]),
    "lax",
    "SameSite of the token cookie. Browsers accept none only together with WEBUI_AUTH_COOKIE_SECURE.",
);
const SECURE: Setting = Setting::new(
    "cookies.secure",
    "WEBUI_AUTH_COOKIE_SECURE",
    &["WEBUI_SESSION_COOKIE_SECURE"],
    Kind::Switch,
    "false",
    "The token cookie is sent over TLS only.",
);

/// The section's settings.
pub(in crate::config) const ALL: &[Setting] = &[SAME_SITE, SECURE];

pub(in crate::config) fn read(reader: &mut Reader<'_>) -> Option<CookieSettings> {
    let same_site = reader.read(&SAME_SITE, |text| {
        let words = [("strict", SameSite::Strict), ("lax", SameSite::Lax), ("none", SameSite::None)];
        parse::choice(&words, text)
    });
    let secure = reader.read(&SECURE, parse::switch);
    let (same_site, secure) = (same_site?, secure?);
    if same_site == SameSite::None && !secure {
        reader.conflict(
            &SAME_SITE,
            "`none` needs WEBUI_AUTH_COOKIE_SECURE=true: browsers drop the cookie without",
        );
    }
    Some(CookieSettings { same_site, secure })
}
