//! Scheduled backups: one process writes a file into a folder whenever the newest there is old enough, and removes old ones.
//!
//! What is there is read from the folder each time. So a restart neither begins the interval anew nor makes a backup of its own.

use std::fs::{self, DirBuilder};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use rosterd_domain::clock::UnixSeconds;
use rosterd_domain::rules::backups;
use rosterd_storage::backup::{self, BackupError, Order, Stop, Written};
use tokio::sync::oneshot;

use super::{Job, Ran};
use crate::app::App;
use crate::settings::{ScheduledBackups, Settings};

pub(super) const JOB: Job =
    Job::once("backup", look, |app| Box::pin(run(app))).only_if(|settings| settings.backups.is_some());

/// How often it is looked whether a backup is due, and how soon one that failed is tried again.
const LOOK: Duration = Duration::from_mins(10);

/// How often a backup at work looks whether the server stops.
const STOPPING: Duration = Duration::from_millis(200);

/// Drafts that nobody has written to for so long were left by a process that was killed.
const FORGOTTEN: Duration = Duration::from_hours(24);

fn look(settings: &Settings) -> Duration {
    settings.backups.as_ref().map_or(LOOK, |backups| backups.every.min(LOOK))
}

/// Ends a backup whose run is ended, since the lease was lost.
struct Ends(Stop);

impl Drop for Ends {
    fn drop(&mut self) {
        self.0.now();
    }
}

async fn run(app: App) -> Ran {
    let Some(backups) = app.settings().backups.clone() else { return Ran::Well };
    let (now, ends) = (app.now(), Ends(Stop::default()));
    let (stop, (tell, mut told)) = (ends.0.clone(), oneshot::channel());
    // A thread of its own: a process that stops need not wait for what cannot be interrupted.
    let work = move || {
        // Nobody listens when the run was ended.
        let _ended = tell.send(back_up(&backups, now, &stop));
    };
    if let Err(error) = std::thread::Builder::new().name("rosterd-backup".to_owned()).spawn(work) {
        tracing::error!(%error, "no backup was made: the system gave no thread for it");
        return Ran::Failed;
    }
    loop {
        tokio::select! {
            done = &mut told => return report(done),
            () = tokio::time::sleep(STOPPING) => if app.is_stopping() {
                ends.0.now();
            }
        }
    }
}

/// What became of a run.
#[derive(Debug)]
enum Done {
    /// The newest backup is not old enough.
    NotDue,
    /// A new one is there.
    Written { file: PathBuf, written: Written, removed: usize },
}

fn report(done: Result<Result<Done, BackupError>, oneshot::error::RecvError>) -> Ran {
    match done {
        Ok(Ok(Done::NotDue)) => return Ran::Well,
        Ok(Ok(Done::Written { file, written, removed })) => {
            for oddity in written.oddities {
                tracing::warn!("the backup has it as it is in the database: {oddity}");
            }
            tracing::info!(file = %file.display(), bytes = written.bytes, removed, "a backup was made");
            return Ran::Well;
        }
        Ok(Err(BackupError::Stopped)) => tracing::info!("the server stops, so no backup was made"),
        Ok(Err(error)) => {
            let cause =
                std::error::Error::source(&error).map(|cause| format!(": {cause}")).unwrap_or_default();
            tracing::error!("no backup was made: {error}{cause}. It is tried again within ten minutes");
        }
        Err(_gone) => tracing::error!("no backup was made: its thread panicked"),
    }
    Ran::Failed
}

fn back_up(backups: &ScheduledBackups, now: UnixSeconds, stop: &Stop) -> Result<Done, BackupError> {
    let ScheduledBackups { options, every, folder, keep, recipients } = backups;
    let failed = |doing| {
        let path = folder.clone();
        move |source| BackupError::File { path, doing, source }
    };
    make(folder).map_err(failed("made"))?;
    let names = names(folder).map_err(failed("read"))?;
    if !backups::is_due(names.iter().map(String::as_str), *every, now) {
        return Ok(Done::NotDue);
    }
    remove_forgotten(folder, &names, now);
    let kind = if options.url.is_sqlite() { "db" } else { "dump" };
    let extension = if recipients.is_empty() { kind.to_owned() } else { format!("{kind}.age") };
    let name = backups::name(now, &extension);
    let file = folder.join(&name);
    let order = Order {
        options: options.clone(),
        target: file.clone(),
        overwrite: false,
        recipients: recipients.clone(),
    };
    let written = backup::write(&order, stop, &|_stage| {})?;
    // Only after the new one is whole.
    let all = names.iter().map(String::as_str).chain([name.as_str()]);
    let gone = backups::surplus(all, (*keep).max(1)).into_iter().filter(|name| {
        let removed = fs::remove_file(folder.join(name));
        if let Err(error) = &removed {
            tracing::warn!(%error, name, "an old backup could not be removed");
        }
        removed.is_ok()
    });
    let removed = gone.count();
    Ok(Done::Written { file, written, removed })
}

