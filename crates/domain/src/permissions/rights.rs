//! What rights there are: a table for each version of Open WebUI that knows others.

use super::open_webui_0_6::OPEN_WEBUI_0_6;
use super::open_webui_0_12::OPEN_WEBUI_0_12;
use crate::dialect::Dialect;

/// A right that the template can give.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Right {
    /// Its key in its section.
    pub key: &'static str,
    /// Whether it is given on an untouched server.
    pub builtin: bool,
    /// Whether it is given by a template that is written without its key. Not the same as `builtin` in places.
    pub left_out: bool,
    /// The environment variable that overrides `builtin`, named as in Open WebUI's documentation.
    pub variable: &'static str,
    /// What it lets a user do, as a sentence.
    pub about: &'static str,
}

impl Right {
    /// A right that everybody has unless it is taken away.
    pub(super) const fn given(key: &'static str, variable: &'static str, about: &'static str) -> Self {
        Self { key, builtin: true, left_out: true, variable, about }
    }

    /// A right that nobody has unless it is given.
    pub(super) const fn withheld(key: &'static str, variable: &'static str, about: &'static str) -> Self {
        Self { key, builtin: false, left_out: false, variable, about }
    }

    /// Another value for a template that is written without the key.
    pub(super) const fn left_out(mut self, given: bool) -> Self {
        self.left_out = given;
        self
    }
}

/// Rights that belong together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Section {
    /// Its key in the template.
    pub name: &'static str,
    /// Its name in the OpenAPI document.
    pub schema: &'static str,
    /// What it is about, as a sentence.
    pub about: &'static str,
    /// Its rights, in the order in which Open WebUI shows them.
    pub rights: &'static [Right],
}

/// All rights that one version of Open WebUI knows, in the order in which it shows them.
#[derive(Debug, PartialEq, Eq)]
pub struct Rights {
    dialect: Dialect,
    sections: &'static [Section],
}

/// How many rights a template can hold: one bit each.
const MOST: usize = u128::BITS as usize;

impl Rights {
    /// Takes a table; one with more rights than a template can hold does not compile.
    pub(super) const fn new(dialect: Dialect, sections: &'static [Section]) -> Self {
        let (mut count, mut index) = (0, 0);
        while index < sections.len() {
            count += sections[index].rights.len();
            index += 1;
        }
        assert!(count <= MOST, "a template holds no more rights than a u128 has bits");
        Self { dialect, sections }
    }

    /// The rights that the front ends of this dialect know.
    #[must_use]
    pub fn of(dialect: Dialect) -> &'static Self {
        match dialect {
            Dialect::V0_6 => &OPEN_WEBUI_0_6,
            Dialect::V0_12 => &OPEN_WEBUI_0_12,
        }
    }

    /// Whose rights these are.
    #[must_use]
    pub const fn dialect(&self) -> Dialect {
        self.dialect
    }

    /// The sections.
    #[must_use]
    pub const fn sections(&self) -> &'static [Section] {
        self.sections
    }

    /// Every right with the name of its section.
    pub fn iter(&self) -> impl Iterator<Item = (&'static str, &'static Right)> + use<> {
        self.sections.iter().flat_map(|section| section.rights.iter().map(|right| (section.name, right)))
    }

    /// The place of a right among all of them; `None` for one that is not known.
    pub(super) fn position(&self, section: &str, key: &str) -> Option<u32> {
        let mut before = 0;
        for known in self.sections {
            if known.name == section {
                let place = known.rights.iter().position(|right| right.key == key)?;
                return u32::try_from(before + place).ok();
            }
            before += known.rights.len();
        }
        None
    }

    /// The name of a section or a right as it is written in the table.
    pub(super) fn known_name(&self, text: &str) -> Option<&'static str> {
        let sections = self.sections.iter().map(|section| section.name);
        sections.chain(self.iter().map(|(_section, right)| right.key)).find(|name| *name == text)
    }
}
