//! Hashes of passwords as other systems keep them, brought into the forms that are stored here (rule M27).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use secrecy::SecretString;

use crate::rules::password_hash::{bytes_of_base64, bytes_of_hexadecimal, is_checkable};

/// A hash, or why there is none that could be stored. The reason never holds the hash.
pub(super) type Taken = Result<SecretString, String>;

/// What to do about an account whose hash is not taken.
const REMEDY: &str = "take the hash out of the file to import the account without a password";

/// A hash in one of the forms that are stored.
pub(super) fn stored(hash: String) -> Taken {
    if is_checkable(&hash) {
        return Ok(hash.into());
    }
    match weak(&hash) {
        Some(kind) => Err(refusal(kind)),
        None => Err(format!(
            "its password hash is of a kind that is not checked here, or would take too long to check; {REMEDY}"
        )),
    }
}

/// Why a hash of this algorithm is not taken.
pub(super) fn refusal(algorithm: &str) -> String {
    let shown: String = algorithm.chars().filter(|c| !c.is_control()).take(60).collect();
    format!("its password hash is by {shown}, which is too weak or not known here; {REMEDY}")
}

/// The name of a digest without salt, which a hash looks like: whoever has the file could try a billion passwords a second.
fn weak(hash: &str) -> Option<&'static str> {
    if !hash.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return None;
    }
    match hash.len() {
        32 => Some("MD5 without salt"),
        40 => Some("SHA-1 without salt"),
        64 => Some("SHA-256 without salt"),
        128 => Some("SHA-512 without salt"),
        _ => None,
    }
}

/// Bytes as a file writes them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Encoding {
    Base64,
    Hexadecimal,
    Utf8,
}

impl Encoding {
    pub(super) fn of(name: &str) -> Option<Self> {
        match name {
            "base64" => Some(Self::Base64),
            "hex" => Some(Self::Hexadecimal),
            "utf8" => Some(Self::Utf8),
            _ => None,
        }
    }

    pub(super) fn decode(self, text: &str) -> Option<Vec<u8>> {
        match self {
            Self::Base64 => bytes_of_base64(text),
            Self::Hexadecimal => bytes_of_hexadecimal(text),
            Self::Utf8 => Some(text.as_bytes().to_vec()),
        }
    }
}

/// A hash by PBKDF2 of this digest (`sha1`, `sha256`, `sha512`).
pub(super) fn pbkdf2(digest: &str, iterations: u64, salt: &[u8], key: &[u8]) -> Taken {
    let [salt64, key64] = [salt, key].map(|bytes| STANDARD_NO_PAD.encode(bytes));
    stored(format!("$pbkdf2-{digest}$i={iterations},l={}${salt64}${key64}", key.len()))
}

/// A hash by scrypt, with N as it is.
pub(super) fn scrypt(n: u64, block: u64, lanes: u64, salt: &[u8], key: &[u8]) -> Taken {
    if !n.is_power_of_two() {
        return Err(refusal("scrypt with a cost that is no power of two"));
    }
    let [salt64, key64] = [salt, key].map(|bytes| STANDARD_NO_PAD.encode(bytes));
    stored(format!("$scrypt$ln={},r={block},p={lanes}${salt64}${key64}", n.ilog2()))
}

/// What a hash by Argon2 was made with.
#[derive(Debug, Clone, Copy)]
pub(super) struct Argon2<'a> {
    /// `i`, `d` or `id`.
    pub(super) variant: &'a str,
    /// 16 or 19.
    pub(super) version: u64,
    /// In KiB.
    pub(super) memory: u64,
    pub(super) passes: u64,
    pub(super) lanes: u64,
}

impl Argon2<'_> {
    pub(super) fn hash(self, salt: &[u8], key: &[u8]) -> Taken {
        let Self { variant, version, memory, passes, lanes } = self;
        if !["i", "d", "id"].contains(&variant) || ![16, 19].contains(&version) {
            return Err(refusal("Argon2 of another variant"));
        }
        let [salt64, key64] = [salt, key].map(|bytes| STANDARD_NO_PAD.encode(bytes));
        stored(format!("$argon2{variant}$v={version}$m={memory},t={passes},p={lanes}${salt64}${key64}"))
    }
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret as _;

    use super::*;

    #[track_caller]
    fn shown(taken: Taken) -> String {
        taken.unwrap().expose_secret().to_owned()
    }

    #[test]
    fn t11_parameters_become_the_forms_that_are_stored() {
        let (salt, key) = ([1; 16], [2; 32]);
        let (salt64, key64) = (STANDARD_NO_PAD.encode(salt), STANDARD_NO_PAD.encode(key));
        assert_eq!(
            shown(pbkdf2("sha256", 27_500, &salt, &key)),
            format!("$pbkdf2-sha256$i=27500,l=32${salt64}${key64}")
        );
        assert_eq!(
            shown(scrypt(16_384, 8, 1, &salt, &key)),
            format!("$scrypt$ln=14,r=8,p=1${salt64}${key64}")
        );
        let argon2 = Argon2 { variant: "id", version: 19, memory: 7168, passes: 5, lanes: 1 };
        let wanted = format!("$argon2id$v=19$m=7168,t=5,p=1${salt64}${key64}");
        assert_eq!(shown(argon2.hash(&salt, &key)), wanted);
    }

    #[test]
    fn t11_what_is_weak_unknown_or_too_dear_is_refused_and_not_repeated() {
        let md5 = "5f4dcc3b5aa765d61d8327deb882cf99";
        for (taken, why) in [
            (stored(md5.to_owned()), "MD5 without salt"),
            (stored("a".repeat(64)), "SHA-256 without salt"),
            (stored("{SSHA}c2VjcmV0".to_owned()), "not checked here"),
            (stored("$2b$31$c2VjcmV0".to_owned()), "too long to check"),
            (pbkdf2("md5", 1000, &[1; 16], &[2; 32]), "not checked here"),
            (pbkdf2("sha256", 4_000_000_000, &[1; 16], &[2; 32]), "too long"),
            (pbkdf2("sha256", 1000, &[1; 16], &[2; 4]), "not checked here"),
            (scrypt(1000, 8, 1, &[1; 16], &[2; 32]), "no power of two"),
            (scrypt(1 << 40, 8, 1, &[1; 16], &[2; 32]), "too long"),
        ] {
            let reason = taken.unwrap_err();
            assert!(reason.contains(why), "{why}: {reason}");
            assert!(!reason.contains(md5) && !reason.contains("c2VjcmV0"), "{reason}");
        }
        assert!(!refusal("a\u{1b}[2J").contains('\u{1b}'));
    }
}
