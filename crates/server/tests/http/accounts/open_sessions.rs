//! The sessions that rosterd keeps: how they begin, who sees them, and what ends them (rules A4 to A6). On standalone databases
//! and on adopted ones; those that were not adopted keep none.

use rosterd_app::Record;
use rosterd_app::settings::TrustedHeaders;
use rosterd_domain::role::Role;
use rosterd_domain::rules::client_ip::{IpRanges, parse_range};
use rosterd_storage::{Store, StoreOptions};
use rosterd_testkit::{
    Caller, Method, PASSWORD, Reply, ServerBuilder, TestDb, TestServer, TokenKind, with_databases,
    with_servers,
};
use serde_json::{Value, json};

use super::{SIGN_IN, SIGN_OUT, SIGN_UP, application, sign_in, signed_in, token_in};
use crate::support::{NOBODY, SETTINGS, UPDATE_SETTINGS, form, keys, path_of, rows, token_of_session};

const SESSIONS: &str = "/api/v1/auths/sessions";
const AGENT: &str = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0";

/// A server on a database that keeps sessions: one of Open WebUI is adopted first.
async fn keeping(db: TestDb) -> TestServer {
    described(db, |server| server).await
}

async fn described(db: TestDb, describe: impl FnOnce(ServerBuilder) -> ServerBuilder) -> TestServer {
    Store::open(&StoreOptions::new(db.database_url())).unwrap().adopt_apply().await.unwrap();
    let server = describe(TestServer::builder(db)).start().await;
    assert!(server.store().layout().sessions);
    server
}

/// The open sessions of whoever asks.
async fn own(caller: &Caller) -> Vec<Value> {
    list_in(&caller.get(SESSIONS).await)
}

/// The open sessions of somebody.
async fn of(admin: &Caller, user: &Caller) -> Vec<Value> {
    list_in(&admin.get(&path_of(user, "/sessions")).await)
}

#[track_caller]
fn list_in(reply: &Reply) -> Vec<Value> {
    reply.assert_status(200);
    reply.json().as_array().unwrap().clone()
}

fn id_of(session: &Value) -> &str {
    session["id"].as_str().unwrap()
}

/// The id of the session that the caller's token names.
async fn current(caller: &Caller) -> String {
    let all = own(caller).await;
    let mut current = all.iter().filter(|session| session["current"] == json!(true));
    let id = id_of(current.next().unwrap()).to_owned();
    assert!(current.next().is_none(), "there is one");
    id
}

/// An account that comes before every other, so that it is the primary admin also of the recorded roster.
async fn primary(server: &TestServer) -> Caller {
    server.db_admin("first").created_at(1).create().await
}

#[track_caller]
fn assert_over(reply: &Reply) {
    reply.assert_error(401, "INVALID_TOKEN");
}

with_databases!(all, a4_a_sign_in_is_a_session_that_its_owner_sees, async |db| {
    let server = keeping(db).await;
    let bob = server.db_user("bob").create().await;
    let began = server.now();
    let body = json!({ "email": bob.email(), "password": PASSWORD });
    let request = server.anonymous().request(Method::POST, SIGN_IN).header("user-agent", AGENT).json(&body);
    let browser = bob.with_bearer(token_in(&request.send().await));
    server.clock().advance(10);
    let phone = signed_in(&server, &bob).await;
    let all = own(&browser).await;
    assert_eq!(all.len(), 2);
    let [newer, older] = &all[..] else { panic!("{all:?}") };
    assert_eq!((&newer["current"], &older["current"]), (&json!(false), &json!(true)));
    let wanted = json!({
        "id": older["id"], "current": true, "method": "password", "created_at": began,
        "last_seen_at": server.now(), "expires_at": began + 2_419_200, "client_ip": "127.0.0.1",
        "user_agent": AGENT,
    });
    assert_eq!(older, &wanted);
    assert_eq!(
        keys(newer),
        ["client_ip", "created_at", "current", "expires_at", "id", "last_seen_at", "method", "user_agent"]
    );
    assert_eq!(id_of(newer), current(&phone).await);
    // Neither the token nor anything else that opens an account is kept.
    let stored = server.db().db_query_text("SELECT * FROM rosterd_session");
    let token = token_in(&sign_in(&server, bob.email(), PASSWORD).await);
    let signature = token.rsplit('.').next().unwrap();
    assert!(!format!("{stored:?}").contains(signature));
    // Others have none of it.
    let eve = server.db_user("eve").create().await;
    assert_eq!(own(&eve).await, [] as [Value; 0]);
});

