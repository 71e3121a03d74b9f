//! The columns of a file: their names, and where each stands in a record.

use std::fmt;

use chrono::NaiveDate;
use secrecy::{ExposeSecret, SecretString};
use serde_json::value::RawValue;

use super::cell;
use super::record::AccountRecord;
use crate::clock::UnixSeconds;
use crate::json::JsonText;

/// The place of a column in a record, by the kind of what stands there.
enum Place<'a> {
    Text(&'a mut Option<String>),
    Names(&'a mut Option<Vec<String>>),
    Time(&'a mut Option<UnixSeconds>),
    Date(&'a mut Option<NaiveDate>),
    Flag(&'a mut Option<bool>),
    Json(&'a mut Option<JsonText>),
    Secret(&'a mut Option<SecretString>),
    SecretJson(&'a mut Option<SecretString>),
}

/// What stands there.
enum Value<'a> {
    Text(Option<&'a String>),
    Names(Option<&'a Vec<String>>),
    Time(Option<&'a UnixSeconds>),
    Date(Option<&'a NaiveDate>),
    Flag(Option<&'a bool>),
    Json(Option<&'a JsonText>),
    Secret(Option<&'a SecretString>),
    SecretJson(Option<&'a SecretString>),
}

macro_rules! columns {
    ($($column:ident $name:literal $kind:ident $($field:ident).+, $meaning:literal;)*) => {
        /// A column of a file.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Column {
            $(#[doc = $meaning] $column,)*
        }

        impl Column {
            /// All, in the order in which they are written.
            pub const ALL: &[Self] = &[$(Self::$column,)*];

            /// Its name in a file.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$column => $name,)*
                }
            }

            fn place(self, record: &mut AccountRecord) -> Place<'_> {
                match self {
                    $(Self::$column => Place::$kind(&mut record.$($field).+),)*
                }
            }

            fn value(self, record: &AccountRecord) -> Value<'_> {
                match self {
                    $(Self::$column => Value::$kind(record.$($field).+.as_ref()),)*
                }
            }
        }
    };
}

columns! {
    Id "id" Text rest.id, "The id.";
    Email "email" Text email, "The e-mail address.";
    Name "name" Text name, "The name.";
    Role "role" Text role, "The role.";
    Groups "groups" Names groups, "The names of the account's groups.";
    Password "password" Secret password, "The password in clear. It is read and never written.";
    PasswordHash "password_hash" Secret password_hash, "The password's hash.";
    Username "username" Text rest.username, "A short name.";
    ProfileImageUrl "profile_image_url" Text rest.profile_image_url, "The picture.";
    ProfileBannerImageUrl "profile_banner_image_url" Text rest.profile_banner_image_url, "The picture behind the profile.";
    Bio "bio" Text rest.bio, "Text about the user.";
    Gender "gender" Text rest.gender, "Free text.";
    DateOfBirth "date_of_birth" Date rest.date_of_birth, "The date of birth, `YYYY-MM-DD`.";
    Timezone "timezone" Text rest.timezone, "The time zone.";
    PresenceState "presence_state" Text rest.presence_state, "The presence.";
    StatusEmoji "status_emoji" Text rest.status_emoji, "The emoji of the status.";
    StatusMessage "status_message" Text rest.status_message, "The text of the status.";
    StatusExpiresAt "status_expires_at" Time rest.status_expires_at, "When the status ends.";
    Info "info" Json rest.info, "JSON of the front end.";
    Settings "settings" Json rest.settings, "JSON of the front end.";
    Oauth "oauth" Json rest.oauth, "Subject by identity provider.";
    Scim "scim" Json rest.scim, "What a provisioning system noted.";
    Variables "variables" Json rest.variables, "The user's variables.";
    CreatedAt "created_at" Time rest.created_at, "When the account was made, in seconds since the epoch.";
    UpdatedAt "updated_at" Time rest.updated_at, "When the row last changed.";
    LastActiveAt "last_active_at" Time rest.last_active_at, "When the user last sent a request.";
    Active "active" Flag rest.active, "Whether the account may sign in.";
    SessionStamp "session_stamp" Secret rest.session_stamp, "What the tokens of sessions have to name.";
    Mfa "mfa" SecretJson rest.mfa, "What is kept of a second factor.";
}

/// Other names by which columns are known, without signs and in lower case.
const OTHER_NAMES: [(&str, Column); 7] = [
    ("mail", Column::Email),
    ("emailaddress", Column::Email),
    ("fullname", Column::Name),
    ("displayname", Column::Name),
    ("group", Column::Groups),
    ("hash", Column::PasswordHash),
    ("hashedpassword", Column::PasswordHash),
];

impl Column {
    /// The column that a header means: in any case, and whether words are joined by blanks, hyphens or nothing.
    #[must_use]
    pub fn of_header(header: &str) -> Option<Self> {
        let plain = plain(header);
        Self::ALL
            .iter()
            .copied()
            .find(|column| self::plain(column.as_str()) == plain)
            .or_else(|| OTHER_NAMES.into_iter().find(|(name, _)| *name == plain).map(|(_, column)| column))
    }

    /// Whether whoever has this can sign in, or try passwords where nobody counts: it is written on the command line only.
    #[must_use]
    pub const fn is_secret(self) -> bool {
        matches!(self, Self::Password | Self::PasswordHash | Self::SessionStamp | Self::Mfa)
    }

    /// Puts the text of a cell into a record. An empty cell says nothing.
    ///
    /// # Errors
    /// What the cell should have been, as a sentence.
    pub(super) fn put_cell(self, record: &mut AccountRecord, cell: String) -> Result<(), String> {
        // A password is what somebody typed, to the letter; it is never written by an export.
        let text = if self == Self::Password { cell } else { cell::armed(cell) };
        if text.is_empty() {
            return Ok(());
        }
        let word = text.trim();
        match self.place(record) {
            Place::Text(place) => *place = Some(text),
            Place::Secret(place) => *place = Some(text.into()),
            Place::Names(place) => {
                *place =
                    Some(cell::names(&text).ok_or_else(|| self.must_be("names, separated by semicolons"))?);
            }
            Place::Time(place) => {
                *place =
                    Some(word.parse().map_err(|_no_number| self.must_be("a number of seconds since 1970"))?);
            }
            Place::Date(place) => {
                *place = Some(word.parse().map_err(|_no_date| self.must_be("a date such as 1990-12-31"))?);
            }
            Place::Flag(place) => {
                let flag = word.to_ascii_lowercase().parse();
                *place = Some(flag.map_err(|_no_flag| self.must_be("true or false"))?);
            }
            Place::Json(place) => *place = Some(JsonText::from_stored(self.json(&text)?)),
            Place::SecretJson(place) => *place = Some(self.json(&text)?.into()),
        }
        Ok(())
    }

    fn json(self, text: &str) -> Result<String, String> {
        serde_json::from_str::<&RawValue>(text)
            .map(|raw| raw.get().to_owned())
            .map_err(|_no_json| self.must_be("JSON"))
    }

    /// Puts a value of JSON into a record. `null` says nothing.
    ///
    /// # Errors
    /// What the value should have been, as a sentence.
    pub(super) fn put_json(self, record: &mut AccountRecord, value: &RawValue) -> Result<(), String> {
        fn read<'a, T: serde::Deserialize<'a>>(value: &'a RawValue) -> Option<T> {
            serde_json::from_str(value.get()).ok()
        }
        if value.get() == "null" {
            return Ok(());
        }
        let text = || read::<String>(value).ok_or_else(|| self.must_be("a text"));
        match self.place(record) {
            Place::Text(place) => *place = Some(text()?),
            Place::Secret(place) => *place = Some(text()?.into()),
            Place::Names(place) => {
                *place = Some(read(value).ok_or_else(|| self.must_be("a list of names"))?);
            }
            Place::Time(place) => {
                *place = Some(read(value).ok_or_else(|| self.must_be("a number of seconds since 1970"))?);
            }
            Place::Date(place) => {
                *place = Some(read(value).ok_or_else(|| self.must_be("a date such as 1990-12-31"))?);
            }
            Place::Flag(place) => *place = Some(read(value).ok_or_else(|| self.must_be("true or false"))?),
            Place::Json(place) => *place = Some(JsonText::from_stored(value.get().to_owned())),
            Place::SecretJson(place) => *place = Some(value.get().to_owned().into()),
        }
        Ok(())
    }

    /// Whether the record says anything of it.
    pub(super) fn is_in(self, record: &AccountRecord) -> bool {
        match self.value(record) {
            Value::Text(text) => text.is_some(),
            Value::Names(names) => names.is_some(),
            Value::Time(time) => time.is_some(),
            Value::Date(date) => date.is_some(),
            Value::Flag(flag) => flag.is_some(),
            Value::Json(json) => json.is_some(),
            Value::Secret(secret) | Value::SecretJson(secret) => secret.is_some(),
        }
    }

    /// The cell of a record; empty for nothing. A spreadsheet does not run it.
    pub(super) fn cell(self, record: &AccountRecord) -> String {
        let text = match self.value(record) {
            Value::Text(text) => text.cloned(),
            Value::Names(names) => names.map(|names| cell::of_names(names)),
            Value::Time(time) => time.map(UnixSeconds::to_string),
            Value::Date(date) => date.map(NaiveDate::to_string),
            Value::Flag(flag) => flag.map(bool::to_string),
            Value::Json(json) => json.map(|json| json.as_str().to_owned()),
            Value::Secret(secret) | Value::SecretJson(secret) => {
                secret.map(|secret| secret.expose_secret().to_owned())
            }
        };
        cell::defused(text.unwrap_or_default())
    }

    /// Writes the value of a record as JSON.
    ///
    /// # Errors
    /// None that a record can cause.
    pub(super) fn write_json(self, record: &AccountRecord, into: &mut Vec<u8>) -> serde_json::Result<()> {
        match self.value(record) {
            Value::Text(text) => serde_json::to_writer(into, &text),
            Value::Names(names) => serde_json::to_writer(into, &names),
            Value::Time(time) => serde_json::to_writer(into, &time),
            Value::Date(date) => serde_json::to_writer(into, &date),
            Value::Flag(flag) => serde_json::to_writer(into, &flag),
            Value::Json(json) => serde_json::to_writer(into, &json),
            Value::Secret(secret) => serde_json::to_writer(into, &secret.map(ExposeSecret::expose_secret)),
            Value::SecretJson(secret) => {
                let json = secret.map(|secret| JsonText::from_stored(secret.expose_secret().to_owned()));
                serde_json::to_writer(into, &json)
            }
        }
    }

    fn must_be(self, what: &str) -> String {
        format!("{self} must be {what}")
    }
}

/// A name without signs and blanks, in lower case.
pub(super) fn plain(name: &str) -> String {
    name.chars().filter(|letter| letter.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

impl fmt::Display for Column {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn t1_headers_are_known_in_any_case_and_spelling() {
        for (header, column) in [
            ("Name", Column::Name),
            ("EMAIL", Column::Email),
            (" E-Mail ", Column::Email),
            ("Email Address", Column::Email),
            ("Password Hash", Column::PasswordHash),
            ("passwordHash", Column::PasswordHash),
            ("Date of birth", Column::DateOfBirth),
        ] {
            assert_eq!(Column::of_header(header), Some(column), "{header}");
        }
        assert_eq!(Column::of_header("Passwort"), None);
        assert_eq!(Column::of_header(""), None);
        for column in Column::ALL {
            assert_eq!(Column::of_header(column.as_str()), Some(*column));
        }
    }

    #[test]
    fn a_cell_of_the_wrong_kind_is_told_without_its_text() {
        let mut record = AccountRecord::default();
        for (column, said) in [
            (Column::CreatedAt, "created_at must be a number of seconds since 1970"),
            (Column::DateOfBirth, "date_of_birth must be a date such as 1990-12-31"),
            (Column::Active, "active must be true or false"),
            (Column::Settings, "settings must be JSON"),
        ] {
            assert_eq!(column.put_cell(&mut record, "{hunter2".to_owned()).unwrap_err(), said);
        }
        let number = serde_json::from_str::<&RawValue>("7").unwrap();
        assert_eq!(Column::Email.put_json(&mut record, number).unwrap_err(), "email must be a text");
        assert_eq!(
            Column::Groups.put_json(&mut record, number).unwrap_err(),
            "groups must be a list of names"
        );
    }

    #[test]
    fn a_password_is_taken_to_the_letter() {
        let mut record = AccountRecord::default();
        Column::Password.put_cell(&mut record, "'=x ".to_owned()).unwrap();
        assert_eq!(record.password.unwrap().expose_secret(), "'=x ");
        assert!(!format!("{:?}", record.password_hash).contains('x'));
    }
}
