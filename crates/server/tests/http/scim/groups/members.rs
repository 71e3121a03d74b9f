//! Members of groups (rules J3, J6, J8 and J11).

use rosterd_testkit::with_databases;
use serde_json::{Value, json};

use super::super::{assert_refused, connection, delete, get, id_of, make_group, make_user, post};
use super::{LOCAL, UNKNOWN, change, group, ids, local, members, members_now, names, replace, sorted, told};
use crate::support::{adopted, db_roster, merged, primary, rows};

with_databases!(all, j8_members_change_only_where_they_are_named, async |db| {
    let server = adopted(db).await;
    let admin = primary(&server).await;
    let entra = connection(&admin, "Entra ID", json!({})).await;
    let (a, b, c) = (
        make_user(&entra, "a@provider.example").await,
        make_user(&entra, "b@provider.example").await,
        make_user(&entra, "c@provider.example").await,
    );
    let id = make_group(&entra, "Analysts", std::slice::from_ref(&a)).await;
    let outsider = server.db_user("bob").create().await;
    let add = json!({ "user_ids": [outsider.id()] });
    admin.post(&format!("{LOCAL}id/{id}/users/add"), add).await.assert_status(200);
    let is_inside = || rows(&server, &format!("group_member WHERE user_id = '{}'", outsider.id())) == 1;
    server.forget_events();

    for (operations, wanted) in [
        (json!([{ "op": "Add", "path": "members", "value": ids(&[&b, UNKNOWN]) }]), vec![&a, &b]),
        // What Entra ID sends without and with the flag of its own.
        (json!([{ "op": "Remove", "path": "members", "value": [{ "$ref": null, "value": a }] }]), vec![&b]),
        (json!([{ "op": "remove", "path": format!("members[value eq \"{b}\"]") }]), vec![]),
        (json!([{ "op": "add", "value": { "members": ids(&[&a, &c]) } }]), vec![&a, &c]),
        (json!([{ "op": "replace", "path": "members", "value": ids(&[&c, &b]) }]), vec![&b, &c]),
        (json!([{ "op": "replace", "path": "displayName", "value": "Others" }]), vec![&b, &c]),
        (json!([{ "op": "replace", "value": { "id": id, "displayName": "Analysts" } }]), vec![&b, &c]),
        (
            json!([
                { "op": "add", "path": "members", "value": ids(&[&a]) },
                { "op": "remove", "path": "members", "value": ids(&[&b]) },
            ]),
            vec![&a, &c],
        ),
    ] {
        let changed = change(&entra, &id, operations.clone()).await;
        assert_eq!(members(&changed), sorted(&wanted), "{operations}");
        assert_eq!(members_now(&entra, &id).await, sorted(&wanted), "{operations}");
        assert!(is_inside(), "{operations}");
    }
    // PUT without members leaves them, and so does null.
    for body in [group("Analysts", json!({})), group("Analysts", json!({ "members": null }))] {
        assert_eq!(members(&replace(&entra, &id, body).await), sorted(&[&a, &c]));
    }
    assert_eq!(
        members(&replace(&entra, &id, group("Analysts", json!({ "members": ids(&[&b]) }))).await),
        std::slice::from_ref(&b)
    );
    // Without a value, as the RFC has it: all of the connection's.
    assert_eq!(members(&change(&entra, &id, json!([{ "op": "remove", "path": "members" }])).await), [""; 0]);
    assert!(is_inside());
    for (_, subject) in told(&server) {
        assert_eq!(subject, json!(id));
    }
    // A change that is wrong in one place changes nothing.
    let wrong = change(
        &entra,
        &id,
        json!([
            { "op": "add", "path": "members", "value": ids(&[&a]) },
            { "op": "replace", "path": "displayName", "value": "x".repeat(300) },
        ]),
    )
    .await;
    assert_refused(&wrong, 400, Some("invalidValue"));
    assert_refused(
        &change(&entra, &id, json!([{ "op": "remove", "path": "members", "value": null }])).await,
        400,
        Some("invalidValue"),
    );
    assert_eq!((members_now(&entra, &id).await, told(&server)), (vec![], vec![]));
});

