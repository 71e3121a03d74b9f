//! Where settings come from: command line, environment, TOML file, default, the strongest first.
//!
//! [`Sources::of_process`] is the one place of the whole project that reads the environment; everything after it
//! works on plain maps, so tests never touch the process's own.

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};

use super::error::{ConfigError, Problem, nearest_name};
use super::nearest;
use super::setting::{CONFIG_VARIABLE, Kind, PREFIX, Setting};

/// Texts of settings by source. Maps are by variable, the file's by dotted key. No `Debug`: secrets are among them.
#[derive(Clone, Default)]
pub struct Sources {
    pub(super) flags: BTreeMap<String, String>,
    pub(super) environment: BTreeMap<String, String>,
    pub(super) file: Option<FileValues>,
    /// What cannot be used whatever the settings make of the rest; [`Config::load`](super::Config::load) tells it with
    /// what else is wrong.
    pub(super) problems: Vec<Problem>,
}

/// The TOML file, flattened to dotted keys.
#[derive(Clone)]
pub(super) struct FileValues {
    pub(super) path: PathBuf,
    pub(super) values: BTreeMap<String, String>,
}

/// Where the value of a setting came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// An option of the command line.
    CommandLine,
    /// This environment variable.
    Environment(String),
    /// The TOML file.
    File(PathBuf),
    /// Put together from these other settings.
    Derived(String),
    /// Nobody said anything.
    Default,
}

impl Origin {
    /// Whether a value from here wins over one from `other`.
    pub(super) fn is_stronger_than(&self, other: &Self) -> bool {
        let strength = |origin: &Self| match origin {
            Self::CommandLine => 3,
            Self::Environment(_) | Self::Derived(_) => 2,
            Self::File(_) => 1,
            Self::Default => 0,
        };
        strength(self) > strength(other)
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::CommandLine => f.write_str("command line"),
            Self::Environment(variable) => write!(f, "environment variable {variable}"),
            Self::File(path) => write!(f, "{}", path.display()),
            Self::Derived(from) => write!(f, "from {from}"),
            Self::Default => f.write_str("default"),
        }
    }
}

impl Sources {
    /// The process's environment, with the options of the command line (by variable) and the file that `--config`
    /// or [`CONFIG_VARIABLE`] names. `settings` are all that exist.
    ///
    /// # Errors
    /// [`ConfigError::File`] and [`ConfigError::Toml`] when the file cannot be read.
    pub fn of_process(
        file: Option<&Path>,
        flags: BTreeMap<String, String>,
        settings: &[Setting],
    ) -> Result<Self, ConfigError> {
        let (mut environment, mut problems) = (BTreeMap::new(), Vec::new());
        for (name, value) in std::env::vars_os() {
            let Some(name) = name.to_str() else { continue };
            let ours = name == CONFIG_VARIABLE
                || name.starts_with(PREFIX)
                || settings.iter().any(|setting| setting.variables().any(|variable| variable == name));
            if !ours {
                continue;
            }
            match value.to_str() {
                Some(value) => {
                    environment.insert(name.to_owned(), value.to_owned());
                }
                None => problems.push(Problem {
                    name: name.to_owned(),
                    origin: Origin::Environment(name.to_owned()).to_string(),
                    problem: "is not UTF-8".to_owned(),
                }),
            }
        }
        let mut sources = Self::new(file, flags, environment, settings)?;
        sources.problems.append(&mut problems);
        Ok(sources)
    }

    /// The same with an environment of one's own.
    ///
    /// # Errors
    /// As [`of_process`](Self::of_process).
    pub fn new(
        file: Option<&Path>,
        flags: BTreeMap<String, String>,
        environment: BTreeMap<String, String>,
        settings: &[Setting],
    ) -> Result<Self, ConfigError> {
        let named = environment.get(CONFIG_VARIABLE).filter(|path| !path.is_empty()).map(PathBuf::from);
        let (file, problems) = match file.map(Path::to_path_buf).or(named) {
            None => (None, Vec::new()),
            Some(path) => {
                let text = std::fs::read_to_string(&path)
                    .map_err(|source| ConfigError::File { path: path.clone(), source })?;
                let (values, problems) = flatten(&path, &text, settings)?;
                (Some(FileValues { path, values }), problems)
            }
        };
        Ok(Self { flags, environment, file, problems })
    }

    /// The text of a setting and where it came from. An empty environment variable counts as absent, but for the settings that
    /// say otherwise: compose files pass `NAME=` for what nobody set.
    pub(super) fn find(&self, setting: &Setting) -> (String, Origin) {
        let flag = setting.variables().find_map(|variable| self.flags.get(variable));
        if let Some(text) = flag {
            return (text.clone(), Origin::CommandLine);
        }
        let counts = |text: &&String| setting.empty_counts || !text.is_empty();
        let variable =
            setting.variables().find_map(|name| Some((name, self.environment.get(name).filter(counts)?)));
        if let Some((name, text)) = variable {
            return (text.clone(), Origin::Environment(name.to_owned()));
        }
        let in_file =
            self.file.as_ref().and_then(|file| Some((file, file.values.get(setting.key.as_ref())?)));
        match in_file {
            Some((file, text)) => (text.clone(), Origin::File(file.path.clone())),
            None => (setting.default.clone().into_owned(), Origin::Default),
        }
    }

