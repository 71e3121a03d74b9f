//! What Diesel keeps to itself and the databases' own libraries tell: error codes of both, SQLite's progress handler, and its
//! way to copy a database.
//!
//! **The only place with `unsafe`**, with the folder beside it. Diesel 2.3 drops SQLite's result code, hides PostgreSQL's SQLSTATE, and gives no way to
//! interrupt a statement. Without the codes an error could only be told by its text, which a PostgreSQL server writes in
//! its own language. Each block says why it is sound; none hands out a pointer. `Cargo.toml` pins the exact version of
//! Diesel that this was checked with, and `tests/contract/codes.rs` fails where another one is built differently.

#[cfg(feature = "sqlite")]
pub(crate) mod copying;

#[cfg(feature = "postgres")]
pub(crate) mod postgres {
    use std::ffi::CStr;

    use diesel::result::DatabaseErrorInformation;

    /// libpq's `PG_DIAG_SQLSTATE`.
    const SQLSTATE: std::ffi::c_int = 'C' as std::ffi::c_int;

    /// Who has found an error.
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    pub(crate) enum Finder<'a> {
        /// The server, with the five characters that name the error in every language.
        Server(&'a str),
        /// libpq: the connection is gone, or what came over it is not the protocol. When it was writing as the server hung
        /// up, it may still take the connection for a good one.
        Libpq,
        /// Somebody else.
        Other,
    }

    /// Who has found an error of Diesel's.
    pub(crate) fn finder(information: &(dyn DatabaseErrorInformation + Send + Sync)) -> Finder<'_> {
        // Diesel has two implementations of the trait: `String`, of three words, and `PgErrorInformation`, whose only
        // field is the pointer to libpq's result.
        if size_of_val(information) != size_of::<*const pq_sys::PGresult>() {
            return Finder::Other;
        }
        // SAFETY: a struct of one word with one field that is not empty has that field at its own place in memory. The error owns
        // the result, so the result and the texts in it live as long as `information` does.
        let text = unsafe {
            let result = std::ptr::from_ref(information).cast::<*const pq_sys::PGresult>().read_unaligned();
            let field = pq_sys::PQresultErrorField(result, SQLSTATE);
            if field.is_null() {
                return Finder::Libpq;
            }
            CStr::from_ptr(field)
        };
        text.to_str().map_or(Finder::Other, Finder::Server)
    }
}

#[cfg(feature = "sqlite")]
pub(crate) mod sqlite {
    use std::cell::{Cell, RefCell};
    use std::ffi::{CStr, c_char, c_int, c_void};
    use std::ptr::NonNull;
    use std::sync::atomic::{AtomicU64, Ordering};
    use std::sync::{Arc, LazyLock, Once};
    use std::time::{Duration, Instant};

    use diesel::connection::{Instrumentation, InstrumentationEvent};
    use diesel::sqlite::SqliteConnection;
    use diesel::{Connection as _, ConnectionError, ConnectionResult};
    use libsqlite3_sys as ffi;

    /// Steps of SQLite's machine between two looks at the clock: a millisecond at the most.
    const STEPS: c_int = 4096;

    /// The highest of SQLite's primary result codes that an error can have.
    const LAST_ERROR: c_int = ffi::SQLITE_NOTADB;

    thread_local! {
        /// The connection that was opened last on this thread.
        static OPENED: Cell<*mut ffi::sqlite3> = const { Cell::new(std::ptr::null_mut()) };
        /// Code and message of the statement that failed last on this thread.
        static FAILED: RefCell<Option<(c_int, String)>> = const { RefCell::new(None) };
    }

    /// A connection as SQLite made it.
    pub(crate) struct Opened {
        /// The connection, which notes the code of each failed statement for [`code_of`].
        pub(crate) conn: SqliteConnection,
        /// How long its statements may still take.
        pub(crate) limit: Arc<Limit>,
        /// The file could only be opened for reading.
        pub(crate) read_only: bool,
        handle: Handle,
    }

    impl Opened {
        /// Passes the connection's events on from now on.
        pub(crate) fn watched_by(mut self, events: impl Instrumentation) -> Self {
            self.conn.set_instrumentation(noting(self.handle, events));
            self
        }
    }

