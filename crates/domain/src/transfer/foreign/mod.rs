//! Accounts in the files of other systems (docs/IMPORT.md, rules T11 to T13).
//!
//! | system | file | hashes |
//! | --- | --- | --- |
//! | Keycloak | JSON of a realm | Argon2id, PBKDF2 |
//! | Auth0 | JSON, a line or an element of a list each | bcrypt, Argon2, PBKDF2, scrypt |
//! | Firebase | JSON or a table, with the key of the project | Firebase's scrypt |
//! | Supabase, better-auth, Django | a table | bcrypt, Argon2, scrypt, PBKDF2 |
//! | Okta | a table | none |
//! | `LibreChat` | JSON, a line or an element of a list each | bcrypt |
//!
//! To add one: its name here, a function from its account to an [`AccountRecord`], and how it is told from others in
//! `recognise.rs`.

mod auth0;
mod cells;
mod elements;
mod firebase;
mod hash;
mod keycloak;
mod librechat;
mod object;
mod recognise;
mod tables;

use std::fmt;
use std::io::{self, Read};
use std::str::FromStr;

use self::cells::{Cells, Columns};
use self::elements::{Elements, Found};
pub use self::firebase::{FirebaseKey, UnreadableKey};
use self::object::Object;
use super::sheet::{Row, rows_of, unread};
use super::text::Text;
use super::{AccountRecord, Records, Refusal};

/// A system whose files can be imported.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Foreign {
    /// Keycloak.
    Keycloak,
    /// Auth0.
    Auth0,
    /// Firebase Authentication.
    Firebase,
    /// Supabase.
    Supabase,
    /// better-auth.
    BetterAuth,
    /// Django.
    Django,
    /// Okta.
    Okta,
    /// `LibreChat`.
    LibreChat,
}

/// No system has this name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("must be one of {}", Foreign::names())]
pub struct UnknownSystem;

impl Foreign {
    /// All.
    pub const ALL: [Self; 8] = [
        Self::Keycloak,
        Self::Auth0,
        Self::Firebase,
        Self::Supabase,
        Self::BetterAuth,
        Self::Django,
        Self::Okta,
        Self::LibreChat,
    ];

    /// The name by which it is asked for.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Keycloak => "keycloak",
            Self::Auth0 => "auth0",
            Self::Firebase => "firebase",
            Self::Supabase => "supabase",
            Self::BetterAuth => "better-auth",
            Self::Django => "django",
            Self::Okta => "okta",
            Self::LibreChat => "librechat",
        }
    }

    /// The names of all, for a message.
    #[must_use]
    pub fn names() -> String {
        Self::ALL.map(Self::as_str).join(", ")
    }

    /// The system whose file begins like this (rule T13); `None` where that is none of them, or not clear. Some 64 KiB are enough.
    #[must_use]
    pub fn recognise(beginning: &[u8]) -> Option<Self> {
        recognise::recognise(beginning)
    }

    /// How the accounts of a file are written.
    fn form(self, is_json: bool) -> Form {
        match self {
            Self::Keycloak => Form::Json(Found::Under("users"), |user, _key| keycloak::record(user)),
            Self::Firebase if is_json => Form::Json(Found::Under("users"), firebase::record),
            Self::Auth0 => Form::Json(Found::AtTop, |user, _key| auth0::record(user)),
            Self::LibreChat => Form::Json(Found::AtTop, |user, _key| librechat::record(user)),
            Self::Firebase => Form::Plain(firebase::record_of_row),
            Self::Supabase => Form::Table(&["email", "encryptedpassword"], tables::supabase),
            Self::BetterAuth => Form::Table(&["email"], tables::better_auth),
            Self::Django => Form::Table(&["email", "password"], tables::django),
            Self::Okta => Form::Table(&[], tables::okta),
        }
    }
}

impl fmt::Display for Foreign {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Foreign {
    type Err = UnknownSystem;

