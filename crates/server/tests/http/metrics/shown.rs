//! What dashboards, alerts and docs/OPERATIONS.md show of the metrics.

use std::collections::BTreeSet;
use std::path::Path;

use rosterd_api::metrics::{ALL, Kind, Metric};

fn file(name: &str) -> String {
    std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(name)).unwrap()
}

/// The names in a text that look like ours.
fn names(text: &str) -> BTreeSet<String> {
    let words = text.split(|letter: char| !letter.is_ascii_alphanumeric() && letter != '_');
    words.filter(|word| word.starts_with("rosterd_")).map(str::to_owned).collect()
}

/// The names under which Prometheus keeps a metric.
fn series(metric: &Metric) -> Vec<String> {
    match metric.kind {
        Kind::Histogram => ["_bucket", "_sum", "_count"].map(|part| format!("{}{part}", metric.name)).into(),
        Kind::Counter | Kind::Gauge => vec![metric.name.to_owned()],
    }
}

#[test]
fn dashboard_and_alerts_name_only_metrics_that_exist() {
    let known: BTreeSet<String> = ALL.iter().flat_map(series).collect();
    for shown in [
        "deploy/grafana/rosterd.json",
        "deploy/prometheus/rosterd.yaml",
        "deploy/prometheus/rosterd.test.yaml",
    ] {
        let named = names(&file(shown));
        assert!(named.len() > 2, "{shown}: {named:?}");
        let unknown: Vec<_> =
            named.difference(&known).filter(|name| !ALL.iter().any(|it| it.name == name.as_str())).collect();
        assert!(unknown.is_empty(), "{shown}: {unknown:?}");
    }
    let json: serde_json::Value = serde_json::from_str(&file("deploy/grafana/rosterd.json")).unwrap();
    let expressions =
        json["panels"].as_array().unwrap().iter().filter_map(|panel| panel["targets"].as_array());
    for target in expressions.flatten() {
        let named = names(target["expr"].as_str().unwrap());
        assert!(!named.is_empty() && named.is_subset(&known), "{target}");
    }
}

#[test]
fn every_metric_is_on_the_dashboard() {
    let shown = names(&file("deploy/grafana/rosterd.json"));
    // What stands beside another that is shown.
    let beside = ["rosterd_lane_queue_capacity_jobs", "rosterd_job_last_run_timestamp_seconds"];
    let missing = ALL.iter().filter(|metric| !series(metric).iter().any(|name| shown.contains(name)));
    let missing: Vec<_> = missing.map(|metric| metric.name).collect();
    assert_eq!(missing, beside);
}

#[test]
fn names_follow_the_rules_of_prometheus() {
    for metric in ALL {
        assert!(metric.name.starts_with("rosterd_"), "{}", metric.name);
        assert_eq!(metric.kind == Kind::Counter, metric.name.ends_with("_total"), "{}", metric.name);
        assert!(metric.kind != Kind::Histogram || metric.name.ends_with("_seconds"), "{}", metric.name);
        assert!(metric.help.ends_with('.'), "{}", metric.help);
        assert_eq!(ALL.iter().filter(|other| other.name == metric.name).count(), 1, "{}", metric.name);
    }
}

#[test]
fn docs_operations_md_lists_every_metric() {
    let document = file("docs/OPERATIONS.md");
    let row = |metric: &Metric| {
        let kind = match metric.kind {
            Kind::Counter => "counter",
            Kind::Gauge => "gauge",
            Kind::Histogram => "histogram",
        };
        let labels: Vec<_> = metric.labels.iter().map(|label| format!("`{label}`")).collect();
        format!("| `{}` | {kind} | {} | {} |\n", metric.name, labels.join(", "), metric.help)
            .replace("|  |", "| |")
    };
    let missing: Vec<_> = ALL.iter().map(row).filter(|row| !document.contains(row.as_str())).collect();
    assert!(missing.is_empty(), "rows to put into docs/OPERATIONS.md:\n{}", missing.concat());
    let rows = document.lines().filter(|line| line.starts_with("| `rosterd_")).count();
    assert_eq!(rows, ALL.len(), "a row of a metric that does not exist");
}
