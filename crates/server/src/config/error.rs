//! What can be wrong with the configuration; each sentence names the setting and says what to do.

use std::fmt;
use std::path::PathBuf;

/// Why there is no usable configuration.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file named by `--config` or `ROSTERD_CONFIG` cannot be read.
    #[error("configuration file {}: cannot be read", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The file is not TOML.
    #[error("configuration file {}: {problem}", path.display())]
    Toml {
        /// The file.
        path: PathBuf,
        /// Where and what.
        problem: String,
    },
    /// Settings that cannot be used: all of them, not only the first.
    #[error("{}", Lines(.0))]
    Settings(Vec<Problem>),
    /// The file that keeps the token secret.
    #[error(transparent)]
    Secret(#[from] super::secret::SecretError),
    /// `--set` with a name that is no setting's.
    #[error("--set {name}: there is no such setting; {}`rosterd --help` lists them all", nearest_name(nearest.as_deref()))]
    UnknownSet {
        /// What was given.
        name: String,
        /// The name that was probably meant.
        nearest: Option<String>,
    },
    /// `--set` without a value.
    #[error("--set {0}: a name and a value are needed, such as --set PORT=8081")]
    SetWithoutValue(String),
    /// `--set` with a secret.
    #[error(
        "--set {0}: a secret must not be on the command line, where every user of the machine can read it; use the environment or the configuration file"
    )]
    SecretSet(String),
}

/// A setting's name as somebody wrote it, if it can be one: a URL with a password in the wrong place is not repeated.
pub(crate) fn plain_name(text: &str) -> String {
    let is_name = text.chars().all(|c| c.is_ascii_alphanumeric() || "_.-".contains(c));
    if is_name { text.to_owned() } else { "…".to_owned() }
}

/// The part of a sentence that names what was probably meant; empty where nothing is near.
pub(super) fn nearest_name(nearest: Option<&str>) -> String {
    nearest.map(|name| format!("the nearest name is {name}; ")).unwrap_or_default()
}

/// One setting that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// The setting's variable, or the key as it stands in the file.
    pub name: String,
    /// Where the value came from.
    pub origin: String,
    /// What is wrong with it.
    pub problem: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({}): {}", self.name, self.origin, self.problem)
    }
}

struct Lines<'a>(&'a [Problem]);

impl fmt::Display for Lines<'_> {
    /// One problem on the same line, several on lines of their own.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let [problem] = self.0 {
            return problem.fmt(f);
        }
        self.0.iter().try_for_each(|problem| write!(f, "\n  {problem}"))
    }
}
