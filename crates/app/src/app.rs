//! What all use cases share. How they reach data is in [`ways`](crate::ways).

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use rosterd_domain::clock::{Clock, UnixMillis, UnixSeconds};
use rosterd_domain::dialect::Dialect;
use rosterd_domain::ids::{ApiKeyId, ConnectionId, SessionId};
use rosterd_domain::permissions::Rights;
use rosterd_storage::{Reads, Store};

use crate::activity::Activity;
use crate::audit::{CountedEvents, EventIds};
use crate::avatars::Avatars;
use crate::error::{AppError, AppResult};
use crate::heavy::Heavy;
use crate::jobs::JobCounts;
use crate::known_browsers::KnownBrowsers;
use crate::limiter::SignInLimiter;
use crate::links::LinkTokens;
use crate::mail::Mail;
use crate::metrics::SignIns;
use crate::passwords::{Asker, Passwords};
use crate::permission_trees::PermissionTrees;
use crate::presence::Presence;
use crate::record::{self, Listener};
use crate::request::ClientIp;
use crate::revoked::Revoked;
use crate::settings::{Settings, TOKEN_COOKIE};
use crate::stored_config::{ApiKeyConfig, SecondFactor, StoredConfig};
use crate::tokens::Tokens;
use crate::webhooks::Webhooks;

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
    sessions_seen: Activity<SessionId>,
    key_uses: Activity<ApiKeyId>,
    connection_uses: Activity<ConnectionId>,
    avatars: Avatars,
    permissions: PermissionTrees,
    passwords: Passwords,
    heavy: Heavy,
    limiter: SignInLimiter,
    known_browsers: KnownBrowsers,
    link_tokens: LinkTokens,
    revoked: Revoked,
    listener: Listener,
    counted_events: CountedEvents,
    event_ids: EventIds,
    webhooks: Webhooks,
    mail: Mail,
    sign_ins: SignIns,
    jobs: JobCounts,
    presence: Presence,
    stopping: AtomicBool,
}

impl App {
    /// Puts an application together and starts the threads that hash passwords. What runs beside the requests is
    /// started by [`jobs`](crate::jobs).
    ///
    /// # Errors
    /// When the system gives no thread.
    pub fn new(store: Store, settings: Settings, clock: Arc<dyn Clock>) -> std::io::Result<Self> {
        Self::telling(store, settings, clock, Arc::new(record::log))
    }

    /// As [`new`](App::new), with somebody else to be told of events in place of the log.
    ///
    /// # Errors
    /// As [`new`](App::new).
    pub fn telling(
        store: Store,
        mut settings: Settings,
        clock: Arc<dyn Clock>,
        listener: Listener,
    ) -> std::io::Result<Self> {
        let dialect = store.layout().dialect;
        settings.defaults = settings.defaults.in_dialect(dialect);
        let defaults = &mut settings.defaults;
        defaults.permissions = defaults.permissions.in_terms_of(Rights::of(dialect));
        settings.hash_algorithm = settings.hash_algorithm.in_dialect(dialect);
        if !store.layout().is_standalone() && settings.cookie.name != TOKEN_COOKIE {
            tracing::warn!(
                "the cookie of a session is named {TOKEN_COOKIE} in an attached database, since Open WebUI reads no other"
            );
            TOKEN_COOKIE.clone_into(&mut settings.cookie.name);
        }
        settings.password_policy.max_bytes = settings.hash_algorithm.max_bytes();
        Ok(Self(Arc::new(Shared(Arc::new(Inner {
            tokens: Tokens::new(&settings.secret, settings.previous_secret.as_ref()),
            passwords: Passwords::new(&settings)?,
            heavy: Heavy::new()?,
            limiter: SignInLimiter::new(settings.sign_in_limit, &settings.secret, store.layout().attempts)?,
            known_browsers: KnownBrowsers::new(&settings.secret)?,
            link_tokens: LinkTokens::new(&settings.secret, settings.previous_secret.as_ref())?,
            revoked: Revoked::default(),
            activity: Activity::default(),
            key_uses: Activity::default(),
            connection_uses: Activity::default(),
            sessions_seen: Activity::default(),
            avatars: Avatars::default(),
            permissions: PermissionTrees::new(&settings.defaults.permissions),
            counted_events: CountedEvents::default(),
            event_ids: EventIds::default(),
            webhooks: Webhooks::new(&settings)?,
            mail: Mail::new(&settings),
            listener,
            sign_ins: SignIns::default(),
            jobs: JobCounts::default(),
            presence: Presence::default(),
            stopping: AtomicBool::new(false),
            store,
            settings,
            clock,
        })))))
    }

