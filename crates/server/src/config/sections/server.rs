//! `[server]`: where it listens and what it calls itself.

use std::time::Duration;

use rosterd_domain::public_url::PublicUrl;
use rosterd_domain::rules::client_ip::IpRanges;

use crate::config::parse;
use crate::config::reader::Reader;
use crate::config::sections::metrics::Listen;
use crate::config::setting::{Kind, Setting};

const HOST: Setting = Setting::new(
    "server.host",
    "HOST",
    &[],
    Kind::Text,
    "127.0.0.1",
    "IP or host name to listen on; 0.0.0.0 or :: means every interface.",
);
const PORT: Setting =
    Setting::new("server.port", "PORT", &[], Kind::Integer, "8080", "Port to listen on; 0 takes a free one.");
const WORKERS: Setting = Setting::new(
    "server.workers",
    "ROSTERD_WORKERS",
    &[],
    Kind::Integer,
    "0",
    "Threads that answer requests; 0: one for each core.",
);
const KEEP_ALIVE: Setting = Setting::new(
    "server.keep_alive",
    "ROSTERD_KEEP_ALIVE",
    &[],
    Kind::Duration,
    "75s",
    "How long an idle connection is kept open. It should be longer than the idle time of the proxy in front.",
);
const REQUEST_TIMEOUT: Setting = Setting::new(
    "server.request_timeout",
    "ROSTERD_REQUEST_TIMEOUT",
    &[],
    Kind::Duration,
    "10s",
    "How long a client may take to send the headers of a request; then 408.",
);
const BODY_TIMEOUT: Setting = Setting::new(
    "server.body_timeout",
    "ROSTERD_BODY_TIMEOUT",
    &[],
    Kind::Duration,
    "30s",
    "How long a client may take to send the body of a request; then 408.",
);
const BODY_IDLE_TIMEOUT: Setting = Setting::new(
    "server.body_idle_timeout",
    "ROSTERD_BODY_IDLE_TIMEOUT",
    &[],
    Kind::Duration,
    "10s",
    "How long a client may pause while it sends a body; then 408.",
);
const SEND_TIMEOUT: Setting = Setting::new(
    "server.send_timeout",
    "ROSTERD_SEND_TIMEOUT",
    &[],
    Kind::Duration,
    "30s",
    "How long a client may pause while it receives an answer; then its connection is closed (on Linux).",
);
const CONNECTIONS_PER_PEER: Setting = Setting::new(
    "server.connections_per_peer",
    "ROSTERD_CONNECTIONS_PER_PEER",
    &[],
    Kind::Integer,
    "256",
    "Connections that one peer may have at the same time; 0: no limit. There is never a limit for this machine and for trusted proxies. An IPv6 network of 64 bits counts as one peer.",
);
const SHUTDOWN_TIMEOUT: Setting = Setting::new(
    "server.shutdown_timeout",
    "ROSTERD_SHUTDOWN_TIMEOUT",
    &[],
    Kind::Duration,
    "8s",
    "How long running requests may take to finish after SIGTERM or SIGINT. Docker kills a container after 10s.",
);
const CONSOLE: Setting = Setting::new(
    "server.console",
    "ROSTERD_CONSOLE",
    &[],
    Kind::Switch,
    "true",
    "Browsers get the console at / and /console.",
);
const PUBLIC_URL: Setting = Setting::new(
    "server.public_url",
    "ROSTERD_PUBLIC_URL",
    &[],
    Kind::Text,
    "",
    "URL by which people reach this server from outside, such as https://chat.example.com. Links of invites and for new passwords begin with it. If it is not set: the stored URL of the front end.",
);
const NAME: Setting =
    Setting::new("server.name", "WEBUI_NAME", &[], Kind::Text, "rosterd", "Name that GET /api/config shows.");

/// The section's settings.
pub(in crate::config) const ALL: &[Setting] = &[
    HOST,
    PORT,
    WORKERS,
    KEEP_ALIVE,
    REQUEST_TIMEOUT,
    BODY_TIMEOUT,
    BODY_IDLE_TIMEOUT,
    SEND_TIMEOUT,
    CONNECTIONS_PER_PEER,
    SHUTDOWN_TIMEOUT,
    CONSOLE,
    PUBLIC_URL,
    NAME,
];

/// Where the server listens and what it calls itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServerConfig {
    /// IP or host name to listen on.
    pub host: String,
    /// Port to bind; 0 takes a free one.
    pub port: u16,
    /// Worker threads; at least one.
    pub workers: usize,
    /// Idle connections end after this.
    pub keep_alive: Duration,
    /// Time for the head of a request.
    pub request_timeout: Duration,
    /// Time for the whole body of a request.
    pub body_timeout: Duration,
    /// Time between two pieces of a body.
    pub body_idle_timeout: Duration,
    /// Time for which a client may take nothing of its answer.
    pub send_timeout: Duration,
    /// Connections of one peer at a time; 0: any number.
    pub connections_per_peer: u32,
    /// Peers that may have any number: this machine, and trusted proxies.
    pub unlimited_peers: IpRanges,
    /// Time for requests in flight when the server stops.
    pub shutdown_timeout: Duration,
    /// Browsers get the console.
    pub console: bool,
    /// By which URL people reach the server from outside.
    pub public_url: Option<PublicUrl>,
    /// Name for `GET /api/config`.
    pub name: String,
    /// Where the metrics have a listener of their own; `None`: nowhere.
    pub metrics: Option<Listen>,
}

impl ServerConfig {
    pub(in crate::config) fn read(reader: &mut Reader<'_>) -> Option<Self> {
        let host = reader.read(&HOST, |text| match text.trim() {
            "" => Err("is empty".to_owned()),
            // `[::1]` as URLs write it is meant as `::1`.
            host => Ok(host.trim_start_matches('[').trim_end_matches(']').to_owned()),
        });
        let port = reader.read(&PORT, parse::number(0..=u16::MAX));
        let workers = reader.read(&WORKERS, parse::number(0..=1024));
        let keep_alive = reader.read(&KEEP_ALIVE, parse::duration);
        let request_timeout = reader.read(&REQUEST_TIMEOUT, parse::positive_duration);
        let body_timeout = reader.read(&BODY_TIMEOUT, parse::positive_duration);
        let body_idle_timeout = reader.read(&BODY_IDLE_TIMEOUT, parse::positive_duration);
        let send_timeout = reader.read(&SEND_TIMEOUT, parse::positive_duration);
        let connections_per_peer = reader.read(&CONNECTIONS_PER_PEER, parse::number(0..=1_000_000));
        let shutdown_timeout = reader.read(&SHUTDOWN_TIMEOUT, parse::duration);
        let console = reader.read(&CONSOLE, parse::switch);
        let public_url = reader.read_optional(&PUBLIC_URL, PublicUrl::parse);
        let name = reader.read(&NAME, parse::text);
        Some(Self {
            host: host?,
            port: port?,
            workers: match workers? {
                0 => cores(),
                given => given,
            },
            keep_alive: keep_alive?,
            request_timeout: request_timeout?,
            body_timeout: body_timeout?,
            body_idle_timeout: body_idle_timeout?,
            send_timeout: send_timeout?,
            connections_per_peer: connections_per_peer?,
            unlimited_peers: IpRanges::loopback(),
            shutdown_timeout: shutdown_timeout?,
            console: console?,
            public_url: public_url?,
            name: name?,
            // Of a section of its own, which is read apart.
            metrics: None,
        })
    }
}

/// Cores this process may use; 1 when the system does not tell.
fn cores() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}
