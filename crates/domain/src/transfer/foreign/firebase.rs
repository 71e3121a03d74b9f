//! Firebase: what `firebase auth:export` writes, as JSON or as a table without headers, and the key of the project, without
//! which no password can be checked.

use std::fmt;

use secrecy::{ExposeSecret as _, SecretString};

use super::hash::{Encoding, Taken, stored};
use super::object::Object;
use super::{Account, with_activity};
use crate::transfer::AccountRecord;

/// The parameters of a project's password hashes, as the Firebase console shows them: *Authentication*, *Users*, the three dots,
/// *Password hash parameters*.
#[derive(Clone)]
pub struct FirebaseKey {
    signer: SecretString,
    separator: String,
    rounds: u8,
    memory: u8,
}

impl fmt::Debug for FirebaseKey {
    /// Shows no key.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FirebaseKey").finish_non_exhaustive()
    }
}

/// The parameters cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "this is not the text of the Firebase console: {0}. It has algorithm, base64_signer_key, base64_salt_separator, rounds and \
     mem_cost, a line each"
)]
pub struct UnreadableKey(String);

impl FirebaseKey {
    /// Reads the text that the console shows: `name: value` in each line, between braces or not, or the same as JSON.
    ///
    /// # Errors
    /// [`UnreadableKey`], without the text.
    pub fn parse(text: &str) -> Result<Self, UnreadableKey> {
        let find = |name: &str| {
            text.lines().find_map(|line| {
                let (key, value) = line.split_once(':')?;
                let trimmed = |part: &str| -> String {
                    part.trim().trim_end_matches(',').trim().trim_matches('"').trim().to_owned()
                };
                (trimmed(key) == name).then(|| trimmed(value))
            })
        };
        let needed = |name: &str| find(name).ok_or_else(|| UnreadableKey(format!("{name} is missing")));
        let wrong = |name: &str| UnreadableKey(format!("{name} cannot be read"));
        let algorithm = needed("algorithm")?;
        if algorithm != "SCRYPT" {
            return Err(UnreadableKey("only projects with the algorithm SCRYPT can be imported".to_owned()));
        }
        let (signer, separator) = (needed("base64_signer_key")?, needed("base64_salt_separator")?);
        for (name, value) in [("base64_signer_key", &signer), ("base64_salt_separator", &separator)] {
            Encoding::Base64.decode(value).ok_or_else(|| wrong(name))?;
        }
        Ok(Self {
            signer: signer.into(),
            separator,
            rounds: needed("rounds")?.parse().map_err(|_why| wrong("rounds"))?,
            memory: needed("mem_cost")?.parse().map_err(|_why| wrong("mem_cost"))?,
        })
    }

    fn hash(&self, salt: &str, key: &str) -> Taken {
        let Self { signer, separator, rounds, memory } = self;
        let signer = signer.expose_secret();
        stored(format!("$fbscrypt$v=1,n={memory},r={rounds},p=1,ss={separator},sk={signer}${salt}${key}"))
    }
}

/// An account as a row of either form has it.
struct Row<'a> {
    email: Option<&'a str>,
    name: Option<&'a str>,
    salt: Option<&'a str>,
    hash: Option<&'a str>,
    is_disabled: bool,
}

impl Row<'_> {
    fn into_record(self, key: Option<&FirebaseKey>) -> Account {
        let Self { email, name, salt, hash, is_disabled } = self;
        let hash = match (hash, salt, key) {
            (None, _, _) => None,
            (Some(_), None, _) | (Some(_), _, None) => {
                return Err("its password hash lacks the salt or the key of the project".to_owned());
            }
            (Some(hash), Some(salt), Some(key)) => Some(key.hash(salt, hash)?),
        };
        let record = AccountRecord {
            email: email.map(str::to_owned),
            name: name.map(str::to_owned),
            password_hash: hash,
            ..AccountRecord::default()
        };
        Ok(Some(with_activity(record, !is_disabled)))
    }
}

pub(super) fn record(user: &Object, key: Option<&FirebaseKey>) -> Account {
    let row = Row {
        email: user.text("email"),
        name: user.text("displayName"),
        salt: user.text("salt"),
        hash: user.text("passwordHash"),
        is_disabled: user.flag("disabled") == Some(true),
    };
    row.into_record(key)
}

/// Where the cells of a row of the table are, which has no headers.
mod place {
    pub(super) const EMAIL: usize = 1;
    pub(super) const IS_VERIFIED: usize = 2;
    pub(super) const HASH: usize = 3;
    pub(super) const SALT: usize = 4;
    pub(super) const NAME: usize = 5;
    pub(super) const IS_DISABLED: usize = 26;
}

