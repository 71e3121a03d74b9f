//! Which system a file is of (rule T13).

use std::io::{self, BufRead, Read as _};

use super::cells::Columns;
use super::elements::{Elements, Found, keys};
use super::object::Object;
use super::{Foreign, firebase};
use crate::transfer::sheet::rows_of;
use crate::transfer::text::Text;

/// Whether the first character that is no white space begins a list or an object.
pub(super) fn begins_as_json(file: &mut impl BufRead) -> io::Result<bool> {
    loop {
        let ready = file.fill_buf()?;
        if ready.is_empty() {
            return Ok(false);
        }
        if let Some(first) = ready.iter().find(|byte| !byte.is_ascii_whitespace()) {
            return Ok(matches!(first, b'[' | b'{'));
        }
        let blank = ready.len();
        file.consume(blank);
    }
}

pub(super) fn recognise(beginning: &[u8]) -> Option<Foreign> {
    let mut text = Vec::new();
    Text::open(beginning).ok()?.read_to_end(&mut text).ok()?;
    if begins_as_json(&mut text.as_slice()).ok()? { of_json(&text) } else { of_table(&text) }
}

fn of_json(text: &[u8]) -> Option<Foreign> {
    let top = keys(text);
    let has = |key: &str| top.iter().any(|known| known == key);
    if has("realm") {
        return Some(Foreign::Keycloak);
    }
    if has("users") {
        let first = Elements::new(text, Found::Under("users")).next().ok()??;
        let user = Object::read(&first).ok()?;
        return if user.has("localId") {
            Some(Foreign::Firebase)
        } else if user.has("username") || user.has("credentials") {
            Some(Foreign::Keycloak)
        } else {
            None
        };
    }
    let is_auth0 = has("user_id")
        || has("custom_password_hash")
        || has("email_verified") && !["role", "groups", "password"].iter().any(|ours| has(ours))
        || has("passwordHash") && has("connection");
    if is_auth0 {
        return Some(Foreign::Auth0);
    }
    let is_librechat = has("_id") && (has("provider") || has("username") || has("emailVerified"));
    is_librechat.then_some(Foreign::LibreChat)
}

fn of_table(text: &[u8]) -> Option<Foreign> {
    let first = rows_of(text).ok()?.next()?.cells.ok()?;
    if firebase::is_row(&first) {
        return Some(Foreign::Firebase);
    }
    let columns = Columns::of(&first);
    let has = |names: &[&str]| names.iter().all(|name| columns.has(name));
    let known = [
        (Foreign::Supabase, has(&["email", "encryptedpassword"])),
        (Foreign::Django, has(&["password", "issuperuser", "username"])),
        (Foreign::BetterAuth, has(&["email", "emailverified", "password"])),
        (Foreign::Okta, has(&["primaryemail"]) || has(&["login", "firstname", "lastname"])),
    ];
    known.into_iter().find(|(_, fits)| *fits).map(|(system, _)| system)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn t13_files_are_recognised_by_what_they_hold() {
        use Foreign::{Auth0, BetterAuth, Django, Firebase, Keycloak, LibreChat, Okta, Supabase};
        let firebase_row = format!("u1,a@b.example,false,aGFzaA==,c2FsdA==,Ada{},false,", ",".repeat(20));
        for (text, system) in [
            (r#"{"id": "x", "realm": "staff", "roles": {"realm"#, Keycloak),
            (r#"[{"realm": "staff"}]"#, Keycloak),
            (r#"{"users": [{"username": "ada", "credentials": []}]}"#, Keycloak),
            (r#"{"users": [{"localId": "u1", "email": "a@b.example"}]}"#, Firebase),
            (firebase_row.as_str(), Firebase),
            (r#"{"user_id":"auth0|1","email":"a@b.example","name":"Ada"}"#, Auth0),
            (r#"[{"email":"a@b.example","email_verified":true,"password_hash":"$2b$10$x"}]"#, Auth0),
            (r#"{"_id":{"$oid":"1"},"passwordHash":"$2b$10$x","connection":"db"}"#, Auth0),
            (r#"{"_id":{"$oid":"1"},"username":"ada","provider":"local"}"#, LibreChat),
            ("instance_id,id,aud,role,email,encrypted_password,email_confirmed_at\n", Supabase),
            ("id,password,last_login,is_superuser,username,first_name\n", Django),
            ("id,name,email,emailVerified,image,password\n", BetterAuth),
            ("User Id,Username,First name,Last name,Primary email,Status\n", Okta),
            ("login;firstName;lastName;middleName;email\n", Okta),
        ] {
            assert_eq!(recognise(text.as_bytes()), Some(system), "{text}");
            let wide: Vec<u8> =
                std::iter::once(0xfeff).chain(text.encode_utf16()).flat_map(u16::to_be_bytes).collect();
            assert_eq!(recognise(&wide), Some(system), "{text}");
        }
    }

    #[test]
    fn t13_files_of_rosterd_and_open_webui_are_none_of_them() {
        for text in [
            "Name,Email,Password,Role\nAda,a@b.example,secret,user\n",
            "email,name,role,groups,password_hash\n",
            r#"{"id":"u-1","email":"a@b.example","name":"Ada","role":"user","password_hash":"$2b$12$x","groups":[]}"#,
            r#"{"email":"a@b.example","role":"pending","groups":["x"],"email_verified":true}"#,
            r#"{"users": [{"email": "a@b.example"}]}"#,
            r#"{"users": []}"#,
            "",
            "[",
            "\u{0}",
        ] {
            assert_eq!(recognise(text.as_bytes()), None, "{text}");
        }
    }
}
