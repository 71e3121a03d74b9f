//! YAML 1.2: one document of tables, lists, texts, numbers, true, false and null. `yes` and `on` are texts, as that version has
//! it. Anchors and aliases work; the values that they repeat count, so a small file cannot become a large one.
//!
//! The crate takes a text apart into events; what they mean is decided here.

use std::collections::BTreeMap;

use rosterd_domain::roster::{Content, Entry, Node, Problem};
use saphyr_parser::{Event, Parser, ScalarStyle, Tag};
use serde_json::Number;

use super::MAX_DEPTH;

/// Values in a document, those that aliases repeat included.
const MAX_NODES: usize = 2_000_000;

/// Bytes of a text that count as one value.
const TEXT_OF_ONE: usize = 64;

pub(super) fn parse(text: &str) -> Result<Node, Vec<Problem>> {
    let mut builder = Builder::default();
    let mut parser = Parser::new_from_str(text);
    while let Some(event) = parser.next_event() {
        let (event, span) = event.map_err(|error| {
            let line = error.marker().line() as u64;
            vec![Problem::new(Some(line), "", format!("this is no YAML: {}", error.info()))]
        })?;
        builder.take(event, span.start.line() as u64).map_err(|problem| vec![problem])?;
    }
    let nothing = Node { line: Some(1), content: Content::Null };
    Ok(builder.root.unwrap_or(nothing))
}

/// A list or table whose end did not come yet.
struct Open {
    line: u64,
    anchor: usize,
    kind: Kind,
}

enum Kind {
    List(Vec<Node>),
    Table {
        entries: Vec<Entry>,
        /// The key of the entry whose value comes next, with its line.
        key: Option<(String, u64)>,
        /// The keys that were there, with their lines.
        keys: BTreeMap<String, u64>,
    },
}

#[derive(Default)]
struct Builder {
    open: Vec<Open>,
    root: Option<Node>,
    anchors: BTreeMap<usize, Node>,
    /// Values so far, those that aliases repeat included.
    count: usize,
}

impl Builder {
    fn take(&mut self, event: Event<'_>, line: u64) -> Result<(), Problem> {
        match event {
            Event::DocumentStart(_) if self.root.is_some() => {
                fault(line, "a second document begins here; a file has one")
            }
            Event::Nothing
            | Event::StreamStart
            | Event::StreamEnd
            | Event::DocumentStart(_)
            | Event::DocumentEnd => Ok(()),
            Event::Alias(anchor) => {
                let Some(node) = self.anchors.get(&anchor) else {
                    return fault(line, "this alias is within what it repeats");
                };
                let node = Node { line: Some(line), ..node.clone() };
                self.add_to_count(size_of(&node), line)?;
                self.put(node, line)
            }
            Event::Scalar(text, style, anchor, tag) => {
                // A key is a text, whatever it looks like.
                let content = if self.wants_key() {
                    Content::Text(text.into_owned())
                } else {
                    scalar(&text, style, tag.as_deref(), line)?
                };
                self.add_to_count(1, line)?;
                self.keep(anchor, Node { line: Some(line), content }, line)
            }
            Event::SequenceStart(anchor, _) => self.begin(anchor, Kind::List(Vec::new()), line),
            Event::MappingStart(anchor, _) => {
                let kind = Kind::Table { entries: Vec::new(), key: None, keys: BTreeMap::new() };
                self.begin(anchor, kind, line)
            }
            Event::SequenceEnd | Event::MappingEnd => {
                let Some(Open { line, anchor, kind }) = self.open.pop() else {
                    return fault(line, "this ends nothing");
                };
                let content = match kind {
                    Kind::List(nodes) => Content::List(nodes),
                    Kind::Table { entries, .. } => Content::Table(entries),
                };
                self.keep(anchor, Node { line: Some(line), content }, line)
            }
        }
    }

    /// Whether what comes next is the key of an entry.
    fn wants_key(&self) -> bool {
        matches!(self.open.last(), Some(Open { kind: Kind::Table { key: None, .. }, .. }))
    }

    fn begin(&mut self, anchor: usize, kind: Kind, line: u64) -> Result<(), Problem> {
        if self.wants_key() {
            return fault(line, "a key must be a text");
        }
        if self.open.len() >= MAX_DEPTH {
            return fault(line, &format!("tables and lists are at most {MAX_DEPTH} deep"));
        }
        self.add_to_count(1, line)?;
        self.open.push(Open { line, anchor, kind });
        Ok(())
    }

    fn add_to_count(&mut self, more: usize, line: u64) -> Result<(), Problem> {
        self.count += more;
        if self.count > MAX_NODES { fault(line, "this file has too many values") } else { Ok(()) }
    }

