//! Updating and deleting users: rules P1 to P4 and R1 to R5.

use rosterd_domain::role::Role;
use rosterd_domain::user::UserModel;
use rosterd_testkit::{Caller, Method, PASSWORD, Reply, TestServer, with_servers};
use serde_json::{Value, json};

use crate::support::{
    LIST, NOBODY, SETTINGS, assert_gone, column, form, keys, merged, path_of, primary, record_keys, rows,
    traces_of,
};

async fn update(by: &Caller, user: &Caller, form: Value) -> Reply {
    by.post(&path_of(user, "/update"), form).await
}

async fn sign_in(server: &TestServer, email: &str, password: &str) -> Reply {
    server.anonymous().post("/api/v1/auths/signin", json!({ "email": email, "password": password })).await
}

with_servers!(all, p1_nobody_else_changes_or_deletes_the_primary_admin, async |server| {
    let (first, ben) = (primary(&server).await, server.db_admin("ben").create().await);
    let row = server.db_get_user(first.id()).await;
    for changes in
        [json!({ "role": "admin" }), json!({ "role": "pending" }), json!({ "password": "other-long-pass-9" })]
    {
        update(&ben, &first, form("x", "x@rosterd.test", changes))
            .await
            .assert_error(403, "ACTION_PROHIBITED");
    }
    ben.delete(&path_of(&first, "")).await.assert_error(403, "ACTION_PROHIBITED");
    first.delete(&path_of(&first, "")).await.assert_error(403, "ACTION_PROHIBITED");
    let after = server.db_get_user(first.id()).await;
    // A job may have noted that it is active.
    assert_eq!(UserModel { last_active_at: row.last_active_at, ..after }, row);
    sign_in(&server, first.email(), PASSWORD).await.assert_status(200);
});

with_servers!(all, p1_the_primary_admin_changes_itself_but_not_its_role, async |server| {
    let first = primary(&server).await;
    for role in ["user", "pending"] {
        let wish = form("First", first.email(), json!({ "role": role }));
        update(&first, &first, wish).await.assert_error(403, "ACTION_PROHIBITED");
    }
    let wish = form("First Lady", "lady@rosterd.test", json!({ "role": "admin" }));
    assert_eq!(update(&first, &first, wish).await.assert_status(200).at("/name"), "First Lady");
});

with_servers!(own, p1_of_two_created_in_the_same_second_the_lower_id_is_primary, async |server| {
    let second = server.db_admin("b").id("id-2").created_at(1).create().await;
    let first = server.db_admin("a").id("id-1").created_at(1).create().await;
    second.delete(&path_of(&first, "")).await.assert_error(403, "ACTION_PROHIBITED");
    first.delete(&path_of(&second, "")).await.assert(200, json!(true));
});

with_servers!(current, n21_of_two_created_in_the_same_second_an_admin_is_primary, async |server| {
    let user = server.db_user("a").id("id-1").created_at(1).create().await;
    let first = server.db_admin("b").id("id-2").created_at(1).create().await;
    let other = server.db_admin("c").create().await;
    other.delete(&path_of(&first, "")).await.assert_error(403, "ACTION_PROHIBITED");
    other.delete(&path_of(&user, "")).await.assert(200, json!(true));
});

with_servers!(newest, n22_messages_and_files_of_a_deleted_users_chats_go_too, async |server| {
    let (ada, bob) = (server.db_admin("ada").create().await, server.db_user("bob").create().await);
    for (chat, owner) in [("d-bob", &bob), ("d-ada", &ada)] {
        server.db().db_execute(&format!(
            "INSERT INTO chat (id, user_id, title, archived, created_at, updated_at, chat, pinned, meta) \
             VALUES ('{chat}', '{}', 'x', false, 1, 1, '{{}}', false, '{{}}')",
            owner.id()
        ));
        for author in [&bob, &ada] {
            server.db().db_execute(&format!(
                "INSERT INTO chat_message (id, chat_id, user_id, role) VALUES ('{chat}-{0}', '{chat}', '{0}', 'user')",
                author.id()
            ));
        }
        server.db().db_execute(&format!(
            "INSERT INTO automation_run (id, automation_id, chat_id, status, created_at) \
             VALUES ('run-{chat}', 'auto', '{chat}', 'done', 1)"
        ));
    }
    ada.delete(&path_of(&bob, "")).await.assert(200, json!(true));
    assert_eq!(rows(&server, "chat_message WHERE chat_id = 'd-bob'"), 0);
    assert_eq!(rows(&server, "chat_message WHERE chat_id = 'd-ada'"), 2, "whoever wrote them");
    assert_eq!(rows(&server, "automation_run WHERE id = 'run-d-bob' AND chat_id IS NULL"), 1);
    assert_eq!(rows(&server, "automation_run WHERE chat_id = 'd-ada'"), 1);
});

