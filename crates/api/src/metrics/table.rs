//! The table of all metrics: docs/OPERATIONS.md lists them, and dashboards and alerts may use no others.

/// What a metric is, and what it says.
#[derive(Debug, PartialEq, Eq)]
pub struct Metric {
    /// Its name, which ends in the unit; that of a counter in `_total`.
    pub name: &'static str,
    /// How it changes.
    pub kind: Kind,
    /// The labels of its samples, but for `le` of a histogram.
    pub labels: &'static [&'static str],
    /// A sentence of it.
    pub help: &'static str,
}

/// How a metric changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// It only goes up.
    Counter,
    /// It goes up and down.
    Gauge,
    /// Durations, counted in groups: `_bucket`, `_sum` and `_count`.
    Histogram,
}

/// Makes a constant of each metric, and the list of all.
macro_rules! metrics {
    ($($constant:ident = $kind:ident $name:literal [$($label:literal),*] $help:literal;)+) => {
        $(
            pub(super) const $constant: Metric =
                Metric { name: $name, kind: Kind::$kind, labels: &[$($label),*], help: $help };
        )+

        /// All of them.
        pub const ALL: &[Metric] = &[$($constant),+];
    };
}

metrics! {
    BUILD_INFO = Gauge "rosterd_build_info" ["version", "database", "mode"]
        "Always 1. The labels say which version runs, on what kind of database.";
    REQUESTS = Counter "rosterd_http_requests_total" ["route", "method", "status"]
        "Requests that were answered.";
    REQUEST_DURATION = Histogram "rosterd_http_request_duration_seconds" ["route", "method"]
        "Time from the head of a request to the head of its answer.";
}
