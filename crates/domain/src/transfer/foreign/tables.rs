//! Accounts in tables: Supabase, better-auth, Django and Okta.

use super::cells::Cells;
use super::hash::{Taken, refusal, scrypt, stored};
use super::object::{Object, joined};
use super::{Account, with_activity};
use crate::transfer::AccountRecord;

fn owned(text: Option<&str>) -> Option<String> {
    text.map(str::to_owned)
}

/// Supabase: `auth.users`. The name is in a document of the user's own.
pub(super) fn supabase(row: &Cells<'_>) -> Account {
    if row.text("deletedat").is_some() || row.flag("isanonymous") == Some(true) {
        return Ok(None);
    }
    let own = row.text("rawusermetadata").and_then(Object::within);
    let name = own
        .as_ref()
        .and_then(|own| ["full_name", "name", "display_name"].iter().find_map(|key| own.text(key)));
    let record = AccountRecord {
        email: owned(row.text("email")),
        name: owned(name),
        password_hash: row.text("encryptedpassword").map(|hash| stored(hash.to_owned())).transpose()?,
        ..AccountRecord::default()
    };
    Ok(Some(with_activity(record, row.text("banneduntil").is_none())))
}

/// better-auth: its table `user`, joined with the password of its table `account`.
pub(super) fn better_auth(row: &Cells<'_>) -> Account {
    let role = row.text("role").filter(|role| ["admin", "user"].contains(role));
    let record = AccountRecord {
        email: owned(row.text("email")),
        name: owned(row.text("name")),
        role: owned(role),
        password_hash: row.text("password").map(|hash| stored(hash.to_owned())).transpose()?,
        ..AccountRecord::default()
    };
    Ok(Some(with_activity(record, row.flag("banned") != Some(true))))
}

/// Django: `auth_user`. Superusers are admins.
pub(super) fn django(row: &Cells<'_>) -> Account {
    let username = row.text("username");
    let role = row.flag("issuperuser").map(|is_super| if is_super { "admin" } else { "user" });
    let record = AccountRecord {
        email: owned(row.text("email").or_else(|| username.filter(|name| name.contains('@')))),
        name: joined([row.text("firstname"), row.text("lastname")]).or_else(|| owned(username)),
        role: owned(role),
        // What begins with an exclamation mark is no hash: the account has no password.
        password_hash: row
            .text("password")
            .filter(|hash| !hash.starts_with('!'))
            .map(django_hash)
            .transpose()?,
        ..AccountRecord::default()
    };
    Ok(Some(with_activity(record, row.flag("isactive") != Some(false))))
}

/// Django writes the name of its hasher in front of hashes that have one of their own.
fn django_hash(hash: &str) -> Taken {
    let (hasher, rest) = hash.split_once('$').ok_or_else(|| refusal("an unknown hasher of Django"))?;
    match hasher {
        "argon2" => stored(format!("${rest}")),
        "bcrypt" => stored(rest.to_owned()),
        "scrypt" => {
            let parts: Vec<&str> = rest.split('$').collect();
            let [n, salt, block, lanes, key] = parts.as_slice() else { return Err(refusal("scrypt")) };
            let number = |text: &str| text.parse().map_err(|_why| refusal("scrypt"));
            let key = super::hash::Encoding::Base64.decode(key).ok_or_else(|| refusal("scrypt"))?;
            scrypt(number(n)?, number(block)?, number(lanes)?, salt.as_bytes(), &key)
        }
        "pbkdf2_sha256" | "pbkdf2_sha1" | "pbkdf2_sha512" => stored(hash.to_owned()),
        other => Err(refusal(other)),
    }
}

