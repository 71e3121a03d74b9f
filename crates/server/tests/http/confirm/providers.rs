//! Identity providers answer for the e-mail addresses of their users (rules C2, C3 and J7).

use rosterd_testkit::{Caller, Method, Postbox, Reply, with_databases};
use serde_json::{Value, json};

use super::{asking, confirm, dead, role_of, sent, waiting, waits};
use crate::mail::deliver;
use crate::scim::{connection, request};
use crate::support::form;

const EVE: &str = "eve@rosterd.test";
const EVA: &str = "eva@rosterd.test";
const ZOE: &str = "zoe@rosterd.test";

async fn make(provider: &Caller, user_name: &str) -> Reply {
    let user = json!({ "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "userName": user_name });
    request(Method::POST, provider, "/Users", &user).send().await
}

async fn rename(provider: &Caller, id: &Value, user_name: &str) {
    let operation = json!({ "op": "replace", "path": "userName", "value": user_name });
    let schemas = ["urn:ietf:params:scim:api:messages:2.0:PatchOp"];
    let changes = json!({ "schemas": schemas, "Operations": [operation] });
    let path = format!("/Users/{}", id.as_str().unwrap());
    request(Method::PATCH, provider, &path, &changes).send().await.assert_status(200);
}

with_databases!(all, c2_c3_who_comes_or_is_changed_by_scim_waits_for_nothing, async |db| {
    let postbox = Postbox::willing();
    let (server, first) = asking(db, &postbox).await;
    let provider = connection(&first, "Entra ID", json!({})).await;
    let id = make(&provider, EVE).await.assert_status(201).at("/id");
    assert_eq!(role_of(&server, EVE), "user");
    rename(&provider, &id, EVA).await;
    assert_eq!((role_of(&server, EVA).as_str(), waits(&server)), ("user", 0));
    assert_eq!(deliver(&server).await, 0);
    // Whom an admin has made wait goes on waiting, for the e-mail address that the account has now.
    let update = format!("/api/v1/users/{}/update", id.as_str().unwrap());
    first.post(&update, form("Eve", "evelyn@rosterd.test", json!({}))).await.assert_status(200);
    let link = sent(&server, &postbox, "evelyn@rosterd.test").await;
    rename(&provider, &id, EVE).await;
    dead(&server, &link).await;
    assert_eq!((role_of(&server, EVE).as_str(), waits(&server)), ("pending", 1));
});

with_databases!(all, j7_who_waits_is_linked_to_nothing_until_the_link_is_used, async |db| {
    let postbox = Postbox::willing();
    let (server, first) = asking(db, &postbox).await;
    let provider = connection(&first, "Okta", json!({ "links_by_email": true })).await;
    let (_zoe, token) = waiting(&server, &postbox, "zoe").await;
    make(&provider, ZOE).await.assert_status(409);
    assert_eq!((role_of(&server, ZOE).as_str(), waits(&server)), ("pending", 1));
    confirm(&server, &token).await.assert_status(200);
    make(&provider, ZOE).await.assert_status(201);
    assert_eq!((role_of(&server, ZOE).as_str(), waits(&server)), ("user", 0));
});
