//! `/users/user/settings`: rules S1, S2 and S4.

use rosterd_domain::dialect::Dialect;
use rosterd_testkit::{Caller, Method, Reply, ServerBuilder, with_servers};
use serde_json::{Value, json};

use crate::support::{INFO, SETTINGS, UPDATE_INFO, UPDATE_SETTINGS, at_once, count, path_of};

async fn send(caller: &Caller, body: Value) -> Reply {
    caller.post(UPDATE_SETTINGS, body).await
}

async fn send_if(caller: &Caller, tag: &str, body: Value) -> Reply {
    caller.request(Method::POST, UPDATE_SETTINGS).header("if-match", tag).json(&body).send().await
}

async fn tag_of(caller: &Caller) -> String {
    caller.get(SETTINGS).await.assert_status(200).header("etag").unwrap().to_owned()
}

with_servers!(older, s1_a_sent_key_replaces_the_stored_key_ui_included, async |server| {
    let bob = server.db_user("bob").create().await;
    bob.get(SETTINGS).await.assert(200, Value::Null);
    let first = json!({ "ui": { "a": 1, "deep": { "b": [true, null] } }, "extra": { "k": "v" } });
    send(&bob, first.clone()).await.assert(200, first.clone());
    bob.get(SETTINGS).await.assert(200, first);

    let wanted = json!({ "ui": { "c": 2 }, "extra": { "k": "v" }, "more": null });
    send(&bob, json!({ "ui": { "c": 2 }, "more": null })).await.assert(200, wanted.clone());
    // The same again changes nothing.
    send(&bob, json!({ "ui": { "c": 2 } })).await.assert(200, wanted.clone());
    bob.get(SETTINGS).await.assert(200, wanted);
});

fn of_an_older_front_end(server: ServerBuilder) -> ServerBuilder {
    server.store(|store| store.dialect = Dialect::V0_6)
}

with_servers!(
    own,
    s1_a_standalone_database_can_speak_to_an_older_front_end,
    of_an_older_front_end,
    async |server| {
        let bob = server.db_user("bob").settings(json!({ "ui": { "a": 1 } })).create().await;
        send(&bob, json!({ "ui": { "b": null } })).await.assert(200, json!({ "ui": { "b": null } }));
        let ada = server.db_admin("ada").create().await;
        let template = ada.get("/api/v1/users/default/permissions").await.assert_status(200).json();
        assert_eq!(template.as_object().unwrap().len(), 4);
    }
);

with_servers!(own, s1_what_is_stored_keeps_its_order_and_its_digits, async |server| {
    let bob = server.db_user("bob").create().await;
    let text = r#"{"ui":{"z":1.50,"a":12345678901234567890,"m":1e400,"ü":"😀"},"b":-0.0,"a":[]}"#;
    let sent = bob.request(Method::POST, UPDATE_SETTINGS).body("application/json", text).send().await;
    assert_eq!(sent.assert_status(200).text(), text);
    assert_eq!(bob.get(SETTINGS).await.text(), text);
});

with_servers!(own, s2_ui_absent_or_null_keeps_the_stored_ui, async |server| {
    let bob = server.db_user("bob").settings(json!({ "ui": { "a": 1 } })).create().await;
    send(&bob, json!({ "x": 1 })).await.assert(200, json!({ "ui": { "a": 1 }, "x": 1 }));
    send(&bob, json!({ "ui": null, "x": 2 })).await.assert(200, json!({ "ui": { "a": 1 }, "x": 2 }));
    send(&bob, json!({})).await.assert(200, json!({ "ui": { "a": 1 }, "x": 2 }));
    // With nothing stored an empty one is shown.
    let eve = server.db_user("eve").create().await;
    send(&eve, json!({ "ui": null })).await.assert(200, json!({ "ui": {} }));
});

with_servers!(own, s2_a_ui_that_is_no_object_is_refused_and_nothing_stored, async |server| {
    let bob = server.db_user("bob").create().await;
    for ui in [json!("dark"), json!([]), json!(7), json!(false)] {
        send(&bob, json!({ "ui": ui, "x": 1 })).await.assert_invalid(&["body/ui"]);
    }
    for body in [json!([1]), json!("x"), json!(1), Value::Null] {
        send(&bob, body).await.assert_invalid(&["body"]);
    }
    bob.get(SETTINGS).await.assert(200, Value::Null);
});

