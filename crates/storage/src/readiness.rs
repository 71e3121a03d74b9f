//! Whether the database can be worked with, as the last check has found, and what keeps it from that.

use std::sync::{Arc, Mutex, PoisonError};

#[cfg(feature = "postgres")]
use rosterd_lanes::Ticket;

use crate::codes::Trouble;
use crate::store::{Engine, each};
use crate::{Db, Layout, Store, StoreError, StoreResult};

/// Why the database cannot be worked with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unready {
    /// It takes no writes.
    ReadOnly,
    /// The role, or the process, lacks a right.
    Denied,
    /// No space or memory is left.
    Full,
    /// A file cannot be read or written, or is damaged.
    Files,
    /// The SQLite file was deleted or replaced.
    LostFile,
    /// Migrations of this version are missing in it.
    Behind,
    /// It cannot be reached, or does not answer in time.
    Unreachable,
}

impl Unready {
    /// All of them.
    pub const ALL: [Self; 7] = [
        Self::ReadOnly,
        Self::Denied,
        Self::Full,
        Self::Files,
        Self::LostFile,
        Self::Behind,
        Self::Unreachable,
    ];

    /// As logs and metrics spell it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::ReadOnly => "read_only",
            Self::Denied => "denied",
            Self::Full => "full",
            Self::Files => "files",
            Self::LostFile => "lost_file",
            Self::Behind => "behind",
            Self::Unreachable => "unreachable",
        }
    }
}

impl From<Trouble> for Unready {
    fn from(trouble: Trouble) -> Self {
        match trouble {
            Trouble::ReadOnly => Self::ReadOnly,
            Trouble::Denied => Self::Denied,
            Trouble::Full => Self::Full,
            Trouble::Files => Self::Files,
        }
    }
}

/// What the last check has found.
#[derive(Debug, Default)]
pub(crate) struct Readiness(Mutex<Option<Result<(), Unready>>>);

impl Readiness {
    /// Takes in what a check has found, and tells the log where that is something else than before. What lasts is told
    /// where it is found ([`health`](crate::health)).
    pub(crate) fn checked(&self, found: Result<(), (Unready, &StoreError)>) {
        let now = found.map_err(|(why, _error)| why);
        let before = self.0.lock().unwrap_or_else(PoisonError::into_inner).replace(now);
        let is_told_here = |state| matches!(state, Some(Err(Unready::Behind | Unready::Unreachable)));
        match found {
            Err((why, error)) if before != Some(now) && is_told_here(Some(now)) => {
                tracing::error!(kind = why.as_str(), %error, "the database is not ready; /health/db answers 503");
            }
            Ok(()) if is_told_here(before) => tracing::info!("the database is ready again"),
            Ok(()) | Err(_) => {}
        }
    }

    /// What the last check has found.
    pub(crate) fn last(&self) -> Option<Result<(), Unready>> {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Store {
    /// Whether the database can be read and, as far as can be told without changing anything, takes writes, and is not
    /// older than this program: what readiness means. A write that failed because the database is read-only, full, damaged
    /// or refuses a right is remembered; the check then tries whether that is still so.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] with the reason; [`readiness`](Self::readiness) has its kind.
    pub async fn check(&self) -> Result<(), StoreError> {
        let checked = match self.try_out().await {
            Ok(applied) => self.ensure_up_to_date(&applied).map_err(|error| (Unready::Behind, error)),
            Err(error) => Err((self.trouble().unwrap_or(Unready::Unreachable), error)),
        };
        self.inner.readiness.checked(match &checked {
            Ok(()) => Ok(()),
            Err((why, error)) => Err((*why, error)),
        });
        checked.map_err(|(_why, error)| error)
    }

    /// What the last check has found, and what calls have shown since then; `None` before the first of both.
    #[must_use]
    pub fn readiness(&self) -> Option<Result<(), Unready>> {
        self.trouble().map(Err).or_else(|| self.inner.readiness.last())
    }

    fn trouble(&self) -> Option<Unready> {
        each!(&self.inner.engine, engine => engine.trouble())
    }

    /// # Errors
    /// [`StoreError::Unavailable`] where one of these, which ran, is missing that this program needs.
    fn ensure_up_to_date(&self, applied: &[String]) -> StoreResult<()> {
        let missing: Vec<&str> = self
            .inner
            .migrations
            .iter()
            .filter(|version| !applied.contains(version))
            .map(String::as_str)
            .collect();
        if missing.is_empty() {
            return Ok(());
        }
        let missing = missing.join(", ");
        Err(StoreError::unavailable(format_args!(
            "the database lacks migrations of this version ({missing}): run `rosterd migrate`, or start the server with              ROSTERD_MIGRATE=true"
        )))
    }

    /// Gives the migrations that ran, of a standalone database.
    async fn try_out(&self) -> StoreResult<Vec<String>> {
        match &self.inner.engine {
            #[cfg(feature = "sqlite")]
            Engine::Sqlite(engine) => {
                // Reads go on in a file that was deleted, and so would not tell.
                engine.ensure_in_place()?;
                let layout = Arc::clone(&self.inner.layout);
                let applied = self.read(move |db| look(db, &layout)).await?;
                engine.check_writes().await?;
                Ok(applied)
            }
            #[cfg(feature = "postgres")]
            Engine::Postgres(_) => {
                let inner = Arc::clone(&self.inner);
                let work = move |ticket: &Ticket| match &inner.engine {
                    Engine::Postgres(engine) => engine.check(ticket),
                    #[cfg(feature = "sqlite")]
                    Engine::Sqlite(_) => Err(StoreError::Worker),
                };
                self.inner.point.run_by(work).await?
            }
        }
    }
}

/// Looks into the database: any small read will do that needs a connection and a table. Gives the migrations that ran, of
/// a standalone database.
pub(crate) fn look(db: &mut dyn Db, layout: &Layout) -> StoreResult<Vec<String>> {
    db.find_config(layout.config.probe())?;
    if layout.is_standalone() { db.list_migrations() } else { Ok(Vec::new()) }
}
