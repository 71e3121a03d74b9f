//! Traces reach a collector: the program, built with the feature `otel`, and a collector that keeps what it is sent.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

mod collector;

use rosterd_testkit::run::block_on;
use rosterd_testkit::{DbKind, Method, ProcessBuilder, ServerProcess, TestDb};

use crate::collector::{Collector, attribute, has};

/// The trace and the span of whoever calls, as W3C Trace Context writes them.
const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";
const SPAN: &str = "00f067aa0ba902b7";
/// Another trace.
const OTHER: &str = "0af7651916cd43dd8448eb211c80319c";

fn start(db: &TestDb, variables: &[(&str, &str)]) -> ServerProcess {
    let program = ProcessBuilder::new(env!("CARGO_BIN_EXE_rosterd")).database(db);
    variables.iter().fold(program, |program, (name, value)| program.env(name, value)).start()
}

/// The bytes that a number in hexadecimal digits stands for.
fn bytes(digits: &str) -> Vec<u8> {
    (0..digits.len()).step_by(2).map(|at| u8::from_str_radix(&digits[at..at + 2], 16).unwrap()).collect()
}

async fn get(server: &ServerProcess, path: &str, traceparent: &str) -> u16 {
    let request = server.recorded("ada").request(Method::GET, path).header("traceparent", traceparent);
    request.header("x-request-id", "request-7").send().await.status()
}

#[test]
fn a_request_is_a_span_of_the_trace_that_it_belongs_to() {
    let (collector, db) = (Collector::start(), TestDb::fresh(DbKind::WebUiSqlite));
    let mut server = start(&db, &[("OTEL_EXPORTER_OTLP_ENDPOINT", &collector.url())]);
    block_on(async {
        let path = format!("/api/v1/users/{}", server.recorded("alice").id());
        assert_eq!(get(&server, &path, &format!("00-{TRACE}-{SPAN}-01")).await, 200);
        // Whoever calls has decided not to trace this one.
        assert_eq!(get(&server, &path, &format!("00-{OTHER}-{SPAN}-00")).await, 200);
    });
    // What was not sent yet is sent at the end.
    assert_eq!(server.terminate().code(), Some(0), "{}", server.log());
    let sent = collector.end();
    assert!(!sent.is_empty() && sent.iter().all(|request| request.path == "/v1/traces"), "{sent:?}");
    let sent: Vec<u8> = sent.into_iter().flat_map(|request| request.body).collect();
    for (what, wanted) in [
        ("the trace", bytes(TRACE)),
        ("the span of whoever called", bytes(SPAN)),
        ("the name", b"GET /api/v1/users/{id}".to_vec()),
        ("the program", attribute("service.name", "rosterd")),
        ("the route", attribute("http.route", "/api/v1/users/{id}")),
        ("the method", attribute("http.request.method", "GET")),
        ("the request id", attribute("request.id", "request-7")),
        // 200 as a number of protobuf.
        ("the status", [b"http.response.status_code".as_slice(), &[0x12, 3, 0x18, 0xc8, 1]].concat()),
    ] {
        assert!(has(&sent, &wanted), "{what} is missing in {:?}", String::from_utf8_lossy(&sent));
    }
    let alice = rosterd_testkit::fixtures::Actors::recorded().user("alice").to_owned();
    assert!(!has(&sent, &bytes(OTHER)) && !has(&sent, alice.as_bytes()), "more than should be");
}

#[test]
fn the_standard_variables_name_the_program_and_the_place() {
    let (collector, db) = (Collector::start(), TestDb::fresh(DbKind::WebUiSqlite));
    let url = format!("{}/elsewhere", collector.url());
    let mut server = start(
        &db,
        &[
            ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", &url),
            ("OTEL_EXPORTER_OTLP_HEADERS", "x-key=7"),
            ("OTEL_SERVICE_NAME", "accounts"),
        ],
    );
    block_on(async {
        assert_eq!(get(&server, "/nothing/here", "no trace").await, 404);
    });
    assert_eq!(server.terminate().code(), Some(0), "{}", server.log());
    let sent = collector.end();
    assert!(sent.iter().all(|request| request.path == "/elsewhere" && request.head.contains("x-key: 7")));
    let sent: Vec<u8> = sent.into_iter().flat_map(|request| request.body).collect();
    assert!(has(&sent, &attribute("service.name", "accounts")));
    assert!(has(&sent, b"GET") && !has(&sent, b"/nothing/here") && !has(&sent, b"http.route"));
}

#[test]
fn nothing_is_sent_where_the_environment_says_so() {
    for (name, text) in [("OTEL_SDK_DISABLED", "true"), ("OTEL_TRACES_EXPORTER", "none")] {
        let (collector, db) = (Collector::start(), TestDb::fresh(DbKind::WebUiSqlite));
        let mut server = start(&db, &[("OTEL_EXPORTER_OTLP_ENDPOINT", &collector.url()), (name, text)]);
        block_on(async {
            assert_eq!(get(&server, "/health", &format!("00-{TRACE}-{SPAN}-01")).await, 200);
        });
        assert_eq!(server.terminate().code(), Some(0), "{}", server.log());
        assert!(collector.end().is_empty(), "{name}");
    }
}

#[test]
fn a_collector_that_is_not_there_holds_up_neither_requests_nor_the_end() {
    let db = TestDb::fresh(DbKind::WebUiSqlite);
    let gone = Collector::start();
    let url = gone.url();
    drop(gone.end());
    let mut server = start(&db, &[("OTEL_EXPORTER_OTLP_ENDPOINT", &url)]);
    block_on(async {
        assert_eq!(get(&server, "/health", &format!("00-{TRACE}-{SPAN}-01")).await, 200);
    });
    assert_eq!(server.terminate().code(), Some(0), "{}", server.log());
}
