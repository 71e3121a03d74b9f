//! What a server says while its database is away or does not do its work.

use std::time::{Duration, Instant};

use rosterd_testkit::{Caller, ServerProcess};

use crate::METRICS_TOKEN;
use crate::book::assert_unavailable;

/// How long it may take until a server says what is wrong.
const DEADLINE: Duration = Duration::from_mins(1);

/// Asserts that the server runs, says that its database does not, and names the reason.
pub(crate) async fn assert_away(server: &ServerProcess, kind: &str) {
    let stranger = server.anonymous();
    assert_unavailable(&stranger.get("/health/db").await);
    stranger.get("/health").await.assert_status(200);
    let trouble = format!("rosterd_database_trouble{{kind=\"{kind}\"}}");
    assert_eq!(metric(&stranger, &trouble).await.as_deref(), Some("1"), "{}", server.log());
    assert_eq!(metric(&stranger, "rosterd_database_ready").await.as_deref(), Some("0"));
}

/// Waits until the server says so, where some writes still work, each of which shows for a moment that all is well.
/// `provoke` makes one that does not.
pub(crate) async fn wait_until_away(server: &ServerProcess, kind: &str, mut provoke: impl AsyncFnMut()) {
    let stranger = server.anonymous();
    let trouble = format!("rosterd_database_trouble{{kind=\"{kind}\"}}");
    let began = Instant::now();
    loop {
        provoke().await;
        let ready = stranger.get("/health/db").await;
        if ready.status() == 503 && metric(&stranger, &trouble).await.as_deref() == Some("1") {
            assert_unavailable(&ready);
            stranger.get("/health").await.assert_status(200);
            return;
        }
        assert!(began.elapsed() < DEADLINE, "it takes itself for ready: {}", server.log());
    }
}

/// Asserts that the server is ready.
pub(crate) async fn assert_ready(server: &ServerProcess) {
    let stranger = server.anonymous();
    stranger.get("/health/db").await.assert_status(200);
    assert_eq!(metric(&stranger, "rosterd_database_ready").await.as_deref(), Some("1"));
}

async fn metric(stranger: &Caller, sample: &str) -> Option<String> {
    let page = stranger.with_bearer(METRICS_TOKEN).get("/metrics").await;
    let page = page.assert_status(200).text();
    let value = page.lines().find_map(|line| line.strip_prefix(sample)?.strip_prefix(' '));
    value.map(str::to_owned)
}
