//! The rules for every stored text.

use crate::error::DomainError;
use crate::unicode::{forges_lines, is_visible, nfc};

/// Refuses text that holds U+0000: `PostgreSQL` cannot store it and C code would cut the text there, so both
/// databases refuse it alike. `field` is the name of the body field the text came in.
///
/// # Errors
/// [`DomainError::Field`] at `[field]`.
pub fn ensure_storable(field: &str, text: &str) -> Result<(), DomainError> {
    if text.contains('\0') {
        Err(DomainError::field(field, "must not contain the NUL character"))
    } else {
        Ok(())
    }
}

/// The most characters an emoji of a status may have: some are put together of many.
pub const MAX_STATUS_EMOJI: usize = 64;
/// The most characters of the text of a status.
pub const MAX_STATUS_MESSAGE: usize = 500;
/// The most characters of what people write about themselves.
pub const MAX_BIO: usize = 2_000;
/// The most characters of a gender.
pub const MAX_GENDER: usize = 100;
/// The most characters of why an account is suspended.
pub const MAX_REASON: usize = 1_000;
/// The most characters of the description of a group.
pub const MAX_DESCRIPTION: usize = 2_000;

/// Refuses free text of more than `max` characters (Unicode scalar values), which no screen would show. Text that is
/// stored already is never judged, however long it is.
///
/// # Errors
/// [`DomainError::Field`] at `[field]`.
pub fn ensure_short(field: &str, text: &str, stored: Option<&str>, max: usize) -> Result<(), DomainError> {
    if text.chars().nth(max).is_some() && stored != Some(text) {
        Err(DomainError::field(field, format!("must not be longer than {max} characters")))
    } else {
        Ok(())
    }
}

/// A name of one line as somebody typed it: 1 to `max` characters, in normalization form C and without white space at its ends.
///
/// # Errors
/// [`DomainError::Field`] at `[field]` where nothing that can be seen is left after trimming, where it is too long, and where it
/// holds control characters or characters that change the direction of text.
pub fn one_line(field: &str, text: &str, max: usize) -> Result<String, DomainError> {
    let composed = nfc(text);
    let name = composed.trim();
    if name.chars().any(forges_lines) {
        let why = "must not contain control characters or characters that change the direction of text";
        return Err(DomainError::field(field, why));
    }
    if !name.chars().any(is_visible) || name.chars().nth(max).is_some() {
        let why = format!("must have 1 to {max} characters, at least one of them visible");
        return Err(DomainError::field(field, why));
    }
    Ok(name.to_owned())
}

/// Every fault of several fields in one error.
///
/// # Errors
/// [`DomainError::Fields`] with all of them.
pub(crate) fn all_of(verdicts: impl IntoIterator<Item = Result<(), DomainError>>) -> Result<(), DomainError> {
    let mut faults = Vec::new();
    for verdict in verdicts {
        match verdict {
            Ok(()) => {}
            Err(DomainError::Field { path, message }) => faults.push((path, message)),
            Err(DomainError::Fields(several)) => faults.extend(several),
            Err(other) => return Err(other),
        }
    }
    if faults.is_empty() { Ok(()) } else { Err(DomainError::Fields(faults)) }
}

/// Of the spellings of what is known the one that differs in the fewest letters, if these are at most a third of them: what
/// somebody who misspelt it has most likely meant. Of equally near ones the first.
pub fn nearest<S: AsRef<str>, T>(word: &str, known: impl IntoIterator<Item = (S, T)>) -> Option<T> {
    near(word, known).min_by_key(|(changes, _)| *changes).map(|(_, value)| value)
}

/// As [`nearest`], but up to `most` of them, the nearest first.
pub fn nearest_few<S: AsRef<str>, T>(
    word: &str,
    known: impl IntoIterator<Item = (S, T)>,
    most: usize,
) -> Vec<T> {
    let mut near: Vec<_> = near(word, known).collect();
    near.sort_by_key(|(changes, _)| *changes);
    near.into_iter().take(most).map(|(_, value)| value).collect()
}

/// Those that differ in at most a third of their letters, each with in how many.
fn near<S: AsRef<str>, T>(
    word: &str,
    known: impl IntoIterator<Item = (S, T)>,
) -> impl Iterator<Item = (usize, T)> {
    known.into_iter().filter_map(move |(spelling, value)| {
        let letters = word.chars().count().max(spelling.as_ref().chars().count());
        let changes = strsim::damerau_levenshtein(word, spelling.as_ref());
        (changes * 3 <= letters).then_some((changes, value))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_text_is_refused_unless_it_is_stored() {
        assert_eq!(ensure_short("bio", "üüü", None, 3), Ok(()));
        let Err(DomainError::Field { path, message }) = ensure_short("bio", "üüüü", Some("ü"), 3) else {
            panic!("four characters pass")
        };
        assert_eq!(path, ["bio"]);
        assert!(message.contains('3'), "{message}");
        assert_eq!(ensure_short("bio", "üüüü", Some("üüüü"), 3), Ok(()));
    }

    #[test]
    fn every_fault_is_listed() {
        let fault = |field: &str| Err(DomainError::field(field, "is wrong"));
        assert_eq!(all_of([Ok(()), Ok(())]), Ok(()));
        let Err(DomainError::Fields(faults)) = all_of([fault("a"), Ok(()), fault("b")]) else {
            panic!("faults are wanted")
        };
        assert_eq!(faults.len(), 2);
    }

    #[test]
    fn a_slip_is_found_and_a_foreign_word_is_not() {
        let known = ["name", "email", "updated_at"].map(|name| (name, name));
        assert_eq!(nearest("nmae", known), Some("name"));
        assert_eq!(nearest("update_at", known), Some("updated_at"));
        assert_eq!(nearest("password", known), None);
        assert_eq!(nearest("", known), None);
        let few = ["chat.edit", "chat.delete", "chat.tts"].map(|name| (name, name));
        assert_eq!(nearest_few("chat.delit", few, 2), ["chat.edit", "chat.delete"]);
        assert_eq!(nearest_few("zoo", few, 2), [""; 0]);
    }

    #[test]
    fn only_nul_cannot_be_stored() {
        assert_eq!(ensure_storable("name", "a\n\u{1}\u{FFFF}🚀"), Ok(()));
        assert!(ensure_storable("name", "a\0b").is_err());
    }
}
