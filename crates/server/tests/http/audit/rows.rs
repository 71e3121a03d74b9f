//! What a row says, and that there is no change without one.

use rosterd_app::{Caller as By, audit};
use rosterd_domain::ids::UserId;
use rosterd_testkit::{Caller, Method, TestServer, with_databases, with_servers};
use serde_json::{Value, json};

use super::{events, keeping};
use crate::support::{SETTINGS, UPDATE_SETTINGS, path_of};

with_databases!(all, an_event_is_a_row_with_all_that_is_known_of_it, async |db| {
    let server = keeping(db).await;
    let ada = server.db_admin("ada").create().await;
    let bob = server.db_user("bob").create().await;
    let request = ada.request(Method::DELETE, &path_of(&bob, "")).header("x-request-id", "request-7");
    request.send().await.assert_status(200);
    let rows = events(&server).await;
    let [row] = rows.as_slice() else { panic!("{rows:?}") };
    assert_eq!((row.action.as_str(), row.at), ("user.deleted", server.now() * 1000));
    let actor = (row.actor_kind.as_str(), row.actor_id.as_deref(), row.actor_via.as_deref());
    assert_eq!(actor, ("account", Some(ada.id().as_str()), Some("session")));
    let subject = (row.subject_kind.as_deref(), row.subject_id.as_deref(), row.subject_label.as_deref());
    assert_eq!(subject, (Some("user"), Some(bob.id().as_str()), Some("bob")), "the name it had");
    assert_eq!((row.client_ip.as_deref(), row.request_id.as_deref()), (Some("127.0.0.1"), Some("request-7")));
    assert!(!row.erased && row.salt.len() == 32, "{row:?}");
    // Where one writes at a time it is sealed as it is written.
    let sealed = (!server.db().is_postgres()).then_some(1);
    assert_eq!((row.position, row.seal.is_some()), (sealed, sealed.is_some()), "{row:?}");
});

with_databases!(all, a_row_names_the_key_or_session_and_the_one_it_is_about, async |db| {
    let server = keeping(db).await;
    let ada = server.db_admin("ada").create().await;
    server.db_set_config("auth.enable_api_keys", json!(true)).await;
    let made = ada.post("/api/v1/auths/api_keys", json!({ "name": "job" })).await;
    let key = made.assert_status(200).at("/key").as_str().unwrap().to_owned();
    let group = server.db_group("Ops", &[], Value::Null).await;
    let body = json!({ "user_ids": [ada.id()] });
    let robot = ada.with_bearer(&key);
    robot.post(&format!("/api/v1/groups/id/{group}/users/add"), body).await.assert_status(200);
    robot.post(UPDATE_SETTINGS, json!({ "theme": "dark" })).await.assert_status(200);
    let rows = events(&server).await;
    let [created, added, changed] = rows.as_slice() else { panic!("{rows:?}") };
    assert_eq!((added.subject_label.as_deref(), added.actor_via.as_deref()), (Some("Ops"), Some("api_key")));
    assert_eq!(added.actor_credential, made.at("/id").as_str().map(str::to_owned));
    assert_eq!(added.details, Some(json!({ "users": [ada.id()] }).to_string()));
    assert_eq!(
        (changed.subject_label.as_deref(), &changed.details),
        (Some("ada"), &None),
        "its owner by name"
    );
    assert!(created.details.as_ref().unwrap().contains("\"name\":\"job\""), "{created:?}");
    assert!(!format!("{rows:?}").contains(&key), "{rows:?}");
});

with_servers!(own, the_command_line_and_visitors_are_told_of, async |server| {
    server.db_admin("ada").create().await;
    let erased = audit::erase(server.app(), By::operator(), UserId::parse("nobody").unwrap()).await;
    assert_eq!(erased.unwrap().events, 0);
    assert!(events(&server).await.is_empty(), "nothing was erased");
    let form = json!({ "email": "ada@rosterd.test", "password": rosterd_testkit::PASSWORD });
    server.anonymous().post("/api/v1/auths/signin", form).await;
    let kinds: Vec<String> = events(&server).await.into_iter().map(|row| row.actor_kind).collect();
    assert!(kinds.iter().all(|kind| kind == "visitor"), "{kinds:?}");
});

/// Makes it impossible to write events.
fn break_log(server: &TestServer) {
    server.db().db_execute("ALTER TABLE rosterd_event RENAME TO gone");
}

with_servers!(own, a_change_whose_event_cannot_be_written_does_not_happen, async |server| {
    let ada = server.db_admin("ada").create().await;
    let bob = server.db_user("bob").create().await;
    bob.post(UPDATE_SETTINGS, json!({ "theme": "light" })).await.assert_status(200);
    break_log(&server);
    server.forget_events();
    let refused = |reply: rosterd_testkit::Reply| assert!(reply.status() >= 500, "{reply}");
    refused(bob.post(UPDATE_SETTINGS, json!({ "theme": "dark" })).await);
    assert_eq!(bob.get(SETTINGS).await.json()["theme"], "light");
    refused(ada.delete(&path_of(&bob, "")).await);
    ada.get(&path_of(&bob, "")).await.assert_status(200);
    let group = json!({ "name": "never", "description": "" });
    refused(ada.post("/api/v1/groups/create", group).await);
    assert_eq!(ada.get("/api/v1/groups/").await.json(), json!([]));
    assert!(server.take_events().is_empty(), "and nobody is told of it");
});

with_servers!(
    own,
    without_the_log_nothing_is_written_and_all_is_told,
    |server| server.settings(|settings| settings.audit.is_on = false),
    async |server| {
        let bob = server.db_user("bob").create().await;
        server.forget_events();
        bob.post(UPDATE_SETTINGS, json!({ "theme": "light" })).await.assert_status(200);
        assert_eq!(server.take_events().len(), 1);
        assert!(events(&server).await.is_empty());
    }
);

with_servers!(attached, a_database_that_was_not_adopted_has_the_log_of_the_server_alone, async |server| {
    assert!(!server.app().keeps_audit_log());
    let bob: Caller = server.db_user("bob").create().await;
    server.forget_events();
    bob.post(UPDATE_SETTINGS, json!({ "theme": "light" })).await.assert_status(200);
    assert_eq!(server.take_events().len(), 1);
    assert!(events(&server).await.is_empty());
    assert!(audit::head(server.app(), By::operator()).await.is_err());
    assert_eq!(audit::seal(server.app()).await.unwrap(), 0);
});
