//! `rosterd webhook`, and deliveries of a server that is killed.

use std::collections::BTreeSet;
use std::time::Duration;

use rosterd_testkit::{ProcessBuilder, Reaction, Receiver, ServerProcess, TestDb, with_databases};
use serde_json::{Value, json};

use crate::place::{PROGRAM, Place, Roster, SECRET, wait_until};

/// How often the server is killed, unless `ROSTERD_KILLS` says otherwise.
const KILLS: usize = 3;

const PRIVATE: (&str, &str) = ("ROSTERD_WEBHOOK_ALLOW_PRIVATE", "true");

fn server(db: &TestDb) -> ServerProcess {
    // Nobody waits until the lease of a server ends that was killed.
    db.db_execute("UPDATE rosterd_lease SET until = 0");
    ProcessBuilder::new(PROGRAM).database(db).env(PRIVATE.0, PRIVATE.1).start()
}

/// The state of each delivery of a webhook, newest first.
fn states(roster: &Roster<'_>, id: &str) -> Vec<String> {
    let listed = roster.json(&["webhook", "deliveries", id]);
    listed.as_array().unwrap().iter().map(|it| it["state"].as_str().unwrap().to_owned()).collect()
}

with_databases!(own, webhooks_are_managed_on_the_command_line, async |db| {
    let roster = Roster::on(&db);
    roster.create("ada@example.com", &[]);
    let receiver =
        Receiver::start(|request| Reaction::status(if request.kind() == "webhook.test" { 503 } else { 204 }));
    let private = Place::new();
    let environment = [SECRET, ("DATABASE_URL", db.url()), PRIVATE];
    let run = |arguments: &[&str]| private.run_with(arguments, &environment, "");
    let refused = roster.run(&["webhook", "create", &receiver.url(), "--event", "*"]);
    refused.assert_failed(1, &["url", "ROSTERD_WEBHOOK_ALLOW_PRIVATE"]);
    roster
        .run(&["webhook", "create", "https://hooks.example/", "--event", "Users"])
        .assert_failed(1, &["events.0"]);

    let made = run(&["webhook", "create", &receiver.url(), "--event", "user.*", "--description", "Chat"]);
    assert_eq!(made.code, Some(0), "{made:?}");
    let text = |name: &str| {
        let line = made.stdout.lines().find_map(|line| line.strip_prefix(name)).unwrap();
        line.trim().to_owned()
    };
    let (id, secret) = (text("id:"), text("secret:"));
    let listed = roster.run(&["webhook", "list"]);
    let cells: Vec<&str> = listed.stdout.trim_end().split('\t').collect();
    assert_eq!(cells, [id.as_str(), "on", "0", receiver.url().as_str(), "user.*", "Chat"]);
    assert!(!listed.stdout.contains(&secret), "{listed:?}");

    let test = run(&["webhook", "test", &id]);
    assert_eq!(
        (test.code, test.stdout.trim_end()),
        (Some(1), "not delivered: the receiver answered with status 503")
    );
    let rotated = run(&["webhook", "rotate", &id, "--overlap", "1h", "--json"]).json();
    let new = rotated["secret"].as_str().unwrap().to_owned();
    run(&["webhook", "test", &id]);
    let sent = receiver.received();
    assert_eq!([&sent[0], &sent[1]].map(|request| request.signed_with(&secret)), [Some(0), Some(1)]);
    assert_eq!(sent[1].signed_with(&new), Some(0));
    let long = roster.run(&["webhook", "rotate", &id, "--overlap", "8d"]);
    assert!(long.code == Some(2) && long.stderr.contains("longer than 7d"), "{long:?}");

    let off = roster.run(&["webhook", "update", &id, "--disable"]);
    assert_eq!((off.code, off.stdout.trim_end()), (Some(0), format!("webhook {id} is off").as_str()));
    assert!(roster.run(&["webhook", "list"]).stdout.contains("off (admin) since "));
    let on = roster.json(&["webhook", "update", &id, "--enable", "--event", "*", "--description", ""]);
    assert_eq!(
        (&on["enabled"], &on["events"], &on["description"]),
        (&json!(true), &json!(["*"]), &json!(""))
    );
    assert_eq!(roster.run(&["webhook", "update", &id]).code, Some(2), "nothing to change");

    let mut server = server(&db);
    wait_until("all is delivered", || {
        states(&roster, &id).iter().filter(|state| *state == "delivered").count() >= 5
    });
    assert_eq!(roster.json(&["webhook", "deliveries", &id, "--state", "failed"]), json!([]));
    assert_eq!(roster.run(&["webhook", "deliveries", &id, "--state", "gone"]).code, Some(2));
    let deliveries = roster.json(&["webhook", "deliveries", &id, "--state", "delivered", "--limit", "1"]);
    let [last] = deliveries.as_array().unwrap().as_slice() else { panic!("{deliveries}") };
    let delivery = last["id"].as_str().unwrap();
    assert_eq!(last["event"], "webhook.updated");
    let count = receiver.received().len();
    let again = roster.run(&["webhook", "retry", &id, delivery]);
    assert_eq!(again.code, Some(0), "{again:?}");
    wait_until("it comes again", || receiver.ids().iter().skip(count).any(|id| id == delivery));
    roster.run(&["webhook", "retry", &id, "nothing"]).assert_failed(1, &["no such delivery"]);
    server.terminate();
    assert!(!server.log().contains("/hook"), "{}", server.log());

    let deleted = roster.run(&["webhook", "delete", &id]);
    assert_eq!(
        (deleted.code, deleted.stdout.trim_end()),
        (Some(0), format!("deleted webhook {id}").as_str())
    );
    roster.run(&["webhook", "delete", &id]).assert_failed(1, &["no such webhook"]);
    assert_eq!(roster.json(&["webhook", "list"]), json!([]));
});