with_databases!(all, a4_each_way_to_a_token_begins_a_session, async |db| {
    let server = described(db, |server| {
        server.settings(|settings| {
            settings.trusted_headers = Some(TrustedHeaders {
                email: "X-Forwarded-Email".parse().unwrap(),
                name: None,
                groups: None,
            });
            settings.trusted_proxies = IpRanges::new(vec![parse_range("127.0.0.0/8").unwrap()]);
        })
    })
    .await;
    server.db_set_config("ui.enable_signup", json!(true)).await;
    let first = primary(&server).await;
    let method = async |token: String| {
        let sessions = own(&first.with_bearer(token)).await;
        assert_eq!(sessions.len(), 1, "{sessions:?}");
        let told = &sessions[0];
        (told["method"].clone(), !told["client_ip"].is_null(), !told["user_agent"].is_null())
    };
    let agent = |request: rosterd_testkit::Request| request.header("user-agent", AGENT);
    let nobody = server.anonymous();
    let up = agent(nobody.request(Method::POST, SIGN_UP)).json(&application("nina")).send().await;
    assert_eq!(method(token_in(&up)).await, (json!("password"), true, true));
    let visit = agent(nobody.request(Method::POST, SIGN_IN)).header("X-Forwarded-Email", "otto@rosterd.test");
    let visit = visit.json(&json!({ "email": "", "password": "" })).send().await;
    assert_eq!(method(token_in(&visit)).await, (json!("trusted_header"), true, true));
    // The admin's IP and browser are nothing to the owner.
    let add =
        agent(first.request(Method::POST, "/api/v1/auths/add")).json(&application("carol")).send().await;
    assert_eq!(method(token_in(&add)).await, (json!("added"), false, false));
});

with_databases!(all, a5_a_session_that_was_ended_is_refused_everywhere_at_the_next_request, async |db| {
    let server = keeping(db).await;
    let other = server.second().await;
    let bob = server.db_user("bob").create().await;
    let (here, there) = (signed_in(&server, &bob).await, signed_in(&server, &bob).await.through(&other));
    let (session, elsewhere) = (current(&there).await, here.through(&other));
    there.get(SETTINGS).await.assert_status(200);
    server.forget_events();
    here.delete(&format!("{SESSIONS}/{session}")).await.assert(200, json!(true));
    let told: Vec<Value> = server.take_events().iter().map(Record::to_json).collect();
    assert_eq!(told.len(), 1, "{told:?}");
    assert_eq!((&told[0]["event"], &told[0]["session"]), (&json!("session.ended"), &json!(session)));
    assert_eq!(told[0]["actor"], json!({ "kind": "account", "id": bob.id(), "via": "session" }));
    // By each way in which a request reads its caller.
    assert_over(&there.get(SETTINGS).await);
    assert_over(&there.post(UPDATE_SETTINGS, json!({})).await);
    assert_over(&there.get("/api/v1/users/user/status").await);
    assert_over(&there.get(SESSIONS).await);
    assert_over(&there.by_cookie().get("/api/v1/auths/").await);
    there.get("/api/config").await.assert_json(other.anonymous().get("/api/config").await.json());
    elsewhere.get(SETTINGS).await.assert_status(200);
    assert_eq!(own(&here).await.len(), 1);
    here.delete(&format!("{SESSIONS}/{session}")).await.assert_error(404, "NOT_FOUND");
    here.delete(&format!("{SESSIONS}/nobody")).await.assert_error(404, "NOT_FOUND");
    // The current one can be ended like that too.
    here.delete(&format!("{SESSIONS}/{}", current(&here).await)).await.assert(200, json!(true));
    assert_over(&elsewhere.get(SETTINGS).await);
    // A row that is gone is as good as ended; a token that names none goes on.
    let third = signed_in(&server, &bob).await;
    third.get(SETTINGS).await.assert_status(200);
    server.db().db_execute("DELETE FROM rosterd_session");
    assert_over(&third.get(SETTINGS).await);
    bob.get(SETTINGS).await.assert_status(200);
});

