//! `rosterd health`: asks a running server whether it can work. For the health check of a container, whose image has no other
//! HTTP client.

use std::io::{self, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream, ToSocketAddrs as _};
use std::time::{Duration, Instant};

use actix_web::http::Uri;
use clap::Args;
use serde_json::json;

use super::{CliError, Output};
use crate::config::{ServerConfig, positive_duration};

/// Asked where the URL has no path: the server answers and so does its database.
const PATH: &str = "/health/db";

/// More than any status line has.
const LONGEST_LINE: u64 = 1024;

#[derive(Debug, Args)]
pub(super) struct HealthArgs {
    /// URL of the server [default: HOST and PORT of the configuration]; without a path, /health/db is asked
    #[arg(value_name = "URL")]
    pub(super) url: Option<String>,
    /// How long to wait for the answer, such as 500ms or 5s
    #[arg(long, value_name = "DURATION", default_value = "5s", value_parser = positive_duration)]
    pub(super) timeout: Duration,
}

/// The URL at which the server of this configuration can be reached from this machine.
pub(super) fn url_of(server: &ServerConfig) -> Result<String, CliError> {
    if server.port == 0 {
        let why = "PORT is 0, so nobody knows which port the server has; give its URL: rosterd health http://127.0.0.1:8080";
        return Err(CliError::Usage(why.to_owned()));
    }
    let host = match server.host.as_str() {
        // Every interface; this one is always among them.
        "0.0.0.0" => "127.0.0.1".to_owned(),
        "::" => "[::1]".to_owned(),
        host if host.contains(':') => format!("[{host}]"),
        host => host.to_owned(),
    };
    Ok(format!("http://{host}:{}", server.port))
}

/// Asks, and fails unless the answer is 200.
pub(super) fn run(url: &str, timeout: Duration, output: Output) -> Result<(), CliError> {
    let target = Target::parse(url)?;
    let status = target.ask(Instant::now(), timeout).map_err(|why| {
        CliError::Failure(format!(
            "{target} does not answer: {why}; is the server running, and is this its URL?"
        ))
    })?;
    if status != 200 {
        return Err(CliError::Failure(format!("{target} answers with status {status}")));
    }
    output.print(&json!({ "url": target.to_string(), "status": status, "healthy": true }), || {
        format!("{target} is healthy")
    })
}

/// What is asked.
#[derive(Debug, PartialEq, Eq)]
struct Target {
    /// For the name service: without the brackets of an IPv6 one.
    host: String,
    port: u16,
    /// As the request names it.
    authority: String,
    path: String,
}

impl Target {
    fn parse(url: &str) -> Result<Self, CliError> {
        let wrong =
            |what: &str| CliError::Usage(format!("{what}; a URL such as http://127.0.0.1:8080 is needed"));
        let uri: Uri = url.parse().map_err(|_why| wrong("this is no URL"))?;
        match uri.scheme_str() {
            Some("http") => {}
            Some("https") => return Err(wrong("the server itself is asked, which speaks no TLS")),
            _ => return Err(wrong("the URL does not begin with http://")),
        }
        let authority = uri.authority().ok_or_else(|| wrong("the URL names no host"))?;
        if authority.as_str().contains('@') {
            return Err(wrong("the URL has a user name or a password in it, which nobody asks for"));
        }
        let host = authority.host();
        let path = match uri.path_and_query().map_or("/", |path| path.as_str()) {
            "/" => PATH.to_owned(),
            path => path.to_owned(),
        };
        Ok(Self {
            host: host.trim_start_matches('[').trim_end_matches(']').to_owned(),
            port: authority.port_u16().unwrap_or(80),
            authority: authority.to_string(),
            path,
        })
    }

