//! Reads settings one by one, notes where each came from, and collects everything that is wrong with them.

use std::fmt;

use super::error::Problem;
use super::parse::Parsed;
use super::setting::Setting;
use super::source::{Origin, Sources};

/// A setting with the text that holds and where it came from. `Debug` hides what is secret.
#[derive(Clone)]
pub struct Effective {
    /// The setting.
    pub setting: Setting,
    /// Its text.
    pub(super) text: String,
    /// Where the text came from.
    pub origin: Origin,
}

impl fmt::Debug for Effective {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} = {} ({})", self.setting.key, self.printed(), self.origin)
    }
}

/// Reads from one set of sources. A section that could not be read comes as `None` and its problems are kept, so
/// that one start names all of them.
pub(super) struct Reader<'a> {
    sources: &'a Sources,
    pub(super) problems: Vec<Problem>,
    pub(super) effective: Vec<Effective>,
    /// What is odd but no error.
    pub(super) warnings: Vec<String>,
}

impl<'a> Reader<'a> {
    pub(super) fn new(sources: &'a Sources) -> Self {
        let problems = sources.problems.clone();
        Self { sources, problems, effective: Vec::new(), warnings: Vec::new() }
    }

    /// The setting's value; `None` after noting a problem.
    pub(super) fn read<T>(&mut self, setting: &Setting, parse: impl FnOnce(&str) -> Parsed<T>) -> Option<T> {
        let (text, origin) = self.sources.find(setting);
        let parsed = parse(&text);
        let value = match parsed {
            Ok(value) => Some(value),
            Err(problem) => {
                self.note(setting, &origin, problem);
                None
            }
        };
        self.effective.push(Effective { setting: setting.clone(), text, origin });
        value
    }

    /// The same for a setting whose empty text means "none".
    #[expect(clippy::option_option, reason = "outer: readable; inner: set")]
    pub(super) fn read_optional<T>(
        &mut self,
        setting: &Setting,
        parse: impl FnOnce(&str) -> Parsed<T>,
    ) -> Option<Option<T>> {
        self.read(setting, |text| if text.trim().is_empty() { Ok(None) } else { parse(text).map(Some) })
    }

    /// Where the setting's text comes from.
    pub(super) fn origin(&self, setting: &Setting) -> Origin {
        self.sources.find(setting).1
    }

    /// Notes what is odd but no error.
    pub(super) fn warn(&mut self, warning: String) {
        self.warnings.push(warning);
    }

    /// Replaces what a setting that was read is shown to be by what others made of it; `from` names those.
    pub(super) fn derive(&mut self, setting: &Setting, text: String, from: &str) {
        if let Some(entry) = self.effective.iter_mut().find(|entry| entry.setting == *setting) {
            entry.text = text;
            entry.origin = Origin::Derived(from.to_owned());
        }
    }

    /// Notes that a setting does not fit the others.
    pub(super) fn conflict(&mut self, setting: &Setting, problem: &str) {
        let (_, origin) = self.sources.find(setting);
        self.note(setting, &origin, problem.to_owned());
    }

    fn note(&mut self, setting: &Setting, origin: &Origin, problem: String) {
        let name = setting.variable.clone().into_owned();
        let origin = match origin {
            Origin::File(_) => format!("{} in {origin}", setting.key),
            Origin::Environment(variable) if *variable == name => "environment".to_owned(),
            Origin::Environment(_) | Origin::CommandLine | Origin::Derived(_) | Origin::Default => {
                origin.to_string()
            }
        };
        self.problems.push(Problem { name, origin, problem });
    }
}
