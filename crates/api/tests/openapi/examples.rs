//! The examples of the document are what a server with the recorded roster answers. The scenario is played from top
//! to bottom on one server, whose clock stands still.

mod accounts;
mod connected;
mod mails;
mod names;
mod users;

use std::collections::BTreeMap;
use std::path::Path;

use rosterd_app::{audit, webhooks};
use rosterd_domain::ids::SessionId;
use rosterd_domain::session::{SessionMethod, SessionRow};
use rosterd_testkit::{Caller, DbKind, Method, Reply, TestDb, TestServer, run, token};
use serde_json::{Map, Value, json};

use crate::spec::spec;
use names::Names;

/// Set to write the answers down instead of comparing them.
const RENEW: &str = "ROSTERD_RENEW_EXAMPLES";

/// What bob changes his password to.
const NEW_PASSWORD: &str = "another horse battery";

/// Operations whose answers are no JSON.
const NO_JSON: [&str; 4] = ["getUserProfileImageById", "getMetrics", "streamAuditEvents", "exportUsers"];

/// Operation, caller, query string, body. `{user:…}` and `{group:…}` are recorded ids, `{group}` the last one made.
type Step = (&'static str, &'static str, &'static str, Value);

/// Sessions that are open at the beginning: whose, and the id.
const SESSIONS: [(&str, &str); 2] =
    [("alice", "7c1d2e3f-4a5b-4c6d-8e7f-9a0b1c2d3e4f"), ("erin", "8d2e3f40-5b6c-4d7e-8f90-a1b2c3d4e5f6")];

fn scenario() -> Vec<Step> {
    let parts = [
        users::calls(),
        users::sessions(),
        connected::webhooks(),
        mails::calls(),
        accounts::calls(),
        accounts::links(),
        connected::identity_providers(),
    ];
    parts.into_iter().flatten().collect()
}

#[test]
fn examples_are_real_answers() {
    let played = run::block_on(play());
    // What identity providers ask is answered in a media type of its own.
    let is_json = |id: &str, access: &Value| !NO_JSON.contains(&id) && access != "connection";
    let described = spec().operations().filter(|it| is_json(it.id(), &it.value["x-access"])).count();
    assert_eq!(played.len(), described, "an operation has no example");
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/openapi/examples.json");
    let mut text = serde_json::to_string_pretty(&Value::Object(played)).unwrap();
    text.push('\n');
    if std::env::var_os(RENEW).is_some() {
        std::fs::write(&file, text).unwrap();
    } else {
        let kept = std::fs::read_to_string(&file).unwrap();
        assert!(
            kept == text,
            "the answers are no longer those of the examples; renew them:\n    {RENEW}=1 cargo test --package \
             rosterd-api --test openapi examples"
        );
    }
}

async fn play() -> Map<String, Value> {
    let server = TestServer::start(TestDb::fresh(DbKind::WebUi012Sqlite)).await;
    // With rosterd's tables, without which some calls are refused.
    server.store().adopt_apply().await.unwrap();
    let server = mails::set_up(&server).await;
    for (owner, id) in SESSIONS {
        begin_session(&server, owner, id).await;
    }
    let mut names = Names::default();
    let mut examples = BTreeMap::new();
    for (id, caller, target, body) in scenario() {
        let operation = spec().by_id(id);
        let target = names.fill(target);
        let place = operation.path.split_once("{id}").or_else(|| operation.path.split_once("{provider}"));
        // After a space: the second id of the path.
        let (target, second) = target.split_once(' ').unwrap_or((&target, ""));
        let path = match place {
            Some((before, after)) => {
                let after = match after.split_once('{') {
                    Some((rest, end)) => {
                        let end = end.split_once('}').map_or("", |(_name, end)| end);
                        format!("{rest}{second}{end}")
                    }
                    None => after.to_owned(),
                };
                format!("{before}{target}{after}")
            }
            None => format!("{}{target}", operation.path),
        };
        if ["createWebhook", "listWebhookDeliveries"].contains(&id) {
            // What happened before a webhook is made is none of its business, and what happened since is.
            audit::seal(server.app()).await.unwrap();
            webhooks::deliver(server.app()).await.unwrap();
        }
        match id {
            "confirmEmail" => names.link = mails::wait(&server, "judy").await,
            "resendEmailConfirmation" => drop(mails::wait(&server, "niaj").await),
            _ => {}
        }
        let caller = match caller {
            "" => server.anonymous(),
            _ if id == "getSessions" => by_session(&server, SESSIONS[0]),
            _ => server.recorded(caller),
        };
        let method = Method::from_bytes(operation.method.to_uppercase().as_bytes()).unwrap();
        let request = caller.request(method, &path);
        let body = (!body.is_null()).then(|| serde_json::from_str(&names.fill(&body.to_string())).unwrap());
        let reply = match &body {
            None => request.send().await,
            Some::<Value>(body) => request.json(body).send().await,
        };
        reply.assert_status(200);
        judge(id, &reply);
        let mut answer = reply.json();
        if id == "createNamedAPIKey" {
            answer["id"].as_str().unwrap().clone_into(&mut names.key);
        }
        if id == "createWebhook" {
            answer["id"].as_str().unwrap().clone_into(&mut names.webhook);
        }
        if id == "createScimConnection" {
            answer["id"].as_str().unwrap().clone_into(&mut names.connection);
        }
        if id == "listWebhookDeliveries" {
            answer["deliveries"][0]["id"].as_str().unwrap().clone_into(&mut names.delivery);
        }
        if ["inviteUser", "createUserPasswordLink"].contains(&id) {
            answer["token"].as_str().unwrap().clone_into(&mut names.link);
        }
        if id == "createNewGroup" {
            names.group = answer["id"].as_str().unwrap().to_owned();
        }
        names.settle(&mut answer);
        let mut example = Map::new();
        if let Some(mut body) = body {
            names.settle(&mut body);
            example.insert("request".to_owned(), body);
        }
        example.insert("response".to_owned(), answer);
        examples.insert(id.to_owned(), Value::Object(example));
    }
    examples.into_iter().collect()
}

async fn begin_session(server: &TestServer, owner: &str, id: &str) {
    let now = server.now();
    let row = SessionRow {
        id: SessionId::from_stored(id.to_owned()),
        user_id: server.recorded(owner).id().clone(),
        method: SessionMethod::Password.as_str().to_owned(),
        created_at: now,
        last_seen_at: now,
        expires_at: Some(now + 2_419_200),
        client_ip: Some("203.0.113.7".to_owned()),
        user_agent: Some(
            "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0".to_owned(),
        ),
    };
    server.db_write(move |db| db.insert_session(&row)).await;
}

/// Somebody of the roster, with a token that names this session.
fn by_session(server: &TestServer, (owner, id): (&str, &str)) -> Caller {
    let owner = server.recorded(owner);
    let claims = json!({ "id": owner.id(), "jti": id, "session_stamp": null, "rosterd_session": true });
    owner.with_bearer(token::sign(&claims, server.app().settings().secret.expose()))
}

fn judge(id: &str, reply: &Reply) {
    let content_type = reply.header("content-type").unwrap_or_default();
    let faults = spec().problems(spec().by_id(id), reply.status(), content_type, reply.bytes());
    assert!(faults.is_empty(), "{faults:#?}\n{reply}");
}
