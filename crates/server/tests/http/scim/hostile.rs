//! What the token of a connection must not do: see others, hurt admins, lift suspensions, or open anything but SCIM.

use rosterd_testkit::{Caller, Method, Reply, TestServer, with_databases};
use serde_json::{Value, json};

use super::{
    CONNECTIONS, GROUP, USER, assert_refused, connection, delete, get, make_group, make_user, patch, post,
    put, request, token,
};
use crate::accounts::signed_in;
use crate::support::{ALL, LIST, NOBODY, SEARCH, SETTINGS, adopted, at_once, primary, rows};

fn active(value: bool) -> Value {
    json!([{ "op": "replace", "path": "active", "value": value }])
}

/// The number of resources of this list that meet the filter.
async fn found(provider: &Caller, list: &str, filter: &str) -> u64 {
    get(provider, &format!("{list}?filter={filter}"))
        .await
        .assert_status(200)
        .at("/totalResults")
        .as_u64()
        .unwrap()
}

/// The ids of the members, as the connection sees them.
async fn members(provider: &Caller, group: &str) -> Vec<String> {
    let group = get(provider, &format!("/Groups/{group}")).await;
    let members = group.assert_status(200).at("/members");
    let ids =
        members.as_array().into_iter().flatten().map(|member| member["value"].as_str().unwrap().to_owned());
    ids.collect()
}

