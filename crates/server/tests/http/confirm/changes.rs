//! Another e-mail address for an account (rule C3).

use rosterd_testkit::{Postbox, with_databases};
use serde_json::{Value, json};

use super::{RESEND, asking, confirm, dead, role_of, sent, told, waiting, waits};
use crate::accounts::{sign_in, token_in as session_in};
use crate::mail::{deliver, fresh, listed};
use crate::support::{SETTINGS, form, path_of};

const NEW: &str = "robert@rosterd.test";

with_databases!(all, c3_a_new_e_mail_address_is_confirmed_before_the_account_goes_on, async |db| {
    let postbox = Postbox::willing();
    let (server, first) = asking(db, &postbox).await;
    let bob = server.db_user("bob").email("bobby@rosterd.test").create().await;
    server.forget_events();
    let changed = first.post(&path_of(&bob, "/update"), form("bob", NEW, json!({}))).await;
    assert_eq!(changed.assert_status(200).at("/role"), json!("pending"));
    let names = told(&server);
    for name in ["user.updated", "user.role_changed", "user.confirm_link_made"] {
        assert!(names.contains(&name), "{name}: {names:?}");
    }
    let token = sent(&server, &postbox, NEW).await;
    // The password is the same, and lets into nothing but the waiting.
    let opened = sign_in(&server, NEW, bob.password()).await;
    assert_eq!(opened.assert_status(200).at("/role"), json!("pending"));
    let waiting = server.anonymous().with_bearer(session_in(&opened));
    assert!(waiting.get(SETTINGS).await.status() != 200);
    confirm(&server, &token).await.assert_status(200);
    waiting.get(SETTINGS).await.assert_status(200);
    assert_eq!((role_of(&server, NEW).as_str(), waits(&server)), ("user", 0));
});