with_servers!(all, p2_p3_an_unknown_id_and_oneself_are_not_deleted, async |server| {
    let ben = server.db_admin("ben").create().await;
    ben.delete(&format!("/api/v1/users/{NOBODY}")).await.assert_error(400, "USER_NOT_FOUND");
    ben.delete(&path_of(&ben, "")).await.assert_error(403, "ACTION_PROHIBITED");
    ben.get(SETTINGS).await.assert_status(200);
});

with_servers!(all, p4_a_deleted_user_is_gone_from_every_table, async |server| {
    let (ada, bob) = (server.db_admin("ada").create().await, server.db_user("bob").create().await);
    let group = server.db_group("team", &[&bob, &ada], Value::Null).await;
    server.db_api_key(&bob, "sk-bob").await;
    server.db().db_execute(&format!(
        "INSERT INTO oauth_session (id, user_id, provider, token, expires_at, created_at, updated_at) \
         VALUES ('o-1', '{}', 'google', 'x', 9, 1, 1)",
        bob.id()
    ));
    insert_shared_chat(&server, &bob);
    assert!(traces_of(server.db(), bob.id().as_str()).iter().all(|(_, rows)| *rows > 0));

    server.clock().advance(60);
    ada.delete(&path_of(&bob, "")).await.assert(200, json!(true));
    assert_gone(server.db(), bob.id().as_str());
    let shown = ada.get(&format!("/api/v1/groups/id/{group}")).await;
    assert_eq!(shown.assert_status(200).at("/updated_at"), server.now(), "the group has changed");
    assert_eq!(rows(&server, &format!("group_member WHERE group_id = '{group}'")), 1);
    // Its credentials died with it, and deleting it again finds nobody.
    bob.get(SETTINGS).await.assert_error(401, "INVALID_TOKEN");
    bob.with_bearer("sk-bob").get(SETTINGS).await.assert_error(401, "INVALID_TOKEN");
    sign_in(&server, bob.email(), PASSWORD).await.assert_error(400, "INVALID_CREDENTIALS");
    ada.get(&path_of(&bob, "")).await.assert_error(400, "USER_NOT_FOUND");
    ada.delete(&path_of(&bob, "")).await.assert_error(400, "USER_NOT_FOUND");
    assert!(column(&ada.get(&format!("{LIST}?query={}", bob.email())).await, "id").is_empty());
});

/// A chat of this user, with the copy that sharing makes of it.
fn insert_shared_chat(server: &TestServer, owner: &Caller) {
    let (chat, copy) = (format!("'c-1', '{}'", owner.id()), "'c-2', 'shared-c-1'");
    let own = server.store().layout().ownership == rosterd_storage::Ownership::Standalone;
    for (ids, share) in [(chat.as_str(), "'c-2'"), (copy, "NULL")] {
        let archived = if server.db().is_postgres() { "false" } else { "0" };
        let sql = if own {
            format!("INSERT INTO chat (id, user_id, share_id) VALUES ({ids}, {share})")
        } else {
            format!(
                "INSERT INTO chat (id, user_id, share_id, title, archived, created_at, updated_at, chat) \
                 VALUES ({ids}, {share}, 'x', {archived}, 1, 1, '{{}}')"
            )
        };
        server.db().db_execute(&sql);
    }
}

with_servers!(all, p4_shared_copies_of_a_deleted_users_chats_go_with_them, async |server| {
    let (ada, bob) = (server.db_admin("ada").create().await, server.db_user("bob").create().await);
    insert_shared_chat(&server, &bob);
    ada.delete(&path_of(&bob, "")).await.assert(200, json!(true));
    assert_eq!(rows(&server, "chat WHERE id IN ('c-1', 'c-2')"), 0);
});

with_servers!(own, r1_a_role_is_one_of_three, async |server| {
    let (ada, bob) = (server.db_admin("ada").create().await, server.db_user("bob").create().await);
    for role in [json!("superuser"), json!(""), json!("Admin"), json!(1)] {
        update(&ada, &bob, form("b", bob.email(), json!({ "role": role })))
            .await
            .assert_invalid(&["body/role"]);
    }
    for role in ["pending", "user", "admin"] {
        let reply = update(&ada, &bob, form("b", bob.email(), json!({ "role": role }))).await;
        assert_eq!(reply.assert_status(200).at("/role"), role);
    }
});

