//! Auth0: what its export of users gives, a line each, or the list of users that its import takes.
//!
//! Hashes are not part of a usual export. Auth0's support gives them (`passwordHash`), and files for its import have them in
//! `password_hash` or `custom_password_hash`.

use super::hash::{Encoding, Taken, refusal, scrypt, stored};
use super::object::{Object, joined};
use super::{Account, with_activity};
use crate::transfer::AccountRecord;

pub(super) fn record(user: &Object) -> Account {
    let name = user
        .text("name")
        .map(str::to_owned)
        .or_else(|| joined([user.text("given_name"), user.text("family_name")]))
        .or_else(|| user.text("nickname").or_else(|| user.text("username")).map(str::to_owned));
    let hash = user.text("password_hash").or_else(|| user.text("passwordHash"));
    let hash = match (hash, user.object("custom_password_hash")) {
        (Some(hash), _) => Some(stored(hash.to_owned())?),
        (None, Some(custom)) => Some(custom_hash(&custom)?),
        (None, None) => None,
    };
    let record = AccountRecord {
        email: user.text("email").map(str::to_owned),
        name,
        password_hash: hash,
        ..AccountRecord::default()
    };
    Ok(Some(with_activity(record, user.flag("blocked") != Some(true))))
}

fn custom_hash(custom: &Object) -> Taken {
    let missing =
        || "its custom_password_hash lacks the algorithm, the hash or what it was made with".to_owned();
    let algorithm = custom.text("algorithm").ok_or_else(missing)?;
    let hash = custom.object("hash").ok_or_else(missing)?;
    let value = hash.text("value").ok_or_else(missing)?;
    let typed = custom.object("password").and_then(|password| password.text("encoding").map(str::to_owned));
    if typed.is_some_and(|encoding| encoding != "utf8") {
        return Err(refusal("a function of passwords in another encoding than UTF-8"));
    }
    match algorithm {
        // These have salt and costs in their own text.
        "bcrypt" | "argon2" | "pbkdf2" => stored(value.to_owned()),
        "scrypt" => {
            let salt = custom.object("salt").ok_or_else(missing)?;
            let decoded = |of: &Object, usual: &str| {
                let encoding = Encoding::of(of.text("encoding").unwrap_or(usual))?;
                encoding.decode(of.text("value")?)
            };
            let key = decoded(&hash, "base64").ok_or_else(missing)?;
            let salt = decoded(&salt, "utf8").ok_or_else(missing)?;
            let number = |name: &str, usual| custom.number(name).unwrap_or(usual);
            scrypt(number("cost", 16_384), number("blockSize", 8), number("parallelization", 1), &salt, &key)
        }
        other => Err(refusal(other)),
    }
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret as _;
    use serde_json::{Value, json};

    use super::*;

    fn read(user: &Value) -> Result<AccountRecord, String> {
        record(&Object::read(user.to_string().as_bytes()).unwrap()).map(Option::unwrap)
    }

    fn hash_of(user: &Value) -> String {
        read(user).unwrap().password_hash.unwrap().expose_secret().to_owned()
    }

    const BCRYPT: &str = "$2b$10$abcdefghijklmnopqrstuuABCDEFGHIJKLMNOPQRSTUVWXYZ01234";

    #[test]
    fn t11_a_hash_may_be_in_three_places() {
        for key in ["password_hash", "passwordHash"] {
            assert_eq!(hash_of(&json!({ "email": "a@b.example", key: BCRYPT })), BCRYPT);
        }
        let custom = json!({ "algorithm": "bcrypt", "hash": { "value": BCRYPT, "encoding": "utf8" } });
        assert_eq!(hash_of(&json!({ "custom_password_hash": custom })), BCRYPT);
        let key = "AgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgI";
        let pbkdf2 = format!("$pbkdf2-sha512$i=100000,l=32$c2FsdA${key}");
        let custom = json!({ "algorithm": "pbkdf2", "hash": { "value": pbkdf2 } });
        assert_eq!(hash_of(&json!({ "custom_password_hash": custom })), pbkdf2);
        let custom = json!({
            "algorithm": "scrypt", "hash": { "value": "02".repeat(32), "encoding": "hex" },
            "salt": { "value": "salt", "encoding": "utf8" }, "cost": 16384, "blockSize": 8, "parallelization": 1, "keylen": 32,
        });
        assert_eq!(
            hash_of(&json!({ "custom_password_hash": custom })),
            format!("$scrypt$ln=14,r=8,p=1$c2FsdA${key}")
        );
    }

    #[test]
    fn t11_weak_hashes_are_refused() {
        for algorithm in ["md4", "md5", "sha1", "sha256", "sha512", "hmac", "ldap"] {
            let value = "5f4dcc3b5aa765d61d8327deb882cf99";
            let custom = json!({ "algorithm": algorithm, "hash": { "value": value, "encoding": "hex" } });
            let reason =
                read(&json!({ "email": "a@b.example", "custom_password_hash": custom })).unwrap_err();
            assert!(reason.contains(algorithm) && !reason.contains(value), "{reason}");
        }
        let wide = json!({ "algorithm": "bcrypt", "hash": { "value": BCRYPT }, "password": { "encoding": "utf16le" } });
        assert!(read(&json!({ "custom_password_hash": wide })).is_err());
        assert!(read(&json!({ "custom_password_hash": { "algorithm": "bcrypt" } })).is_err());
    }

    #[test]
    fn t11_people_by_name_and_who_is_blocked() {
        let user = json!({ "email": "a@b.example", "given_name": "Ada", "family_name": "Lovelace", "blocked": true });
        let ada = read(&user).unwrap();
        assert_eq!((ada.name.as_deref(), ada.rest.active), (Some("Ada Lovelace"), Some(false)));
        let nick = read(&json!({ "nickname": "ada" })).unwrap();
        assert_eq!(
            (nick.name.as_deref(), nick.rest.active, nick.password_hash.is_none()),
            (Some("ada"), None, true)
        );
    }
}