with_databases!(all, c3_another_spelling_and_other_fields_ask_for_nothing, async |db| {
    let postbox = Postbox::willing();
    let (server, first) = asking(db, &postbox).await;
    let bob = server.db_user("bob").create().await;
    let update = path_of(&bob, "/update");
    for sent in [form("Robert", bob.email(), json!({})), form("bob", &bob.email().to_uppercase(), json!({}))]
    {
        assert_eq!(first.post(&update, sent).await.assert_status(200).at("/role"), json!("user"));
    }
    server
        .db()
        .db_execute(&format!(r#"UPDATE "user" SET email = 'Bob@Rosterd.Test' WHERE id = '{}'"#, bob.id()));
    let lower = form("bob", "bob@rosterd.test", json!({}));
    assert_eq!(first.post(&update, lower).await.assert_status(200).at("/role"), json!("user"));
    assert_eq!((waits(&server), deliver(&server).await), (0, 0));
});

with_databases!(all, c3_p5_the_primary_admin_changes_the_own_e_mail_address_and_stays_in, async |db| {
    let postbox = Postbox::willing();
    let (server, first) = asking(db, &postbox).await;
    let own = form("first", "one@rosterd.test", json!({ "role": "admin" }));
    let changed = first.post(&path_of(&first, "/update"), own).await;
    assert_eq!(changed.assert_status(200).at("/role"), json!("admin"));
    first.get("/api/v1/users/").await.assert_status(200);
    assert_eq!((waits(&server), deliver(&server).await), (0, 0));
});

with_databases!(own, c3_p5_the_last_active_admin_waits_for_nothing, async |db| {
    let postbox = Postbox::willing();
    let (server, first) = asking(db, &postbox).await;
    let ben = server.db_admin("ben").create().await;
    let update = path_of(&ben, "/update");
    let of = |email: &str| form("ben", email, json!({ "role": "admin" }));
    // Another program has switched off the primary admin.
    server.db_set_active(&first, false);
    let changed = ben.post(&update, of("benjamin@rosterd.test")).await;
    assert_eq!((changed.assert_status(200).at("/role"), waits(&server)), (json!("admin"), 0));
    server.db_set_active(&first, true);
    let changed = ben.post(&update, of("ben@rosterd.test")).await;
    assert_eq!((changed.assert_status(200).at("/role"), waits(&server)), (json!("pending"), 1));
    let token = sent(&server, &postbox, "ben@rosterd.test").await;
    confirm(&server, &token).await.assert_status(200);
    assert_eq!(role_of(&server, "ben@rosterd.test"), "admin", "it was one before");
});

with_databases!(all, c3_a_role_in_the_same_update_is_given_with_the_confirmation, async |db| {
    let postbox = Postbox::willing();
    let (server, first) = asking(db, &postbox).await;
    let bob = server.db_user("bob").email("bobby@rosterd.test").create().await;
    let update = path_of(&bob, "/update");
    let changed = first.post(&update, form("bob", NEW, json!({ "role": "admin" }))).await;
    assert_eq!(changed.assert_status(200).at("/role"), json!("pending"));
    // The mistake is mended before anybody has confirmed it: the role stays the one that was given.
    let old = sent(&server, &postbox, NEW).await;
    let mended = form("bob", "roberta@rosterd.test", json!({ "role": "pending" }));
    first.post(&update, mended).await.assert_status(200);
    dead(&server, &old).await;
    let token = sent(&server, &postbox, "roberta@rosterd.test").await;
    confirm(&server, &token).await.assert_status(200);
    assert_eq!(role_of(&server, "roberta@rosterd.test"), "admin");
});

with_databases!(all, c3_u3_a_suspended_account_waits_when_its_suspension_ends, async |db| {
    let postbox = Postbox::willing();
    let (server, first) = asking(db, &postbox).await;
    let bob = server.db_user("bob").email("bobby@rosterd.test").create().await;
    first.post(&path_of(&bob, "/suspend"), json!({})).await.assert_status(200);
    let changed = first.post(&path_of(&bob, "/update"), form("bob", NEW, json!({ "role": "pending" }))).await;
    changed.assert_status(200);
    // Nobody can use it now.
    assert_eq!(deliver(&server).await, 0);
    let resumed = first.post(&path_of(&bob, "/resume"), Value::Null).await;
    assert_eq!(resumed.assert_status(200).at("/role"), json!("pending"));
    let opened = sign_in(&server, NEW, bob.password()).await;
    let bob = server.anonymous().with_bearer(session_in(&opened));
    bob.post(RESEND, Value::Null).await.assert(200, json!(true));
    let token = sent(&server, &postbox, NEW).await;
    confirm(&server, &token).await.assert_status(200);
    assert_eq!(role_of(&server, NEW), "user");
    let first = fresh(&server, &first);
    let states: Vec<_> = listed(&first).await.iter().map(|mail| mail["state"].clone()).collect();
    assert_eq!(states, [json!("cancelled"), json!("sent")]);
});

with_databases!(current, c3_an_invite_to_another_e_mail_address_is_dead, async |db| {
    let postbox = Postbox::willing();
    let (server, first) = asking(db, &postbox).await;
    let invite = json!({ "name": "Eve", "email": "eva@rosterd.test", "mail": false });
    let made = first.post("/api/v1/users/invite", invite).await.assert_status(200).json();
    let id = made["user"]["id"].as_str().unwrap();
    let update = format!("/api/v1/users/{id}/update");
    first.post(&update, form("Eve", "eve@rosterd.test", json!({}))).await.assert_status(200);
    dead(&server, made["token"].as_str().unwrap()).await;
    let token = sent(&server, &postbox, "eve@rosterd.test").await;
    confirm(&server, &token).await.assert_status(200);
    assert_eq!(role_of(&server, "eve@rosterd.test"), "user");
});

with_databases!(current, c3_what_is_refused_asks_for_nothing, async |db| {
    let postbox = Postbox::willing();
    let (server, first) = asking(db, &postbox).await;
    let bob = server.db_user("bob").email("bobby@rosterd.test").create().await;
    let (_zoe, _token) = waiting(&server, &postbox, "zoe").await;
    let taken = form("bob", "zoe@rosterd.test", json!({}));
    first.post(&path_of(&bob, "/update"), taken).await.assert_error(400, "EMAIL_TAKEN");
    let weak = form("bob", NEW, json!({ "password": "short" }));
    first.post(&path_of(&bob, "/update"), weak).await.assert_error(400, "INVALID_PASSWORD");
    assert_eq!((role_of(&server, bob.email()).as_str(), waits(&server)), ("user", 1));
    assert_eq!(deliver(&server).await, 0);
});
