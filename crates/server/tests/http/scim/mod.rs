//! SCIM (rules J1 to J12): what identity providers send, what a connection may see and change, and what it costs.

mod connections;
mod dialect;
mod discovery;
mod groups;
mod hostile;
mod limits;
mod statements;
mod users;

use rosterd_testkit::{Caller, Method, Reply, Request};
use serde_json::{Value, json};

use crate::support::merged;

/// Where SCIM is.
pub(crate) const MOUNT: &str = "/scim/v2";

/// What every body is.
pub(crate) const MEDIA_TYPE: &str = "application/scim+json";

/// Where admins manage connections.
pub(crate) const CONNECTIONS: &str = "/api/v1/scim/connections";

/// The schema of users.
const USER: &str = "urn:ietf:params:scim:schemas:core:2.0:User";

/// The schema of groups.
const GROUP: &str = "urn:ietf:params:scim:schemas:core:2.0:Group";

/// Makes a connection, and gives its token.
pub(crate) async fn token(admin: &Caller, name: &str, settings: Value) -> String {
    let made = admin.post(CONNECTIONS, merged(json!({ "name": name }), settings)).await;
    made.assert_status(200).at("/token").as_str().unwrap().to_owned()
}

/// Makes a connection, and gives who has its token.
pub(crate) async fn connection(admin: &Caller, name: &str, settings: Value) -> Caller {
    admin.with_bearer(token(admin, name, settings).await)
}

/// A request to SCIM with a body of its media type.
pub(crate) fn request(method: Method, provider: &Caller, path: &str, body: &Value) -> Request {
    provider.request(method, &format!("{MOUNT}{path}")).body(MEDIA_TYPE, body.to_string())
}

async fn get(provider: &Caller, path: &str) -> Reply {
    provider.get(&format!("{MOUNT}{path}")).await
}

async fn post(provider: &Caller, path: &str, body: Value) -> Reply {
    request(Method::POST, provider, path, &body).send().await
}

async fn put(provider: &Caller, path: &str, body: Value) -> Reply {
    request(Method::PUT, provider, path, &body).send().await
}

async fn patch(provider: &Caller, path: &str, operations: Value) -> Reply {
    let body = json!({
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"], "Operations": operations,
    });
    request(Method::PATCH, provider, path, &body).send().await
}

async fn delete(provider: &Caller, path: &str) -> Reply {
    provider.delete(&format!("{MOUNT}{path}")).await
}

/// Stops the test unless this is an error in SCIM's form.
#[track_caller]
fn assert_refused(reply: &Reply, status: u16, scim_type: Option<&str>) {
    let body = reply.assert_status(status).json();
    assert_eq!(reply.header("content-type"), Some(MEDIA_TYPE), "{reply}");
    assert_eq!(body["schemas"], json!(["urn:ietf:params:scim:api:messages:2.0:Error"]), "{reply}");
    assert_eq!(body["status"], json!(status.to_string()), "{reply}");
    assert_eq!(body["scimType"].as_str(), scim_type, "{reply}");
    assert!(body["detail"].as_str().is_some_and(|detail| !detail.is_empty()), "{reply}");
}

/// The id of what was made.
#[track_caller]
fn id_of(made: &Reply) -> String {
    made.assert_status(201).at("/id").as_str().unwrap().to_owned()
}

/// Makes a user, and gives its id.
async fn make_user(provider: &Caller, user_name: &str) -> String {
    id_of(&post(provider, "/Users", json!({ "schemas": [USER], "userName": user_name })).await)
}

/// Makes a group of these members, and gives its id.
async fn make_group(provider: &Caller, name: &str, members: &[String]) -> String {
    let members: Vec<Value> = members.iter().map(|id| json!({ "value": id })).collect();
    let body = json!({ "schemas": [GROUP], "displayName": name, "members": members });
    id_of(&post(provider, "/Groups", body).await)
}
