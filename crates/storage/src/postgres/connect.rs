//! One PostgreSQL connection: its address, its settings, and how its loss is noticed.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use diesel::connection::{CacheSize, Instrumentation, InstrumentationEvent, SimpleConnection};
use diesel::dsl::sql;
use diesel::pg::PgConnection;
use diesel::result::{DatabaseErrorKind, Error as DieselError};
use diesel::sql_types::{Nullable, Text};
use diesel::{Connection, ConnectionError, RunQueryDsl as _};

use crate::open_error::quoted;
use crate::options::{Instrument, StatementEvent};
use crate::pool::Connect;
use crate::url::Kind;
use crate::{DatabaseUrl, OpenError, StoreError, StoreOptions, StoreResult};

/// What each connection begins with: the longest that a statement may take, and that a transaction may wait for us.
/// Settings of the session, which a pooler such as PgBouncer may hand to whoever comes next: so they are the same for all
/// connections, and what needs another value sets it for its own transaction.
const SETTINGS: &str = "SET statement_timeout = 30000; SET idle_in_transaction_session_timeout = 60000";

/// For the rest of a transaction: as long as it takes.
pub(crate) const NO_STATEMENT_TIMEOUT: &str = "SET LOCAL statement_timeout = 0";

/// A connection and whether it was lost, which Diesel tells only by the errors it gives.
pub(crate) struct Link {
    pub(crate) conn: PgConnection,
    lost: Arc<AtomicBool>,
}

impl Link {
    /// Whether the server or the network ended it.
    pub(crate) fn is_lost(&self) -> bool {
        self.lost.load(Ordering::Acquire)
    }
}

/// Makes connections to one server.
#[derive(Clone)]
pub(crate) struct Connector {
    url: DatabaseUrl,
    uri: String,
    /// The same without the schema of its own that the URL names, if it names one.
    unnamed: Option<String>,
    instrument: Option<Instrument>,
    prepared_statements: bool,
}

impl Connector {
    /// A connector to `url`, with the options' timeouts.
    pub(crate) fn new(url: &DatabaseUrl, options: &StoreOptions) -> Result<Self, OpenError> {
        let Kind::Postgres(parts) = url.kind() else {
            return Err(OpenError::NotBuilt("an SQLite database as a PostgreSQL read replica"));
        };
        let patience = options.wait.as_secs().max(1);
        // libpq's own limits, unless the address already sets them: without them a host that vanished is waited for
        // as long as the kernel pleases.
        let limits = [
            ("connect_timeout", patience.to_string()),
            ("tcp_user_timeout", (patience * 1000).to_string()),
            ("keepalives_idle", "30".to_owned()),
            ("application_name", "rosterd".to_owned()),
        ];
        let limited =
            |uri: String| limits.iter().fold(uri, |uri, (name, value)| with_parameter(uri, name, value));
        let uri = limited(parts.uri());
        let unnamed = url.schema().map(|_| limited(parts.without_schema().uri()));
        let prepared_statements = options.prepared_statements;
        Ok(Self {
            url: url.clone(),
            uri,
            unnamed,
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
        conn.batch_execute(SETTINGS)?;
        if !self.prepared_statements {
            conn.set_prepared_statement_cache_size(CacheSize::Disabled);
        }
        let lost = Arc::new(AtomicBool::new(false));
        conn.set_instrumentation(watch(Arc::clone(&lost), self.instrument.clone()));
        Ok(Link { conn, lost })
    }

    fn is_alive(&self, link: &mut Link) -> bool {
        link.conn.batch_execute("SELECT 1").is_ok()
    }
}

/// Notices the loss of the connection, and passes Diesel's events on as ours.
fn watch(lost: Arc<AtomicBool>, instrument: Option<Instrument>) -> impl Instrumentation {
    move |event: InstrumentationEvent<'_>| match (event, &instrument) {
        (InstrumentationEvent::FinishQuery { error: Some(error), .. }, _) if is_loss(error) => {
            lost.store(true, Ordering::Release);
        }
        (InstrumentationEvent::StartQuery { query, .. }, Some(instrument)) => {
            instrument(StatementEvent::Run(&query.to_string()));
        }
        (InstrumentationEvent::CacheQuery { sql, .. }, Some(instrument)) => {
            instrument(StatementEvent::Prepare(sql));
        }
        _ => {}
    }
}

/// Whether this error means that the connection is gone.
fn is_loss(error: &DieselError) -> bool {
    match error {
        DieselError::DatabaseError(kind, information) => {
            matches!(kind, DatabaseErrorKind::ClosedConnection | DatabaseErrorKind::UnableToSendCommand)
                || ["terminating connection", "server closed the connection", "no connection to the server"]
                    .iter()
                    .any(|sign| information.message().contains(sign))
        }
        DieselError::BrokenTransactionManager => true,
        _ => false,
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