with_servers!(own, r1_a_change_of_role_counts_at_the_next_request, async |server| {
    let (ada, bob) = (server.db_admin("ada").create().await, server.db_user("bob").create().await);
    bob.get(LIST).await.assert_error(401, "ACCESS_PROHIBITED");
    update(&ada, &bob, form("b", bob.email(), json!({ "role": "admin" }))).await.assert_status(200);
    bob.get(LIST).await.assert_status(200);
    update(&ada, &bob, form("b", bob.email(), json!({ "role": "pending" }))).await.assert_status(200);
    bob.get(SETTINGS).await.assert_error(401, "ACCESS_PROHIBITED");
});

with_servers!(all, r2_an_address_is_trimmed_lower_cased_and_one_account_s_only, async |server| {
    let (ada, bob) = (server.db_admin("ada").create().await, server.db_user("bob").create().await);
    let eve = server.db_user("eve").create().await;
    let reply = update(&ada, &bob, form("Bob", "  BÖB.New@Rosterd.TEST ", json!({}))).await;
    assert_eq!(reply.assert_status(200).at("/email"), "böb.new@rosterd.test");
    sign_in(&server, "BÖB.NEW@rosterd.test", PASSWORD).await.assert_status(200);
    for taken in ["böb.new@rosterd.test", " BÖB.NEW@ROSTERD.TEST"] {
        update(&ada, &eve, form("Eve", taken, json!({}))).await.assert_error(400, "EMAIL_TAKEN");
    }
    // One's own in another case is no claim.
    update(&ada, &bob, form("Bob", "BÖB.new@rosterd.test", json!({}))).await.assert_status(200);
    for wrong in
        ["not-an-email", "@x.y", "a@b", "a b@c.de", "", "a@b@c.de", &format!("{}@c.de", "a".repeat(300))]
    {
        update(&ada, &eve, form("Eve", wrong, json!({}))).await.assert_error(400, "INVALID_EMAIL_FORMAT");
    }
    assert_eq!(server.db_get_user(eve.id()).await.email, eve.email());
});

with_servers!(own, r3_passwords_are_judged_before_they_are_stored, async |server| {
    let (ada, bob) = (server.db_admin("ada").create().await, server.db_user("bob").create().await);
    let set = async |password: Value| {
        update(&ada, &bob, form("Bob", bob.email(), json!({ "password": password }))).await
    };
    for unchanged in [json!(null), json!("")] {
        set(unchanged).await.assert_status(200);
    }
    sign_in(&server, bob.email(), PASSWORD).await.assert_status(200);
    set(json!("short")).await.assert_error(400, "INVALID_PASSWORD");
    // 73 bytes in 37 characters.
    set(json!(format!("{}x", "ü".repeat(36)))).await.assert_error(400, "PASSWORD_TOO_LONG");
    set(json!(7)).await.assert_invalid(&["body/password"]);
    sign_in(&server, bob.email(), PASSWORD).await.assert_status(200);
    // 72 bytes are fine.
    let longest = format!("grüner wald im regen {}", "ü".repeat(25));
    assert_eq!(longest.len(), 72);
    set(json!(longest)).await.assert_status(200);
    sign_in(&server, bob.email(), &longest).await.assert_status(200);
    sign_in(&server, bob.email(), PASSWORD).await.assert_error(400, "INVALID_CREDENTIALS");
    let hash = server.db().db_value(&format!("SELECT password FROM auth WHERE id = '{}'", bob.id())).unwrap();
    assert!(hash.starts_with("$2b$04$"), "{hash}");
});