    fn from_str(text: &str) -> Result<Self, UnknownSystem> {
        Self::ALL.into_iter().find(|system| system.as_str() == text).ok_or(UnknownSystem)
    }
}

/// The account of a file; `None` for one that is no person's, or not there any more. Else why it is not taken.
type Account = Result<Option<AccountRecord>, String>;

/// The account, shut out if it was there (rule T11).
fn with_activity(mut record: AccountRecord, is_active: bool) -> AccountRecord {
    if !is_active {
        record.rest.active = Some(false);
    }
    record
}

/// How the accounts are written, and what reads one.
enum Form {
    /// As JSON.
    Json(Found, fn(&Object, Option<&FirebaseKey>) -> Account),
    /// In a table with these columns, and perhaps others.
    Table(&'static [&'static str], fn(&Cells<'_>) -> Account),
    /// In a table without headers.
    Plain(fn(&[String], Option<&FirebaseKey>) -> Account),
}

/// Begins to read a file of another system. `key` is that of the Firebase project.
///
/// # Errors
/// A [`Refusal`] of the file as a whole.
pub fn read(
    system: Foreign,
    file: Box<dyn Read + Send>,
    key: Option<FirebaseKey>,
) -> Result<Records, Refusal> {
    const NO_KEY: &str = "passwords of Firebase cannot be checked without the key of the project: give its parameters, as the \
                          console shows them, with --firebase-key FILE";
    let whole = |error: io::Error| Refusal::of_rest(1, unread(&error));
    if system == Foreign::Firebase && key.is_none() {
        return Err(Refusal::of_rest(1, NO_KEY));
    }
    let mut text = Text::open(file).map_err(whole)?;
    let is_json = recognise::begins_as_json(&mut text).map_err(whole)?;
    match system.form(is_json) {
        Form::Json(found, of) => {
            let (mut elements, mut number) = (Elements::new(text, found), 0);
            Ok(accounts(move || {
                number += 1;
                let of = |element: Vec<u8>| of(&Object::read(&element)?, key.as_ref());
                match elements.next() {
                    Ok(Some(element)) => Step::Account(number, of(element)),
                    Ok(None) => Step::End(None),
                    Err(fault) => Step::End(Some(Refusal::of_rest(number, fault.to_string()))),
                }
            }))
        }
        Form::Table(needed, of) => {
            let mut rows = rows_of(text).map_err(whole)?;
            let (line, headers) = match rows.next() {
                Some(Row { line, cells: Ok(cells) }) => (line, cells),
                Some(Row { line, cells: Err(fault) }) => {
                    return Err(Refusal::of_rest(line, fault.to_string()));
                }
                None => return Err(Refusal::of_rest(1, "the file is empty")),
            };
            let columns = Columns::of(&headers);
            if let Some(missing) = needed.iter().find(|name| !columns.has(name)) {
                let why = format!("the first line names no column {missing}, which a table of {system} has");
                return Err(Refusal::of_rest(line, why));
            }
            Ok(accounts(move || step(rows.next(), |cells| of(&Cells::new(&columns, cells)))))
        }
        Form::Plain(of) => {
            let mut rows = rows_of(text).map_err(whole)?;
            Ok(accounts(move || step(rows.next(), |cells| of(&cells, key.as_ref()))))
        }
    }
}

/// What comes next in a file.
#[expect(clippy::large_enum_variant, reason = "each is taken apart at once")]
enum Step {
    /// An account, and its line or number.
    Account(u64, Account),
    /// Nothing more, perhaps because it cannot be read.
    End(Option<Refusal>),
}

/// The step to a row of a table.
fn step(row: Option<Row>, of: impl FnOnce(Vec<String>) -> Account) -> Step {
    match row {
        None => Step::End(None),
        Some(Row { line, cells: Ok(cells) }) => Step::Account(line, of(cells)),
        Some(Row { line, cells: Err(fault) }) if fault.is_of_row() => {
            Step::Account(line, Err(fault.to_string()))
        }
        Some(Row { line, cells: Err(fault) }) => Step::End(Some(Refusal::of_rest(line, fault.to_string()))),
    }
}

/// Records of what comes step by step.
fn accounts(next: impl FnMut() -> Step + Send + 'static) -> Records {
    Records::new(Accounts { next, ended: false }, Vec::new())
}

struct Accounts<N> {
    next: N,
    ended: bool,
}

impl<N: FnMut() -> Step> Iterator for Accounts<N> {
    type Item = Result<AccountRecord, Refusal>;

