//! `GET /metrics`: where it is, for whom, and what it says.

mod shown;
mod standing;

use std::collections::BTreeMap;
use std::net::TcpStream;

use reqwest::header::CONTENT_TYPE;
use rosterd_api::metrics::{ALL, Kind};
use rosterd_app::settings::MetricsPage;
use rosterd_domain::secret::MetricsToken;
use rosterd_testkit::{Credential, DbKind, Method, Reply, ServerBuilder, run, with_servers};
use serde_json::Value;

use crate::support::SETTINGS;

const TOKEN: &str = "a-long-random-token";

fn token() -> MetricsToken {
    MetricsToken::parse(TOKEN).unwrap()
}

/// Beside the API, with a token.
fn here(server: ServerBuilder) -> ServerBuilder {
    server.settings(|settings| settings.metrics = MetricsPage::Here(token()))
}

/// On a listener of their own.
fn apart(server: ServerBuilder, token: Option<MetricsToken>) -> ServerBuilder {
    server.settings(|settings| settings.metrics = MetricsPage::Apart(token)).server(|server| {
        server.metrics = Some(rosterd::config::Listen { host: "127.0.0.1".to_owned(), port: 0 });
    })
}

/// The samples of a page: each with its labels as text, and its value.
pub(crate) fn samples(page: &Reply) -> BTreeMap<String, String> {
    let text = page.assert_status(200).text();
    let lines = text.lines().filter(|line| !line.starts_with('#'));
    lines
        .map(|line| line.rsplit_once(' ').map(|(name, value)| (name.to_owned(), value.to_owned())).unwrap())
        .collect()
}

with_servers!(own, without_a_setting_there_are_none, async |server| {
    server.anonymous().get("/metrics").await.assert_error(404, "NOT_FOUND");
    server.anonymous().with_bearer(TOKEN).get("/metrics").await.assert_error(404, "NOT_FOUND");
});

with_servers!(own, beside_the_api_they_need_their_token, here, async |server| {
    let ada = server.db_admin("ada").create().await;
    let stranger = server.anonymous();
    let basic = Credential::Authorization(format!("Basic {TOKEN}"));
    for refused in [
        stranger.clone(),
        stranger.with_bearer("a-long-random-tokeN"),
        stranger.with_bearer(""),
        stranger.with(basic),
        stranger.with(Credential::Cookie(TOKEN.to_owned())),
        ada,
    ] {
        let reply = refused.get("/metrics").await;
        reply.assert_error(401, "METRICS_TOKEN_REQUIRED");
        assert_eq!(reply.header("www-authenticate"), Some("Bearer"), "{reply}");
        assert!(reply.text().contains("ROSTERD_METRICS_TOKEN"), "{reply}");
    }
    let prometheus = stranger.with_bearer(TOKEN);
    for path in ["/metrics", "/rosterd/metrics"] {
        let page = prometheus.get(path).await;
        page.assert_status(200);
        assert_eq!(page.header(CONTENT_TYPE.as_str()), Some("text/plain; version=0.0.4"));
    }
    let lower = stranger.with(Credential::Authorization(format!("bearer {TOKEN}")));
    lower.get("/metrics").await.assert_status(200);
    let head = prometheus.request(Method::HEAD, "/metrics").send().await;
    assert!(head.assert_status(200).text().is_empty());
    prometheus.post("/metrics", Value::Null).await.assert_error(405, "METHOD_NOT_ALLOWED");
});

with_servers!(own, a_listener_of_their_own_has_nothing_else, |server| apart(server, None), async |server| {
    server.anonymous().get("/metrics").await.assert_error(404, "NOT_FOUND");
    let metrics = server.at_metrics();
    let page = metrics.get("/metrics").await;
    assert_eq!(page.header(CONTENT_TYPE.as_str()), Some("text/plain; version=0.0.4"));
    assert!(samples(&page).keys().any(|name| name.starts_with("rosterd_build_info{")), "{page}");
    assert!(metrics.request(Method::HEAD, "/metrics").send().await.assert_status(200).text().is_empty());
    metrics.post("/metrics", Value::Null).await.assert_error(405, "METHOD_NOT_ALLOWED");
    for nothing in ["/", "/health", "/api/v1/users/", "/metrics/"] {
        metrics.get(nothing).await.assert_error(404, "NOT_FOUND");
    }
    let address = server.metrics_url().trim_start_matches("http://").to_owned();
    server.stop().await;
    assert!(TcpStream::connect(address).is_err(), "it ends with the server");
});