with_databases!(own, every_event_arrives_however_often_the_server_is_killed, async |db| {
    let roster = Roster::on(&db);
    roster.create("ada@example.com", &[]);
    // Slow enough to be killed in the middle.
    let receiver = Receiver::start(|_request| {
        std::thread::sleep(Duration::from_millis(20));
        Reaction::status(204)
    });
    let place = Place::new();
    let environment = [SECRET, ("DATABASE_URL", db.url()), PRIVATE];
    let made = place.run_with(
        &["webhook", "create", &receiver.url(), "--event", "group.created", "--json"],
        &environment,
        "",
    );
    assert_eq!(made.code, Some(0), "{made:?}");
    let token = roster.run(&["token", "ada@example.com"]).stdout;
    let kills = std::env::var("ROSTERD_KILLS").map_or(KILLS, |kills| kills.parse().unwrap());
    let mut groups = 0;
    for _ in 0..kills {
        let mut server = server(&db);
        let ada = server.anonymous().with_bearer(token.trim());
        let before = receiver.received().len();
        for _ in 0..30 {
            let group = json!({ "name": "g", "description": "" });
            ada.post("/api/v1/groups/create", group).await.assert_status(200);
            groups += 1;
        }
        receiver.wait_for(before + 5).await;
        server.kill();
    }
    let mut server = server(&db);
    let events = || roster.json(&["audit", "list", "--action", "group.created", "--limit", "1000"]);
    let ids = |events: &Value| -> BTreeSet<String> {
        events.as_array().unwrap().iter().map(|event| event["id"].as_str().unwrap().to_owned()).collect()
    };
    let wanted = ids(&events());
    assert_eq!(wanted.len(), groups);
    wait_until("all events arrive", || receiver.ids().into_iter().collect::<BTreeSet<_>>() == wanted);
    wait_until("all is noted", || {
        let hook = roster.json(&["webhook", "list"]);
        hook[0]["waiting"] == 0
    });
    server.terminate();
    // Only what was under way when the server was killed comes twice: four requests at a time.
    let received = receiver.received().len();
    assert!(received <= groups + 4 * kills, "{received} requests for {groups} events");
});