with_servers!(all, r4_one_update_writes_both_rows_or_none, async |server| {
    let (ada, bob) = (server.db_admin("ada").create().await, server.db_user("bob").create().await);
    let auth =
        |id: &str| server.db().db_query_text(&format!("SELECT email, password FROM auth WHERE id = '{id}'"));
    let (row, before) = (server.db_get_user(bob.id()).await, auth(bob.id().as_str()));
    let refused =
        form("New Name", ada.email(), json!({ "role": "admin", "password": "another-long-password" }));
    update(&ada, &bob, refused).await.assert_error(400, "EMAIL_TAKEN");
    let refused = form("New Name", "new@rosterd.test", json!({ "password": "short" }));
    update(&ada, &bob, refused).await.assert_error(400, "INVALID_PASSWORD");
    assert_eq!((server.db_get_user(bob.id()).await, auth(bob.id().as_str())), (row, before.clone()));

    let all =
        form("New Name", "new@rosterd.test", json!({ "role": "admin", "password": "another-long-password" }));
    let reply = update(&ada, &bob, all).await;
    let shown = reply.assert_status(200).json();
    assert_eq!(keys(&shown).len(), record_keys(&server));
    let row = server.db_get_user(bob.id()).await;
    assert_eq!(
        (row.name.as_str(), row.role, row.email.as_str()),
        ("New Name", Role::Admin, "new@rosterd.test")
    );
    let after = auth(bob.id().as_str());
    assert_eq!(after[0][0].as_deref(), Some("new@rosterd.test"));
    assert_ne!(after[0][1], before[0][1]);
});

with_servers!(own, r5_updated_at_moves_with_a_change_and_not_with_activity, async |server| {
    let (ada, bob) = (server.db_admin("ada").create().await, server.db_user("bob").create().await);
    let before = server.db_get_user(bob.id()).await.updated_at;
    server.clock().advance(100);
    bob.get(SETTINGS).await.assert_status(200);
    update(&ada, &bob, form("bob", bob.email(), json!({}))).await.assert_status(200);
    assert_eq!(server.db_get_user(bob.id()).await.updated_at, before, "nothing has changed");
    update(&ada, &bob, form("Robert", bob.email(), json!({}))).await.assert_status(200);
    assert_eq!(server.db_get_user(bob.id()).await.updated_at, server.now());
});

with_servers!(older, every_missing_or_wrong_field_of_an_update_is_named, async |server| {
    let (ada, bob) = (server.db_admin("ada").create().await, server.db_user("bob").create().await);
    let all = ["body/email", "body/name", "body/profile_image_url", "body/role"];
    update(&ada, &bob, json!({})).await.assert_invalid(&all);
    let wrong = json!({ "role": 1, "name": 7, "email": null, "profile_image_url": [], "password": {} });
    update(&ada, &bob, wrong).await.assert_invalid(&[&all[..], &["body/password"]].concat());
    for name in ["", "  ", &"x".repeat(256)] {
        update(&ada, &bob, form(name, bob.email(), json!({}))).await.assert_invalid(&["body/name"]);
    }
    let nobody = format!("/api/v1/users/{NOBODY}/update");
    ada.post(&nobody, form("x", "x@rosterd.test", json!({}))).await.assert_error(400, "USER_NOT_FOUND");
});

with_servers!(own, n9_a_profile_image_url_is_a_picture_a_known_path_or_a_web_page, async |server| {
    let ada = server.db_admin("ada").create().await;
    let bob = server.db_user("bob").create().await;
    for url in [
        "javascript:alert(1)",
        "data:text/html;base64,PGI+",
        "data:image/svg+xml;base64,PHN2Zy8+",
        "data:image/png;base64,PGI+",
        "ftp://x",
        "/a b",
        "//evil.example/a.png",
        "/\\evil.example/a.png",
        "https:\\\\evil.example/a.png",
        "https://good.example@evil.example/a.png",
        "https://:80/a.png",
        "/api/v1/auths/signout",
        "/api/v1/users/all",
        "/api/v1/users/../profile/image",
    ] {
        let wish = form("Bob", bob.email(), json!({ "profile_image_url": url }));
        update(&ada, &bob, wish).await.assert_invalid(&["body/profile_image_url"]);
    }
    for url in
        ["", "/user.png", "/static/favicon.png", &path_of(&ada, "/profile/image"), "https://x.example/a.png"]
    {
        let wish = form("Bob", bob.email(), json!({ "profile_image_url": url }));
        let shown = if url.is_empty() { path_of(&bob, "/profile/image") } else { url.to_owned() };
        assert_eq!(update(&ada, &bob, wish).await.at("/profile_image_url"), json!(shown));
    }
});

