//! Keycloak: the JSON that `kc.sh export` writes, of a realm with its users or of the users alone.
//!
//! A credential has two texts that are JSON again: `secretData` has salt and key, `credentialData` how they were made. Older
//! exports have all of it in the credential itself.

use secrecy::SecretString;
use serde_json::Value;

use super::hash::{Argon2, Encoding, Taken, pbkdf2, refusal, stored};
use super::object::{Object, joined};
use super::{Account, with_activity};
use crate::transfer::AccountRecord;

pub(super) fn record(user: &Object) -> Account {
    if user.has("serviceAccountClientId") {
        return Ok(None);
    }
    let username = user.text("username");
    let groups = user.list("groups").iter().filter_map(Value::as_str);
    let groups: Vec<String> = groups.map(|path| path.trim_start_matches('/').to_owned()).collect();
    let record = AccountRecord {
        email: user.text("email").or_else(|| username.filter(|name| name.contains('@'))).map(str::to_owned),
        name: joined([user.text("firstName"), user.text("lastName")]).or_else(|| username.map(str::to_owned)),
        groups: (!groups.is_empty()).then_some(groups),
        ..AccountRecord::default()
    };
    let mut record = with_activity(record, user.flag("enabled") != Some(false));
    let password = user.objects("credentials").find(|credential| credential.text("type") == Some("password"));
    if let Some(credential) = password {
        match credential.text("value") {
            Some(password) => record.password = Some(SecretString::from(password)),
            None => record.password_hash = Some(hash(&credential)?),
        }
    }
    Ok(Some(record))
}

