//! PgBouncer before the tests' PostgreSQL, pooling transactions on very few connections: each transaction of a client may
//! run on another connection than the one before, so that whatever a program leaves on a connection is missed, or met by
//! somebody else.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};

use rosterd_storage::{DatabaseUrl, raw};

use super::launch::{Supervised, account_of, supervise};
use super::{PostgresServer, with_database};
use crate::skips::Missing;

/// Connections to PostgreSQL for each database.
const CONNECTIONS: usize = 3;

const SUPERVISOR: &str = r#"
"$1" "$2/pgbouncer.ini" </dev/null >"$2/log" 2>&1 &
cat >/dev/null
kill -TERM $!
wait
rm -rf "$2"
"#;

/// A running PgBouncer; it ends when dropped, or with the process.
pub struct PgBouncer {
    url: String,
    _supervised: Supervised,
}

impl PgBouncer {
    /// One before the process's server.
    ///
    /// # Errors
    /// What is missing: PostgreSQL, PgBouncer, or a server that this process has started.
    ///
    /// # Panics
    /// When it is there but does not come up, and when something is missing but `ROSTERD_REQUIRE_PGBOUNCER=1` says that
    /// it must be there.
    pub fn start() -> Result<Self, Missing> {
        match Self::needed() {
            Ok((server, program)) => {
                Ok(Self::before(server, &program).unwrap_or_else(|problem| panic!("PgBouncer: {problem}")))
            }
            Err(missing) => {
                let required = env::var("ROSTERD_REQUIRE_PGBOUNCER").is_ok_and(|value| value == "1");
                assert!(!required, "ROSTERD_REQUIRE_PGBOUNCER=1, but {missing}");
                Err(missing)
            }
        }
    }

    /// The folder of the server's socket, and the program.
    fn needed() -> Result<(&'static Path, PathBuf), Missing> {
        let server = PostgresServer::shared().ok_or(Missing::Postgres)?;
        let program = find().ok_or(Missing::PgBouncer)?;
        Ok((server.folder().ok_or(Missing::OwnPostgres)?, program))
    }

    fn before(server: &Path, program: &Path) -> Result<Self, String> {
        let folder = tempfile::Builder::new().prefix("rosterd-pgb-").tempdir().map_err(|e| e.to_string())?;
        let settings = format!(
            "[databases]\n* = host={} user=postgres\n[pgbouncer]\nlisten_addr =\nlisten_port = 6432\n\
             unix_socket_dir = {}\nauth_type = any\npool_mode = transaction\n\
             default_pool_size = {CONNECTIONS}\nmax_client_conn = 500\n",
            server.display(),
            folder.path().display(),
        );
        fs::write(folder.path().join("pgbouncer.ini"), settings).map_err(|e| e.to_string())?;
        let account = account_of(folder.path())?;
        let supervised = supervise(SUPERVISOR, program, folder, account)?;
        let url =
            format!("postgresql:///postgres?host={}&port=6432&user=postgres", supervised.folder().display());
        let database = DatabaseUrl::parse(&url).map_err(|e| e.to_string())?;
        supervised.wait_until(|| raw::execute(&database, "SELECT 1").map_err(|e| format!("{e:?}")))?;
        Ok(Self { url, _supervised: supervised })
    }

    /// The URL of one of the server's databases, through this pooler.
    #[must_use]
    pub fn url_of(&self, database: &str) -> String {
        with_database(&self.url, database)
    }
}

/// The program: on `PATH`, else where distributions put programs of the system.
fn find() -> Option<PathBuf> {
    let on_path =
        env::var_os("PATH").map(|path| env::split_paths(&path).collect::<Vec<_>>()).unwrap_or_default();
    let usual = ["/usr/sbin", "/usr/local/sbin", "/opt/homebrew/bin"].map(PathBuf::from);
    on_path.into_iter().chain(usual).map(|folder| folder.join("pgbouncer")).find(|program| program.is_file())
}
