//! Whom a request comes from, for handlers: `rosterd_domain::rules::client_ip` decides, this module finds what it needs.

use std::convert::Infallible;
use std::future::{Ready, ready};
use std::net::IpAddr;
use std::sync::Once;

use actix_web::dev::Payload;
use actix_web::http::header::HeaderValue;
use actix_web::{FromRequest, HttpRequest, web};
use rosterd_domain::rules::client_ip::{Syntax, client_ip, counted_as};

use crate::app::App;

/// The client's IP, as an extractor: the peer's, or the one that a trusted proxy names. Absent where the connection is
/// none of TCP, as in tests without a server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct ClientIp(Option<IpAddr>);

impl ClientIp {
    /// Of a request to an application that was mounted by [`configure`](crate::configure); elsewhere nothing is
    /// trusted, and the client is the peer.
    pub(crate) fn of(request: &HttpRequest) -> Self {
        let Some(peer) = request.peer_addr().map(|peer| peer.ip().to_canonical()) else { return Self(None) };
        let Some(app) = request.app_data::<web::Data<App>>() else { return Self(Some(peer)) };
        let settings = app.settings();
        let header = &settings.client_ip_header;
        if !request.headers().contains_key(header) {
            return Self(Some(peer));
        }
        if !settings.trusted_proxies.contains(peer) {
            tell_ignored(peer, header.as_str());
            return Self(Some(peer));
        }
        let lines: Vec<&[u8]> = request.headers().get_all(header).map(HeaderValue::as_bytes).collect();
        let syntax = Syntax::of(header.as_str());
        Self(Some(client_ip(peer, lines.into_iter(), syntax, &settings.trusted_proxies)))
    }

    /// One that is known already.
    #[cfg(test)]
    pub(crate) const fn new(ip: Option<IpAddr>) -> Self {
        Self(ip)
    }

    /// The IP itself.
    pub(crate) fn ip(self) -> Option<IpAddr> {
        self.0
    }

    /// The IP by which the client is counted.
    pub(crate) fn counted(self) -> Option<IpAddr> {
        self.0.map(counted_as)
    }
}

/// Once in the life of the process: whoever forgot the setting learns of it, and whoever sends such headers on purpose
/// cannot fill the log.
fn tell_ignored(peer: IpAddr, header: &str) {
    static TOLD: Once = Once::new();
    TOLD.call_once(|| {
        tracing::warn!(
            "the header {header} of {peer} is ignored, since that is no trusted proxy: all its requests count as one \
             client's; if it is your proxy, name it in ROSTERD_TRUSTED_PROXIES"
        );
    });
}

impl FromRequest for ClientIp {
    type Error = Infallible;
    type Future = Ready<Result<Self, Infallible>>;

    fn from_request(request: &HttpRequest, _payload: &mut Payload) -> Self::Future {
        ready(Ok(Self::of(request)))
    }
}
