//! Accounts that were there before the connection saw them: admins, others, and none at all (rules J4 and J7).

use rosterd_testkit::{Reply, with_databases};
use serde_json::{Value, json};

use super::super::{assert_refused, connection, delete, get, id_of, make_user, patch, post, put};
use super::{by_scim, path, replace, stored, told};
use crate::support::{SETTINGS, adopted, path_of, primary, rows};

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