    /// Puts a value where it belongs, and remembers it under its anchor.
    fn keep(&mut self, anchor: usize, node: Node, line: u64) -> Result<(), Problem> {
        if anchor > 0 {
            self.add_to_count(size_of(&node), line)?;
            self.anchors.insert(anchor, node.clone());
        }
        self.put(node, line)
    }

    fn put(&mut self, node: Node, line: u64) -> Result<(), Problem> {
        let Some(Open { kind, .. }) = self.open.last_mut() else {
            self.root = Some(node);
            return Ok(());
        };
        match kind {
            Kind::List(nodes) => nodes.push(node),
            Kind::Table { entries, key, keys } => match (key.take(), node.content) {
                (Some((key, at)), content) => {
                    entries.push(Entry { key, line: Some(at), value: Node { line: node.line, content } });
                }
                (None, Content::Text(name)) => {
                    if let Some(first) = keys.insert(name.clone(), line) {
                        let message = format!("the key {name} stands here and in line {first}; remove one");
                        return fault(line, &message);
                    }
                    *key = Some((name, line));
                }
                (None, _) => return fault(line, "a key must be a text"),
            },
        }
        Ok(())
    }
}

fn fault<T>(line: u64, message: &str) -> Result<T, Problem> {
    Err(Problem::new(Some(line), "", message))
}

/// Values in a value. A long text counts as several, as an alias copies all of it.
fn size_of(node: &Node) -> usize {
    1 + match &node.content {
        Content::List(nodes) => nodes.iter().map(size_of).sum(),
        Content::Table(entries) => {
            entries.iter().map(|entry| entry.key.len() / TEXT_OF_ONE + size_of(&entry.value)).sum()
        }
        Content::Text(text) => text.len() / TEXT_OF_ONE,
        Content::Null | Content::Switch(_) | Content::Number(_) | Content::Odd(_) => 0,
    }
}

/// What a scalar is, by the core schema of YAML 1.2. What is in quotation marks is a text.
fn scalar(text: &str, style: ScalarStyle, tag: Option<&Tag>, line: u64) -> Result<Content, Problem> {
    let is_text = || Content::Text(text.to_owned());
    match tag {
        None if style == ScalarStyle::Plain => Ok(plain(text).unwrap_or_else(is_text)),
        None => Ok(is_text()),
        Some(tag) if tag.is_yaml_core_schema() && tag.suffix == "str" => Ok(is_text()),
        Some(tag) if tag.is_yaml_core_schema() => match plain(text) {
            Some(content) => Ok(content),
            None => fault(line, &format!("this value is not what its tag {tag} says; leave the tag out")),
        },
        Some(tag) => fault(line, &format!("the tag {tag} is not known; leave it out")),
    }
}

/// What stands without quotation marks, if it is no text.
fn plain(text: &str) -> Option<Content> {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => return Some(Content::Null),
        "true" | "True" | "TRUE" => return Some(Content::Switch(true)),
        "false" | "False" | "FALSE" => return Some(Content::Switch(false)),
        _ => {}
    }
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
    if [".inf", ".Inf", ".INF"].contains(&unsigned) || [".nan", ".NaN", ".NAN"].contains(&text) {
        return Some(Content::Odd("a number that JSON does not have"));
    }
    let whole = |digits: &str, radix| u64::from_str_radix(digits, radix).ok().map(Number::from);
    let only = |digits: &str, is_digit: fn(&char) -> bool| {
        !digits.is_empty() && digits.chars().all(|c| is_digit(&c))
    };
    let too_large = Content::Odd("a number that is too large");
    if let Some(digits) = text.strip_prefix("0x").filter(|digits| only(digits, char::is_ascii_hexdigit)) {
        return Some(whole(digits, 16).map_or(too_large, Content::Number));
    }
    if let Some(digits) = text.strip_prefix("0o").filter(|digits| only(digits, |c| ('0'..='7').contains(c))) {
        return Some(whole(digits, 8).map_or(too_large, Content::Number));
    }
    if only(unsigned, char::is_ascii_digit) {
        let number = text.strip_prefix('+').unwrap_or(text);
        let number =
            number.parse::<i64>().map(Number::from).or_else(|_large| number.parse::<u64>().map(Number::from));
        return Some(number.map_or(too_large, Content::Number));
    }
    let is_float = unsigned.starts_with(|c: char| c.is_ascii_digit() || c == '.')
        && unsigned.contains(|c: char| c.is_ascii_digit())
        && unsigned.chars().all(|c| c.is_ascii_digit() || ".eE+-".contains(c));
    let number = if is_float { text.parse::<f64>().ok()? } else { return None };
    Some(Number::from_f64(number).map_or(too_large, Content::Number))
}
