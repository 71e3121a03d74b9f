//! The session cookie.

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

/// The cookie that takes the session's away.
pub(super) fn removal(app: &App) -> Cookie<'static> {
    let mut cookie = plain(app, String::new());
    cookie.make_removal();
    cookie
}

fn plain(app: &App, value: String) -> Cookie<'static> {
    let settings = app.settings().cookie;
    Cookie::build(NAME, value)
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
