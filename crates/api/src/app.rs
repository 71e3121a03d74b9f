//! The application: what every handler shares, and the only way from a caller to data.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use rosterd_domain::clock::{Clock, UnixSeconds};
use rosterd_domain::json::JsonText;
use rosterd_domain::user::CallerRow;
use rosterd_storage::{Db, Document, Ownership, Store};

use crate::activity::Activity;
use crate::auth::Hold;
use crate::auth::caller::{Access, Caller};
use crate::auth::token::Tokens;
use crate::error::ApiError;
use crate::extract::Checked;
use crate::heavy::Heavy;
use crate::limiter::SignInLimiter;
use crate::passwords::Passwords;
use crate::services::avatars::Avatars;
use crate::services::permission_trees::PermissionTrees;
use crate::settings::Settings;

/// The application's state. A clone is another handle on the same state.
///
/// Handles are counted twice over, see `App::apart`.
#[derive(Clone)]
pub struct App(Arc<Shared>);

/// What all handles lead to, however they are counted.
struct Shared(Arc<Inner>);

impl std::ops::Deref for Shared {
    type Target = Inner;

    fn deref(&self) -> &Inner {
        &self.0
    }
}

struct Inner {
    store: Store,
    settings: Settings,
    clock: Arc<dyn Clock>,
    tokens: Tokens,
    activity: Activity,
    avatars: Avatars,
    permissions: PermissionTrees,
    passwords: Passwords,
    heavy: Heavy,
    limiter: SignInLimiter,
    stopping: AtomicBool,
}

impl App {
    /// Puts an application together and starts the threads that hash passwords. What runs beside the requests is
    /// started by [`App::start_background`].
    ///
    /// # Errors
    /// When the system gives no thread.
    pub fn new(store: Store, settings: Settings, clock: Arc<dyn Clock>) -> std::io::Result<Self> {
        Ok(Self(Arc::new(Shared(Arc::new(Inner {
            tokens: Tokens::new(&settings.secret),
            passwords: Passwords::new(&settings)?,
            heavy: Heavy::new()?,
            limiter: SignInLimiter::new(settings.sign_in_limit),
            activity: Activity::default(),
            avatars: Avatars::default(),
            permissions: PermissionTrees::new(&settings.defaults.permissions),
            stopping: AtomicBool::new(false),
            store,
            settings,
            clock,
        })))))
    }

    /// A handle whose clones are counted apart from those of this one. Each request takes a few; where all of them meet
    /// at one counter, so do the processor's cores.
    pub(crate) fn apart(&self) -> Self {
        Self(Arc::new(Shared(Arc::clone(&self.0.0))))
    }

    /// The store.
    #[must_use]
    pub fn store(&self) -> &Store {
        &self.0.store
    }

    /// The settings.
    #[must_use]
    pub fn settings(&self) -> &Settings {
        &self.0.settings
    }

    /// Seconds since the epoch, by the application's clock.
    #[must_use]
    pub fn now(&self) -> UnixSeconds {
        self.0.clock.now()
    }

    /// Checks and issues session tokens.
    #[must_use]
    pub fn tokens(&self) -> &Tokens {
        &self.0.tokens
    }

    pub(crate) fn activity(&self) -> &Activity {
        &self.0.activity
    }

    pub(crate) fn avatars(&self) -> &Avatars {
        &self.0.avatars
    }

    pub(crate) fn permission_trees(&self) -> &PermissionTrees {
        &self.0.permissions
    }

    pub(crate) fn passwords(&self) -> &Passwords {
        &self.0.passwords
    }

    pub(crate) fn heavy(&self) -> &Heavy {
        &self.0.heavy
    }

    pub(crate) fn limiter(&self) -> &SignInLimiter {
        &self.0.limiter
    }

    /// Only the newer Open WebUI can demand a second factor, and only in a database of its own.
    pub(crate) fn asks_for_second_factor(&self) -> bool {
        let layout = self.0.store.layout();
        layout.session_stamp && layout.ownership == Ownership::Attached
    }

