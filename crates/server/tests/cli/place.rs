//! An empty folder to run the program in, with nothing of this process's environment.

use std::io::Write as _;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use rosterd_testkit::TestDb;
use serde_json::Value;
use tempfile::TempDir;

/// The secret of every command on a [`Roster`], which is that of the testkit's servers too.
pub(crate) const SECRET: (&str, &str) = ("WEBUI_SECRET_KEY", "golden-secret-golden-secret-golden-42");

/// The password of the accounts that a test creates.
pub(crate) const PASSWORD: &str = "correct horse battery";

pub(crate) const PROGRAM: &str = env!("CARGO_BIN_EXE_rosterd");

/// A working directory that goes away with this value.
pub(crate) struct Place(TempDir);

/// How a command ended.
#[derive(Debug)]
pub(crate) struct Outcome {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Place {
    pub(crate) fn new() -> Self {
        Self(tempfile::tempdir().expect("a temporary folder"))
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// The names in the folder.
    pub(crate) fn files(&self) -> Vec<String> {
        let entries = std::fs::read_dir(self.0.path()).expect("the folder is there");
        entries.map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned()).collect()
    }

    /// Runs the program to its end.
    pub(crate) fn run(&self, arguments: &[&str]) -> Outcome {
        self.run_with(arguments, &[], "")
    }

    /// The same with variables and standard input.
    pub(crate) fn run_with(&self, arguments: &[&str], environment: &[(&str, &str)], stdin: &str) -> Outcome {
        let mut child = Command::new(PROGRAM)
            .args(arguments)
            .env_clear()
            .env("ROSTERD_BCRYPT_COST", "4")
            .envs(environment.iter().copied())
            .current_dir(self.0.path())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the program starts");
        // A program that ends without reading closes the pipe.
        let _ = child.stdin.take().expect("stdin is piped").write_all(stdin.as_bytes());
        let output = child.wait_with_output().expect("the program ends");
        Outcome {
            code: output.status.code(),
            stdout: String::from_utf8(output.stdout).expect("UTF-8"),
            stderr: String::from_utf8(output.stderr).expect("UTF-8"),
        }
    }

    /// Creates an admin and gives its id.
    pub(crate) fn create_admin(&self, email: &str, environment: &[(&str, &str)]) -> String {
        let arguments =
            ["user", "create", "--admin", "--email", email, "--name", "Ada", "--password-stdin", "--json"];
        let outcome = self.run_with(&arguments, environment, "correct horse battery\n");
        assert_eq!(outcome.code, Some(0), "{outcome:?}");
        let account: serde_json::Value = serde_json::from_str(&outcome.stdout).expect("a JSON object");
        assert_eq!(account["role"], "admin");
        account["id"].as_str().expect("an id").to_owned()
    }
}

/// Commands on one database, in an empty folder.
pub(crate) struct Roster<'a> {
    place: Place,
    db: &'a TestDb,
}

impl<'a> Roster<'a> {
    pub(crate) fn on(db: &'a TestDb) -> Self {
        Self { place: Place::new(), db }
    }

    /// A file in the folder that the commands run in.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.place.path(name)
    }

    pub(crate) fn run(&self, arguments: &[&str]) -> Outcome {
        self.run_with(arguments, "")
    }

    /// The same on another database.
    pub(crate) fn run_on(&self, url: &str, arguments: &[&str]) -> Outcome {
        self.place.run_with(arguments, &[SECRET, ("DATABASE_URL", url)], "")
    }

    pub(crate) fn run_with(&self, arguments: &[&str], stdin: &str) -> Outcome {
        self.place.run_with(arguments, &[SECRET, ("DATABASE_URL", self.db.url())], stdin)
    }

    /// What a command prints with `--json`, after it went well.
    pub(crate) fn json(&self, arguments: &[&str]) -> Value {
        self.run(&[arguments, &["--json"]].concat()).json()
    }

    /// Creates an account and gives its id. Without a role among the `options` the first one is an admin.
    pub(crate) fn create(&self, email: &str, options: &[&str]) -> String {
        let arguments = ["user", "create", "--email", email, "--name", email, "--password-stdin", "--json"];
        let account = self.run_with(&[&arguments, options].concat(), PASSWORD).json();
        account["id"].as_str().expect("an id").to_owned()
    }

    /// The role an account has.
    pub(crate) fn role(&self, user: &str) -> Value {
        self.json(&["user", "show", user])["role"].clone()
    }
}

impl Outcome {
    /// What it printed as JSON, after it went well.
    pub(crate) fn json(&self) -> Value {
        assert_eq!((self.code, self.stderr.as_str()), (Some(0), ""), "{self:?}");
        serde_json::from_str(&self.stdout).unwrap_or_else(|why| panic!("{why}: {self:?}"))
    }

    /// Asserts that it failed with this code and one line on standard error that has all these words.
    pub(crate) fn assert_failed(&self, code: i32, words: &[&str]) {
        assert_eq!(self.code, Some(code), "{self:?}");
        assert_eq!(self.stdout, "", "{self:?}");
        assert_eq!(self.stderr.trim_end().lines().count(), 1, "{self:?}");
        for word in words {
            assert!(self.stderr.contains(word), "{word}: {self:?}");
        }
    }
}

/// Waits for what a server does by itself, a minute at most.
pub(crate) fn wait_until(what: &str, is_so: impl Fn() -> bool) {
    let began = Instant::now();
    while !is_so() {
        assert!(began.elapsed() < Duration::from_mins(1), "{what}");
        std::thread::sleep(Duration::from_millis(50));
    }
}
