//! A receiver of webhooks: takes requests, and does with each what a test says.

use std::collections::BTreeMap;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use serde_json::Value;
use sha2::Sha256;

use crate::loopback::{Loopback, Over};

/// How long a test waits for requests.
const DEADLINE: Duration = Duration::from_mins(1);

/// A request that was received.
#[derive(Debug, Clone)]
pub struct Received {
    /// Method and path, as on the first line.
    pub target: String,
    /// The headers, by their names in small letters.
    pub headers: BTreeMap<String, String>,
    /// The body as it came.
    pub body: String,
}

impl Received {
    /// A header; empty where it was not sent.
    #[must_use]
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", String::as_str)
    }

    /// The body.
    ///
    /// # Panics
    /// When it is no JSON.
    #[must_use]
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|why| panic!("{why}: {}", self.body))
    }

    /// `type` of the body.
    #[must_use]
    pub fn kind(&self) -> String {
        self.json()["type"].as_str().unwrap_or_default().to_owned()
    }

    /// Which of its signatures is of this secret (`whsec_…`), if one is.
    ///
    /// # Panics
    /// When the secret is none.
    #[must_use]
    pub fn signed_with(&self, secret: &str) -> Option<usize> {
        let key = secret.strip_prefix("whsec_").expect("a secret begins with whsec_");
        let key = BASE64_STANDARD.decode(key).expect("a secret is base64");
        let text =
            format!("{}.{}.{}", self.header("webhook-id"), self.header("webhook-timestamp"), self.body);
        let mac = Hmac::<Sha256>::new_from_slice(&key).expect("HMAC takes keys of any length");
        let wanted = BASE64_STANDARD.encode(mac.chain_update(text).finalize().into_bytes());
        let mut signatures = self.header("webhook-signature").split(' ');
        signatures.position(|signature| signature == format!("v1,{wanted}"))
    }
}

/// What a receiver does with a request.
#[derive(Debug, Clone)]
pub enum Reaction {
    /// Answers with this status, these lines of headers, and nothing more.
    Answer(u16, String),
    /// Writes these bytes and keeps the connection.
    Write(Vec<u8>),
    /// Says nothing until the test is over.
    Hang,
}

impl Reaction {
    /// An answer with this status alone.
    #[must_use]
    pub fn status(status: u16) -> Self {
        Self::Answer(status, String::new())
    }
}

/// A running receiver. It ends when dropped.
#[derive(Debug)]
pub struct Receiver {
    listener: Loopback,
    shared: Arc<Shared>,
}

#[derive(Debug, Default)]
struct Shared {
    received: Mutex<Vec<Received>>,
    came: Condvar,
}

impl Shared {
    fn received(&self) -> MutexGuard<'_, Vec<Received>> {
        self.received.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Receiver {
    /// One that reacts as this says.
    ///
    /// # Panics
    /// When there is no free port.
    #[must_use]
    pub fn start(react: impl Fn(&Received) -> Reaction + Send + Sync + 'static) -> Self {
        let shared = Arc::<Shared>::default();
        let its = Arc::clone(&shared);
        let listener = Loopback::start(move |stream, over| serve(stream, (&its, over), &react));
        Self { listener, shared }
    }

    /// One that takes every request well.
    #[must_use]
    pub fn willing() -> Self {
        Self::start(|_request| Reaction::status(204))
    }

    /// Its URL, with a secret in it.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}/hook?key=url-secret", self.listener.addr())
    }

    /// Its port.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.listener.addr().port()
    }

    /// What it has received.
    #[must_use]
    pub fn received(&self) -> Vec<Received> {
        self.shared.received().clone()
    }

    /// The ids of the messages that it has received, in their order.
    #[must_use]
    pub fn ids(&self) -> Vec<String> {
        self.received().iter().map(|request| request.header("webhook-id").to_owned()).collect()
    }

    /// The types of the messages that it has received, in their order.
    #[must_use]
    pub fn kinds(&self) -> Vec<String> {
        self.received().iter().map(Received::kind).collect()
    }

    /// Waits until it has received so many requests, on a thread of its own.
    ///
    /// # Panics
    /// When that takes a minute.
    pub async fn wait_for(&self, count: usize) {
        let shared = Arc::clone(&self.shared);
        let waited = tokio::task::spawn_blocking(move || {
            let end = Instant::now() + DEADLINE;
            let mut received = shared.received();
            while received.len() < count {
                let left = end.saturating_duration_since(Instant::now());
                assert!(!left.is_zero(), "{} of {count} requests came", received.len());
                received = shared.came.wait_timeout(received, left).unwrap_or_else(PoisonError::into_inner).0;
            }
        });
        waited.await.expect("the requests come");
    }
}

fn serve(mut stream: TcpStream, (shared, over): (&Shared, &Over), react: &dyn Fn(&Received) -> Reaction) {
    let Some(request) = read(&mut stream) else { return };
    let reaction = react(&request);
    shared.received().push(request);
    shared.came.notify_all();
    // Who has gone does not read the answer.
    let _ = match reaction {
        Reaction::Answer(status, headers) => stream.write_all(
            format!("HTTP/1.1 {status} Status\r\nContent-Length: 0\r\nConnection: close\r\n{headers}\r\n")
                .as_bytes(),
        ),
        Reaction::Write(bytes) => stream.write_all(&bytes).and_then(|()| over.hang(&stream)),
        Reaction::Hang => over.hang(&stream),
    };
}

/// A whole request; `None` where the sender goes before.
fn read(stream: &mut TcpStream) -> Option<Received> {
    let mut bytes = Vec::new();
    let mut more = |bytes: &mut Vec<u8>| {
        let mut chunk = [0; 4096];
        let count = stream.read(&mut chunk).ok().filter(|count| *count > 0)?;
        bytes.extend_from_slice(&chunk[..count]);
        Some(())
    };
    let head_end = loop {
        if let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") {
            break end;
        }
        more(&mut bytes)?;
    };
    let head = String::from_utf8(bytes[..head_end].to_vec()).ok()?;
    let (target, lines) = head.split_once("\r\n")?;
    let headers: BTreeMap<String, String> = lines
        .split("\r\n")
        .filter_map(|line| line.split_once(':'))
        .map(|(name, value)| (name.to_ascii_lowercase(), value.trim().to_owned()))
        .collect();
    let length: usize = headers.get("content-length")?.parse().ok()?;
    while bytes.len() < head_end + 4 + length {
        more(&mut bytes)?;
    }
    let body = String::from_utf8(bytes[head_end + 4..].to_vec()).ok()?;
    Some(Received { target: target.to_owned(), headers, body })
}
