//! The server as a process: it serves, and stops on a signal without losing anything.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::thread;
use std::time::{Duration, Instant};

use rosterd_testkit::run::block_on;
use rosterd_testkit::{DbKind, ProcessBuilder, ServerProcess, TestDb, with_databases};
use serde_json::json;

use crate::place::{PROGRAM, Place, SECRET};

fn start(db: &TestDb) -> ServerProcess {
    ProcessBuilder::new(PROGRAM).database(db).start()
}

with_databases!(own, a_first_admin_from_the_command_line_manages_users_with_its_token, async |db| {
    let place = Place::new();
    let environment = [SECRET, ("DATABASE_URL", db.url())];
    let id = place.create_admin("ada@example.com", &environment);
    let mut server = start(&db);
    // Beside the running server.
    let token = place.run_with(&["token", "ADA@example.com", "--expires-in", "1h"], &environment, "");
    let ada = server.anonymous().with_bearer(token.stdout.trim());
    let users = ada.get("/api/v1/users/").await;
    assert_eq!(users.assert_status(200).at("/users/0/id"), json!(id));
    let password = json!({ "email": "ada@example.com", "password": "correct horse battery" });
    server.anonymous().post("/api/v1/auths/signin", password).await.assert_status(200);
    assert_eq!(server.terminate().code(), Some(0));
});

#[test]
fn the_log_names_the_database_without_its_password_and_no_secret() {
    let db = TestDb::fresh(DbKind::WebUiSqlite);
    let server = ProcessBuilder::new(PROGRAM).database(&db).env("ROSTERD_LOG_FORMAT", "json").start();
    let log = server.log();
    let line = log.lines().find(|line| line.contains("listening on")).unwrap();
    let line: serde_json::Value = serde_json::from_str(line).unwrap();
    assert_eq!(line["mode"], "attached");
    assert!(line["database"].as_str().unwrap().starts_with("sqlite:///"));
    assert!(!log.contains(SECRET.1), "{log}");
}

#[test]
fn a_taken_port_ends_with_1_and_names_the_settings() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port().to_string();
    let environment = [SECRET, ("GLOBAL_LOG_LEVEL", "error"), ("PORT", &port), ("DATABASE_URL", "sqlite://")];
    Place::new().run_with(&["serve"], &environment, "").assert_failed(1, &["HOST and PORT", &port]);
}

#[test]
fn metrics_that_cannot_be_listened_for_end_with_1_and_name_the_setting() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let taken = listener.local_addr().unwrap().to_string();
    for listen in [taken.as_str(), "192.0.2.1:9464", "no-such-host.invalid:9464"] {
        let environment = [
            SECRET,
            ("GLOBAL_LOG_LEVEL", "error"),
            ("PORT", "0"),
            ("ROSTERD_METRICS_LISTEN", listen),
            ("DATABASE_URL", "sqlite://"),
        ];
        Place::new()
            .run_with(&["serve"], &environment, "")
            .assert_failed(1, &["ROSTERD_METRICS_LISTEN", listen]);
    }
}

#[test]
fn a_request_in_flight_is_answered_after_sigterm() {
    answered_after("TERM");
}

#[test]
fn a_request_in_flight_is_answered_after_sigint() {
    answered_after("INT");
}

/// A sign-up whose body arrives only after the signal: it is answered, and the account stays.
fn answered_after(signal: &str) {
    let (place, db) = (Place::new(), TestDb::empty_sqlite());
    let mut server = start(&db);
    let body =
        json!({ "name": "Ada", "email": "ada@example.com", "password": "correct horse battery" }).to_string();
    let mut connection = begin_request(&server, body.len());
    server.signal(signal);
    wait_for_log(&server, "stopping");
    connection.write_all(body.as_bytes()).unwrap();
    let mut answer = String::new();
    connection.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}\n{}", server.log());
    assert!(answer.contains("\r\nconnection: close\r\n"), "{answer}");
    assert_eq!(server.wait().code(), Some(0), "{}", server.log());
    let token = place.run_with(&["token", "ada@example.com"], &[SECRET, ("DATABASE_URL", db.url())], "");
    assert_eq!(token.code, Some(0), "{token:?}");
}

#[test]
fn a_second_signal_ends_the_process_at_once() {
    let db = TestDb::empty_sqlite();
    let mut server = start(&db);
    let _never_finished = begin_request(&server, 100);
    server.signal("TERM");
    wait_for_log(&server, "stopping");
    server.signal("TERM");
    assert_eq!(server.wait().code(), Some(130), "{}", server.log());
}

