//! A value of a file, of whatever format, with the line where it stands.

use serde_json::{Map, Number, Value};

use super::problem::Problem;

/// A value and its line.
#[derive(Debug, Clone, PartialEq)]
pub struct Node {
    /// The line, counted from 1; `None` where the format does not tell.
    pub line: Option<u64>,
    /// The value.
    pub content: Content,
}

/// What a value is.
#[derive(Debug, Clone, PartialEq)]
pub enum Content {
    /// `null`, which TOML does not have.
    Null,
    /// `true` or `false`.
    Switch(bool),
    /// A number that JSON has, too.
    Number(Number),
    /// A text.
    Text(String),
    /// A list.
    List(Vec<Node>),
    /// A table, in the order of the file. Parsers refuse a key that stands twice.
    Table(Vec<Entry>),
    /// What JSON does not have, such as a date; the text says what it is.
    Odd(&'static str),
}

/// An entry of a table.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    /// The key.
    pub key: String,
    /// Its line.
    pub line: Option<u64>,
    /// The value.
    pub value: Node,
}

impl Node {
    /// A value without a line.
    #[must_use]
    pub fn of(value: Value) -> Self {
        let content = match value {
            Value::Null => Content::Null,
            Value::Bool(on) => Content::Switch(on),
            Value::Number(number) => Content::Number(number),
            Value::String(text) => Content::Text(text),
            Value::Array(values) => Content::List(values.into_iter().map(Self::of).collect()),
            Value::Object(entries) => Content::Table(
                entries
                    .into_iter()
                    .map(|(key, value)| Entry { key, line: None, value: Self::of(value) })
                    .collect(),
            ),
        };
        Self { line: None, content }
    }

    /// What it is, for a sentence: `a text`.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self.content {
            Content::Null => "null",
            Content::Switch(_) => "true or false",
            Content::Number(_) => "a number",
            Content::Text(_) => "a text",
            Content::List(_) => "a list",
            Content::Table(_) => "a table",
            Content::Odd(what) => what,
        }
    }

    /// The same as JSON. `path` leads to it.
    ///
    /// # Errors
    /// What JSON does not have, with its line.
    pub fn to_value(&self, path: &str) -> Result<Value, Problem> {
        Ok(match &self.content {
            Content::Null => Value::Null,
            Content::Switch(on) => Value::Bool(*on),
            Content::Number(number) => Value::Number(number.clone()),
            Content::Text(text) => Value::String(text.clone()),
            Content::List(nodes) => {
                let values = nodes.iter().enumerate();
                values
                    .map(|(index, node)| node.to_value(&format!("{path}[{index}]")))
                    .collect::<Result<_, _>>()?
            }
            Content::Table(entries) => {
                let mut object = Map::new();
                for entry in entries {
                    object.insert(entry.key.clone(), entry.value.to_value(&format!("{path}.{}", entry.key))?);
                }
                Value::Object(object)
            }
            Content::Odd(what) => {
                return Err(Problem::new(self.line, path, format!("{what} cannot be stored; write a text")));
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_value_comes_back_as_it_went_in() {
        let value = json!({ "b": [1, 2.5, null], "a": { "x": "y", "on": true } });
        let back = Node::of(value.clone()).to_value("");
        assert_eq!(back.map(|value| value.to_string()), Ok(value.to_string()));
    }

    #[test]
    fn what_json_does_not_have_is_told_with_its_place() {
        let date = Node { line: Some(7), content: Content::Odd("a date") };
        let list = Node { line: Some(6), content: Content::List(vec![Node::of(json!(1)), date]) };
        let problem = list.to_value("settings.X").unwrap_err();
        assert_eq!(problem.to_string(), "line 7: settings.X[1]: a date cannot be stored; write a text");
    }
}
