//! The real program as a process of its own: what signals, exit codes and the environment do to it.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fmt;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Arc, Mutex, PoisonError, mpsc};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use rosterd_domain::clock::{Clock as _, SystemClock};
use rosterd_domain::ids::UserId;

use crate::caller::{Account, Caller};
use crate::db::TestDb;
use crate::fixtures::Actors;
use crate::http;
use crate::token::TokenKind;

/// How long the program may take to listen, and to end after a signal.
const DEADLINE: Duration = Duration::from_mins(1);

/// Warnings and errors of its log that are shown, newest first, when a test fails.
const TOLD_LAST: usize = 20;

/// What the program logs before its URL.
const LISTENING: &str = "listening on http://";

/// A process to describe and start.
#[must_use = "nothing runs before `start`"]
pub struct ProcessBuilder {
    program: PathBuf,
    arguments: Vec<OsString>,
    environment: BTreeMap<String, String>,
    user: Option<u32>,
}

impl ProcessBuilder {
    /// The program at this path; tests of the server crate pass `env!("CARGO_BIN_EXE_rosterd")`. Of this process's
    /// environment it sees nothing; it listens on a free port and has the secret of the recorded roster.
    pub fn new(program: impl AsRef<Path>) -> Self {
        let environment = [
            ("HOST", "127.0.0.1"),
            ("PORT", "0"),
            ("WEBUI_SECRET_KEY", &Actors::recorded().secret),
            ("ROSTERD_BCRYPT_COST", "4"),
        ];
        let environment = environment.map(|(name, value)| (name.to_owned(), value.to_owned()));
        Self {
            program: program.as_ref().to_owned(),
            arguments: Vec::new(),
            environment: BTreeMap::from(environment),
            user: None,
        }
    }

    /// On this database.
    pub fn database(self, db: &TestDb) -> Self {
        self.env("DATABASE_URL", db.url())
    }

    /// With this variable.
    pub fn env(mut self, name: &str, value: &str) -> Self {
        self.environment.insert(name.to_owned(), value.to_owned());
        self
    }

    /// Without this variable.
    pub fn env_remove(mut self, name: &str) -> Self {
        self.environment.remove(name);
        self
    }

    /// With this argument.
    pub fn arg(mut self, argument: impl Into<OsString>) -> Self {
        self.arguments.push(argument.into());
        self
    }

    /// As the user with this number, in no group but the one of the same number: for tests that run as root and need
    /// somebody who may not do everything. On Unix only.
    pub fn user(mut self, id: u32) -> Self {
        self.user = Some(id);
        self
    }

    /// The command, for a run that ends by itself.
    #[must_use]
    pub fn command(&self) -> Command {
        let mut command = Command::new(&self.program);
        command.args(&self.arguments).env_clear().envs(&self.environment).stdin(Stdio::null());
        #[cfg(unix)]
        if let Some(id) = self.user {
            use std::os::unix::process::CommandExt as _;
            command.uid(id).gid(id);
        }
        command
    }

    /// Starts it and waits until it listens.
    ///
    /// # Panics
    /// When it ends, or logs no URL for a minute; with what it logged.
    #[must_use]
    pub fn start(&self) -> ServerProcess {
        let (said, both) = std::io::pipe().expect("the system gives a pipe");
        let also = both.try_clone().expect("the system gives another handle");
        // The command, with its ends of the pipe, is gone after this line.
        let child = self
            .command()
            .stdout(also)
            .stderr(both)
            .spawn()
            .unwrap_or_else(|e| panic!("{}: {e}", self.program.display()));
        let log = Arc::<Mutex<String>>::default();
        let (found, address) = mpsc::channel();
        let kept = Arc::clone(&log);
        // Ends with the process. Reading on to the end keeps the pipe from filling up.
        let reader = thread::spawn(move || {
            for line in BufReader::new(said).lines().map_while(Result::ok) {
                let mut log = kept.lock().unwrap_or_else(PoisonError::into_inner);
                log.push_str(&line);
                log.push('\n');
                drop(log);
                // After the line is kept: whoever waits for the URL may look for it in the log.
                if let Some(url) = address_in(&line) {
                    let _ = found.send(url);
                }
            }
        });
        let mut process =
            ServerProcess { child, url: String::new(), log, reader: Some(reader), client: http::client() };
        // The sender is gone when the process closed its output: then it has ended.
        let said = address.recv_timeout(DEADLINE);
        process.url = said.unwrap_or_else(|e| {
            panic!(
                "it does not listen ({e}); it said:
{}",
                process.log()
            )
        });
        process
    }
}

