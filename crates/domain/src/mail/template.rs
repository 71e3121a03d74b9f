//! The texts of mails: a subject, a body, and values in double braces (rule Q7).

use std::fmt::Write as _;

/// How the first line of a text begins.
const SUBJECT: &str = "Subject: ";

/// The largest text, in bytes.
const MAX_BYTES: usize = 64 << 10;

/// A text that was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Template {
    subject: Vec<Piece>,
    body: Vec<Piece>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Piece {
    Text(String),
    Value(&'static str),
}

/// What is wrong with a text, and in which line; the first is 1.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TemplateFault {
    /// The line.
    pub line: usize,
    /// What is wrong, as the rest of a sentence.
    pub problem: String,
}

impl Template {
    /// Reads a text that may name these values: `Subject: …`, an empty line, and the body.
    ///
    /// # Errors
    /// The first fault.
    pub fn parse(text: &str, values: &'static [&'static str]) -> Result<Self, TemplateFault> {
        let fault = |line, problem: &str| TemplateFault { line, problem: problem.to_owned() };
        if text.len() > MAX_BYTES {
            return Err(fault(1, "the text is longer than 64 KiB"));
        }
        let mut lines = text.lines();
        let subject = lines.next().and_then(|line| line.strip_prefix(SUBJECT)).map(str::trim);
        let subject = subject
            .filter(|subject| !subject.is_empty())
            .ok_or_else(|| fault(1, "it must begin with `Subject: ` and the subject"))?;
        if lines.next().is_some_and(|line| !line.trim().is_empty()) {
            return Err(fault(2, "it must be empty: after it comes the text"));
        }
        let body: Vec<&str> = lines.collect();
        if body.iter().all(|line| line.trim().is_empty()) {
            return Err(fault(3, "there is no text"));
        }
        let mut pieces = Vec::new();
        for (number, line) in body.into_iter().enumerate() {
            read_line(line, values, &mut pieces)
                .map_err(|problem| TemplateFault { line: number + 3, problem })?;
            pieces.push(Piece::Text("\n".to_owned()));
        }
        let mut subject_pieces = Vec::new();
        read_line(subject, values, &mut subject_pieces)
            .map_err(|problem| TemplateFault { line: 1, problem })?;
        Ok(Self { subject: subject_pieces, body: pieces })
    }

    /// Subject and body with these values. A value is text in one line, whatever it holds: it can begin neither a header nor a
    /// line, and what it names in braces stays as it is.
    #[must_use]
    pub fn fill(&self, value: impl Fn(&'static str) -> String) -> (String, String) {
        let filled = |pieces: &[Piece]| {
            pieces.iter().fold(String::new(), |mut text, piece| {
                match piece {
                    Piece::Text(own) => text.push_str(own),
                    Piece::Value(name) => text.push_str(&in_one_line(&value(name))),
                }
                text
            })
        };
        (filled(&self.subject), filled(&self.body))
    }
}

/// Reads a line to its end.
fn read_line(line: &str, values: &'static [&'static str], pieces: &mut Vec<Piece>) -> Result<(), String> {
    let mut rest = line;
    while let Some((before, after)) = rest.split_once("{{") {
        let Some((name, behind)) = after.split_once("}}") else {
            return Err("`{{` without `}}`".to_owned());
        };
        let known = values.iter().find(|known| **known == name.trim());
        let Some(known) = known else {
            let mut all = String::new();
            for value in values {
                // Writing to a text cannot fail.
                let _ = write!(all, "{}{{{{{value}}}}}", if all.is_empty() { "" } else { ", " });
            }
            return Err(format!("`{{{{{name}}}}}` is unknown here; what there is: {all}"));
        };
        pieces.push(Piece::Text(before.to_owned()));
        pieces.push(Piece::Value(known));
        rest = behind;
    }
    pieces.push(Piece::Text(rest.to_owned()));
    Ok(())
}

/// The text with a blank in place of each line break and of every other control character. Marks that turn the direction of what
/// follows are left out.
fn in_one_line(text: &str) -> String {
    let turns = |letter: &char| matches!(letter, '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}');
    let is_break = |letter: char| letter.is_control() || matches!(letter, '\u{2028}' | '\u{2029}');
    text.chars()
        .filter(|letter| !turns(letter))
        .map(|letter| if is_break(letter) { ' ' } else { letter })
        .collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const VALUES: &[&str] = &["name", "link"];

    fn read(text: &str) -> Result<Template, (usize, String)> {
        Template::parse(text, VALUES).map_err(|fault| (fault.line, fault.problem))
    }

    #[test]
    fn q7_values_are_put_in_as_text() {
        let template = read("Subject: For {{name}}\n\nHello {{ name }},\n\n{{link}}\nBye {name}\n").unwrap();
        let (subject, body) = template.fill(|value| match value {
            "name" => "Ada {{link}}\r\nBcc: eve@example.com\u{202E}".to_owned(),
            other => format!("<{other}>"),
        });
        assert_eq!(subject, "For Ada {{link}}  Bcc: eve@example.com");
        assert_eq!(body, "Hello Ada {{link}}  Bcc: eve@example.com,\n\n<link>\nBye {name}\n");
    }

    #[test]
    fn q7_what_is_wrong_with_a_text_is_named_with_its_line() {
        for (text, line, words) in [
            ("", 1, "Subject"),
            ("Hello\n\nx", 1, "Subject"),
            ("Subject: \n\nx", 1, "Subject"),
            ("Subject: a\nb\nc", 2, "empty"),
            ("Subject: a\n\n \n", 3, "no text"),
            ("Subject: a", 3, "no text"),
            ("Subject: {{nmae}}\n\nx", 1, "{{nmae}}"),
            ("Subject: a\n\nx\n{{password}}\n", 4, "{{name}}, {{link}}"),
            ("Subject: a\n\n{{name\n}}", 3, "without"),
        ] {
            let (found, problem) = read(text).unwrap_err();
            assert_eq!(found, line, "{text:?}");
            assert!(problem.contains(words), "{text:?}: {problem}");
        }
        assert!(read(&format!("Subject: a\n\n{}", "x".repeat(MAX_BYTES))).is_err());
    }

    #[test]
    fn q7_lines_may_end_as_on_windows() {
        let (subject, body) = read("Subject: a\r\n\r\nb\r\n").unwrap().fill(str::to_owned);
        assert_eq!((subject.as_str(), body.as_str()), ("a", "b\n"));
    }

    proptest! {
        #[test]
        fn q7_no_value_breaks_a_line(value in ".{0,40}") {
            let template = read("Subject: {{name}}\n\n{{name}}\n").unwrap();
            let (subject, body) = template.fill(|_| value.clone());
            prop_assert!(!subject.contains(['\r', '\n']));
            prop_assert_eq!(body.lines().count(), 1);
        }

        #[test]
        fn no_text_makes_the_reader_panic(text in ".{0,60}") {
            let _ = read(&text);
            let _ = read(&format!("Subject: a\n\n{text}"));
        }
    }
}
