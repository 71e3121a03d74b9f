//! The running server: started from a [`Config`], stopped without losing a request.
//!
//! Stopping runs in this order: no new connection is taken and idle ones are closed; requests in flight finish
//! (at most `shutdown_timeout`); collected activity is written; the database is closed, so that a SQLite one is a single
//! file. Every write that was acknowledged is committed by then: the store answers after the commit.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use actix_web::dev::ServerHandle;
use actix_web::middleware::{Condition, from_fn};
use actix_web::{App as Actix, HttpServer, rt};
use rosterd_api::Metrics;
use rosterd_app::jobs::{self, Runner};
use rosterd_app::{App, Listener, presence, setup};
use rosterd_domain::clock::SystemClock;
use rosterd_storage::{OpenError, Ownership, Store};
use tokio::task::{JoinError, JoinHandle};

use crate::config::{Config, DatabaseConfig, SecretError, SecretSource, ServerConfig};
use crate::connections::{self, Connections};
use crate::folder;
use crate::metrics::MetricsListener;
use crate::signals::Signals;
pub use crate::start_error::StartError;
#[cfg(feature = "otel")]
use crate::traces::{self, Traces};
use crate::welcome;

/// Connections the system may hold ready before they are taken.
const BACKLOG: u32 = 1024;

/// Threads a worker has for blocking calls: we make none there, the store and the hasher have their own.
const BLOCKING_THREADS: usize = 1;

/// How long a connection that is to be closed is still read from, after an answer that came before the end of the body:
/// a client that sends all of it before it reads an answer would otherwise find none, only a broken connection.
const LINGER: Duration = Duration::from_secs(3);

/// A server that answers requests. Dropping it does not stop it; [`Running::stop`] does.
pub struct Running {
    addrs: Vec<SocketAddr>,
    server_handle: ServerHandle,
    server: JoinHandle<io::Result<()>>,
    app: App,
    beside: Beside,
}

/// What runs beside the server, and ends after it.
struct Beside {
    jobs: Runner,
    metrics: Option<MetricsListener>,
    #[cfg(feature = "otel")]
    traces: Option<Traces>,
}

impl Running {
    /// The IP and port it listens on, with the real port if 0 was asked for. The first, if a name means several.
    #[must_use]
    pub fn addr(&self) -> SocketAddr {
        // `start` refuses to run without a place to listen on.
        self.addrs.first().copied().unwrap_or_else(|| SocketAddr::from(([127, 0, 0, 1], 0)))
    }

    /// The IP and port that the metrics have for themselves, if they do.
    #[must_use]
    pub fn metrics_addr(&self) -> Option<SocketAddr> {
        self.beside.metrics.as_ref().map(MetricsListener::addr)
    }

    /// The application behind it, for tests and embedding programs.
    #[must_use]
    pub fn app(&self) -> &App {
        &self.app
    }

    /// Actix's handle on the server.
    #[must_use]
    pub fn server_handle(&self) -> ServerHandle {
        self.server_handle.clone()
    }

    /// Stops. `graceful` waits for requests in flight; else their connections are closed. Activity is written and the
    /// database closed either way.
    ///
    /// # Errors
    /// [`StartError`] when the server had failed before.
    pub async fn stop(self, graceful: bool) -> Result<(), StartError> {
        self.app.begin_stop();
        self.server_handle.stop(graceful).await;
        self.ended().await
    }

    /// Runs until SIGTERM or SIGINT (Ctrl-C), then stops gracefully; a second signal ends the process at once.
    ///
    /// # Errors
    /// [`StartError`] when the server failed by itself, and [`StartError::Ousted`].
    pub async fn until_signal(mut self, mut signals: Signals) -> Result<(), StartError> {
        let app = self.app.clone();
        tokio::select! {
            signal = signals.next() => {
                tracing::info!(signal, "stopping; running requests finish first");
                // Needed when a graceful stop takes too long for somebody; gone with the process.
                rt::spawn(async move {
                    let signal = signals.next().await;
                    tracing::warn!(signal, "second signal: stopping at once");
                    std::process::exit(130);
                });
                self.stop(true).await?;
                tracing::info!("stopped");
                Ok(())
            }
            source_url = app.ousted() => {
                self.stop(true).await?;
                Err(StartError::Ousted { source_url })
            }
            ended = &mut self.server => {
                leave(&self.app, self.beside).await;
                outcome(ended)
            }
        }
    }

    async fn ended(self) -> Result<(), StartError> {
        let ended = self.server.await;
        leave(&self.app, self.beside).await;
        outcome(ended)
    }
}

