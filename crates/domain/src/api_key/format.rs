//! What keys look like, and what is stored of them (rules K1, K3 and K7).
//!
//! A key with a name is `sk-rst_`, then 30 random characters, then six that are their checksum: see
//! [`token_form`](crate::token_form).

use crate::secret::ApiKey;
use crate::token_form::{TokenForm, sha256};

/// How a key with a name begins.
pub const PREFIX: &str = "sk-rst_";

/// How many characters of a key are shown: what is left has 154 bits, and of the key of `/auths/api_key` 106.
const SHOWN: usize = 4;

/// What stands before a stored hash, and before no key.
pub const HASHED: &str = "sha256:";

/// The form of keys with a name.
const FORM: TokenForm = TokenForm::new(PREFIX);

/// Makes a key out of random bytes; `more` gives some at each call.
pub fn generate<const N: usize>(more: impl FnMut() -> [u8; N]) -> ApiKey {
    ApiKey::from_stored(FORM.generate(more))
}

/// Whether a key has the form of those with a name; the checksum may be wrong.
#[must_use]
pub fn has_name(key: &ApiKey) -> bool {
    FORM.fits(key.expose())
}

/// Whether a key has that form and a wrong checksum, so that it is stored nowhere.
#[must_use]
pub fn is_mistyped(key: &ApiKey) -> bool {
    has_name(key) && !FORM.is_whole(key.expose())
}

/// How the key begins: what is kept and shown, so that its owner knows which one it is. Of a short key only `sk-`, since
/// what is hidden must not be easy to guess.
#[must_use]
pub fn visible_prefix(key: &ApiKey) -> &str {
    let text = key.expose();
    let length = match text {
        _ if has_name(key) => PREFIX.len() + SHOWN,
        _ if text.len() >= 35 => "sk-".len() + SHOWN,
        _ => "sk-".len(),
    };
    text.get(..length).unwrap_or_default()
}

/// The SHA-256 of a key, in 64 hexadecimal digits. A key is random and long, so one round without salt is enough.
#[must_use]
pub fn hash(key: &ApiKey) -> String {
    sha256(key.expose())
}

/// What `api_key.key` holds in a standalone database: [`HASHED`], the hash, and how the key begins (rule K7). The same key
/// always gives the same text, by which it is found.
#[must_use]
pub fn stored(key: &ApiKey) -> String {
    format!("{HASHED}{}:{}", hash(key), visible_prefix(key))
}

/// The key of which this is [`stored`], as far as it can be shown: its beginning, and asterisks. `None` for a
/// text that is no stored hash.
#[must_use]
pub fn masked(stored: &str) -> Option<String> {
    let prefix = prefix_of(stored)?;
    Some(format!("{prefix}{}", "*".repeat(35_usize.saturating_sub(prefix.len()))))
}

/// How the key begins of which this is [`stored`]; `None` for a text that is no stored hash.
#[must_use]
pub fn prefix_of(stored: &str) -> Option<&str> {
    let (hash, prefix) = stored.strip_prefix(HASHED)?.split_once(':')?;
    (hash.len() == 64).then_some(prefix)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(text: &str) -> ApiKey {
        ApiKey::from_stored(text.to_owned())
    }

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
    fn k1_a_key_has_its_form_and_one_wrong_character_is_noticed() {
        let made = generate(counting());
        let text = made.expose().to_owned();
        assert!(text.starts_with("sk-rst_") && text.len() == 43, "{text}");
        assert!(has_name(&made) && !is_mistyped(&made));
        for at in PREFIX.len()..text.len() {
            let mut wrong = text.clone().into_bytes();
            wrong[at] = if wrong[at] == b'x' { b'y' } else { b'x' };
            let wrong = key(std::str::from_utf8(&wrong).unwrap());
            assert!(has_name(&wrong) && is_mistyped(&wrong), "{at}");
        }
    }

    #[test]
    fn k1_only_this_form_is_judged() {
        let text = generate(counting()).expose().to_owned();
        let short = &text[..42];
        let long = format!("{text}0");
        let other = text.replace("sk-rst_", "sk-rst-");
        let dash = text.replacen(&text[10..11], "-", 1);
        for other in ["sk-", "sk-rst_", "sk-1234", short, &long, &other, &dash] {
            assert!(!has_name(&key(other)) && !is_mistyped(&key(other)), "{other}");
        }
    }

    #[test]
    fn k3_a_hash_is_the_sha_256() {
        // FIPS 180-2, appendix B.1.
        let abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert_eq!(hash(&key("abc")), abc);
    }

    #[test]
    fn k3_k7_what_is_shown_is_too_little_to_guess_the_rest() {
        let made = generate(counting());
        assert_eq!(visible_prefix(&made), &made.expose()[..11]);
        let usual = key("sk-3f1c2d0a9b8e4f5c8a7b6d5e4f3c2b1a");
        assert_eq!(visible_prefix(&usual), "sk-3f1c");
        for short in ["sk-", "sk-1", "sk-somewhat-longer"] {
            assert_eq!(visible_prefix(&key(short)), "sk-");
        }
        // Somebody's own, of a character that takes two bytes.
        assert_eq!(visible_prefix(&key(&format!("sk-abc{}", "ü".repeat(20)))), "");
    }

    #[test]
    fn k7_a_stored_key_shows_its_beginning_alone() {
        let usual = key("sk-3f1c2d0a9b8e4f5c8a7b6d5e4f3c2b1a");
        let kept = stored(&usual);
        assert_eq!(kept, stored(&usual));
        assert!(!kept.contains("2d0a9b8e4f5c8a7b6d5e4f3c2b1a"), "{kept}");
        assert_eq!(prefix_of(&kept), Some("sk-3f1c"));
        assert_eq!(masked(&kept).unwrap(), format!("sk-3f1c{}", "*".repeat(28)));
        for clear in ["sk-1234", "sha256:", "sha256:00:sk-"] {
            assert_eq!(masked(clear), None);
        }
    }
}
