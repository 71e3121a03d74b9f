//! The session cookie (rule M16).

use std::borrow::Cow;

use actix_web::HttpRequest;
use actix_web::cookie::time::Duration;
use actix_web::cookie::{Cookie, SameSite as Attribute};

use rosterd_app::App;
use rosterd_app::known_browsers::{BROWSER_COOKIE, KNOWN_FOR};
use rosterd_app::settings::{SameSite, TOKEN_COOKIE};
use rosterd_app::tokens::IssuedToken;

/// The cookie of a new session. It ends with the token; without an end it lives as long as the browser.
pub(super) fn of_session(app: &App, token: &IssuedToken) -> Cookie<'static> {
    let mut cookie = plain(app, token.token.clone());
    if let Some(end) = token.expires_at {
        cookie.set_max_age(Duration::seconds(end.saturating_sub(app.now())));
    }
    cookie
}

/// Cookies of a session beside its own: those of Open WebUI.
const BESIDE: [&str; 3] = ["owui-session", "oui-session", "oauth_id_token"];

/// Open WebUI's cookie of a session with an identity provider.
const OAUTH_SESSION: &str = "oauth_session_id";

/// The cookie of a browser in which somebody has signed in. It outlives the session: signing out leaves it.
pub(super) fn of_browser(app: &App, mark: String) -> Cookie<'static> {
    let mut cookie = named(app, BROWSER_COOKIE.into(), mark);
    cookie.set_max_age(Duration::seconds(KNOWN_FOR));
    cookie
}

/// The cookies that take those of a session away (rule M16).
pub(super) fn removals(app: &App, request: &HttpRequest) -> Vec<Cookie<'static>> {
    let sent = request.cookie(OAUTH_SESSION).is_some().then_some(OAUTH_SESSION);
    let own = app.settings().cookie.name.clone();
    // One that was set under the usual name is read too.
    let usual = (own != TOKEN_COOKIE).then_some(TOKEN_COOKIE);
    let others = usual.into_iter().chain(BESIDE).chain(sent).map(Cow::Borrowed);
    let removal = |name| {
        let mut cookie = named(app, name, String::new());
        cookie.make_removal();
        cookie
    };
    std::iter::once(Cow::Owned(own)).chain(others).map(removal).collect()
}

fn plain(app: &App, value: String) -> Cookie<'static> {
    named(app, app.settings().cookie.name.clone().into(), value)
}

fn named(app: &App, name: Cow<'static, str>, value: String) -> Cookie<'static> {
    let settings = &app.settings().cookie;
    Cookie::build(name, value)
        .path("/")
        .http_only(true)
        .secure(settings.secure)
        .same_site(match settings.same_site {
            SameSite::Strict => Attribute::Strict,
            SameSite::Lax => Attribute::Lax,
            SameSite::None => Attribute::None,
        })
        .finish()
}
