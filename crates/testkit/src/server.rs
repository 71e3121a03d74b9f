//! A real server with its own port, database and a clock that the test sets.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError, mpsc};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use actix_web::rt;
use rosterd::config::{Config, ServerConfig};
use rosterd_app::settings::{Settings, TokenSecret};
use rosterd_app::{App, Listener, Record};
use rosterd_domain::clock::{Clock, FixedClock, SystemClock, UnixSeconds};
use rosterd_domain::ids::UserId;
use rosterd_storage::{Store, StoreOptions};
use tokio::sync::oneshot;

use crate::caller::{Account, Caller};
use crate::db::TestDb;
use crate::fixtures::Actors;
use crate::http;
use crate::token::TokenKind;

/// bcrypt's lowest cost: a test's passwords protect nothing.
pub(crate) const BCRYPT_COST: u32 = 4;

/// Where a test's clock stands at first: after everything in the recorded roster.
pub const START: UnixSeconds = 1_800_000_000;

/// A running server. It ends when dropped.
pub struct TestServer {
    app: App,
    events: Events,
    clock: TestClock,
    url: String,
    metrics_url: Option<String>,
    client: reqwest::Client,
    stop: Option<oneshot::Sender<Stop>>,
    thread: Option<JoinHandle<()>>,
    /// Last, so that the store has hung up before the database goes away.
    db: Arc<TestDb>,
}

/// What a server has told and nobody has taken yet.
type Events = Arc<Mutex<Vec<Record>>>;

/// How a server is to end.
enum Stop {
    Gracefully,
    AtOnce,
}

/// Which clock a server goes by.
#[derive(Clone)]
enum TestClock {
    Fixed(Arc<FixedClock>),
    System,
}

impl TestClock {
    fn shared(&self) -> Arc<dyn Clock> {
        match self {
            Self::Fixed(clock) => Arc::<FixedClock>::clone(clock),
            Self::System => Arc::new(SystemClock),
        }
    }
}

/// A server in the making.
#[must_use = "nothing runs before `start`"]
pub struct ServerBuilder {
    db: Arc<TestDb>,
    clock: TestClock,
    settings: Settings,
    server: ServerConfig,
    store: StoreOptions,
}

impl ServerBuilder {
    /// Goes by the machine's clock: for recordings and for real time.
    pub fn system_clock(mut self) -> Self {
        self.clock = TestClock::System;
        self
    }

    /// Changes the settings. They are the defaults but for bcrypt's cost, the secret (that of the recorded roster)
    /// and the limit by client IP, since all of a test's callers come from one.
    pub fn settings(mut self, change: impl FnOnce(&mut Settings)) -> Self {
        change(&mut self.settings);
        self
    }

    /// Changes how it listens. It is as the program does by default, but for a free port and two workers.
    pub fn server(mut self, change: impl FnOnce(&mut ServerConfig)) -> Self {
        change(&mut self.server);
        self
    }

    /// Changes how the store is opened.
    pub fn store(mut self, change: impl FnOnce(&mut StoreOptions)) -> Self {
        change(&mut self.store);
        self
    }

    /// Starts it.
    ///
    /// # Panics
    /// When the database cannot be opened or no port is to be had.
    pub async fn start(self) -> TestServer {
        let Self { db, clock, settings, server, store } = self;
        // Opening blocks, and the test's runtime may have more to do.
        let opened =
            tokio::task::spawn_blocking(move || Store::open(&store)).await.expect("opening does not panic");
        let store = opened.unwrap_or_else(|e| panic!("the test's database does not open: {e}"));
        let (started, start) = mpsc::channel();
        let (stop, stopped) = oneshot::channel();
        let its_clock = clock.shared();
        let events = Events::default();
        let heard = Arc::clone(&events);
        let listener: Listener = Arc::new(move |record| {
            heard.lock().unwrap_or_else(PoisonError::into_inner).push(record.clone());
        });
        let thread = thread::spawn(move || {
            rt::System::new().block_on(serve(
                (store, settings, its_clock, listener),
                server,
                started,
                stopped,
            ));
        });
        let (url, metrics_url, app) = start.recv().expect("the server starts");
        TestServer {
            db,
            app,
            events,
            clock,
            url,
            metrics_url,
            client: http::client(),
            stop: Some(stop),
            thread: Some(thread),
        }
    }
}

impl TestServer {
    /// A server with the usual settings on this database, its clock at [`START`].
    pub async fn start(db: impl Into<Arc<TestDb>>) -> Self {
        Self::builder(db).start().await
    }

    /// A server to describe and [start](ServerBuilder::start).
    pub fn builder(db: impl Into<Arc<TestDb>>) -> ServerBuilder {
        let db = db.into();
        let secret = Actors::recorded().secret.as_bytes();
        let mut settings = Settings::new(TokenSecret::new(secret));
        settings.bcrypt_cost = BCRYPT_COST;
        settings.sign_in_limit.per_client_ip = 10_000;
        // Tests seal events themselves.
        settings.audit.seal_every = Duration::from_hours(1);
        // And deliver them themselves, to receivers of their own.
        settings.webhooks.every = Duration::from_hours(1);
        settings.webhooks.allow_private = true;
        // A test that calls every endpoint does not wait for events.
        settings.audit.stream_for = Duration::ZERO;
        let store = StoreOptions::new(db.database_url());
        ServerBuilder {
            db,
            clock: TestClock::Fixed(Arc::new(FixedClock::new(START))),
            settings,
            server: listening(),
            store,
        }
    }