#[test]
fn a_listener_of_their_own_can_have_a_token() {
    let setup = |server| apart(server, Some(token()));
    run::on_server(DbKind::OwnSqlite, module_path!(), setup, async |server| {
        server.anonymous().with_bearer(TOKEN).get("/metrics").await.assert_error(404, "NOT_FOUND");
        let metrics = server.at_metrics();
        metrics.get("/metrics").await.assert_error(401, "METRICS_TOKEN_REQUIRED");
        metrics
            .with_bearer("another-long-token")
            .get("/metrics")
            .await
            .assert_error(401, "METRICS_TOKEN_REQUIRED");
        metrics.with_bearer(TOKEN).get("/metrics").await.assert_status(200);
    });
}

with_servers!(
    all,
    requests_are_counted_by_pattern_method_and_status,
    |server| apart(server, None),
    async |server| {
        let ada = server.db_admin("ada").id("a-user-id").email("ada@metrics.test").create().await;
        for _ in 0..2 {
            ada.get(SETTINGS).await.assert_status(200);
        }
        ada.request(Method::HEAD, SETTINGS).send().await.assert_status(200);
        server.anonymous().get(SETTINGS).await.assert_status(401);
        ada.get(&format!("/rosterd{SETTINGS}")).await.assert_status(200);
        ada.get("/api/v1/users/a-user-id").await.assert_status(200);
        ada.get("/api/v1/users/nobody-at-all").await.assert_status(400);
        ada.request(Method::PATCH, SETTINGS).send().await.assert_status(405);
        ada.get("/api/v1/no-such-path/a-user-id").await.assert_status(404);

        let page = server.at_metrics().get("/metrics").await;
        let samples = samples(&page);
        for (route, method, status, count) in [
            (SETTINGS, "GET", "200", "3"),
            (SETTINGS, "GET", "401", "1"),
            (SETTINGS, "HEAD", "200", "1"),
            (SETTINGS, "other", "405", "1"),
            ("/api/v1/users/{id}", "GET", "200", "1"),
            ("/api/v1/users/{id}", "GET", "400", "1"),
            ("-", "other", "404", "1"),
        ] {
            let labels = format!("route=\"{route}\",method=\"{method}\"");
            let name = format!("rosterd_http_requests_total{{{labels},status=\"{status}\"}}");
            assert_eq!(samples.get(&name).map(String::as_str), Some(count), "{name}\n{page}");
        }
        let settings = format!("{{route=\"{SETTINGS}\",method=\"GET\"");
        let duration = |part: &str| &samples[&format!("rosterd_http_request_duration_seconds{part}")];
        assert_eq!(duration(&format!("_count{settings}}}")), "4");
        assert_eq!(duration(&format!("_bucket{settings},le=\"+Inf\"}}")), "4");
        assert!(duration(&format!("_sum{settings}}}")).parse::<f64>().unwrap() > 0.0);
        for private in ["a-user-id", "ada@", "nobody-at-all", "no-such-path"] {
            assert!(!page.text().contains(private), "{private}\n{page}");
        }
    }
);

with_servers!(own, every_name_on_the_page_is_in_the_table, |server| apart(server, None), async |server| {
    let ada = server.db_admin("ada").create().await;
    ada.get(SETTINGS).await.assert_status(200);
    let page = server.at_metrics().get("/metrics").await;
    for name in samples(&page).keys() {
        let (name, labels) = name.split_once('{').unwrap_or((name, ""));
        let metric = ALL.iter().find(|metric| match metric.kind {
            Kind::Histogram => {
                ["_bucket", "_sum", "_count"].iter().any(|part| name.strip_suffix(part) == Some(metric.name))
            }
            Kind::Counter | Kind::Gauge => name == metric.name,
        });
        let metric = metric.unwrap_or_else(|| panic!("{name} is not in the table"));
        let labels: Vec<_> = labels.split(',').filter_map(|label| Some(label.split_once('=')?.0)).collect();
        let labels: Vec<_> = labels.into_iter().filter(|label| *label != "le").collect();
        assert_eq!(labels, metric.labels, "{name}");
    }
});
