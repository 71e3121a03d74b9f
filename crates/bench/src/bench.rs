//! What every scenario needs: rosters, servers, a load generator, and how long to measure.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::Result;
use crate::arena::{self, Contender, Effort};
use crate::bare::SECRET;
use crate::cli::Kind;
use crate::cli::Options;
use crate::figures::{Round, Series};
use crate::load::{Load, Plan};
use crate::process::{Launch, Server};
use crate::report::Report;
use crate::roster::{Order, Roster, Tables};

/// Fewer people than this and a roster shows nothing.
const FEWEST: usize = 1000;

/// A prepared run.
#[derive(Debug)]
pub(crate) struct Bench {
    /// The folder of the whole project.
    pub(crate) workspace: PathBuf,
    /// Kept rosters, copies and scripts.
    pub(crate) data: PathBuf,
    /// The server to measure.
    pub(crate) program: PathBuf,
    /// Who sends requests.
    pub(crate) load: Load,
    /// How long everybody is measured.
    pub(crate) effort: Effort,
    logs: Option<PathBuf>,
    /// Where the figures go.
    pub(crate) json: PathBuf,
    quick: bool,
}

impl Bench {
    /// Finds or builds what is needed.
    pub(crate) fn prepare(options: &Options) -> Result<Self> {
        let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize()?;
        let (target, data) = folders()?;
        let program = match &options.server {
            Some(program) => program.canonicalize()?,
            None => build(&workspace, &target)?,
        };
        let effort = if options.quick {
            Effort { rounds: 2, seconds: 1 }
        } else {
            Effort { rounds: options.rounds.max(1), seconds: options.seconds.max(1) }
        };
        Ok(Self {
            load: if options.builtin { Load::Builtin } else { Load::find(&data)? },
            json: options.json.clone().unwrap_or_else(|| data.join("report.json")),
            logs: options.logs.clone(),
            quick: options.quick,
            workspace,
            data,
            program,
            effort,
        })
    }

    /// So many users, or a tenth in a quick run.
    pub(crate) fn users(&self, wanted: usize) -> usize {
        if self.quick { (wanted / 10).max(FEWEST) } else { wanted }
    }

    /// A roster in an SQLite file of our own.
    pub(crate) fn roster(&self, users: usize) -> Result<Roster> {
        Roster::sqlite(&self.data, Tables::Own, users)
    }

    /// The same people, whose rows lie in no order.
    pub(crate) fn shuffled_roster(&self, users: usize) -> Result<Roster> {
        Roster::sqlite_in_order(&self.data, Order::Shuffled, users)
    }

    /// One of slim people, which is removed after its measurement.
    pub(crate) fn slim_roster(&self, users: usize) -> Result<Roster> {
        Roster::slim(&self.data, users)
    }

    /// Starts rosterd as it comes, with its request log on, and what else the environment is to say.
    pub(crate) fn rosterd(&self, label: &str, roster: &Roster, more: &[(&str, &str)]) -> Result<Server> {
        self.rosterd_under(&[], label, roster, more)
    }

    /// The same, run by another program: its name and its arguments before rosterd's path. None of them: run by itself.
    pub(crate) fn rosterd_under(
        &self,
        runner: &[String],
        label: &str,
        roster: &Roster,
        more: &[(&str, &str)],
    ) -> Result<Server> {
        let environment = |port: u16| {
            let port = port.to_string();
            let given = [
                ("HOST", "127.0.0.1"),
                ("PORT", port.as_str()),
                ("DATABASE_URL", roster.url.as_str()),
                ("WEBUI_SECRET_KEY", SECRET),
            ];
            given.iter().chain(more).map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
        };
        let mut words = runner.to_vec();
        words.push(self.program.display().to_string());
        Server::start(&Launch {
            label,
            program: Path::new(&words[0]),
            arguments: &|_| words[1..].to_vec(),
            environment: &environment,
            ready_at: "/health",
            logs: self.logs.as_deref(),
        })
    }