    /// The caller's row, found sufficient: all that an answer about the callers themselves needs.
    ///
    /// # Errors
    /// The 401 of a caller who may not, and 503 when the database does not answer.
    pub async fn me<A: Access>(&self, caller: Caller<A>) -> Result<CallerRow, ApiError> {
        let app = self.clone();
        self.store().read(move |db| app.authorize(&caller, db)).await
    }

    /// One of the caller's documents, in one statement with the caller's row.
    ///
    /// # Errors
    /// As [`App::me`].
    pub(crate) async fn own_document<A: Access>(
        &self,
        caller: Caller<A>,
        document: Document,
    ) -> Result<Option<JsonText>, ApiError> {
        let (app, origin) = (self.clone(), caller.credential.origin());
        self.store()
            .read_for(origin, move |db| {
                app.authorize_with(&caller, db, document, Hold::Nothing).map(|(_me, stored)| stored)
            })
            .await
    }

    /// Runs point reads on behalf of a caller: by a unique key, a handful of rows. `work` gets the caller's row, read
    /// and found sufficient on the same connection.
    ///
    /// # Errors
    /// As [`App::me`], and whatever `work` fails with.
    pub async fn read<A, T>(
        &self,
        caller: Caller<A>,
        work: impl FnOnce(&mut dyn Db, CallerRow) -> Result<T, ApiError> + Send + 'static,
    ) -> Result<T, ApiError>
    where
        A: Access,
        T: Send + 'static,
    {
        let app = self.clone();
        self.store().snapshot(move |db| app.authorize(&caller, db).and_then(|me| work(db, me))).await
    }

    /// As [`App::read`], for work over many rows: it runs where it cannot hold up point reads.
    ///
    /// # Errors
    /// As [`App::read`].
    pub async fn scan<A, T>(
        &self,
        caller: Caller<A>,
        work: impl FnOnce(&mut dyn Db, CallerRow) -> Result<T, ApiError> + Send + 'static,
    ) -> Result<T, ApiError>
    where
        A: Access,
        T: Send + 'static,
    {
        let app = self.clone();
        if self.store().scans_may_lag() {
            // A replica may not know yet that a right was taken away: who calls is asked where it is written.
            let me = self.me(caller).await?;
            return self.store().scan(move |db| work(db, me)).await;
        }
        self.store().scan(move |db| app.authorize(&caller, db).and_then(|me| work(db, me))).await
    }

    /// Runs one transaction on behalf of a caller: what was checked is what is written. An error rolls all of it back.
    ///
    /// # Errors
    /// As [`App::read`].
    pub async fn write<A, T>(
        &self,
        caller: Caller<A>,
        work: impl FnOnce(&mut dyn Db, CallerRow) -> Result<T, ApiError> + Send + 'static,
    ) -> Result<T, ApiError>
    where
        A: Access,
        T: Send + 'static,
    {
        self.write_much(caller, 0, work).await
    }

    /// As [`App::write`], for work that brings so many bytes to be stored.
    ///
    /// # Errors
    /// As [`App::read`].
    pub(crate) async fn write_much<A, T>(
        &self,
        caller: Caller<A>,
        bytes: usize,
        work: impl FnOnce(&mut dyn Db, CallerRow) -> Result<T, ApiError> + Send + 'static,
    ) -> Result<T, ApiError>
    where
        A: Access,
        T: Send + 'static,
    {
        let (app, origin) = (self.clone(), caller.credential.origin().carrying(bytes));
        self.store().write_for(origin, move |db| app.authorize(&caller, db).and_then(|me| work(db, me))).await
    }

    /// As [`App::write`], for merging into one of the caller's documents: `work` gets it as it is stored, and the row is
    /// locked from the moment it is read. Of two updates at once, the later sees the earlier (rule S3). `bytes` is how
    /// many are to be merged.
    ///
    /// # Errors
    /// As [`App::read`].
    pub(crate) async fn update_own<A, T>(
        &self,
        caller: Caller<A>,
        document: Document,
        bytes: usize,
        work: impl FnOnce(&mut dyn Db, CallerRow, Option<JsonText>) -> Result<T, ApiError> + Send + 'static,
    ) -> Result<T, ApiError>
    where
        A: Access,
        T: Send + 'static,
    {
        let (app, origin) = (self.clone(), caller.credential.origin().carrying(bytes));
        self.store()
            .write_for(origin, move |db| {
                let (me, stored) = app.authorize_with(&caller, db, document, Hold::OwnRow)?;
                work(db, me, stored)
            })
            .await
    }

