//! What is wrong in a file: where, and what mends it.

use std::fmt;

/// One thing that is wrong.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Problem {
    /// The line, counted from 1, where the format tells it.
    pub line: Option<u64>,
    /// The place in the document, such as `groups[2].members[0]`; empty for the whole of it.
    pub path: String,
    /// What is wrong and what mends it.
    pub message: String,
}

impl Problem {
    /// A problem at this place.
    pub fn new(line: Option<u64>, path: impl Into<String>, message: impl Into<String>) -> Self {
        Self { line, path: path.into(), message: message.into() }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(line) = self.line {
            write!(f, "line {line}: ")?;
        }
        if !self.path.is_empty() {
            write!(f, "{}: ", self.path)?;
        }
        f.write_str(&self.message)
    }
}

/// Problems by line, each once. Those without a line come first, as they were found: JSON tells none.
#[must_use]
pub fn in_order(mut problems: Vec<Problem>) -> Vec<Problem> {
    // A stable sort: what has no line keeps its place in front.
    problems.sort_by_key(|problem| problem.line);
    let mut seen = std::collections::BTreeSet::new();
    problems.retain(|problem| seen.insert(problem.clone()));
    problems
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn problems_come_in_the_order_of_the_file_and_once() {
        let at = |line, path: &str| Problem::new(line, path, "is wrong");
        let all = vec![at(Some(9), "b"), at(Some(2), "a"), at(None, "c"), at(Some(9), "b")];
        assert_eq!(in_order(all), [at(None, "c"), at(Some(2), "a"), at(Some(9), "b")]);
    }

    #[test]
    fn a_problem_says_where_it_is() {
        assert_eq!(Problem::new(Some(3), "x", "y").to_string(), "line 3: x: y");
        assert_eq!(Problem::new(None, "", "y").to_string(), "y");
    }
}
