//! A PostgreSQL server of a test's own, to be stopped, frozen, crashed and replaced by its standby.
//!
//! Unlike the server that all tests share, it keeps what it has committed when it is stopped in any manner: a commit
//! is in its write-ahead log before it is answered. (It does not wait for the disk, which no test switches off.)

use std::path::{Path, PathBuf};
use std::process::Command;

use rosterd_storage::{DatabaseUrl, raw};

use super::freeze::Frozen;
use super::launch::{Account, Supervised, account_of, make_data, run_as, supervise};
use super::{binaries, with_database};
use crate::skips::Missing;

/// How a server ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Manner {
    /// It hangs up on everybody and writes all it has.
    Fast,
    /// As in a crash: it reads its write-ahead log when it starts again.
    Immediate,
}

/// Waits until the test is over, then ends the server, whatever has become of it, and removes its folder. The server
/// itself is started with `pg_ctl`, since it may be started several times.
const KEEPER: &str = r#"
cat >/dev/null
if pid=$(head -n 1 "$2/data/postmaster.pid" 2>/dev/null); then
    kill -CONT "$pid"
    "$1/pg_ctl" -D "$2/data" -m immediate -w stop
fi
rm -rf "$2"
"#;

/// Settings of the server, in the words of its command line.
const SETTINGS: &str = "-c listen_addresses= -c max_connections=100 -c shared_buffers=32MB -c fsync=off \
    -c full_page_writes=off -c autovacuum=off -c jit=off -c wal_level=replica -c max_wal_senders=4 \
    -c checkpoint_timeout=1h";

/// A server; it ends when dropped, or with the process.
pub struct Cluster {
    binaries: PathBuf,
    account: Account,
    keeper: Supervised,
}

impl Cluster {
    /// A new server without any database of ours.
    ///
    /// # Errors
    /// [`Missing::Postgres`] where its programs are not installed.
    ///
    /// # Panics
    /// When they are there but no server comes up.
    pub fn start() -> Result<Self, Missing> {
        let binaries = binaries::find().ok_or(Missing::Postgres)?;
        let cluster = Self::begin(binaries, make_data);
        cluster.start_again();
        Ok(cluster)
    }

    /// A server that follows this one: from when it is there, this one answers no commit that the other has not
    /// received.
    ///
    /// # Errors
    /// [`Missing::BaseBackup`].
    ///
    /// # Panics
    /// When it does not come up.
    pub fn standby(&self) -> Result<Self, Missing> {
        // Beside the server's own programs, of which the folder may only have links.
        let real = self.binaries.join("postgres").canonicalize().ok();
        let beside = real.as_deref().and_then(Path::parent).map(|folder| folder.join("pg_basebackup"));
        let program = beside.filter(|program| program.is_file()).ok_or(Missing::BaseBackup)?;
        let primary = self.folder();
        let standby = Self::begin(self.binaries.clone(), |_, folder, account| {
            let mut copy = Command::new(program);
            run_as(&mut copy, account, folder);
            copy.arg("--host").arg(primary).args(["--username=postgres", "--checkpoint=fast", "--no-sync"]);
            copy.args(["--wal-method=stream", "--write-recovery-conf", "--pgdata"]).arg(folder.join("data"));
            succeed(&mut copy)
        });
        standby.start_again();
        // Only now: the first copy would wait for itself. Written into a file of the primary that the copy lacks.
        self.execute("ALTER SYSTEM SET synchronous_standby_names = '*'");
        self.execute("SELECT pg_reload_conf()");
        let follows = "SELECT 1 / count(*) FROM pg_stat_replication WHERE sync_state = 'sync'";
        let ready =
            self.keeper.wait_until(|| raw::execute(&self.url(), follows).map_err(|e| format!("{e:?}")));
        ready.unwrap_or_else(|why| panic!("the standby does not follow: {why}"));
        Ok(standby)
    }

    fn begin(binaries: PathBuf, make: impl FnOnce(&Path, &Path, Account) -> Result<(), String>) -> Self {
        let folder = tempfile::Builder::new().prefix("rosterd-pgc-").tempdir().expect("a temporary folder");
        let account = account_of(folder.path()).unwrap_or_else(|why| panic!("PostgreSQL: {why}"));
        make(&binaries, folder.path(), account).unwrap_or_else(|why| panic!("PostgreSQL: {why}"));
        let keeper = supervise(KEEPER, &binaries, folder, account);
        let keeper = keeper.unwrap_or_else(|why| panic!("PostgreSQL: {why}"));
        Self { binaries, account, keeper }
    }

