//! A right, and the section it stands in: what a row of the table is made of.

use crate::dialect::Dialect;

/// A right that the template can give.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Right {
    /// Its key in its section.
    pub key: &'static str,
    /// Whether it is given on an untouched server.
    pub builtin: bool,
    /// The environment variable that overrides `builtin`, named as in Open WebUI's documentation.
    pub variable: &'static str,
    /// What it lets a user do, as a sentence.
    pub about: &'static str,
    /// The first that knows it.
    pub(super) since: Dialect,
    /// What 0.6 gives where a template is written without the key.
    left_out_0_6: bool,
}

impl Right {
    /// A right that everybody has unless it is taken away.
    pub(super) const fn given(key: &'static str, variable: &'static str, about: &'static str) -> Self {
        Self { key, builtin: true, variable, about, since: Dialect::V0_6, left_out_0_6: true }
    }

    /// A right that nobody has unless it is given.
    pub(super) const fn withheld(key: &'static str, variable: &'static str, about: &'static str) -> Self {
        Self { key, builtin: false, variable, about, since: Dialect::V0_6, left_out_0_6: false }
    }

    /// Not known before this one.
    pub(super) const fn since(mut self, dialect: Dialect) -> Self {
        self.since = dialect;
        self
    }

    /// Another value in 0.6 for a template that is written without the key.
    pub(super) const fn left_out_0_6(mut self, given: bool) -> Self {
        self.left_out_0_6 = given;
        self
    }

    /// Whether it is given by a template that is written without its key. In 0.6 not the same as `builtin` in places.
    #[must_use]
    pub const fn left_out(&self, dialect: Dialect) -> bool {
        match dialect {
            Dialect::V0_6 => self.left_out_0_6,
            Dialect::V0_12 => self.builtin,
        }
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
    /// Its rights in all versions, in the order in which Open WebUI shows them.
    pub(super) rights: &'static [Right],
}