    /// A handle whose clones are counted apart from those of this one. Each request takes a few; where all of them meet
    /// at one counter, so do the processor's cores.
    #[must_use]
    pub fn apart(&self) -> Self {
        Self(Arc::new(Shared(Arc::clone(&self.0.0))))
    }

    /// The store.
    #[must_use]
    pub fn store(&self) -> &Store {
        &self.0.store
    }

    /// Which generation of front ends this database speaks to.
    #[must_use]
    pub fn dialect(&self) -> Dialect {
        self.store().layout().dialect
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

    /// Milliseconds since the epoch, by the same clock.
    #[must_use]
    pub fn now_millis(&self) -> UnixMillis {
        self.0.clock.now_millis()
    }

    /// Whether events are written into the database, in the transaction of what they tell of.
    #[must_use]
    pub fn keeps_audit_log(&self) -> bool {
        self.0.store.layout().events && self.0.settings.audit.is_on
    }

    pub(crate) fn event_ids(&self) -> &EventIds {
        &self.0.event_ids
    }

    /// What is counted and not written yet.
    pub(crate) fn counted_events(&self) -> &CountedEvents {
        &self.0.counted_events
    }

    pub(crate) fn webhooks(&self) -> &Webhooks {
        &self.0.webhooks
    }

    pub(crate) fn mail(&self) -> &Mail {
        &self.0.mail
    }

    pub(crate) fn presence(&self) -> &Presence {
        &self.0.presence
    }

    /// Checks and issues session tokens.
    #[must_use]
    pub fn tokens(&self) -> &Tokens {
        &self.0.tokens
    }

    pub(crate) fn activity(&self) -> &Activity {
        &self.0.activity
    }

    pub(crate) fn key_uses(&self) -> &Activity<ApiKeyId> {
        &self.0.key_uses
    }

    /// When this process was last asked by each connection.
    pub(crate) fn connection_uses(&self) -> &Activity<ConnectionId> {
        &self.0.connection_uses
    }

    /// When this process saw the sessions that are kept in the database.
    pub(crate) fn sessions_seen(&self) -> &Activity<SessionId> {
        &self.0.sessions_seen
    }

    /// Decoded profile images.
    #[must_use]
    pub fn avatars(&self) -> &Avatars {
        &self.0.avatars
    }

    pub(crate) fn permission_trees(&self) -> &PermissionTrees {
        &self.0.permissions
    }

    pub(crate) fn passwords(&self) -> &Passwords {
        &self.0.passwords
    }

    /// Where documents are worked on that would keep a thread busy.
    #[must_use]
    pub fn heavy(&self) -> &Heavy {
        &self.0.heavy
    }

    pub(crate) fn known_browsers(&self) -> &KnownBrowsers {
        &self.0.known_browsers
    }

    pub(crate) fn link_tokens(&self) -> &LinkTokens {
        &self.0.link_tokens
    }

    pub(crate) fn limiter(&self) -> &SignInLimiter {
        &self.0.limiter
    }

    pub(crate) fn revoked(&self) -> &Revoked {
        &self.0.revoked
    }

    /// Whether the sessions that begin here are kept in the database, and can be listed and ended one by one (rule A4). Where
    /// they are not, [`sessions_are_not_kept`](Self::sessions_are_not_kept) says what that means.
    #[must_use]
    pub fn keeps_sessions(&self) -> bool {
        self.0.store.layout().sessions
    }

    /// What cannot be done where sessions are not kept, for the log of a server that starts; `None` where they are.
    #[must_use]
    pub fn sessions_are_not_kept(&self) -> Option<&'static str> {
        let layout = self.0.store.layout();
        match (layout.sessions, layout.session_stamp) {
            (true, _) => None,
            (false, true) => Some(
                "this database has no table rosterd_session: sessions cannot be listed, and only all sessions of an account can \
                 be ended, not single ones. `rosterd adopt --apply` adds the table; start the server again afterwards",
            ),
            (false, false) => Some(
                "this database has no table rosterd_session: sessions can neither be listed nor ended before their tokens end, \
                 except by signing out. `rosterd adopt --apply` adds the table; start the server again afterwards",
            ),
        }
    }

