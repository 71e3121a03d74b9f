//! Copies of a SQLite database, by SQLite's backup, which copies pages.
//!
//! **In WAL mode** all pages are copied in one read transaction. No writer waits for it, and none of what it writes is in the
//! copy. The log cannot be begun anew meanwhile, so it grows by what is written during the copy.
//!
//! **Without WAL** a reader keeps writers from committing, so the pages are copied in small steps with pauses. When another
//! process writes in between, SQLite begins anew. After a few times the steps become larger, and at last the whole file is copied
//! in one, if that keeps writers waiting no longer than [`LONGEST_HOLD`], less than they wait for a lock.
//!
//! `VACUUM INTO` was not taken: it holds its read transaction many times as long, since it builds every index anew, and it may
//! number rows anew in tables without a key of their own, which other programs may rely on.

use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use diesel::sql_types::{BigInt, Text};

use super::draft::ensure_space;
use super::{BackupError, Stage, Stop};
use crate::fragments::Statement;
use crate::native::copying::{Copying, Step};
use crate::pool::Connect as _;
use crate::sqlite::{Connector, Link, ensure_there, uri};
use crate::url::Kind;
use crate::{OpenError, StoreError, StoreOptions};

/// Pages of a step in WAL mode: 16 MB at the usual size.
const WAL_STEP: i32 = 4096;

/// The longest time for which writers of a database without WAL wait. Both Open WebUI and rosterd wait five seconds for a lock.
const LONGEST_HOLD: Duration = Duration::from_secs(3);

/// How long one step waits for the lock of another process, and how many in a row may do so in vain.
const LOCK_WAIT: Duration = Duration::from_secs(1);
const LOCKED_STEPS: u32 = 60;

/// Asks for a report of damage, of a thousand lines at most.
const REPORT: &str = "PRAGMA integrity_check(1000)";

/// How many of them are told.
const TOLD: usize = 5;

/// Copies the database to a file that is there and empty, and checks the copy; gives what is odd in it.
pub(super) fn copy(
    options: &StoreOptions,
    target: &Path,
    stop: &Stop,
    tell: &dyn Fn(Stage),
) -> Result<Vec<String>, BackupError> {
    let path = path_of(options)?;
    let options = StoreOptions { create: false, ..options.clone() };
    ensure_there(path, &options)?;
    let refused = |error: StoreError| OpenError::connect(&options.url, &error);
    let mut link = Connector::new(path.to_owned(), &options).connect().map_err(refused)?;
    let is_wal = text(&mut link, "PRAGMA journal_mode")? == "wal";
    let unit = number(&mut link, "PRAGMA page_size")?;
    ensure_space(target, unit.saturating_mul(number(&mut link, "PRAGMA page_count")?))?;
    drop(link);
    let into = target.to_string_lossy();
    let failed = |reason| BackupError::Copy { reason };
    let mut copying = Copying::begin(&uri(path), &uri(&into), LOCK_WAIT).map_err(failed)?;
    if is_wal {
        copying.hold().map_err(failed)?;
    }
    let mut pace = Pace::new(is_wal);
    loop {
        stop.check()?;
        let began = Instant::now();
        let went = copying.step(pace.pages()?).map_err(failed)?;
        let (left, all) = copying.left();
        match went {
            Step::Done => break,
            Step::Locked => pace.was_locked()?,
            Step::More => {
                pace.went_on(left, all, began.elapsed());
                tell(Stage::Copying { done: all.saturating_sub(left) * unit, all: all * unit });
            }
        }
        thread::sleep(pace.pause());
    }
    // Both are closed before the copy is opened to be checked.
    drop(copying);
    tell(Stage::Checking);
    check(&into, &options, stop)
}

/// The path of the file.
pub(super) fn path_of(options: &StoreOptions) -> Result<&str, BackupError> {
    match options.url.kind() {
        Kind::SqliteFile(path) => Ok(path),
        Kind::SqliteThrowAway => Err(BackupError::ThrowAway),
        Kind::Postgres(_) => Err(OpenError::NotBuilt("this URL as SQLite").into()),
    }
}

