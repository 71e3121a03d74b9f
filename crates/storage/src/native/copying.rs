//! SQLite's own way to copy a database page by page (`sqlite3_backup_…`), which Diesel does not have.

use std::ffi::{CStr, CString, c_int};
use std::ptr::{self, NonNull};
use std::time::Duration;

use libsqlite3_sys as ffi;

/// A copy at work. Both databases are closed when it is dropped.
pub(crate) struct Copying {
    backup: NonNull<ffi::sqlite3_backup>,
    source: Raw,
    /// Kept open for as long as the backup writes to it.
    _target: Raw,
}

/// What became of a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Step {
    /// There is more to copy.
    More,
    /// All of it is copied.
    Done,
    /// Another process has locked the database.
    Locked,
}

impl Copying {
    /// Opens both files by their URIs and begins. `busy` is how long a step waits for the lock of another process.
    ///
    /// # Errors
    /// SQLite's words.
    pub(crate) fn begin(source: &str, target: &str, busy: Duration) -> Result<Self, String> {
        let (source, target) = (Raw::open(source)?, Raw::open(target)?);
        // Nobody else knows the file, and whoever made it syncs it when it is whole.
        target.run(c"PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF")?;
        let busy = c_int::try_from(busy.as_millis()).unwrap_or(c_int::MAX);
        // SAFETY: both connections are open, used by this thread alone, and outlive the backup: see `Drop`.
        let backup = unsafe {
            ffi::sqlite3_busy_timeout(source.0.as_ptr(), busy);
            ffi::sqlite3_backup_init(target.0.as_ptr(), c"main".as_ptr(), source.0.as_ptr(), c"main".as_ptr())
        };
        match NonNull::new(backup) {
            Some(backup) => Ok(Self { backup, source, _target: target }),
            None => Err(target.message()),
        }
    }

    /// Begins a read transaction on the source, so that all steps see one state of it.
    ///
    /// # Errors
    /// SQLite's words.
    pub(crate) fn hold(&self) -> Result<(), String> {
        self.source.run(c"BEGIN; SELECT count(*) FROM sqlite_schema")
    }

    /// Copies so many pages; all that is left if negative.
    ///
    /// # Errors
    /// SQLite's words.
    pub(crate) fn step(&mut self, pages: c_int) -> Result<Step, String> {
        // SAFETY: the backup was made by `begin` and is finished only in `Drop`.
        match unsafe { ffi::sqlite3_backup_step(self.backup.as_ptr(), pages) } {
            ffi::SQLITE_OK => Ok(Step::More),
            ffi::SQLITE_DONE => Ok(Step::Done),
            ffi::SQLITE_BUSY | ffi::SQLITE_LOCKED => Ok(Step::Locked),
            code => Err(words(code)),
        }
    }

    /// Pages that were left after the last step, and of how many.
    pub(crate) fn left(&self) -> (u64, u64) {
        // SAFETY: as in `step`.
        let (left, all) = unsafe {
            let backup = self.backup.as_ptr();
            (ffi::sqlite3_backup_remaining(backup), ffi::sqlite3_backup_pagecount(backup))
        };
        (u64::try_from(left).unwrap_or(0), u64::try_from(all).unwrap_or(0))
    }
}

impl Drop for Copying {
    fn drop(&mut self) {
        // SAFETY: once, and before the connections are closed, which are dropped after this.
        unsafe { ffi::sqlite3_backup_finish(self.backup.as_ptr()) };
    }
}

/// A connection that nobody else has beside it: others wait for it, and none of them was there before.
pub(crate) struct Alone(Raw);

/// Why a connection is not the only one.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum NotAlone {
    /// Another process is connected, or has the lock.
    Locked,
    /// The file cannot be opened; SQLite's words.
    Unusable(String),
}

impl Alone {
    /// Opens the file by its URI and takes every lock that it has.
    ///
    /// # Errors
    /// [`NotAlone`].
    pub(crate) fn take(uri: &str) -> Result<Self, NotAlone> {
        let only = Raw::open(uri).map_err(NotAlone::Unusable)?;
        // The mode before the first look at the file: in WAL mode SQLite then refuses to share it with anybody.
        match only.run(c"PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE; COMMIT") {
            Ok(()) => Ok(Self(only)),
            Err(_) if only.is_locked() => Err(NotAlone::Locked),
            Err(why) => Err(NotAlone::Unusable(why)),
        }
    }
}

impl std::fmt::Debug for Alone {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Alone").field(&self.0.0).finish()
    }
}

/// A connection that this module opened.
struct Raw(NonNull<ffi::sqlite3>);

impl Raw {
    fn open(uri: &str) -> Result<Self, String> {
        let uri = CString::new(uri).map_err(|_why| "the path has a NUL in it".to_owned())?;
        let mut handle = ptr::null_mut();
        let flags = ffi::SQLITE_OPEN_READWRITE | ffi::SQLITE_OPEN_URI;
        // SAFETY: the text ends with NUL, and `handle` is where SQLite puts the connection, also after most failures.
        let code = unsafe { ffi::sqlite3_open_v2(uri.as_ptr(), &raw mut handle, flags, ptr::null()) };
        let Some(opened) = NonNull::new(handle).map(Self) else { return Err(words(code)) };
        if code == ffi::SQLITE_OK { Ok(opened) } else { Err(opened.message()) }
    }

    fn run(&self, sql: &CStr) -> Result<(), String> {
        // SAFETY: the connection is open; without a callback SQLite calls nobody, and no message is asked for.
        let code = unsafe {
            ffi::sqlite3_exec(self.0.as_ptr(), sql.as_ptr(), None, ptr::null_mut(), ptr::null_mut())
        };
        if code == ffi::SQLITE_OK { Ok(()) } else { Err(self.message()) }
    }

    /// Whether the last failure was a lock of another process.
    fn is_locked(&self) -> bool {
        // SAFETY: the connection is open.
        let code = unsafe { ffi::sqlite3_errcode(self.0.as_ptr()) };
        code == ffi::SQLITE_BUSY || code == ffi::SQLITE_LOCKED
    }

    /// What SQLite says of the last failure.
    fn message(&self) -> String {
        // SAFETY: the connection is open, and the text is copied before it is used again.
        unsafe { CStr::from_ptr(ffi::sqlite3_errmsg(self.0.as_ptr())) }.to_string_lossy().into_owned()
    }
}

impl Drop for Raw {
    fn drop(&mut self) {
        // SAFETY: once. No statement is open: `sqlite3_exec` leaves none, and the backup is finished.
        unsafe { ffi::sqlite3_close(self.0.as_ptr()) };
    }
}

/// A result code in words.
fn words(code: c_int) -> String {
    // SAFETY: the function takes any number and gives a text that is never freed.
    unsafe { CStr::from_ptr(ffi::sqlite3_errstr(code)) }.to_string_lossy().into_owned()
}
