//! `GET /users/all` on a large roster: the answer is written as it is read.

use std::fs;

use rosterd_testkit::{ProcessBuilder, ServerProcess, TestDb, with_databases};

use crate::support::{ALL, SETTINGS};

/// Users beside the admin.
const USERS: usize = 200_000;

/// How much the program may grow for the answer, which is larger than this itself. Kilobytes.
const GROWTH: u64 = 30 * 1024;

with_databases!(own, the_list_of_200_000_users_takes_flat_memory, async |db| {
    fill(&db);
    let process = ProcessBuilder::new(env!("CARGO_BIN_EXE_rosterd")).database(&db).start();
    let ada = process.anonymous().with_bearer(token("u-0"));
    for _ in 0..20 {
        ada.get(SETTINGS).await.assert_status(200);
    }
    let idle = status(&process, "VmRSS:");
    let reply = ada.get(ALL).await;
    let peak = status(&process, "VmHWM:");
    let body = reply.assert_status(200).bytes();
    let end = format!("],\"total\":{USERS}}}");
    assert!(body.ends_with(end.as_bytes()), "the list is complete");
    assert!(body.len() > 30_000_000, "the answer is larger than what memory may grow by");
    assert!(body.starts_with(br#"{"users":[{"id":"u-199999","#), "newest first");
    assert!(peak - idle < GROWTH, "{idle} kB idle, {peak} kB at the peak");
});

/// Rows as the API would have made them, an admin first.
fn fill(db: &TestDb) {
    let numbers = if db.is_postgres() {
        format!("SELECT i FROM generate_series(0, {}) AS t(i)", USERS - 1)
    } else {
        format!(
            "WITH RECURSIVE t(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM t WHERE i < {}) SELECT i FROM t",
            USERS - 1
        )
    };
    db.db_execute(&format!(
        r#"INSERT INTO "user" (id, name, email, role, created_at, updated_at, last_active_at, profile_image_url)
           SELECT 'u-' || i, 'A person with the number ' || i, 'person-' || i || '@a-rather-long-name.example.org',
                  CASE i WHEN 0 THEN 'admin' ELSE 'user' END, 1000000 + i, 1, 1, '/user.png'
           FROM ({numbers}) AS numbers"#
    ));
    let active = if db.is_postgres() { "true" } else { "1" };
    db.db_execute(&format!(
        "INSERT INTO auth (id, email, password, active) VALUES ('u-0', 'person-0@a-rather-long-name.example.org', '', {active})"
    ));
}

/// A token that never expires.
fn token(id: &str) -> String {
    let secret = &rosterd_testkit::fixtures::Actors::recorded().secret;
    rosterd_testkit::token::sign(&serde_json::json!({ "id": id }), secret.as_bytes())
}

/// A figure of the process, in kilobytes.
fn status(process: &ServerProcess, name: &str) -> u64 {
    let text = fs::read_to_string(format!("/proc/{}/status", process.id())).unwrap();
    let line = text.lines().find_map(|line| line.strip_prefix(name)).unwrap();
    line.trim().strip_suffix(" kB").unwrap().parse().unwrap()
}