/// Okta: what its report of people gives, or the file that its import takes. There are no passwords in either.
#[expect(clippy::unnecessary_wraps, reason = "it is one of several of this type")]
pub(super) fn okta(row: &Cells<'_>) -> Account {
    let login = row.text("login").or_else(|| row.text("username"));
    let email = row.text("primaryemail").or_else(|| row.text("email"));
    let is_active = row.text("status").or_else(|| row.text("userstatus")).is_none_or(|status| {
        !["DEPROVISIONED", "SUSPENDED", "DEACTIVATED"].contains(&status.to_ascii_uppercase().as_str())
    });
    let record = AccountRecord {
        email: owned(email.or_else(|| login.filter(|login| login.contains('@')))),
        name: owned(row.text("displayname"))
            .or_else(|| joined([row.text("firstname"), row.text("lastname")]))
            .or_else(|| owned(login)),
        ..AccountRecord::default()
    };
    Ok(Some(with_activity(record, is_active)))
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret as _;

    use super::super::cells::Columns;
    use super::*;

    fn read(of: fn(&Cells<'_>) -> Account, row: &[(&str, &str)]) -> Account {
        let headers: Vec<String> = row.iter().map(|(header, _)| (*header).to_owned()).collect();
        let cells = row.iter().map(|(_, cell)| (*cell).to_owned()).collect();
        of(&Cells::new(&Columns::of(&headers), cells))
    }

    /// E-mail address, name, role, whether it may sign in, and hash.
    type Person = (Option<String>, Option<String>, Option<String>, Option<bool>, Option<String>);

    #[track_caller]
    fn person(row: Account) -> Person {
        let record = row.unwrap().unwrap();
        let hash = record.password_hash.map(|hash| hash.expose_secret().to_owned());
        (record.email, record.name, record.role, record.rest.active, hash)
    }

    #[expect(clippy::unnecessary_wraps, reason = "as records have texts")]
    fn text(text: &str) -> Option<String> {
        Some(text.to_owned())
    }

    const BCRYPT: &str = "$2a$10$abcdefghijklmnopqrstuuABCDEFGHIJKLMNOPQRSTUVWXYZ01234";
    const KEY: &str = "AgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgI=";

    #[test]
    fn t11_supabase_names_people_in_a_document() {
        let row = [
            ("id", "1"),
            ("role", "authenticated"),
            ("email", "a@b.example"),
            ("encrypted_password", BCRYPT),
            ("raw_user_meta_data", r#"{"full_name": "Ada"}"#),
            ("banned_until", ""),
            ("deleted_at", ""),
        ];
        let wanted = (text("a@b.example"), text("Ada"), None, None, text(BCRYPT));
        assert_eq!(person(read(supabase, &row)), wanted);
        let banned = read(supabase, &[("email", "a@b.example"), ("banned_until", "2030-01-01 00:00:00+00")]);
        assert_eq!(person(banned).3, Some(false));
        for gone in [("deleted_at", "2025-01-01 00:00:00+00"), ("is_anonymous", "t")] {
            assert!(read(supabase, &[("email", "a@b.example"), gone]).unwrap().is_none());
        }
    }

    #[test]
    fn t11_better_auth_has_scrypt_of_its_own() {
        let hash = format!("{}:{}", "0".repeat(32), "1".repeat(128));
        let row = [
            ("id", "1"),
            ("name", "Ada"),
            ("email", "a@b.example"),
            ("emailVerified", "t"),
            ("role", "admin"),
            ("banned", "t"),
            ("password", hash.as_str()),
        ];
        let wanted = (text("a@b.example"), text("Ada"), text("admin"), Some(false), text(&hash));
        assert_eq!(person(read(better_auth, &row)), wanted);
        let google = read(better_auth, &[("email", "e@b.example"), ("role", "editor"), ("password", "NULL")]);
        assert_eq!(person(google), (text("e@b.example"), None, None, None, None));
    }

    #[test]
    fn t11_django_names_its_hashers() {
        let of =
            |hash: &str| read(django, &[("email", "a@b.example"), ("username", "ada"), ("password", hash)]);
        let pbkdf2 = format!("pbkdf2_sha256$600000$seasalt${KEY}");
        let argon2 = "$argon2id$v=19$m=102400,t=2,p=8$c2Vhc2FsdA$AgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgI";
        for (hash, wanted) in [
            (pbkdf2.clone(), pbkdf2.clone()),
            (format!("argon2{argon2}"), argon2.to_owned()),
            (format!("bcrypt${BCRYPT}"), BCRYPT.to_owned()),
            (
                format!("scrypt$16384$seasalt$8$1${KEY}"),
                format!("$scrypt$ln=14,r=8,p=1$c2Vhc2FsdA${}", KEY.trim_end_matches('=')),
            ),
        ] {
            assert_eq!(person(of(&hash)).4, Some(wanted));
        }
        assert_eq!(person(of("!unusable")).4, None);
        for (hash, why) in [
            (format!("bcrypt_sha256${BCRYPT}"), "bcrypt_sha256"),
            ("md5$salt$5f4dcc3b5aa765d61d8327deb882cf99".to_owned(), "md5"),
            ("scrypt$x$y".to_owned(), "scrypt"),
            ("plain".to_owned(), "unknown hasher"),
        ] {
            let reason = of(&hash).unwrap_err();
            assert!(reason.contains(why) && !reason.contains("5f4d"), "{reason}");
        }
    }

    #[test]
    fn t11_django_has_superusers_and_people_who_left() {
        let row = |is_super, is_active| {
            [
                ("password", "!"),
                ("is_superuser", is_super),
                ("username", "ada"),
                ("first_name", "Ada"),
                ("last_name", "Lovelace"),
                ("email", "a@b.example"),
                ("is_active", is_active),
            ]
        };
        let wanted = (text("a@b.example"), text("Ada Lovelace"), text("admin"), None, None);
        assert_eq!(person(read(django, &row("t", "t"))), wanted);
        let left = person(read(django, &row("0", "0")));
        assert_eq!((left.2, left.3), (text("user"), Some(false)));
    }

    #[test]
    fn t11_okta_has_people_without_passwords() {
        let report = [
            ("User Id", "00u1"),
            ("Username", "ada@b.example"),
            ("First name", "Ada"),
            ("Last name", "Lovelace"),
            ("Primary email", "a@b.example"),
            ("Status", "SUSPENDED"),
        ];
        let wanted = (text("a@b.example"), text("Ada Lovelace"), None, Some(false), None);
        assert_eq!(person(read(okta, &report)), wanted);
        let file = [("login", "eve@b.example"), ("firstName", ""), ("lastName", ""), ("email", "")];
        let wanted = (text("eve@b.example"), text("eve@b.example"), None, None, None);
        assert_eq!(person(read(okta, &file)), wanted);
    }
}