with_servers!(older, s2_tool_servers_are_stored_only_for_those_who_may, async |server| {
    let sent = json!({ "ui": { "toolServers": [{ "url": "https://t.example.net" }], "x": 1 }, "y": 2 });
    let without = json!({ "ui": { "x": 1 }, "y": 2 });

    let bob = server.db_user("bob").create().await;
    send(&bob, sent.clone()).await.assert(200, without.clone());
    // An admin may without any group.
    let ben = server.db_admin("ben").create().await;
    send(&ben, sent.clone()).await.assert(200, sent.clone());
    // A group that gives the right counts from the next request on, and until it is gone.
    let rights = json!({ "features": { "direct_tool_servers": true } });
    let group = server.db_group("tools", &[&bob], rights).await;
    send(&bob, sent.clone()).await.assert(200, sent.clone());
    let members = json!({ "user_ids": [bob.id().as_str()] });
    ben.post(&format!("/api/v1/groups/id/{group}/users/remove"), members).await.assert_status(200);
    send(&bob, json!({ "y": 3 })).await.assert(200, crate::support::merged(sent.clone(), json!({ "y": 3 })));
    send(&bob, sent).await.assert(200, without);
});

with_servers!(own, s2_the_template_gives_the_right_to_tool_servers_too, async |server| {
    let bob = server.db_user("bob").create().await;
    server.db_set_config("user.permissions", json!({ "features": { "direct_tool_servers": true } })).await;
    let sent = json!({ "ui": { "toolServers": [1] } });
    send(&bob, sent.clone()).await.assert(200, sent);
});

