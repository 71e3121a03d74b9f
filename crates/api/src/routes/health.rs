//! What operators ask.

use crate::endpoint::Failure::{MetricsTokenRequired, NotFound};
use crate::endpoint::{Section, get};
use crate::{metrics, system};

/// The endpoints.
pub(super) fn section() -> Section {
    let lines = vec![
        get("/health", "getHealth", system::get_liveness)
            .doc("Whether the process is running", "The process is running."),
        get("/health/db", "getDatabaseHealth", system::get_readiness)
            .doc("Whether the database works", "It can be read and, as far as is known, accepts writes."),
        get("/metrics", "getMetrics", metrics::get_metrics)
            .doc("The metrics", "The metrics, in Prometheus' text format 0.0.4.")
            .note(
                "Send the value of `ROSTERD_METRICS_TOKEN` as bearer token. Where it is not set, or the metrics have a \
                 listener of their own (`ROSTERD_METRICS_LISTEN`), there is nothing at this path.",
            )
            .fails(&[MetricsTokenRequired, NotFound]),
    ];
    Section { tag: "health", about: "For operators.", lines }
}
