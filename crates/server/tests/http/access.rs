//! Who may call what: every endpoint for every kind of caller. [`every_endpoint_has_a_row`] misses none.

mod table;

use std::collections::BTreeSet;

use rosterd_app::Access;
use rosterd_domain::role::Role;
use rosterd_domain::stored_config::Key;
use rosterd_testkit::{Caller, Method, ServerBuilder, TestServer, TokenKind, with_servers};
use serde_json::{Value, json};

use self::table::{For, Row, table};
use crate::scim;
use crate::support::{LIST, SETTINGS, UPDATE_SETTINGS, db_session, form, token_of_session};

/// What is for persons alone: no API key opens it (rule M12).
const PERSONS: [&str; 9] = [
    "/api/v1/auths",
    "/api/v1/auths/",
    "/api/v1/auths/mfa/status",
    "/api/v1/auths/email/confirm/resend",
    "/api/v1/auths/last_sign_in",
    "/api/v1/auths/sessions",
    "/api/v1/auths/sessions/{id}",
    "/api/v1/auths/api_keys",
    "/api/v1/auths/api_keys/{id}",
];

/// The same of calls whose paths have others that are not: they make what opens SCIM.
const PERSONS_BY_POST: [&str; 2] = ["/api/v1/scim/connections", "/api/v1/scim/connections/{id}/rotate"];

fn is_for_persons(row: &Row) -> bool {
    PERSONS.contains(&row.path) || row.method == Method::POST && PERSONS_BY_POST.contains(&row.path)
}

/// The rows here are what is wanted, the endpoints what is mounted, by the types of the handlers' callers: they must not
/// differ in who may call either.
#[test]
fn every_endpoint_has_a_row() {
    let of_table = |row: &Row| {
        let whom = match row.whom {
            For::Anyone => None,
            For::Account => Some(Access::Authenticated),
            For::Verified => Some(Access::Verified),
            For::Admin => Some(Access::Admin),
            For::Connection => Some(Access::Connection),
        };
        format!("{} {} {whom:?}", row.method, row.path.replace("{group}", "{id}"))
    };
    let rows: Vec<String> = table().iter().map(of_table).collect();
    // What is no operation is the API's description, for people and programs.
    let endpoints: BTreeSet<String> = rosterd_api::routes::endpoints()
        .into_iter()
        .filter(|endpoint| endpoint.operation.is_some())
        .map(|endpoint| format!("{} {} {:?}", endpoint.method, endpoint.path, endpoint.access))
        .collect();
    assert_eq!(rows.iter().cloned().collect::<BTreeSet<_>>(), endpoints);
    assert_eq!(rows.len(), endpoints.len(), "no endpoint has two rows");
}

/// What a connection is called among the callers.
const CONNECTION: &str = "connection";

/// Everybody who calls, with what the endpoint must make of them.
struct Callers {
    pending: Caller,
    user: Caller,
    admin: Caller,
    deleted: Caller,
    /// An admin whose account was switched off.
    inactive: Caller,
    /// An admin by a session that was ended, and by one that has no row.
    ended: [Caller; 2],
    anonymous: Caller,
    /// An identity provider.
    connection: Caller,
    /// API keys: an admin's, one of a user who may have one, one of a user who may not any more, and that of an admin
    /// whose account was switched off.
    admin_key: Caller,
    user_key: Caller,
    useless_key: Caller,
    inactive_key: Caller,
}

impl Callers {
    async fn make(server: &TestServer) -> Self {
        // The primary admin, whom nobody may touch, is somebody else.
        server.db_admin("first").created_at(1).create().await;
        server.db_user("signer").create().await;
        let deleted = server.db_user("deleted").create().await;
        let admin = server.db_admin("admin").create().await;
        admin.delete(&format!("/api/v1/users/{}", deleted.id())).await.assert_status(200);
        let user = server.db_user("user").create().await;
        server.db_group("keys", &[&user], json!({ "features": { "api_keys": true } })).await;
        let other = server.db_user("other").create().await;
        let inactive = server.db_admin("inactive").create().await;
        let keys =
            [(&admin, "sk-admin"), (&user, "sk-user"), (&other, "sk-other"), (&inactive, "sk-inactive")];
        for (owner, key) in keys {
            server.db_api_key(owner, key).await;
        }
        server.db_set_active(&inactive, false);
        let ended = ["ended", "gone"].map(|id| admin.with_bearer(token_of_session(server, admin.id(), id)));
        db_session(server, admin.id(), "ended").await;
        ended[0].get(SETTINGS).await.assert_status(200);
        ended[0].post("/api/v1/auths/signout", Value::Null).await.assert_status(200);
        Self {
            pending: server.db_user("pending").role(Role::Pending).create().await,
            admin_key: admin.with_bearer("sk-admin"),
            user_key: user.with_bearer("sk-user"),
            useless_key: other.with_bearer("sk-other"),
            inactive_key: inactive.with_bearer("sk-inactive"),
            inactive,
            ended,
            connection: scim::connection(&admin, "Okta", json!({})).await,
            anonymous: server.anonymous(),
            user,
            admin,
            deleted,
        }
    }

