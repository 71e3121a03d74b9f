//! `rosterd audit`.

use std::time::{Duration, Instant};

use rosterd_testkit::{ProcessBuilder, with_databases};
use serde_json::Value;

use crate::place::{PASSWORD, PROGRAM, Roster};

/// Runs a server until so many events are sealed; gives the head.
fn seal(roster: &Roster<'_>, db: &rosterd_testkit::TestDb, events: i64) -> String {
    let mut server = ProcessBuilder::new(PROGRAM).database(db).start();
    let began = Instant::now();
    let head = loop {
        let head = roster.run(&["audit", "head", "--json"]);
        let head: Value = serde_json::from_str(&head.stdout).expect("a JSON object");
        if head["position"].as_i64() >= Some(events) {
            break head["head"].as_str().expect("a text").to_owned();
        }
        assert!(began.elapsed() < Duration::from_mins(1), "{head}: not sealed\n{}", server.log());
    };
    server.terminate();
    head
}

with_databases!(own, the_log_is_listed_sealed_verified_exported_and_erased, async |db| {
    let roster = Roster::on(&db);
    let create = |email| ["user", "create", "--email", email, "--name", "N", "--password-stdin"];
    roster.run_with(&create("ada@example.com"), PASSWORD);
    roster.run_with(&create("bob@example.com"), PASSWORD);
    roster.run(&["user", "set-role", "bob@example.com", "admin"]);
    let listed = roster.run(&["audit", "list", "--json"]);
    let events: Value = serde_json::from_str(&listed.stdout).expect("a JSON list");
    let actions: Vec<&str> =
        events.as_array().unwrap().iter().map(|it| it["action"].as_str().unwrap()).collect();
    assert_eq!(actions, ["user.role_changed", "user.created", "config.changed", "user.created"]);
    assert!(events.as_array().unwrap().iter().all(|it| it["actor"]["kind"] == "operator"), "{events}");
    let some = roster.run(&["audit", "list", "--action", "config.*", "--from", "2026-01-01", "--limit", "1"]);
    assert!(some.stdout.lines().count() == 1 && some.stdout.contains("config.changed"), "{some:?}");

    let head = seal(&roster, &db, 4);
    let verified = roster.run(&["audit", "verify", "--head", &head]);
    assert_eq!(verified.code, Some(0), "{verified:?}");
    assert!(
        verified.stdout.starts_with("4 sealed events up to position 4, 0 not sealed yet"),
        "{verified:?}"
    );
    let exported = roster.run(&["audit", "export", "--after", "1"]);
    assert_eq!(exported.stdout.lines().count(), 3, "{exported:?}");
    let ocsf = roster.run(&["audit", "export", "--ocsf"]);
    assert!(ocsf.stdout.lines().all(|line| line.contains("\"class_uid\"")), "{ocsf:?}");

    let erased = roster.run(&["audit", "erase", "bob@example.com"]);
    assert!(erased.stdout.starts_with("erased 2 events about "), "{erased:?}");
    let again = roster.run(&["audit", "erase", "bob@example.com"]);
    assert_eq!(again.code, Some(1), "{again:?}");
    let verified = roster.run(&["audit", "verify", "--head", &head]);
    assert!(verified.code == Some(0) && verified.stdout.contains("2 erased"), "{verified:?}");
    db.db_execute("UPDATE rosterd_event SET actor_kind = 'visitor' WHERE position = 2");
    let verified = roster.run(&["audit", "verify"]);
    assert_eq!(verified.code, Some(1), "{verified:?}");
    assert!(verified.stdout.contains("position 2 ("), "{verified:?}");
    assert!(verified.stderr.contains("the audit log is not as it was sealed"), "{verified:?}");
    let wrong = roster.run(&["audit", "verify", "--head", "7"]);
    assert!(wrong.code == Some(2) && wrong.stderr.contains("rosterd audit head"), "{wrong:?}");
});
