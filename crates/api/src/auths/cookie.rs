//! The session cookie (rule M16).

use actix_web::HttpRequest;
use actix_web::cookie::time::Duration;
use actix_web::cookie::{Cookie, SameSite as Attribute};

use rosterd_app::App;
use rosterd_app::settings::SameSite;
use rosterd_app::tokens::IssuedToken;

/// Its name; Open WebUI's front end and back end know it by this.
const NAME: &str = "token";

/// The cookie of a new session. It ends with the token; without an end it lives as long as the browser.
pub(super) fn of_session(app: &App, token: &IssuedToken) -> Cookie<'static> {
    let mut cookie = plain(app, token.token.clone());
    if let Some(end) = token.expires_at {
        cookie.set_max_age(Duration::seconds(end.saturating_sub(app.now())));
    }
    cookie
}

/// Cookies of a session beside [`NAME`]: those of Open WebUI.
const BESIDE: [&str; 3] = ["owui-session", "oui-session", "oauth_id_token"];

/// Open WebUI's cookie of a session with an identity provider.
const OAUTH_SESSION: &str = "oauth_session_id";

/// The cookies that take those of a session away (rule M16).
pub(super) fn removals(app: &App, request: &HttpRequest) -> Vec<Cookie<'static>> {
    let sent = request.cookie(OAUTH_SESSION).is_some().then_some(OAUTH_SESSION);
    let names = std::iter::once(NAME).chain(BESIDE).chain(sent);
    let removal = |name| {
        let mut cookie = named(app, name, String::new());
        cookie.make_removal();
        cookie
    };
    names.map(removal).collect()
}

fn plain(app: &App, value: String) -> Cookie<'static> {
    named(app, NAME, value)
}

fn named(app: &App, name: &'static str, value: String) -> Cookie<'static> {
    let settings = app.settings().cookie;
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
