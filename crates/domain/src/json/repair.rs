//! Python's JSON writer puts `NaN`, `Infinity` and `-Infinity` where a number is none. This reads them as `null`.

/// The same text with these three words replaced by `null` wherever they stand outside a string.
///
/// Nothing else is checked: the result is for a JSON parser, which refuses whatever is wrong beyond that.
pub(super) fn without_python_numbers(text: &str) -> String {
    const WORDS: [&str; 3] = ["NaN", "-Infinity", "Infinity"];
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    let mut in_string = false;
    while let Some(first) = rest.chars().next() {
        let mut taken = first.len_utf8();
        match first {
            // The escaped character, whatever it is, does not end the string.
            '\\' if in_string => taken += rest[taken..].chars().next().map_or(0, char::len_utf8),
            '"' => in_string = !in_string,
            _ if !in_string => {
                if let Some(word) = WORDS.into_iter().find(|word| rest.starts_with(word)) {
                    out.push_str("null");
                    rest = &rest[word.len()..];
                    continue;
                }
            }
            _ => {}
        }
        out.push_str(&rest[..taken]);
        rest = &rest[taken..];
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_in_strings_stay() {
        let text = r#"{"NaN": "\"NaN", "x": [NaN,-Infinity, Infinity], "ü\\": NaN}"#;
        assert_eq!(without_python_numbers(text), r#"{"NaN": "\"NaN", "x": [null,null, null], "ü\\": null}"#);
    }

    #[test]
    fn an_unfinished_text_is_no_danger() {
        assert_eq!(without_python_numbers("\"\\"), "\"\\");
        assert_eq!(without_python_numbers(""), "");
    }
}