    /// The folder of its socket, as the host of a URL.
    #[must_use]
    pub fn folder(&self) -> &Path {
        self.keeper.folder()
    }

    /// The URL of one of its databases.
    #[must_use]
    pub fn url_of(&self, database: &str) -> String {
        with_database(&self.keeper.url(), database)
    }

    /// Makes an empty database.
    pub fn create_database(&self, name: &str) {
        self.execute(&format!("CREATE DATABASE {name} TEMPLATE template0 ENCODING 'UTF8'"));
    }

    /// Stops it.
    pub fn stop(&self, how: Manner) {
        let mode = match how {
            Manner::Fast => "fast",
            Manner::Immediate => "immediate",
        };
        self.control(&["stop", "-m", mode]);
    }

    /// Starts it again after [`stop`](Self::stop) and waits until it takes connections.
    pub fn start_again(&self) {
        let log = self.folder().join("log");
        let settings = format!("-k {} {SETTINGS}", self.folder().display());
        self.control(&["start", "-l", &log.to_string_lossy(), "-o", &settings]);
    }

    /// Makes a standby the primary.
    pub fn promote(&self) {
        self.control(&["promote"]);
    }

    /// Kills a process that serves somebody called `rosterd`. The server then ends all the others and recovers.
    ///
    /// # Panics
    /// When nobody of that name is connected.
    pub fn crash(&self) {
        let served = "SELECT pid::text AS pid FROM pg_stat_activity WHERE application_name = 'rosterd' \
                      AND pid <> pg_backend_pid() LIMIT 1";
        let rows = raw::query_text(&self.url(), served).expect("the server tells its processes");
        let pid = rows.into_iter().flatten().flatten().next().expect("rosterd is connected");
        succeed(Command::new("kill").args(["-s", "KILL", &pid])).unwrap_or_else(|why| panic!("{why}"));
    }

    /// Stops all its processes where they stand. Connections stay open, new ones are taken by the kernel, and nobody
    /// answers.
    #[must_use]
    pub fn freeze(&self) -> Frozen {
        let mut witness = raw::Connection::open(&self.url()).expect("the server takes connections");
        let file = self.folder().join("data/postmaster.pid");
        let file = std::fs::read_to_string(file).expect("a running server has this file");
        let first = file.lines().next().expect("its first line is the process").to_owned();
        // The first process makes all the others, so from here on there are no new ones.
        let postmaster = Frozen::these(vec![first.clone()]);
        let rows = witness.query_text("SELECT pid::text AS pid FROM pg_stat_activity");
        let rows = rows.expect("the server tells its processes");
        let all = rows.into_iter().flatten().flatten().chain([first]).collect();
        let frozen = Frozen::these(all);
        // It would wake the first one only.
        std::mem::forget(postmaster);
        frozen
    }

    fn execute(&self, sql: &str) {
        raw::execute(&self.url(), sql).unwrap_or_else(|why| panic!("{sql}: {why:?}"));
    }

    fn url(&self) -> DatabaseUrl {
        DatabaseUrl::parse(&self.keeper.url()).expect("the harness makes good URLs")
    }

    /// Runs `pg_ctl` until what it is to do is done.
    fn control(&self, arguments: &[&str]) {
        let mut program = Command::new(self.binaries.join("pg_ctl"));
        run_as(&mut program, self.account, self.folder());
        program.arg("-D").arg(self.folder().join("data")).args(["-w", "-t", "60"]).args(arguments);
        succeed(&mut program).unwrap_or_else(|why| panic!("pg_ctl {arguments:?}: {why}"));
    }
}

impl std::fmt::Debug for Cluster {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Cluster").field("folder", &self.folder()).finish_non_exhaustive()
    }
}

/// Runs a program to its end. Its output goes to a file and not to a pipe: the server that it starts would hold the pipe
/// open.
fn succeed(program: &mut Command) -> Result<(), String> {
    let mut said = tempfile::tempfile().map_err(|e| e.to_string())?;
    let both = said.try_clone().and_then(|one| Ok((one, said.try_clone()?))).map_err(|e| e.to_string())?;
    let status = program.stdout(both.0).stderr(both.1).status().map_err(|e| e.to_string())?;
    if status.success() {
        return Ok(());
    }
    let mut text = String::new();
    let read =
        std::io::Seek::rewind(&mut said).and_then(|()| std::io::Read::read_to_string(&mut said, &mut text));
    Err(format!("{status}: {text}{}", read.err().map(|e| e.to_string()).unwrap_or_default()))
}
