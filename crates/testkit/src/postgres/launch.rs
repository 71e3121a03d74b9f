//! Starts a server that cannot outlive the process it was started for: PostgreSQL, or what stands before it.
//!
//! A shell stands between: it starts the server and waits for the end of its own standard input, whose other end
//! this process holds. However this process ends, return, panic or kill, the kernel closes that end; the shell
//! then stops the server and removes its folder.

use std::fs;
use std::io::{self, Read as _, Seek as _, SeekFrom};
use std::os::unix::fs::{MetadataExt as _, chown};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use rosterd_storage::{DatabaseUrl, raw};
use tempfile::TempDir;

/// How long a server may take to answer.
const START_LIMIT: Duration = Duration::from_mins(1);

/// How much of a server's log a failure tells, in bytes from its end.
const TOLD: u64 = 4096;

/// Arguments: the folder of the binaries, the server's folder. `BUFFERS` stands for the memory for its pages.
///
/// Each database that is made writes some megabytes to the write-ahead log, and a run of the tests makes thousands:
/// the log is bounded, so that the tests fit on a small disk.
const SUPERVISOR: &str = r#"
"$1/postgres" -D "$2/data" -k "$2" -c listen_addresses= -c max_connections=200 -c shared_buffers=BUFFERS \
    -c fsync=off -c synchronous_commit=off -c full_page_writes=off -c autovacuum=off -c jit=off \
    -c max_wal_size=512MB -c checkpoint_timeout=1h </dev/null >"$2/log" 2>&1 &
cat >/dev/null
kill -QUIT $!
wait
rm -rf "$2"
"#;

/// Who a server runs as, where it is not us.
pub(super) type Account = Option<(u32, u32)>;

/// A running server. Dropping it stops the server and removes everything it wrote.
pub(super) struct Supervised {
    folder: PathBuf,
    /// Holds the writing end of the shell's standard input.
    supervisor: Child,
}

impl Supervised {
    /// Its folder, in which its socket is.
    pub(super) fn folder(&self) -> &Path {
        &self.folder
    }

    /// The URL of a PostgreSQL server's database `postgres`, as superuser.
    pub(super) fn url(&self) -> String {
        format!("postgresql:///postgres?host={}&user=postgres", self.folder.display())
    }

    /// Asks again and again, until it answers.
    pub(super) fn wait_until(&self, answers: impl Fn() -> Result<(), String>) -> Result<(), String> {
        let began = Instant::now();
        while let Err(error) = answers() {
            if began.elapsed() > START_LIMIT {
                return Err(format!("not ready after {START_LIMIT:?}: {error}\n{}", self.log()));
            }
            thread::sleep(Duration::from_millis(20));
        }
        Ok(())
    }

    /// The end of the server's log, which says why it crashed; what went wrong where it cannot be read.
    pub(super) fn log(&self) -> String {
        let end = || -> io::Result<Vec<u8>> {
            let mut file = fs::File::open(self.folder.join("log"))?;
            let length = file.metadata()?.len();
            file.seek(SeekFrom::Start(length.saturating_sub(TOLD)))?;
            let mut bytes = Vec::new();
            file.read_to_end(&mut bytes)?;
            Ok(bytes)
        };
        match end() {
            Ok(bytes) => String::from_utf8_lossy(&bytes).into_owned(),
            Err(why) => format!("its log: {why}"),
        }
    }
}

impl Drop for Supervised {
    fn drop(&mut self) {
        drop(self.supervisor.stdin.take());
        let _ = self.supervisor.wait();
    }
}

/// Makes a data folder in this new folder and starts the server in it, with so much memory for its pages. `Err`: what went wrong, with
/// the programs' own words.
pub(super) fn launch(binaries: &Path, folder: TempDir, buffers: &str) -> Result<Supervised, String> {
    let account = account_of(folder.path())?;
    make_data(binaries, folder.path(), account)?;
    let launched = supervise(&SUPERVISOR.replace("BUFFERS", buffers), binaries, folder, account)?;
    let url = DatabaseUrl::parse(&launched.url()).map_err(|e| e.to_string())?;
    launched.wait_until(|| raw::execute(&url, "SELECT 1").map_err(|e| format!("{e:?}")))?;
    Ok(launched)
}

/// Makes an empty data folder in this folder, in which everybody on this machine may do everything.
pub(super) fn make_data(binaries: &Path, folder: &Path, account: Account) -> Result<(), String> {
    let mut initdb = Command::new(binaries.join("initdb"));
    run_as(&mut initdb, account, folder);
    initdb.args(["--locale=C.UTF-8", "-E", "UTF8", "--auth=trust", "--username=postgres", "--no-sync", "-D"]);
    let made = initdb.arg(folder.join("data")).output().map_err(|e| format!("initdb: {e}"))?;
    let said = String::from_utf8_lossy(&made.stderr);
    if made.status.success() { Ok(()) } else { Err(format!("initdb: {said}")) }
}

/// Starts a shell that runs `script` with the program (or its folder) and the server's folder as arguments.
pub(super) fn supervise(
    script: &str,
    program: &Path,
    folder: TempDir,
    account: Account,
) -> Result<Supervised, String> {
    let mut shell = Command::new("sh");
    run_as(&mut shell, account, folder.path());
    shell.args(["-c", script, "supervisor"]).arg(program).arg(folder.path());
    // Its own process group: an interrupt typed at the terminal must end the tests, not the one who cleans up.
    shell.process_group(0).stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
    let supervisor = shell.spawn().map_err(|e| format!("sh: {e}"))?;
    // From here on the shell removes the folder.
    Ok(Supervised { folder: folder.keep(), supervisor })
}

pub(super) fn run_as(program: &mut Command, account: Account, folder: &Path) {
    if let Some((user, group)) = account {
        program.uid(user).gid(group);
    }
    program.current_dir(folder);
}

/// Who a server in this folder is to run as, to whom the folder is given.
pub(super) fn account_of(folder: &Path) -> Result<Account, String> {
    let account = unprivileged(folder)?;
    if let Some((user, group)) = account {
        chown(folder, Some(user), Some(group)).map_err(|e| format!("chown: {e}"))?;
    }
    Ok(account)
}

/// PostgreSQL refuses to run as root. When that is who we are (the owner of what we just made), the user and group
/// to run it as: `postgres`, else `nobody`.
fn unprivileged(made_by_us: &Path) -> Result<Account, String> {
    if fs::metadata(made_by_us).map_err(|e| e.to_string())?.uid() != 0 {
        return Ok(None);
    }
    let accounts = fs::read_to_string("/etc/passwd").map_err(|e| format!("/etc/passwd: {e}"))?;
    let ids_of = |wanted: &str| {
        accounts.lines().find_map(|line| {
            let mut fields = line.split(':');
            let found = fields.next()? == wanted;
            let (user, group) = (fields.nth(1)?.parse().ok()?, fields.next()?.parse().ok()?);
            found.then_some((user, group))
        })
    };
    let account = ids_of("postgres").or_else(|| ids_of("nobody"));
    account
        .map(Some)
        .ok_or_else(|| "run as root, and there is no user `postgres` or `nobody` to use".to_owned())
}
