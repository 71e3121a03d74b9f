//! `rosterd user keys` and what becomes of API keys when a password is set (rules K3 and K6).

use rosterd_testkit::{Caller, ProcessBuilder, ServerProcess, TestDb, with_databases};
use serde_json::{Value, json};

use crate::place::{PASSWORD, PROGRAM, Roster};

const KEYS: &str = "/api/v1/auths/api_keys";

/// A server on the database, on which API keys are switched on.
fn server(db: &TestDb) -> ServerProcess {
    ProcessBuilder::new(PROGRAM).database(db).env("ENABLE_API_KEYS", "true").start()
}

/// Signs in, makes these keys, and gives a caller with each. The account is an admin's.
async fn robots(server: &ServerProcess, email: &str, forms: &[Value]) -> Vec<Caller> {
    let form = json!({ "email": email, "password": PASSWORD });
    let session = server.anonymous().post("/api/v1/auths/signin", form).await;
    let owner = server.anonymous().with_bearer(session.assert_status(200).at("/token").as_str().unwrap());
    let mut robots = Vec::new();
    for form in forms {
        let made = owner.post(KEYS, form).await;
        robots.push(server.anonymous().with_bearer(made.assert_status(200).at("/key").as_str().unwrap()));
    }
    let made = owner.post("/api/v1/auths/api_key", Value::Null).await;
    robots.push(server.anonymous().with_bearer(made.assert_status(200).at("/api_key").as_str().unwrap()));
    robots
}

async fn statuses(robots: &[Caller]) -> Vec<u16> {
    let mut statuses = Vec::new();
    for robot in robots {
        statuses.push(robot.get("/api/v1/users/user/settings").await.status());
    }
    statuses
}

with_databases!(own, k6_the_operator_sees_and_deletes_the_keys_of_an_account, async |db| {
    let roster = Roster::on(&db);
    // The primary admin: on the command line its keys too.
    let ada = roster.create("ada@example.com", &[]);
    let none = roster.run(&["user", "keys", "ada@example.com"]);
    assert_eq!((none.code, none.stdout.as_str()), (Some(0), ""));
    assert!(none.stderr.contains("no API keys"), "{none:?}");

    let server = server(&db);
    let forms = [
        json!({ "name": "nightly job", "read_only": true, "allowed_paths": ["/api/v1/users", "/health"] }),
        json!({ "name": "brief", "expires_in": "1h" }),
    ];
    let robots = robots(&server, "ada@example.com", &forms).await;
    let listed = roster.json(&["user", "keys", "ada@example.com"]);
    let listed = listed.as_array().unwrap();
    assert_eq!(listed.len(), 3);
    assert!(listed.iter().all(|key| key.get("key").is_none() && key["prefix"].as_str().unwrap().len() < 12));
    let text = roster.run(&["user", "keys", &ada]).stdout;
    let line = text.lines().find(|line| line.contains("nightly job")).unwrap();
    let cells: Vec<&str> = line.split('\t').collect();
    assert_eq!((cells.len(), cells[3]), (6, "reads only, /api/v1/users /health"), "{line}");
    assert!(cells[2].starts_with("sk-rst_") && cells[2].ends_with('…'), "{line}");
    assert_eq!(text.lines().filter(|line| line.contains("\tnever\t")).count(), 1, "{text}");

    let set = |options: &[&str]| {
        let command = ["user", "set-password", "ada@example.com", "--password-stdin"];
        roster.run_with(&[&command[..], options].concat(), "another long password")
    };
    let kept = set(&[]);
    assert!(kept.stdout.ends_with("; 3 API keys still work\n"), "{kept:?}");
    assert_eq!(statuses(&robots).await, [200; 3]);
    let deleted = set(&["--revoke-keys", "--events"]);
    assert!(deleted.stdout.ends_with("; 3 API keys were deleted\n"), "{deleted:?}");
    assert!(deleted.stderr.contains(r#""event":"api_key.deleted""#), "{deleted:?}");
    assert_eq!(statuses(&robots).await, [401; 3], "from the next request on");
    let told = set(&["--revoke-keys", "--json"]).json();
    assert_eq!((&told["api_keys_deleted"], &told["api_keys_left"]), (&json!(0), &json!(0)));
    roster.run(&["user", "keys", "nobody@example.com"]).assert_failed(1, &["nobody@example.com"]);
});

with_databases!(attached, k6_keys_of_open_webui_are_listed_without_rosterds_tables, async |db| {
    let roster = Roster::on(&db);
    let listed = roster.json(&["user", "keys", "alice@example.com"]);
    assert_eq!(listed[0]["name"], Value::Null, "{listed}");
    let key = db.db_value("SELECT key FROM api_key").unwrap();
    assert!(!listed.to_string().contains(&key), "{listed}");
});