with_databases!(all, j3_a_connection_sees_and_changes_its_own_groups_and_people_alone, async |db| {
    let server = adopted(db).await;
    let admin = primary(&server).await;
    let (okta, entra) = (
        connection(&admin, "Okta", json!({})).await,
        connection(&admin, "Entra ID", json!({ "group_rule": "existing" })).await,
    );
    let (of_okta, of_entra) =
        (make_user(&okta, "o@provider.example").await, make_user(&entra, "e@provider.example").await);
    let id = make_group(&okta, "Shared", &[of_okta.clone(), of_entra.clone(), admin.id().to_string()]).await;
    assert_eq!(members_now(&okta, &id).await, std::slice::from_ref(&of_okta));
    let path = format!("/Groups/{id}");
    for hidden in [
        get(&entra, &path).await,
        replace(&entra, &id, group("Mine", json!({}))).await,
        change(&entra, &id, json!([{ "op": "remove", "path": "members" }])).await,
        delete(&entra, &path).await,
        get(&entra, &format!("/Groups/{UNKNOWN}")).await,
    ] {
        assert_refused(&hidden, 404, None);
    }
    assert_eq!(names(&get(&entra, "/Groups").await), [""; 0]);
    // Both have it: each sees its own people, and can move nobody else.
    assert_eq!(
        id_of(&post(&entra, "/Groups", group("Shared", json!({ "members": ids(&[&of_entra]) }))).await),
        id
    );
    let replaced =
        change(&entra, &id, json!([{ "op": "replace", "path": "members", "value": ids(&[&of_okta]) }])).await;
    assert_eq!(members(&replaced), [""; 0]);
    let everybody =
        change(&entra, &id, json!([{ "op": "add", "path": "members", "value": ids(&[&of_entra]) }])).await;
    assert_eq!(members(&everybody), std::slice::from_ref(&of_entra));
    assert_eq!(members_now(&okta, &id).await, std::slice::from_ref(&of_okta));
    let found = |member: &str| format!("/Groups?filter=members.value eq \"{member}\"");
    assert_eq!(get(&okta, &found(&of_entra)).await.at("/totalResults"), json!(0));
    assert_eq!(get(&okta, &found(&of_okta)).await.at("/totalResults"), json!(1));
    // Whoever made it cannot delete what another one uses: its own people leave.
    assert_eq!(delete(&okta, &path).await.status(), 204);
    assert_eq!(members_now(&entra, &id).await, [of_entra]);
    assert_eq!(rows(&server, &format!("group_member WHERE user_id = '{of_okta}'")), 0);
});

with_databases!(all, j11_a_group_with_very_many_members_is_answered_without_them, async |db| {
    let server = adopted(db).await;
    let admin = primary(&server).await;
    let okta = connection(&admin, "Okta", json!({})).await;
    let first = make_user(&okta, "first@provider.example").await;
    let id = make_group(&okta, "Everybody", std::slice::from_ref(&first)).await;
    let connection_id = server.db().db_value("SELECT id FROM rosterd_scim_connection").unwrap();
    let people = db_roster(&server, 1_000, |number| {
        (format!("Person {number}"), format!("p{number}@provider.example"), 1_000)
    })
    .await;
    server.db().db_execute(&format!(
        "INSERT INTO rosterd_scim_user (connection_id, user_id, made, user_name, user_name_key, created_at, updated_at, version) \
         SELECT '{connection_id}', id, made, email, email, 1000, 1000, 1 FROM \"user\", \
         (SELECT made FROM rosterd_scim_user LIMIT 1) m WHERE id LIKE 'listed-%'"
    ));
    let named: Vec<Value> = people.iter().map(|id| json!({ "value": id })).collect();
    let added = change(&okta, &id, json!([{ "op": "add", "path": "members", "value": named[..999] }])).await;
    assert_eq!(members(&added).len(), 1_000);
    let added = change(&okta, &id, json!([{ "op": "add", "path": "members", "value": named[999..] }])).await;
    assert_eq!(added.assert_status(200).json().get("members"), None);
    for one in [format!("/Groups/{id}"), "/Groups?filter=displayName eq \"everybody\"".to_owned()] {
        assert!(!get(&okta, &one).await.assert_status(200).text().contains("\"members\""));
    }
    // A client that reads, changes and writes back has not named them.
    let shown = get(&okta, &format!("/Groups/{id}")).await.json();
    replace(&okta, &id, merged(shown, json!({ "externalId": "7" }))).await.assert_status(200);
    assert_eq!(local(&admin, &id).await.at("/member_count"), json!(1_001));
    let left = change(&okta, &id, json!([{ "op": "remove", "path": "members", "value": named }])).await;
    assert_eq!(members(&left), [first]);
});

with_databases!(all, j6_whom_the_connection_deletes_leaves_its_groups, async |db| {
    let server = adopted(db).await;
    let okta = connection(&primary(&server).await, "Okta", json!({})).await;
    let (ada, ben) =
        (make_user(&okta, "ada@provider.example").await, make_user(&okta, "ben@provider.example").await);
    let id = make_group(&okta, "Analysts", &[ada.clone(), ben.clone()]).await;
    assert_eq!(delete(&okta, &format!("/Users/{ada}")).await.status(), 204);
    assert_eq!(members_now(&okta, &id).await, std::slice::from_ref(&ben));
    assert_eq!(make_user(&okta, "ada@provider.example").await, ada);
    assert_eq!(members_now(&okta, &id).await, [ben]);
    assert_eq!(get(&okta, &format!("/Users/{ada}")).await.json().get("groups"), None);
});
