//! The users of a connection (rules J3 to J7 and J10), on standalone databases and on adopted ones.

use rosterd_app::Record;
use rosterd_testkit::{Caller, Method, PASSWORD, Reply, TestServer, with_databases};
use serde_json::{Value, json};

use super::{
    MEDIA_TYPE, MOUNT, USER, assert_refused, connection, delete, get, id_of, make_user, patch, post, put,
    request,
};
use crate::accounts::sign_in;
use crate::support::{LIST, SETTINGS, adopted, path_of, primary, rows};

fn path(id: &str) -> String {
    format!("/Users/{id}")
}

fn replace(path: &str, value: Value) -> Value {
    let mut operation = json!({ "op": "Replace", "path": path });
    operation["value"] = value;
    Value::Array(vec![operation])
}

/// What a list has on its only page.
async fn found(provider: &Caller, filter: &str) -> Vec<Value> {
    let filter = filter.replace(' ', "%20").replace('"', "%22");
    let reply = get(provider, &format!("/Users?filter={filter}")).await;
    let list = reply.assert_status(200).json();
    let resources = list["Resources"].as_array().unwrap().clone();
    assert_eq!(list["totalResults"], json!(resources.len()), "{reply}");
    resources
}

/// The names of the events since the last look, each with the kind of who acted. Not all databases can end sessions.
fn told(server: &TestServer) -> Vec<(&'static str, String)> {
    let kind = |record: &Record| record.to_json()["actor"]["kind"].as_str().unwrap_or_default().to_owned();
    let told = server.take_events();
    let told = told.iter().filter(|record| record.event.name() != "user.sessions_ended");
    told.map(|record| (record.event.name(), kind(record))).collect()
}

