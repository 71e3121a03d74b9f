//! A collector: it takes every request, answers 200 and keeps what it was sent.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::mpsc::{self, Receiver};
use std::thread;

/// What was sent in one request.
#[derive(Debug)]
pub(crate) struct Sent {
    pub(crate) path: String,
    /// The headers, in lower case.
    pub(crate) head: String,
    pub(crate) body: Vec<u8>,
}

pub(crate) struct Collector {
    addr: SocketAddr,
    sent: Receiver<Sent>,
}

impl Collector {
    pub(crate) fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let addr = listener.local_addr().unwrap();
        let (keep, sent) = mpsc::channel();
        thread::spawn(move || {
            for connection in listener.incoming().map_while(Result::ok) {
                // The one that `end` opens: nothing is sent on it.
                let Some(request) = take(connection) else { break };
                if keep.send(request).is_err() {
                    break;
                }
            }
        });
        Self { addr, sent }
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.addr)
    }

    /// Stops listening and gives all that was sent.
    pub(crate) fn end(self) -> Vec<Sent> {
        drop(TcpStream::connect(self.addr).expect("it listens"));
        self.sent.into_iter().collect()
    }
}

/// One request of a connection, answered. `None` when none came.
fn take(connection: TcpStream) -> Option<Sent> {
    let mut reader = BufReader::new(connection);
    let mut first = String::new();
    reader.read_line(&mut first).ok().filter(|read| *read > 0)?;
    let mut head = String::new();
    while reader.read_line(&mut head).ok()? > 2 {}
    let head = head.to_lowercase();
    let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")).expect("a length");
    let mut body = vec![0; length.trim().parse().expect("a number")];
    reader.read_exact(&mut body).ok()?;
    let answer = b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";
    reader.get_mut().write_all(answer).ok()?;
    let path = first.split(' ').nth(1).unwrap_or_default().to_owned();
    Some(Sent { path, head, body })
}

/// Whether these bytes are somewhere in it.
pub(crate) fn has(whole: &[u8], part: &[u8]) -> bool {
    whole.windows(part.len()).any(|window| window == part)
}

/// A text by its key as protobuf writes it: `KeyValue { key, value: AnyValue { string_value } }`.
pub(crate) fn attribute(key: &str, text: &str) -> Vec<u8> {
    let length = |length: usize| u8::try_from(length).expect("short texts only");
    let mut bytes = key.as_bytes().to_vec();
    bytes.extend([0x12, length(text.len() + 2), 0x0a, length(text.len())]);
    bytes.extend(text.as_bytes());
    bytes
}
