//! The accounts of a document of JSON, one at a time: the document may be larger than what should be kept in memory.
//!
//! Only as much of JSON is understood here as is needed to find where values begin and end. Each account is then read as JSON.

use std::io::{self, BufRead};

use crate::transfer::MAX_ROW_BYTES;

/// Where the accounts are in a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Found {
    /// They are the values of the document: a list of them, or one after the other.
    AtTop,
    /// They are in the list that an object has under this key; the document is such an object, or a list of them.
    Under(&'static str),
}

/// The accounts of a document that is being read.
pub(super) struct Elements<R> {
    file: R,
    found: Found,
    /// What is open, the innermost last.
    open: Vec<Level>,
    begun: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Level {
    /// A list of objects that have accounts.
    Objects,
    /// An object that has accounts.
    Members,
    /// The list of accounts.
    Accounts,
}

/// Why a document cannot be read any further.
#[derive(Debug, thiserror::Error)]
pub(super) enum Fault {
    #[error("the file cannot be read: {0}")]
    Unread(#[from] io::Error),
    #[error("the file is empty")]
    Empty,
    #[error("the file ends in the middle: it is not complete")]
    Cut,
    #[error("this is not the JSON that is expected here")]
    Unexpected,
    #[error("an account is longer than {} MiB", MAX_ROW_BYTES >> 20)]
    TooLong,
}

impl<R: BufRead> Elements<R> {
    pub(super) fn new(file: R, found: Found) -> Self {
        Self { file, found, open: Vec::new(), begun: false }
    }

    /// The text of the next account; `None` at the end.
    ///
    /// # Errors
    /// Why nothing more can be read.
    pub(super) fn next(&mut self) -> Result<Option<Vec<u8>>, Fault> {
        loop {
            let Some(byte) = self.peek()? else {
                return match (self.open.is_empty(), self.begun) {
                    (true, true) => Ok(None),
                    (true, false) => Err(Fault::Empty),
                    (false, _) => Err(Fault::Cut),
                };
            };
            match (self.open.last().copied(), byte) {
                (None, b'[') if !self.begun => {
                    self.enter(match self.found {
                        Found::AtTop => Level::Accounts,
                        Found::Under(_) => Level::Objects,
                    });
                }
                (None, b'{') if self.found == Found::AtTop => return self.capture().map(Some),
                (None | Some(Level::Objects), b'{') => self.enter(Level::Members),
                (Some(_), b',') => self.file.consume(1),
                (Some(Level::Objects | Level::Accounts), b']') | (Some(Level::Members), b'}') => {
                    self.file.consume(1);
                    self.open.pop();
                }
                (Some(Level::Members), b'"') => self.member()?,
                (Some(Level::Accounts), byte) if !matches!(byte, b'}' | b':') => {
                    return self.capture().map(Some);
                }
                _ => return Err(Fault::Unexpected),
            }
        }
    }

    fn enter(&mut self, level: Level) {
        self.begun = true;
        self.file.consume(1);
        self.open.push(level);
    }

    /// Goes past a member of an object, or into the list that is looked for.
    fn member(&mut self) -> Result<(), Fault> {
        let key = self.key()?;
        let is_list = self.peek()? == Some(b'[');
        if is_list && matches!(self.found, Found::Under(wanted) if wanted == key) {
            self.enter(Level::Accounts);
            return Ok(());
        }
        self.value(None)
    }

    /// The key of a member, past its colon.
    fn key(&mut self) -> Result<String, Fault> {
        let mut key = Vec::new();
        self.value(Some(&mut key))?;
        if self.peek()? != Some(b':') {
            return Err(Fault::Unexpected);
        }
        self.file.consume(1);
        serde_json::from_slice(&key).map_err(|_no_text| Fault::Unexpected)
    }

    /// The next byte that is no white space; `None` at the end.
    fn peek(&mut self) -> Result<Option<u8>, Fault> {
        loop {
            let ready = self.file.fill_buf()?;
            if ready.is_empty() {
                return Ok(None);
            }
            let blank = ready.iter().take_while(|byte| byte.is_ascii_whitespace()).count();
            let next = ready.get(blank).copied();
            self.file.consume(blank);
            if next.is_some() {
                return Ok(next);
            }
        }
    }

    fn capture(&mut self) -> Result<Vec<u8>, Fault> {
        self.begun = true;
        let mut text = Vec::new();
        self.value(Some(&mut text))?;
        Ok(text)
    }

    /// Goes past a value that begins here, and keeps its text if that is wanted.
    fn value(&mut self, mut into: Option<&mut Vec<u8>>) -> Result<(), Fault> {
        let mut end = End::default();
        loop {
            let ready = self.file.fill_buf()?;
            if ready.is_empty() {
                return if end.may_be_here() { Ok(()) } else { Err(Fault::Cut) };
            }
            let taken = ready.iter().take_while(|byte| end.takes(**byte)).count();
            let is_over = end.is_over || taken < ready.len();
            if let Some(text) = &mut into {
                text.extend_from_slice(ready.get(..taken).unwrap_or_default());
                if text.len() > MAX_ROW_BYTES {
                    return Err(Fault::TooLong);
                }
            }
            self.file.consume(taken);
            if is_over {
                return Ok(());
            }
        }
    }
}

/// The keys of the first object of a document, as far as its beginning shows them.
pub(super) fn keys(beginning: &[u8]) -> Vec<String> {
    let mut document = Elements::new(beginning, Found::AtTop);
    let mut keys = Vec::new();
    if matches!(document.peek(), Ok(Some(b'['))) {
        document.file.consume(1);
    }
    if matches!(document.peek(), Ok(Some(b'{'))) {
        document.file.consume(1);
    }
    loop {
        match document.peek() {
            Ok(Some(b',')) => document.file.consume(1),
            Ok(Some(b'"')) => {
                let Ok(key) = document.key() else { return keys };
                keys.push(key);
                if document.peek().is_err() || document.value(None).is_err() {
                    return keys;
                }
            }
            _ => return keys,
        }
    }
}

/// Finds where a value ends.
#[derive(Debug, Default)]
struct End {
    depth: usize,
    in_text: bool,
    is_escaped: bool,
    is_over: bool,
}

impl End {
    /// Whether the next byte belongs to the value.
    fn takes(&mut self, byte: u8) -> bool {
        if self.is_over {
            return false;
        }
        if self.in_text {
            self.take_in_text(byte);
            return true;
        }
        match byte {
            b'"' => self.in_text = true,
            b'{' | b'[' => self.depth += 1,
            b'}' | b']' if self.depth > 0 => {
                self.depth -= 1;
                self.is_over = self.depth == 0;
            }
            // A number or a word has no end of its own: it ends before this.
            byte if self.depth == 0 && (byte.is_ascii_whitespace() || b"}],:".contains(&byte)) => {
                self.is_over = true;
                return false;
            }
            _ => {}
        }
        true
    }

