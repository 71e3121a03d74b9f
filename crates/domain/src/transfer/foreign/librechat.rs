//! `LibreChat`: its collection `users`, as mongoexport writes it: a line for each, or a list.

use super::Account;
use super::hash::stored;
use super::object::Object;
use crate::transfer::AccountRecord;

pub(super) fn record(user: &Object) -> Account {
    let name = user.text("name").or_else(|| user.text("username"));
    let role = match user.text("role") {
        Some("ADMIN") => Some("admin"),
        Some("USER") => Some("user"),
        _ => None,
    };
    Ok(Some(AccountRecord {
        email: user.text("email").map(str::to_owned),
        name: name.map(str::to_owned),
        role: role.map(str::to_owned),
        password_hash: user.text("password").map(|hash| stored(hash.to_owned())).transpose()?,
        ..AccountRecord::default()
    }))
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret as _;
    use serde_json::json;

    use super::*;

    #[test]
    fn t11_people_have_bcrypt_hashes_and_roles() {
        let hash = "$2a$10$abcdefghijklmnopqrstuuABCDEFGHIJKLMNOPQRSTUVWXYZ01234";
        let user = json!({
            "_id": { "$oid": "65f0" }, "name": "Ada", "username": "ada", "email": "a@b.example", "emailVerified": true,
            "password": hash, "provider": "local", "role": "ADMIN", "createdAt": { "$date": "2025-01-01T00:00:00Z" },
        });
        let ada = record(&Object::read(user.to_string().as_bytes()).unwrap()).unwrap().unwrap();
        assert_eq!((ada.name.as_deref(), ada.role.as_deref()), (Some("Ada"), Some("admin")));
        assert_eq!(ada.password_hash.unwrap().expose_secret(), hash);
        let google =
            json!({ "username": "eve", "email": "e@b.example", "provider": "google", "role": "custom" });
        let eve = record(&Object::read(google.to_string().as_bytes()).unwrap()).unwrap().unwrap();
        assert_eq!((eve.name.as_deref(), eve.role, eve.password_hash.is_none()), (Some("eve"), None, true));
    }
}
