//! What people change about their own record, and whom they may ask for help.

use rosterd_domain::role::Role;
use rosterd_testkit::with_servers;
use serde_json::{Value, json};

use super::SESSION;
use crate::support::set_config;

const UPDATE: &str = "/api/v1/auths/update/profile";
const DETAILS: &str = "/api/v1/auths/admin/details";

/// One pixel.
const PNG: &str = "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==";

with_servers!(all, a_profile_is_changed_in_part, async |server| {
    let bob = server.db_user("bob").create().await;
    server.clock().advance(60);
    let sent = json!({
        "name": "Bob B.", "profile_image_url": PNG, "bio": "Hi", "gender": "x", "date_of_birth": "1990-02-28",
    });
    let changed = bob.post(UPDATE, sent).await;
    let wanted = json!({
        "id": bob.id(), "name": "Bob B.", "role": "user", "email": bob.email(), "profile_image_url": PNG,
    });
    changed.assert(200, wanted);
    let row = server.db_get_user(bob.id()).await;
    assert_eq!(row.updated_at, server.now(), "R5");

    // Absent stays, null clears.
    let sent = json!({ "name": "Bob", "profile_image_url": "/user.png", "bio": null });
    bob.post(UPDATE, sent).await.assert_status(200);
    let session = bob.get(SESSION).await;
    assert_eq!((session.at("/name"), session.at("/bio")), (json!("Bob"), Value::Null));
    assert_eq!((session.at("/gender"), session.at("/date_of_birth")), (json!("x"), json!("1990-02-28")));
});

with_servers!(all, a_profile_cannot_raise_its_owner, async |server| {
    let bob = server.db_user("bob").create().await;
    let sent = json!({
        "name": "bob", "profile_image_url": "/user.png", "role": "admin", "email": "x@rosterd.test", "id": "x",
        "created_at": 0,
    });
    let before = server.db_get_user(bob.id()).await;
    bob.post(UPDATE, sent).await.assert_status(200);
    let after = server.db_get_user(bob.id()).await;
    assert_eq!((after.role, after.email, after.created_at), (Role::User, before.email, before.created_at));
});

with_servers!(own, every_faulty_field_of_a_profile_is_named, async |server| {
    // Active, so that what bob calls does not mark it so.
    let bob = server.db_user("bob").last_active_at(server.now()).create().await;
    let before = server.db_get_user(bob.id()).await;
    bob.post(UPDATE, json!({})).await.assert_invalid(&["body/name", "body/profile_image_url"]);
    let wrong =
        json!({ "name": " ", "profile_image_url": 1, "bio": 1, "gender": {}, "date_of_birth": "1990-02-31" });
    let places = ["body/bio", "body/date_of_birth", "body/gender", "body/name", "body/profile_image_url"];
    bob.post(UPDATE, wrong).await.assert_invalid(&places);
    for url in ["javascript:alert(1)", "//evil.example/a.png", "/api/v1/auths/signout"] {
        let sent = json!({ "name": "bob", "profile_image_url": url });
        bob.post(UPDATE, sent).await.assert_invalid(&["body/profile_image_url"]);
    }
    assert_eq!(server.db_get_user(bob.id()).await, before);
    let pending = server.db_user("dave").role(Role::Pending).create().await;
    pending.post(UPDATE, json!({})).await.assert_error(401, "ACCESS_PROHIBITED");
    server.anonymous().post(UPDATE, json!({})).await.assert_error(401, "NOT_AUTHENTICATED");
});

with_servers!(own, people_who_wait_are_told_whom_to_ask, async |server| {
    let ada = server.db_admin("ada").create().await;
    let _ben = server.db_admin("ben").create().await;
    let dave = server.db_user("dave").role(Role::Pending).create().await;
    server.anonymous().get(DETAILS).await.assert_error(401, "NOT_AUTHENTICATED");
    dave.get(DETAILS).await.assert(200, json!({ "name": "ada", "email": ada.email() }));

    server.db_set_config("auth.admin.email", json!("BEN@rosterd.test")).await;
    dave.get(DETAILS).await.assert(200, json!({ "name": "ben", "email": "BEN@rosterd.test" }));
    server.db_set_config("auth.admin.email", json!("helpdesk@rosterd.test")).await;
    dave.get(DETAILS).await.assert(200, json!({ "name": null, "email": "helpdesk@rosterd.test" }));
    server.db_set_config("auth.admin.email", json!("")).await;
    dave.get(DETAILS).await.assert(200, json!({ "name": "ada", "email": ada.email() }));

    set_config(&ada, json!({ "SHOW_ADMIN_DETAILS": false })).await.assert_status(200);
    dave.get(DETAILS).await.assert_error(403, "ACCESS_PROHIBITED");
});

with_servers!(all, a_profile_longer_than_a_screen_shows_is_refused_unless_it_is_stored, async |server| {
    let long = "ü".repeat(3_000);
    let stored = long.clone();
    let bob = server.db_user("bob").with(move |row| row.bio = Some(Some(stored))).create().await;
    let form = |bio: String, gender: usize| json!({ "name": "bob", "profile_image_url": "/user.png", "bio": bio, "gender": "x".repeat(gender) });
    bob.post(UPDATE, form(long.clone(), 100)).await.assert_status(200);
    bob.post(UPDATE, form(format!("{long}!"), 101)).await.assert_invalid(&["body/bio", "body/gender"]);
    assert_eq!(server.db_get_user(bob.id()).await.bio, Some(long));
    bob.post(UPDATE, form("ü".repeat(2_000), 0)).await.assert_status(200);
});

with_servers!(all, a_profile_is_judged_only_where_it_changes, async |server| {
    let bob = server.db_user("bob").create().await;
    let odd = "UPDATE \"user\" SET name = '', profile_image_url = 'javascript:x' WHERE id = ";
    server.db().db_execute(&format!("{odd}'{}'", bob.id()));
    let sent = |name: &str, image: &str| json!({ "name": name, "profile_image_url": image, "bio": "Hi" });
    assert_eq!(bob.post(UPDATE, sent("", "javascript:x")).await.assert_status(200).at("/name"), json!(""));
    assert_eq!(server.db_get_user(bob.id()).await.bio.as_deref(), Some("Hi"));
    bob.post(UPDATE, sent(" ", "javascript:x")).await.assert_invalid(&["body/name"]);
    bob.post(UPDATE, sent("", "javascript:y")).await.assert_invalid(&["body/profile_image_url"]);
    let renamed = bob.post(UPDATE, sent(" Jose\u{301} ", "/user.png")).await;
    assert_eq!(renamed.assert_status(200).at("/name"), json!("José"));
});
