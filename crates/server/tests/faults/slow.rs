//! Clients that send slowly, take nothing, or only hold their connection, while others write.

use std::io::{ErrorKind, Read as _, Write as _};
use std::net::TcpStream;
use std::sync::Arc;
use std::time::Duration;

use rosterd_testkit::{DbKind, ServerProcess, TestDb, run};

use crate::book::Books;
use crate::load::Load;
use crate::{program, rounds};

/// Writes while the slow clients are there.
const SOME: u64 = 100;

/// Slow clients of each kind.
const MANY: usize = 50;

/// How long anything may take here.
const DEADLINE: Duration = Duration::from_mins(1);

const HALF_A_HEAD: &str = "GET /health HTTP/1.1\r\nhost: x\r\nx-slow: ";

const HALF_A_BODY: &str = "POST /api/v1/auths/signin HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n\
                           content-length: 100\r\n\r\n{";

/// Answered, and then nothing more is asked.
const AND_IDLE: &str = "GET /health HTTP/1.1\r\nhost: x\r\n\r\n";

/// More than the system's buffers hold, of which nothing is read.
const MUCH: &str = "GET /api/v1/openapi.json HTTP/1.1\r\nhost: x\r\n\r\n";

fn connect(server: &ServerProcess, said: &str) -> TcpStream {
    let mut connection = TcpStream::connect(server.url().trim_start_matches("http://")).unwrap();
    connection.set_read_timeout(Some(DEADLINE)).unwrap();
    connection.set_write_timeout(Some(DEADLINE)).unwrap();
    connection.write_all(said.as_bytes()).unwrap();
    connection
}

/// Everything until the server closes the connection.
fn to_the_end(connection: &mut TcpStream) -> String {
    let mut answer = Vec::new();
    match connection.read_to_end(&mut answer) {
        Ok(_) => {}
        Err(error) if error.kind() == ErrorKind::ConnectionReset => {}
        Err(error) => panic!("the connection is held on to: {error}"),
    }
    String::from_utf8_lossy(&answer).into_owned()
}

#[test]
fn slow_and_idle_clients_are_let_go_and_hold_nobody_up() {
    let db = Arc::new(TestDb::fresh(DbKind::OwnSqlite));
    run::block_on(async {
        let books = Books::open(&db).await;
        let server = ["REQUEST_TIMEOUT", "BODY_IDLE_TIMEOUT", "KEEP_ALIVE", "SEND_TIMEOUT"]
            .iter()
            .fold(program(&db), |builder, name| builder.env(&format!("ROSTERD_{name}"), "2s"))
            .start();
        let load = Load::begin(&server, books);
        for _ in 0..rounds() {
            let slow: Vec<(&str, Vec<TcpStream>)> = ["", HALF_A_HEAD, HALF_A_BODY, AND_IDLE]
                .map(|said| (said, (0..MANY).map(|_| connect(&server, said)).collect()))
                .into();
            let greedy: Vec<TcpStream> = (0..3).map(|_| connect(&server, &MUCH.repeat(100))).collect();
            load.wait_for(SOME);
            for (said, connections) in slow {
                for mut connection in connections {
                    let answer = to_the_end(&mut connection);
                    let wanted = match said {
                        AND_IDLE => "HTTP/1.1 200 ",
                        HALF_A_BODY => "HTTP/1.1 408 ",
                        _ => "",
                    };
                    assert!(answer.starts_with(wanted), "{said:?}: {answer}");
                }
            }
            drop(greedy);
        }
        load.wait_for(SOME);
        let books = load.end();
        books.check(&db, &server).await;
        assert_eq!(books.in_doubt(), 0, "somebody was held up");
        books.report("slow and idle clients", rounds() * u32::try_from(4 * MANY + 3).unwrap());
    });
}