with_databases!(all, a5_signing_out_ends_this_session_and_no_other, async |db| {
    let server = keeping(db).await;
    let other = server.second().await;
    let bob = server.db_user("bob").create().await;
    let (here, elsewhere) = (signed_in(&server, &bob).await, signed_in(&server, &bob).await);
    server.forget_events();
    here.post(SIGN_OUT, Value::Null).await.assert(200, json!({ "status": true }));
    assert_eq!(server.take_events().len(), 1);
    assert_over(&here.get(SETTINGS).await);
    assert_over(&here.through(&other).get(SETTINGS).await);
    assert_eq!(own(&elsewhere.through(&other)).await.len(), 1);
    // Again, which is nothing new.
    here.post(SIGN_OUT, Value::Null).await.assert(200, json!({ "status": true }));
    assert_eq!(server.take_events().len(), 0);
    // Nothing needs to be remembered of it beside its row; a token that names no session is revoked.
    assert_eq!((rows(&server, "rosterd_revoked_token"), rows(&server, "rosterd_session")), (0, 2));
    bob.post(SIGN_OUT, Value::Null).await.assert_status(200);
    assert_over(&bob.through(&other).get(SETTINGS).await);
    assert_eq!(rows(&server, "rosterd_revoked_token"), 1);
});

with_databases!(all, a5_all_others_end_and_the_one_that_asks_goes_on, async |db| {
    let server = keeping(db).await;
    let (bob, eve) = (server.db_user("bob").create().await, server.db_user("eve").create().await);
    let here = signed_in(&server, &bob).await;
    let others = [signed_in(&server, &bob).await, signed_in(&server, &bob).await];
    let eves = signed_in(&server, &eve).await;
    server.forget_events();
    here.delete(SESSIONS).await.assert(200, json!(true));
    let told: Vec<Value> = server.take_events().iter().map(Record::to_json).collect();
    assert_eq!(told.len(), 1, "{told:?}");
    assert_eq!(
        (&told[0]["event"], &told[0]["kept"]),
        (&json!("user.sessions_ended"), &json!(current(&here).await))
    );
    for other in &others {
        assert_over(&other.get(SETTINGS).await);
    }
    eves.get(SETTINGS).await.assert_status(200);
    assert_eq!(own(&here).await.len(), 1);
    // Nothing is left to end, and nothing to tell.
    here.delete(SESSIONS).await.assert(200, json!(true));
    assert_eq!(server.take_events().len(), 0);
    // A token that names no session ends all of them, and goes on.
    bob.delete(SESSIONS).await.assert(200, json!(true));
    assert_over(&here.get(SETTINGS).await);
    bob.get(SETTINGS).await.assert_status(200);
});

