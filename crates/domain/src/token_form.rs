//! The form of tokens that are made at random and are shown once: a prefix, 30 random characters to base 62, then six that are the
//! CRC-32 of these 30 to base 62, as GitHub writes its tokens. So programs that look for leaked secrets find them, and a mistyped
//! one is told from a wrong one without the database.

use sha2::{Digest as _, Sha256};

/// The digits to base 62, by their value.
const ALPHABET: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// Random characters of a token: 178 bits.
const RANDOM: usize = 30;

/// Characters of the checksum: enough for 32 bits.
const CHECKSUM: usize = 6;

/// The form of tokens that begin in one way.
#[derive(Debug, Clone, Copy)]
pub struct TokenForm {
    prefix: &'static str,
}

impl TokenForm {
    /// Of tokens that begin with this.
    #[must_use]
    pub const fn new(prefix: &'static str) -> Self {
        Self { prefix }
    }

    /// Makes a token out of random bytes; `more` gives some at each call.
    pub fn generate<const N: usize>(self, mut more: impl FnMut() -> [u8; N]) -> String {
        let begin = self.prefix.len();
        let mut text = String::with_capacity(begin + RANDOM + CHECKSUM);
        text.push_str(self.prefix);
        while text.len() < begin + RANDOM {
            // Six bits each. The two values that are no digit are left out, so that every digit is equally likely.
            let digits = more().into_iter().filter_map(|byte| ALPHABET.get(usize::from(byte & 63)));
            let missing = begin + RANDOM - text.len();
            text.extend(digits.take(missing).map(|digit| char::from(*digit)));
        }
        let checksum = checksum(&text[begin..]);
        text.push_str(&checksum);
        text
    }

    /// Whether a text has this form; the checksum may be wrong.
    #[must_use]
    pub fn fits(self, text: &str) -> bool {
        self.characters(text).is_some()
    }

    /// Whether a text has this form and the right checksum: else it is stored nowhere.
    #[must_use]
    pub fn is_whole(self, text: &str) -> bool {
        self.characters(text).is_some_and(|characters| {
            let (random, sum) = characters.split_at(RANDOM);
            checksum(random) == sum
        })
    }

    /// The characters after the prefix, if a text has this form.
    fn characters(self, text: &str) -> Option<&str> {
        let characters = text.strip_prefix(self.prefix)?;
        let fits = characters.len() == RANDOM + CHECKSUM
            && characters.bytes().all(|byte| byte.is_ascii_alphanumeric());
        fits.then_some(characters)
    }
}

/// The CRC-32 of a text to base 62, with zeros in front.
fn checksum(text: &str) -> String {
    let mut rest = crc32(text.as_bytes());
    let mut digits = [b'0'; CHECKSUM];
    for digit in digits.iter_mut().rev() {
        *digit = ALPHABET[(rest % 62) as usize];
        rest /= 62;
    }
    digits.iter().map(|digit| char::from(*digit)).collect()
}

/// CRC-32 as in IEEE 802.3. Bit by bit, since it is asked for 30 bytes at a time.
fn crc32(bytes: &[u8]) -> u32 {
    let sum =
        bytes.iter().fold(u32::MAX, |sum, byte| {
            (0..8).fold(sum ^ u32::from(*byte), |sum, _bit| {
                if sum & 1 == 1 { (sum >> 1) ^ 0xEDB8_8320 } else { sum >> 1 }
            })
        });
    !sum
}

/// The SHA-256 of a text, in 64 hexadecimal digits.
#[must_use]
pub fn sha256(text: &str) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let hash = Sha256::digest(text.as_bytes());
    let digits = hash.iter().flat_map(|byte| [byte >> 4, byte & 15]);
    digits.map(|digit| char::from(DIGITS[usize::from(digit)])).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Bytes that are the same in every run: those of a linear congruential generator.
    fn counting() -> impl FnMut() -> [u8; 16] {
        let mut state = 1_u32;
        move || {
            std::array::from_fn(|_| {
                state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                state.to_be_bytes()[0]
            })
        }
    }

    #[test]
    fn k1_j1_a_checksum_is_the_crc_32_to_base_62() {
        // The check value of CRC-32 in Ross Williams' catalogue.
        assert_eq!(crc32(b"123456789"), 0xCBF4_3926);
        assert_eq!(checksum(""), "000000");
        let value = checksum("123456789")
            .bytes()
            .fold(0_u64, |sum, digit| sum * 62 + ALPHABET.iter().position(|d| *d == digit).unwrap() as u64);
        assert_eq!(value, 0xCBF4_3926);
    }

    #[test]
    fn k1_j1_every_digit_comes_up_and_no_other_character() {
        const FORM: TokenForm = TokenForm::new("x_");
        let mut seen = std::collections::BTreeSet::new();
        let mut more = counting();
        for _ in 0..100 {
            let token = FORM.generate(&mut more);
            assert!(FORM.is_whole(&token), "{token}");
            seen.extend(token.bytes().skip(2).take(RANDOM));
        }
        assert_eq!(seen.into_iter().collect::<Vec<_>>(), ALPHABET);
    }
}
