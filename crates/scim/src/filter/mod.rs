//! Filters: `userName eq "ada@example.com" and not (active eq false)` (RFC 7644, 3.4.2.2).
//!
//! [`Filter::parse`] reads a text into a tree and [`fmt::Display`] writes the tree as a text again. [`Filter::bind`] looks the names
//! up in a schema and makes a [`Condition`] of it, which can be evaluated and compiled to SQL.

mod bind;
mod condition;
mod error;
mod parser;

use std::fmt;

use serde_json::{Number, Value};

use crate::path::AttributePath;

pub use condition::{Comparison, Condition, Operand, fold};
pub use error::{FilterError, Problem};

/// How deep brackets may be in each other.
pub const MAX_DEPTH: usize = 32;

/// How many comparisons a filter may have. A client that looks for a hundred ids at once sends as many.
pub const MAX_TESTS: usize = 512;

/// A filter as it was sent.
#[derive(Debug, Clone, PartialEq)]
pub enum Filter {
    /// `path pr`
    Present(AttributePath),
    /// `path operator value`
    Compare {
        /// The attribute.
        path: AttributePath,
        /// How it is compared.
        operator: Operator,
        /// With what.
        value: Literal,
    },
    /// `path[filter]`: one of the attribute's values meets the filter. What Entra ID sends for e-mail addresses,
    /// `emails[type eq "work"].value eq "x"`, is read as `emails[type eq "work" and value eq "x"]`, which is the same.
    Values {
        /// The attribute.
        path: AttributePath,
        /// The filter, whose names are those of parts of the attribute.
        filter: Box<Filter>,
    },
    /// `not (filter)`
    Not(Box<Filter>),
    /// `filter and filter …`, at least two
    And(Vec<Filter>),
    /// `filter or filter …`, at least two
    Or(Vec<Filter>),
}

/// How an attribute is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Operator {
    /// `eq`: equal
    Eq,
    /// `ne`: not equal
    Ne,
    /// `co`: contains
    Co,
    /// `sw`: starts with
    Sw,
    /// `ew`: ends with
    Ew,
    /// `gt`: greater, later
    Gt,
    /// `ge`: greater or equal
    Ge,
    /// `lt`: less, earlier
    Lt,
    /// `le`: less or equal
    Le,
}

/// What an attribute is compared with.
#[derive(Debug, Clone, PartialEq)]
pub enum Literal {
    /// `"text"`
    Text(String),
    /// A number.
    Number(Number),
    /// `true` or `false`
    Boolean(bool),
    /// `null`
    Null,
}

impl Filter {
    /// Reads a filter. Operators, `and`, `or`, `not`, `true`, `false` and `null` may have capital letters.
    ///
    /// # Errors
    /// [`FilterError::Syntax`] with the byte where the text is wrong; also where brackets are deeper than [`MAX_DEPTH`] or there are
    /// more than [`MAX_TESTS`] comparisons.
    pub fn parse(text: &str) -> Result<Self, FilterError> {
        parser::parse(text)
    }

    /// All of these. What is an `and` itself becomes a part of the one, so that the tree is the same that its text is read as.
    #[must_use]
    pub fn and(filters: Vec<Self>) -> Self {
        join(filters, Self::And, |filter| match filter {
            Self::And(parts) => Ok(parts),
            other => Err(other),
        })
    }

    /// One of these at least; as [`Filter::and`].
    #[must_use]
    pub fn or(filters: Vec<Self>) -> Self {
        join(filters, Self::Or, |filter| match filter {
            Self::Or(parts) => Ok(parts),
            other => Err(other),
        })
    }

    /// How deep brackets are in each other when the filter is written.
    #[must_use]
    pub fn depth(&self) -> usize {
        match self {
            Self::Present(_) | Self::Compare { .. } => 0,
            Self::Values { filter, .. } | Self::Not(filter) => 1 + filter.depth(),
            Self::And(parts) => {
                let depth = |part: &Self| part.depth() + usize::from(matches!(part, Self::Or(_)));
                parts.iter().map(depth).max().unwrap_or(0)
            }
            Self::Or(parts) => parts.iter().map(Self::depth).max().unwrap_or(0),
        }
    }
}

fn join(
    filters: Vec<Filter>,
    of: fn(Vec<Filter>) -> Filter,
    parts: impl Fn(Filter) -> Result<Vec<Filter>, Filter>,
) -> Filter {
    let mut all = Vec::with_capacity(filters.len());
    for filter in filters {
        match parts(filter) {
            Ok(parts) => all.extend(parts),
            Err(filter) => all.push(filter),
        }
    }
    if all.len() > 1 { of(all) } else { all.pop().unwrap_or_else(|| of(Vec::new())) }
}

impl fmt::Display for Filter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Present(path) => write!(f, "{path} pr"),
            Self::Compare { path, operator, value } => write!(f, "{path} {operator} {value}"),
            Self::Values { path, filter } => write!(f, "{path}[{filter}]"),
            Self::Not(filter) => write!(f, "not ({filter})"),
            Self::And(parts) => between(f, " and ", parts, |f, part| match part {
                Self::Or(_) => write!(f, "({part})"),
                _ => write!(f, "{part}"),
            }),
            Self::Or(parts) => between(f, " or ", parts, |f, part| write!(f, "{part}")),
        }
    }
}

fn between(
    f: &mut fmt::Formatter<'_>,
    word: &str,
    parts: &[Filter],
    write: impl Fn(&mut fmt::Formatter<'_>, &Filter) -> fmt::Result,
) -> fmt::Result {
    for (number, part) in parts.iter().enumerate() {
        if number > 0 {
            f.write_str(word)?;
        }
        write(f, part)?;
    }
    Ok(())
}

impl Operator {
    /// All of them.
    pub const ALL: [Self; 9] =
        [Self::Eq, Self::Ne, Self::Co, Self::Sw, Self::Ew, Self::Gt, Self::Ge, Self::Lt, Self::Le];

    /// The word in a filter.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Eq => "eq",
            Self::Ne => "ne",
            Self::Co => "co",
            Self::Sw => "sw",
            Self::Ew => "ew",
            Self::Gt => "gt",
            Self::Ge => "ge",
            Self::Lt => "lt",
            Self::Le => "le",
        }
    }
}

impl fmt::Display for Operator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Display for Literal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) => write!(f, "{}", Value::from(text.as_str())),
            Self::Number(number) => write!(f, "{number}"),
            Self::Boolean(value) => write!(f, "{value}"),
            Self::Null => f.write_str("null"),
        }
    }
}

#[cfg(test)]
mod tests;