#[test]
fn a_body_that_does_not_arrive_does_not_hold_up_the_stop() {
    let db = TestDb::empty_sqlite();
    let day = [("ROSTERD_BODY_TIMEOUT", "24h"), ("ROSTERD_BODY_IDLE_TIMEOUT", "24h")];
    let long =
        day.iter().fold(ProcessBuilder::new(PROGRAM).database(&db), |it, (name, value)| it.env(name, value));
    let mut server = long.env("ROSTERD_SHUTDOWN_TIMEOUT", "1h").start();
    let mut stalled = begin_request(&server, 100);
    let mut trickling = begin_request(&server, 1_000_000);
    let began = Instant::now();
    server.signal("TERM");
    wait_for_log(&server, "stopping");
    let trickle = thread::spawn(move || {
        trickling.set_read_timeout(Some(Duration::from_millis(50))).unwrap();
        let mut start = [0; 12];
        while trickling.read_exact(&mut start).is_err() {
            trickling.write_all(b" ").unwrap();
        }
        start
    });
    let mut answer = String::new();
    stalled.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 408 ") && answer.contains("connection: close"), "{answer}");
    assert_eq!(&trickle.join().unwrap(), b"HTTP/1.1 408");
    assert_eq!(server.wait().code(), Some(0), "{}", server.log());
    // Nothing but these bodies could hold it up; Docker would kill it after ten seconds.
    assert!(began.elapsed() < Duration::from_secs(10), "{:?}", began.elapsed());
}

#[cfg(target_os = "linux")]
#[test]
fn as_many_files_may_be_open_as_the_system_grants() {
    let db = TestDb::empty_sqlite();
    let lowered = format!("ulimit -Sn 200 && exec '{PROGRAM}'");
    let server = ProcessBuilder::new("/bin/sh").database(&db).arg("-c").arg(lowered).start();
    let limits = std::fs::read_to_string(format!("/proc/{}/limits", server.id())).unwrap();
    let line = limits.lines().find(|line| line.starts_with("Max open files")).unwrap();
    let limits: Vec<&str> = line.split_whitespace().skip(3).take(2).collect();
    assert_eq!(limits[0], limits[1], "{line}");
    assert!(server.log().contains("raised the limit of open files"), "{}", server.log());
}

#[test]
fn an_idle_connection_does_not_hold_up_the_stop() {
    let db = TestDb::empty_sqlite();
    let mut server = ProcessBuilder::new(PROGRAM).database(&db).env("ROSTERD_KEEP_ALIVE", "1h").start();
    let mut idle = connect(&server);
    idle.write_all(b"GET /health HTTP/1.1\r\nhost: x\r\n\r\n").unwrap();
    assert!(idle.read(&mut [0; 1024]).unwrap() > 0);
    let began = Instant::now();
    assert_eq!(server.terminate().code(), Some(0), "{}", server.log());
    assert!(began.elapsed() < Duration::from_secs(20), "the limit for requests in flight was used up");
}

#[test]
fn l4_activity_is_written_when_the_server_stops() {
    block_on(async {
        let db = TestDb::fresh(DbKind::WebUiSqlite);
        let mut server =
            ProcessBuilder::new(PROGRAM).database(&db).env("ROSTERD_ACTIVITY_FLUSH", "1h").start();
        let alice = server.recorded("alice");
        let seen = format!(r#"SELECT last_active_at FROM "user" WHERE id = '{}'"#, alice.id());
        let before: i64 = db.db_value(&seen).unwrap().parse().unwrap();
        alice.get("/api/v1/users/user/status").await.assert_status(200);
        assert_eq!(server.terminate().code(), Some(0));
        let after: i64 = db.db_value(&seen).unwrap().parse().unwrap();
        assert!(after > before, "{before} {after}");
    });
}

/// Sends the head of a sign-up and waits until the server asks for its body: from then on it is in flight.
fn begin_request(server: &ServerProcess, body_length: usize) -> TcpStream {
    let mut connection = connect(server);
    let head = format!(
        "POST /api/v1/auths/signup HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n\
         expect: 100-continue\r\ncontent-length: {body_length}\r\n\r\n"
    );
    connection.write_all(head.as_bytes()).unwrap();
    let mut answer = [0; 25];
    connection.read_exact(&mut answer).unwrap();
    assert_eq!(&answer, b"HTTP/1.1 100 Continue\r\n\r\n");
    connection
}

fn connect(server: &ServerProcess) -> TcpStream {
    let connection = TcpStream::connect(server.url().trim_start_matches("http://")).unwrap();
    connection.set_read_timeout(Some(Duration::from_mins(1))).unwrap();
    connection
}

fn wait_for_log(server: &ServerProcess, words: &str) {
    let began = Instant::now();
    while !server.log().contains(words) {
        assert!(began.elapsed() < Duration::from_mins(1), "no `{words}` in:\n{}", server.log());
        thread::sleep(Duration::from_millis(5));
    }
}