    /// Another server with its own store on the same database and by the same clock, as a second process would be.
    pub async fn second(&self) -> Self {
        self.second_builder().start().await
    }

    /// The same, to describe first. It has the settings this server was started with.
    pub fn second_builder(&self) -> ServerBuilder {
        ServerBuilder {
            db: Arc::clone(&self.db),
            clock: self.clock.clone(),
            settings: self.app.settings().clone(),
            server: listening(),
            store: StoreOptions::new(self.db.database_url()),
        }
    }

    /// Its URL, without a slash at the end.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The URL of the listener of its metrics, without a slash at the end.
    ///
    /// # Panics
    /// When the metrics have no listener of their own.
    #[must_use]
    pub fn metrics_url(&self) -> &str {
        self.metrics_url.as_deref().expect("the metrics have a listener")
    }

    /// Somebody without credentials, at that listener.
    ///
    /// # Panics
    /// As [`metrics_url`](Self::metrics_url).
    #[must_use]
    pub fn at_metrics(&self) -> Caller {
        Caller::anonymous(self.metrics_url(), self.client.clone())
    }

    /// Its database.
    #[must_use]
    pub fn db(&self) -> &TestDb {
        &self.db
    }

    /// Its store.
    #[must_use]
    pub fn store(&self) -> &Store {
        self.app.store()
    }

    /// The application behind it.
    #[must_use]
    pub fn app(&self) -> &App {
        &self.app
    }

    /// The events that were told since they were last taken.
    #[must_use]
    pub fn take_events(&self) -> Vec<Record> {
        std::mem::take(&mut *self.events.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Forgets the events that were told so far.
    pub fn forget_events(&self) {
        drop(self.take_events());
    }

    /// Its clock, to be moved.
    ///
    /// # Panics
    /// When it goes by the machine's clock.
    #[must_use]
    pub fn clock(&self) -> &FixedClock {
        match &self.clock {
            TestClock::Fixed(clock) => clock,
            TestClock::System => panic!("this server goes by the machine's clock"),
        }
    }

    /// The current second by its clock.
    #[must_use]
    pub fn now(&self) -> UnixSeconds {
        self.app.now()
    }

    /// Somebody without credentials.
    #[must_use]
    pub fn anonymous(&self) -> Caller {
        Caller::anonymous(&self.url, self.client.clone())
    }

    /// A token for this user, good or bad.
    #[must_use]
    pub fn token(&self, kind: TokenKind, id: &UserId) -> String {
        kind.make(id.as_str(), self.app.settings().secret.expose(), self.now())
    }

    /// The owner of an account, with a good token.
    pub(crate) fn caller(&self, account: Account) -> Caller {
        let token = self.token(TokenKind::Valid, &account.id);
        self.anonymous().signed_in(account, token)
    }

    /// Stops it as an operator would: requests in flight are answered, activity is written.
    pub async fn stop(mut self) {
        self.tell(Stop::Gracefully);
        let thread = self.thread.take();
        // Beside the test's own runtime, on which the requests in flight may be waiting for their answers.
        let joined = tokio::task::spawn_blocking(|| thread.map(JoinHandle::join)).await;
        assert!(matches!(joined, Ok(Some(Ok(())))), "the server ended in a panic");
    }

    fn tell(&mut self, how: Stop) {
        // Nobody listens when the server has already ended.
        let _ = self.stop.take().map(|stop| stop.send(how));
    }
}

impl Drop for TestServer {
    fn drop(&mut self) {
        self.tell(Stop::AtOnce);
        // A panic of the server's thread has been printed; the test's own assertions say more.
        let _ = self.thread.take().map(JoinHandle::join);
    }
}

impl fmt::Debug for TestServer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TestServer").field("url", &self.url).field("db", &self.db).finish_non_exhaustive()
    }
}

/// How a server listens unless the test says otherwise.
fn listening() -> ServerConfig {
    let variables = [("HOST", "127.0.0.1"), ("PORT", "0"), ("ROSTERD_WORKERS", "2")];
    Config::from_variables(variables).expect("these variables make a configuration").server
}

/// Serves until told to end, with the program's own wiring; gives the URL and the application behind it.
async fn serve(
    (store, settings, clock, listener): (Store, Settings, Arc<dyn Clock>, Listener),
    server: ServerConfig,
    started: mpsc::Sender<(String, Option<String>, App)>,
    stopped: oneshot::Receiver<Stop>,
) {
    let app = App::telling(store, settings, clock, listener).expect("the system gives threads");
    let running = rosterd::server::serve(app, &server);
    let running = running.expect("the loopback interface has a free port");
    let url = |addr| format!("http://{addr}");
    let metrics_url = running.metrics_addr().map(url);
    let _ = started.send((url(running.addr()), metrics_url, running.app().clone()));
    let graceful = matches!(stopped.await, Ok(Stop::Gracefully));
    running.stop(graceful).await.expect("the server did not fail");
}