    /// What is odd in the environment, a sentence each: variables that look like ours but are none. A misspelt name
    /// would otherwise be ignored in silence. Those of the test harness are not meant for the server.
    #[must_use]
    pub fn warnings(&self, settings: &[Setting]) -> Vec<String> {
        self.environment
            .keys()
            .filter(|name| name.starts_with(PREFIX) && *name != CONFIG_VARIABLE)
            .filter(|name| !name.starts_with("ROSTERD_TEST_") && !name.starts_with("ROSTERD_REQUIRE_"))
            .filter(|name| !settings.iter().any(|setting| setting.variables().any(|known| known == *name)))
            .map(|name| {
                let nearest = nearest::variable(name, settings);
                let hint = nearest.map(|known| format!("; the nearest name is {known}")).unwrap_or_default();
                format!("{name} is set, but there is no such variable{hint}")
            })
            .collect()
    }
}

/// The file's values by dotted key, and a problem for every unknown key and every value of the wrong shape.
fn flatten(
    path: &Path,
    text: &str,
    settings: &[Setting],
) -> Result<(BTreeMap<String, String>, Vec<Problem>), ConfigError> {
    // As editors on Windows write it.
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let table: toml::Table = toml::from_str(text).map_err(|error| ConfigError::Toml {
        path: path.to_path_buf(),
        problem: place_and_message(text, &error),
    })?;
    let mut values = BTreeMap::new();
    let mut problems = Vec::new();
    walk("", table, settings, &mut |key, result| match result {
        Ok(text) => {
            values.insert(key, text);
        }
        Err(problem) => {
            problems.push(Problem {
                name: key,
                origin: Origin::File(path.to_path_buf()).to_string(),
                problem,
            });
        }
    });
    Ok((values, problems))
}

/// The parser's message with the number of the line, but not the line: it may hold a secret.
fn place_and_message(text: &str, error: &toml::de::Error) -> String {
    match error.span().and_then(|span| text.get(..span.start)) {
        Some(before) => format!("line {}: {}", before.matches('\n').count() + 1, error.message()),
        None => error.message().to_owned(),
    }
}

fn walk(
    prefix: &str,
    table: toml::Table,
    settings: &[Setting],
    found: &mut dyn FnMut(String, Result<String, String>),
) {
    for (name, value) in table {
        let key = if prefix.is_empty() { name.clone() } else { format!("{prefix}.{name}") };
        if let Some(setting) = settings.iter().find(|setting| setting.key == key) {
            found(key, to_text(setting, value));
            continue;
        }
        match value {
            toml::Value::Table(inner) if is_section(settings, &key) => walk(&key, inner, settings, found),
            _ => {
                let known: Vec<&str> = settings
                    .iter()
                    .filter(|setting| setting.section() == prefix)
                    .map(Setting::name)
                    .collect();
                let hint = match (known.is_empty(), prefix) {
                    (true, _) => "`rosterd --help` lists the sections".to_owned(),
                    (false, section) => format!("[{section}] knows {}", known.join(", ")),
                };
                let nearest = nearest_name(nearest::key(prefix, &name, settings).as_deref());
                found(key, Err(format!("is not a known key; {nearest}{hint}")));
            }
        }
    }
}

fn is_section(settings: &[Setting], key: &str) -> bool {
    settings.iter().any(|setting| setting.key.strip_prefix(key).is_some_and(|rest| rest.starts_with('.')))
}

/// A TOML value as the text the environment would have held.
fn to_text(setting: &Setting, value: toml::Value) -> Result<String, String> {
    let expected = || format!("must be {}", setting.kind.describe());
    match (setting.kind, value) {
        (Kind::Switch, toml::Value::Boolean(on)) => Ok(on.to_string()),
        (Kind::Integer | Kind::Bytes | Kind::Duration, toml::Value::Integer(number)) => {
            Ok(number.to_string())
        }
        (Kind::List, toml::Value::Array(items)) => {
            let words: Option<Vec<&str>> = items.iter().map(toml::Value::as_str).collect();
            words.map(|words| words.join(",")).ok_or_else(|| "must be an array of strings".to_owned())
        }
        (Kind::Json, value @ toml::Value::Array(_)) => {
            serde_json::to_string(&value).map_err(|_why| expected())
        }
        (_, toml::Value::String(text)) => Ok(text),
        _ => Err(expected()),
    }
}