with_servers!(own, s2_a_stored_value_that_is_no_object_counts_as_absent, async |server| {
    let bob = server.db_user("bob").create().await;
    for stored in ["'null'", "NULL", "'[1]'"] {
        server
            .db()
            .db_execute(&format!(r#"UPDATE "user" SET settings = {stored} WHERE id = '{}'"#, bob.id()));
        bob.get(SETTINGS).await.assert(200, Value::Null);
    }
    send(&bob, json!({ "a": 1 })).await.assert(200, json!({ "a": 1, "ui": {} }));
});

with_servers!(attached, s1_settings_that_are_not_quite_json_are_read_and_merged_into, async |server| {
    let bob = server.db_user("bob").settings(json!({ "ui": { "a": 1 } })).create().await;
    // As Python writes numbers that JSON has not. PostgreSQL lets nobody store them.
    if !server.db().is_postgres() {
        let odd = r#"{"ui": {"a": NaN}, "b": [Infinity, -Infinity, 1]}"#;
        server.db().db_execute(&format!(r#"UPDATE "user" SET settings = '{odd}' WHERE id = '{}'"#, bob.id()));
        bob.get(SETTINGS).await.assert(200, json!({ "ui": { "a": null }, "b": [null, null, 1] }));
        let wanted = json!({ "ui": { "a": null }, "b": [null, null, 1], "c": 1 });
        send(&bob, json!({ "c": 1 })).await.assert(200, wanted.clone());
        bob.get(SETTINGS).await.assert(200, wanted);
    }
    // Encoded twice, by a script.
    let twice = Value::from(json!({ "ui": { "a": 1 }, "b": 2 }).to_string()).to_string();
    for column in ["settings", "info"] {
        server
            .db()
            .db_execute(&format!(r#"UPDATE "user" SET {column} = '{twice}' WHERE id = '{}'"#, bob.id()));
    }
    bob.get(SETTINGS).await.assert(200, json!({ "ui": { "a": 1 }, "b": 2 }));
    send(&bob, json!({ "c": 3 })).await.assert(200, json!({ "ui": { "a": 1 }, "b": 2, "c": 3 }));
    bob.get(INFO).await.assert(200, json!({ "ui": { "a": 1 }, "b": 2 }));
    bob.post(UPDATE_INFO, json!({ "c": 3 })).await.assert(200, json!({ "ui": { "a": 1 }, "b": 2, "c": 3 }));
});

with_servers!(sqlite, s1_settings_that_cannot_be_read_are_never_overwritten, async |server| {
    let bob = server.db_user("bob").create().await;
    let broken = r#"{"ui": {"a": 1}, "tools": {"valv"#;
    for column in ["settings", "info"] {
        server
            .db()
            .db_execute(&format!(r#"UPDATE "user" SET {column} = '{broken}' WHERE id = '{}'"#, bob.id()));
    }
    bob.get(SETTINGS).await.assert(200, Value::Null);
    bob.get(INFO).await.assert(200, Value::Null);
    send(&bob, json!({ "c": 1 })).await.assert_error(409, "STORED_VALUE_UNREADABLE");
    bob.post(UPDATE_INFO, json!({ "c": 1 })).await.assert_error(409, "STORED_VALUE_UNREADABLE");
    let row = format!(r#"FROM "user" WHERE id = '{}'"#, bob.id());
    for column in ["settings", "info"] {
        assert_eq!(server.db().db_value(&format!("SELECT {column} {row}")).as_deref(), Some(broken));
    }
    // The row is whole all the same.
    bob.get("/api/v1/auths/").await.assert_status(200);
});

with_servers!(all, s4_an_update_with_a_tag_that_no_longer_fits_changes_nothing, async |server| {
    let bob = server.db_user("bob").create().await;
    // Nothing stored has a tag too, so that a first write can be guarded.
    let nothing = tag_of(&bob).await;
    let reply = send_if(&bob, &nothing, json!({ "a": 1 })).await;
    let first = reply.assert(200, json!({ "a": 1, "ui": {} })).header("etag").unwrap().to_owned();
    assert_eq!(tag_of(&bob).await, first, "the answer of an update has the tag of what it left");
    assert_ne!(first, nothing);

    send_if(&bob, &nothing, json!({ "a": 2 })).await.assert_error(412, "PRECONDITION_FAILED");
    send_if(&bob, &format!("W/{first}"), json!({ "a": 2 })).await.assert_error(412, "PRECONDITION_FAILED");
    send_if(&bob, "garbage", json!({ "a": 2 })).await.assert_error(412, "PRECONDITION_FAILED");
    bob.get(SETTINGS).await.assert(200, json!({ "a": 1, "ui": {} }));

    send_if(&bob, &format!("{nothing}, {first}"), json!({ "a": 3 })).await.assert_status(200);
    send_if(&bob, "*", json!({ "a": 4 })).await.assert_status(200);
    // Without a condition it merges.
    send(&bob, json!({ "b": 5 })).await.assert(200, json!({ "a": 4, "ui": {}, "b": 5 }));
});

with_servers!(own, s4_a_client_that_has_the_version_is_told_so, async |server| {
    let bob = server.db_user("bob").settings(json!({ "ui": {} })).create().await;
    let tag = tag_of(&bob).await;
    let again =
        async |tag: &str| bob.request(Method::GET, SETTINGS).header("if-none-match", tag).send().await;
    for fits in [tag.clone(), format!("W/{tag}"), format!("\"x\", {tag}"), "*".to_owned()] {
        let reply = again(&fits).await;
        reply.assert_status(304);
        assert_eq!(reply.header("etag"), Some(tag.as_str()));
        assert!(reply.bytes().is_empty());
    }
    again("\"other\"").await.assert_status(200);
});

with_servers!(all, s4_of_32_updates_on_the_same_version_one_is_made, async |server| {
    let bob = server.db_user("bob").create().await;
    let tag = tag_of(&bob).await;
    let requests = (0..32).map(|number| {
        let (bob, tag) = (bob.clone(), tag.clone());
        async move { send_if(&bob, &tag, json!({ "winner": number })).await }
    });
    let replies = at_once(requests).await;
    assert_eq!(count(&replies, 200, (412, "PRECONDITION_FAILED")), 1);
    let winner = replies.iter().find(|reply| reply.status() == 200).unwrap();
    bob.get(SETTINGS).await.assert(200, winner.json());
});

with_servers!(own, r5_settings_move_updated_at, async |server| {
    let bob = server.db_user("bob").create().await;
    let before = server.db_get_user(bob.id()).await.updated_at;
    server.clock().advance(5);
    send(&bob, json!({ "a": 1 })).await.assert_status(200);
    let after = server.db_get_user(bob.id()).await.updated_at;
    assert_eq!((after, after > before), (server.now(), true));
});

with_servers!(own, settings_are_nobody_elses, async |server| {
    let (eve, bob) = (server.db_user("eve").create().await, server.db_user("bob").create().await);
    send(&bob, json!({ "secret": "bob's" })).await.assert_status(200);
    eve.get(SETTINGS).await.assert(200, Value::Null);
    assert!(!eve.get(&path_of(&bob, "")).await.text().contains("bob's"));
});
