//! In which language somebody is written to (rule Q6).

use std::cmp::Reverse;

/// A language that mails are written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Language {
    /// English.
    #[default]
    En,
    /// German.
    De,
}

impl Language {
    /// All of them.
    pub const ALL: [Self; 2] = [Self::En, Self::De];

    /// Its tag, as in `Accept-Language`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::En => "en",
            Self::De => "de",
        }
    }

    /// The language of this tag.
    #[must_use]
    pub fn parse(tag: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|language| language.as_str().eq_ignore_ascii_case(tag))
    }

    /// A language as it is stored; English for one that this version does not know.
    #[must_use]
    pub fn from_stored(tag: &str) -> Self {
        Self::parse(tag).unwrap_or_default()
    }

    /// The one of these that the header `Accept-Language` (RFC 9110, 12.5.4) prefers; of equally good ones the first. `None` where
    /// it names none, or refuses them.
    #[must_use]
    pub fn accepted(header: &str) -> Option<Self> {
        let ranges = header.split(',').filter_map(|range| {
            let (tag, weight) = range.split_once(';').unwrap_or((range, "q=1"));
            let primary = tag.trim().split('-').next().unwrap_or_default();
            let weight = weight.trim().strip_prefix("q=").and_then(thousandths)?;
            Some((Self::parse(primary)?, weight)).filter(|_| weight > 0)
        });
        // The first of the best: `min_by_key` keeps the first, `max_by_key` would keep the last.
        ranges.min_by_key(|(_, weight)| Reverse(*weight)).map(|(language, _)| language)
    }

    /// What stands for a value that nobody knows.
    #[must_use]
    pub const fn unknown(self) -> &'static str {
        match self {
            Self::En => "unknown",
            Self::De => "unbekannt",
        }
    }
}

/// A weight such as `0.8`, in thousandths. Digits alone: no number of another form is a weight.
fn thousandths(text: &str) -> Option<u16> {
    let (whole, part) = text.split_once('.').unwrap_or((text, ""));
    let is_well_formed =
        matches!(whole, "0" | "1") && part.len() <= 3 && part.bytes().all(|byte| byte.is_ascii_digit());
    let weight = format!("{whole}{part:0<3}").parse().ok().filter(|_| is_well_formed)?;
    (weight <= 1000).then_some(weight)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn q6_the_best_language_that_is_accepted_is_taken() {
        for (header, language) in [
            ("de", Some(Language::De)),
            ("de-CH, de;q=0.9, en;q=0.8", Some(Language::De)),
            ("fr-CH, fr;q=0.9, en;q=0.8, de;q=0.7, *;q=0.5", Some(Language::En)),
            ("en;q=0.5,DE;q=0.75", Some(Language::De)),
            ("en, de", Some(Language::En)),
            ("de;q=0, en;q=0.1", Some(Language::En)),
            ("de;q=1.000", Some(Language::De)),
            ("de;q=0", None),
            ("fr", None),
            ("*", None),
            ("", None),
            ("de;q=x", None),
            ("de;q=2", None),
            ("de;q=0.5555", None),
            ("de;level=1", None),
            ("english", None),
        ] {
            assert_eq!(Language::accepted(header), language, "{header:?}");
        }
    }

    #[test]
    fn a_language_keeps_its_tag() {
        for language in Language::ALL {
            assert_eq!(Language::from_stored(language.as_str()), language);
            assert!(!language.unknown().is_empty());
        }
        assert_eq!(Language::from_stored("fr"), Language::En);
    }
}