with_servers!(all, what_an_update_does_not_change_is_not_judged, async |server| {
    let (ada, bob) = (server.db_admin("ada").create().await, server.db_user("bob").create().await);
    let odd = "UPDATE \"user\" SET name = '', email = 'no address', role = 'owner', \
               profile_image_url = 'javascript:x' WHERE id = ";
    server.db().db_execute(&format!("{odd}'{}'", bob.id()));
    let long = "x".repeat(255);
    let as_shown = json!({
        "role": "owner", "name": "", "email": "no address", "profile_image_url": "javascript:x",
    });
    let before = server.db_get_user(bob.id()).await;
    update(&ada, &bob, as_shown.clone()).await.assert_status(200);
    assert_eq!(server.db_get_user(bob.id()).await, before, "R5");
    for (changes, key) in [
        (json!({ "role": "user" }), "role"),
        (json!({ "name": long }), "name"),
        (json!({ "profile_image_url": "/user.png" }), "profile_image_url"),
        (json!({ "email": "bob@rosterd.test" }), "email"),
    ] {
        let sent = merged(as_shown.clone(), changes.clone());
        let wanted = changes[key].clone();
        assert_eq!(update(&ada, &bob, sent).await.assert_status(200).at(&format!("/{key}")), wanted);
        // Back again, for the next.
        server.db().db_execute(&format!("{odd}'{}'", bob.id()));
    }
    for (changes, place) in [
        (json!({ "role": "root" }), "body/role"),
        (json!({ "name": " " }), "body/name"),
        (json!({ "profile_image_url": "javascript:y" }), "body/profile_image_url"),
    ] {
        update(&ada, &bob, merged(as_shown.clone(), changes)).await.assert_invalid(&[place]);
    }
    let other = merged(as_shown, json!({ "email": "another that is none" }));
    update(&ada, &bob, other).await.assert_error(400, "INVALID_EMAIL_FORMAT");
});

with_servers!(all, r2_an_address_does_not_change_by_its_spelling_alone, async |server| {
    let (ada, bob) = (server.db_admin("ada").create().await, server.db_user("bob").create().await);
    for table in ["user", "auth"] {
        let sql = format!(r#"UPDATE "{table}" SET email = 'JD@intranet ' WHERE id = '{}'"#, bob.id());
        server.db().db_execute(&sql);
    }
    let sent = form("Robert", "jd@intranet", json!({}));
    let updated = update(&ada, &bob, sent).await;
    assert_eq!(updated.assert_status(200).at("/email"), json!("JD@intranet "));
    assert_eq!(updated.at("/name"), json!("Robert"));
});

with_servers!(all, s4_an_account_that_was_changed_meanwhile_stays, async |server| {
    let (first, bob) = (primary(&server).await, server.db_user("bob").create().await);
    let shown = path_of(&bob, "");
    let tag_now = async || first.get(&shown).await.header("etag").unwrap().to_owned();
    let tag = tag_now().await;
    let update = async |tag: &str, changes: Value| {
        let form = form("Bob", bob.email(), changes);
        first
            .request(Method::POST, &path_of(&bob, "/update"))
            .header("if-match", tag)
            .json(&form)
            .send()
            .await
    };
    let stored = update(&tag, json!({})).await;
    let now = stored.assert_status(200).header("etag").unwrap().to_owned();
    assert_ne!(now, tag);
    assert_eq!(tag_now().await, now);
    // A password is not in the version, and is not set over another one either.
    let password = json!({ "password": "other-long-pass-9" });
    update(&tag, password.clone()).await.assert_error(412, "PRECONDITION_FAILED");
    sign_in(&server, bob.email(), PASSWORD).await.assert_status(200);
    update(&now, password).await.assert_status(200);
    sign_in(&server, bob.email(), "other-long-pass-9").await.assert_status(200);
    assert_eq!(tag_now().await, now);
    // Another program writes to the same row.
    let theirs = |column: &str| format!(r#"UPDATE "user" SET {column} = 'theirs' WHERE id = '{}'"#, bob.id());
    server.db().db_execute(&theirs("bio"));
    update(&now, json!({ "name": "Mine" })).await.assert_error(412, "PRECONDITION_FAILED");
    let now = tag_now().await;
    update(&now, json!({ "name": "Mine" })).await.assert_status(200);
    update("*", json!({ "name": "Ours" })).await.assert_status(200);
    first.post(&path_of(&bob, "/update"), form("Bob", bob.email(), json!({}))).await.assert_status(200);
    assert_eq!(tag_now().await, now, "as it was before");
    // Who may not see the account is not told when it changes.
    let eve = server.db_user("eve").create().await;
    assert_eq!(eve.get(&shown).await.assert_status(200).header("etag"), None);
    let nobody =
        first.request(Method::POST, &format!("/api/v1/users/{NOBODY}/update")).header("if-match", &now);
    nobody.json(&form("x", "x@rosterd.test", json!({}))).send().await.assert_error(400, "USER_NOT_FOUND");
});
