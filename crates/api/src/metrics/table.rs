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
    SIGN_INS = Counter "rosterd_sign_ins_total" ["method", "result"]
        "Attempts to sign in: success, refused (wrong password or no such account), limited (too many attempts), not_allowed (switched off, or a second factor is needed) or failed (the server was busy or failed).";
    ACTIVE_USERS = Gauge "rosterd_active_users" []
        "Accounts that sent a request to this process in the last three minutes.";
    LANE_THREADS = Gauge "rosterd_lane_threads" ["lane"]
        "Threads of a lane.";
    LANE_BUSY = Gauge "rosterd_lane_busy_threads" ["lane"]
        "Threads that are working, those that hang included.";
    LANE_HANGING = Gauge "rosterd_lane_hanging_threads" ["lane"]
        "Threads that were given up because their work took too long; substitutes work in their place.";
    LANE_WAITING = Gauge "rosterd_lane_queue_jobs" ["lane"]
        "Jobs that wait for a thread.";
    LANE_ROOM = Gauge "rosterd_lane_queue_capacity_jobs" ["lane"]
        "Jobs that may wait; any more are refused with 503.";
    LANE_WAIT = Histogram "rosterd_lane_wait_seconds" ["lane"]
        "Time that jobs waited before they began.";
    LANE_WORKED = Counter "rosterd_lane_busy_seconds_total" ["lane"]
        "Time that threads have worked.";
    LANE_REFUSED = Counter "rosterd_lane_refused_jobs_total" ["lane", "reason"]
        "Jobs without an answer: full (the queue was full), late (not begun in time), overdue (took too long) or panicked.";
    POOL_OPEN = Gauge "rosterd_pool_connections" ["pool"]
        "Open connections to the database.";
    POOL_IDLE = Gauge "rosterd_pool_idle_connections" ["pool"]
        "Open connections that are not in use.";
    POOL_MOST = Gauge "rosterd_pool_max_connections" ["pool"]
        "Connections that may be open.";
    POOL_FAILED = Counter "rosterd_pool_failed_connections_total" ["pool"]
        "Connections that could not be opened.";
    WRITER_BATCH = Histogram "rosterd_writer_batch_seconds" []
        "Time of SQLite's transactions, each of which holds all writes that waited.";
    WRITER_WRITES = Counter "rosterd_writer_writes_total" []
        "Writes in those transactions.";
    WRITER_LOST = Counter "rosterd_writer_lost_batches_total" []
        "Transactions that failed; none of their writes was made.";
    CHECKPOINT = Histogram "rosterd_checkpoint_seconds" []
        "Time to copy SQLite's write-ahead log into the database file.";
    CHECKPOINTS_FAILED = Counter "rosterd_checkpoint_failures_total" []
        "Attempts to copy it that failed.";
    WAL_BYTES = Gauge "rosterd_wal_size_bytes" []
        "Size of SQLite's write-ahead log.";
    READY = Gauge "rosterd_database_ready" []
        "1 if the database can be read, accepts writes and has all migrations, as /health/db says; else 0. Checked every 10 seconds.";
    TROUBLE = Gauge "rosterd_database_trouble" ["kind"]
        "1 for what keeps the database from being ready, else 0: read_only, denied, full, files, lost_file, behind (on migrations) or unreachable.";
    JOB_RUNS = Counter "rosterd_job_runs_total" ["job_name", "result"]
        "Runs of a job: success, failed, panicked, lost (another process took over) or elsewhere (another process does the job).";
    JOB_LAST_RUN = Gauge "rosterd_job_last_run_timestamp_seconds" ["job_name"]
        "When the last run in this process ended.";
    JOB_LAST_SUCCESS = Gauge "rosterd_job_last_success_timestamp_seconds" ["job_name"]
        "When the last run in this process ended that did its work.";
    JOB_LAG = Gauge "rosterd_job_lag_seconds" ["job_name"]
        "How late the next run is; 0 if its time has not come.";
    WEBHOOK_ATTEMPTS = Counter "rosterd_webhook_attempts_total" ["result"]
        "Tries to deliver an event: delivered, again (failed, and tried again later), failed (the last try), gone (the receiver answered 410) or lost (not sent, since the audit log has the event no more).";
    WEBHOOK_DURATION = Histogram "rosterd_webhook_attempt_duration_seconds" []
        "Time of a request to a webhook, until its answer or its failure.";
    WEBHOOK_STATE = Gauge "rosterd_webhook_state" ["webhook", "state"]
        "1 for the state that a webhook is in, else 0: on, admin (switched off by one), or switched off by itself: failed, gone or secret. Counted every 10 seconds.";
    WEBHOOK_WAITING = Gauge "rosterd_webhook_waiting_deliveries" ["webhook"]
        "Deliveries that are to be made or tried again. Counted every 10 seconds.";
    WEBHOOK_OLDEST = Gauge "rosterd_webhook_oldest_waiting_seconds" ["webhook"]
        "Time since the oldest of them was noted; 0 if none waits.";
    MAIL_ATTEMPTS = Counter "rosterd_mail_attempts_total" ["result"]
        "Attempts to send a mail: sent, again (failed, and tried again later), failed (given up) or cancelled (not sent, since it is of no use any more).";
    MAIL_WAITING = Gauge "rosterd_mail_waiting" []
        "Mails that are to be sent or tried again. Counted every 10 seconds where mail is set up.";
    MAIL_OLDEST = Gauge "rosterd_mail_oldest_waiting_seconds" []
        "Time since the oldest of them was noted; 0 if none waits.";
}
