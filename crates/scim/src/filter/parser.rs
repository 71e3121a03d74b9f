//! From a text to a tree: by recursive descent, which the depth of brackets bounds.

use serde_json::Number;

use super::error::{FilterError, Problem};
use super::{Filter, Literal, MAX_DEPTH, MAX_TESTS, Operator};
use crate::path::AttributePath;

type Parsed<T> = Result<T, FilterError>;

pub(super) fn parse(text: &str) -> Parsed<Filter> {
    let mut parser = Parser { text, at: 0, depth: 0, tests: 0 };
    let filter = parser.alternatives(Place::Outside)?;
    parser.skip_spaces();
    if parser.at < text.len() {
        return parser.fail(Problem::AfterFilter);
    }
    // What Entra ID sends is read as a filter with one more pair of brackets.
    if filter.depth() > MAX_DEPTH {
        return Err(FilterError::Syntax { at: 0, problem: Problem::TooDeep });
    }
    Ok(filter)
}

/// Whether the parser is between square brackets.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    Outside,
    Brackets,
}

struct Parser<'a> {
    text: &'a str,
    /// The byte that is read next; always at the boundary of a character.
    at: usize,
    depth: usize,
    tests: usize,
}

fn is_space(c: char) -> bool {
    c.is_ascii_whitespace()
}

