//! The client IP of a request. `rosterd_domain::rules::client_ip` decides; this module collects what it needs.

use std::net::IpAddr;
use std::sync::Once;

use actix_web::http::header::HeaderValue;
use actix_web::{HttpRequest, web};
use rosterd_app::{App, ClientIp};
use rosterd_domain::rules::client_ip::{Syntax, client_ip};

/// The client's IP: the peer's, or the one that a trusted proxy names. Absent where the connection is none of TCP, as in
/// tests without a server. For requests to an application that was mounted by [`configure`](crate::configure); elsewhere
/// nothing is trusted, and the client is the peer.
pub(crate) fn of(request: &HttpRequest) -> ClientIp {
    let Some(peer) = request.peer_addr().map(|peer| peer.ip().to_canonical()) else {
        return ClientIp::default();
    };
    let Some(app) = request.app_data::<web::Data<App>>() else { return ClientIp::new(Some(peer)) };
    let settings = app.settings();
    let header = settings.client_ip_header.as_str();
    if !request.headers().contains_key(header) {
        return ClientIp::new(Some(peer));
    }
    if !settings.trusted_proxies.contains(peer) {
        tell_ignored(peer, header);
        return ClientIp::new(Some(peer));
    }
    let lines: Vec<&[u8]> = request.headers().get_all(header).map(HeaderValue::as_bytes).collect();
    ClientIp::new(Some(client_ip(peer, lines.into_iter(), Syntax::of(header), &settings.trusted_proxies)))
}

/// Once in the life of the process: whoever forgot the setting learns of it, and whoever sends such headers on purpose
/// cannot fill the log.
fn tell_ignored(peer: IpAddr, header: &str) {
    static TOLD: Once = Once::new();
    TOLD.call_once(|| {
        tracing::warn!(
            "the header {header} of {peer} is ignored, because this peer is not a trusted proxy. All its requests count as one \
             client's. If it is your proxy, add it to ROSTERD_TRUSTED_PROXIES"
        );
    });
}
