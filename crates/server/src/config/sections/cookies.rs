//! `[cookies]`: name and attributes of the cookie of a session.

use rosterd_app::settings::{CookieSettings, SameSite, TOKEN_COOKIE};

use crate::config::parse;
use crate::config::reader::Reader;
use crate::config::setting::{Kind, Setting};

const NAME: Setting = Setting::new(
    "cookies.name",
    "ROSTERD_COOKIE_NAME",
    &[],
    Kind::Text,
    TOKEN_COOKIE,
    "Name of the token cookie in a standalone database. With __Host- in front (and WEBUI_AUTH_COOKIE_SECURE) no other host of the site can set it. A cookie named token is read all the same.",
);
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
pub(in crate::config) const ALL: &[Setting] = &[NAME, SAME_SITE, SECURE];

pub(in crate::config) fn read(reader: &mut Reader<'_>) -> Option<CookieSettings> {
    let name = reader.read(&NAME, |text| {
        let is_token = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
        if !text.is_empty() && text.bytes().all(is_token) {
            Ok(text.to_owned())
        } else {
            Err(format!("`{text}` is no name of a cookie: it may have letters, digits, -, _ and . only"))
        }
    });
    let same_site = reader.read(&SAME_SITE, |text| {
        let words = [("strict", SameSite::Strict), ("lax", SameSite::Lax), ("none", SameSite::None)];
        parse::choice(&words, text)
    });
    let secure = reader.read(&SECURE, parse::switch);
    let (name, same_site, secure) = (name?, same_site?, secure?);
    if ["__Host-", "__Secure-"].iter().any(|prefix| name.starts_with(prefix)) && !secure {
        reader.conflict(
            &NAME,
            "a name that begins so needs WEBUI_AUTH_COOKIE_SECURE=true: browsers drop the cookie without",
        );
    }
    if same_site == SameSite::None && !secure {
        reader.conflict(
            &SAME_SITE,
            "`none` needs WEBUI_AUTH_COOKIE_SECURE=true: browsers drop the cookie without",
        );
    }
    Some(CookieSettings { name, same_site, secure })
}
