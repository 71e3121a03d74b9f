//! What a connection keeps of a user: made, found, changed, and followed by the account (rule J3).

use rosterd_testkit::{Method, TestServer, with_databases};
use serde_json::{Value, json};

use super::super::{
    MEDIA_TYPE, MOUNT, USER, assert_refused, connection, delete, get, id_of, make_user, patch, post, put,
    request,
};
use super::{by_scim, found, path, replace, stored, told};
use crate::support::{adopted, primary, rows};

/// Name, e-mail address and role of an account.
fn account(server: &TestServer, id: &str) -> [String; 3] {
    ["name", "email", "role"].map(|column| stored(server, id, column))
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
