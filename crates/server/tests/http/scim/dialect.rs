//! What identity providers send, and what they must be answered: the exchanges of `dialect.jsonl`, in order. They are written by the
//! documentation of Entra ID and Okta, and by RFC 7643 and RFC 7644.
//!
//! A line has `name`, who sends it (`as`: one of two connections, or somebody who is none), `send`, perhaps `headers` and a `body`
//! (`text` for one that is no JSON), and of the answer its `status` and what the body `is`: of an object the members that are named,
//! null for one that must not be there; of an array all values, in any order; `"?"` for any text. `keep` gives a value of the answer a
//! name, which stands as `{{name}}` in what follows.

use std::collections::HashMap;

use rosterd_domain::public_url::PublicUrl;
use rosterd_testkit::{Caller, Method, Reply, TestServer, with_databases};
use serde_json::{Value, json};

use super::{MEDIA_TYPE, MOUNT, connection};
use crate::support::{adopted_with, primary};

const EXCHANGES: &str = include_str!("dialect.jsonl");

/// Where people reach the server from outside.
const PUBLIC_URL: &str = "https://chat.example.com";

/// Where Open WebUI has its SCIM.
const OF_OPEN_WEBUI: &str = "/api/v1/scim/v2";

/// Values that have names.
type Kept = HashMap<String, String>;

with_databases!(all, what_identity_providers_send_is_understood, async |db| {
    let server = adopted_with(db, |server| {
        server.settings(|settings| settings.public_url = Some(PublicUrl::parse(PUBLIC_URL).unwrap()))
    })
    .await;
    let mount = if server.store().layout().is_standalone() { MOUNT } else { OF_OPEN_WEBUI };
    let admin = primary(&server).await;
    let callers = Callers {
        entra: connection(&admin, "Entra ID", json!({})).await,
        okta: connection(&admin, "Okta", json!({})).await,
        admin,
        nobody: server.anonymous(),
        mount,
    };
    let exchanges: Vec<Value> = EXCHANGES
        .lines()
        .map(|line| serde_json::from_str(line).unwrap_or_else(|e| panic!("{e}: {line}")))
        .collect();
    let mut kept = Kept::from([("base".to_owned(), format!("{PUBLIC_URL}{mount}"))]);
    let mut failures = Vec::new();
    for exchange in &exchanges {
        let reply = callers.send(exchange, &kept).await;
        if let Err(why) = judge(exchange, &reply, &kept) {
            failures.push(format!("{}: {why}\n{}\n{reply}\n", exchange["name"], exchange["body"]));
        }
        for (name, pointer) in exchange["keep"].as_object().into_iter().flatten() {
            let value = serde_json::from_slice::<Value>(reply.bytes()).unwrap_or_default();
            let value = value.pointer(pointer.as_str().unwrap()).and_then(Value::as_str).unwrap_or_default();
            kept.insert(name.clone(), value.to_owned());
        }
    }
    assert!(
        failures.is_empty(),
        "{} of {} exchanges:\n{}",
        failures.len(),
        exchanges.len(),
        failures.join("\n")
    );
    assert_every_change_is_told_with_its_connection(&server);
});

/// Every event since the start that was not of the admin's is one of the two connections'.
fn assert_every_change_is_told_with_its_connection(server: &TestServer) {
    let events: Vec<Value> = server.take_events().iter().map(rosterd_app::Record::to_json).collect();
    let of_connections: Vec<&Value> =
        events.iter().filter(|event| event["actor"]["kind"] == "scim").collect();
    for name in ["user.created", "user.updated", "user.suspended", "user.resumed", "group.created"] {
        assert!(
            of_connections.iter().any(|event| event["event"] == name),
            "no {name} in {of_connections:#?}"
        );
    }
    let text = json!(of_connections).to_string();
    for secret in ["1mz050nq", "rsc_"] {
        assert!(!text.contains(secret), "{secret} in {text}");
    }
}

/// Who sends.
struct Callers {
    entra: Caller,
    okta: Caller,
    admin: Caller,
    nobody: Caller,
    mount: &'static str,
}

impl Callers {
    async fn send(&self, exchange: &Value, kept: &Kept) -> Reply {
        let (method, path) = exchange["send"].as_str().and_then(|line| line.split_once(' ')).unwrap();
        let caller = match exchange["as"].as_str().unwrap() {
            "admin" => self.admin.clone(),
            "okta" => self.okta.clone(),
            "none" => self.nobody.clone(),
            "wrong" => self.nobody.with_bearer("rsc_not-a-token"),
            // What asks for nothing in particular, too.
            _ => self.entra.clone(),
        };
        let path = filled(path, kept);
        let path = if path.starts_with("/api/") || path.starts_with("/scim/") {
            path
        } else {
            format!("{}{path}", self.mount)
        };
        let mut request = caller.request(Method::from_bytes(method.as_bytes()).unwrap(), &path);
        let mut media_type = MEDIA_TYPE;
        for (name, value) in exchange["headers"].as_object().into_iter().flatten() {
            let value = value.as_str().unwrap();
            if name == "content-type" {
                media_type = value;
            } else {
                request = request.header(name, &filled(value, kept));
            }
        }
        if let Some(body) = exchange.get("body") {
            request = request.body(media_type, filled_in(body, kept).to_string());
        } else if let Some([media_type, text]) = exchange["text"].as_array().map(Vec::as_slice) {
            request = request.body(media_type.as_str().unwrap(), text.as_str().unwrap());
        }
        request.send().await
    }
}