    fn next(&mut self) -> Option<Self::Item> {
        while !self.ended {
            match (self.next)() {
                Step::Account(_, Ok(None)) => {}
                Step::Account(line, Ok(Some(record))) => return Some(Ok(AccountRecord { line, ..record })),
                Step::Account(line, Err(why)) => return Some(Err(Refusal::new(line, why))),
                Step::End(refusal) => {
                    self.ended = true;
                    return refusal.map(Err);
                }
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use secrecy::ExposeSecret as _;

    use super::*;

    const KEY: &str = "algorithm: SCRYPT,\nbase64_signer_key: AAAA,\nbase64_salt_separator: Bw==,\nrounds: 8,\nmem_cost: 14";

    fn all(system: Foreign, bytes: &[u8]) -> Vec<Result<AccountRecord, Refusal>> {
        let file = Box::new(io::Cursor::new(bytes.to_vec()));
        match read(system, file, FirebaseKey::parse(KEY).ok()) {
            Ok(records) => records.collect(),
            Err(refusal) => vec![Err(refusal)],
        }
    }

    fn emails(rows: &[Result<AccountRecord, Refusal>]) -> Vec<&str> {
        rows.iter().map(|row| row.as_ref().unwrap().email.as_deref().unwrap_or_default()).collect()
    }

    #[test]
    fn t11_accounts_of_json_are_counted_and_one_that_is_refused_ends_nothing() {
        let file = br#"{"realm": "x", "users": [
            {"email": "a@b.example"}, {"serviceAccountClientId": "cli"}, 7,
            {"email": "b@b.example", "credentials": [{"type": "password", "algorithm": "md5"}]},
            {"email": "c@b.example"}
        ], "clients": []}"#;
        let rows = all(Foreign::Keycloak, file);
        let lines: Vec<u64> =
            rows.iter().map(|row| row.as_ref().map_or_else(|it| it.line, |it| it.line)).collect();
        assert_eq!(lines, [1, 3, 4, 5], "a service account is none");
        assert!(rows[0].is_ok() && rows[1].is_err() && rows[2].is_err() && rows[3].is_ok());
        let cut = all(Foreign::Keycloak, &file[..80]);
        assert!(cut.last().unwrap().as_ref().unwrap_err().ends_file, "{cut:?}");
    }

    #[test]
    fn t11_a_table_may_have_any_delimiter_and_encoding() {
        let table = "id;email;password;is_active\n1;a@b.example;!;t\n2;\"b@b.example\";!;f\n";
        let wide: Vec<u8> =
            std::iter::once(0xfeff).chain(table.encode_utf16()).flat_map(u16::to_le_bytes).collect();
        for file in [table.as_bytes(), &wide] {
            let rows = all(Foreign::Django, file);
            assert_eq!(emails(&rows), ["a@b.example", "b@b.example"]);
            assert_eq!(rows[1].as_ref().unwrap().rest.active, Some(false));
            assert_eq!(rows[1].as_ref().unwrap().line, 3);
        }
        let refused = all(Foreign::Supabase, table.as_bytes());
        assert!(refused[0].as_ref().unwrap_err().reason.contains("encryptedpassword"), "{refused:?}");
    }

    #[test]
    fn t12_a_file_of_firebase_needs_its_key() {
        let file = || Box::new(io::Cursor::new(b"{\"users\": []}".to_vec()));
        let refusal = read(Foreign::Firebase, file(), None).unwrap_err();
        assert!(refusal.ends_file && refusal.reason.contains("--firebase-key"), "{refusal}");
        assert!(all(Foreign::Firebase, b"{\"users\": []}").is_empty());
        let row = format!("u1,a@b.example,true,,,Ada{}", ",".repeat(23));
        assert_eq!(emails(&all(Foreign::Firebase, row.as_bytes())), ["a@b.example"]);
    }

    #[test]
    fn names_are_read_as_they_are_written() {
        for system in Foreign::ALL {
            assert_eq!(system.to_string().parse(), Ok(system));
        }
        assert_eq!(
            "ldap".parse::<Foreign>().unwrap_err().to_string(),
            format!("must be one of {}", Foreign::names())
        );
    }

    proptest! {
        #[test]
        fn any_bytes_are_accounts_or_refusals(bytes: Vec<u8>, system in 0..8_usize) {
            all(Foreign::ALL[system], &bytes);
            let _ = Foreign::recognise(&bytes);
        }
    }

    #[test]
    fn t11_no_reason_holds_a_hash() {
        let file = br#"[{"email": "a@b.example", "password_hash": "5f4dcc3b5aa765d61d8327deb882cf99"}]"#;
        let rows = all(Foreign::Auth0, file);
        assert!(!rows[0].as_ref().unwrap_err().to_string().contains("5f4d"));
        let hash = "$2a$10$abcdefghijklmnopqrstuuABCDEFGHIJKLMNOPQRSTUVWXYZ01234";
        let file = format!("{{\"email\": \"a@b.example\", \"password_hash\": \"{hash}\"}}");
        let rows = all(Foreign::Auth0, file.as_bytes());
        assert_eq!(rows[0].as_ref().unwrap().password_hash.as_ref().unwrap().expose_secret(), hash);
        assert!(!format!("{rows:?}").contains(hash));
    }
}