/// What is done when the last request was answered.
async fn leave(app: &App, beside: Beside) {
    beside.jobs.stop().await;
    if let Some(metrics) = beside.metrics {
        metrics.stop().await;
    }
    close(app.store()).await;
    #[cfg(feature = "otel")]
    if let Some(traces) = beside.traces {
        // After what matters more, since it may wait for a collector. A panic there is told by its own thread.
        let _ = tokio::task::spawn_blocking(move || traces.stop()).await;
    }
}

/// How the server's task ended.
fn outcome(ended: Result<io::Result<()>, JoinError>) -> Result<(), StartError> {
    ended.map_err(|_panic| StartError::Panicked)?.map_err(StartError::Server)
}

impl std::fmt::Debug for Running {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Running").field("addrs", &self.addrs).finish_non_exhaustive()
    }
}

/// Starts the server that a configuration describes, on the current runtime: resolves the secret, opens the
/// database (migrating a standalone one) and listens.
///
/// # Errors
/// [`StartError`], whose sentence names the setting to look at.
pub async fn start(config: &Config) -> Result<Running, StartError> {
    let app = open(config, Access::Make, Signing::Tokens, None).await?;
    if let Err(error) = announce(&app, &config.database).await {
        close(app.store()).await;
        return Err(error);
    }
    // Before anybody can sign up. A database that takes no writes takes no account either.
    let token = setup::prepare(&app).await.unwrap_or_else(|why| {
        tracing::warn!("there is no set-up token, because the database failed: {why}");
        None
    });
    let running = match listen(app.clone(), &config.server) {
        Ok(running) => running,
        Err(error) => {
            close(app.store()).await;
            return Err(error);
        }
    };
    let mode = match running.app.store().layout().ownership {
        Ownership::Standalone => "standalone",
        Ownership::Attached => "attached",
    };
    for addr in &running.addrs {
        // The URL shows itself without its password.
        tracing::info!(database = %config.database.url, mode, "listening on http://{addr}");
    }
    if let Some(addr) = running.metrics_addr() {
        tracing::info!("metrics at http://{addr}/metrics");
    }
    // Beside the server: counting the accounts of Open WebUI may take long.
    rt::spawn(welcome::tell(running.app.clone(), running.addrs.clone(), token));
    Ok(running)
}

/// Says in the database that a server works on it, before the server writes anything else. A migration into it that began since
/// it was opened is seen here.
async fn announce(app: &App, database: &DatabaseConfig) -> Result<(), StartError> {
    match presence::announce(app).await {
        Ok(None) => Ok(()),
        Ok(Some(source_url)) => {
            let url = database.url.to_string();
            Err(StartError::Database(OpenError::Unfinished { url, source_url }))
        }
        // It may only be readable. What can be read is answered, and the job tries again.
        Err(why) => {
            tracing::warn!("the database was not told that this server works on it: {why}");
            Ok(())
        }
    }
}

/// What a command does to a database, and what it may make where there is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Folder, database, tables and secret file are made where they are missing.
    Make,
    /// Rows are changed; a standalone database is brought up to date first. Nothing is made.
    Change,
    /// Nothing is changed or made, and an older database is not brought up to date.
    Read,
}

/// The application that a configuration describes, without a server: for commands that do one thing and end, which
/// [`close`] its store, and sign no tokens. `listener` is told of events. A database of Open WebUI is opened without its secret, too.
///
/// # Errors
/// As [`start`], but for the IP and port.
pub async fn open_app(config: &Config, access: Access, listener: Listener) -> Result<App, StartError> {
    open(config, access, Signing::Never, Some(listener)).await
}

/// The same for commands that sign tokens.
///
/// # Errors
/// As [`start`], but for the IP and port.
pub async fn open_signing_app(
    config: &Config,
    access: Access,
    listener: Listener,
) -> Result<App, StartError> {
    open(config, access, Signing::Tokens, Some(listener)).await
}

/// What the secret is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Signing {
    Tokens,
    Never,
}

/// Events go to `listener`, or to the log.
async fn open(
    config: &Config,
    access: Access,
    signing: Signing,
    listener: Option<Listener>,
) -> Result<App, StartError> {
    // A secret that cannot be used is told before a database is opened or made.
    let found = config.tokens.secret.find()?;
    let previous = match signing {
        Signing::Tokens => config.tokens.previous_secret()?,
        Signing::Never => None,
    };
    let store = open_store(&config.database, access).await?;
    let ownership = store.layout().ownership;
    let secret = match (found, &config.tokens.secret) {
        (None, SecretSource::File(path)) if ownership == Ownership::Standalone && access != Access::Make => {
            Err(SecretError::NotMade { path: path.clone() })
        }
        (found, _) => config.tokens.secret_for(ownership, found),
    };
    let secret = match secret {
        Err(SecretError::NotNamed | SecretError::NotThere { .. } | SecretError::NotMade { .. })
            if signing == Signing::Never =>
        {
            Ok(SecretSource::throw_away())
        }
        secret => secret,
    };
    let app = secret.map_err(StartError::from).and_then(|secret| {
        let settings = config.api_settings(secret, previous);
        let (store, clock) = (store.clone(), Arc::new(SystemClock));
        match listener {
            Some(listener) => App::telling(store, settings, clock, listener),
            None => App::new(store, settings, clock),
        }
        .map_err(StartError::Threads)
    });
    if app.is_err() {
        close(&store).await;
    }
    app
}