fn role(server: &TestServer, id: &str) -> String {
    server.db().db_value(&format!(r#"SELECT role FROM "user" WHERE id = '{id}'"#)).unwrap()
}

fn is_member(server: &TestServer, group: &str, id: &str) -> bool {
    rows(server, &format!("group_member WHERE group_id = '{group}' AND user_id = '{id}'")) == 1
}

with_databases!(all, j1_j2_a_token_opens_scim_alone_and_nothing_else_opens_it, async |db| {
    let server = adopted(db).await;
    let admin = primary(&server).await;
    server.db_set_config("auth.enable_api_keys", json!(true)).await;
    server.db_api_key(&admin, "sk-admin").await;
    for path in ["/Users", "/ServiceProviderConfig", "/Groups/x", "/anything"] {
        assert_refused(&get(&admin, path).await, 404, None);
    }
    let secret = token(&admin, "provider", json!({})).await;
    let provider = server.anonymous().with_bearer(&secret);
    get(&provider, "/Users").await.assert_status(200);
    for path in
        [LIST, ALL, SEARCH, SETTINGS, CONNECTIONS, "/api/v1/groups/", "/api/v1/audit", "/api/v1/auths/"]
    {
        for shown in [provider.clone(), provider.by_cookie()] {
            shown.get(path).await.assert_status(401);
        }
    }
    let mut mistyped = secret.clone();
    let last = mistyped.pop().unwrap();
    mistyped.push(if last == 'a' { 'b' } else { 'a' });
    let basic = rosterd_testkit::Credential::Authorization(format!("Basic {secret}"));
    for other in [
        admin.clone(),
        signed_in(&server, &admin).await,
        admin.with_bearer("sk-admin"),
        provider.by_cookie(),
        provider.with(basic),
        provider.with_bearer(mistyped),
        provider.with_bearer(secret.to_uppercase()),
        provider.with_bearer(format!("{secret} {secret}")),
        provider.with_bearer(""),
    ] {
        for path in ["/Users", "/ServiceProviderConfig", "/Bulk", "/anything"] {
            assert_refused(&get(&other, path).await, 401, None);
        }
    }
});

/// Everything that can be asked of one resource.
async fn everything(provider: &Caller, list: &str, id: &str) -> Vec<Reply> {
    let path = format!("{list}/{id}");
    let body = if list == "/Users" {
        json!({ "schemas": [USER], "userName": "somebody@provider.example", "active": false })
    } else {
        json!({ "schemas": [GROUP], "displayName": "Somebody", "members": [] })
    };
    let change =
        if list == "/Users" { active(false) } else { json!([{ "op": "remove", "path": "members" }]) };
    vec![
        get(provider, &path).await,
        put(provider, &path, body).await,
        patch(provider, &path, change).await,
        delete(provider, &path).await,
    ]
}

with_databases!(all, j3_others_are_as_if_they_were_not_there, async |db| {
    let server = adopted(db).await;
    let admin = primary(&server).await;
    let provider = connection(&admin, "one", json!({})).await;
    let other = connection(&admin, "two", json!({})).await;
    let local = server.db_user("local").create().await;
    let local_group = server.db_group("Local", &[&local], Value::Null).await.to_string();
    let theirs = make_user(&other, "theirs@provider.example").await;
    let their_group = make_group(&other, "Theirs", std::slice::from_ref(&theirs)).await;
    let gone = make_user(&provider, "gone@provider.example").await;
    delete(&provider, &format!("/Users/{gone}")).await.assert_status(204);
    let before = (rows(&server, "auth"), rows(&server, "group_member"));
    for (list, ids) in [
        ("/Users", vec![local.id().to_string(), admin.id().to_string(), theirs.clone(), gone.clone()]),
        ("/Groups", vec![local_group.clone(), their_group.clone()]),
    ] {
        let nobody = everything(&provider, list, NOBODY).await;
        for id in ids {
            for (reply, wanted) in everything(&provider, list, &id).await.iter().zip(&nobody) {
                assert_refused(reply, 404, None);
                assert_eq!(reply.text().replace(&id, NOBODY), wanted.text(), "{reply}");
            }
            assert_eq!(found(&provider, list, &format!("id eq \"{id}\"")).await, 0);
        }
    }
    for filter in [
        format!("userName eq \"{}\" or emails co \"theirs\"", local.email()),
        format!("groups.value eq \"{local_group}\" or groups.display eq \"Theirs\""),
        "not (userName pr)".to_owned(),
        "not (active eq false) and userName ew \"provider.example\"".to_owned(),
    ] {
        assert_eq!(found(&provider, "/Users", &filter).await, 0, "{filter}");
    }
    assert_eq!(found(&provider, "/Groups", "displayName pr").await, 0);
    assert_eq!(before, (rows(&server, "auth"), rows(&server, "group_member")));
    assert_eq!(found(&other, "/Users", "active eq true").await, 1);
});

with_databases!(
    all,
    j3_j8_members_whom_a_connection_does_not_see_are_neither_shown_nor_changed,
    async |db| {
        let server = adopted(db).await;
        let admin = primary(&server).await;
        let provider = connection(&admin, "one", json!({})).await;
        let other = connection(&admin, "two", json!({})).await;
        let local = server.db_user("local").create().await;
        let (hidden, theirs) = (local.id().to_string(), make_user(&other, "theirs@provider.example").await);
        let mine = make_user(&provider, "mine@provider.example").await;
        let named =
            [mine.clone(), hidden.clone(), admin.id().to_string(), theirs.clone(), "nobody".to_owned()];
        let group = make_group(&provider, "Mine", &named).await;
        assert_eq!(members(&provider, &group).await, [mine.as_str()]);
        for id in &named[1..] {
            assert!(!is_member(&server, &group, id), "{id} was put into the group");
        }
        let path = format!("/api/v1/groups/id/{group}/users/add");
        admin.post(&path, json!({ "user_ids": [&hidden, &theirs] })).await.assert_status(200);
        assert_eq!(members(&provider, &group).await, [mine.as_str()]);
        for id in [&hidden, &theirs] {
            for filter in [format!("members eq \"{id}\""), format!("members[value eq \"{id}\"]")] {
                assert_eq!(found(&provider, "/Groups", &filter).await, 0, "{filter}");
            }
        }
        let at = format!("/Groups/{group}");
        let all: Vec<Value> = named.iter().map(|id| json!({ "value": id })).collect();
        for operations in [
            json!([{ "op": "remove", "path": "members" }]),
            json!([{ "op": "replace", "path": "members", "value": [] }]),
            json!([{ "op": "remove", "path": "members", "value": all }]),
            json!([{ "op": "remove", "path": format!("members[value eq \"{hidden}\"]") }]),
        ] {
            patch(&provider, &at, operations.clone()).await.assert_status(200);
            assert!(
                is_member(&server, &group, &hidden) && is_member(&server, &group, &theirs),
                "{operations}"
            );
        }
        put(&provider, &at, json!({ "schemas": [GROUP], "displayName": "Mine", "members": [] }))
            .await
            .assert_status(200);
        delete(&provider, &at).await.assert_status(204);
        assert!(is_member(&server, &group, &hidden) && is_member(&server, &group, &theirs));
        assert_refused(&get(&provider, &at).await, 404, None);
    }
);

with_databases!(all, j4_who_became_an_admin_is_out_of_reach, async |db| {
    let server = adopted(db).await;
    let admin = primary(&server).await;
    let settings = json!({ "takes_passwords": true, "deletes_accounts": true, "links_by_email": true });
    let provider = connection(&admin, "provider", settings).await;
    let boss = make_user(&provider, "boss@provider.example").await;
    server.db().db_execute(&format!(r#"UPDATE "user" SET role = 'admin' WHERE id = '{boss}'"#));
    let (at, stored) =
        (format!("/Users/{boss}"), json!({ "schemas": [USER], "userName": "boss@provider.example" }));
    let mut other = stored.clone();
    other["active"] = json!(false);
    let mut renamed = stored.clone();
    renamed["userName"] = json!("nobody@provider.example");
    for refused in [
        put(&provider, &at, other).await,
        put(&provider, &at, renamed).await,
        patch(&provider, &at, active(false)).await,
        patch(&provider, &at, json!([{ "op": "add", "path": "displayName", "value": "Nobody" }])).await,
        patch(
            &provider,
            &at,
            json!([{ "op": "add", "path": "password", "value": "a-long-enough-password" }]),
        )
        .await,
        delete(&provider, &at).await,
    ] {
        assert_refused(&refused, 403, None);
    }
    get(&provider, &at).await.assert_status(200);
    assert_eq!(role(&server, &boss), "admin");
    assert_eq!(found(&provider, "/Users", "active eq true").await, 1);
    // Nor is an account of an admin linked, which would be the way to all this.
    let chief = server.db_admin("chief").create().await;
    for taken in [admin.email(), chief.email()] {
        let refused = post(&provider, "/Users", json!({ "schemas": [USER], "userName": taken })).await;
        assert_refused(&refused, 403, None);
    }
    // The same words for an account that is no admin's and not to be linked: the answer does not tell who is one.
    let plain = connection(&admin, "plain", json!({})).await;
    let local = server.db_user("local").create().await;
    let mut told = Vec::new();
    for taken in [chief.email(), local.email(), "boss@provider.example"] {
        let refused = post(&plain, "/Users", json!({ "schemas": [USER], "userName": taken })).await;
        assert_refused(&refused, 409, Some("uniqueness"));
        told.push(refused.text().replace(taken, "…"));
    }
    assert!(told.iter().all(|text| *text == told[0]), "{told:#?}");
});

with_databases!(all, j5_a_connection_ends_no_suspension_but_its_own, async |db| {
    let server = adopted(db).await;
    let admin = primary(&server).await;
    let provider = connection(&admin, "one", json!({})).await;
    let linking = connection(&admin, "two", json!({ "links_by_email": true })).await;
    let id = make_user(&provider, "bob@provider.example").await;
    let body = json!({ "schemas": [USER], "userName": "bob@provider.example", "active": true });
    let at = format!("/Users/{id}");
    let suspended = admin.post(&format!("/api/v1/users/{id}/suspend"), json!({ "reason": "Fraud" })).await;
    suspended.assert_status(200);
    assert_eq!(patch(&provider, &at, active(true)).await.assert_status(200).at("/active"), json!(false));
    assert_eq!(put(&provider, &at, body.clone()).await.assert_status(200).at("/active"), json!(false));
    // Disabled beside it, and enabled again: the admin's stays.
    patch(&provider, &at, active(false)).await.assert_status(200);
    assert_eq!(patch(&provider, &at, active(true)).await.assert_status(200).at("/active"), json!(false));
    delete(&provider, &at).await.assert_status(204);
    let again = post(&provider, "/Users", body.clone()).await;
    assert_eq!((again.assert_status(201).at("/id"), again.at("/active")), (json!(id), json!(false)));
    assert_eq!(rows(&server, &format!("rosterd_suspension WHERE user_id = '{id}'")), 1);
    admin.post(&format!("/api/v1/users/{id}/resume"), Value::Null).await.assert_status(200);
    assert_eq!(get(&provider, &at).await.at("/active"), json!(true));
    // Nor does one connection end what another one has begun.
    patch(&provider, &at, active(false)).await.assert_status(200);
    let linked = post(&linking, "/Users", body).await;
    if linked.status() == 201 {
        assert_eq!(linked.at("/active"), json!(false));
        assert_eq!(patch(&linking, &at, active(true)).await.assert_status(200).at("/active"), json!(false));
    } else {
        assert_refused(&linked, 409, Some("uniqueness"));
    }
    assert_eq!(get(&provider, &at).await.at("/active"), json!(false));
    assert_eq!(patch(&provider, &at, active(true)).await.assert_status(200).at("/active"), json!(true));
});

with_databases!(all, j6_the_hidden_stay_hidden, async |db| {
    let server = adopted(db).await;
    let admin = primary(&server).await;
    let provider = connection(&admin, "one", json!({})).await;
    let id = make_user(&provider, "bob@provider.example").await;
    let mine = make_user(&provider, "mine@provider.example").await;
    let group = make_group(&provider, "Group", &[id.clone(), mine.clone()]).await;
    delete(&provider, &format!("/Users/{id}")).await.assert_status(204);
    assert_eq!(members(&provider, &group).await, [mine.as_str()]);
    let add = json!([{ "op": "add", "path": "members", "value": [{ "value": id }] }]);
    patch(&provider, &format!("/Groups/{group}"), add).await.assert_status(200);
    assert_eq!(members(&provider, &group).await, [mine.as_str()]);
    assert!(!is_member(&server, &group, &id));
    for reply in everything(&provider, "/Users", &id).await {
        assert_refused(&reply, 404, None);
    }
    let name = "userName eq \"bob@provider.example\"";
    assert_eq!(found(&provider, "/Users", name).await, 0);
    // Its name is free for nobody else: the other user would be taken for it.
    let rename = json!([{ "op": "replace", "path": "userName", "value": "bob@provider.example" }]);
    assert_refused(&patch(&provider, &format!("/Users/{mine}"), rename).await, 409, Some("uniqueness"));
    let shut_out = admin.get(&format!("{LIST}?query=bob@provider")).await;
    assert!(shut_out.assert_status(200).at("/users/0/suspension").is_object(), "{shut_out}");
});

with_databases!(all, j10_j12_no_attribute_makes_an_admin_or_a_password, async |db| {
    let server = adopted(db).await;
    let admin = primary(&server).await;
    let refused = admin.post(CONNECTIONS, json!({ "name": "x", "default_role": "admin" })).await;
    refused.assert_status(422);
    let provider = connection(&admin, "one", json!({})).await;
    let password = "a-password-of-the-provider";
    let body = json!({
        "schemas": [USER], "userName": "eve@provider.example", "password": password, "role": "admin", "id": admin.id(),
        "roles": [{ "value": "admin", "primary": true }], "userType": "admin", "groups": [{ "value": "admins" }],
        "meta": { "created": "1970-01-01T00:00:00Z", "version": "x" },
    });
    let made = post(&provider, "/Users", body).await;
    let id = made.assert_status(201).at("/id").as_str().unwrap().to_owned();
    assert_ne!(id, admin.id().to_string());
    assert_eq!(role(&server, &id), "user");
    let sign_in = json!({ "email": "eve@provider.example", "password": password });
    let refused = server.anonymous().post("/api/v1/auths/signin", sign_in.clone()).await;
    refused.assert_error(400, "INVALID_CREDENTIALS");
    let change =
        json!([{ "op": "add", "value": { "role": "admin", "roles": ["admin"], "password": password } }]);
    patch(&provider, &format!("/Users/{id}"), change).await.assert_status(200);
    assert_eq!(role(&server, &id), "user");
    server.anonymous().post("/api/v1/auths/signin", sign_in).await.assert_error(400, "INVALID_CREDENTIALS");
    // A group of the roster is not joined by making one of its name.
    let admins = server.db_group("Admins", &[], json!({ "features": { "api_keys": true } })).await;
    let group = json!({ "schemas": [GROUP], "displayName": "Admins", "members": [{ "value": id }] });
    assert_refused(&post(&provider, "/Groups", group).await, 409, Some("uniqueness"));
    assert!(!is_member(&server, admins.as_ref(), &id));
});

with_databases!(current, j3_j8_of_many_at_once_one_makes_a_user_and_nobody_is_a_member_twice, async |db| {
    let server = adopted(db).await;
    let admin = primary(&server).await;
    let provider = connection(&admin, "one", json!({})).await;
    let body = json!({ "schemas": [USER], "userName": "ada@provider.example" });
    let make = || {
        let request = request(Method::POST, &provider, "/Users", &body);
        async move { request.send().await }
    };
    let replies = at_once((0..12).map(|_| make())).await;
    let made: Vec<&Reply> = replies.iter().filter(|reply| reply.status() == 201).collect();
    assert_eq!(made.len(), 1, "{replies:#?}");
    for reply in replies.iter().filter(|reply| reply.status() != 201) {
        assert_refused(reply, 409, Some("uniqueness"));
    }
    let id = made[0].at("/id").as_str().unwrap().to_owned();
    let group = make_group(&provider, "Group", &[]).await;
    let body = json!({
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
        "Operations": [{ "op": "add", "path": "members", "value": [{ "value": id }] }],
    });
    let add = || {
        let request = request(Method::PATCH, &provider, &format!("/Groups/{group}"), &body);
        async move { request.send().await }
    };
    for reply in at_once((0..12).map(|_| add())).await {
        reply.assert_status(200);
    }
    assert!(is_member(&server, &group, &id));
    assert_eq!(members(&provider, &group).await, [id.as_str()]);
    // Who is deleted while somebody is made a member: no lock waits for the other, whatever comes first.
    let mut users = Vec::new();
    for number in 0..8 {
        users.push(make_user(&provider, &format!("person{number}@provider.example")).await);
    }
    let mut requests = Vec::new();
    for user in &users {
        let mut add = body.clone();
        add["Operations"][0]["value"] = json!([{ "value": user }]);
        requests.push(request(Method::PATCH, &provider, &format!("/Groups/{group}"), &add));
        requests.push(request(Method::DELETE, &provider, &format!("/Users/{user}"), &Value::Null));
    }
    for reply in at_once(requests.into_iter().map(rosterd_testkit::Request::send)).await {
        assert!([200, 204].contains(&reply.status()), "{reply}");
    }
    assert_eq!(members(&provider, &group).await, [id]);
    for user in &users {
        assert!(!is_member(&server, &group, user), "who is hidden is in no group");
    }
});
