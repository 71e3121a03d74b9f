//! What is told of changes: every endpoint that changes something tells what it did, who did it and for which request.

mod expected;

use std::collections::BTreeSet;

use rosterd_app::{Event, Record};
use rosterd_domain::audit::EventQuery;
use rosterd_domain::email::EmailLookup;
use rosterd_domain::ids::LinkId;
use rosterd_domain::link::{LinkKind, LinkRow, LinkToken};
use rosterd_domain::public_url::PublicUrl;
use rosterd_domain::role::Role;
use rosterd_domain::stored_config::Key;
use rosterd_domain::unconfirmed::Unconfirmed;
use rosterd_testkit::{Caller, Method, PASSWORD, TestServer, TokenKind, with_servers};
use serde_json::{Value, json};

use crate::mail::by;
use crate::support::db_session;
use expected::expected;

/// Endpoints by POST that only read.
const READS: [&str; 3] =
    ["/api/v1/groups/id/{id}/users", "/api/v1/auths/admin/config/ldap", "/api/v1/auths/link"];

/// Paths in two spellings are told of once.
fn mutating() -> Vec<(String, String)> {
    rosterd_api::routes::endpoints()
        .into_iter()
        // What has no operation only refuses.
        .filter(|endpoint| endpoint.operation.is_some())
        .map(|endpoint| (endpoint.method.as_str().to_owned(), endpoint.path.trim_end_matches('/').to_owned()))
        .filter(|(method, path)| method != "GET" || path.ends_with("/signout"))
        .filter(|(_, path)| !READS.contains(&path.as_str()))
        // What identity providers do has tests of its own.
        .filter(|(_, path)| !path.contains("/scim/v2/"))
        .collect()
}

/// People and a group of their own for each endpoint, so that none disturbs another.
struct Scene {
    ada: Caller,
    bob: Caller,
    group: String,
    webhook: String,
    connection: String,
    body: Value,
}

impl Scene {
    async fn make(server: &TestServer, number: usize, body: &Value) -> Self {
        let ada = server.db_admin("ada").email(&format!("ada{number}@rosterd.test")).create().await;
        let email = format!("bob{number}@rosterd.test");
        let bob = server.db_user("bob").email(&email).create().await;
        let carol = server.db_user("carol").email(&format!("carol{number}@rosterd.test")).create().await;
        let group = server.db_group(&format!("g{number}"), &[&carol], Value::Null).await.to_string();
        let text =
            body.to_string().replace("{bob}", bob.id().as_str()).replace("{carol}", carol.id().as_str());
        let body = serde_json::from_str(&text.replace("bob@example.com", &email)).unwrap();
        Self { webhook: String::new(), connection: String::new(), ada, bob, group, body }
    }