/// Closes the database, see [`Store::close`], beside the threads that answer.
pub async fn close(store: &Store) {
    let store = store.clone();
    if rt::task::spawn_blocking(move || store.close()).await.is_err() {
        tracing::error!("closing the database panicked");
    }
}

/// Opens the database, with [`Access::Make`] after making the folder of a SQLite file. Whoever opened it [`close`]s it.
///
/// # Errors
/// [`StartError::Folder`] or [`StartError::Database`].
pub async fn open_store(database: &DatabaseConfig, access: Access) -> Result<Store, StartError> {
    if access == Access::Make
        && let Some(folder) = database.folder()
    {
        folder::make(&folder).map_err(|source| StartError::Folder { folder, source })?;
    }
    let mut options = database.store_options();
    options.create = access == Access::Make;
    options.migrate &= access != Access::Read;
    // Connecting and migrating block.
    match rt::task::spawn_blocking(move || Store::open(&options)).await {
        Ok(opened) => opened.map_err(StartError::Database),
        Err(_panic) => Err(StartError::Panicked),
    }
}

/// Starts a server over an application that was put together elsewhere, and without a line in the log: for tests.
///
/// # Errors
/// [`StartError::Bind`] and [`StartError::BindMetrics`] when it cannot listen on a host and port.
pub fn serve(app: App, server: &ServerConfig) -> Result<Running, StartError> {
    listen(app, server)
}

fn listen(app: App, server: &ServerConfig) -> Result<Running, StartError> {
    let missing = [
        app.sessions_are_not_kept(),
        app.attempts_are_counted_apart(),
        app.mail_has_no_table(),
        app.confirmation_has_no_table(),
    ];
    for missing in missing.into_iter().flatten() {
        tracing::warn!("{missing}");
    }
    let metrics = Metrics::new(&app);
    let configure = rosterd_api::configure_with(&app, &metrics);
    let connections =
        Connections::new(server.connections_per_peer, server.unlimited_peers.clone(), server.send_timeout);
    let origins = !app.settings().allowed_origins.is_empty();
    #[cfg(feature = "otel")]
    let traces = Traces::start().map_err(StartError::Traces)?;
    #[cfg(feature = "otel")]
    let its_traces = traces.clone();
    let bound = HttpServer::new(move || {
        // The last is the outermost.
        let actix = Actix::new()
            .wrap(from_fn(rosterd_api::guard_bodies))
            .wrap(from_fn(connections::refuse_surplus))
            .wrap(Condition::new(origins, from_fn(rosterd_api::allow_origins)))
            .wrap(from_fn(rosterd_api::log_requests));
        #[cfg(feature = "otel")]
        let actix = its_traces.iter().fold(actix, |actix, traces| actix.app_data(traces.clone()));
        #[cfg(feature = "otel")]
        let actix = actix.wrap(Condition::new(its_traces.is_some(), from_fn(traces::trace)));
        actix.configure(configure.clone())
    })
    .on_connect(move |connection, extensions| connections.admit(connection, extensions))
    .max_connections(connections::per_worker(connections::open_files(), server.workers))
    .workers(server.workers)
    .worker_max_blocking_threads(BLOCKING_THREADS)
    .backlog(BACKLOG)
    .keep_alive(server.keep_alive)
    .client_request_timeout(server.request_timeout)
    .client_disconnect_timeout(LINGER)
    .shutdown_timeout(server.shutdown_timeout.as_millis().div_ceil(1000).try_into().unwrap_or(u64::MAX))
    // Signals are the program's business (`until_signal`): actix stops without grace on SIGINT.
    .disable_signals()
    .bind((server.host.as_str(), server.port))
    .map_err(|source| StartError::Bind { host: server.host.clone(), port: server.port, source })?;
    let addrs = bound.addrs();
    // Before anything is answered, since it may fail.
    let metrics = MetricsListener::start(server, &metrics)?;
    let running = bound.run();
    let server_handle = running.handle();
    let beside = Beside {
        jobs: Runner::start(&app, &jobs::ALL),
        metrics,
        #[cfg(feature = "otel")]
        traces,
    };
    Ok(Running { addrs, server_handle, server: rt::spawn(running), app, beside })
}
