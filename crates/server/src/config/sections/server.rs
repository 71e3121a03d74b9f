//! `[server]`: where it listens and what it calls itself.

use std::time::Duration;

use crate::config::parse;
use crate::config::reader::Reader;
use crate::config::setting::{Kind, Setting};

const HOST: Setting = Setting::new(
    "server.host",
    "HOST",
    &[],
    Kind::Text,
    "127.0.0.1",
    "IP address or host name to listen on; 0.0.0.0 or :: for every interface.",
);
const PORT: Setting =
    Setting::new("server.port", "PORT", &[], Kind::Integer, "8080", "Port to listen on; 0 takes a free one.");
const WORKERS: Setting = Setting::new(
    "server.workers",
    "ROSTERD_WORKERS",
    &[],
    Kind::Integer,
    "0",
    "Threads that answer requests; 0: one a core.",
);
const KEEP_ALIVE: Setting = Setting::new(
    "server.keep_alive",
    "ROSTERD_KEEP_ALIVE",
    &[],
    Kind::Duration,
    "75s",
    "How long an idle connection is kept; longer than the proxy in front keeps its own.",
);
const REQUEST_TIMEOUT: Setting = Setting::new(
    "server.request_timeout",
    "ROSTERD_REQUEST_TIMEOUT",
    &[],
    Kind::Duration,
    "10s",
    "How long a client may take to send the head of a request, then 408.",
);
const SHUTDOWN_TIMEOUT: Setting = Setting::new(
    "server.shutdown_timeout",
    "ROSTERD_SHUTDOWN_TIMEOUT",
    &[],
    Kind::Duration,
    "30s",
    "How long requests in flight may take to finish after SIGTERM or SIGINT.",
);
const NAME: Setting =
    Setting::new("server.name", "WEBUI_NAME", &[], Kind::Text, "rosterd", "Name that GET /api/config shows.");
const URL: Setting = Setting::new(
    "server.url",
    "WEBUI_URL",
    &[],
    Kind::Text,
    "",
    "Public URL of the front end; the stored webui.url wins.",
);

/// The section's settings.
pub(in crate::config) const ALL: &[Setting] =
    &[HOST, PORT, WORKERS, KEEP_ALIVE, REQUEST_TIMEOUT, SHUTDOWN_TIMEOUT, NAME, URL];

/// Where the server listens and what it calls itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServerConfig {
    /// Address or name to bind.
    pub host: String,
    /// Port to bind; 0 takes a free one.
    pub port: u16,
    /// Worker threads; at least one.
    pub workers: usize,
    /// Idle connections end after this.
    pub keep_alive: Duration,
    /// Time for the head of a request.
    pub request_timeout: Duration,
    /// Time for requests in flight when the server stops.
    pub shutdown_timeout: Duration,
    /// Name for `GET /api/config`.
    pub name: String,
    /// Public address of the front end, if known.
    pub url: String,
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
        let shutdown_timeout = reader.read(&SHUTDOWN_TIMEOUT, parse::duration);
        let name = reader.read(&NAME, parse::text);
        let url = reader.read(&URL, parse::text);
        Some(Self {
            host: host?,
            port: port?,
            workers: match workers? {
                0 => cores(),
                given => given,
            },
            keep_alive: keep_alive?,
            request_timeout: request_timeout?,
            shutdown_timeout: shutdown_timeout?,
            name: name?,
            url: url?,
        })
    }
}

/// Cores this process may use; 1 when the system does not tell.
fn cores() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}
