//! That a server works on the database. A migration into the database looks for it, and a server that finds an unfinished
//! migration does not work there: otherwise the migration would remove what the server writes.
//!
//! A note in the database lasts as long as a short lease, and [the job](crate::jobs) renews it. Of a process that dies it ends by
//! itself.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use rosterd_domain::rules::lease;
use tokio::sync::watch;
use uuid::Uuid;

use crate::act::Act;
use crate::app::App;
use crate::caller::Caller;
use crate::error::{AppError, AppResult};

/// Who writes the note.
pub(crate) const NAME: &str = "presence";

/// How often the note is renewed.
pub(crate) fn every() -> Duration {
    lease::renewal(lease::SHORTEST_SECONDS)
}

/// What an application knows of its own note.
#[derive(Debug)]
pub(crate) struct Presence {
    /// This process among all.
    id: String,
    is_announced: AtomicBool,
    /// That it cannot be renewed was told.
    failure_is_told: AtomicBool,
    /// Where the accounts come from that are carried into the database of a running server.
    ousted_by: watch::Sender<Option<String>>,
}

impl Default for Presence {
    fn default() -> Self {
        Self {
            id: Uuid::new_v4().to_string(),
            is_announced: AtomicBool::default(),
            failure_is_told: AtomicBool::default(),
            ousted_by: watch::Sender::default(),
        }
    }
}

/// Notes in the database that this server works on it, before it answers anybody. Gives where the accounts come from that are
/// being carried into the database, if they are: then nothing was noted, and the server must not start.
///
/// # Errors
/// Those of the store. A database that takes no writes takes no migration either; the job tries again.
pub async fn announce(app: &App) -> AppResult<Option<String>> {
    if !is_of_use(app) {
        return Ok(None);
    }
    app.presence().is_announced.store(true, Ordering::Relaxed);
    note(app).await
}

/// Renews the note of a server that was announced.
pub(crate) async fn renew(app: &App) -> AppResult<()> {
    let presence = app.presence();
    if !presence.is_announced.load(Ordering::Relaxed) {
        return Ok(());
    }
    match note(app).await {
        Ok(source) => {
            presence.failure_is_told.store(false, Ordering::Relaxed);
            if source.is_some() {
                presence.ousted_by.send_replace(source);
            }
            Ok(())
        }
        Err(error) => {
            if !presence.failure_is_told.swap(true, Ordering::Relaxed) {
                tracing::warn!(
                    %error,
                    "the database cannot be told that this server works on it; it is tried again. Until then \
                     `rosterd migrate-from` may take the database for unused"
                );
            }
            Err(error)
        }
    }
}

/// Removes the note, so that nobody has to wait for its end.
pub(crate) async fn withdraw(app: &App) -> AppResult<()> {
    if !app.presence().is_announced.swap(false, Ordering::Relaxed) {
        return Ok(());
    }
    let id = app.presence().id.clone();
    app.write(Caller::job(NAME), move |act| Ok::<_, AppError>(act.housekeeping().forget_server(&id)?)).await
}

impl App {
    /// Waits until accounts of another database are carried into this one, though this server works on it: its note had ended,
    /// such as while the process was suspended. Gives where they come from. The server is to stop then.
    pub async fn ousted(&self) -> String {
        let mut ousted_by = self.presence().ousted_by.subscribe();
        match ousted_by.wait_for(Option::is_some).await.map(|source| source.clone()) {
            Ok(Some(source)) => source,
            // The sender lives as long as the application.
            Ok(None) | Err(_) => std::future::pending().await,
        }
    }
}

/// Nothing is carried into a database of Open WebUI.
fn is_of_use(app: &App) -> bool {
    let layout = app.store().layout();
    layout.is_standalone() && layout.leases
}

async fn note(app: &App) -> AppResult<Option<String>> {
    let id = app.presence().id.clone();
    let noted = move |act: &mut Act<'_>| {
        Ok::<_, AppError>(act.housekeeping().note_server(&id, lease::SHORTEST_SECONDS)?)
    };
    app.write(Caller::job(NAME), noted).await
}