    /// Each caller, what it is, and whether an endpoint for these lets it in. Tokens are fresh: signing out ends them.
    fn all(&self, server: &TestServer) -> Vec<(String, Caller, [bool; 3])> {
        const NOT: [bool; 3] = [false; 3];
        let fresh = |caller: &Caller| caller.with_bearer(server.token(TokenKind::Valid, caller.id()));
        let mut all = vec![
            ("anonymous".to_owned(), self.anonymous.clone(), NOT),
            (CONNECTION.to_owned(), self.connection.clone(), NOT),
            ("pending".to_owned(), fresh(&self.pending), [true, false, false]),
            ("user".to_owned(), fresh(&self.user), [true, true, false]),
            ("admin".to_owned(), fresh(&self.admin), [true; 3]),
            ("deleted".to_owned(), fresh(&self.deleted), NOT),
            ("inactive".to_owned(), fresh(&self.inactive), NOT),
            ("inactive by cookie".to_owned(), fresh(&self.inactive).by_cookie(), NOT),
            ("admin by an ended session".to_owned(), self.ended[0].clone(), NOT),
            ("admin by the cookie of an ended session".to_owned(), self.ended[0].by_cookie(), NOT),
            ("admin by a session without a row".to_owned(), self.ended[1].clone(), NOT),
            ("user by cookie".to_owned(), fresh(&self.user).by_cookie(), [true, true, false]),
        ];
        for kind in TokenKind::REFUSED {
            let token = server.token(kind, self.admin.id());
            all.push((format!("admin's token, {kind:?}"), self.anonymous.with_bearer(token), NOT));
        }
        all
    }