/// Whether a row looks like one of such a table.
pub(super) fn is_row(cells: &[String]) -> bool {
    let flag = cells.get(place::IS_VERIFIED).map(String::as_str);
    cells.len() > place::IS_DISABLED && matches!(flag, Some("true" | "false"))
}

pub(super) fn record_of_row(cells: &[String], key: Option<&FirebaseKey>) -> Account {
    if !is_row(cells) {
        return Err(format!("it has {} cells, and not those of an account", cells.len()));
    }
    let cell = |place: usize| cells.get(place).map(|cell| cell.trim()).filter(|cell| !cell.is_empty());
    let row = Row {
        email: cell(place::EMAIL),
        name: cell(place::NAME),
        salt: cell(place::SALT),
        hash: cell(place::HASH),
        is_disabled: cell(place::IS_DISABLED) == Some("true"),
    };
    row.into_record(key)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    // The example in the documentation of Firebase's hash.
    const SIGNER: &str =
        "jxspr8Ki0RYycVU8zykbdLGjFQ3McFUH0uiiTvC8pVMXAn210wjLNmdZJzxUECKbm0QsEmYUSDzZvpjeJ9WmXA==";
    const SALT: &str = "42xEC+ixf3L2lw==";
    const HASH: &str =
        "lSrfV15cpx95/sZS2W9c9Kp6i/LVgQNDNC/qzrCnh1SAyZvqmZqAjTdn3aoItz+VHjoZilo78198JAdRuid5lQ==";

    fn console() -> String {
        format!(
            "hash_config {{\n  algorithm: SCRYPT,\n  base64_signer_key: {SIGNER},\n  base64_salt_separator: Bw==,\n  rounds: 8,\n  \
             mem_cost: 14,\n}}\n"
        )
    }

    #[test]
    fn t12_the_key_is_read_as_the_console_shows_it_and_never_shown() {
        let json = format!(
            "{{\n\"algorithm\": \"SCRYPT\",\n\"base64_signer_key\": \"{SIGNER}\",\n\"base64_salt_separator\": \"Bw==\",\n\"rounds\": \
             8,\n\"mem_cost\": 14\n}}"
        );
        let plain = console().replace("hash_config {", "").replace('}', "");
        for text in [console(), json, plain, console().replace('\n', "\r\n")] {
            let key = FirebaseKey::parse(&text).unwrap();
            assert_eq!((key.rounds, key.memory, key.separator.as_str()), (8, 14, "Bw=="));
            assert_eq!(key.signer.expose_secret(), SIGNER);
            assert!(!format!("{key:?}").contains("jxspr"));
        }
        for (text, why) in [
            (String::new(), "algorithm is missing"),
            (console().replace("SCRYPT", "BCRYPT"), "only projects"),
            (console().replace("Bw==", "!"), "base64_salt_separator cannot be read"),
            (console().replace("rounds: 8", "rounds: many"), "rounds cannot be read"),
        ] {
            let error = FirebaseKey::parse(&text).unwrap_err().to_string();
            assert!(error.contains(why) && !error.contains("jxspr"), "{error}");
        }
    }

    #[test]
    fn t12_a_hash_is_written_with_the_key_of_the_project() {
        let key = FirebaseKey::parse(&console()).unwrap();
        let user = json!({
            "localId": "u1", "email": "a@b.example", "emailVerified": true, "passwordHash": HASH, "salt": SALT,
            "displayName": "Ada", "disabled": true, "providerUserInfo": [],
        });
        let object = Object::read(user.to_string().as_bytes()).unwrap();
        let ada = record(&object, Some(&key)).unwrap().unwrap();
        let wanted = format!("$fbscrypt$v=1,n=14,r=8,p=1,ss=Bw==,sk={SIGNER}${SALT}${HASH}");
        assert_eq!(ada.password_hash.unwrap().expose_secret(), wanted);
        assert_eq!((ada.name.as_deref(), ada.rest.active), (Some("Ada"), Some(false)));
        assert!(record(&object, None).unwrap_err().contains("key of the project"));

        let mut cells = vec![String::new(); 28];
        for (at, cell) in [(1, "a@b.example"), (2, "true"), (3, HASH), (4, SALT), (5, "Ada"), (26, "false")] {
            cell.clone_into(&mut cells[at]);
        }
        let row = record_of_row(&cells, Some(&key)).unwrap().unwrap();
        assert_eq!(row.password_hash.unwrap().expose_secret(), wanted);
        assert_eq!((row.email.as_deref(), row.rest.active), (Some("a@b.example"), None));
        assert!(record_of_row(&cells[..20], Some(&key)).is_err());
        cells[3].clear();
        assert!(
            record_of_row(&cells, None).unwrap().unwrap().password_hash.is_none(),
            "without a password no key is needed"
        );
    }
}
