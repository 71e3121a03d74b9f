//! What is searched for (rule L2).

use crate::unicode::fold;

/// A search: a piece of text, found anywhere in a name or an e-mail address, without regard to case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SearchText {
    folded: String,
}

impl SearchText {
    /// Reads `query`; a text that is empty, or empty when folded, searches for nothing and is `None`. Everything else is
    /// taken literally: `%`, `_`, `\` and spaces are ordinary characters.
    #[must_use]
    pub fn new(query: &str) -> Option<Self> {
        // No stored text can hold U+0000, and PostgreSQL refuses it even as a parameter. A code point that is reserved
        // for never being used stands in for it: the search is well-formed and finds nothing.
        let folded = fold(query);
        let folded = if folded.contains('\0') { folded.replace('\0', "\u{FFFF}") } else { folded };
        (!folded.is_empty()).then_some(Self { folded })
    }

    /// The text, folded by [`fold`]; compare it with folded text only.
    #[must_use]
    pub fn folded(&self) -> &str {
        &self.folded
    }

    /// Number of characters of the folded text. A trigram index needs at least three.
    #[must_use]
    pub fn chars(&self) -> usize {
        self.folded.chars().count()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn finds(query: &str, text: &str) -> bool {
        fold(text).contains(SearchText::new(query).unwrap().folded())
    }

    #[test]
    fn l2_case_does_not_matter_in_any_script() {
        let pairs = [
            ("STRASSE", "Müller Straße"),
            ("ibrahim", "İbrahim Işık"),
            ("taro", "Ｔａｒｏ Yamada"),
            ("ALICE", "Alice Zhang"),
            ("üm", "ÜMİT"),
            ("ΝΊΚΟΣ", "Νίκος"),
            ("νίκος", "ΝΊΚΟΣ"),
            ("Жук", "жУК"),
        ];
        for (query, text) in pairs {
            assert!(finds(query, text), "{query} in {text}");
        }
    }

    #[test]
    fn l2_wildcards_are_ordinary_characters() {
        assert!(finds("50%", "a 50% share") && !finds("50%", "a 500 share"));
        assert!(finds("_", "a_b") && !finds("_", "ab"));
        assert!(finds("\\", "a\\b") && !finds("\\", "ab"));
    }

    #[test]
    fn l2_an_empty_query_is_none_and_spaces_count() {
        assert_eq!(SearchText::new(""), None);
        assert_eq!(SearchText::new("\u{307}"), None);
        assert!(finds(" ", "Bob O'Brien") && !finds(" ", "Bob"));
    }

    #[test]
    fn l2_a_nul_finds_nothing() {
        assert!(!SearchText::new("a\0").unwrap().folded().contains('\0'));
        assert!(!finds("\0", "Bob"));
    }

    #[test]
    fn the_length_is_in_characters() {
        assert_eq!(SearchText::new("Üm").unwrap().chars(), 2);
    }
}