/// A text with the values that it names.
fn filled(text: &str, kept: &Kept) -> String {
    kept.iter().fold(text.to_owned(), |text, (name, value)| text.replace(&format!("{{{{{name}}}}}"), value))
}

/// The same in a document.
fn filled_in(document: &Value, kept: &Kept) -> Value {
    match document {
        Value::String(text) => filled(text, kept).into(),
        Value::Array(values) => values.iter().map(|value| filled_in(value, kept)).collect(),
        Value::Object(members) => {
            members.iter().map(|(name, value)| (name.clone(), filled_in(value, kept))).collect()
        }
        other => other.clone(),
    }
}

/// # Errors
/// What is wrong with the answer.
fn judge(exchange: &Value, reply: &Reply, kept: &Kept) -> Result<(), String> {
    let status = reply.status();
    if Some(u64::from(status)) != exchange["status"].as_u64() {
        return Err(format!("wanted status {}, got {status}", exchange["status"]));
    }
    for (name, part) in exchange["answers"].as_object().into_iter().flatten() {
        let got = reply.header(name).unwrap_or_default();
        if !got.contains(part.as_str().unwrap()) {
            return Err(format!("the header {name} is {got:?}, and must have {part}"));
        }
    }
    if matches!(status, 204 | 304) {
        return if reply.bytes().is_empty() { Ok(()) } else { Err("the answer has a body".to_owned()) };
    }
    let is_scim = !exchange["send"].as_str().unwrap_or_default().contains(" /api/");
    let body: Value = serde_json::from_slice(reply.bytes()).map_err(|why| why.to_string())?;
    if is_scim {
        judge_form(reply, &body)?;
    }
    let wanted = exchange.get("is").map_or_else(|| json!({}), |wanted| filled_in(wanted, kept));
    meets(&body, &wanted, "")
}

/// What every answer of SCIM has.
fn judge_form(reply: &Reply, body: &Value) -> Result<(), String> {
    let media_type = reply.header("content-type").unwrap_or_default();
    if !media_type.starts_with(MEDIA_TYPE) {
        return Err(format!("the body is {media_type:?}"));
    }
    if reply.text().contains("password\":") {
        return Err("the answer has a password".to_owned());
    }
    let is = |header: &str, pointer: &str| {
        let (got, wanted) = (reply.header(header), body.pointer(pointer).and_then(Value::as_str));
        if got == wanted {
            Ok(())
        } else {
            Err(format!("the header {header} is {got:?} instead of {wanted:?}"))
        }
    };
    if body.pointer("/meta/version").is_some() {
        is("etag", "/meta/version")?;
    }
    if reply.status() == 201 {
        is("location", "/meta/location")?;
    }
    Ok(())
}

/// # Errors
/// Where the value is not as it must be.
fn meets(value: &Value, wanted: &Value, place: &str) -> Result<(), String> {
    match (value, wanted) {
        (Value::Object(value), Value::Object(wanted)) => {
            for (name, wanted) in wanted {
                let place = format!("{place}/{name}");
                match value.get(name) {
                    None if wanted.is_null() => {}
                    None => return Err(format!("{place} is not there")),
                    Some(value) => meets(value, wanted, &place)?,
                }
            }
            Ok(())
        }
        (Value::Array(values), Value::Array(wanted)) => {
            let all_there =
                wanted.iter().all(|wanted| values.iter().any(|value| meets(value, wanted, place).is_ok()));
            if all_there && values.len() == wanted.len() {
                return Ok(());
            }
            Err(format!("{place} is {}, wanted {}", json!(values), json!(wanted)))
        }
        (Value::String(text), Value::String(wanted)) if wanted == "?" && !text.is_empty() => Ok(()),
        _ if value == wanted => Ok(()),
        _ => Err(format!("{place} is {value}, wanted {wanted}")),
    }
}

#[test]
fn there_are_enough_exchanges_and_each_has_a_name() {
    let mut names: Vec<String> = EXCHANGES
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap()["name"].as_str().unwrap().to_owned())
        .collect();
    let of = |prefix: &str| names.iter().filter(|name| name.starts_with(prefix)).count();
    assert!(of("entra.") + of("okta.") >= 37, "{} of Entra ID, {} of Okta", of("entra."), of("okta."));
    let all = names.len();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), all);
}

#[test]
fn a_judge_that_sees_what_is_missing() {
    let answer = json!({ "id": "1", "emails": [{ "value": "a", "type": "work" }, { "value": "b" }] });
    for good in [
        json!({}),
        json!({ "emails": [{ "value": "b" }, { "value": "a" }] }),
        json!({ "id": "?", "name": null }),
    ] {
        assert_eq!(meets(&answer, &good, ""), Ok(()), "{good}");
    }
    for bad in [
        json!({ "id": "2" }),
        json!({ "id": null }),
        json!({ "name": "?" }),
        json!({ "emails": [{ "value": "a" }] }),
        json!({ "emails": [{ "value": "a" }, { "value": "c" }] }),
    ] {
        assert!(meets(&answer, &bad, "").is_err(), "{bad}");
    }
}