    /// A command of rosterd on the database of a roster, which says nothing.
    pub(crate) fn command(&self, roster: &Roster) -> Command {
        let mut command = Command::new(&self.program);
        command
            .env_clear()
            .envs([("DATABASE_URL", roster.url.as_str()), ("WEBUI_SECRET_KEY", SECRET)])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        command
    }

    /// Sends requests for so many seconds. An answer that is an error ends the run.
    pub(crate) fn round(
        &self,
        server: &Server,
        plan: &Plan,
        connections: usize,
        seconds: u64,
    ) -> Result<Round> {
        let tally = self.load.run(server.address(), plan, connections, seconds)?;
        if tally.answers == 0 || tally.errors > 0 {
            return Err(format!("{} answers, {} of them errors", tally.answers, tally.errors).into());
        }
        #[expect(clippy::cast_precision_loss, reason = "a count of answers")]
        let per_second = tally.answers as f64 / tally.seconds;
        Ok(Round {
            per_second,
            p50_ms: tally.p50_us / 1e3,
            p99_ms: tally.p99_us / 1e3,
            cpu_us: None,
            errors: 0,
            pace_ms: None,
        })
    }

    /// Starts a bare server.
    pub(crate) fn bare(&self, kind: Kind, database: Option<&Roster>) -> Result<Server> {
        let arguments = |port: u16| {
            let kind = match kind {
                Kind::Static => "static",
                Kind::Token => "token",
                Kind::Row => "row",
            };
            let mut arguments = ["bare", "--kind", kind, "--port"].map(str::to_owned).to_vec();
            arguments.push(port.to_string());
            if let Some(database) = database {
                arguments.extend(["--database".to_owned(), database.url.clone()]);
            }
            arguments
        };
        Server::start(&Launch {
            label: "bare",
            program: &env::current_exe()?,
            arguments: &arguments,
            environment: &|_| Vec::new(),
            ready_at: "/",
            logs: self.logs.as_deref(),
        })
    }

    /// Lets them compete.
    pub(crate) fn compete(&self, contenders: &[Contender<'_>]) -> Result<Vec<Series>> {
        arena::compete(&self.load, self.effort, contenders)
    }

    /// The same for figures that vary little, such as CPU time: fewer and shorter rounds.
    pub(crate) fn compete_briefly(&self, contenders: &[Contender<'_>]) -> Result<Vec<Series>> {
        self.compete_with(self.at_most(3, 2), contenders)
    }

    /// The same with another effort.
    pub(crate) fn compete_with(&self, effort: Effort, contenders: &[Contender<'_>]) -> Result<Vec<Series>> {
        arena::compete(&self.load, effort, contenders)
    }

    /// Many short rounds, in which small differences show.
    pub(crate) fn many_short(&self) -> Effort {
        Effort { rounds: self.effort.rounds * 2, seconds: 1 }
    }

    /// At most so many rounds of at most so many seconds.
    pub(crate) fn at_most(&self, rounds: usize, seconds: u64) -> Effort {
        Effort { rounds: self.effort.rounds.min(rounds), seconds: self.effort.seconds.min(seconds) }
    }

    /// Writes all figures as JSON.
    pub(crate) fn save(&self, report: &Report) -> Result<()> {
        Ok(fs::write(&self.json, serde_json::to_string_pretty(report)?)?)
    }
}

/// Cargo's target folder, and the one in it for what a run needs.
pub(crate) fn folders() -> Result<(PathBuf, PathBuf)> {
    let this = env::current_exe()?;
    // target/<profile>/rosterd-bench
    let target = this.ancestors().nth(2).ok_or("this program lies in no target folder")?.to_owned();
    let data = target.join("bench-data");
    fs::create_dir_all(&data)?;
    Ok((target, data))
}

/// The release build of the server, with the way to write that its own is measured against. Cargo does nothing when it is up to date.
fn build(workspace: &Path, target: &Path) -> Result<PathBuf> {
    let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let built = Command::new(cargo)
        .args(["build", "--release", "--package", "rosterd", "--features", "one-by-one", "--target-dir"])
        .arg(target)
        .current_dir(workspace)
        .status()?;
    if built.success() { Ok(target.join("release/rosterd")) } else { Err("the server does not build".into()) }
}