    /// The input of a request, or what is wrong with it, which only a caller who may use the endpoint gets to read.
    ///
    /// # Errors
    /// The 401 of a caller who may not, else the fault of the input.
    pub async fn accept<A: Access, C: Checked>(
        &self,
        caller: &Caller<A>,
        input: C,
    ) -> Result<C::Value, ApiError> {
        match input.into_result() {
            Ok(value) => Ok(value),
            Err(fault) => {
                self.me(caller.clone()).await?;
                Err(fault)
            }
        }
    }

    /// The caller's row, if the credential is good and the role enough. Marks the caller active (rule L4).
    pub(crate) fn authorize<A: Access>(
        &self,
        caller: &Caller<A>,
        db: &mut dyn Db,
    ) -> Result<CallerRow, ApiError> {
        let now = self.now();
        let me = caller.credential.find(self, db, now)?;
        self.admit(caller, &me, now)?;
        Ok(me)
    }

    /// The same with one of the caller's documents.
    fn authorize_with<A: Access>(
        &self,
        caller: &Caller<A>,
        db: &mut dyn Db,
        document: Document,
        hold: Hold,
    ) -> Result<(CallerRow, Option<JsonText>), ApiError> {
        let now = self.now();
        let (me, stored) = caller.credential.find_with(self, db, now, document, hold)?;
        self.admit(caller, &me, now)?;
        Ok((me, stored))
    }

    fn admit<A: Access>(&self, caller: &Caller<A>, me: &CallerRow, now: UnixSeconds) -> Result<(), ApiError> {
        caller.user.set(&me.id);
        self.activity().saw(&me.id, now);
        if A::allows(&me.role) { Ok(()) } else { Err(ApiError::AccessProhibited) }
    }

    /// How many passwords were checked since the start, those for accounts that do not exist included: both cost one
    /// hash each.
    #[must_use]
    pub fn password_checks(&self) -> u64 {
        self.passwords().checks()
    }

    /// How many rounds of bcrypt those checks took together: what their time depends on.
    #[must_use]
    pub fn password_rounds(&self) -> u64 {
        self.passwords().rounds()
    }

    /// Starts what runs beside the requests, on the runtime this is called from: activity is written every
    /// [`Settings::activity_flush`].
    pub fn start_background(&self) {
        let app = self.clone();
        actix_web::rt::spawn(async move {
            let mut ticks = actix_web::rt::time::interval(app.settings().activity_flush);
            loop {
                ticks.tick().await;
                app.limiter().forget_idle();
                app.write_activity(Due::Throttled).await;
            }
        });
    }

    /// Says that the server stops: from now on bodies that do not arrive hold up a request for a few seconds only.
    pub fn begin_stop(&self) {
        self.0.stopping.store(true, Ordering::Relaxed);
    }

    pub(crate) fn is_stopping(&self) -> bool {
        self.0.stopping.load(Ordering::Relaxed)
    }

    /// Writes what is still only in memory. Call it after the last request was answered.
    pub async fn shutdown(&self) {
        self.write_activity(Due::Everything).await;
    }

    /// One batch of activity, in one transaction. A failure is told once and the batch kept for the next time.
    async fn write_activity(&self, due: Due) {
        let now = self.now();
        let seen = match due {
            Due::Throttled => self.activity().due(now),
            Due::Everything => self.activity().unwritten(),
        };
        if seen.is_empty() {
            return;
        }
        let seen = Arc::new(seen);
        let batch = Arc::clone(&seen);
        match self.store().write(move |db| db.touch_users(&batch).map_err(ApiError::from)).await {
            Ok(()) => self.activity().written(&seen, now),
            Err(error) => {
                tracing::warn!(%error, users = seen.len(), "activity could not be written; it is kept");
            }
        }
    }
}

/// Which activity to write.
#[derive(Clone, Copy)]
enum Due {
    /// What the throttle lets through.
    Throttled,
    /// All of it.
    Everything,
}

impl std::fmt::Debug for App {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("App").finish_non_exhaustive()
    }
}
