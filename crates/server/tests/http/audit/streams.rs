//! Events as they happen.

use std::time::Duration;

use rosterd_app::Settings;
use rosterd_testkit::{Caller, Method, OpenReply, PASSWORD, TestServer, with_databases, with_servers};
use serde_json::{Value, json};

use super::reading::six;
use super::{adopt, seal};
use crate::support::{UPDATE_SETTINGS, form, path_of};

const STREAM: &str = "/api/v1/audit/stream";

/// The positions of the events that a stream has sent.
fn positions(text: &str) -> Vec<i64> {
    text.lines().filter_map(|line| line.strip_prefix("id: ")).map(|id| id.parse().unwrap()).collect()
}

with_servers!(own, a_stream_goes_on_where_the_client_was, async |server| {
    let (ada, bob) = six(&server).await;
    seal(&server).await;
    let text = async |request: rosterd_testkit::Request| {
        let reply = request.send().await;
        assert_eq!(reply.assert_status(200).headers()["content-type"], "text/event-stream");
        String::from_utf8(reply.bytes().to_vec()).unwrap()
    };
    let stream = |query: &str| ada.request(Method::GET, &format!("{STREAM}{query}"));
    assert_eq!(positions(&text(stream("")).await), [0; 0], "without a position only what is new");
    let all = text(stream("?position=0&follow=false")).await;
    assert_eq!(positions(&all), [1, 2, 3, 4, 5, 6]);
    let data = all.lines().find_map(|line| line.strip_prefix("data: ")).unwrap();
    let first: Value = serde_json::from_str(data).unwrap();
    assert!(all.contains(&format!("event: {}\n", first["action"].as_str().unwrap())), "{all}");
    let resumed = stream("?position=0").header("last-event-id", "4");
    assert_eq!(positions(&text(resumed).await), [5, 6]);
    bob.get(STREAM).await.assert_error(401, "ACCESS_PROHIBITED");
});

/// How a session ends, or the right of its owner.
const WAYS: [&str; 7] =
    ["sign-out", "session", "all sessions", "password", "demotion", "suspension", "deletion"];

const SESSIONS: &str = "/api/v1/auths/sessions";

/// Signs in to an account.
async fn signed_in(server: &TestServer, account: &Caller) -> Caller {
    let form = json!({ "email": account.email(), "password": PASSWORD });
    let reply = server.anonymous().post("/api/v1/auths/signin", form).await;
    account.with_bearer(reply.assert_status(200).at("/token").as_str().unwrap())
}

/// Ends the session of an admin in this way.
async fn end(way: &str, first: &Caller, ada: &Caller) {
    let update = async |role: &str| {
        let changed = form(way, ada.email(), json!({ "role": role }));
        first.post(&path_of(ada, "/update"), changed).await
    };
    let ended = match way {
        "sign-out" => ada.post("/api/v1/auths/signout", Value::Null).await,
        "session" => {
            let open = ada.get(SESSIONS).await.json();
            let current = open.as_array().unwrap().iter().find(|session| session["current"] == true).unwrap();
            ada.delete(&format!("{SESSIONS}/{}", current["id"].as_str().unwrap())).await
        }
        "all sessions" => first.post(&path_of(ada, "/sessions/revoke"), Value::Null).await,
        "password" => {
            let form = json!({ "password": PASSWORD, "new_password": "a new one, hard to guess 7" });
            ada.post("/api/v1/auths/update/password", form).await
        }
        "demotion" => update("user").await,
        "suspension" => update("pending").await,
        _ => first.delete(&path_of(ada, "")).await,
    };
    ended.assert_status(200);
}

/// Reads until a stream has sent this event.
async fn read_to(stream: &mut OpenReply, position: i64) {
    let mut text = String::new();
    while !positions(&text).contains(&position) {
        text += &stream.next_text().await.unwrap_or_else(|| panic!("it ended after: {text}"));
    }
}

/// The rest of a stream, to its end.
async fn rest_of(mut stream: OpenReply) -> String {
    let mut text = String::new();
    while let Some(piece) = stream.next_text().await {
        text += &piece;
    }
    text
}

with_databases!(all, a_running_stream_ends_with_its_session_wherever_that_is_ended, async |db| {
    adopt(&db).await;
    // By itself each stream would go on for an hour.
    let lasting = |settings: &mut Settings| settings.audit.stream_for = Duration::from_hours(1);
    let server = TestServer::builder(db).settings(lasting).start().await;
    let second = server.second().await;
    let first = server.db_admin("first").create().await;
    let there = first.through(&second);
    let mut streams = Vec::new();
    for way in WAYS {
        let ada = signed_in(&server, &server.db_admin(way).create().await).await;
        let stream = ada.request(Method::GET, &format!("{STREAM}?position=0")).open().await;
        assert_eq!(stream.status(), 200, "{way}");
        streams.push((way, ada, stream));
    }
    let mut kept = first.request(Method::GET, &format!("{STREAM}?position=0")).open().await;

    // All of them run: they send what happens now.
    first.post(UPDATE_SETTINGS, json!({ "theme": "dark" })).await.assert_status(200);
    let before = seal(&server).await;
    for (_, _, stream) in &mut streams {
        read_to(stream, before).await;
    }
    read_to(&mut kept, before).await;

    for (way, ada, _) in &streams {
        end(way, &there, &ada.through(&second)).await;
    }
    seal(&second).await;
    let after = before + i64::try_from(WAYS.len()).unwrap();
    for (way, ada, stream) in streams {
        let rest = rest_of(stream).await;
        assert_eq!(positions(&rest), [0; 0], "{way}: nothing is sent to whom the log is closed");
        let again = ada.get(&format!("{STREAM}?position=0")).await;
        assert_eq!(again.status(), 401, "{way}: {again}");
    }
    // Nobody else's stream has ended.
    read_to(&mut kept, after).await;
});