impl<'a> Parser<'a> {
    fn rest(&self) -> &'a str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn fail<T>(&self, problem: Problem) -> Parsed<T> {
        Err(FilterError::Syntax { at: self.at, problem })
    }

    /// Gives whether there was any.
    fn skip_spaces(&mut self) -> bool {
        let rest = self.rest();
        let after = rest.trim_start_matches(is_space);
        self.at += rest.len() - after.len();
        after.len() < rest.len()
    }

    /// Takes all up to the first character that does not fit.
    fn take_while(&mut self, fits: impl Fn(char) -> bool) -> &'a str {
        let rest = self.rest();
        let token = &rest[..rest.find(|c| !fits(c)).unwrap_or(rest.len())];
        self.at += token.len();
        token
    }

    fn enter(&mut self) -> Parsed<()> {
        if self.depth == MAX_DEPTH {
            return self.fail(Problem::TooDeep);
        }
        self.depth += 1;
        self.at += 1;
        Ok(())
    }

    fn leave(&mut self, bracket: char) -> Parsed<()> {
        self.skip_spaces();
        if !self.rest().starts_with(bracket) {
            return self.fail(Problem::Closing(bracket));
        }
        self.depth -= 1;
        self.at += 1;
        Ok(())
    }

    fn alternatives(&mut self, place: Place) -> Parsed<Filter> {
        let mut parts = vec![self.conjunction(place)?];
        while self.take_word("or") {
            parts.push(self.conjunction(place)?);
        }
        Ok(Filter::or(parts))
    }

    fn conjunction(&mut self, place: Place) -> Parsed<Filter> {
        let mut parts = vec![self.operand(place)?];
        while self.take_word("and") {
            parts.push(self.operand(place)?);
        }
        Ok(Filter::and(parts))
    }

    /// Takes `and` or `or` if it comes next, with a space on both sides.
    fn take_word(&mut self, word: &str) -> bool {
        let rest = self.rest();
        let trimmed = rest.trim_start_matches(is_space);
        let Some((head, after)) = trimmed.split_at_checked(word.len()) else { return false };
        let taken =
            trimmed.len() < rest.len() && head.eq_ignore_ascii_case(word) && after.starts_with(is_space);
        if taken {
            self.at = self.text.len() - after.len();
        }
        taken
    }

    fn operand(&mut self, place: Place) -> Parsed<Filter> {
        self.skip_spaces();
        if self.rest().starts_with('(') {
            return self.bracketed(place);
        }
        if let Some((word, after)) = self.rest().split_at_checked(3)
            && word.eq_ignore_ascii_case("not")
        {
            let bracket = after.trim_start_matches(is_space);
            if bracket.starts_with('(') {
                self.at = self.text.len() - bracket.len();
                return Ok(Filter::Not(Box::new(self.bracketed(place)?)));
            }
        }
        self.test(place)
    }

    fn bracketed(&mut self, place: Place) -> Parsed<Filter> {
        self.enter()?;
        let filter = self.alternatives(place)?;
        self.leave(')')?;
        Ok(filter)
    }

    fn test(&mut self, place: Place) -> Parsed<Filter> {
        let start = self.at;
        let token = self.take_while(|c| !is_space(c) && !"()[]\"".contains(c));
        let Ok(path) = AttributePath::parse(token) else {
            return Err(FilterError::Syntax { at: start, problem: Problem::Attribute });
        };
        if self.rest().starts_with('[') { self.values(path, place) } else { self.compared(path) }
    }

    fn values(&mut self, path: AttributePath, place: Place) -> Parsed<Filter> {
        if place == Place::Brackets {
            return self.fail(Problem::Nested);
        }
        self.enter()?;
        let mut filter = self.alternatives(Place::Brackets)?;
        self.leave(']')?;
        if self.rest().starts_with('.') {
            self.at += 1;
            let start = self.at;
            let part = self.take_while(|c| !is_space(c) && !"()[]\".:".contains(c));
            let Ok(part) = AttributePath::new(part, None) else {
                return Err(FilterError::Syntax { at: start, problem: Problem::Attribute });
            };
            filter = Filter::and(vec![filter, self.compared(part)?]);
        }
        Ok(Filter::Values { path, filter: Box::new(filter) })
    }

    /// An operator, and a value unless the operator is `pr`.
    fn compared(&mut self, path: AttributePath) -> Parsed<Filter> {
        if self.tests == MAX_TESTS {
            return self.fail(Problem::TooMany);
        }
        self.tests += 1;
        if !self.skip_spaces() {
            return self.fail(Problem::Operator);
        }
        let start = self.at;
        let word = self.take_while(|c| c.is_ascii_alphanumeric());
        if word.eq_ignore_ascii_case("pr") {
            return Ok(Filter::Present(path));
        }
        let operator =
            Operator::ALL.into_iter().find(|operator| operator.as_str().eq_ignore_ascii_case(word));
        let Some(operator) = operator else {
            return Err(FilterError::Syntax { at: start, problem: Problem::Operator });
        };
        if !self.skip_spaces() {
            return self.fail(Problem::Value);
        }
        Ok(Filter::Compare { path, operator, value: self.literal()? })
    }

    fn literal(&mut self) -> Parsed<Literal> {
        let start = self.at;
        let wrong = |problem| FilterError::Syntax { at: start, problem };
        match self.rest().as_bytes().first() {
            Some(b'"') => self.quoted().map(Literal::Text).ok_or(wrong(Problem::Text)),
            Some(b'-' | b'0'..=b'9') => {
                let token = self.take_while(|c| c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.'));
                let number = serde_json::from_str::<Number>(token).ok();
                number.map(Literal::Number).ok_or(wrong(Problem::Number))
            }
            _ => {
                let word = self.take_while(|c| c.is_ascii_alphanumeric());
                match word.to_ascii_lowercase().as_str() {
                    "true" => Ok(Literal::Boolean(true)),
                    "false" => Ok(Literal::Boolean(false)),
                    "null" => Ok(Literal::Null),
                    _ => Err(wrong(Problem::Value)),
                }
            }
        }
    }

    /// A text of JSON.
    fn quoted(&mut self) -> Option<String> {
        let rest = self.rest();
        let mut escaped = true;
        let end = rest.bytes().position(|byte| {
            // The first quotation mark is passed over as if it were escaped.
            let ends = byte == b'"' && !escaped;
            escaped = byte == b'\\' && !escaped;
            ends
        })?;
        let quoted = rest.get(..=end)?;
        self.at += quoted.len();
        serde_json::from_str(quoted).ok()
    }
}
