//! Connections and bodies by raw sockets: what a client that stops, goes on without end, or comes too often gets. What
//! happens here happens before any database is asked, so one of them is enough.

use std::io::{ErrorKind, Read as _, Write as _};
use std::net::TcpStream;
use std::thread;
use std::time::{Duration, Instant};

use rosterd_domain::rules::client_ip::IpRanges;
use rosterd_testkit::{DbKind, ServerBuilder, TestServer, run};

const SIGN_IN: &str = "/api/v1/auths/signin";
const FORM: &str = r#"{"email":"a@rosterd.test","password":"a guess"}"#;

/// How long anything may take here.
const DEADLINE: Duration = Duration::from_mins(1);

fn on_server(setup: impl FnOnce(ServerBuilder) -> ServerBuilder, test: impl AsyncFnOnce(TestServer)) {
    run::on_server(DbKind::OwnSqlite, module_path!(), setup, test);
}

/// Bodies have to arrive soon.
fn impatient(server: ServerBuilder, whole: Duration, idle: Duration) -> ServerBuilder {
    server.settings(|settings| {
        settings.body_timeout = whole;
        settings.body_idle_timeout = idle;
    })
}

fn connect(server: &TestServer) -> TcpStream {
    let connection = TcpStream::connect(server.url().trim_start_matches("http://")).unwrap();
    connection.set_read_timeout(Some(DEADLINE)).unwrap();
    connection.set_write_timeout(Some(DEADLINE)).unwrap();
    connection
}

/// The head of a POST, with these further lines.
fn head(path: &str, lines: &[&str]) -> String {
    let lines = lines.join("\r\n");
    format!("POST {path} HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n{lines}\r\n\r\n")
}

fn declared(path: &str, length: usize) -> String {
    head(path, &[&format!("content-length: {length}")])
}

fn chunked(path: &str) -> String {
    head(path, &["transfer-encoding: chunked"])
}

/// Everything until the server closes.
fn to_the_end(connection: &mut TcpStream) -> String {
    let mut answer = Vec::new();
    match connection.read_to_end(&mut answer) {
        Ok(_) => {}
        // Closed while more was on its way.
        Err(error) if error.kind() == ErrorKind::ConnectionReset => {}
        Err(error) => panic!("{error} after {answer:?}"),
    }
    String::from_utf8(answer).unwrap()
}

/// One answer of a connection that stays open.
fn one_answer(connection: &mut TcpStream) -> String {
    let mut answer = String::new();
    let mut byte = [0];
    while !answer.ends_with("\r\n\r\n") {
        connection.read_exact(&mut byte).unwrap();
        answer.push(char::from(byte[0]));
    }
    let length = answer.lines().find_map(|line| line.strip_prefix("content-length: ")).unwrap();
    let mut body = vec![0; length.parse().unwrap()];
    connection.read_exact(&mut body).unwrap();
    answer + std::str::from_utf8(&body).unwrap()
}

#[track_caller]
fn assert_closes(answer: &str, status: u16, code: &str) {
    assert!(answer.starts_with(&format!("HTTP/1.1 {status} ")), "{answer}");
    assert!(answer.contains("\r\nconnection: close\r\n"), "{answer}");
    assert!(answer.contains(&format!("\"code\":\"{code}\"")), "{answer}");
}

/// Asks for `/health`; what came back until the connection was closed.
fn ask(server: &TestServer) -> String {
    let mut connection = connect(server);
    // Whoever is turned away may be so before this is written.
    let _ = connection.write_all(b"GET /health HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n");
    to_the_end(&mut connection)
}

#[test]
fn a_client_that_stops_within_a_body_is_let_go() {
    let setup = |server| impatient(server, DEADLINE, Duration::from_millis(300));
    on_server(setup, async |server| {
        for start in [declared(SIGN_IN, 100) + "{", chunked(SIGN_IN) + "1\r\n{\r\n", chunked(SIGN_IN)] {
            let mut connection = connect(&server);
            connection.write_all(start.as_bytes()).unwrap();
            assert_closes(&to_the_end(&mut connection), 408, "REQUEST_TIMEOUT");
        }
    });
}