with_databases!(all, a5_password_role_and_revocation_end_all_sessions_of_an_account, async |db| {
    let server = keeping(db).await;
    let other = server.second().await;
    primary(&server).await;
    let ada = server.db_admin("ada").create().await;
    for (number, by) in ["own password", "reset", "demotion", "revocation"].into_iter().enumerate() {
        let bob = server.db_user("bob").email(&format!("bob{number}@rosterd.test")).create().await;
        let sessions = [signed_in(&server, &bob).await, signed_in(&server, &bob).await];
        let eve = server.db_user("eve").email(&format!("eve{number}@rosterd.test")).create().await;
        let eves = signed_in(&server, &eve).await;
        server.forget_events();
        let update = |changes| form("bob", bob.email(), changes);
        let done = match by {
            "own password" => {
                let body = json!({ "password": PASSWORD, "new_password": "another long password" });
                sessions[0].post("/api/v1/auths/update/password", body).await
            }
            "reset" => {
                ada.post(&path_of(&bob, "/update"), update(json!({ "password": "another long password" })))
                    .await
            }
            "demotion" => ada.post(&path_of(&bob, "/update"), update(json!({ "role": "pending" }))).await,
            _ => ada.post(&path_of(&bob, "/sessions/revoke"), Value::Null).await,
        };
        done.assert_status(200);
        for session in &sessions {
            assert_over(&session.through(&other).get(SETTINGS).await);
        }
        assert_eq!(of(&ada, &bob).await, [] as [Value; 0], "{by}");
        eves.get(SETTINGS).await.assert_status(200);
        let told = server.take_events();
        let ended = told.iter().filter(|record| record.event.name() == "user.sessions_ended").count();
        assert_eq!(ended, 1, "{by}: {told:?}");
    }
    // Whoever is let in, or made an admin, goes on.
    let dave = server.db_user("dave").role(Role::Pending).create().await;
    let waiting = signed_in(&server, &dave).await;
    for role in ["user", "admin"] {
        let body = form("dave", dave.email(), json!({ "role": role }));
        ada.post(&path_of(&dave, "/update"), body).await.assert_status(200);
        waiting.get(SETTINGS).await.assert_status(200);
    }
    // With the account go its sessions.
    let open = rows(&server, "rosterd_session");
    ada.delete(&path_of(&dave, "")).await.assert_status(200);
    assert_eq!(rows(&server, "rosterd_session"), open - 1);
    assert_over(&waiting.get(SETTINGS).await);
});

with_databases!(all, a5_a_token_of_open_webui_ends_with_the_stamp_alone, async |db| {
    let server = keeping(db).await;
    primary(&server).await;
    let (ada, bob) = (server.db_admin("ada").create().await, server.db_user("bob").create().await);
    let ours = signed_in(&server, &bob).await;
    ada.post(&path_of(&bob, "/sessions/revoke"), Value::Null).await.assert(200, json!(true));
    assert_over(&ours.get(SETTINGS).await);
    let stamped = server.store().layout().session_stamp;
    bob.get(SETTINGS).await.assert_status(if stamped { 401 } else { 200 });
});

with_databases!(all, a6_p1_admins_end_sessions_but_not_those_of_the_primary_admin, async |db| {
    let server = keeping(db).await;
    let other = server.second().await;
    let first = primary(&server).await;
    let (ada, bob) = (server.db_admin("ada").create().await, server.db_user("bob").create().await);
    let (mine, bobs) = (signed_in(&server, &ada).await, signed_in(&server, &bob).await);
    let firsts = signed_in(&server, &first).await;
    let listed = of(&mine, &bob).await;
    assert_eq!((listed.len(), &listed[0]["current"]), (1, &json!(false)));
    assert_eq!(of(&mine, &ada).await[0]["current"], json!(true));
    let path = path_of(&bob, &format!("/sessions/{}", id_of(&listed[0])));
    // It is nobody else's: not by another user's id, and not for another user.
    mine.delete(&path.replace(bob.id().as_str(), ada.id().as_str())).await.assert_error(404, "NOT_FOUND");
    bobs.delete(&path).await.assert_error(401, "ACCESS_PROHIBITED");
    bobs.get(&path_of(&ada, "/sessions")).await.assert_error(401, "ACCESS_PROHIBITED");
    bobs.delete(&format!("{SESSIONS}/{}", current(&mine).await)).await.assert_error(404, "NOT_FOUND");
    mine.get(SETTINGS).await.assert_status(200);
    bobs.get(SETTINGS).await.assert_status(200);
    mine.delete(&path).await.assert(200, json!(true));
    assert_over(&bobs.through(&other).get(SETTINGS).await);
    mine.delete(&path).await.assert_error(404, "NOT_FOUND");
    for (method, rest) in
        [(Method::GET, "sessions"), (Method::DELETE, "sessions/x"), (Method::POST, "sessions/revoke")]
    {
        let request = mine.request(method, &format!("/api/v1/users/{NOBODY}/{rest}"));
        request.send().await.assert_error(404, "NOT_FOUND");
    }
    // Nobody but the primary admin ends its sessions.
    let session = of(&mine, &first).await.first().map(|session| id_of(session).to_owned()).unwrap();
    let path = path_of(&first, &format!("/sessions/{session}"));
    mine.delete(&path).await.assert_error(403, "ACTION_PROHIBITED");
    mine.post(&path_of(&first, "/sessions/revoke"), Value::Null).await.assert_error(403, "ACTION_PROHIBITED");
    firsts.get(SETTINGS).await.assert_status(200);
    firsts.delete(&path).await.assert(200, json!(true));
    assert_over(&firsts.get(SETTINGS).await);
    let again = signed_in(&server, &first).await;
    again.post(&path_of(&first, "/sessions/revoke"), Value::Null).await.assert(200, json!(true));
    assert_over(&again.get(SETTINGS).await);
});