    /// Opens the file as Diesel does.
    ///
    /// # Errors
    /// Diesel's, and one of our own should SQLite not tell which connection it opened.
    pub(crate) fn open(path: &str) -> ConnectionResult<Opened> {
        static REGISTERED: Once = Once::new();
        REGISTERED.call_once(|| {
            // SAFETY: the function has the type that SQLite asks for and stays for the life of the process.
            unsafe { ffi::sqlite3_auto_extension(Some(note_opened)) };
        });
        OPENED.set(std::ptr::null_mut());
        let mut conn = SqliteConnection::establish(path)?;
        let Some(handle) = NonNull::new(OPENED.replace(std::ptr::null_mut())) else {
            return Err(ConnectionError::BadConnection("SQLite did not return its connection".to_owned()));
        };
        let limit = Arc::new(Limit::default());
        // SAFETY: `establish` has just opened this handle on this thread and `conn` keeps it open.
        let read_only = unsafe {
            limit.attach(handle);
            ffi::sqlite3_db_readonly(handle.as_ptr(), c"main".as_ptr()) == 1
        };
        let handle = Handle(handle);
        conn.set_instrumentation(noting(handle, |_event: InstrumentationEvent<'_>| {}));
        Ok(Opened { conn, limit, read_only, handle })
    }

    /// Notes the code of each failed statement of this handle's connection, and passes its events on.
    fn noting(handle: Handle, mut events: impl Instrumentation) -> impl Instrumentation {
        move |event: InstrumentationEvent<'_>| {
            // All of it, and not the pointer in it alone, moves in here.
            let handle: &Handle = &handle;
            if let InstrumentationEvent::FinishQuery {
                error: Some(diesel::result::Error::DatabaseError(_, information)),
                ..
            } = &event
            {
                handle.note_failure(information.message());
            }
            events.on_connection_event(event);
        }
    }

    /// Called by SQLite at the end of each opening, on the thread that opens.
    unsafe extern "C" fn note_opened(
        handle: *mut ffi::sqlite3,
        _message: *mut *mut c_char,
        _routines: *const ffi::sqlite3_api_routines,
    ) -> c_int {
        // Not there any more when the thread is ending: then nobody asks either.
        let _ending = OPENED.try_with(|opened| opened.set(handle));
        ffi::SQLITE_OK
    }

    /// The connection's own handle. It is used only in the connection's instrumentation, so never after the
    /// connection was closed, and on the thread that has the connection.
    #[derive(Clone, Copy)]
    struct Handle(NonNull<ffi::sqlite3>);

    // SAFETY: the handle goes where its connection goes, and Diesel lets that one change threads.
    unsafe impl Send for Handle {}

    impl Handle {
        /// Keeps the code of the statement that has just failed.
        fn note_failure(&self, message: &str) {
            // SAFETY: Diesel calls this within a call on the connection, so it is open and nobody else uses it.
            let code = unsafe { ffi::sqlite3_extended_errcode(self.0.as_ptr()) };
            FAILED.replace(Some((code, message.to_owned())));
        }
    }

    /// SQLite's result code, extended where that is known, of an error with this message on this thread.
    ///
    /// Where Diesel told of the failure, it is the code that the connection had then. It does not tell of a query that
    /// fails while its rows are read, and has cleared the code by the time that we see the error; such an error carries
    /// what `sqlite3_errstr` gives for its code, so there the code is found by asking that function for each.
    pub(crate) fn code_of(message: &str) -> Option<c_int> {
        if let Some((code, failed)) = FAILED.take()
            && failed == message
            && code != ffi::SQLITE_OK
        {
            return Some(code);
        }
        (ffi::SQLITE_ERROR..=LAST_ERROR).find(|code| {
            // SAFETY: the function takes any number and gives a text that is never freed.
            let text = unsafe { CStr::from_ptr(ffi::sqlite3_errstr(*code)) };
            text.to_bytes() == message.as_bytes()
        })
    }

    /// When the statements of a connection must be done. SQLite asks every few thousand steps.
    #[derive(Debug, Default)]
    pub(crate) struct Limit {
        /// Milliseconds after the process first asked; 0: no limit.
        due: AtomicU64,
    }

    impl Limit {
        /// Statements end within `time` from now; one that does not is interrupted.
        pub(crate) fn set(&self, time: Duration) {
            self.due.store(milliseconds(Instant::now() + time).max(1), Ordering::Relaxed);
        }

        /// As long as it takes.
        pub(crate) fn lift(&self) {
            self.due.store(0, Ordering::Relaxed);
        }

        fn is_over(&self) -> bool {
            let due = self.due.load(Ordering::Relaxed);
            due != 0 && milliseconds(Instant::now()) > due
        }

        /// Makes SQLite ask, for as long as the connection lives.
        ///
        /// # Safety
        /// `handle` is an open connection that nobody else uses meanwhile.
        unsafe fn attach(self: &Arc<Self>, handle: NonNull<ffi::sqlite3>) {
            let limit = Arc::into_raw(Arc::clone(self)).cast_mut().cast::<c_void>();
            // SAFETY: the connection owns a share of the limit and gives it back when it is closed or when it could not
            // keep it; so the progress handler, which is no more called then, never sees a freed one.
            unsafe {
                let kept =
                    ffi::sqlite3_set_clientdata(handle.as_ptr(), c"rosterd".as_ptr(), limit, Some(give_back));
                if kept == ffi::SQLITE_OK {
                    ffi::sqlite3_progress_handler(handle.as_ptr(), STEPS, Some(ask), limit);
                }
            }
        }
    }

    /// Milliseconds since this was first asked.
    fn milliseconds(at: Instant) -> u64 {
        static START: LazyLock<Instant> = LazyLock::new(Instant::now);
        u64::try_from(at.saturating_duration_since(*START).as_millis()).unwrap_or(u64::MAX)
    }

    /// The progress handler: not zero interrupts the statement.
    unsafe extern "C" fn ask(limit: *mut c_void) -> c_int {
        // SAFETY: the pointer is that of `attach`; the connection holds a share of what it points to.
        c_int::from(unsafe { &*limit.cast::<Limit>() }.is_over())
    }

    /// Drops the connection's share of its limit.
    unsafe extern "C" fn give_back(limit: *mut c_void) {
        // SAFETY: the pointer comes from `Arc::into_raw` in `attach`, and SQLite calls this once.
        drop(unsafe { Arc::from_raw(limit.cast::<Limit>()) });
    }
}
