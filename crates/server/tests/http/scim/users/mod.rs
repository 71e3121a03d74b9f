//! The users of a connection (rules J3 to J7 and J10), on standalone databases and on adopted ones.

mod copy;
mod linking;
mod passwords;
mod standing;

use rosterd_app::Record;
use rosterd_testkit::{Caller, TestServer};
use serde_json::{Value, json};

use super::get;

fn path(id: &str) -> String {
    format!("/Users/{id}")
}

fn replace(path: &str, value: Value) -> Value {
    let mut operation = json!({ "op": "Replace", "path": path });
    operation["value"] = value;
    Value::Array(vec![operation])
}

/// What a list has on its only page.
async fn found(provider: &Caller, filter: &str) -> Vec<Value> {
    let filter = filter.replace(' ', "%20").replace('"', "%22");
    let reply = get(provider, &format!("/Users?filter={filter}")).await;
    let list = reply.assert_status(200).json();
    let resources = list["Resources"].as_array().unwrap().clone();
    assert_eq!(list["totalResults"], json!(resources.len()), "{reply}");
    resources
}

/// The names of the events since the last look, each with the kind of who acted. Not all databases can end sessions.
fn told(server: &TestServer) -> Vec<(&'static str, String)> {
    let kind = |record: &Record| record.to_json()["actor"]["kind"].as_str().unwrap_or_default().to_owned();
    let told = server.take_events();
    let told = told.iter().filter(|record| record.event.name() != "user.sessions_ended");
    told.map(|record| (record.event.name(), kind(record))).collect()
}

fn by_scim(names: &[&'static str]) -> Vec<(&'static str, String)> {
    names.iter().map(|name| (*name, "scim".to_owned())).collect()
}

/// A value of the account's row.
fn stored(server: &TestServer, id: &str, column: &str) -> String {
    server.db().db_value(&format!(r#"SELECT {column} FROM "user" WHERE id = '{id}'"#)).unwrap()
}
