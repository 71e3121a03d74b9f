//! Column values that need more than Diesel's own conversions: text and times of any content, JSON that is not
//! parsed, and dates that may be invalid. None of these conversions fails, because one unusual value must not make
//! its row, or other rows, unreadable.

use chrono::{DateTime, NaiveDate, NaiveDateTime};
use diesel::deserialize::{FromSql, FromSqlRow};
use diesel::expression::AsExpression;
use diesel::serialize::{IsNull, Output, ToSql};
use diesel::sql_types::{BigInt, Date, Json, Text};
use rosterd_domain::json::JsonText;

use crate::carried;

/// A text column's value, whatever it is. Bytes that are no UTF-8 become U+FFFD, NULL where none is expected becomes the
/// empty text, a number that SQLite let somebody store becomes its digits, and the blanks with which PostgreSQL fills a
/// `char(n)` up are cut off.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash, FromSqlRow)]
pub(crate) struct LossyText(String);

impl LossyText {
    /// The text.
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<LossyText> for String {
    fn from(text: LossyText) -> Self {
        text.0
    }
}

/// Text of a nullable column as the domain wants it.
pub(crate) fn text(stored: Option<LossyText>) -> Option<String> {
    stored.map(String::from)
}

/// The permissions of a user's groups, which come in one column: as an array, or as one text of which each is a part. Before each
/// stands `1` if the group has a group above it, else `0`. A group without permissions has the empty text.
#[derive(Debug, Default, FromSqlRow)]
pub(crate) struct GatheredRights {
    /// One of the groups has a group above it.
    pub(crate) is_nested: bool,
    pub(crate) permissions: Vec<JsonText>,
}

impl GatheredRights {
    /// What parts the texts. JSON holds no such character: in its texts control characters are escaped.
    #[cfg(feature = "sqlite")]
    const BETWEEN: u8 = 0x1f;

    fn take(&mut self, text: &str) {
        let (is_nested, permissions) = match text.strip_prefix('1') {
            Some(permissions) => (true, permissions),
            None => (false, text.strip_prefix('0').unwrap_or(text)),
        };
        self.is_nested |= is_nested;
        if !permissions.is_empty() {
            self.permissions.push(StoredJson::read(permissions).into_text());
        }
    }
}

/// A time column's value in seconds, whatever it is: SQLite's columns hold what somebody stored. Text that is a number or
/// a date is read as that, any other text and NULL are 0.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, FromSqlRow)]
pub(crate) struct StoredTime(i64);

impl From<StoredTime> for i64 {
    fn from(time: StoredTime) -> Self {
        time.0
    }
}

/// A nullable time column as the domain wants it.
pub(crate) fn time(stored: Option<StoredTime>) -> Option<i64> {
    stored.map(i64::from)
}

/// Reads a time that is stored as text.
pub(crate) fn seconds_in(text: &str) -> i64 {
    const FORMATS: [&str; 2] = ["%Y-%m-%d %H:%M:%S%.f", "%Y-%m-%dT%H:%M:%S%.f"];
    let text = text.trim();
    let number = || text.parse::<i64>().ok();
    #[expect(clippy::cast_possible_truncation, reason = "what is beyond the range becomes its end")]
    let fraction =
        || text.parse::<f64>().ok().filter(|number| number.is_finite()).map(|number| number as i64);
    let zoned = || DateTime::parse_from_rfc3339(text).ok().map(|time| time.timestamp());
    let local = || FORMATS.iter().find_map(|format| NaiveDateTime::parse_from_str(text, format).ok());
    let date = || NaiveDate::parse_from_str(text, "%Y-%m-%d").ok().and_then(|day| day.and_hms_opt(0, 0, 0));
    number()
        .or_else(fraction)
        .or_else(zoned)
        .or_else(|| local().or_else(date).map(|time| time.and_utc().timestamp()))
        .unwrap_or_default()
}

/// The text of a JSON column (on PostgreSQL `json`, never `jsonb`, whose bytes begin with a version).
///
/// Text that is no JSON, such as Python's `NaN`, is a value like any other here: it must not lose the row. NULL where none
/// is expected is `null`.
#[derive(Debug, Clone, PartialEq, Eq, FromSqlRow, AsExpression)]
#[diesel(sql_type = Json)]
pub(crate) struct StoredJson(String);

impl StoredJson {
    /// What a database gave.
    fn read(text: &str) -> Self {
        carried::note(text.len());
        Self(text.to_owned())
    }

