//! One PostgreSQL connection: its URL and its settings.

use std::time::Duration;

use diesel::connection::{CacheSize, Instrumentation, InstrumentationEvent, SimpleConnection};
use diesel::dsl::sql;
use diesel::pg::PgConnection;
use diesel::sql_types::{Nullable, Text};
use diesel::{Connection, ConnectionError, RunQueryDsl as _};

use crate::open_error::quoted;
use crate::options::{Instrument, StatementEvent};
use crate::pool::Connect;
use crate::url::Kind;
use crate::{DatabaseUrl, OpenError, StoreError, StoreOptions, StoreResult};

/// The longest that a transaction may wait for us. Milliseconds.
const IDLE_IN_TRANSACTION: u64 = 60_000;

/// For the rest of a transaction: as long as it takes.
pub(crate) const NO_STATEMENT_TIMEOUT: &str = "SET LOCAL statement_timeout = 0";

/// A connection.
pub(crate) struct Link {
    pub(crate) conn: PgConnection,
}

/// Makes connections to one server.
#[derive(Clone)]
pub(crate) struct Connector {
    url: DatabaseUrl,
    uri: String,
    /// The same without the schema of its own that the URL names, if it names one.
    unnamed: Option<String>,
    /// The statements that each connection begins with.
    settings: String,
    instrument: Option<Instrument>,
    prepared_statements: bool,
}

impl Connector {
    /// A connector to `url`, with the options' timeouts.
    pub(crate) fn new(url: &DatabaseUrl, options: &StoreOptions) -> Result<Self, OpenError> {
        let Kind::Postgres(parts) = url.kind() else {
            return Err(OpenError::NotBuilt("an SQLite database as a PostgreSQL read replica"));
        };
        let wait_seconds = options.wait.as_secs().max(1);
        // libpq's own limits, unless the URL already sets them: without them a host that vanished is waited for
        // as long as the kernel pleases.
        let limits = [
            ("connect_timeout", wait_seconds.to_string()),
            ("tcp_user_timeout", (wait_seconds * 1000).to_string()),
            // A peer that says nothing for half a minute and does not answer three questions is gone.
            ("keepalives_idle", "15".to_owned()),
            ("keepalives_interval", "5".to_owned()),
            ("keepalives_count", "3".to_owned()),
            ("application_name", "rosterd".to_owned()),
        ];
        let limited =
            |uri: String| limits.iter().fold(uri, |uri, (name, value)| with_parameter(uri, name, value));
        let uri = limited(parts.uri());
        let unnamed = url.schema().map(|_| limited(parts.without_schema().uri()));
        let prepared_statements = options.prepared_statements;
        // Settings of the session, which a pooler such as PgBouncer may hand to whoever comes next: so they are the same for
        // all connections, and what needs another value sets it for its own transaction.
        let settings = format!(
            "SET statement_timeout = {}; SET idle_in_transaction_session_timeout = {IDLE_IN_TRANSACTION}",
            milliseconds(options.statement_timeout)
        );
        Ok(Self {
            url: url.clone(),
            uri,
            unnamed,
            settings,
            instrument: options.instrument.clone(),
            prepared_statements,
        })
    }
}

impl Connector {
    /// Why no connection was made, in libpq's words but without a password.
    fn refused(&self, error: ConnectionError) -> StoreError {
        match error {
            ConnectionError::CouldntSetupConfiguration(error) => error.into(),
            other => StoreError::unavailable(self.url.scrubbed(&other.to_string())),
        }
    }
}

/// Whether a pooler refused the option that names the schema. PgBouncer always speaks English.
fn is_refused_option(error: &ConnectionError) -> bool {
    let text = error.to_string();
    text.contains("unsupported startup parameter") && text.contains("options")
}

/// The session is in the schema that was named for it, or in none: that the schema is missing is told elsewhere. A pooler
/// may refuse or drop the option that names it; what one client sets there would hold on some connections and not on
/// others, so then the role itself must have the schema first.
fn ensure_schema(conn: &mut PgConnection, schema: &str) -> StoreResult<()> {
    let current =
        sql::<Nullable<Text>>("SELECT current_schema()::text").get_result::<Option<String>>(conn)?;
    if current.is_none_or(|current| current == schema) {
        return Ok(());
    }
    Err(StoreError::unavailable(format!(
        "a pooler stands before the database and takes no options of a session, so that DATABASE_SCHEMA cannot be set \
         there; set it for the role instead: ALTER ROLE … IN DATABASE … SET search_path TO {}",
        quoted(schema)
    )))
}

/// As PostgreSQL takes a time limit: at least one, since nothing means no limit, and no more than it can hold.
fn milliseconds(time: Duration) -> i32 {
    i32::try_from(time.as_millis()).unwrap_or(i32::MAX).max(1)
}

/// The URI with one more parameter, unless it names it already.
fn with_parameter(uri: String, name: &str, value: &str) -> String {
    let query = uri.split_once('?').map(|(_, query)| query);
    let named = query.is_some_and(|query| query.split('&').any(|pair| pair.split('=').next() == Some(name)));
    match query {
        _ if named => uri,
        None => format!("{uri}?{name}={value}"),
        Some("") => format!("{uri}{name}={value}"),
        Some(_) => format!("{uri}&{name}={value}"),
    }
}

impl Connect for Connector {
    type Conn = Link;

    fn connect(&self) -> StoreResult<Link> {
        let mut conn = match (PgConnection::establish(&self.uri), &self.unnamed) {
            (Err(error), Some(unnamed)) if is_refused_option(&error) => PgConnection::establish(unnamed),
            (established, _) => established,
        }
        .map_err(|error| self.refused(error))?;
        if let Some(schema) = self.url.schema() {
            ensure_schema(&mut conn, schema)?;
        }
        conn.batch_execute(&self.settings)?;
        if !self.prepared_statements {
            conn.set_prepared_statement_cache_size(CacheSize::Disabled);
        }
        if let Some(instrument) = &self.instrument {
            conn.set_instrumentation(watch(instrument.clone()));
        }
        Ok(Link { conn })
    }

    fn is_alive(&self, link: &mut Link) -> bool {
        link.conn.batch_execute("SELECT 1").is_ok()
    }
}

/// Diesel's events as ours.
fn watch(instrument: Instrument) -> impl Instrumentation {
    move |event: InstrumentationEvent<'_>| match event {
        InstrumentationEvent::StartQuery { query, .. } => instrument(StatementEvent::Run(&query.to_string())),
        InstrumentationEvent::CacheQuery { sql, .. } => instrument(StatementEvent::Prepare(sql)),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_parameter_is_added_once() {
        let uri = "postgresql://h/d".to_owned();
        assert_eq!(with_parameter(uri.clone(), "a", "1"), "postgresql://h/d?a=1");
        assert_eq!(with_parameter(format!("{uri}?"), "a", "1"), "postgresql://h/d?a=1");
        assert_eq!(with_parameter(format!("{uri}?b=2"), "a", "1"), "postgresql://h/d?b=2&a=1");
        assert_eq!(with_parameter(format!("{uri}?b=2&a=9"), "a", "1"), "postgresql://h/d?b=2&a=9");
    }
}
