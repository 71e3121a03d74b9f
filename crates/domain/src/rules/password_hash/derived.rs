//! Stored hashes by PBKDF2 and scrypt, taken apart.
//!
//! | made by | form |
//! | --- | --- |
//! | Django | `pbkdf2_sha256$600000$<salt, as it is>$<key, base64>` |
//! | Keycloak, passlib and others | `$pbkdf2-sha256$i=27500,l=64$<salt, base64>$<key, base64>`, the PHC string format |
//! | others | `$scrypt$ln=16,r=8,p=1$<salt, base64>$<key, base64>`, the same format |
//! | better-auth | `<salt, hexadecimal>:<key, hexadecimal>`; the salt is used as the text it is |
//! | Firebase | `$fbscrypt$v=1,n=14,r=8,p=1,ss=<separator>,sk=<signer key>$<salt>$<key>`, all base64 |

use base64::Engine as _;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use subtle::ConstantTimeEq as _;

use super::costs::{Pbkdf2Cost, ScryptCost};

/// Base64, with or without padding.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// Most bytes of a salt or a key.
const MOST_BYTES: usize = 256;

/// Fewest bytes of a key: a shorter one could be met by chance.
const FEWEST_BYTES: usize = 16;

/// How a key is derived from a password.
pub enum Function {
    /// PBKDF2.
    Pbkdf2(Pbkdf2Cost),
    /// scrypt.
    Scrypt(ScryptCost),
    /// scrypt, of the password in Unicode form NFKC.
    BetterAuth(ScryptCost),
    /// scrypt, whose first 32 bytes then encrypt this key: AES-256 in counter mode, counting from zero.
    Firebase(ScryptCost, Vec<u8>),
}

/// A stored hash. It has no `Debug`, since its key is secret.
pub struct DerivedHash {
    /// How the key was derived.
    pub function: Function,
    /// The salt, as it goes into the function.
    pub salt: Vec<u8>,
    key: Vec<u8>,
}

impl DerivedHash {
    /// Takes a stored hash apart. `None` for one of another kind, one that is malformed, and one that is too dear
    /// ([`ScryptCost::is_bearable`]).
    #[must_use]
    pub fn parse(stored: &str) -> Option<Self> {
        let hash = if let Some(cost) = Pbkdf2Cost::of(stored) {
            pbkdf2(stored, cost)?
        } else {
            scrypt(stored, ScryptCost::of(stored)?)?
        };
        let fits = |bytes: &[u8], fewest: usize| (fewest..=MOST_BYTES).contains(&bytes.len());
        let is_sound = match &hash.function {
            Function::Pbkdf2(cost) => {
                cost.is_bearable()
                    && usize::try_from(cost.key_bytes).is_ok_and(|bytes| bytes == hash.key.len())
            }
            Function::Scrypt(cost) | Function::BetterAuth(cost) => cost.is_bearable(),
            Function::Firebase(cost, signer) => cost.is_bearable() && signer.len() == hash.key.len(),
        };
        (is_sound && fits(&hash.key, FEWEST_BYTES) && fits(&hash.salt, 0)).then_some(hash)
    }

    /// Bytes of the key.
    #[must_use]
    pub const fn key_bytes(&self) -> usize {
        self.key.len()
    }

    /// Whether this is the key. How long that takes does not tell how much of it was right.
    #[must_use]
    pub fn is(&self, key: &[u8]) -> bool {
        self.key.ct_eq(key).into()
    }
}

fn pbkdf2(stored: &str, cost: Pbkdf2Cost) -> Option<DerivedHash> {
    let is_django = !stored.starts_with('$');
    let mut parts = stored.strip_prefix('$').unwrap_or(stored).split('$').skip(2);
    let (salt, key) = (parts.next()?, base64(parts.next()?)?);
    let salt = if is_django { salt.as_bytes().to_vec() } else { base64(salt)? };
    parts.next().is_none().then_some(DerivedHash { function: Function::Pbkdf2(cost), salt, key })
}

fn scrypt(stored: &str, cost: ScryptCost) -> Option<DerivedHash> {
    if let Some((salt, key)) = stored.split_once(':') {
        let (salt, key) = (salt.as_bytes().to_vec(), hexadecimal(key)?);
        return Some(DerivedHash { function: Function::BetterAuth(cost), salt, key });
    }
    let mut parts = stored.strip_prefix('$')?.split('$');
    let (name, numbers) = (parts.next()?, parts.next()?);
    let (mut salt, key) = (base64(parts.next()?)?, base64(parts.next()?)?);
    if parts.next().is_some() {
        return None;
    }
    let function = if name == "fbscrypt" {
        let text = |name: &str| {
            numbers.split(',').find_map(|part| part.strip_prefix(name)?.strip_prefix('=')).unwrap_or("")
        };
        if text("v") != "1" {
            return None;
        }
        salt.extend(base64(text("ss"))?);
        Function::Firebase(cost, base64(text("sk"))?)
    } else {
        Function::Scrypt(cost)
    };
    Some(DerivedHash { function, salt, key })
}