    /// The text, on its way into a database.
    fn written(&self) -> &str {
        carried::note(self.0.len());
        &self.0
    }

    /// The domain's wrapper of the same text.
    pub(crate) fn into_text(self) -> JsonText {
        JsonText::from_stored(self.0)
    }

    /// The bare text.
    pub(crate) fn into_string(self) -> String {
        self.0
    }
}

impl From<&JsonText> for StoredJson {
    fn from(text: &JsonText) -> Self {
        Self(text.as_str().to_owned())
    }
}

impl From<String> for StoredJson {
    fn from(text: String) -> Self {
        Self(text)
    }
}

/// A nullable JSON column as the domain wants it.
pub(crate) fn json_text(stored: Option<StoredJson>) -> Option<JsonText> {
    stored.map(StoredJson::into_text)
}

/// A nullable JSON column as Diesel wants it.
pub(crate) fn stored_json(text: Option<&JsonText>) -> Option<StoredJson> {
    text.map(StoredJson::from)
}

/// A date, or whatever SQLite let somebody store in its place, which reads as none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, FromSqlRow)]
pub(crate) struct LenientDate(pub(crate) Option<NaiveDate>);

#[cfg(feature = "sqlite")]
mod sqlite {
    use diesel::deserialize;
    use diesel::serialize;
    use diesel::sqlite::{Sqlite, SqliteType, SqliteValue};

    use super::{
        BigInt, Date, FromSql, GatheredRights, IsNull, Json, LenientDate, LossyText, NaiveDate, Output,
        StoredJson, StoredTime, Text, ToSql, seconds_in,
    };

    impl FromSql<BigInt, Sqlite> for StoredTime {
        fn from_sql(mut value: SqliteValue<'_, '_, '_>) -> deserialize::Result<Self> {
            Ok(Self(match value.value_type() {
                Some(SqliteType::Text | SqliteType::Binary) => seconds_in(value.read_text()),
                _ => value.read_long(),
            }))
        }

        fn from_nullable_sql(value: Option<SqliteValue<'_, '_, '_>>) -> deserialize::Result<Self> {
            value.map_or_else(|| Ok(Self::default()), <Self as FromSql<BigInt, Sqlite>>::from_sql)
        }
    }

    impl FromSql<Text, Sqlite> for LossyText {
        fn from_sql(mut value: SqliteValue<'_, '_, '_>) -> deserialize::Result<Self> {
            Ok(Self(value.read_text().to_owned()))
        }

        fn from_nullable_sql(value: Option<SqliteValue<'_, '_, '_>>) -> deserialize::Result<Self> {
            value.map_or_else(|| Ok(Self::default()), <Self as FromSql<Text, Sqlite>>::from_sql)
        }
    }

    impl FromSql<Text, Sqlite> for GatheredRights {
        fn from_sql(mut value: SqliteValue<'_, '_, '_>) -> deserialize::Result<Self> {
            let mut rights = Self::default();
            value.read_text().split(char::from(Self::BETWEEN)).for_each(|text| rights.take(text));
            Ok(rights)
        }
    }

    impl FromSql<Json, Sqlite> for StoredJson {
        // The declared type JSON has numeric affinity, so a stored '0' comes back as an integer: read as text all
        // the same.
        fn from_sql(mut value: SqliteValue<'_, '_, '_>) -> deserialize::Result<Self> {
            Ok(Self::read(value.read_text()))
        }

        fn from_nullable_sql(value: Option<SqliteValue<'_, '_, '_>>) -> deserialize::Result<Self> {
            value.map_or_else(|| Ok(Self::read("null")), <Self as FromSql<Json, Sqlite>>::from_sql)
        }
    }

    impl ToSql<Json, Sqlite> for StoredJson {
        fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Sqlite>) -> serialize::Result {
            out.set_value(self.written());
            Ok(IsNull::No)
        }
    }

    impl FromSql<Date, Sqlite> for LenientDate {
        fn from_sql(mut value: SqliteValue<'_, '_, '_>) -> deserialize::Result<Self> {
            let text = value.read_text();
            // SQLAlchemy writes the date alone; a time after it is cut.
            let date = text.get(..10).and_then(|day| NaiveDate::parse_from_str(day, "%Y-%m-%d").ok());
            Ok(Self(date))
        }
    }
}

#[cfg(feature = "postgres")]
mod postgres {
    use std::io::Write;

    use diesel::deserialize;
    use diesel::pg::{Pg, PgValue};
    use diesel::serialize;
    use diesel::sql_types::{Array, Nullable};

