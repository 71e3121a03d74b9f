//! Whatever bit of the sealed log is another one than it was: a verification finds it, and names the row.
//!
//! Which bits are tried is drawn at random, the same ones in every run; `PROPTEST_CASES` asks for more of them.

use std::time::Duration;

use proptest::prelude::any;
use proptest::sample::Index;
use proptest::strategy::{Strategy as _, ValueTree as _};
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use rosterd_app::{Caller as By, audit};
use rosterd_domain::audit::{Fault, Report};
use rosterd_storage::raw;
use rosterd_testkit::{PASSWORD, ServerBuilder, TestServer, with_servers};
use serde_json::json;

use super::{seal, verify};
use crate::support::{LIST, UPDATE_SETTINGS, UPDATE_STATUS, form, path_of};

/// Flips on each database, unless `PROPTEST_CASES` asks for more.
const FLIPS: u32 = 256;

/// Events of every kind of row: of both chains, by session and key, counted ones, erased ones. Some have been removed after
/// their time.
async fn fill(server: &TestServer) {
    let ada = server.db_admin("Ada Łukasz 愛").email("ada@rosterd.test").create().await;
    let bob = server.db_user("bob").create().await;
    let eve = server.db_user("eve").create().await;
    server.db_set_config("auth.enable_api_keys", json!(true)).await;
    server.db_api_key(&ada, "sk-of-ada").await;
    let robot = ada.with_bearer("sk-of-ada");
    let opened = json!({ "email": ada.email(), "password": PASSWORD });
    let opened = server.anonymous().post("/api/v1/auths/signin", opened).await;
    let session = ada.with_bearer(opened.assert_status(200).at("/token").as_str().unwrap());
    for n in 0..6 {
        if n == 2 {
            seal(server).await;
            server.clock().advance(61);
        }
        for own in [&bob, &eve] {
            own.post(UPDATE_SETTINGS, json!({ "theme": n })).await.assert_status(200);
            own.post(UPDATE_STATUS, json!({ "status_message": format!("away {n}") }))
                .await
                .assert_status(200);
            let form = form(&format!("someone {n}"), own.email(), json!({}));
            robot.post(&path_of(own, "/update"), form).await.assert_status(200);
        }
        let group = json!({ "name": format!("g{n}"), "description": "" });
        session.post("/api/v1/groups/create", group).await.assert_status(200);
    }
    bob.get(LIST).await.assert_status(401);
    audit::write_counted(server.app()).await.unwrap();
    audit::erase(server.app(), By::operator(), eve.id().clone()).await.unwrap();
    assert!(audit::remove_old(server.app()).await.unwrap() > 0);
    server.clock().advance(300);
    seal(server).await;
}

const TEXTS: [&str; 14] = [
    "id",
    "action",
    "actor_kind",
    "actor_id",
    "actor_via",
    "actor_credential",
    "client_ip",
    "request_id",
    "subject_kind",
    "subject_id",
    "subject_label",
    "details",
    "salt",
    "seal",
];

const NUMBERS: [&str; 3] = ["at", "count", "position"];

/// What stands in one column of one row. Where there is nothing, there is nothing to be flipped.
#[derive(Debug)]
struct Cell {
    table: &'static str,
    column: &'static str,
    /// The row, by a column that is not flipped.
    row: String,
    /// The row's position; `None` for what is kept beside the rows.
    position: Option<i64>,
    value: Value,
}

#[derive(Debug, Clone)]
enum Value {
    Text(Vec<u8>),
    Number(i64),
    Flag(bool),
}

impl Value {
    fn bits(&self) -> usize {
        match self {
            Self::Text(text) => text.len() * 8,
            Self::Number(_) => 64,
            Self::Flag(_) => 1,
        }
    }

    fn number(&self) -> i64 {
        if let Self::Number(number) = self { *number } else { panic!("{self:?} is no number") }
    }

    fn flipped(&self, bit: usize) -> Self {
        match self {
            Self::Text(text) => {
                let mut text = text.clone();
                text[bit / 8] ^= 1 << (bit % 8);
                Self::Text(text)
            }
            Self::Number(number) => Self::Number(number ^ (1 << bit)),
            Self::Flag(flag) => Self::Flag(!flag),
        }
    }

    /// As it is written in a statement. SQLite takes any bytes for a text; PostgreSQL refuses what is no UTF-8.
    fn sql(&self, is_postgres: bool) -> String {
        match self {
            Self::Text(text) => {
                let digits = text.iter().fold(String::new(), |digits, byte| digits + &format!("{byte:02x}"));
                if is_postgres {
                    format!("convert_from('\\x{digits}'::bytea, 'UTF8')")
                } else {
                    format!("CAST(x'{digits}' AS TEXT)")
                }
            }
            Self::Number(i64::MIN) => "(-9223372036854775807 - 1)".to_owned(),
            Self::Number(number) => number.to_string(),
            Self::Flag(flag) => flag.to_string(),
        }
    }
}