#[test]
fn a_client_that_trickles_has_no_more_time_for_the_whole_body() {
    let setup = |server| impatient(server, Duration::from_secs(1), DEADLINE);
    on_server(setup, async |server| {
        let mut connection = connect(&server);
        connection.write_all(declared(SIGN_IN, 1_000_000).as_bytes()).unwrap();
        connection.set_read_timeout(Some(Duration::from_millis(50))).unwrap();
        let began = Instant::now();
        let mut start = [0; 12];
        while connection.read_exact(&mut start).is_err() {
            assert!(began.elapsed() < DEADLINE, "no answer");
            connection.write_all(b" ").unwrap();
        }
        assert_eq!(&start, b"HTTP/1.1 408");
    });
}

#[test]
fn a_small_rest_that_nobody_read_leaves_the_connection_open() {
    on_server(
        |server| server,
        async |server| {
            let unread = ["/nope", "/health", "/api/v1/users/user/settings/update"];
            for path in unread {
                let mut connection = connect(&server);
                let chunk = format!("{:x}\r\n{FORM}\r\n0\r\n\r\n", FORM.len());
                for request in [declared(path, FORM.len()) + FORM, chunked(path) + &chunk] {
                    connection.write_all(request.as_bytes()).unwrap();
                    let answer = one_answer(&mut connection);
                    assert!(answer.starts_with("HTTP/1.1 4"), "{answer}");
                    assert!(!answer.contains("connection: close"), "{answer}");
                }
                connection.write_all(b"GET /health HTTP/1.1\r\nhost: x\r\n\r\n").unwrap();
                assert!(one_answer(&mut connection).starts_with("HTTP/1.1 200 "));
            }
        },
    );
}

#[test]
fn an_early_answer_closes_instead_of_reading_on() {
    on_server(
        |server| server,
        async |server| {
            for (path, status, code) in [
                ("/nope", 404, "NOT_FOUND"),
                ("/health", 405, "METHOD_NOT_ALLOWED"),
                ("/api/v1/users/user/settings/update", 401, "NOT_AUTHENTICATED"),
            ] {
                // Nothing more comes, and more than a little is to come.
                let mut connection = connect(&server);
                connection.write_all(declared(path, 10_000_000).as_bytes()).unwrap();
                assert_closes(&to_the_end(&mut connection), status, code);
            }
            let mut connection = connect(&server);
            let text = declared(SIGN_IN, 50_000).replace("application/json", "text/plain");
            connection.write_all(text.as_bytes()).unwrap();
            assert_closes(&to_the_end(&mut connection), 415, "UNSUPPORTED_MEDIA_TYPE");
        },
    );
}

#[test]
fn a_chunked_body_without_an_end_is_not_read_for_ever() {
    on_server(
        |server| server,
        async |server| {
            let paths = [("/nope", 404, "NOT_FOUND"), (SIGN_IN, 413, "PAYLOAD_TOO_LARGE")];
            let clients = paths.map(|(path, status, code)| {
                let mut connection = connect(&server);
                let reader = connection.try_clone().unwrap();
                let answer = thread::spawn(move || to_the_end(&mut { reader }));
                let writer = thread::spawn(move || {
                    let began = Instant::now();
                    connection.write_all(chunked(path).as_bytes()).unwrap();
                    let piece = format!("1000\r\n{}\r\n", "x".repeat(0x1000));
                    while connection.write_all(piece.as_bytes()).is_ok() {
                        assert!(began.elapsed() < DEADLINE, "it reads on");
                    }
                });
                (writer, answer, status, code)
            });
            for (writer, answer, status, code) in clients {
                writer.join().unwrap();
                assert_closes(&answer.join().unwrap(), status, code);
            }
        },
    );
}

#[test]
fn who_sends_all_before_reading_gets_the_early_answer() {
    const LENGTH: usize = 8_000_000;
    on_server(
        |server| server,
        async |server| {
            for (path, status, code) in [("/nope", 404, "NOT_FOUND"), (SIGN_IN, 413, "PAYLOAD_TOO_LARGE")] {
                let mut connection = connect(&server);
                connection.write_all(declared(path, LENGTH).as_bytes()).unwrap();
                connection.write_all(&vec![b'x'; LENGTH]).unwrap();
                assert_closes(&to_the_end(&mut connection), status, code);
            }
        },
    );
}