    /// Whether attempts to sign in are counted in the database, for all processes on it together (rule M28). Where they are
    /// not, [`attempts_are_counted_apart`](Self::attempts_are_counted_apart) says what that means.
    #[must_use]
    pub fn counts_attempts_together(&self) -> bool {
        self.0.store.layout().attempts
    }

    /// What is not as it should be where each process counts attempts to sign in for itself, for the log of a server that
    /// starts; `None` where they are counted together.
    #[must_use]
    pub fn attempts_are_counted_apart(&self) -> Option<&'static str> {
        (!self.counts_attempts_together()).then_some(
            "this database has no table rosterd_attempt: attempts to sign in are counted in the memory of this process alone, \
             and a restart forgets them. `rosterd adopt --apply` adds the table; start the server again afterwards",
        )
    }

    /// Only the newer Open WebUI can demand a second factor, and only in a database of its own.
    pub(crate) fn asks_for_second_factor(&self) -> bool {
        self.0.store.layout().has_second_factor()
    }

    /// The stored configuration as it is now.
    ///
    /// # Errors
    /// Those of the store.
    pub fn stored_config(&self, db: &mut dyn Reads) -> AppResult<StoredConfig> {
        StoredConfig::read(db, self.store().layout(), &self.settings().defaults)
    }

    /// The settings that decide on API keys as they are now.
    pub(crate) fn api_key_config(&self, db: &mut dyn Reads) -> AppResult<ApiKeyConfig> {
        ApiKeyConfig::read(db, self.store().layout().config, &self.settings().defaults)
    }

    /// Whether a second factor is demanded as the settings are now. To be asked only where
    /// [`asks_for_second_factor`](Self::asks_for_second_factor).
    pub(crate) fn second_factor(&self, db: &mut dyn Reads) -> AppResult<SecondFactor> {
        SecondFactor::read(db, self.store().layout().config, &self.settings().defaults)
    }

    pub(crate) fn sign_ins(&self) -> &SignIns {
        &self.0.sign_ins
    }

    pub(crate) fn job_counts(&self) -> &JobCounts {
        &self.0.jobs
    }

    pub(crate) fn listener(&self) -> Listener {
        Arc::clone(&self.0.listener)
    }

    /// How many passwords were checked since the start, those for accounts that do not exist included: both cost one
    /// hash each.
    #[must_use]
    pub fn password_checks(&self) -> u64 {
        self.passwords().checks()
    }

    /// How much work those checks took together, such as rounds of bcrypt: what their time depends on.
    #[must_use]
    pub fn password_rounds(&self) -> u64 {
        self.passwords().rounds()
    }

    /// Runs work on one of the threads that check passwords, when its turn comes. While it runs, that thread checks none: so a
    /// test can change an account while a sign-in waits, without a hash that takes seconds.
    ///
    /// # Errors
    /// [`AppError::Busy`] when too many are waiting.
    pub async fn on_password_thread<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, AppError> {
        self.passwords().run(Asker::Known(ClientIp::default()), work).await
    }

    /// Says that the server stops: from now on bodies that do not arrive hold up a request for a few seconds only.
    pub fn begin_stop(&self) {
        self.0.stopping.store(true, Ordering::Relaxed);
    }

    /// Whether it does.
    #[must_use]
    pub fn is_stopping(&self) -> bool {
        self.0.stopping.load(Ordering::Relaxed)
    }
}

impl std::fmt::Debug for App {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("App").finish_non_exhaustive()
    }
}
