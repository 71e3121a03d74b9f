//! Unicode: one spelling for equal texts, comparison without regard to case, and which characters are visible.
//!
//! All of it uses one version of Unicode's tables, those of ICU4X. Names and e-mail addresses must be compared in
//! one way only, so this is done here and never by a database.

use std::borrow::Cow;

use icu_casemap::CaseMapper;
use icu_normalizer::{ComposingNormalizerBorrowed, DecomposingNormalizerBorrowed};
use icu_properties::props::{BidiControl, DefaultIgnorableCodePoint, GeneralCategory};
use icu_properties::{CodePointMapData, CodePointSetData};

/// U+0307, the dot that remains of `İ` when it is folded, and that `i` has by itself.
const DOT_ABOVE: char = '\u{307}';

/// The text in normalization form C: a letter and its accent are one character wherever Unicode has one.
#[must_use]
pub fn nfc(text: &str) -> Cow<'_, str> {
    const NFC: ComposingNormalizerBorrowed<'static> = ComposingNormalizerBorrowed::new_nfc();
    if text.is_ascii() { Cow::Borrowed(text) } else { NFC.normalize(text) }
}

/// The text in normalization form KC: also full-width and plain letters, and others that mean the same, are equal.
#[must_use]
pub fn nfkc(text: &str) -> Cow<'_, str> {
    const NFKC: ComposingNormalizerBorrowed<'static> = ComposingNormalizerBorrowed::new_nfkc();
    if text.is_ascii() { Cow::Borrowed(text) } else { NFKC.normalize(text) }
}

/// Folds text for searching (rule L2): normalization form KC, full case folding, and without U+0307 that is left alone
/// afterwards. `STRASSE` and `Straße`, full-width and plain letters, `İ` and `i` fold to the same text.
///
/// Folding twice gives the same as folding once. Every stored copy and every query must be folded here and nowhere else.
#[must_use]
pub fn fold(text: &str) -> String {
    const NFKD: DecomposingNormalizerBorrowed<'static> = DecomposingNormalizerBorrowed::new_nfkd();
    if text.is_ascii() {
        return text.to_ascii_lowercase();
    }
    // Decomposed first: folding looks at single characters, and a Greek iota may stand below its letter or beside it
    // (The Unicode Standard, section 3.13).
    let decomposed = NFKD.normalize(text);
    let folded = CaseMapper::new().fold_string(&decomposed);
    let composed = nfkc(&folded);
    if !composed.contains(DOT_ABOVE) {
        return composed.into_owned();
    }
    // What stood behind the dot may belong to the letter now.
    nfkc(&composed.replace(DOT_ABOVE, "")).into_owned()
}

/// Adds the folded text, as [`fold`] gives it, to the end of a buffer. ASCII text needs no memory but that of the buffer.
pub fn fold_onto(buffer: &mut String, text: &str) {
    if text.is_ascii() {
        let start = buffer.len();
        buffer.push_str(text);
        if let Some(added) = buffer.get_mut(start..) {
            added.make_ascii_lowercase();
        }
    } else {
        buffer.push_str(&fold(text));
    }
}

/// Whether a reader sees something where this character stands: no white space, nothing that is there to be ignored,
/// no mark without its letter.
pub(crate) fn is_visible(c: char) -> bool {
    /// A pattern of Braille without dots: a symbol to Unicode and a blank to everybody.
    const BRAILLE_BLANK: char = '\u{2800}';
    let is_nothing = matches!(
        category(c),
        GeneralCategory::Control
            | GeneralCategory::Format
            | GeneralCategory::LineSeparator
            | GeneralCategory::ParagraphSeparator
            | GeneralCategory::NonspacingMark
            | GeneralCategory::EnclosingMark
    );
    !is_nothing && !c.is_whitespace() && c != BRAILLE_BLANK && !is_ignorable(c)
}

/// Whether what does not know this character shows nothing for it (`Default_Ignorable_Code_Point`): joiners, variation
/// selectors, fillers, blanks without width.
pub(crate) fn is_ignorable(c: char) -> bool {
    CodePointSetData::new::<DefaultIgnorableCodePoint>().contains(c)
}

/// Whether the character is there to steer how text is shown (`Format`, category Cf).
pub(crate) fn is_format(c: char) -> bool {
    category(c) == GeneralCategory::Format
}

/// Whether the character can begin a new line or make the rest of one read backwards: whoever reads a list or a log
/// would see what is not there.
pub(crate) fn forges_lines(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{2028}' | '\u{2029}')
        || CodePointSetData::new::<BidiControl>().contains(c)
}

fn category(c: char) -> GeneralCategory {
    CodePointMapData::<GeneralCategory>::new().get(c)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn l2_pure_ascii_is_lower_case() {
        let all: String = (0_u8..=127).map(char::from).collect();
        assert_eq!(fold(&all), all.to_ascii_lowercase());
    }

    #[test]
    fn l2_folding_onto_a_buffer_gives_the_same() {
        for text in ["", "Plain ASCII", "Straße", "ΟΔΥΣΣΕΎΣ"] {
            let mut buffer = String::from("Before ");
            fold_onto(&mut buffer, text);
            assert_eq!(buffer, format!("Before {}", fold(text)));
        }
    }

    #[test]
    fn l2_what_reads_the_same_folds_to_the_same() {
        for (one, other) in [
            ("STRASSE", "Straße"),
            ("STRAẞE", "strasse"),
            ("Ｔａｒｏ", "taro"),
            ("ﬁnn", "FINN"),
            ("İbrahim", "ibrahim"),
            ("İBRAHİM", "İbrahi\u{307}m"),
            ("i\u{307}\u{301}", "í"),
            ("ΟΔΥΣΣΕΎΣ", "οδυσσεύς"),
            ("ᾳ", "ΑΙ"),
            ("\u{3b1}\u{345}\u{313}", "\u{1f80}"),
            ("JOSÉ", "jose\u{301}"),
            ("ꭰ", "Ꭰ"),
            ("Жук", "жУК"),
            ("한국", "\u{1112}\u{1161}\u{11ab}\u{1100}\u{116e}\u{11a8}"),
            ("ｶﾞ", "ガ"),
            ("②", "2"),
            ("Å", "\u{212b}"),
        ] {
            assert_eq!(fold(one), fold(other), "{one} and {other}");
        }
    }

    #[test]
    fn l2_what_reads_otherwise_stays_apart() {
        for (one, other) in [("ż", "z"), ("ė", "e"), ("ı", "i"), ("é", "e"), ("ö", "oe"), ("ø", "o")] {
            assert_ne!(fold(one), fold(other), "{one} and {other}");
        }
    }

    #[test]
    fn every_character_folds_once_and_for_all() {
        // All that have a case lie here.
        for c in '\0'..='\u{1ffff}' {
            let once = fold(&c.to_string());
            assert_eq!(fold(&once), once, "{:04X}", u32::from(c));
        }
    }

    #[test]
    fn letters_are_visible_and_fillers_are_not() {
        for c in ['a', 'é', '中', '1', '-', '🎉', 'ß', '\u{e000}'] {
            assert!(is_visible(c), "{c:?}");
        }
        for c in [
            ' ',
            '\u{a0}',
            '\u{ad}',
            '\u{200b}',
            '\u{200d}',
            '\u{2060}',
            '\u{2800}',
            '\u{3164}',
            '\u{feff}',
            '\u{fe0f}',
            '\u{301}',
            '\0',
            '\u{e0061}',
        ] {
            assert!(!is_visible(c), "{c:?}");
        }
    }
}