    fn keys(&self) -> [(&'static str, &Caller, [bool; 3]); 3] {
        [
            ("user's key", &self.user_key, [true, true, false]),
            ("admin's key", &self.admin_key, [true; 3]),
            ("inactive admin's key", &self.inactive_key, [false; 3]),
        ]
    }
}

fn closed(server: ServerBuilder) -> ServerBuilder {
    server.settings(|settings| {
        settings.defaults.set(Key::EnableSignup, false).unwrap();
        settings.defaults.set(Key::EnableApiKeys, true).unwrap();
        settings.sign_in_limit.per_email = 10_000;
    })
}

/// The request of a row with a user and a group that nobody has touched.
async fn send(server: &TestServer, row: &Row, caller: &Caller, number: usize) -> rosterd_testkit::Reply {
    let id = format!("target-{number}");
    let body = row.body.to_string();
    if row.path.contains("{id}") || body.contains("{id}") {
        server.db_user("target").id(&id).email(&format!("{id}@before.test")).create().await;
    }
    let mut group = String::new();
    if row.path.contains("{group}") {
        group = server.db_group("target", &[], Value::Null).await.to_string();
    }
    let filled = |text: &str| {
        let text = text.replace("{provider:.*}", "google/one").replace("{key_id}", "nothing");
        let text = text.replace("{delivery_id}", "nothing");
        text.replace("{id}", &id).replace("{group}", &group).replace("{session_id}", "nobody")
    };
    // The body is a file with one line.
    let form = if row.path.ends_with("/import") { "?format=ndjson" } else { "" };
    let request = caller.request(row.method.clone(), &format!("{}{form}", filled(row.path)));
    let request = match &row.body {
        Value::Null => request,
        _ => request.body("application/json", filled(&body)),
    };
    request.send().await
}

/// Whether an endpoint makes an API key, which not every account may do.
fn makes_key(row: &Row) -> bool {
    row.method == Method::POST && ["/api/v1/auths/api_key", "/api/v1/auths/api_keys"].contains(&row.path)
}

fn lets_in(whom: For, name: &str, [account, verified, admin]: [bool; 3]) -> bool {
    match whom {
        For::Connection => name == CONNECTION,
        For::Anyone => true,
        For::Account => account,
        For::Verified => verified,
        For::Admin => admin,
    }
}

with_servers!(own, a1_every_endpoint_lets_in_whom_it_is_for_and_nobody_else, closed, async |server| {
    let callers = Callers::make(&server).await;
    // The key that GET and DELETE of the caller's key want to find; POST makes another.
    let mut number = 0;
    let mut wrong = Vec::new();
    for row in table() {
        for (name, caller, rights) in callers.all(&server) {
            number += 1;
            if row.path == "/api/v1/auths/api_key" && lets_in(row.whom, &name, rights) {
                let owner = match rights {
                    [_, _, true] => &callers.admin,
                    [_, true, _] => &callers.user,
                    _ => &callers.pending,
                };
                server.db_api_key(owner, &format!("sk-{number}")).await;
            }
            let wanted = match lets_in(row.whom, &name, rights) {
                false => 401,
                // Who waits has no right to make a key.
                true if makes_key(&row) && !rights[1] => 403,
                true => row.status,
            };
            let reply = send(&server, &row, &caller, number).await;
            if reply.status() != wanted {
                wrong.push(format!("{} {} as {name}: {wanted} wanted\n{reply}\n", row.method, row.path));
            }
        }
    }
    assert!(wrong.is_empty(), "{} cells differ\n{}", wrong.len(), wrong.join("\n"));
});

with_servers!(own, an_api_key_opens_what_its_owner_may_and_403_without_the_right, closed, async |server| {
    let callers = Callers::make(&server).await;
    let mut number = 0;
    let mut wrong = Vec::new();
    // A key that is changed by its own call would be lost to the rows after it.
    for row in
        table().into_iter().filter(|row| !(row.path.ends_with("/api_key") && row.method != Method::GET))
    {
        let useless = ("useless key", &callers.useless_key, [false; 3]);
        for (name, caller, rights) in callers.keys().into_iter().chain([useless]) {
            number += 1;
            let wanted = match lets_in(row.whom, name, rights) {
                true if is_for_persons(&row) => 403,
                true => row.status,
                // SCIM does not look for API keys.
                false if name == "useless key" && row.whom != For::Connection => 403,
                false => 401,
            };
            let reply = send(&server, &row, caller, number).await;
            if reply.status() != wanted {
                wrong.push(format!("{} {} with {name}: {wanted} wanted\n{reply}\n", row.method, row.path));
            }
        }
    }
    assert!(wrong.is_empty(), "{} cells differ\n{}", wrong.len(), wrong.join("\n"));
});

with_servers!(own, k4_k5_a_limited_key_opens_what_it_is_limited_to, closed, async |server| {
    let callers = Callers::make(&server).await;
    let made = async |form: Value| {
        let key = callers.admin.post("/api/v1/auths/api_keys", form).await;
        callers.admin.with_bearer(key.assert_status(200).at("/key").as_str().unwrap())
    };
    let reader = made(json!({ "name": "reader", "read_only": true })).await;
    let held = made(json!({ "name": "held", "allowed_paths": [USERS] })).await;
    let both = made(json!({ "name": "both", "read_only": true, "allowed_paths": [USERS] })).await;
    let mut number = 0;
    let mut wrong = Vec::new();
    for row in table() {
        // Signing in asks for no key.
        if [For::Anyone, For::Connection].contains(&row.whom) {
            continue;
        }
        let reads = row.method == Method::GET && row.path != "/api/v1/auths/api_key";
        let is_user_path = row.path == USERS || row.path.starts_with("/api/v1/users/");
        for (name, caller, may) in [
            ("reader", &reader, reads),
            ("held", &held, is_user_path),
            ("both", &both, reads && is_user_path),
        ] {
            number += 1;
            let wanted = if may && !is_for_persons(&row) { row.status } else { 403 };
            let reply = send(&server, &row, caller, number).await;
            if reply.status() != wanted {
                wrong.push(format!("{} {} with {name}: {wanted} wanted\n{reply}\n", row.method, row.path));
            }
        }
    }
    assert!(wrong.is_empty(), "{} cells differ\n{}", wrong.len(), wrong.join("\n"));
});

const USERS: &str = "/api/v1/users";

/// Headers that differ from answer to answer.
const OF_THE_MOMENT: [&str; 4] = ["date", "x-request-id", "x-process-time", "set-cookie"];

with_servers!(
    own,
    head_answers_wherever_get_does_with_the_same_headers_and_no_body,
    closed,
    async |server| {
        let callers = Callers::make(&server).await;
        let group = server.db_group("any", &[], Value::Null).await.to_string();
        server.db_api_key(&callers.admin, "sk-another").await;
        for endpoint in rosterd_api::routes::endpoints() {
            if endpoint.method.as_str() != "GET" {
                continue;
            }
            let id =
                if endpoint.path.contains("/groups/") { group.as_str() } else { callers.user.id().as_str() };
            let path = endpoint.path.replace("{id}", id).replace("{file:.*}", "index.html");
            // Tokens are fresh: signing out ends them.
            let as_admin = async |method: Method| {
                let token = server.token(TokenKind::Valid, callers.admin.id());
                let reply = callers.admin.with_bearer(token).request(method, &path).send().await;
                let mut headers = reply.headers().clone();
                for name in OF_THE_MOMENT {
                    headers.remove(name);
                }
                (reply, headers)
            };
            let (get, its_headers) = as_admin(Method::GET).await;
            let (head, headers) = as_admin(Method::HEAD).await;
            assert_eq!((head.status(), headers), (get.status(), its_headers), "{path}");
            assert!(head.bytes().is_empty(), "{path}\n{head}");
            let stranger = server.anonymous();
            let [get, head] =
                [Method::GET, Method::HEAD].map(|method| stranger.request(method, &path).send());
            assert_eq!(head.await.status(), get.await.status(), "{path}");
        }
    }
);

with_servers!(own, a_bearer_token_wins_over_a_cookie, async |server| {
    let (ada, bob) = (server.db_admin("ada").create().await, server.db_user("bob").create().await);
    let both = async |bearer: &str, cookie: &str| {
        let request = server.anonymous().with_bearer(bearer).request(Method::GET, LIST);
        request.header("cookie", &format!("token={cookie}")).send().await.status()
    };
    let token = |user: &Caller| server.token(TokenKind::Valid, user.id());
    assert_eq!(both(&token(&ada), &token(&bob)).await, 200);
    assert_eq!(both(&token(&bob), &token(&ada)).await, 401);
    assert_eq!(both("garbage", &token(&ada)).await, 401);
});

with_servers!(own, the_scheme_counts_in_any_case_and_no_other_scheme_does, async |server| {
    let bob = server.db_user("bob").create().await;
    let token = server.token(TokenKind::Valid, bob.id());
    let with = async |value: String| {
        bob.with(rosterd_testkit::Credential::Authorization(value)).get(SETTINGS).await.status()
    };
    for scheme in ["bearer", "BEARER", "Bearer "] {
        assert_eq!(with(format!("{scheme} {token}")).await, 200, "{scheme}");
    }
    for value in
        [format!("Basic {token}"), token.clone(), "Bearer".to_owned(), "Bearer ".to_owned(), String::new()]
    {
        assert_eq!(with(value).await, 401);
    }
});

with_servers!(own, r1_losing_a_right_counts_at_the_very_next_request, async |server| {
    let other = server.second().await;
    let (ada, bob) = (server.db_admin("ada").create().await, server.db_user("bob").create().await);
    let elsewhere = bob.through(&other);
    elsewhere.get(SETTINGS).await.assert_status(200);
    let path = format!("/api/v1/users/{}", bob.id());
    ada.post(&format!("{path}/update"), form("bob", bob.email(), json!({ "role": "pending" })))
        .await
        .assert_status(200);
    elsewhere.get(SETTINGS).await.assert_error(401, "ACCESS_PROHIBITED");
    elsewhere.post(UPDATE_SETTINGS, json!({})).await.assert_error(401, "ACCESS_PROHIBITED");
    ada.delete(&path).await.assert_status(200);
    elsewhere.get(SETTINGS).await.assert_error(401, "INVALID_TOKEN");
});