fn hash(credential: &Object) -> Taken {
    let missing = || "its password credential lacks salt, key or the number of iterations".to_owned();
    let within = |name: &str| credential.text(name).and_then(Object::within);
    let (secret, made) = (within("secretData"), within("credentialData"));
    let secret = secret.as_ref().unwrap_or(credential);
    let made = made.as_ref().unwrap_or(credential);
    let key = secret.text("value").or_else(|| secret.text("hashedSaltedValue")).ok_or_else(missing)?;
    let algorithm = made.text("algorithm").ok_or_else(missing)?;
    if algorithm == "bcrypt" {
        // By a provider that others wrote: the hash has its own salt.
        return stored(key.to_owned());
    }
    let bytes = |text: &str| Encoding::Base64.decode(text).ok_or_else(missing);
    let salt = bytes(secret.text("salt").ok_or_else(missing)?)?;
    let key = bytes(key)?;
    let iterations = made.number("hashIterations").ok_or_else(missing)?;
    match algorithm {
        "pbkdf2" => pbkdf2("sha1", iterations, &salt, &key),
        "pbkdf2-sha256" => pbkdf2("sha256", iterations, &salt, &key),
        "pbkdf2-sha512" => pbkdf2("sha512", iterations, &salt, &key),
        "argon2" => {
            let more = made.object("additionalParameters").ok_or_else(missing)?;
            let number = |name: &str| more.first_text(name)?.parse().ok();
            let version = match more.first_text("version") {
                Some("1.0") => 16,
                _ => 19,
            };
            let argon2 = Argon2 {
                variant: more.first_text("type").unwrap_or("id"),
                version,
                memory: number("memory").ok_or_else(missing)?,
                passes: iterations,
                lanes: number("parallelism").ok_or_else(missing)?,
            };
            argon2.hash(&salt, &key)
        }
        other => Err(refusal(other)),
    }
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret as _;
    use serde_json::json;

    use super::*;

    fn read(user: &Value) -> Account {
        record(&Object::read(user.to_string().as_bytes()).unwrap())
    }

    fn with_password(secret: &Value, made: &Value) -> Value {
        json!({
            "username": "bob", "email": "bob@example.com", "enabled": true,
            "credentials": [
                { "type": "otp", "secretData": "{}", "credentialData": "{}" },
                { "type": "password", "secretData": secret.to_string(), "credentialData": made.to_string() },
            ],
        })
    }

    fn hash_of(user: &Value) -> String {
        read(user).unwrap().unwrap().password_hash.unwrap().expose_secret().to_owned()
    }

    const SALT: &str = "AQEBAQEBAQEBAQEBAQEBAQ==";
    const KEY: &str = "AgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgI=";

    #[test]
    fn t11_credentials_of_each_algorithm_are_taken() {
        let secret = json!({ "value": KEY, "salt": SALT, "additionalParameters": {} });
        let (salt, key) = (SALT.trim_end_matches('='), KEY.trim_end_matches('='));
        for (algorithm, digest) in
            [("pbkdf2", "sha1"), ("pbkdf2-sha256", "sha256"), ("pbkdf2-sha512", "sha512")]
        {
            let made = json!({ "hashIterations": 27500, "algorithm": algorithm, "additionalParameters": {} });
            let wanted = format!("$pbkdf2-{digest}$i=27500,l=32${salt}${key}");
            assert_eq!(hash_of(&with_password(&secret, &made)), wanted);
        }
        let made = json!({
            "hashIterations": 5, "algorithm": "argon2",
            "additionalParameters": {
                "hashLength": ["32"], "memory": ["7168"], "type": ["id"], "version": ["1.3"], "parallelism": ["1"],
            },
        });
        let wanted = format!("$argon2id$v=19$m=7168,t=5,p=1${salt}${key}");
        assert_eq!(hash_of(&with_password(&secret, &made)), wanted);
        let older = json!({
            "email": "bob@example.com",
            "credentials": [{
                "type": "password", "hashedSaltedValue": KEY, "salt": SALT, "hashIterations": 20000, "algorithm": "pbkdf2",
            }],
        });
        assert_eq!(hash_of(&older), format!("$pbkdf2-sha1$i=20000,l=32${salt}${key}"));
    }

    #[test]
    fn t11_people_with_names_groups_and_without_a_password() {
        let user = json!({
            "username": "ada", "email": "ada@example.com", "firstName": "Ada", "lastName": "Lovelace", "enabled": false,
            "groups": ["/staff", "/staff/makers"],
        });
        let ada = read(&user).unwrap().unwrap();
        assert_eq!(
            (ada.email.as_deref(), ada.name.as_deref()),
            (Some("ada@example.com"), Some("Ada Lovelace"))
        );
        assert_eq!(ada.groups.unwrap(), ["staff", "staff/makers"]);
        assert_eq!(ada.rest.active, Some(false));
        assert!(ada.password_hash.is_none() && ada.role.is_none());
        let plain = json!({ "username": "eve@example.com", "credentials": [{ "type": "password", "value": "in clear" }] });
        let eve = read(&plain).unwrap().unwrap();
        assert_eq!(
            (eve.email.as_deref(), eve.name.as_deref()),
            (Some("eve@example.com"), Some("eve@example.com"))
        );
        assert_eq!(eve.password.unwrap().expose_secret(), "in clear");
        assert!(read(&json!({ "username": "x", "serviceAccountClientId": "cli" })).unwrap().is_none());
    }

    #[test]
    fn t11_a_credential_that_is_not_whole_is_refused() {
        let secret = json!({ "value": KEY, "salt": SALT });
        for (secret, made, why) in [
            (secret.clone(), json!({ "hashIterations": 1, "algorithm": "md5-crypt" }), "md5-crypt"),
            (secret.clone(), json!({ "algorithm": "pbkdf2-sha256" }), "iterations"),
            (secret.clone(), json!({ "hashIterations": 1, "algorithm": "argon2" }), "lacks"),
            (json!({ "salt": SALT }), json!({ "hashIterations": 1, "algorithm": "pbkdf2-sha256" }), "lacks"),
            (
                json!({ "value": KEY, "salt": "!" }),
                json!({ "hashIterations": 1, "algorithm": "pbkdf2" }),
                "lacks",
            ),
        ] {
            let reason = read(&with_password(&secret, &made)).unwrap_err();
            assert!(reason.contains(why) && !reason.contains(KEY), "{reason}");
        }
    }
}
