//! Connections: made, changed, rotated and deleted by admins (rules J1, J2, J7, J12), and what their tokens open.

use std::time::Duration;

use rosterd_domain::public_url::PublicUrl;
use rosterd_domain::scim::MAX_CONNECTIONS;
use rosterd_testkit::{Caller, Method, Reply, ServerBuilder, TestServer, with_databases, with_servers};
use serde_json::{Value, json};

use super::{CONNECTIONS, MOUNT, assert_refused, connection, get, token};
use crate::support::{LIST, adopted, path_of, primary};

fn path(id: &Value, rest: &str) -> String {
    format!("{CONNECTIONS}/{}{rest}", id.as_str().unwrap())
}

/// Discovery, which every connection may read.
async fn ask(provider: &Caller) -> Reply {
    get(provider, "/ServiceProviderConfig").await
}

/// Who shows this token.
fn showing(server: &TestServer, made: &Reply) -> Caller {
    server.anonymous().with_bearer(made.assert_status(200).at("/token").as_str().unwrap())
}

/// Names and texts of the events since the last look.
fn told(server: &TestServer) -> Vec<(&'static str, String)> {
    server.take_events().iter().map(|record| (record.event.name(), record.to_json().to_string())).collect()
}

with_databases!(all, j1_j12_a_connection_is_made_listed_changed_and_deleted, async |db| {
    let server = adopted(db).await;
    let ada = primary(&server).await;
    server.forget_events();
    let made = ada.post(CONNECTIONS, json!({ "name": "  Entra ID " })).await;
    let (id, secret) = (made.assert_status(200).at("/id"), made.at("/token").as_str().unwrap().to_owned());
    assert!(secret.starts_with("rsc_") && secret.len() == 40, "{secret}");
    let mut shown = made.json();
    shown.as_object_mut().unwrap().remove("token");
    shown.as_object_mut().unwrap().remove("url");
    let now = server.now();
    let usual = json!({
        "id": id, "name": "Entra ID", "default_role": "user", "links_by_email": false, "takes_passwords": false,
        "deletes_accounts": false, "group_rule": "make", "users": 0, "groups": 0, "previous_token_until": null,
        "created_at": now, "created_by": ada.id().as_str(), "last_used_at": null,
    });
    assert_eq!(shown, usual);
    assert_eq!(ada.get(CONNECTIONS).await.json(), json!([shown]));
    let stored = server.db().db_value("SELECT token_hash FROM rosterd_scim_connection").unwrap();
    assert!(stored.len() == 64 && !stored.contains(&secret[4..]), "{stored}");
    server.clock().advance(7);
    let update = json!({
        "name": "Okta", "default_role": "pending", "links_by_email": true, "takes_passwords": true,
        "deletes_accounts": true, "group_rule": "existing",
    });
    let changed = ada.post(&path(&id, "/update"), update.clone()).await.assert_status(200).json();
    for (field, value) in update.as_object().unwrap() {
        assert_eq!(changed[field], *value, "{field}");
    }
    assert_eq!((&changed["created_at"], &changed["id"]), (&json!(now), &id));
    assert_eq!(ada.get(&path(&id, "")).await.assert_status(200).json(), changed);
    // Once more: nothing is told.
    ada.post(&path(&id, "/update"), update).await.assert_status(200);
    ada.delete(&path(&id, "")).await.assert(200, json!(true));
    ada.delete(&path(&id, "")).await.assert_error(404, "NOT_FOUND");
    assert_eq!(ada.get(CONNECTIONS).await.json(), json!([]));
    let told = told(&server);
    let names: Vec<_> = told.iter().map(|(name, _)| *name).collect();
    assert_eq!(names, ["scim.connection_created", "scim.connection_updated", "scim.connection_deleted"]);
    let text: String = told.into_iter().map(|(_, text)| text).collect();
    assert!(!text.contains(&secret[4..]) && text.contains(r#""after":"Okta""#), "{text}");
});

with_databases!(attached, j1_without_the_tables_there_are_no_connections, async |db| {
    let server = TestServer::start(db).await;
    let ada = primary(&server).await;
    ada.get(CONNECTIONS).await.assert_error(409, "CONFLICT");
    ada.post(CONNECTIONS, json!({ "name": "Okta" })).await.assert_error(409, "CONFLICT");
    let unknown = server.anonymous().with_bearer("rsc_000000000000000000000000000000000000");
    assert_refused(&ask(&unknown).await, 404, None);
});

with_servers!(own, j12_what_is_wrong_is_told_by_field, async |server| {
    let ada = server.db_admin("ada").create().await;
    let made = ada.post(CONNECTIONS, json!({ "name": "Okta" })).await;
    let update = path(&made.assert_status(200).at("/id"), "/update");
    for form in [json!({ "name": " " }), json!({ "name": "a\nb" }), json!({})] {
        ada.post(CONNECTIONS, form).await.assert_invalid(&["body/name"]);
    }
    for (field, value) in [
        ("default_role", json!("admin")),
        ("default_role", json!("root")),
        ("group_rule", json!("all")),
        ("links_by_email", json!("yes")),
        ("token", json!("rsc_mine")),
    ] {
        let place = format!("body/{field}");
        ada.post(&update, json!({ field: value })).await.assert_invalid(&[&place]);
    }
    ada.post(&update.replace("/update", "/rotate"), json!({ "overlap": 604_801 }))
        .await
        .assert_invalid(&["body/overlap"]);
    ada.get(&update.replace("/update", "/linkable?page=0&limit=201"))
        .await
        .assert_invalid(&["query/page", "query/limit"]);
    // Names are for people, who could not tell two of one name apart.
    ada.post(CONNECTIONS, json!({ "name": "Okta " })).await.assert_error(409, "CONFLICT");
    let other = ada.post(CONNECTIONS, json!({ "name": "Entra ID" })).await.assert_status(200).at("/id");
    ada.post(&path(&other, "/update"), json!({ "name": "Okta" })).await.assert_error(409, "CONFLICT");
    for number in 2..MAX_CONNECTIONS {
        ada.post(CONNECTIONS, json!({ "name": number.to_string() })).await.assert_status(200);
    }
    ada.post(CONNECTIONS, json!({ "name": "one more" })).await.assert_error(409, "CONFLICT");
});

with_servers!(own, s4_j12_a_connection_that_was_changed_meanwhile_stays, async |server| {
    let ada = server.db_admin("ada").create().await;
    let id = ada.post(CONNECTIONS, json!({ "name": "Okta" })).await.assert_status(200).at("/id");
    let tag = ada.get(&path(&id, "")).await.header("etag").unwrap().to_owned();
    let update = async |tag: &str, body: Value| {
        let request = ada.request(Method::POST, &path(&id, "/update")).header("if-match", tag);
        request.json(&body).send().await
    };
    let changed = update(&tag, json!({ "takes_passwords": true })).await;
    assert_ne!(changed.assert_status(200).header("etag"), Some(tag.as_str()));
    update(&tag, json!({ "takes_passwords": false })).await.assert_error(412, "PRECONDITION_FAILED");
    update(&tag, json!({ "group_rule": "?" })).await.assert_invalid(&["body/group_rule"]);
    // Another token is no other version.
    let tag = ada.get(&path(&id, "")).await.header("etag").unwrap().to_owned();
    ada.post(&path(&id, "/rotate"), json!({})).await.assert_status(200);
    update(&tag, json!({ "takes_passwords": false })).await.assert_status(200);
});

with_databases!(all, j1_a_token_opens_scim_until_it_is_replaced_or_deleted, async |db| {
    let server = adopted(db).await;
    let ada = primary(&server).await;
    let first = ada.post(CONNECTIONS, json!({ "name": "Okta" })).await;
    let id = first.assert_status(200).at("/id");
    let old = showing(&server, &first);
    ask(&old).await.assert_status(200);
    let rotated = ada.post(&path(&id, "/rotate"), json!({ "overlap": 60 })).await;
    assert_eq!(rotated.assert_status(200).at("/previous_token_until"), json!(server.now() + 60));
    let new = showing(&server, &rotated);
    server.clock().advance(59);
    for provider in [&old, &new] {
        ask(provider).await.assert_status(200);
    }
    server.clock().advance(1);
    assert_refused(&ask(&old).await, 401, None);
    ask(&new).await.assert_status(200);
    assert_eq!(ada.get(&path(&id, "")).await.at("/previous_token_until"), Value::Null);
    let at_once = ada.post(&path(&id, "/rotate"), json!({ "overlap": 0 })).await;
    assert_eq!(at_once.assert_status(200).at("/previous_token_until"), Value::Null);
    assert_refused(&ask(&new).await, 401, None);
    let new = showing(&server, &at_once);
    ask(&new).await.assert_status(200);
    // Another connection keeps SCIM on.
    let other = connection(&ada, "Entra ID", json!({})).await;
    ada.delete(&path(&id, "")).await.assert_status(200);
    assert_refused(&ask(&new).await, 401, None);
    ask(&other).await.assert_status(200);
});

with_databases!(all, j2_scim_is_off_until_a_connection_exists, async |db| {
    let server = adopted(db).await;
    let ada = primary(&server).await;
    let requests = [
        (Method::GET, "/ServiceProviderConfig"),
        (Method::GET, "/Schemas"),
        (Method::DELETE, "/Schemas"),
        (Method::POST, "/Bulk"),
        (Method::GET, "/nothing"),
    ];
    let all = async |caller: &Caller| {
        let mut replies = Vec::new();
        for mount in [MOUNT, "/api/v1/scim/v2", "/rosterd/scim/v2", "/rosterd/api/v1/scim/v2"] {
            for (method, path) in &requests {
                replies.push(caller.request(method.clone(), &format!("{mount}{path}")).send().await);
            }
        }
        replies
    };
    for caller in [&server.anonymous(), &ada] {
        for reply in all(caller).await {
            assert_refused(&reply, 404, None);
        }
    }
    let made = ada.post(CONNECTIONS, json!({ "name": "Okta" })).await;
    let provider = showing(&server, &made);
    let statuses: Vec<u16> = all(&provider).await.iter().map(Reply::status).collect();
    assert_eq!(statuses, [200, 200, 405, 501, 404].repeat(4));
    for reply in all(&server.anonymous()).await {
        assert_refused(&reply, 401, None);
        assert_eq!(reply.header("www-authenticate"), Some("Bearer"), "{reply}");
    }
    ada.delete(&path(&made.at("/id"), "")).await.assert_status(200);
    assert_refused(&ask(&provider).await, 404, None);
});

with_servers!(own, j1_nothing_but_a_token_of_a_connection_opens_scim, async |server| {
    let ada = server.db_admin("ada").create().await;
    let secret = token(&ada, "Okta", json!({})).await;
    let provider = server.anonymous().with_bearer(secret.clone());
    server.db_set_config("auth.enable_api_keys", json!(true)).await;
    server.db_api_key(&ada, "sk-adas").await;
    let mut mistyped = secret.clone();
    mistyped.replace_range(10..11, if &secret[10..11] == "x" { "y" } else { "x" });
    for (name, caller) in [
        ("nobody", server.anonymous()),
        ("an admin", ada.clone()),
        ("an admin by cookie", ada.by_cookie()),
        ("an API key", ada.with_bearer("sk-adas")),
        ("a mistyped token", server.anonymous().with_bearer(mistyped)),
        ("no token", server.anonymous().with_bearer("rsc_")),
        ("a token of the form", server.anonymous().with_bearer("rsc_000000000000000000000000000000000000")),
        ("the token by cookie", provider.by_cookie()),
    ] {
        let reply = ask(&caller).await;
        assert_eq!(reply.status(), 401, "{name}\n{reply}");
    }
    let by = async |name: &str, value: &str| {
        let request = server.anonymous().request(Method::GET, &format!("{MOUNT}/Schemas"));
        request.header(name, value).send().await.status()
    };
    assert_eq!(by("authorization", &format!("bearer {secret}")).await, 200);
    assert_eq!(by("authorization", &format!("Basic {secret}")).await, 401);
    assert_eq!(by("x-api-key", &secret).await, 401);
    // And it opens nothing else.
    for path in [LIST, CONNECTIONS, "/api/v1/auths/", "/api/v1/users/user/settings", "/api/v1/audit"] {
        provider.get(path).await.assert_error(401, "INVALID_TOKEN");
    }
    provider.post(CONNECTIONS, json!({ "name": "mine" })).await.assert_error(401, "INVALID_TOKEN");
});

fn flushing_often(server: ServerBuilder) -> ServerBuilder {
    server.settings(|settings| settings.activity_flush = Duration::from_millis(5))
}

with_servers!(own, j1_the_last_use_is_shown_at_once_and_written, flushing_often, async |server| {
    let ada = server.db_admin("ada").create().await;
    let made = ada.post(CONNECTIONS, json!({ "name": "Okta" })).await;
    let provider = showing(&server, &made);
    let stored = || server.db().db_value("SELECT last_used_at FROM rosterd_scim_connection");
    let began = server.now();
    ask(&provider).await.assert_status(200);
    assert_eq!(ada.get(&path(&made.at("/id"), "")).await.at("/last_used_at"), json!(began));
    let waiting = async {
        while stored() != Some(began.to_string()) {
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(20), waiting).await.expect("the use is written");
    server.clock().advance(30);
    ask(&provider).await.assert_status(200);
    assert_eq!(ada.get(CONNECTIONS).await.at("/0/last_used_at"), json!(began + 30));
    // A wrong token is no use.
    server.clock().advance(5);
    assert_refused(&ask(&server.anonymous()).await, 401, None);
    assert_eq!(ada.get(CONNECTIONS).await.at("/0/last_used_at"), json!(began + 30));
});

with_servers!(
    own,
    j11_wrong_tokens_are_counted_by_client_and_right_ones_never_wait,
    |server| server.settings(|settings| settings.sign_in_limit.per_client_ip = 5),
    async |server| {
        let ada = server.db_admin("ada").create().await;
        let provider = connection(&ada, "Okta", json!({})).await;
        let wrong = server.anonymous().with_bearer("rsc_000000000000000000000000000000000000");
        for _ in 0..5 {
            assert_refused(&ask(&wrong).await, 401, None);
        }
        let refused = ask(&wrong).await;
        assert_refused(&refused, 429, None);
        assert!(refused.header("retry-after").is_some_and(|wait| wait != "0"), "{refused}");
        ask(&provider).await.assert_status(200);
        // Signing in is counted apart.
        let form = json!({ "email": ada.email(), "password": "a wrong one" });
        server.anonymous().post("/api/v1/auths/signin", form).await.assert_status(400);
    }
);

with_databases!(all, j7_j4_whom_a_connection_could_be_linked_to_is_shown_beforehand, async |db| {
    let server = adopted(db).await;
    let ada = primary(&server).await;
    let id = ada.post(CONNECTIONS, json!({ "name": "Okta" })).await.assert_status(200).at("/id");
    let before = ada.get(&path(&id, "/linkable?limit=200")).await.assert_status(200).at("/total");
    let carol = server.db_user("carol").email("0-carol@rosterd.test").create().await;
    let bob = server.db_user("bob").email("0-bob@rosterd.test").create().await;
    server.db_admin("dan").email("0-dan@rosterd.test").create().await;
    // A suspended admin is an admin.
    let erin = server.db_admin("erin").email("0-erin@rosterd.test").create().await;
    ada.post(&path_of(&erin, "/suspend"), json!({})).await.assert_status(200);
    let first = ada.get(&path(&id, "/linkable?limit=1")).await.assert_status(200).json();
    let shown = |user: &Caller| json!({ "id": user.id().as_str(), "name": "bob", "email": "0-bob@rosterd.test", "role": "user" });
    assert_eq!(first, json!({ "users": [shown(&bob)], "total": before.as_i64().unwrap() + 2 }));
    let second = ada.get(&path(&id, "/linkable?limit=1&page=2")).await.assert_status(200).json();
    assert_eq!(second["users"][0]["id"], json!(carol.id().as_str()));
    let all = ada.get(&path(&id, "/linkable?limit=200")).await.text();
    assert!(!all.contains("0-dan@") && !all.contains("0-erin@") && !all.contains(ada.email()), "{all}");
    ada.get(&path(&json!("nobody"), "/linkable")).await.assert_error(404, "NOT_FOUND");
});

with_servers!(
    own,
    o6_j1_the_url_of_scim_is_that_of_the_configuration,
    |server| server.settings(|settings| {
        settings.public_url = Some(PublicUrl::parse("https://people.example.com/").unwrap());
    }),
    async |server| {
        let ada = server.db_admin("ada").create().await;
        let made = ada.post(CONNECTIONS, json!({ "name": "Okta" })).await;
        assert_eq!(made.assert_status(200).at("/url"), json!("https://people.example.com/scim/v2"));
        let provider = showing(&server, &made);
        for (mount, base) in [
            (MOUNT, "https://people.example.com/scim/v2"),
            ("/api/v1/scim/v2", "https://people.example.com/api/v1/scim/v2"),
            ("/rosterd/scim/v2", "https://people.example.com/rosterd/scim/v2"),
        ] {
            let request = provider.request(Method::GET, &format!("{mount}/ResourceTypes/User"));
            let reply = request.header("x-forwarded-host", "evil.example").send().await;
            let location = reply.assert_status(200).at("/meta/location");
            assert_eq!(location, json!(format!("{base}/ResourceTypes/User")));
        }
    }
);
