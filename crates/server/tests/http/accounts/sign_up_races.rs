//! Many sign-ups at once: of the first exactly one is admin, of those for one e-mail address exactly one succeeds.

use rosterd_testkit::{Caller, ProcessBuilder, TestDb, with_databases, with_servers};
use serde_json::json;

use super::{SIGN_UP, accounts_in, application};
use crate::support::{at_once, count, rows, rows_in};

/// How many sign up at once.
const CROWD: usize = 32;

/// Lets the crowd sign up, each with an e-mail address of their own, through these servers in turn.
async fn crowd_signs_up(servers: &[Caller]) -> usize {
    let replies = at_once((0..CROWD).map(|n| {
        let stranger = servers[n % servers.len()].clone();
        async move { stranger.post(SIGN_UP, application(&format!("person{n}"))).await }
    }))
    .await;
    count(&replies, 200, (403, "ACCESS_PROHIBITED"))
}

#[track_caller]
fn assert_one_admin(db: &TestDb) {
    assert_eq!(accounts_in(db), (1, 1));
    assert_eq!(db.db_value(r#"SELECT role FROM "user""#).as_deref(), Some("admin"));
    assert_eq!(rows_in(db, r#""user" u JOIN auth a ON a.id = u.id AND a.email = u.email"#), 1);
}

with_servers!(own, of_32_first_sign_ups_at_once_one_is_admin, async |server| {
    assert_eq!(crowd_signs_up(&[server.anonymous()]).await, 1);
    assert_one_admin(server.db());
});

with_servers!(own, of_32_first_sign_ups_at_once_through_two_servers_one_is_admin, async |server| {
    let second = server.second().await;
    assert_eq!(crowd_signs_up(&[server.anonymous(), second.anonymous()]).await, 1);
    assert_one_admin(server.db());
    for server in [&server, &second] {
        let late = server.anonymous().post(SIGN_UP, application("late")).await;
        late.assert_error(403, "ACCESS_PROHIBITED");
    }
});

with_databases!(own, of_32_first_sign_ups_at_once_through_two_processes_one_is_admin, async |db| {
    let program = ProcessBuilder::new(env!("CARGO_BIN_EXE_rosterd")).database(&db);
    let (first, second) = (program.start(), program.start());
    assert_eq!(crowd_signs_up(&[first.anonymous(), second.anonymous()]).await, 1);
    assert_one_admin(&db);
});

with_servers!(all, r2_of_32_sign_ups_at_once_with_one_address_one_succeeds, async |server| {
    let _ada = server.db_admin("ada").create().await;
    server.db_set_config("ui.enable_signup", json!(true)).await;
    let second = server.second().await;
    let doors = [server.anonymous(), second.anonymous()];
    let replies = at_once((0..CROWD).map(|n| {
        let stranger = doors[n % 2].clone();
        // Half of them write it otherwise.
        let email = if n % 4 < 2 { "Bob@rosterd.test" } else { "bob@ROSTERD.test" };
        let mut sent = application("bob");
        sent["email"] = json!(email);
        async move { stranger.post(SIGN_UP, sent).await }
    }))
    .await;
    assert_eq!(count(&replies, 200, (400, "EMAIL_TAKEN")), 1);
    for table in ["user", "auth"] {
        let found = rows(&server, &format!(r#""{table}" WHERE lower(email) = 'bob@rosterd.test'"#));
        assert_eq!(found, 1, "{table}");
    }
});
