//! Who may sign in: users that are not active, and users that were deleted (rules J5 and J6).

use rosterd_testkit::{Caller, TestServer, with_databases};
use serde_json::{Value, json};

use super::super::{assert_refused, connection, delete, get, id_of, make_user, patch, post, put};
use super::{by_scim, found, path, replace, stored, told};
use crate::support::{LIST, SETTINGS, adopted, path_of, primary, rows};

/// Why an account is suspended, and until when.
fn suspension(server: &TestServer, id: &str) -> Option<(Option<String>, Option<String>)> {
    let sql = format!("SELECT reason, CAST(until AS text) FROM rosterd_suspension WHERE user_id = '{id}'");
    let mut row = server.db().db_query_text(&sql).pop()?.into_iter();
    Some((row.next().flatten(), row.next().flatten()))
}

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