/// Columns of `rosterd_seal`: the last row of each chain, and the last that was removed after its time.
const KEPT: [&str; 4] = ["seal", "position", "removed_seal", "removed_position"];

/// Everything that can be flipped.
fn cells(conn: &mut raw::Connection) -> Vec<Cell> {
    let mut cells = Vec::new();
    let mut read = |table, column, key: &str, position: Option<&str>| {
        let position = position.unwrap_or("NULL");
        let sql = format!(
            "SELECT CAST({column} AS TEXT) AS value, CAST({key} AS TEXT) AS key, CAST({position} AS TEXT) AS place \
             FROM {table} WHERE {column} IS NOT NULL"
        );
        for row in conn.query_text(&sql).unwrap() {
            let [Some(value), Some(name), position] = <[_; 3]>::try_from(row).unwrap() else {
                panic!("{sql}")
            };
            let value = match column {
                "erased" => Value::Flag(["1", "true"].contains(&value.as_str())),
                column if NUMBERS.contains(&column) || column == "removed_position" => {
                    Value::Number(value.parse().unwrap())
                }
                _ => Value::Text(value.into_bytes()),
            };
            let position = position.map(|position| position.parse().unwrap());
            let row = if key == "position" { format!("{key} = {name}") } else { format!("{key} = '{name}'") };
            cells.push(Cell { table, column, row, position, value });
        }
    };
    for column in TEXTS.into_iter().chain(NUMBERS).chain(["erased"]) {
        let key = if column == "position" { "id" } else { "position" };
        read("rosterd_event", column, key, Some("position"));
    }
    for column in KEPT {
        read("rosterd_seal", column, "chain", None);
    }
    cells.retain(|cell| cell.value.bits() > 0);
    cells
}

/// Settings and the like are removed after a minute.
fn with_an_end(server: ServerBuilder) -> ServerBuilder {
    server.settings(|settings| settings.audit.passing_for = Duration::from_mins(1))
}

/// Whether a report names the row that was at this position.
fn names(report: &Report, position: i64) -> bool {
    report.findings.iter().any(|finding| match finding.fault {
        Fault::Removed(to) => (finding.position..=to).contains(&position),
        _ => finding.position == position,
    })
}

with_servers!(own, any_flipped_bit_of_the_sealed_log_is_found, with_an_end, async |server| {
    fill(&server).await;
    assert!(verify(&server, None).await.report.is_whole());
    let is_postgres = server.db().is_postgres();
    let mut conn = raw::Connection::open(&server.db().database_url()).unwrap();
    let cells = cells(&mut conn);
    let removed = cells.iter().filter(|cell| cell.column == "removed_position");
    let removed_to = removed.map(|cell| cell.value.number()).max().unwrap();
    // Where rows of the other chain were removed, it is the next row that shows that one is elsewhere.
    let is_beside = |cell: &Cell| cell.column == "position" && cell.position <= Some(removed_to);
    let columns: std::collections::BTreeSet<_> = cells.iter().map(|cell| (cell.table, cell.column)).collect();
    assert_eq!(
        columns.len(),
        TEXTS.len() + NUMBERS.len() + 1 + KEPT.len(),
        "every column has a value somewhere: {columns:?}"
    );

    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &[20; 32]);
    let mut runner = TestRunner::new_with_rng(Config::default(), rng);
    let flips = std::env::var("PROPTEST_CASES").map_or(FLIPS, |cases| cases.parse().unwrap());
    let mut found = 0;
    for _ in 0..flips {
        let (cell, bit) = (any::<Index>(), any::<Index>()).new_tree(&mut runner).unwrap().current();
        let cell = cell.get(&cells);
        let flipped = cell.value.flipped(bit.index(cell.value.bits()));
        let Cell { table, column, row, .. } = cell;
        let set =
            |value: &Value| format!("UPDATE {table} SET {column} = {} WHERE {row}", value.sql(is_postgres));
        // No UTF-8 on PostgreSQL, or the position of another row.
        if conn.execute(&set(&flipped)).is_err() {
            continue;
        }
        let report = verify(&server, None).await.report;
        assert!(!report.is_whole(), "{cell:?} became {flipped:?}");
        assert!(
            is_beside(cell) || cell.position.is_none_or(|position| names(&report, position)),
            "{cell:?}, {flipped:?}: {report:?}"
        );
        conn.execute(&set(&cell.value)).unwrap();
        found += 1;
    }
    assert!(found > flips / 2, "only {found} flips could be written");
    assert!(verify(&server, None).await.report.is_whole(), "everything is as it was");
});
