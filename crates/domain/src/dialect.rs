//! Which front end a database speaks to: the answers of Open WebUI changed between 0.6 and 0.12, and each database gets
//! the answers its own front end understands.
//!
//! A [`Dialect`] is decided once, from what the database's schema looks like, and handed to the rules that differ. Each of
//! those rules says in one place what the difference is; nothing else asks for the dialect.

use std::fmt;
use std::str::FromStr;

/// The answers of one generation of Open WebUI.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Dialect {
    /// As Open WebUI 0.6.43 answers: configuration is one document.
    V0_6,
    /// As Open WebUI 0.12.4 answers: configuration is one row a key. The newest, and that of a database of our own.
    #[default]
    V0_12,
}

impl Dialect {
    /// All, oldest first.
    pub const ALL: [Self; 2] = [Self::V0_6, Self::V0_12];

    /// The name by which it is configured and told.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::V0_6 => "0.6",
            Self::V0_12 => "0.12",
        }
    }
}

impl fmt::Display for Dialect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// No dialect has this name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("must be 0.6 or 0.12")]
pub struct UnknownDialect;

impl FromStr for Dialect {
    type Err = UnknownDialect;

    fn from_str(text: &str) -> Result<Self, UnknownDialect> {
        Self::ALL.into_iter().find(|dialect| dialect.as_str() == text.trim()).ok_or(UnknownDialect)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_back() {
        for dialect in Dialect::ALL {
            assert_eq!(dialect.to_string().parse(), Ok(dialect));
        }
        assert_eq!(Dialect::default(), Dialect::ALL[1]);
        for name in ["", "0.5", "0.12.4", "newest"] {
            assert_eq!(name.parse::<Dialect>(), Err(UnknownDialect), "{name}");
        }
    }
}
