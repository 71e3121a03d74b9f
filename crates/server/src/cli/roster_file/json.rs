//! JSON. Lines are told where the text is no JSON; afterwards places are told by their path.

use std::collections::BTreeSet;
use std::fmt;

use rosterd_domain::roster::{Content, Entry, Node, Problem};
use serde::de::{Deserialize, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::Number;

/// `serde_json` itself ends at a depth of 128.
pub(super) fn parse(text: &str) -> Result<Node, Vec<Problem>> {
    serde_json::from_str(text).map(|Parsed(node)| node).map_err(|error| {
        let told = error.to_string();
        let message = told.split(" at line ").next().unwrap_or(&told);
        vec![Problem::new(Some(error.line() as u64), "", format!("this is no JSON: {message}"))]
    })
}

struct Parsed(Node);

fn node(content: Content) -> Parsed {
    Parsed(Node { line: None, content })
}

impl<'de> Deserialize<'de> for Parsed {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(NodeVisitor)
    }
}

struct NodeVisitor;

impl<'de> Visitor<'de> for NodeVisitor {
    type Value = Parsed;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_unit<E>(self) -> Result<Parsed, E> {
        Ok(node(Content::Null))
    }

    fn visit_bool<E>(self, on: bool) -> Result<Parsed, E> {
        Ok(node(Content::Switch(on)))
    }

    fn visit_i64<E>(self, number: i64) -> Result<Parsed, E> {
        Ok(node(Content::Number(number.into())))
    }

    fn visit_u64<E>(self, number: u64) -> Result<Parsed, E> {
        Ok(node(Content::Number(number.into())))
    }

    fn visit_f64<E>(self, number: f64) -> Result<Parsed, E> {
        let number = Number::from_f64(number).map(Content::Number);
        Ok(node(number.unwrap_or(Content::Odd("a number that is too large"))))
    }

    fn visit_str<E>(self, text: &str) -> Result<Parsed, E> {
        Ok(node(Content::Text(text.to_owned())))
    }

    fn visit_string<E>(self, text: String) -> Result<Parsed, E> {
        Ok(node(Content::Text(text)))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut access: A) -> Result<Parsed, A::Error> {
        let mut nodes = Vec::new();
        while let Some(Parsed(node)) = access.next_element()? {
            nodes.push(node);
        }
        Ok(node(Content::List(nodes)))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Parsed, A::Error> {
        let (mut entries, mut keys) = (Vec::new(), BTreeSet::new());
        while let Some(key) = access.next_key::<String>()? {
            if !keys.insert(key.clone()) {
                return Err(A::Error::custom(format!("the key {key} stands here twice; remove one")));
            }
            let Parsed(value) = access.next_value()?;
            entries.push(Entry { key, line: None, value });
        }
        Ok(node(Content::Table(entries)))
    }
}
