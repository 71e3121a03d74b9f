//! Lists of users that are narrowed by role, group and activity: rule L5.

use rosterd_domain::role::Role;
use rosterd_testkit::with_servers;
use serde_json::{Value, json};

use crate::support::{LIST, SEARCH, column};

with_servers!(all, l5_a_list_is_narrowed_by_role_group_and_activity, async |server| {
    let ada = server.db_admin("narrow-ada").create().await;
    let day_ago = server.now() - 86_400;
    let bob = server.db_user("narrow-bob").last_active_at(server.now()).create().await;
    let cleo = server.db_user("narrow-cleo").role(Role::Pending).last_active_at(day_ago - 1).create().await;
    let group = server.db_group("Narrow", &[&bob, &cleo], Value::Null).await;
    let [ada_id, bob_id, cleo_id] = [&ada, &bob, &cleo].map(|caller| caller.id().to_string());
    let found = async |query: &str| {
        let reply = ada.get(&format!("{LIST}?query=narrow-&order_by=name&direction=asc&{query}")).await;
        let ids = column(reply.assert_status(200), "id");
        assert_eq!(reply.at("/total"), json!(ids.len()), "{query}");
        ids
    };
    assert_eq!(found("").await, [ada_id.as_str(), &bob_id, &cleo_id]);
    assert_eq!(found("role=admin").await, [ada_id.as_str()]);
    assert_eq!(found("role=pending").await, [cleo_id.as_str()]);
    assert_eq!(found(&format!("group_id={group}")).await, [bob_id.as_str(), &cleo_id]);
    assert_eq!(found(&format!("group_id={group}&role=user")).await, [bob_id.as_str()]);
    assert!(found("group_id=no-such-group").await.is_empty());
    assert_eq!(found("role=&group_id=&active_since=").await.len(), 3, "an empty text narrows nothing");

    assert_eq!(found(&format!("active_since={day_ago}&role=user")).await, [bob_id.as_str()]);
    assert_eq!(found(&format!("inactive_since={day_ago}&role=pending")).await, [cleo_id.as_str()]);
    assert!(found(&format!("inactive_since={day_ago}&role=user")).await.is_empty());

    // A page is continued by its cursor.
    let path = format!("{LIST}?query=narrow-&order_by=name&direction=asc&group_id={group}&limit=1");
    let first = ada.get(&path).await;
    assert_eq!((column(&first, "id"), first.at("/total")), (vec![bob_id], json!(2)));
    let cursor = first.at("/next_cursor");
    let second = ada.get(&format!("{path}&cursor={}", cursor.as_str().unwrap())).await;
    assert_eq!(column(&second, "id"), [cleo_id.as_str()]);
});

with_servers!(own, l5_a_wrong_filter_is_refused_and_only_admins_have_one, async |server| {
    let ada = server.db_admin("ada").create().await;
    let bob = server.db_user("bob").create().await;
    for wrong in ["role=owner", "group_id=%00", "active_since=soon", "inactive_since=1.5"] {
        let reply = ada.get(&format!("{LIST}?{wrong}")).await;
        reply.assert_error(422, "VALIDATION_ERROR");
        assert_eq!(reply.at("/detail/0/loc/0"), json!("query"), "{wrong}: {reply}");
    }
    let by_group = ada.get(&format!("{LIST}?role=user&order_by=group_id:g")).await;
    by_group.assert_error(422, "VALIDATION_ERROR");
    assert_eq!(by_group.at("/detail/0/loc"), json!(["query", "order_by"]));
    bob.get(&format!("{LIST}?role=owner")).await.assert_error(401, "ACCESS_PROHIBITED");
    // What everybody may search takes no notice of it.
    assert_eq!(bob.get(&format!("{SEARCH}?role=admin")).await.at("/total"), json!(2));
});