/// Reads every page and every index of a file that nobody else uses; gives what is odd in it and no damage.
///
/// # Errors
/// [`BackupError::Damaged`].
pub(super) fn check(path: &str, options: &StoreOptions, stop: &Stop) -> Result<Vec<String>, BackupError> {
    let mut link = Connector::new(path.to_owned(), options).connect().map_err(|error| {
        // A file that is none of SQLite's fails here.
        BackupError::Damaged { problems: vec![error.to_string()] }
    })?;
    stop.interrupts(&link.limit);
    let checked = checked(&mut link);
    stop.check()?;
    checked.map_err(|error| match error {
        // Damage may also end the check itself.
        BackupError::Store(error) => BackupError::Damaged { problems: vec![error.to_string()] },
        other => other,
    })
}

fn checked(link: &mut Link) -> Result<Vec<String>, BackupError> {
    let report = texts(link, REPORT)?;
    let report = report.into_iter().filter(|line| line != "ok");
    let (mut odd, mut problems): (Vec<String>, Vec<String>) = report.partition(|line| is_odd(line));
    if !problems.is_empty() {
        problems.truncate(TOLD);
        return Err(BackupError::Damaged { problems });
    }
    let own = "SELECT count(*) FROM sqlite_schema WHERE name = '__diesel_schema_migrations'";
    if number(link, own)? > 0 {
        let orphans = r#"SELECT DISTINCT "table" || ' has rows that belong to no row of ' || parent FROM pragma_foreign_key_check"#;
        odd.extend(texts(link, orphans)?);
    }
    odd.truncate(TOLD);
    Ok(odd)
}

/// Whether a line of the report is about what somebody stored, such as no value in a column that must have one, and not about
/// the file. Real databases of Open WebUI have such rows.
fn is_odd(line: &str) -> bool {
    ["NULL value in ", "CHECK constraint failed in "].iter().any(|beginning| line.starts_with(beginning))
}

fn texts(link: &mut Link, sql: &'static str) -> Result<Vec<String>, StoreError> {
    use diesel::RunQueryDsl as _;
    Ok(Statement::new(sql).rows::<Text>().load(&mut link.conn)?)
}

fn text(link: &mut Link, sql: &'static str) -> Result<String, StoreError> {
    Ok(texts(link, sql)?.into_iter().next().unwrap_or_default())
}

fn number(link: &mut Link, sql: &'static str) -> Result<u64, StoreError> {
    use diesel::RunQueryDsl as _;
    let number: i64 = Statement::new(sql).rows::<BigInt>().get_result(&mut link.conn)?;
    Ok(u64::try_from(number).unwrap_or(0))
}

/// How large the steps are, and how long the pauses between them.
struct Pace {
    is_wal: bool,
    /// How often SQLite began anew.
    restarts: u32,
    /// Pages that were left after the last step.
    left: Option<u64>,
    /// How long all of it takes in one step, as far as the last step tells.
    whole: Duration,
    last: Duration,
    locked: u32,
}

impl Pace {
    fn new(is_wal: bool) -> Self {
        let last = Duration::ZERO;
        Self { is_wal, restarts: 0, left: None, whole: Duration::ZERO, last, locked: 0 }
    }

    /// Pages of the next step; all of them if negative.
    fn pages(&self) -> Result<i32, BackupError> {
        match self.restarts {
            _ if self.is_wal => Ok(WAL_STEP),
            0..3 => Ok(256),
            3..6 => Ok(4096),
            6..9 => Ok(65_536),
            _ if self.whole <= LONGEST_HOLD => Ok(-1),
            _ => Err(BackupError::Busy),
        }
    }

    /// A step took so long, and so many of all pages are left.
    fn went_on(&mut self, left: u64, all: u64, took: Duration) {
        let copied = match self.left {
            Some(before) if left < before => before - left,
            before => {
                self.restarts += u32::from(before.is_some());
                all.saturating_sub(left)
            }
        };
        let parts = all.div_ceil(copied.max(1));
        self.whole = took.saturating_mul(u32::try_from(parts).unwrap_or(u32::MAX));
        (self.left, self.last, self.locked) = (Some(left), took, 0);
    }

    fn was_locked(&mut self) -> Result<(), BackupError> {
        self.locked += 1;
        if self.locked < LOCKED_STEPS { Ok(()) } else { Err(BackupError::Busy) }
    }