    fn take_in_text(&mut self, byte: u8) {
        match byte {
            _ if self.is_escaped => self.is_escaped = false,
            b'\\' => self.is_escaped = true,
            b'"' => {
                self.in_text = false;
                self.is_over = self.depth == 0;
            }
            _ => {}
        }
    }

    /// Whether a file may end here, within a number or a word.
    fn may_be_here(&self) -> bool {
        self.depth == 0 && !self.in_text
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn read(text: &str, found: Found) -> Result<Vec<String>, String> {
        // In small pieces, so that values lie across them.
        let mut elements = Elements::new(io::BufReader::with_capacity(3, text.as_bytes()), found);
        let mut all = Vec::new();
        loop {
            match elements.next() {
                Ok(Some(element)) => all.push(String::from_utf8(element).unwrap()),
                Ok(None) => return Ok(all),
                Err(fault) => return Err(fault.to_string()),
            }
        }
    }

    fn all(elements: &[&str]) -> Vec<String> {
        elements.iter().map(|element| (*element).to_owned()).collect()
    }

    #[test]
    fn accounts_are_the_values_of_a_list_or_of_lines() {
        let (a, b) = (r#"{"x": "]}\\\"{", "y": [1, {}]}"#, r#"{"z":2}"#);
        for text in [format!("[{a},\n {b}]"), format!("{a}\n{b}\n"), format!(" {a}{b}")] {
            assert_eq!(read(&text, Found::AtTop), Ok(all(&[a, b])), "{text}");
        }
        assert_eq!(read("[]", Found::AtTop), Ok(all(&[])));
        assert_eq!(read("[1, \"a\" ,null]", Found::AtTop), Ok(all(&["1", "\"a\"", "null"])));
    }

    #[test]
    fn accounts_are_found_under_their_key() {
        let users = Found::Under("users");
        let realm =
            r#"{"id": "x", "roles": {"users": [9]}, "users" : [{"a":1}, {"b":[2]}], "n": -1.5e3, "t": true}"#;
        assert_eq!(read(realm, users), Ok(all(&[r#"{"a":1}"#, r#"{"b":[2]}"#])));
        assert_eq!(
            read(&format!("[{realm}, {{\"users\": [3]}}]"), users),
            Ok(all(&[r#"{"a":1}"#, r#"{"b":[2]}"#, "3"]))
        );
        assert_eq!(read(r#"{"id": "x", "users": 7}"#, users), Ok(all(&[])));
    }

    #[test]
    fn what_is_cut_or_no_json_is_told() {
        for (text, why) in [
            ("", "is empty"),
            (" \n", "is empty"),
            ("[{\"a\": 1}", "is not complete"),
            ("[{\"a\": ", "is not complete"),
            ("{\"a\": \"", "is not complete"),
            ("[1]]", "not the JSON"),
            ("email,name", "not the JSON"),
            ("[:]", "not the JSON"),
            ("[}", "not the JSON"),
        ] {
            let fault = read(text, Found::AtTop).unwrap_err();
            assert!(fault.contains(why), "{text}: {fault}");
        }
        for text in ["[[1]]", "{\"users\" 7}", "{7: 1}", "{\"users\": [1"] {
            assert!(read(text, Found::Under("users")).is_err(), "{text}");
        }
    }

    #[test]
    fn keys_are_those_of_the_first_object() {
        let text = r#"[{"a": {"x": 1}, "b" : [2], "c": "d"}, {"e": 1}]"#;
        assert_eq!(keys(text.as_bytes()), ["a", "b", "c"]);
        assert_eq!(keys(&text.as_bytes()[..25]), ["a", "b"], "as far as it goes");
        assert_eq!(keys(b"[\"a\", 7]"), [""; 0]);
        assert_eq!(keys(b"email"), [""; 0]);
    }

    proptest! {
        #[test]
        fn any_bytes_end(bytes: Vec<u8>, at_top: bool) {
            let found = if at_top { Found::AtTop } else { Found::Under("users") };
            let mut elements = Elements::new(bytes.as_slice(), found);
            while let Ok(Some(_)) = elements.next() {}
        }

        #[test]
        fn any_text_of_json_s_own_characters_ends(text in "[\\[\\]{}:,\"\\\\ a1]{0,40}", at_top: bool) {
            let found = if at_top { Found::AtTop } else { Found::Under("a") };
            let mut elements = Elements::new(text.as_bytes(), found);
            while let Ok(Some(_)) = elements.next() {}
        }
    }
}