#[test]
fn upgrade_on_a_complete_request_is_ignored() {
    on_server(
        |server| server,
        async |server| {
            let length = format!("content-length: {}", FORM.len());
            for upgrade in ["websocket", "WebSocket", "h2c", "TLS/1.0"] {
                for connection_line in ["connection: upgrade", "connection: keep-alive, Upgrade", "x: y"] {
                    let lines = [connection_line, &format!("upgrade: {upgrade}"), &length];
                    let mut connection = connect(&server);
                    connection.write_all((head(SIGN_IN, &lines) + FORM).as_bytes()).unwrap();
                    let answer = one_answer(&mut connection);
                    assert!(answer.starts_with("HTTP/1.1 400 "), "{lines:?}\n{answer}");
                    assert!(answer.contains("INVALID_CREDENTIALS"), "{lines:?}\n{answer}");
                    assert!(!answer.to_lowercase().contains("upgrade"), "{lines:?}\n{answer}");
                }
                let get = format!(
                    "GET /health HTTP/1.1\r\nhost: x\r\nconnection: upgrade\r\nupgrade: {upgrade}\r\n\r\n"
                );
                let mut connection = connect(&server);
                connection.write_all(get.as_bytes()).unwrap();
                let answer = one_answer(&mut connection);
                assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
                assert!(answer.contains("connection: close"), "{answer}");
            }
        },
    );
}

/// Two connections for each peer, this machine's included.
fn two_seats(server: ServerBuilder) -> ServerBuilder {
    server.server(|listen| {
        listen.connections_per_peer = 2;
        listen.unlimited_peers = IpRanges::default();
    })
}

#[test]
fn a_peer_has_a_limited_number_of_connections() {
    on_server(two_seats, async |server| {
        let mut held: Vec<TcpStream> = (0..2).map(|_| connect(&server)).collect();
        for connection in &mut held {
            connection.write_all(b"GET /health HTTP/1.1\r\nhost: x\r\n\r\n").unwrap();
            assert!(one_answer(connection).starts_with("HTTP/1.1 200 "));
        }
        for _ in 0..20 {
            assert_closes(&ask(&server), 429, "RATE_LIMIT_EXCEEDED");
        }
        // Those that are open are not touched, and a seat that is given back is free.
        held[0].write_all(b"GET /health HTTP/1.1\r\nhost: x\r\n\r\n").unwrap();
        assert!(one_answer(&mut held[0]).starts_with("HTTP/1.1 200 "));
        held.pop();
        let began = Instant::now();
        while !ask(&server).starts_with("HTTP/1.1 200 ") {
            assert!(began.elapsed() < DEADLINE, "the seat is not free again");
            thread::sleep(Duration::from_millis(10));
        }
    });
}

#[test]
fn this_machine_may_have_any_number_of_connections() {
    let one = |server: ServerBuilder| server.server(|listen| listen.connections_per_peer = 1);
    on_server(one, async |server| {
        let _held: Vec<TcpStream> = (0..20).map(|_| connect(&server)).collect();
        assert!(ask(&server).starts_with("HTTP/1.1 200 "));
    });
}

#[cfg(target_os = "linux")]
#[test]
fn a_client_that_takes_nothing_of_its_answer_is_let_go() {
    // More than the system's buffers hold.
    const TIMES: usize = 200;
    let one = |server: ServerBuilder| {
        two_seats(server).server(|listen| {
            listen.connections_per_peer = 1;
            listen.send_timeout = Duration::from_secs(1);
        })
    };
    on_server(one, async |server| {
        let mut silent = connect(&server);
        let request = b"GET /api/v1/openapi.json HTTP/1.1\r\nhost: x\r\n\r\n";
        silent.write_all(request).unwrap();
        let length = one_answer(&mut silent).len();
        assert!(length * TIMES > 20_000_000, "{length}");
        silent.write_all(&request.repeat(TIMES)).unwrap();
        let began = Instant::now();
        while !ask(&server).starts_with("HTTP/1.1 200 ") {
            assert!(began.elapsed() < DEADLINE, "the connection is held on to");
            thread::sleep(Duration::from_millis(100));
        }
        assert!(to_the_end(&mut silent).len() < length * TIMES, "it was answered in full");
    });
}