/// Bytes in base64: with its usual characters, those of URLs, or the `.` that passlib uses for `+`.
pub(crate) fn base64(text: &str) -> Option<Vec<u8>> {
    if text.len() > MOST_BYTES * 2 {
        return None;
    }
    let text: String = text
        .chars()
        .map(|digit| match digit {
            '.' | '-' => '+',
            '_' => '/',
            other => other,
        })
        .collect();
    BASE64.decode(text).ok()
}

/// Bytes in hexadecimal digits of either case.
pub(crate) fn hexadecimal(text: &str) -> Option<Vec<u8>> {
    if text.len() > MOST_BYTES * 2 || !text.len().is_multiple_of(2) {
        return None;
    }
    let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    text.as_bytes()
        .chunks_exact(2)
        .map(|pair| match pair {
            [high, low] => Some(digit(*high)? << 4 | digit(*low)?),
            _ => None,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &str = "AAECAwQFBgcICQoLDA0ODw";
    const KEY_BYTES: [u8; 16] = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15];

    #[test]
    fn m27_a_hash_by_django_keeps_its_salt_as_text() {
        let key = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
        let hash = DerivedHash::parse(&format!("pbkdf2_sha256$1000$s+lt/$${key}"));
        assert!(hash.is_none(), "one part too many");
        let hash = DerivedHash::parse(&format!("pbkdf2_sha256$1000$s+lt/${key}")).unwrap();
        assert_eq!(hash.salt, b"s+lt/");
        assert!(hash.is(&[0; 32]) && !hash.is(&[0; 31]) && !hash.is(&[1; 32]));
    }

    #[test]
    fn m27_the_phc_form_has_its_salt_in_base64() {
        let hash = DerivedHash::parse(&format!("$pbkdf2-sha256$i=1000,l=16$c2FsdA==${KEY}==")).unwrap();
        assert_eq!((hash.salt.as_slice(), hash.key_bytes()), (b"salt".as_slice(), 16));
        assert!(hash.is(&KEY_BYTES));
        let hash = DerivedHash::parse(&format!("$scrypt$ln=4,r=8,p=1$c2FsdA${KEY}")).unwrap();
        assert_eq!(hash.salt, b"salt");
        assert!(matches!(hash.function, Function::Scrypt(ScryptCost { log_n: 4, block: 8, lanes: 1 })));
        assert_eq!(base64("a.b-c_"), base64("a+b+c/"));
    }

    #[test]
    fn m27_a_hash_by_better_auth_is_hexadecimal() {
        let salt = "00112233445566778899aabbccddeeff";
        let hash = DerivedHash::parse(&format!("{salt}:000102030405060708090a0b0c0d0E0F")).unwrap();
        assert_eq!(hash.salt, salt.as_bytes());
        assert!(hash.is(&KEY_BYTES));
        assert!(matches!(hash.function, Function::BetterAuth(ScryptCost::BETTER_AUTH)));
    }

    #[test]
    fn m27_a_hash_by_firebase_names_its_separator_and_signer_key() {
        let stored = format!("$fbscrypt$v=1,n=14,r=8,p=1,ss=Bw==,sk={KEY}==$c2FsdA==${KEY}==");
        let hash = DerivedHash::parse(&stored).unwrap();
        assert_eq!(hash.salt, b"salt\x07");
        let Function::Firebase(cost, signer) = &hash.function else { panic!("another function") };
        assert_eq!((cost.log_n, cost.block, cost.lanes), (14, 8, 1));
        assert_eq!(signer.as_slice(), KEY_BYTES);
        for malformed in [
            stored.replace("v=1", "v=2"),
            stored.replace(",sk=", ",xx="),
            stored.replace("ss=Bw==", "ss=!"),
            format!("{stored}$"),
        ] {
            assert!(DerivedHash::parse(&malformed).is_none(), "{malformed}");
        }
    }

    #[test]
    fn m27_what_is_malformed_or_too_dear_is_not_taken_apart() {
        let long = "A".repeat(1000);
        for stored in [
            String::new(),
            "$2b$12$abc".to_owned(),
            format!("$pbkdf2-sha256$i=1000,l=32$c2FsdA${KEY}"),
            format!("$pbkdf2-sha256$i=4000000000,l=16$c2FsdA${KEY}"),
            "$pbkdf2-sha256$i=1000,l=0$c2FsdA$".to_owned(),
            format!("$pbkdf2-sha256$i=1000,l=16${long}${KEY}"),
            format!("pbkdf2_sha256$1000${long}$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="),
            "$scrypt$ln=4,r=8,p=1$c2FsdA$".to_owned(),
            "$scrypt$ln=4,r=8,p=1$c2FsdA$AAAA".to_owned(),
            format!("$scrypt$ln=30,r=8,p=1$c2FsdA${KEY}"),
            format!("$scrypt$ln=4,r=8,p=1$c2FsdA$!{KEY}"),
            "00112233445566778899aabbccddeeff:00".to_owned(),
            "00112233445566778899aabbccddeeff:000".to_owned(),
        ] {
            assert!(DerivedHash::parse(&stored).is_none(), "{stored}");
        }
    }
}
