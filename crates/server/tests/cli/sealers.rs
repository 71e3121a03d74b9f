//! Two servers on one database: one of them seals the events of both, and the other goes on when it is killed.

use std::time::{Duration, Instant};

use rosterd_testkit::{Caller, ProcessBuilder, ServerProcess, TestDb, with_databases};
use serde_json::json;

use crate::place::{PROGRAM, Place, SECRET};

/// How often a sealer is killed.
const KILLS: usize = 2;

/// Changes that each of two clients of each server makes at least.
const CHANGES: usize = 25;

fn start(db: &TestDb) -> ServerProcess {
    ProcessBuilder::new(PROGRAM).database(db).start()
}

/// Changes one setting so many times, or until the server is gone; gives how often that was.
async fn change_setting(caller: Caller, setting: String, changes: usize) -> usize {
    for number in 0..changes {
        let request = caller.request(rosterd_testkit::Method::POST, "/api/v1/users/user/settings/update");
        match request.json(&json!({ &setting: number })).try_send().await {
            Some(reply) => reply.assert_status(200),
            None => return number,
        };
    }
    changes
}

/// Polls until it holds.
async fn wait_until(what: &str, servers: &[ServerProcess], mut holds: impl FnMut() -> bool) {
    let due = Instant::now() + Duration::from_mins(1);
    while !holds() {
        let logs: Vec<_> = servers.iter().map(ServerProcess::log).collect();
        assert!(Instant::now() < due, "{what}: {logs:#?}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// Who has the lease, as it is named in the log of that server.
fn holder(db: &TestDb) -> Option<String> {
    db.db_value("SELECT holder FROM rosterd_lease WHERE name = 'audit_seal'")
}

/// The place of the server that seals among these.
async fn sealer(db: &TestDb, servers: &[ServerProcess]) -> usize {
    let mut found = None;
    wait_until("one of them seals", servers, || {
        let holder = holder(db);
        found = holder.and_then(|holder| servers.iter().position(|server| server.log().contains(&holder)));
        found.is_some()
    })
    .await;
    found.unwrap()
}

fn all_is_sealed(db: &TestDb) -> bool {
    db.db_value("SELECT count(*) FROM rosterd_event WHERE position IS NULL").as_deref() == Some("0")
}

/// Each position from 1 on once.
fn assert_without_gap_or_double(db: &TestDb) {
    let found = db.db_query_text(
        "SELECT count(*) AS events, count(DISTINCT position) AS positions, min(position) AS lowest, max(position) AS highest \
         FROM rosterd_event WHERE position IS NOT NULL",
    );
    let [events, positions, lowest, highest] = found[0].as_slice() else { panic!("{found:?}") };
    assert!(events == positions && events == highest && lowest.as_deref() == Some("1"), "{found:?}");
}

with_databases!(own, one_of_two_servers_seals_and_the_other_goes_on_when_it_is_killed, async |db| {
    let place = Place::new();
    let environment = [SECRET, ("DATABASE_URL", db.url())];
    place.create_admin("ada@example.com", &environment);
    let token = place.run_with(&["token", "ada@example.com"], &environment, "").stdout;
    let mut servers = [start(&db), start(&db)];
    let mut changes = 0;
    for round in 0..KILLS {
        let sealing = sealer(&db, &servers).await;
        let clients: Vec<_> = (0..4)
            .map(|number| {
                let caller = servers[number % 2].anonymous().with_bearer(token.trim());
                // Those of the one that is killed go on until then.
                let many = if number % 2 == sealing { usize::MAX } else { CHANGES };
                tokio::spawn(change_setting(caller, format!("{round} {number}"), many))
            })
            .collect();
        // It has sealed some of them, and is killed in the middle of the rest.
        let before = db.db_value("SELECT max(position) FROM rosterd_event");
        wait_until("events are sealed", &servers, || {
            db.db_value("SELECT max(position) FROM rosterd_event") != before
        })
        .await;
        let died = holder(&db);
        servers[sealing].kill();
        for client in clients {
            changes += client.await.unwrap();
        }
        assert_without_gap_or_double(&db);

        // Its lease ends after 30 seconds, which are over.
        db.db_execute("UPDATE rosterd_lease SET until = 0 WHERE name = 'audit_seal'");
        wait_until("the other one seals", &servers, || holder(&db) != died && all_is_sealed(&db)).await;
        assert_eq!(sealer(&db, &servers).await, 1 - sealing);
        assert_without_gap_or_double(&db);
        servers[sealing] = start(&db);
    }
    for server in &mut servers {
        assert_eq!(server.terminate().code(), Some(0), "{}", server.log());
    }
    let told =
        db.db_value("SELECT count(*) FROM rosterd_event WHERE action = 'user.settings_changed'").unwrap();
    // What the killed one had begun may be written, though nobody was told of it.
    let told: usize = told.parse().unwrap();
    assert!((changes..=changes + 2 * KILLS).contains(&told), "{changes} changes and {told} events");
    let verified = place.run_with(&["audit", "verify", "--json"], &environment, "");
    assert_eq!(verified.code, Some(0), "{verified:?}");
});
