//! Servers as processes of their own, so that their time and memory can be told from everybody else's.

use std::fs::{self, File};
use std::io::{Read as _, Write as _};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use crate::{Result, usage};

/// How long a server may take to answer for the first time, and to end.
const DEADLINE: Duration = Duration::from_mins(2);

/// How often a server that starts is asked whether it answers.
const POLL: Duration = Duration::from_millis(1);

/// A running server. It is asked to end when dropped, and killed if it does not.
#[derive(Debug)]
pub(crate) struct Server {
    child: Child,
    address: SocketAddr,
    /// From the start of the process to its first answer.
    pub(crate) started_in: Duration,
}

/// What to start.
pub(crate) struct Launch<'a> {
    /// Who it is, for its log's name.
    pub(crate) label: &'a str,
    /// The program.
    pub(crate) program: &'a Path,
    /// Its arguments, for a port.
    pub(crate) arguments: &'a dyn Fn(u16) -> Vec<String>,
    /// Its whole environment, for a port.
    pub(crate) environment: &'a dyn Fn(u16) -> Vec<(String, String)>,
    /// A path that is answered 200 as soon as it serves.
    pub(crate) ready_at: &'a str,
    /// Where logs are kept, if they are.
    pub(crate) logs: Option<&'a Path>,
}

impl Server {
    /// Starts it on a free port and waits for its first answer.
    pub(crate) fn start(launch: &Launch<'_>) -> Result<Self> {
        let port = free_port()?;
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
        let log = match launch.logs {
            Some(folder) => {
                fs::create_dir_all(folder)?;
                Stdio::from(File::create(
                    folder.join(format!("{}.log", launch.label.replace([' ', '/'], "-"))),
                )?)
            }
            None => Stdio::null(),
        };
        let began = Instant::now();
        let child = Command::new(launch.program)
            .args((launch.arguments)(port))
            .env_clear()
            .envs((launch.environment)(port))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(log)
            .spawn()
            .map_err(|error| format!("{}: {error}", launch.program.display()))?;
        let mut server = Self { child, address, started_in: Duration::ZERO };
        while !answers(address, launch.ready_at) {
            if let Some(status) = server.child.try_wait()? {
                return Err(format!("{} ended at its start ({status}); see --logs", launch.label).into());
            }
            if began.elapsed() > DEADLINE {
                return Err(format!("{} does not answer; see --logs", launch.label).into());
            }
            thread::sleep(POLL);
        }
        server.started_in = began.elapsed();
        Ok(server)
    }

    /// Where it listens.
    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// The process.
    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Time used so far, see [`usage::cpu_seconds`].
    pub(crate) fn cpu_seconds(&self) -> Option<f64> {
        usage::cpu_seconds(self.pid())
    }

    /// Asks it to end, so that it leaves its database in order.
    fn end(&mut self) {
        let asked = Command::new("kill").args(["-s", "TERM", &self.pid().to_string()]).status();
        let began = Instant::now();
        while asked.is_ok() && began.elapsed() < Duration::from_secs(10) {
            if matches!(self.child.try_wait(), Ok(Some(_)) | Err(_)) {
                return;
            }
            thread::sleep(Duration::from_millis(5));
        }
        // Both fail only when it has already ended.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.end();
    }
}

/// A port nobody listens on at the moment.
fn free_port() -> Result<u16> {
    Ok(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?.port())
}

/// Whether a GET of this path is answered 200.
fn answers(address: SocketAddr, path: &str) -> bool {
    get(address, path, None, |_| ()).is_ok_and(|head| head.starts_with("HTTP/1.1 200"))
}

/// One GET on a connection of its own, read as it comes and handed over piece by piece, so that an answer of any
/// length needs no memory here. Gives the head of the answer.
pub(crate) fn get(
    address: SocketAddr,
    path: &str,
    token: Option<&str>,
    mut piece: impl FnMut(&[u8]),
) -> std::io::Result<String> {
    let mut stream = TcpStream::connect_timeout(&address, DEADLINE)?;
    stream.set_read_timeout(Some(DEADLINE))?;
    let authorization = token.map(|token| format!("Authorization: Bearer {token}\r\n")).unwrap_or_default();
    let request = format!("GET {path} HTTP/1.1\r\nHost: bench\r\nConnection: close\r\n{authorization}\r\n");
    stream.write_all(request.as_bytes())?;
    let mut head = Vec::new();
    let mut buffer = vec![0; 64 * 1024];
    let mut in_body = false;
    loop {
        let length = stream.read(&mut buffer)?;
        if length == 0 {
            return Ok(String::from_utf8_lossy(&head).into_owned());
        }
        let read = &buffer[..length];
        if in_body {
            piece(read);
            continue;
        }
        head.extend_from_slice(read);
        if let Some(end) = head.windows(4).position(|window| window == b"\r\n\r\n") {
            piece(&head[end + 4..]);
            head.truncate(end);
            in_body = true;
        }
    }
}
