//! What a request writes into a database of Open WebUI: only the rows and columns that its rule names. Every table is
//! compared before and after. And the same request once more writes nothing (rule R5).

mod writes;

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use rosterd_domain::stored_config::Key;
use rosterd_testkit::{Caller, Method, Reply, ServerBuilder, TestDb, TestServer, TokenKind, with_servers};
use serde_json::{Value, json};

use crate::support::is_current;
use writes::{accounts_and_groups, users};

/// A request, and the places that it may write: `table[row].column` for a column of a row that stays, `table[row]` for a
/// row that comes or goes. Rows are named as in [`Scene::names`].
struct Write {
    method: &'static str,
    path: &'static str,
    body: Value,
    places: &'static [&'static str],
    /// The same once more writes nothing and tells of nothing.
    once: bool,
}

fn write(method: &'static str, path: &'static str, body: Value, places: &'static [&'static str]) -> Write {
    Write { method, path, body, places, once: true }
}

/// Requests that make something each time, or that the caller or the thing does not survive.
fn again(method: &'static str, path: &'static str, body: Value, places: &'static [&'static str]) -> Write {
    Write { once: false, ..write(method, path, body, places) }
}

/// Paths by POST that only read.
const READS: [&str; 1] = ["/groups/id/{id}/users"];

/// Who and what the requests are about.
struct Scene {
    ada: Caller,
    bob: Caller,
    group: String,
}

impl Scene {
    async fn make(server: &TestServer) -> Self {
        let ada = server.db_admin("ada").create().await;
        let bob = server.db_user("bob").create().await;
        let group = server.db_group("team", &[], Value::Null).await.to_string();
        server.db().db_execute(&format!(
            "INSERT INTO chat (id, user_id, title, archived, created_at, updated_at, chat, pinned, meta) \
             VALUES ('untouched-1', '{}', 'x', false, 1, 1, '{{}}', false, '{{}}')",
            bob.id()
        ));
        server.db().db_execute(&format!(
            "INSERT INTO oauth_session (id, user_id, provider, token, expires_at, created_at, updated_at) \
             VALUES ('untouched-2', '{}', 'google', 'sealed', 1, 1, 1)",
            ada.id()
        ));
        Self { ada, bob, group }
    }

