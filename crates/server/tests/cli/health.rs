//! `rosterd health`, as the health check of a container.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::TcpListener;
use std::time::{Duration, Instant};

use rosterd_testkit::{ProcessBuilder, with_databases};

use crate::place::{PROGRAM, Place};

/// The URL of a server that reads one whole request, gives this answer, and then keeps the connection open until the other
/// side has gone.
fn answering(answer: &'static str) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        let (connection, _) = listener.accept().unwrap();
        let mut request = BufReader::new(&connection);
        let mut line = String::new();
        while request.read_line(&mut line).unwrap() > 2 {
            line.clear();
        }
        (&connection).write_all(answer.as_bytes()).unwrap();
        // Until the other side has gone; how it goes does not matter here.
        let _ = request.read_line(&mut line);
    });
    url
}

with_databases!(own, a_running_server_is_healthy_and_a_stopped_one_is_not, async |db| {
    let mut server = ProcessBuilder::new(PROGRAM).database(&db).start();
    let url = server.url().to_owned();
    let place = Place::new();
    for (path, asked) in [("", "/health/db"), ("/", "/health/db"), ("/health", "/health")] {
        let outcome = place.run(&["health", &format!("{url}{path}")]);
        assert_eq!((outcome.code, outcome.stdout), (Some(0), format!("{url}{asked} is healthy\n")));
    }
    // HOST and PORT say where it is; nothing else of the configuration is used.
    let port = url.rsplit(':').next().unwrap();
    for host in ["127.0.0.1", "0.0.0.0", "localhost"] {
        let outcome = place.run_with(&["health", "--json"], &[("PORT", port), ("HOST", host)], "");
        assert_eq!((outcome.code, outcome.json()["healthy"].clone()), (Some(0), true.into()), "{host}");
    }
    place.run(&["health", &format!("{url}/no-such-path")]).assert_failed(1, &["no-such-path", "404"]);
    assert_eq!(place.files(), [""; 0]);
    assert_eq!(server.terminate().code(), Some(0));
    place.run(&["health", &url]).assert_failed(1, &[&url, "does not answer", "is the server running"]);
});

#[test]
fn a_server_that_is_not_well_ends_with_1() {
    let place = Place::new();
    let failing = answering("HTTP/1.1 503 Service Unavailable\r\ncontent-length: 0\r\n\r\n");
    place.run(&["health", &failing]).assert_failed(1, &["503"]);
    place.run(&["health", &answering("220 mail.example.com\r\n")]).assert_failed(1, &["not HTTP"]);
}

#[test]
fn a_server_that_is_silent_is_not_waited_for() {
    let began = Instant::now();
    let outcome = Place::new().run(&["health", &answering(""), "--timeout", "200ms"]);
    outcome.assert_failed(1, &["does not answer", "timed out"]);
    assert!(began.elapsed() < Duration::from_secs(10));
}

#[test]
fn a_url_that_cannot_be_asked_ends_with_2() {
    let place = Place::new();
    place.run(&["health", "https://chat.example.com"]).assert_failed(2, &["TLS", "http://127.0.0.1:8080"]);
    place.run(&["health", "127.0.0.1:8080"]).assert_failed(2, &["http://"]);
    place.run_with(&["health"], &[("PORT", "0")], "").assert_failed(2, &["PORT is 0"]);
    assert_eq!(place.run(&["health", "--timeout", "0"]).code, Some(2));
}