    /// The status of the answer, at most so long after `began`. Only the system's name service may take longer.
    fn ask(&self, began: Instant, timeout: Duration) -> io::Result<u16> {
        let left = || {
            let left = timeout.saturating_sub(began.elapsed());
            if left.is_zero() { Err(io::Error::from(io::ErrorKind::TimedOut)) } else { Ok(left) }
        };
        let addrs: Vec<SocketAddr> = (self.host.as_str(), self.port).to_socket_addrs()?.collect();
        let mut failure = io::Error::new(io::ErrorKind::NotFound, "the host has no IP");
        for addr in addrs {
            match TcpStream::connect_timeout(&addr, left()?) {
                Ok(mut connection) => {
                    connection.set_write_timeout(Some(left()?))?;
                    // In one piece: a server that answers before it has read everything closes the connection under the rest.
                    let request = format!(
                        "GET {} HTTP/1.1\r\nHost: {}\r\nUser-Agent: rosterd-health\r\nConnection: close\r\n\r\n",
                        self.path, self.authority
                    );
                    connection.write_all(request.as_bytes())?;
                    return read_status(&mut connection, left);
                }
                Err(why) => failure = why,
            }
        }
        Err(failure)
    }
}

/// Reads the first line of an answer. The rest is not waited for.
fn read_status(connection: &mut TcpStream, left: impl Fn() -> io::Result<Duration>) -> io::Result<u16> {
    let mut line = Vec::new();
    while !line.contains(&b'\n') {
        connection.set_read_timeout(Some(left()?))?;
        let mut bytes = [0; 256];
        let count = connection.read(&mut bytes).map_err(|why| match why.kind() {
            // What a timeout of a socket is called on Unix.
            io::ErrorKind::WouldBlock => io::ErrorKind::TimedOut.into(),
            _ => why,
        })?;
        line.extend(bytes.iter().take(count));
        if count == 0 || line.len() as u64 > LONGEST_LINE {
            break;
        }
    }
    status_of(&line).ok_or_else(|| io::Error::new(io::ErrorKind::InvalidData, "the answer is not HTTP"))
}

/// The status in the first line of an answer.
fn status_of(answer: &[u8]) -> Option<u16> {
    let line = answer.split(|byte| *byte == b'\r' || *byte == b'\n').next()?;
    let mut words = std::str::from_utf8(line).ok()?.split(' ');
    words.next().filter(|version| version.starts_with("HTTP/1."))?;
    words.next()?.parse().ok()
}

impl std::fmt::Display for Target {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "http://{}{}", self.authority, self.path)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_without_a_path_means_the_database_too() {
        let target = Target::parse("http://127.0.0.1:8080").unwrap();
        assert_eq!(target.to_string(), "http://127.0.0.1:8080/health/db");
        assert_eq!(Target::parse("http://h/").unwrap().to_string(), "http://h/health/db");
        assert_eq!(Target::parse("http://h/health").unwrap().to_string(), "http://h/health");
        let six = Target::parse("http://[::1]:81/health").unwrap();
        assert_eq!((six.host.as_str(), six.port, six.authority.as_str()), ("::1", 81, "[::1]:81"));
        assert_eq!(Target::parse("http://example.com").unwrap().port, 80);
    }

    #[test]
    fn what_is_no_url_of_the_server_is_refused() {
        for (url, word) in [
            ("https://chat.example.com", "TLS"),
            ("127.0.0.1:8080", "http://"),
            ("http://ada:s3cret@h", "password"),
            ("", "no URL"),
        ] {
            let sentence = Target::parse(url).unwrap_err().sentence();
            assert!(sentence.contains(word) && !sentence.contains("s3cret"), "{url}: {sentence}");
        }
    }

    #[test]
    fn the_status_is_in_the_first_line() {
        assert_eq!(status_of(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n"), Some(200));
        assert_eq!(status_of(b"HTTP/1.0 503\r\n"), Some(503));
        for wrong in [&b"SSH-2.0-OpenSSH"[..], b"", b"HTTP/1.1", b"HTTP/1.1 many\r\n", b"\xff\xfe"] {
            assert_eq!(status_of(wrong), None, "{wrong:?}");
        }
    }
}