/// The URL in a log line, in text or inside a JSON string.
fn address_in(line: &str) -> Option<String> {
    let (_, rest) = line.split_once(LISTENING)?;
    let end = rest.find(|c: char| !(c.is_ascii_alphanumeric() || ".:[]".contains(c))).unwrap_or(rest.len());
    Some(format!("http://{}", &rest[..end]))
}

/// A running server process. It is killed when dropped.
pub struct ServerProcess {
    child: Child,
    url: String,
    log: Arc<Mutex<String>>,
    reader: Option<JoinHandle<()>>,
    client: reqwest::Client,
}

impl ServerProcess {
    /// Its URL, without a slash at the end.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Its process id.
    #[must_use]
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// What it has logged so far, and whatever else it printed.
    #[must_use]
    pub fn log(&self) -> String {
        self.log.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Somebody without credentials.
    #[must_use]
    pub fn anonymous(&self) -> Caller {
        Caller::anonymous(&self.url, self.client.clone())
    }

    /// Somebody of the recorded roster by short name, such as `alice`.
    #[must_use]
    pub fn recorded(&self, name: &str) -> Caller {
        let actors = Actors::recorded();
        let id = UserId::from_stored(actors.user(name).to_owned());
        let token = TokenKind::Valid.make(id.as_str(), actors.secret.as_bytes(), SystemClock.now());
        let account = Account { id, email: actors.email(name), password: actors.password.clone() };
        self.anonymous().signed_in(account, token)
    }

    /// Sends it a signal by name (`TERM`, `INT`, `KILL`).
    pub fn signal(&self, name: &str) {
        let sent = Command::new("kill").args(["-s", name, &self.id().to_string()]).status();
        assert!(sent.is_ok_and(|status| status.success()), "kill -s {name}: the process is gone");
    }

    /// Waits for its end, and for the last of its log.
    ///
    /// # Panics
    /// When it has not ended within a minute.
    pub fn wait(&mut self) -> ExitStatus {
        let began = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait().expect("a child can be waited for") {
                // A panic has been printed.
                let _ = self.reader.take().map(JoinHandle::join);
                return status;
            }
            assert!(began.elapsed() < DEADLINE, "the process does not end; it said:\n{}", self.log());
            thread::sleep(Duration::from_millis(10));
        }
    }

    /// Ends it as a crash would (`SIGKILL`).
    pub fn kill(&mut self) {
        self.signal("KILL");
        self.wait();
    }

    /// Asks it to end (`SIGTERM`) and waits until it has.
    pub fn terminate(&mut self) -> ExitStatus {
        self.signal("TERM");
        self.wait()
    }
}

impl Drop for ServerProcess {
    fn drop(&mut self) {
        if thread::panicking() {
            let log = self.log();
            let told = log.lines().filter(|line| line.contains(" ERROR ") || line.contains(" WARN "));
            println!("what the process {} told last:", self.id());
            told.rev().take(TOLD_LAST).for_each(|line| println!("{line}"));
        }
        // Both fail only when it has already ended.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl fmt::Debug for ServerProcess {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ServerProcess")
            .field("id", &self.id())
            .field("url", &self.url)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_url_is_found_in_text_and_json_logs() {
        let wanted = Some("http://127.0.0.1:4711".to_owned());
        assert_eq!(address_in("INFO rosterd: listening on http://127.0.0.1:4711 database=SQLite"), wanted);
        assert_eq!(address_in(r#"{"message":"listening on http://127.0.0.1:4711","level":"INFO"}"#), wanted);
        assert_eq!(address_in("listening on http://[::1]:80"), Some("http://[::1]:80".to_owned()));
        assert_eq!(address_in("starting"), None);
    }
}