    /// Makes the caller the primary admin, and the account that the path names an admin.
    fn come_first(&self, server: &TestServer) {
        let ada = self.ada.id();
        server.db().db_execute(&format!(r#"UPDATE "user" SET created_at = 1 WHERE id = '{ada}'"#));
        let bob = self.bob.id();
        server.db().db_execute(&format!(r#"UPDATE "user" SET role = 'admin' WHERE id = '{bob}'"#));
    }

    /// Lets an account wait until its e-mail address is confirmed.
    async fn wait(&self, server: &TestServer, who: &Caller) {
        let id = who.id().clone();
        server.db().db_execute(&format!(r#"UPDATE "user" SET role = 'pending' WHERE id = '{id}'"#));
        let row = Unconfirmed { role: Role::User, since: 1 };
        server.db_write(move |db| db.put_unconfirmed(&id, &row)).await;
    }

    /// The token of a link by which an e-mail address is confirmed. Nobody is told it but by mail.
    async fn add_confirmation(&mut self, server: &TestServer, number: u8) {
        self.wait(server, &self.bob).await;
        let token = LinkToken::of([number; 32]);
        let link = LinkRow {
            id: LinkId::from_stored(format!("confirms-{number}")),
            kind: LinkKind::Confirm,
            user: self.bob.id().clone(),
            email: self.bob.email().to_owned(),
            token_hash: token.hash(),
            maker: None,
            created_at: server.now(),
            expires_at: server.now() + 300,
        };
        server.db_write(move |db| db.put_link(&link)).await;
        self.body["token"] = json!(token.expose());
    }

    /// The token of a link that this call uses.
    async fn add_link(&mut self, number: usize, path: &str) {
        let made = if path.contains("invite") {
            let form = json!({ "email": format!("invited{number}@example.com"), "name": "Invited" });
            self.ada.post("/api/v1/users/invite", form).await
        } else {
            self.ada.post(&format!("/api/v1/users/{}/password/link", self.bob.id()), json!({})).await
        };
        self.body["token"] = made.assert_status(200).at("/token");
    }

    /// A connection by SCIM.
    async fn add_connection(&mut self, number: usize) {
        let made = self.ada.post("/api/v1/scim/connections", json!({ "name": format!("c{number}") })).await;
        made.assert_status(200).at("/id").as_str().unwrap().clone_into(&mut self.connection);
    }

    /// A webhook that nobody listens for, with a delivery of the event of its making.
    async fn add_webhook(&mut self, server: &TestServer) {
        let form = json!({ "url": "http://127.0.0.1:1/", "events": ["*"] });
        let made = self.ada.post("/api/v1/webhooks", form).await;
        made.assert_status(200).at("/id").as_str().unwrap().clone_into(&mut self.webhook);
        server.db().db_execute(&format!(
            "INSERT INTO rosterd_webhook_delivery (webhook_id, event_id, position, action, subject, tries, created_at) \
             SELECT '{0}', id, 1, action, 's', 1, 1 FROM rosterd_event WHERE subject_id = '{0}'",
            self.webhook
        ));
    }

    fn path(&self, path: &str, server: &TestServer) -> String {
        let id = match path {
            _ if path.starts_with("/groups") => &self.group,
            _ if path.starts_with("/webhooks") => &self.webhook,
            _ if path.starts_with("/scim") => &self.connection,
            _ => self.bob.id().as_str(),
        };
        let delivery = format!("SELECT event_id FROM rosterd_webhook_delivery WHERE webhook_id = '{id}'");
        let path = path.replace("{delivery_id}", &server.db().db_value(&delivery).unwrap_or_default());
        let own = format!("/auths/api_keys/key_{}", self.ada.id());
        let path = path.replace("/auths/api_keys/{id}", &own).replace("{key_id}", &format!("key_{id}"));
        let path = path.replace("{id}", id).replace("{session_id}", id);
        let path = path.replace("/import", "/import?apply=true&format=ndjson");
        format!("/api/v1{}", path.replace("{provider:.*}", "google/one"))
    }
}

fn names(records: &[Record]) -> Vec<&'static str> {
    records.iter().map(|record| record.event.name()).collect()
}

with_servers!(
    own,
    every_endpoint_that_changes_something_tells_what_it_did,
    |server| server.settings(|settings| {
        settings.defaults.set(Key::EnableSignup, true).unwrap();
        settings.defaults.set(Key::EnableApiKeys, true).unwrap();
        // Nobody is there: that is told, too.
        by("smtp://127.0.0.1:1?tls=none")(settings);
        settings.public_url = Some(PublicUrl::parse("https://people.example.com").unwrap());
    }),
    async |server| {
        let expected = expected();
        for (number, (method, path)) in mutating().into_iter().enumerate() {
            let path = path.trim_start_matches("/api/v1");
            let (body, events) = expected.get(&(method.as_str(), path)).unwrap_or_else(|| {
                panic!("{method} {path} changes something: say here which events it tells")
            });
            let mut scene = Scene::make(&server, number, body).await;
            if path.starts_with("/webhooks/{id}") {
                scene.add_webhook(&server).await;
            }
            if path == "/auths/email/confirm" {
                scene.add_confirmation(&server, u8::try_from(number).unwrap()).await;
            }
            if path.starts_with("/scim/connections/{id}") {
                scene.add_connection(number).await;
            }
            if scene.body["token"] == "{token}" {
                scene.add_link(number, path).await;
            }
            if path == "/auths/email/confirm/resend" {
                scene.wait(&server, &scene.ada).await;
            }
            if path == "/mail/{id}/retry" {
                server.db().db_execute(&format!(
                    "INSERT INTO rosterd_mail (id, kind, recipient, language, data, state, attempts, created_at) \
                     VALUES ('{}', 'password_changed', 'bob@example.com', 'en', '{{}}', 'failed', 7, 1)",
                    scene.bob.id()
                ));
            }
            if path == "/users/{id}/resume" {
                server.db_set_active(&scene.bob, false);
            }
            if path.starts_with("/users/deleted/") {
                let of_bob = format!("/api/v1/users/{}", scene.bob.id());
                scene.ada.delete(&of_bob).await.assert_status(200);
            }
            if path.ends_with("/make-primary") {
                scene.come_first(&server);
            }
            if path.contains("/api_key") && method == "DELETE" {
                server.db_api_key(&scene.ada, &format!("sk-{number}")).await;
                server.db_api_key(&scene.bob, &format!("sk-bobs-{number}")).await;
            }
            if method == "DELETE" && path.contains("/sessions") && !path.contains("/oauth/") {
                // Of this id, as the path has it.
                let owner = if path.starts_with("/users") { &scene.bob } else { &scene.ada };
                db_session(&server, owner.id(), scene.bob.id().as_str()).await;
            }
            if path.contains("/oauth/sessions/") {
                server.db().db_execute(&format!(
                    "INSERT INTO oauth_session (id, user_id, provider, token, expires_at, created_at, updated_at) \
                     VALUES ('o', '{}', 'google/one', 'sealed', 1, 1, 1)",
                    scene.ada.id()
                ));
            }
            // Signing out ends the token.
            let token = server.token(TokenKind::Valid, scene.ada.id());
            let request = scene
                .ada
                .with_bearer(token)
                .request(method.parse::<Method>().unwrap(), &scene.path(path, &server));
            let request = request.header("x-request-id", &format!("request-{number}"));
            let request = if scene.body.is_null() { request } else { request.json(&scene.body) };
            server.forget_events();
            let reply = request.send().await;
            let told = server.take_events();
            assert_eq!(reply.status(), 200, "{method} {path}\n{reply}");
            assert_eq!(&names(&told), events, "{method} {path}");
            let text = told.iter().map(|record| record.to_json().to_string()).collect::<String>();
            assert!(!text.contains(PASSWORD) && !text.contains("another-long-password"), "{text}");
            for secret in ["dark", "kitchen", "$2b$", "sk-", "rl_"] {
                assert!(!text.contains(secret), "{secret} in {text}");
            }
            // Each is a row of the audit log too, by the same actor and for the same request.
            let query = EventQuery {
                request_id: Some(format!("request-{number}")),
                limit: 100,
                ..EventQuery::default()
            };
            let mut rows = server.db_read(move |db| db.list_events(&query)).await;
            rows.reverse();
            assert_eq!(
                rows.iter().map(|row| row.action.as_str()).collect::<Vec<_>>(),
                *events,
                "{method} {path}"
            );
            for (row, record) in rows.iter().zip(&told) {
                let json = record.to_json();
                let subject = json!({ "kind": row.subject_kind, "id": row.subject_id });
                assert_eq!(row.actor_id.as_deref(), json["actor"]["id"].as_str(), "{method} {path}");
                assert_eq!(
                    (&subject["kind"], &subject["id"]),
                    (&json["subject"]["kind"], &json["subject"]["id"])
                );
                assert_eq!(row.client_ip.as_deref(), Some("127.0.0.1"), "{method} {path}");
                // What is deleted is told by the name that it had.
                let named = ["user", "group"].contains(&row.subject_kind.as_deref().unwrap_or_default())
                    || row.action == "scim.connection_deleted";
                assert_eq!(row.subject_label.is_some(), named, "{method} {path}: {row:?}");
            }
            for record in &told {
                let json = record.to_json();
                assert_eq!(json["request_id"], format!("request-{number}"), "{json}");
                assert_eq!(json["client_ip"], "127.0.0.1", "{json}");
                assert_eq!(json["at"], server.now(), "{json}");
                let by_visitor =
                    ["/auths/signup", "/auths/signin"].contains(&path) || scene.body.get("token").is_some();
                let actor = if by_visitor {
                    json!({ "kind": "visitor" })
                } else {
                    json!({ "kind": "account", "id": scene.ada.id().as_str(), "via": "session" })
                };
                assert_eq!(json["actor"], actor, "{json}");
            }
        }
        assert_eq!(expected.len(), mutating().len(), "an endpoint is expected that is not there");
    }
);

/// Events that no endpoint tells by its change, each with the tests that make it and look at its row.
const TOLD_ELSEWHERE: [(&str, &str); 11] = [
    ("audit.erased", include_str!("audit/sealed.rs")),
    ("call.refused", include_str!("audit/counted.rs")),
    ("database.restored", include_str!("../cli/backups.rs")),
    ("database.migrated", include_str!("../cli/migrating/mod.rs")),
    ("scim.group_hidden", include_str!("scim/groups/mod.rs")),
    ("scim.group_linked", include_str!("scim/groups/mod.rs")),
    ("scim.user_hidden", include_str!("scim/users/standing.rs")),
    ("scim.user_linked", include_str!("scim/users/linking.rs")),
    ("setup.failed", include_str!("audit/counted.rs")),
    ("sign_in.failed", include_str!("audit/counted.rs")),
    ("webhook.disabled", include_str!("webhooks/managing.rs")),
];

#[test]
fn every_event_is_told_in_some_test() {
    let source = include_str!("../../../app/src/event.rs");
    let names = source.split("fn name(&self)").nth(1).unwrap().split("    }\n\n").next().unwrap();
    let names: BTreeSet<&str> = names.split('"').skip(1).step_by(2).collect();
    assert!(names.len() > 20, "{names:?}");
    for (name, tests) in TOLD_ELSEWHERE {
        assert!(tests.contains(&format!("\"{name}\"")), "no test names {name} any more");
    }
    let page = include_str!("../../../../docs/API.md");
    for name in &names {
        assert!(page.contains(&format!("`{name}`")), "docs/API.md does not know {name}");
    }
    let elsewhere = TOLD_ELSEWHERE.map(|(name, _)| name);
    let told = expected().into_values().flat_map(|(_, events)| events).chain(elsewhere);
    assert_eq!(told.collect::<BTreeSet<_>>(), names);
}

with_servers!(own, a_change_is_told_with_what_was_and_what_is, async |server| {
    let ada = server.db_admin("ada").create().await;
    let bob = server.db_user("bob").create().await;
    server.forget_events();
    let body =
        json!({ "name": "Robert", "email": bob.email(), "role": "admin", "profile_image_url": "/user.png" });
    ada.post(&format!("/api/v1/users/{}/update", bob.id()), &body).await.assert_status(200);
    let told = server.take_events();
    assert_eq!(names(&told), ["user.role_changed", "user.updated"]);
    let subject = json!({ "kind": "user", "id": bob.id().as_str() });
    let [role, rest] = [&told[0], &told[1]].map(Record::to_json);
    assert_eq!((&role["subject"], &rest["subject"]), (&subject, &subject));
    assert_eq!(role["changes"], json!({ "role": { "before": "user", "after": "admin" } }));
    assert_eq!(rest["changes"]["name"], json!({ "before": "bob", "after": "Robert" }));
    // The same again changes nothing (rule R5), and there is nothing to tell.
    ada.post(&format!("/api/v1/users/{}/update", bob.id()), &body).await.assert_status(200);
    assert_eq!(names(&server.take_events()), [""; 0]);
});

with_servers!(own, what_is_refused_is_not_told_but_a_failed_sign_in_is, async |server| {
    let ada = server.db_admin("ada").create().await;
    let bob = server.db_user("bob").create().await;
    server.forget_events();
    bob.delete(&format!("/api/v1/users/{}", ada.id())).await.assert_status(401);
    ada.delete(&format!("/api/v1/users/{}", ada.id())).await.assert_status(403);
    ada.delete("/api/v1/groups/id/nobody/delete").await.assert_status(404);
    assert_eq!(names(&server.take_events()), [""; 0]);
    for (email, user) in [(bob.email(), Some(bob.id().clone())), ("who@example.com", None)] {
        let body = json!({ "email": email, "password": "not-this-one" });
        server.anonymous().post("/api/v1/auths/signin", body).await.assert_status(400);
        let told = server.take_events();
        assert_eq!(told.iter().map(|record| &record.event).collect::<Vec<_>>(), [&Event::SignInFailed(user)]);
        let text = told[0].to_json().to_string();
        assert!(!text.contains("not-this-one") && !text.contains("who@"), "{text}");
    }
    // Only those who became members are told of.
    let group = server.db_group("g", &[&bob], Value::Null).await;
    let body = json!({ "user_ids": [bob.id().as_str(), "nobody"] });
    ada.post(&format!("/api/v1/groups/id/{group}/users/add"), body).await.assert_status(200);
    assert_eq!(names(&server.take_events()), [""; 0]);
    let known =
        server.db_read(move |db| db.find_user_id_by_email(&EmailLookup::new("who@example.com"))).await;
    assert_eq!(known, None);
});

with_servers!(own, k3_a_key_is_told_of_without_its_text, async |server| {
    let ada = server.db_admin("ada").create().await;
    server.db_set_config("auth.enable_api_keys", json!(true)).await;
    server.forget_events();
    let form = json!({ "name": "job", "expires_in": "1h", "allowed_paths": ["/health"] });
    let made = ada.post("/api/v1/auths/api_keys", form).await;
    let id = made.assert_status(200).at("/id");
    ada.delete(&format!("/api/v1/auths/api_keys/{}", id.as_str().unwrap())).await.assert_status(200);
    let told: Vec<Value> = server.take_events().iter().map(Record::to_json).collect();
    let key = json!({
        "id": id, "name": "job", "expires_at": server.now() + 3600, "read_only": false, "allowed_paths": ["/health"],
    });
    assert_eq!((&told[0]["event"], &told[0]["key"]), (&json!("api_key.created"), &key));
    assert_eq!((&told[1]["event"], &told[1]["keys"]), (&json!("api_key.deleted"), &json!([id])));
    assert_eq!(told[1]["subject"], json!({ "kind": "user", "id": ada.id() }));
});