with_databases!(all, m12_ones_own_sessions_are_for_persons_alone, async |db| {
    let server = keeping(db).await;
    let (ada, secret) =
        (server.db_admin("ada").create().await, server.app().settings().secret.expose().to_owned());
    server.db_set_config("auth.enable_api_keys", json!(true)).await;
    server.db_api_key(&ada, "sk-adas").await;
    let robot = json!({ "id": ada.id(), "jti": "j", "typ": "automation", "session_stamp": null });
    let robot = rosterd_testkit::token::sign(&robot, &secret);
    for caller in [ada.with_bearer("sk-adas"), ada.with_bearer(robot)] {
        caller.get(SETTINGS).await.assert_status(200);
        caller.get(SESSIONS).await.assert_error(403, "HUMAN_SESSION_REQUIRED");
        caller.delete(SESSIONS).await.assert_error(403, "HUMAN_SESSION_REQUIRED");
        caller.delete(&format!("{SESSIONS}/x")).await.assert_error(403, "HUMAN_SESSION_REQUIRED");
        caller.get(&path_of(&ada, "/sessions")).await.assert_status(200);
    }
    ada.get(SESSIONS).await.assert_status(200);
});

with_databases!(all, a4_l4_when_a_session_was_seen_is_written_at_the_stop, async |db| {
    let server = described(db, |server| {
        server.settings(|settings| settings.activity_flush = std::time::Duration::from_hours(1))
    })
    .await;
    let bob = server.db_user("bob").create().await;
    let (seen, idle) = (signed_in(&server, &bob).await, signed_in(&server, &bob).await);
    let idle = current(&idle).await;
    let began = server.now();
    server.clock().advance(100);
    seen.get(SETTINGS).await.assert_status(200);
    let second = server.second().await;
    let at = |sessions: &[Value], id: &str| {
        sessions.iter().find(|session| id_of(session) == id).unwrap()["last_seen_at"].clone()
    };
    let id = current(&seen).await;
    assert_eq!(at(&own(&seen).await, &id), json!(began + 100));
    // The other process knows when this one has written it.
    let there = bob.through(&second);
    assert_eq!(at(&own(&there).await, &id), json!(began));
    server.stop().await;
    let listed = own(&there).await;
    assert_eq!((at(&listed, &id), at(&listed, &idle)), (json!(began + 100), json!(began)));
});

with_servers!(attached, a4_a_database_that_was_not_adopted_keeps_no_sessions, async |server| {
    let (ada, bob) = (server.db_admin("ada").create().await, server.db_user("bob").create().await);
    let session = signed_in(&server, &bob).await;
    for caller in [&bob, &session] {
        caller.get(SESSIONS).await.assert_error(409, "CONFLICT");
        caller.delete(SESSIONS).await.assert_error(409, "CONFLICT");
        caller.delete(&format!("{SESSIONS}/x")).await.assert_error(409, "CONFLICT");
    }
    ada.get(&path_of(&bob, "/sessions")).await.assert_error(409, "CONFLICT");
    ada.delete(&path_of(&bob, "/sessions/x")).await.assert_error(409, "CONFLICT");
    assert!(server.app().sessions_are_not_kept().is_some_and(|said| said.contains("rosterd adopt --apply")));
    session.get(SETTINGS).await.assert_status(200);
    // What names a session that nobody can look up is refused.
    let token = token_of_session(&server, bob.id(), "s-1");
    assert_over(&bob.with_bearer(token).get(SETTINGS).await);
    bob.with_bearer(server.token(TokenKind::Valid, bob.id())).get(SETTINGS).await.assert_status(200);
});
