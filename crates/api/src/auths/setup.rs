//! The set-up token on its way (rule A3): the link that the server prints at its start puts it into a cookie, sign-up reads it
//! there or in a header.

use std::future::{Ready, ready};

use actix_web::cookie::{Cookie, SameSite};
use actix_web::dev::Payload;
use actix_web::http::header::HeaderMap;
use actix_web::{FromRequest, HttpRequest};
use rosterd_app::App;
use rosterd_app::settings::SetupSetting;
use rosterd_app::setup::Arrival;
use rosterd_domain::rules::setup::is_forwarding;
use rosterd_domain::secret::SetupToken;

use crate::auth::ensure_own_change;
use crate::endpoint::{Argument, Failure, Operation};
use crate::error::ApiError;

/// The header for programs. It has priority over the cookie.
const HEADER: &str = "x-setup-token";

/// The cookie for browsers.
const COOKIE: &str = "rosterd_setup";

/// The cookie is sent to these paths and no others: sign-up, by both of its names.
const PATHS: [&str; 2] = ["/api/v1/auths/signup", "/rosterd/api/v1/auths/signup"];

/// How a sign-up came, and the set-up token that it brought.
#[derive(Debug)]
pub(crate) struct Setup {
    /// What the use case wants to know.
    pub(crate) arrival: Arrival,
    /// The browser has the cookie.
    pub(crate) has_cookie: bool,
}

impl Setup {
    fn of(request: &HttpRequest) -> Result<Self, ApiError> {
        let cookie = request.cookie(COOKIE);
        let has_cookie = cookie.is_some();
        let token = match (request.headers().get(HEADER), cookie) {
            // What is no text is a wrong token.
            (Some(header), _) => Some(header.to_str().unwrap_or_default().to_owned()),
            (None, Some(cookie)) => {
                ensure_own_change(request)?;
                Some(cookie.value().to_owned())
            }
            (None, None) => None,
        };
        let arrival = Arrival {
            reachable: !request.app_config().local_addr().ip().to_canonical().is_loopback(),
            forwarded: is_forwarded(request),
            token: token.map(SetupToken::from_stored),
        };
        Ok(Self { arrival, has_cookie })
    }
}

/// Whether a proxy has passed the request on.
fn is_forwarded(request: &HttpRequest) -> bool {
    let headers: &HeaderMap = request.headers();
    let configured = request.app_data::<actix_web::web::Data<App>>();
    headers.keys().any(|name| is_forwarding(name.as_str()))
        || configured.is_some_and(|app| headers.contains_key(app.settings().client_ip_header.as_str()))
}

impl FromRequest for Setup {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _payload: &mut Payload) -> Self::Future {
        ready(Self::of(request))
    }
}

impl Argument for Setup {
    fn describe(operation: &mut Operation) {
        operation.header(
            "X-Setup-Token",
            "The set-up token, which the first account needs if others can reach the server (rule A3).",
        );
        operation.fails(&[Failure::SetupTokenRequired, Failure::RateLimitExceeded, Failure::ForeignOrigin]);
    }
}

/// The cookies that hold the token of a link, where this server may ask for one and the text can be one. Whether it is right
/// shows at sign-up, where tries are counted.
pub(crate) fn cookies_of_link(app: &App, token: &str) -> Option<[Cookie<'static>; 2]> {
    let asks = app.store().layout().is_standalone() && !matches!(app.settings().setup, SetupSetting::Off);
    (asks && SetupToken::parse(token).is_ok()).then(|| cookies(app, token))
}

/// The cookies that take those away.
pub(super) fn removals(app: &App) -> [Cookie<'static>; 2] {
    let mut cookies = cookies(app, "");
    cookies.iter_mut().for_each(Cookie::make_removal);
    cookies
}

fn cookies(app: &App, value: &str) -> [Cookie<'static>; 2] {
    let secure = app.settings().cookie.secure;
    // No page of another site ever has a reason to send it.
    let cookie = |path| Cookie::build(COOKIE, value.to_owned()).path(path).http_only(true).secure(secure);
    PATHS.map(|path| cookie(path).same_site(SameSite::Strict).finish())
}