    /// Without WAL, writers have as long as the last step took.
    fn pause(&self) -> Duration {
        if self.is_wal { Duration::ZERO } else { self.last.max(Duration::from_millis(1)) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{DatabaseUrl, raw};

    const STEP: Duration = Duration::from_millis(2);

    #[test]
    fn steps_grow_when_writers_leave_no_time_and_end_with_a_bounded_one() {
        for (step, last) in [(STEP, true), (Duration::from_millis(50), false)] {
            let mut pace = Pace::new(false);
            let mut sizes = Vec::new();
            for _ in 0..10 {
                // Each step finds that somebody has written: it is the first again. A hundred of them would copy all.
                pace.went_on(9_900, 10_000, step);
                sizes.push(pace.pages().ok());
            }
            let grown = [256, 256, 256, 4096, 4096, 4096, 65_536, 65_536, 65_536].map(Some);
            assert_eq!(sizes[..9], grown);
            assert_eq!(sizes[9], last.then_some(-1), "2 ms a step are 0.2 s in all, 50 ms are 5 s");
        }
    }

    #[test]
    fn steps_that_go_on_stay_as_they_are() {
        let mut pace = Pace::new(false);
        for left in (0..40).rev() {
            pace.went_on(left * 256, 40 * 256, STEP);
        }
        assert_eq!((pace.restarts, pace.pages().ok(), pace.pause()), (0, Some(256), STEP));
        assert_eq!(pace.whole, STEP * 40);
    }

    #[test]
    fn a_lock_that_is_never_released_ends_it() {
        let mut pace = Pace::new(false);
        let waits = (0..200).take_while(|_| pace.was_locked().is_ok()).count();
        assert_eq!(waits, 59);
    }

    #[test]
    fn in_wal_mode_nobody_needs_a_pause() {
        let mut pace = Pace::new(true);
        pace.went_on(1, 10_000, STEP);
        assert_eq!((pace.pages().ok(), pace.pause()), (Some(WAL_STEP), Duration::ZERO));
    }

    /// A database with many pages, and the connection that made it.
    fn database(folder: &Path, mode: &str) -> (String, raw::Connection) {
        let path = folder.join("source.db").to_string_lossy().into_owned();
        std::fs::write(&path, "").unwrap();
        let mut writer = raw::Connection::open(&DatabaseUrl::sqlite_file(&path)).unwrap();
        let rows = "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 200) \
             INSERT INTO t SELECT i, randomblob(4000) FROM n";
        writer
            .execute(&format!(
                "PRAGMA journal_mode = {mode}; CREATE TABLE t (i INTEGER PRIMARY KEY, b BLOB); {rows}"
            ))
            .unwrap();
        (path, writer)
    }

    /// How many rows a copy has that was made with a write after its first step, and how often it was begun anew.
    fn rows_of_a_copy(mode: &str) -> (String, u32) {
        let folder = tempfile::tempdir().unwrap();
        let (path, mut writer) = database(folder.path(), mode);
        let target = folder.path().join("copy.db").to_string_lossy().into_owned();
        std::fs::write(&target, "").unwrap();
        let mut copying = Copying::begin(&uri(&path), &uri(&target), LOCK_WAIT).unwrap();
        let mut pace = Pace::new(mode == "wal");
        if pace.is_wal {
            copying.hold().unwrap();
        }
        for step in 0.. {
            if copying.step(40).unwrap() == Step::Done {
                break;
            }
            let (left, all) = copying.left();
            pace.went_on(left, all, STEP);
            if step == 0 {
                // It does not wait, or this would fail after the usual time.
                writer.execute("INSERT INTO t VALUES (1000, 'late')").unwrap();
            }
        }
        drop(copying);
        let options = StoreOptions::new(DatabaseUrl::sqlite_file(&target));
        assert!(check(&target, &options, &Stop::default()).unwrap().is_empty());
        let count = raw::query_text(&options.url, "SELECT count(*) FROM t").unwrap();
        (count[0][0].clone().unwrap(), pace.restarts)
    }

    #[test]
    fn in_wal_mode_the_copy_is_of_the_moment_when_it_began() {
        assert_eq!(rows_of_a_copy("wal"), ("200".to_owned(), 0));
    }

    #[test]
    fn without_wal_a_write_begins_the_copy_anew() {
        assert_eq!(rows_of_a_copy("delete"), ("201".to_owned(), 1));
    }

    #[test]
    fn what_somebody_stored_is_odd_and_no_damage() {
        assert!(is_odd("NULL value in user.name"));
        assert!(!is_odd("row 7 missing from index ix_user_email"));
        assert!(!is_odd("Tree 5 page 9 cell 0: Rowid 12 out of order"));
    }
}