    /// What rows are called, by an id in them.
    fn names(&self) -> BTreeMap<String, &'static str> {
        let named = [(self.ada.id().to_string(), "caller"), (self.bob.id().to_string(), "bob")];
        named.into_iter().chain([(self.group.clone(), "group")]).collect()
    }

    /// Before a hand-over the caller comes first and bob is an admin; for everything else bob comes last.
    fn set_up(&self, server: &TestServer, write: &Write) {
        let (first, last) = (1, 4_000_000_000_i64);
        let is_hand_over = write.path.ends_with("/make-primary");
        let (ada, bob) = (self.ada.id(), self.bob.id());
        let role = if is_hand_over { ", role = 'admin'" } else { "" };
        server.db().db_execute(&format!(r#"UPDATE "user" SET created_at = {first} WHERE id = '{ada}'"#));
        server.db().db_execute(&format!(r#"UPDATE "user" SET created_at = {last}{role} WHERE id = '{bob}'"#));
    }

    async fn send(&self, server: &TestServer, write: &Write) -> Reply {
        let id = if write.path.starts_with("/groups") { &self.group } else { self.bob.id().as_str() };
        let path = format!("/api/v1{}", write.path.replace("{id}", id).replace("{provider:.*}", "google"));
        // Signing out ends a token.
        let token = server.token(TokenKind::Valid, self.ada.id());
        let caller = self.ada.with_bearer(token);
        let request = caller.request(write.method.parse::<Method>().unwrap(), &path);
        let text = write.body.to_string().replace("{bob}", self.bob.id().as_str());
        let body: Value = serde_json::from_str(&text).unwrap();
        if body.is_null() { request.send().await } else { request.json(&body).send().await }
    }
}

/// Every row of every table: by table and by what identifies the row, its columns.
type Content = BTreeMap<(String, String), BTreeMap<String, Option<String>>>;

fn content(db: &TestDb) -> Content {
    let columns = if db.is_postgres() {
        "SELECT table_name AS t, column_name AS c FROM information_schema.columns WHERE table_schema = 'public'"
    } else {
        "SELECT m.name AS t, c.name AS c FROM sqlite_master m JOIN pragma_table_info(m.name) c WHERE m.type = 'table'"
    };
    let mut tables: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for row in db.db_query_text(columns) {
        let [Some(table), Some(column)] = row.as_slice() else { panic!("{row:?}") };
        tables.entry(table.clone()).or_default().push(column.clone());
    }
    let mut content = Content::new();
    for (table, columns) in tables {
        let texts: Vec<String> = columns
            .iter()
            .enumerate()
            .map(|(number, column)| format!(r#"CAST("{column}" AS TEXT) AS c{number}"#))
            .collect();
        for row in db.db_query_text(&format!(r#"SELECT {} FROM "{table}""#, texts.join(", "))) {
            let row: BTreeMap<_, _> = columns.iter().cloned().zip(row).collect();
            let by = ["id", "key"].into_iter().find_map(|column| row.get(column).cloned().flatten());
            content.insert((table.clone(), by.unwrap_or_else(|| format!("{row:?}"))), row);
        }
    }
    content
}

/// What a row is called: as one of the scene it belongs to, or as its key or number.
fn name_of(names: &BTreeMap<String, &str>, row: &BTreeMap<String, Option<String>>) -> String {
    let value = |column: &str| row.get(column).and_then(Option::as_ref);
    let known = ["id", "user_id"].into_iter().find_map(|column| names.get(value(column)?));
    let number = || value("id").filter(|id| id.parse::<u32>().is_ok());
    // Of API keys the key is a secret, of configuration it is a name.
    let key = || value("key").filter(|_| !row.contains_key("id"));
    known.map_or_else(
        || key().or_else(number).cloned().unwrap_or_else(|| "other".to_owned()),
        |name| (*name).to_owned(),
    )
}

fn differences(names: &BTreeMap<String, &str>, before: &Content, after: &Content) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for ((table, id), row) in before.iter().chain(after) {
        let place = format!("{table}[{}]", name_of(names, row));
        let place_of = (table.clone(), id.clone());
        let (Some(old), Some(new)) = (before.get(&place_of), after.get(&place_of)) else {
            found.insert(place);
            continue;
        };
        found.extend(
            old.iter().filter(|(key, value)| new[*key] != **value).map(|(key, _)| format!("{place}.{key}")),
        );
    }
    found
}

fn quiet(server: ServerBuilder) -> ServerBuilder {
    server.settings(|settings| {
        settings.activity_flush = Duration::from_hours(1);
        settings.defaults.set(Key::EnableSignup, true).unwrap();
        settings.defaults.set(Key::EnableApiKeys, true).unwrap();
    })
}

with_servers!(attached, r5_a_request_writes_what_its_rule_names_and_nothing_else, quiet, async |server| {
    for path in ["auth.enable_api_keys", "ui.enable_signup"] {
        server.db_set_config(path, json!(true)).await;
    }
    let current = is_current(&server);
    let writes: Vec<Write> = users(current).into_iter().chain(accounts_and_groups()).collect();
    let scene = Scene::make(&server).await;
    let names = scene.names();
    for write in &writes {
        let told = format!("{} {} {}", write.method, write.path, write.body);
        server.clock().advance(10);
        scene.set_up(&server, write);
        let before = content(server.db());
        server.forget_events();
        let reply = scene.send(&server, write).await;
        assert_eq!(reply.status(), 200, "{told}\n{reply}");
        let after = content(server.db());
        let found = differences(&names, &before, &after);
        let unnamed: Vec<_> = found.iter().filter(|place| !write.places.contains(&place.as_str())).collect();
        assert!(unnamed.is_empty(), "{told} writes {unnamed:?}");
        assert_eq!(found.is_empty(), write.places.is_empty(), "{told} writes {found:?}");
        if write.once {
            server.clock().advance(10);
            server.forget_events();
            scene.send(&server, write).await.assert_status(200);
            let found = differences(&names, &after, &content(server.db()));
            assert!(found.is_empty(), "{told}, sent once more, writes {found:?}");
            assert_eq!(server.take_events().len(), 0, "{told}, sent once more, is told");
        }
    }
    // None is forgotten.
    let sent: BTreeSet<_> =
        writes.iter().map(|write| (write.method, write.path.split('?').next().unwrap_or_default())).collect();
    // What has no operation shows or refuses.
    for endpoint in rosterd_api::routes::endpoints().into_iter().filter(|it| it.operation.is_some()) {
        let path = endpoint.path.trim_start_matches("/api/v1").trim_end_matches('/').to_owned();
        let reads = endpoint.method == "GET" && !path.ends_with("/signout") || READS.contains(&path.as_str());
        let newer = ["/users/user/variables/update", "/users/{id}/sessions/revoke"].contains(&path.as_str());
        // Only with rosterd's own tables, which these databases do not have.
        let ours = [
            "/auths/sessions",
            "/auths/sessions/{id}",
            "/users/{id}/sessions/{session_id}",
            "/users/{id}/suspend",
            "/users/{id}/resume",
            "/users/invite",
            "/users/{id}/password/link",
            "/auths/link",
            "/auths/invite/accept",
            "/auths/password/reset",
            "/auths/password/forgot",
            "/auths/email/confirm",
            "/auths/email/confirm/resend",
        ];
        let is_ours = path.contains("/api_keys") || ours.contains(&path.as_str());
        if is_ours
            || path.starts_with("/webhooks")
            || path.starts_with("/mail")
            || path.starts_with("/scim")
            || path.starts_with("/users/deleted")
        {
            continue;
        }
        let known = sent.contains(&(endpoint.method.as_str(), path.as_str()));
        assert!(reads || known || newer && !current, "{path} changes something: say here what");
    }
});
