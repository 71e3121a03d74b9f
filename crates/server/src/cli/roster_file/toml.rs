//! TOML.

use std::ops::Range;

use rosterd_domain::roster::{Content, Entry, Node, Problem};
use serde_json::Number;
use toml::Spanned;
use toml::de::{DeInteger, DeTable, DeValue};

use super::MAX_DEPTH;

pub(super) fn parse(text: &str) -> Result<Node, Vec<Problem>> {
    let lines = Lines::of(text);
    let (table, errors) = DeTable::parse_recoverable(text);
    if errors.is_empty() {
        let content = entries_of(table.get_ref(), &lines, 1).map(Content::Table);
        return content.map(|content| Node { line: Some(1), content }).map_err(|problem| vec![problem]);
    }
    let problem = |error: &toml::de::Error| {
        let line = error.span().map(|span| lines.line(&span));
        Problem::new(line, "", format!("this is no TOML: {}", error.message()))
    };
    Err(errors.iter().map(problem).collect())
}

/// Where lines begin.
struct Lines(Vec<usize>);

impl Lines {
    fn of(text: &str) -> Self {
        Self(text.match_indices('\n').map(|(at, _)| at + 1).collect())
    }

    /// The line of the first byte, counted from 1.
    fn line(&self, span: &Range<usize>) -> u64 {
        1 + self.0.partition_point(|begin| *begin <= span.start) as u64
    }
}

fn entries_of(table: &DeTable<'_>, lines: &Lines, depth: usize) -> Result<Vec<Entry>, Problem> {
    let entry = |(key, value): (&Spanned<_>, &Spanned<DeValue<'_>>)| {
        let key: &Spanned<std::borrow::Cow<'_, str>> = key;
        let line = lines.line(&key.span());
        let mut value = node_of(value, lines, depth)?;
        // A table that dotted keys make has no place of its own.
        if matches!(value.content, Content::Table(_)) {
            value.line = Some(line);
        }
        Ok(Entry { key: key.get_ref().clone().into_owned(), line: Some(line), value })
    };
    table.iter().map(entry).collect()
}

fn node_of(value: &Spanned<DeValue<'_>>, lines: &Lines, depth: usize) -> Result<Node, Problem> {
    let line = lines.line(&value.span());
    if depth > MAX_DEPTH {
        return Err(Problem::new(Some(line), "", format!("tables and lists are at most {MAX_DEPTH} deep")));
    }
    let content = match value.get_ref() {
        DeValue::String(text) => Content::Text(text.clone().into_owned()),
        DeValue::Integer(number) => {
            integer(number).map_or(Content::Odd("a number that is too large"), Content::Number)
        }
        DeValue::Float(number) => {
            let number = number.as_str().parse().ok().and_then(Number::from_f64);
            number.map_or(Content::Odd("a number that JSON does not have"), Content::Number)
        }
        DeValue::Boolean(on) => Content::Switch(*on),
        DeValue::Datetime(_) => Content::Odd("a date"),
        DeValue::Array(values) => Content::List(
            values.iter().map(|value| node_of(value, lines, depth + 1)).collect::<Result<_, _>>()?,
        ),
        DeValue::Table(table) => Content::Table(entries_of(table, lines, depth + 1)?),
    };
    Ok(Node { line: Some(line), content })
}

fn integer(number: &DeInteger<'_>) -> Option<Number> {
    let (text, radix) = (number.as_str(), number.radix());
    let signed = i64::from_str_radix(text, radix).ok().map(Number::from);
    signed.or_else(|| u64::from_str_radix(text, radix).ok().map(Number::from))
}