    use super::{
        BigInt, Date, FromSql, GatheredRights, IsNull, Json, LenientDate, LossyText, NaiveDate, Output,
        StoredJson, StoredTime, Text, ToSql,
    };

    impl FromSql<BigInt, Pg> for StoredTime {
        fn from_sql(value: PgValue<'_>) -> deserialize::Result<Self> {
            <i64 as FromSql<BigInt, Pg>>::from_sql(value).map(Self)
        }

        fn from_nullable_sql(value: Option<PgValue<'_>>) -> deserialize::Result<Self> {
            value.map_or_else(|| Ok(Self::default()), <Self as FromSql<BigInt, Pg>>::from_sql)
        }
    }

    /// The type `char(n)`, which comes with blanks up to its length (`pg_type.dat`).
    const BPCHAR: u32 = 1042;

    impl FromSql<Text, Pg> for LossyText {
        fn from_sql(value: PgValue<'_>) -> deserialize::Result<Self> {
            let text = String::from_utf8_lossy(value.as_bytes());
            let filled_up = value.get_oid().get() == BPCHAR;
            Ok(Self(if filled_up { text.trim_end_matches(' ').to_owned() } else { text.into_owned() }))
        }

        fn from_nullable_sql(value: Option<PgValue<'_>>) -> deserialize::Result<Self> {
            value.map_or_else(|| Ok(Self::default()), <Self as FromSql<Text, Pg>>::from_sql)
        }
    }

    impl FromSql<Array<Nullable<Text>>, Pg> for GatheredRights {
        fn from_sql(value: PgValue<'_>) -> deserialize::Result<Self> {
            let texts = <Vec<Option<LossyText>> as FromSql<Array<Nullable<Text>>, Pg>>::from_sql(value)?;
            let mut rights = Self::default();
            texts.iter().flatten().for_each(|text| rights.take(text.as_str()));
            Ok(rights)
        }
    }

    impl FromSql<Json, Pg> for StoredJson {
        fn from_sql(value: PgValue<'_>) -> deserialize::Result<Self> {
            Ok(Self::read(&String::from_utf8_lossy(value.as_bytes())))
        }

        fn from_nullable_sql(value: Option<PgValue<'_>>) -> deserialize::Result<Self> {
            value.map_or_else(|| Ok(Self::read("null")), <Self as FromSql<Json, Pg>>::from_sql)
        }
    }

    impl ToSql<Json, Pg> for StoredJson {
        fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Pg>) -> serialize::Result {
            out.write_all(self.written().as_bytes())?;
            Ok(IsNull::No)
        }
    }

    impl FromSql<Date, Pg> for LenientDate {
        // `infinity` and years beyond chrono's are dates to PostgreSQL.
        fn from_sql(value: PgValue<'_>) -> deserialize::Result<Self> {
            Ok(Self(<NaiveDate as FromSql<Date, Pg>>::from_sql(value).ok()))
        }
    }
}

#[cfg(all(test, feature = "sqlite"))]
mod tests {
    use super::{GatheredRights, JsonText, seconds_in};

    #[test]
    fn gathered_rights_say_what_each_group_says() {
        let mut rights = GatheredRights::default();
        for text in ["0{\"a\":1}", "0", "1{}", ""] {
            rights.take(text);
        }
        assert!(rights.is_nested);
        let texts: Vec<&str> = rights.permissions.iter().map(JsonText::as_str).collect();
        assert_eq!(texts, ["{\"a\":1}", "{}"]);
        // Permissions that begin with a digit are not taken for what stands before them.
        let mut flat = GatheredRights::default();
        flat.take("017");
        assert!(!flat.is_nested);
        assert_eq!(flat.permissions[0].as_str(), "17");
    }

    #[test]
    fn a_time_in_text_is_read_as_what_it_says() {
        for (text, seconds) in [
            ("1700000000", 1_700_000_000),
            (" 1700000000.9", 1_700_000_000),
            ("1700000000000", 1_700_000_000_000),
            ("2023-11-14 22:13:20", 1_700_000_000),
            ("2023-11-14 22:13:20.123456", 1_700_000_000),
            ("2023-11-14T22:13:20Z", 1_700_000_000),
            ("2023-11-15T00:13:20+02:00", 1_700_000_000),
            ("2023-11-14", 1_699_920_000),
            ("soon", 0),
            ("NaN", 0),
            ("", 0),
        ] {
            assert_eq!(seconds_in(text), seconds, "{text:?}");
        }
    }
}
