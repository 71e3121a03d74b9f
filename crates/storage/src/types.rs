//! Column values that need more than Diesel's own conversions: JSON that is carried and not parsed, and dates that
//! may be nonsense.

use chrono::NaiveDate;
use diesel::deserialize::{FromSql, FromSqlRow};
use diesel::expression::AsExpression;
use diesel::serialize::{IsNull, Output, ToSql};
use diesel::sql_types::{Date, Json};
use rosterd_domain::json::JsonText;

/// The text of a JSON column (on PostgreSQL `json`, never `jsonb`, whose bytes begin with a version).
///
/// Text that is no JSON, such as Python's `NaN`, is a value like any other here: it must not lose the row.
#[derive(Debug, Clone, PartialEq, Eq, FromSqlRow, AsExpression)]
#[diesel(sql_type = Json)]
pub(crate) struct StoredJson(String);

impl StoredJson {
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
    use diesel::sql_types::Text;
    use diesel::sqlite::{Sqlite, SqliteValue};

    use super::{Date, FromSql, IsNull, Json, LenientDate, NaiveDate, Output, StoredJson, ToSql};

    impl FromSql<Json, Sqlite> for StoredJson {
        // The declared type JSON has numeric affinity, so a stored '0' comes back as an integer: read as text all
        // the same.
        fn from_sql(value: SqliteValue<'_, '_, '_>) -> deserialize::Result<Self> {
            <String as FromSql<Text, Sqlite>>::from_sql(value).map(Self)
        }
    }

    impl ToSql<Json, Sqlite> for StoredJson {
        fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Sqlite>) -> serialize::Result {
            out.set_value(self.0.as_str());
            Ok(IsNull::No)
        }
    }

    impl FromSql<Date, Sqlite> for LenientDate {
        fn from_sql(value: SqliteValue<'_, '_, '_>) -> deserialize::Result<Self> {
            let text = <String as FromSql<Text, Sqlite>>::from_sql(value).unwrap_or_default();
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

    use super::{Date, FromSql, IsNull, Json, LenientDate, NaiveDate, Output, StoredJson, ToSql};

    impl FromSql<Json, Pg> for StoredJson {
        fn from_sql(value: PgValue<'_>) -> deserialize::Result<Self> {
            Ok(Self(std::str::from_utf8(value.as_bytes())?.to_owned()))
        }
    }

    impl ToSql<Json, Pg> for StoredJson {
        fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Pg>) -> serialize::Result {
            out.write_all(self.0.as_bytes())?;
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
