//! What whoever runs a PostgreSQL server does to a test's database, from another database of the same server.

use rosterd_storage::{DatabaseUrl, raw};

use crate::db::TestDb;
use crate::postgres::PostgresServer;

impl TestDb {
    /// Changes the database: `ALTER DATABASE <it> <change>`. Also while it takes no connections.
    pub fn db_alter(&self, change: &str) {
        elsewhere(&format!("ALTER DATABASE {} {change}", self.name()));
    }

    /// Ends all connections to it: settings of the database hold for new ones only.
    pub fn db_hang_up(&self) {
        let name = self.name();
        elsewhere(&format!(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'"
        ));
    }

    /// Its name on the server, from its URL, since it may take no questions.
    fn name(&self) -> &str {
        let path = self.url().split('?').next().unwrap_or_default();
        path.rsplit('/').next().unwrap_or_default()
    }
}

/// Runs SQL on a database that no test touches.
fn elsewhere(sql: &str) {
    let server = PostgresServer::shared().expect("the test runs on it");
    let url = DatabaseUrl::parse(&server.url_of("postgres")).expect("the harness makes good URLs");
    raw::execute(&url, sql).unwrap_or_else(|error| panic!("{sql}: {error:?}"));
}
