//! From a URL to a connection with one of the host's IPs that may be reached.

use std::io::ErrorKind;
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpStream, lookup_host};
use tokio::time::timeout;
use url::{Host, Url};

use crate::failure::Failure;

/// How long one IP may take to answer: the next one is to have a chance.
const EACH: Duration = Duration::from_secs(4);

/// How many IPs are tried.
const MOST: usize = 4;

/// A connection, with TLS or without.
pub(crate) trait Stream: AsyncRead + AsyncWrite + Send + Sync + Unpin {}

impl<T: AsyncRead + AsyncWrite + Send + Sync + Unpin> Stream for T {}

/// See [`Stream`].
pub(crate) type Connection = Box<dyn Stream>;

/// Connects with the first IP of the URL's host that may be reached and answers. The name is resolved here and nowhere else.
pub(crate) async fn connect(url: &Url, may_reach: fn(IpAddr) -> bool) -> Result<TcpStream, Failure> {
    let port = url.port_or_known_default().ok_or(Failure::NoHost)?;
    connect_to(url.host().ok_or(Failure::NoHost)?, port, may_reach).await
}

/// The same for a host and a port.
pub(crate) async fn connect_to(
    host: Host<&str>,
    port: u16,
    may_reach: fn(IpAddr) -> bool,
) -> Result<TcpStream, Failure> {
    let found: Vec<SocketAddr> = match host {
        Host::Ipv4(ip) => vec![(ip, port).into()],
        Host::Ipv6(ip) => vec![(ip, port).into()],
        Host::Domain(name) => lookup_host((name, port)).await.map_err(|_why| Failure::Unresolved)?.collect(),
    };
    if found.is_empty() {
        return Err(Failure::Unresolved);
    }
    let allowed = found.into_iter().filter(|addr| may_reach(addr.ip())).take(MOST);
    let mut failure = Failure::Forbidden;
    for addr in allowed {
        match timeout(EACH, TcpStream::connect(addr)).await {
            Ok(Ok(connection)) => return Ok(connection),
            Ok(Err(why)) => failure = Failure::Unreachable(why.kind()),
            Err(_late) => failure = Failure::Unreachable(ErrorKind::TimedOut),
        }
    }
    Err(failure)
}
