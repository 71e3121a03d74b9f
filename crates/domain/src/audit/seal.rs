//! What of an event is sealed, and how. docs/AUDIT.md says the same to whoever computes a seal anew, with an example that a
//! test compares with this.

use serde::Serialize;
use sha2::{Digest, Sha256};

use super::chain::Chain;
use super::row::EventRow;
use super::verify::ChainState;

/// A seal: a SHA-256 in 64 small hexadecimal digits.
pub type Seal = String;

/// What stands for the seal before the first one: 64 zeros.
pub const FIRST: &str = "0000000000000000000000000000000000000000000000000000000000000000";

/// The first element of every canonical text: which form it has.
const FORM: &str = "rosterd-event-1";

/// The hash that stands in the canonical text for a value that can be erased: SHA-256 of the compact JSON array of the salt,
/// the column's name and the value (`null` where there is none), in small hexadecimal digits.
///
/// Once the salt is gone, the value cannot be found by trying.
#[must_use]
pub fn commitment(salt: &str, column: &str, value: Option<&str>) -> String {
    digest(&[&array(&(salt, column, value))])
}

/// The text of a row that is sealed: a compact JSON array of the form's name and the columns in a fixed order. For the client
/// IP, the label and the details there are their [commitments](commitment); once they are erased, the columns hold these.
#[must_use]
pub fn canonical_text(row: &EventRow) -> String {
    let hidden = |column, value: &Option<String>| {
        if row.erased { value.clone() } else { Some(commitment(&row.salt, column, value.as_deref())) }
    };
    array(&(
        FORM,
        row.position,
        &row.id,
        row.at,
        &row.action,
        &row.actor_kind,
        &row.actor_id,
        &row.actor_via,
        &row.actor_credential,
        hidden("client_ip", &row.client_ip),
        &row.request_id,
        &row.subject_kind,
        &row.subject_id,
        hidden("subject_label", &row.subject_label),
        hidden("details", &row.details),
        row.count,
    ))
}

/// The seal of a row: SHA-256 of the seal before it in the same chain, a line feed, and the row's canonical text.
#[must_use]
pub fn seal_of(before: &str, row: &EventRow) -> Seal {
    digest(&[before, "\n", &canonical_text(row)])
}

/// Gives a row the next position, and its seal, and moves the end of its chain there. `ends` are those of
/// [`Chain::ALL`], which share the positions.
pub fn seal_next(ends: &mut [ChainState; 2], row: &mut EventRow) {
    let position = ends.iter().map(|chain| chain.position).max().unwrap_or_default() + 1;
    let [lasting, passing] = ends;
    let chain = match Chain::of(&row.action) {
        Chain::Lasting => lasting,
        Chain::Passing => passing,
    };
    row.position = Some(position);
    let seal = seal_of(&chain.seal, row);
    chain.seal.clone_from(&seal);
    chain.position = position;
    row.seal = Some(seal);
}

impl EventRow {
    /// The row with its client IP, label and details replaced by their hashes, and without its salt. The seal stays as it is.
    #[must_use]
    pub fn erased(self) -> Self {
        if self.erased {
            return self;
        }
        let hash = |column, value: &Option<String>| Some(commitment(&self.salt, column, value.as_deref()));
        Self {
            client_ip: hash("client_ip", &self.client_ip),
            subject_label: hash("subject_label", &self.subject_label),
            details: hash("details", &self.details),
            salt: String::new(),
            erased: true,
            ..self
        }
    }
}

/// A tuple as a compact JSON array. Texts and numbers always have a JSON form.
fn array(values: &impl Serialize) -> String {
    // Enough for most rows: each is written once, and does not grow on the way.
    let mut text = Vec::with_capacity(768);
    match serde_json::to_writer(&mut text, values) {
        Ok(()) => String::from_utf8(text).unwrap_or_default(),
        Err(_) => String::new(),
    }
}

/// SHA-256 of the parts of a text in UTF-8, in small hexadecimal digits.
fn digest(parts: &[&str]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let mut hash = Sha256::new();
    for part in parts {
        hash.update(part.as_bytes());
    }
    let mut text = String::with_capacity(FIRST.len());
    for byte in hash.finalize() {
        for digit in [byte >> 4, byte & 15] {
            text.push(char::from(DIGITS[usize::from(digit)]));
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    pub(super) fn row() -> EventRow {
        EventRow {
            id: "01977420-dc00-7000-8000-000000000001".to_owned(),
            at: 1_750_000_000_000,
            action: "user.created".to_owned(),
            actor_kind: "operator".to_owned(),
            subject_kind: Some("user".to_owned()),
            subject_id: Some("u-1".to_owned()),
            subject_label: Some("Ada".to_owned()),
            details: Some(r#"{"changes":{"name":{"before":null,"after":"Ada"}}}"#.to_owned()),
            salt: "00112233445566778899aabbccddeeff".to_owned(),
            position: Some(1),
            ..EventRow::default()
        }
    }

    #[test]
    fn the_example_in_the_documentation_is_right() {
        let guide = include_str!("../../../../docs/AUDIT.md");
        let (text, seal) = (canonical_text(&row()), seal_of(FIRST, &row()));
        assert!(guide.contains(&text), "{text}");
        assert!(guide.contains(&seal), "{seal}");
    }

    #[test]
    fn rows_of_both_chains_share_the_positions_and_not_the_seals() {
        let mut ends = [ChainState::default(), ChainState::default()];
        let of = |action: &str| EventRow { action: action.to_owned(), ..row() };
        let mut rows = ["user.created", "user.settings_changed", "user.updated"].map(of);
        for row in &mut rows {
            seal_next(&mut ends, row);
        }
        assert_eq!(rows.each_ref().map(|row| row.position), [Some(1), Some(2), Some(3)]);
        assert_eq!(rows[0].seal, Some(seal_of(FIRST, &rows[0])));
        assert_eq!(rows[1].seal, Some(seal_of(FIRST, &rows[1])));
        assert_eq!(rows[2].seal, Some(seal_of(rows[0].seal.as_deref().unwrap(), &rows[2])));
        assert_eq!(
            ends.each_ref().map(|end| (end.position, Some(end.seal.clone()))),
            [(3, rows[2].seal.clone()), (2, rows[1].seal.clone()),]
        );
    }

    #[test]
    fn an_erased_row_keeps_its_seal_and_nothing_of_its_values() {
        let (row, erased) = (row(), row().erased());
        assert_eq!(seal_of(FIRST, &erased), seal_of(FIRST, &row));
        assert_eq!(erased.clone().erased(), erased);
        let text = format!("{erased:?}");
        for gone in ["Ada", "name", row.salt.as_str()] {
            assert!(!text.contains(gone), "{text}");
        }
    }

    #[test]
    fn nothing_is_not_the_empty_text_and_each_column_has_its_own_hash() {
        let hashes = [
            commitment("s", "client_ip", None),
            commitment("s", "client_ip", Some("")),
            commitment("s", "details", Some("")),
            commitment("t", "details", Some("")),
        ];
        for (n, hash) in hashes.iter().enumerate() {
            assert!(!hashes[n + 1..].contains(hash), "{n}");
        }
    }
}
