//! The listener of the metrics: with a thread of its own, so that it waits for no request and no request waits for it.

use std::net::SocketAddr;

use actix_web::dev::ServerHandle;
use actix_web::middleware::from_fn;
use actix_web::{App as Actix, HttpServer, rt};
use rosterd_api::Metrics;

use crate::config::ServerConfig;
use crate::server::StartError;

/// Connections at a time. A Prometheus server has one.
const CONNECTIONS: usize = 64;

/// The listener, running.
pub(crate) struct MetricsListener {
    addr: SocketAddr,
    server: ServerHandle,
}

impl MetricsListener {
    /// Starts it where the configuration says; `None` if there is to be none.
    ///
    /// # Errors
    /// [`StartError::BindMetrics`] when it cannot listen there.
    pub(crate) fn start(server: &ServerConfig, metrics: &Metrics) -> Result<Option<Self>, StartError> {
        let Some(listen) = &server.metrics else { return Ok(None) };
        let configure = rosterd_api::metrics::configure(metrics);
        let failed = |source| StartError::BindMetrics { listen: listen.clone(), source };
        let bound = HttpServer::new(move || {
            Actix::new().wrap(from_fn(rosterd_api::log_requests)).configure(configure.clone())
        })
        .workers(1)
        .worker_max_blocking_threads(1)
        .max_connections(CONNECTIONS)
        .keep_alive(server.keep_alive)
        .client_request_timeout(server.request_timeout)
        .disable_signals()
        .bind((listen.host.as_str(), listen.port))
        .map_err(failed)?;
        // A name that stands for no IP was an error.
        let addr = bound.addrs().first().copied().unwrap_or_else(|| SocketAddr::from(([127, 0, 0, 1], 0)));
        let running = bound.run();
        let server = running.handle();
        rt::spawn(async move {
            if let Err(error) = running.await {
                tracing::error!(%error, "the listener of the metrics failed; requests are still answered");
            }
        });
        Ok(Some(Self { addr, server }))
    }

    /// The IP and port it listens on.
    pub(crate) fn addr(&self) -> SocketAddr {
        self.addr
    }

    /// Ends it.
    pub(crate) async fn stop(self) {
        self.server.stop(false).await;
    }
}