/// Makes the folder, for this user alone, where it is missing.
fn make(folder: &Path) -> std::io::Result<()> {
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

fn names(folder: &Path) -> std::io::Result<Vec<String>> {
    let entries = fs::read_dir(folder)?;
    // A name that is not UTF-8 is none of ours.
    Ok(entries.flatten().filter_map(|entry| entry.file_name().into_string().ok()).collect())
}

/// Removes drafts of processes that were killed.
fn remove_forgotten(folder: &Path, names: &[String], now: UnixSeconds) {
    for name in names.iter().filter(|name| backup::is_forgotten_draft(name)) {
        let path = folder.join(name);
        let written = fs::metadata(&path).and_then(|found| found.modified()).ok();
        let written = written.and_then(|at| at.duration_since(SystemTime::UNIX_EPOCH).ok());
        let age = written.map(|at| u64::try_from(now).unwrap_or(0).saturating_sub(at.as_secs()));
        if age.is_some_and(|age| age > FORGOTTEN.as_secs()) {
            // The next run tries again.
            let _removed = fs::remove_file(path);
        }
    }
}

#[cfg(test)]
mod tests {
    use rosterd_storage::{DatabaseUrl, Store, StoreOptions};

    use super::*;

    const NOON: UnixSeconds = 1_795_694_400;
    const DAY: i64 = 86_400;

    #[test]
    fn a_backup_is_made_when_it_is_due_and_the_newest_are_kept() {
        let place = tempfile::tempdir().unwrap();
        let path = |name: &str| place.path().join(name).to_string_lossy().into_owned();
        let options = StoreOptions::new(DatabaseUrl::sqlite_file(&path("roster.db")));
        let store = Store::open(&options).unwrap();
        let folder = PathBuf::from(path("deep/er"));
        let backups = ScheduledBackups {
            options,
            every: Duration::from_hours(24),
            folder: folder.clone(),
            keep: 2,
            recipients: Vec::new(),
        };
        let at = |now| back_up(&backups, now, &Stop::default()).unwrap();
        let there = || {
            let mut names = names(&folder).unwrap();
            names.sort();
            names
        };
        assert!(matches!(at(NOON), Done::Written { removed: 0, .. }));
        fs::write(folder.join("notes.txt"), "").unwrap();
        fs::write(folder.join(".rosterd-draft-old"), "").unwrap();
        assert!(matches!(at(NOON + DAY - 1), Done::NotDue));
        assert!(matches!(at(NOON + DAY), Done::Written { removed: 0, .. }));
        assert!(matches!(at(NOON + 2 * DAY), Done::Written { removed: 1, .. }));
        let left = ["notes.txt", "rosterd-20261127T120000Z.db", "rosterd-20261128T120000Z.db"];
        assert!(there().iter().filter(|name| !name.starts_with('.')).eq(left.iter()), "{:?}", there());
        // A year after its last write.
        remove_forgotten(&folder, &there(), i64::MAX / 2);
        assert_eq!(there(), left);
        store.close();
    }

    #[test]
    fn a_backup_that_is_stopped_leaves_nothing() {
        let place = tempfile::tempdir().unwrap();
        let file = place.path().join("roster.db");
        let options = StoreOptions::new(DatabaseUrl::sqlite_file(&file.to_string_lossy()));
        Store::open(&options).unwrap().close();
        let folder = place.path().join("backups");
        let (every, recipients) = (Duration::from_hours(1), Vec::new());
        let backups = ScheduledBackups { options, every, folder: folder.clone(), keep: 2, recipients };
        let stop = Stop::default();
        stop.now();
        assert!(matches!(back_up(&backups, NOON, &stop), Err(BackupError::Stopped)));
        assert_eq!(names(&folder).unwrap(), [""; 0]);
    }
}