fn by_scim(names: &[&'static str]) -> Vec<(&'static str, String)> {
    names.iter().map(|name| (*name, "scim".to_owned())).collect()
}

/// A value of the account's row.
fn stored(server: &TestServer, id: &str, column: &str) -> String {
    server.db().db_value(&format!(r#"SELECT {column} FROM "user" WHERE id = '{id}'"#)).unwrap()
}

/// Name, e-mail address and role of an account.
fn account(server: &TestServer, id: &str) -> [String; 3] {
    ["name", "email", "role"].map(|column| stored(server, id, column))
}

/// Why an account is suspended, and until when.
fn suspension(server: &TestServer, id: &str) -> Option<(Option<String>, Option<String>)> {
    let sql = format!("SELECT reason, CAST(until AS text) FROM rosterd_suspension WHERE user_id = '{id}'");
    let mut row = server.db().db_query_text(&sql).pop()?.into_iter();
    Some((row.next().flatten(), row.next().flatten()))
}

fn whole() -> Value {
    json!({
        "schemas": [USER],
        "userName": "Ada@Provider.test",
        "externalId": "E-1",
        "displayName": "Ada Lovelace",
        "name": { "givenName": "Ada", "familyName": "Lovelace" },
        "emails": [{ "value": "Ada@Provider.test", "type": "work", "primary": true }, { "value": "a@home.example" }],
        "roles": [],
        "active": true,
    })
}

with_databases!(all, j3_a_user_is_made_found_changed_and_the_account_follows, async |db| {
    let server = adopted(db).await;
    let admin = primary(&server).await;
    let entra = connection(&admin, "Entra ID", json!({})).await;
    let other = connection(&admin, "Okta", json!({})).await;
    server.forget_events();
    let made = post(&entra, "/Users", whole()).await;
    let (id, document) = (id_of(&made), made.json());
    assert_eq!(told(&server), by_scim(&["user.created"]));
    let location = format!("{MOUNT}/Users/{id}");
    let mut wanted = whole();
    wanted.as_object_mut().unwrap().remove("roles");
    wanted["id"] = json!(id);
    wanted["meta"] = document["meta"].clone();
    assert_eq!(document, wanted, "as it was sent");
    assert_eq!(document["meta"]["location"], json!(location));
    assert_eq!(made.header("location"), Some(location.as_str()));
    assert_eq!(made.header("etag"), document["meta"]["version"].as_str());
    assert_eq!(made.header("content-type"), Some(MEDIA_TYPE));
    assert_eq!(account(&server, &id), ["Ada Lovelace", "ada@provider.test", "user"]);

    assert_eq!(get(&entra, &path(&id)).await.assert_status(200).json(), document);
    for filter in [
        "userName eq \"ADA@provider.test\"",
        "externalId eq \"E-1\"",
        "emails[type eq \"work\"].value eq \"ada@PROVIDER.test\"",
        "name.familyName sw \"love\" and not (displayName eq \"x\")",
    ] {
        assert_eq!(found(&entra, filter).await, std::slice::from_ref(&document), "{filter}");
    }
    assert_eq!(found(&entra, "externalId eq \"e-1\"").await, [] as [Value; 0]);
    // What another connection has is not there.
    assert_eq!(found(&other, "userName pr").await, [] as [Value; 0]);
    assert_refused(&get(&other, &path(&id)).await, 404, None);
    assert_refused(&patch(&other, &path(&id), replace("active", json!(false))).await, 404, None);
    assert_refused(&delete(&other, &path(&id)).await, 404, None);
    // An admin's account is there, and is nobody's.
    assert_refused(&get(&entra, &path(admin.id().as_str())).await, 404, None);

    // The same again writes nothing.
    server.forget_events();
    let same = patch(&entra, &path(&id), replace("displayName", json!("Ada Lovelace"))).await;
    assert_eq!(same.assert_status(200).json(), document);
    assert_eq!(told(&server), []);
    // The name of the copy is that of the account.
    server.clock().advance(9);
    let renamed = patch(&entra, &path(&id), replace("displayName", json!("Ada King"))).await;
    assert_eq!(renamed.assert_status(200).at("/displayName"), json!("Ada King"));
    assert_ne!(renamed.at("/meta/version"), document["meta"]["version"]);
    assert_ne!(renamed.at("/meta/lastModified"), document["meta"]["lastModified"]);
    assert_eq!(renamed.at("/meta/created"), document["meta"]["created"]);
    assert_eq!(told(&server), by_scim(&["user.updated"]));
    assert_eq!(stored(&server, &id, "name"), "Ada King");
    // What somebody else changes here stays until the provider has something new to say.
    server.db().db_execute(&format!(r#"UPDATE "user" SET name = 'Countess' WHERE id = '{id}'"#));
    let unrelated = patch(&entra, &path(&id), replace("externalId", json!("E-2"))).await;
    assert_eq!(unrelated.assert_status(200).at("/displayName"), json!("Ada King"));
    assert_eq!(stored(&server, &id, "name"), "Countess");
    assert_eq!(told(&server), by_scim(&["user.updated"]), "the copy alone, which is told as well");

    // PUT: what is left out goes, but for `externalId` and `active`.
    let body = json!({ "schemas": [USER], "userName": "ada.king@provider.test" });
    let put_once = put(&entra, &path(&id), body.clone()).await.assert_status(200).json();
    assert_eq!(
        (&put_once["userName"], &put_once["externalId"], &put_once["active"]),
        (&json!("ada.king@provider.test"), &json!("E-2"), &json!(true))
    );
    assert_eq!((put_once.get("displayName"), put_once.get("name")), (None, None));
    assert_eq!(account(&server, &id), ["ada.king@provider.test", "ada.king@provider.test", "user"]);
    let sign_in_address = format!("SELECT email FROM auth WHERE id = '{id}'");
    assert_eq!(server.db().db_value(&sign_in_address).as_deref(), Some("ada.king@provider.test"));
    // `.search` is the list.
    let search = json!({ "filter": "userName sw \"ada\"", "attributes": ["userName"] });
    let list = post(&entra, "/Users/.search", search).await.assert_status(200).json();
    assert_eq!(
        list["Resources"],
        json!([{ "schemas": [USER], "id": id, "userName": "ada.king@provider.test" }])
    );
});

with_databases!(all, j3_what_is_wrong_changes_nothing, async |db| {
    let server = adopted(db).await;
    let admin = primary(&server).await;
    let entra = connection(&admin, "Entra ID", json!({})).await;
    let (ada, bob) =
        (make_user(&entra, "ada@provider.test").await, make_user(&entra, "bob@provider.test").await);
    let before = get(&entra, &path(&ada)).await.json();
    let local = server.db_user("carol").create().await;
    server.forget_events();
    let (accounts, kept) = (rows(&server, r#""user""#), rows(&server, "rosterd_scim_user"));
    for (body, status, scim_type) in [
        (json!({ "userName": "ADA@provider.test" }), 409, "uniqueness"),
        (json!({ "userName": "x", "emails": [{ "value": "bob@provider.test" }] }), 409, "uniqueness"),
        (json!({ "userName": local.email() }), 409, "uniqueness"),
        (json!({ "userName": "nobody" }), 400, "invalidValue"),
        (json!({ "userName": "no@body@example" }), 400, "invalidValue"),
        (json!({ "userName": "x@provider.test", "displayName": "\u{202e}x" }), 400, "invalidValue"),
        (json!({ "userName": "x@provider.test", "displayName": "x".repeat(256) }), 400, "invalidValue"),
        (json!({ "displayName": "x" }), 400, "invalidValue"),
        (json!({ "userName": "x@provider.test", "emails": 7 }), 400, "invalidValue"),
    ] {
        assert_refused(&post(&entra, "/Users", body).await, status, Some(scim_type));
    }
    for (operations, status, scim_type) in [
        (replace("userName", json!("Bob@provider.test")), 409, "uniqueness"),
        (replace("userName", json!(local.email())), 409, "uniqueness"),
        (
            json!([
                { "op": "replace", "path": "userName", "value": "nobody" },
                { "op": "replace", "path": "emails", "value": [] },
            ]),
            400,
            "invalidValue",
        ),
        // All operations or none.
        (
            json!([
                { "op": "replace", "path": "displayName", "value": "Changed" },
                { "op": "replace", "path": "active", "value": false },
                { "op": "replace", "path": "emails[type eq \"none\"].display", "value": "x" },
                { "op": "replace", "path": "nothing", "value": "x" },
            ]),
            400,
            "invalidPath",
        ),
    ] {
        assert_refused(&patch(&entra, &path(&ada), operations).await, status, Some(scim_type));
    }
    for nobody in ["nobody", &"x".repeat(300), "..%2F", bob.get(1..).unwrap()] {
        assert_refused(&get(&entra, &path(nobody)).await, 404, None);
        assert_refused(&patch(&entra, &path(nobody), replace("active", json!(true))).await, 404, None);
        assert_refused(&delete(&entra, &path(nobody)).await, 404, None);
    }
    assert_eq!(get(&entra, &path(&ada)).await.json(), before);
    assert_eq!((rows(&server, r#""user""#), rows(&server, "rosterd_scim_user")), (accounts, kept));
    assert_eq!(told(&server), []);

    // Versions.
    let version = before["meta"]["version"].as_str().unwrap().to_owned();
    let with = |method, header: &'static str, value: &str| {
        let body = json!({ "Operations": replace("displayName", json!("Ada")) });
        request(method, &entra, &path(&ada), &body).header(header, value)
    };
    let not_read =
        entra.request(Method::GET, &format!("{MOUNT}/Users/{ada}")).header("if-none-match", &version);
    not_read.send().await.assert_status(304);
    let changed = with(Method::PATCH, "if-match", &version).send().await;
    assert_eq!(changed.assert_status(200).at("/displayName"), json!("Ada"));
    for method in [Method::PATCH, Method::DELETE] {
        assert_refused(&with(method, "if-match", &version).send().await, 412, None);
    }
    let current = changed.at("/meta/version").as_str().unwrap().to_owned();
    with(Method::DELETE, "if-match", &current).send().await.assert_status(204);
});

async fn active(provider: &Caller, id: &str, active: Value) -> Value {
    let reply = patch(provider, &path(id), replace("active", active)).await;
    reply.assert_status(200).at("/active")
}

with_databases!(all, j5_what_is_not_active_is_suspended_and_only_its_own_suspension_is_ended, async |db| {
    let server = adopted(db).await;
    let admin = primary(&server).await;
    let entra = connection(&admin, "Entra ID", json!({ "links_by_email": true })).await;
    let okta = connection(&admin, "Okta", json!({ "links_by_email": true })).await;
    let bob = server.db_user("bob").create().await;
    let id = make_user(&entra, bob.email()).await;
    assert_eq!(id, bob.id().as_str());
    bob.get(SETTINGS).await.assert_status(200);
    server.forget_events();
    assert_eq!(active(&entra, &id, json!("False")).await, json!(false));
    assert_eq!(told(&server), by_scim(&["user.suspended"]));
    bob.get(SETTINGS).await.assert_status(401);
    let reason = suspension(&server, &id).unwrap().0;
    assert_eq!(reason.as_deref(), Some("Disabled by Entra ID"));
    assert_eq!(found(&entra, "active eq false").await.len(), 1, "it stays visible");
    assert_eq!(active(&entra, &id, json!("False")).await, json!(false));
    assert_eq!(told(&server), [], "and not twice");
    assert_eq!(active(&entra, &id, json!("True")).await, json!(true));
    assert_eq!(told(&server), by_scim(&["user.resumed"]));
    assert_eq!(
        (stored(&server, &id, "role").as_str(), found(&entra, "active eq true").await.len()),
        ("user", 1)
    );

    // Two connections: the last that wants it lets the account in again.
    assert_eq!(make_user(&okta, bob.email()).await, id);
    active(&entra, &id, json!(false)).await;
    assert_eq!(active(&okta, &id, json!(true)).await, json!(false), "not its own");
    active(&okta, &id, json!(false)).await;
    assert_eq!(active(&entra, &id, json!(true)).await, json!(false), "the other wants it still");
    assert_eq!(active(&okta, &id, json!(true)).await, json!(true));

    // An admin's suspension is the admin's, also in place of one of a connection.
    for first in [true, false] {
        if first {
            active(&entra, &id, json!(false)).await;
        }
        admin.post(&path_of(&bob, "/suspend"), json!({ "reason": "left" })).await.assert_status(200);
        assert_eq!(active(&entra, &id, json!(true)).await, json!(false));
        let whole = json!({ "userName": bob.email(), "active": true });
        let reply = put(&entra, &path(&id), whole).await;
        assert_eq!(reply.assert_status(200).at("/active"), json!(false));
        assert_eq!(delete(&okta, &path(&id)).await.status(), 204);
        assert_eq!(
            post(&okta, "/Users", json!({ "userName": bob.email() })).await.assert_status(201).at("/active"),
            json!(false)
        );
        admin.post(&path_of(&bob, "/resume"), Value::Null).await.assert_status(200);
        assert_eq!(get(&entra, &path(&id)).await.at("/active"), json!(true));
    }
    // One with an end has none any more: else somebody who has left would be let in.
    let terms = json!({ "reason": "on leave", "until": server.now() + 50 });
    admin.post(&path_of(&bob, "/suspend"), terms).await.assert_status(200);
    active(&entra, &id, json!(false)).await;
    assert_eq!(suspension(&server, &id), Some((Some("on leave".to_owned()), None)));
    assert_eq!(active(&entra, &id, json!(true)).await, json!(false));
});

with_databases!(all, j6_who_is_deleted_is_suspended_and_hidden_and_comes_back_by_post, async |db| {
    let server = adopted(db).await;
    let admin = primary(&server).await;
    let entra = connection(&admin, "Entra ID", json!({})).await;
    let id = make_user(&entra, "ada@provider.test").await;
    server.clock().advance(3);
    server.forget_events();
    let gone = delete(&entra, &path(&id)).await;
    assert_eq!((gone.status(), gone.text().as_str()), (204, ""));
    assert_eq!(told(&server), by_scim(&["user.suspended", "scim.user_hidden"]));
    for reply in [get(&entra, &path(&id)).await, delete(&entra, &path(&id)).await] {
        assert_refused(&reply, 404, None);
    }
    assert_refused(&patch(&entra, &path(&id), replace("active", json!(true))).await, 404, None);
    assert_eq!(found(&entra, "userName pr").await, [] as [Value; 0]);
    assert_eq!(
        admin.get(&format!("{LIST}?query=ada@provider")).await.at("/users/0/id"),
        json!(id),
        "it stays"
    );
    let other = connection(&admin, "Okta", json!({})).await;
    let taken = post(&other, "/Users", json!({ "userName": "ada@provider.test" })).await;
    assert_refused(&taken, 409, Some("uniqueness"));

    server.forget_events();
    let body = json!({ "userName": "ADA@provider.test", "externalId": "again", "displayName": "Ada" });
    let again = post(&entra, "/Users", body).await;
    assert_eq!(id_of(&again), id, "the same account");
    assert_eq!(again.at("/active"), json!(true));
    assert_eq!(told(&server), by_scim(&["user.updated", "user.resumed", "scim.user_linked"]));
    assert_eq!(stored(&server, &id, "role"), "user");
    assert_eq!(found(&entra, "externalId eq \"again\"").await.len(), 1);
    // By its e-mail address as well, under another name.
    delete(&entra, &path(&id)).await.assert_status(204);
    let body = json!({ "userName": "ada", "emails": [{ "value": "ada@provider.test" }], "active": false });
    let again = post(&entra, "/Users", body).await;
    assert_eq!((id_of(&again), again.at("/active")), (id.clone(), json!(false)));

    // Deletion proper is a setting, and for accounts that the connection made.
    let deletes = connection(&admin, "HR", json!({ "deletes_accounts": true, "links_by_email": true })).await;
    let bob = server.db_user("bob").create().await;
    let (made, linked) =
        (make_user(&deletes, "eve@provider.test").await, make_user(&deletes, bob.email()).await);
    server.forget_events();
    delete(&deletes, &path(&made)).await.assert_status(204);
    assert_eq!(told(&server), by_scim(&["user.deleted"]));
    delete(&deletes, &path(&linked)).await.assert_status(204);
    assert_eq!(
        (rows(&server, &format!(r#""user" WHERE id = '{made}'"#)), stored(&server, &linked, "role")),
        (0, "pending".to_owned())
    );
    // It can be restored as any other, and is hidden then.
    admin.post(&format!("/api/v1/users/deleted/{made}/restore"), Value::Null).await.assert_status(200);
    assert_refused(&get(&deletes, &path(&made)).await, 404, None);
    assert_eq!(make_user(&deletes, "eve@provider.test").await, made);
});

with_databases!(all, j4_admins_are_never_linked_changed_disabled_or_deleted, async |db| {
    let server = adopted(db).await;
    let admin = primary(&server).await;
    let entra =
        connection(&admin, "Entra ID", json!({ "links_by_email": true, "deletes_accounts": true })).await;
    let eve = server.db_admin("eve").create().await;
    let suspended = server.db_admin("mallory").create().await;
    admin.post(&path_of(&suspended, "/suspend"), json!({})).await.assert_status(200);
    for one in [&admin, &eve, &suspended] {
        assert_refused(&post(&entra, "/Users", json!({ "userName": one.email() })).await, 403, None);
    }
    // Who becomes an admin later is out of its reach from then on.
    let id = make_user(&entra, "ada@provider.test").await;
    let made = get(&entra, &path(&id)).await.assert_status(200).json();
    let promote = json!({ "role": "admin", "name": "Ada", "email": "ada@provider.test", "profile_image_url": "/user.png" });
    admin.post(&format!("/api/v1/users/{id}/update"), promote).await.assert_status(200);
    server.forget_events();
    let refused: Vec<Reply> = vec![
        patch(&entra, &path(&id), replace("active", json!(false))).await,
        patch(&entra, &path(&id), replace("displayName", json!("x"))).await,
        put(&entra, &path(&id), json!({ "userName": "ada@provider.test" })).await,
        delete(&entra, &path(&id)).await,
    ];
    for reply in &refused {
        assert_refused(reply, 403, None);
        assert!(reply.at("/detail").as_str().unwrap().contains("admin"), "{reply}");
    }
    assert_eq!(told(&server), []);
    assert_eq!(get(&entra, &path(&id)).await.assert_status(200).json(), made, "reading goes on");
    assert_eq!(stored(&server, &id, "role"), "admin");
});

with_databases!(all, j7_an_account_is_linked_by_its_address_where_that_is_on, async |db| {
    let server = adopted(db).await;
    let admin = primary(&server).await;
    let bob = server.db_user("bob").create().await;
    let strict = connection(&admin, "Strict", json!({})).await;
    let refused = post(&strict, "/Users", json!({ "userName": bob.email() })).await;
    assert_refused(&refused, 409, Some("uniqueness"));
    assert!(refused.at("/detail").as_str().unwrap().contains("link"), "it says what mends it: {refused}");

    let entra = connection(&admin, "Entra ID", json!({ "links_by_email": true })).await;
    server.forget_events();
    let spelled = bob.email().to_uppercase();
    let linked = post(&entra, "/Users", json!({ "userName": spelled, "externalId": "E-2" })).await;
    assert_eq!(id_of(&linked), bob.id().as_str());
    assert_eq!(told(&server), by_scim(&["scim.user_linked"]));
    assert_eq!(stored(&server, bob.id().as_str(), "name"), "bob", "no name was sent");
    bob.get(SETTINGS).await.assert_status(200);
    let again = post(&entra, "/Users", json!({ "userName": spelled })).await;
    assert_refused(&again, 409, Some("uniqueness"));
    // A name that was sent is that of the account.
    let carol = server.db_user("carol").create().await;
    let body = json!({ "userName": carol.email(), "displayName": "Carol S.", "active": "False" });
    let linked = post(&entra, "/Users", body).await;
    assert_eq!((id_of(&linked).as_str(), linked.at("/active")), (carol.id().as_str(), json!(false)));
    assert_eq!(stored(&server, carol.id().as_str(), "name"), "Carol S.");
    // What it is linked to goes with the account.
    admin.delete(&path_of(&carol, "")).await.assert_status(200);
    let kept = format!("rosterd_scim_user WHERE user_id = '{}'", carol.id());
    assert_eq!(rows(&server, &kept), 0);
    assert_refused(&get(&entra, &path(carol.id().as_str())).await, 404, None);
    admin
        .post(&format!("/api/v1/users/deleted/{}/restore", carol.id()), Value::Null)
        .await
        .assert_status(200);
    assert_eq!(
        get(&entra, &path(carol.id().as_str())).await.assert_status(200).at("/displayName"),
        json!("Carol S.")
    );
});

with_databases!(
    all,
    j10_passwords_are_passed_over_or_taken_for_accounts_that_the_connection_made,
    async |db| {
        let server = adopted(db).await;
        let admin = primary(&server).await;
        let body = |name: &str, password: &str| json!({ "userName": format!("{name}@provider.test"), "password": password });
        let ignores = connection(&admin, "Entra ID", json!({})).await;
        // Not even looked at.
        let made = post(&ignores, "/Users", body("ada", "x")).await;
        let ada = id_of(&made);
        assert!(!made.text().contains("password"), "{made}");
        patch(&ignores, &path(&ada), replace("password", json!(PASSWORD))).await.assert_status(200);
        sign_in(&server, "ada@provider.test", PASSWORD).await.assert_status(400);

        let takes =
            connection(&admin, "Okta", json!({ "takes_passwords": true, "links_by_email": true })).await;
        for weak in ["x", "password", "bob@provider.test"] {
            let refused = post(&takes, "/Users", body("bob", weak)).await;
            assert_refused(&refused, 400, Some("invalidValue"));
            assert!(!refused.text().contains(&format!("\"{weak}\"")), "{refused}");
        }
        assert_eq!(rows(&server, r#""user" WHERE email = 'bob@provider.test'"#), 0);
        let made = post(&takes, "/Users", body("bob", PASSWORD)).await;
        let bob = id_of(&made);
        assert!(!made.text().contains(PASSWORD), "{made}");
        sign_in(&server, "bob@provider.test", PASSWORD).await.assert_status(200);
        let newer = "another long secret 7";
        server.forget_events();
        patch(&takes, &path(&bob), json!([{ "op": "replace", "value": { "password": newer } }]))
            .await
            .assert_status(200);
        assert!(told(&server).contains(&("user.password_changed", "scim".to_owned())));
        sign_in(&server, "bob@provider.test", PASSWORD).await.assert_status(400);
        sign_in(&server, "bob@provider.test", newer).await.assert_status(200);
        put(&takes, &path(&bob), body("bob", PASSWORD)).await.assert_status(200);
        sign_in(&server, "bob@provider.test", PASSWORD).await.assert_status(200);
        // Who had an account before keeps the password.
        let carol = server.db_user("carol").create().await;
        let sent = json!({ "userName": carol.email(), "password": newer });
        assert_eq!(id_of(&post(&takes, "/Users", sent.clone()).await), carol.id().as_str());
        put(&takes, &path(carol.id().as_str()), sent).await.assert_status(200);
        sign_in(&server, carol.email(), newer).await.assert_status(400);
        sign_in(&server, carol.email(), carol.password()).await.assert_status(200);
    }
);

with_databases!(own, j4_the_first_account_cannot_come_by_scim, async |db| {
    let server = adopted(db).await;
    let admin = primary(&server).await;
    let entra = connection(&admin, "Entra ID", json!({ "default_role": "pending" })).await;
    let id = make_user(&entra, "ada@provider.test").await;
    assert_eq!(stored(&server, &id, "role"), "pending");
    server.db().db_execute("DELETE FROM auth");
    server.db().db_execute("DELETE FROM rosterd_scim_user");
    server.db().db_execute(r#"DELETE FROM "user""#);
    assert_refused(&post(&entra, "/Users", json!({ "userName": "ada@provider.test" })).await, 403, None);
    assert_eq!(rows(&server, r#""user""#), 0);
});
