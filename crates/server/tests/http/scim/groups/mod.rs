//! Groups by SCIM: which group a name leads to (rule J9), who is in it (rule J8), and that a connection sees its own alone (rule J3).

mod members;

use rosterd_domain::group::NewGroup;
use rosterd_domain::ids::{GroupId, UserId};
use rosterd_testkit::{Caller, Method, Reply, TestServer, with_databases};
use serde_json::{Value, json};

use super::{
    GROUP, assert_refused, connection, delete, get, id_of, make_group, make_user, patch, post, put, request,
};
use crate::support::{adopted, at_once, merged, primary, rows};

const LOCAL: &str = "/api/v1/groups/";

/// An id that nobody has.
const UNKNOWN: &str = "fake-member-id";

fn group(name: &str, more: Value) -> Value {
    merged(json!({ "schemas": [GROUP], "displayName": name }), more)
}

fn ids(members: &[&str]) -> Value {
    members.iter().map(|id| json!({ "value": id })).collect()
}

async fn replace(provider: &Caller, id: &str, body: Value) -> Reply {
    put(provider, &format!("/Groups/{id}"), body).await
}

async fn change(provider: &Caller, id: &str, operations: Value) -> Reply {
    patch(provider, &format!("/Groups/{id}"), operations).await
}

/// The ids of the members that an answer has, sorted.
#[track_caller]
fn members(reply: &Reply) -> Vec<String> {
    let body = reply.assert_status(200).json();
    let members = body["members"].as_array().into_iter().flatten();
    let mut ids: Vec<String> =
        members.map(|member| member["value"].as_str().unwrap_or_default().to_owned()).collect();
    ids.sort_unstable();
    ids
}

async fn members_now(provider: &Caller, id: &str) -> Vec<String> {
    members(&get(provider, &format!("/Groups/{id}")).await)
}

fn sorted(ids: &[&String]) -> Vec<String> {
    let mut ids: Vec<String> = ids.iter().map(|id| (*id).clone()).collect();
    ids.sort_unstable();
    ids
}

/// The names of the groups in a list of SCIM.
#[track_caller]
fn names(list: &Reply) -> Vec<String> {
    let body = list.assert_status(200).json();
    let groups = body["Resources"].as_array().unwrap().iter();
    groups.map(|group| group["displayName"].as_str().unwrap_or_default().to_owned()).collect()
}

/// The group as admins see it.
async fn local(admin: &Caller, id: &str) -> Reply {
    admin.get(&format!("{LOCAL}id/{id}")).await
}

/// What was told since the last look: event, subject, and that the connection did it.
#[track_caller]
fn told(server: &TestServer) -> Vec<(String, Value)> {
    let events = server.take_events();
    let event = |record: &rosterd_app::Record| {
        let told = record.to_json();
        assert_eq!(told["actor"]["kind"], "scim", "{told}");
        (record.event.name().to_owned(), told["subject"]["id"].clone())
    };
    events.iter().map(event).collect()
}

with_databases!(all, j9_a_group_is_made_found_changed_and_deleted, async |db| {
    let server = adopted(db).await;
    let admin = primary(&server).await;
    let entra = connection(&admin, "Entra ID", json!({})).await;
    let ada = make_user(&entra, "ada@provider.example").await;
    server.forget_events();
    let sent = json!({
        "schemas": [GROUP, "http://schemas.microsoft.com/2006/11/ResourceManagement/ADSCIM/2.0/Group"],
        "displayName": "Analysts", "externalId": "8aa1a0c0", "members": ids(&[&ada, UNKNOWN]),
        "meta": { "resourceType": "Group" },
    });
    let made = post(&entra, "/Groups", sent).await;
    let id = id_of(&made);
    let told_of = |name: &str| (name.to_owned(), json!(id));
    assert_eq!(told(&server), [told_of("group.created"), told_of("group.member_added")]);
    assert_eq!(made.header("etag"), made.at("/meta/version").as_str());
    assert_eq!(made.header("location"), made.at("/meta/location").as_str());
    let shown = get(&entra, &format!("/Groups/{id}")).await;
    assert_eq!(shown.assert_status(200).json(), made.json());
    assert_eq!((shown.at("/displayName"), shown.at("/externalId")), (json!("Analysts"), json!("8aa1a0c0")));
    assert_eq!((members(&shown), shown.at("/members/0/type")), (vec![ada.clone()], json!("User")));
    let of_admin = local(&admin, &id).await;
    assert_eq!((of_admin.at("/name"), of_admin.at("/member_count")), (json!("Analysts"), json!(1)));
    assert_eq!(of_admin.at("/user_id"), json!(admin.id()));

    let found = get(&entra, "/Groups?filter=displayName eq \"ANALYSTS\"&excludedAttributes=members").await;
    assert_eq!((found.at("/totalResults"), found.at("/Resources/0/id")), (json!(1), json!(id)));
    assert_eq!(found.json()["Resources"][0].get("members"), None);
    let found =
        get(&entra, "/Groups?filter=externalId eq \"8aa1a0c0\" and members.value eq \"nobody\"").await;
    assert_eq!((found.at("/totalResults"), found.at("/Resources")), (json!(0), json!([])));
    let user = get(&entra, &format!("/Users/{ada}")).await;
    assert_eq!((user.at("/groups/0/value"), user.at("/groups/0/display")), (json!(id), json!("Analysts")));

    server.clock().advance(60);
    let renamed = change(
        &entra,
        &id,
        json!([
            { "op": "Replace", "path": "displayName", "value": "Data analysts" },
            { "op": "Remove", "path": "externalId" },
        ]),
    )
    .await;
    assert_eq!(
        (renamed.at("/displayName"), renamed.json().get("externalId")),
        (json!("Data analysts"), None)
    );
    assert_eq!(members(&renamed), std::slice::from_ref(&ada));
    assert_ne!(renamed.at("/meta/version"), shown.at("/meta/version"));
    assert_ne!(renamed.at("/meta/lastModified"), renamed.at("/meta/created"));
    assert_eq!(local(&admin, &id).await.at("/name"), json!("Data analysts"));
    assert_eq!(told(&server), [told_of("group.updated")]);
    // The same again changes nothing, and nothing is told.
    let again = replace(&entra, &id, group("Data analysts", json!({}))).await;
    assert_eq!(again.assert_status(200).json(), renamed.json());
    assert_eq!(told(&server), []);

    let gone = delete(&entra, &format!("/Groups/{id}")).await;
    assert_eq!((gone.status(), gone.bytes().len()), (204, 0));
    assert_eq!(told(&server), [told_of("group.deleted")]);
    assert_refused(&get(&entra, &format!("/Groups/{id}")).await, 404, None);
    assert_refused(&delete(&entra, &format!("/Groups/{id}")).await, 404, None);
    local(&admin, &id).await.assert_error(404, "GROUP_NOT_FOUND");
    assert_eq!(rows(&server, "rosterd_scim_group"), 0);
    assert_eq!(get(&entra, &format!("/Users/{ada}")).await.assert_status(200).json().get("groups"), None);
});

with_databases!(all, j9_a_name_that_is_taken_is_refused_or_linked_by_the_rule, async |db| {
    let server = adopted(db).await;
    let admin = primary(&server).await;
    let outsider = server.db_user("bob").create().await;
    let keys = server.db_group("Keys", &[&outsider], json!({ "features": { "api_keys": true } })).await;
    let keys = keys.as_str();
    let okta = connection(&admin, "Okta", json!({})).await;
    assert_refused(&post(&okta, "/Groups", group("Keys", json!({}))).await, 409, Some("uniqueness"));
    let own = make_group(&okta, "Own", &[]).await;
    for name in ["Own", "oWN"] {
        assert_refused(&post(&okta, "/Groups", group(name, json!({}))).await, 409, Some("uniqueness"));
    }
    // Nor can a group get a name that is taken.
    let rename = json!([{ "op": "replace", "path": "displayName", "value": "Keys" }]);
    assert_refused(&change(&okta, &own, rename.clone()).await, 409, Some("uniqueness"));
    let other = make_group(&okta, "Other", &[]).await;
    assert_refused(&replace(&okta, &other, group("OWN", json!({}))).await, 409, Some("uniqueness"));
    assert_eq!(
        change(&okta, &own, json!([{ "op": "replace", "path": "displayName", "value": "OWN" }]))
            .await
            .status(),
        200
    );

    let entra = connection(&admin, "Entra ID", json!({ "group_rule": "existing" })).await;
    let ada = make_user(&entra, "ada@provider.example").await;
    assert_refused(&post(&entra, "/Groups", group("Nothing", json!({}))).await, 400, Some("invalidValue"));
    server.forget_events();
    let linked = post(&entra, "/Groups", group("Keys", json!({ "members": ids(&[&ada]) }))).await;
    assert_eq!((id_of(&linked), linked.at("/members/0/value")), (keys.to_owned(), json!(ada)));
    assert_eq!(told(&server)[0], ("scim.group_linked".to_owned(), json!(keys)));
    assert_refused(&post(&entra, "/Groups", group("KEYS", json!({}))).await, 409, Some("uniqueness"));
    // It has the name that its admins gave it; the provider has its own.
    assert_eq!(change(&entra, keys, rename).await.at("/displayName"), json!("Keys"));
    let renamed = json!([{ "op": "replace", "path": "displayName", "value": "Schlüssel" }]);
    assert_eq!(change(&entra, keys, renamed).await.at("/displayName"), json!("Schlüssel"));
    let of_admin = local(&admin, keys).await;
    assert_eq!((of_admin.at("/name"), of_admin.at("/member_count")), (json!("Keys"), json!(2)));
    assert_eq!(of_admin.at("/permissions"), json!({ "features": { "api_keys": true } }));

    // The connection sees it no more; everybody is in it as before.
    server.forget_events();
    assert_eq!(delete(&entra, &format!("/Groups/{keys}")).await.status(), 204);
    assert_eq!(told(&server), [("scim.group_hidden".to_owned(), json!(keys))]);
    assert_refused(&get(&entra, &format!("/Groups/{keys}")).await, 404, None);
    assert_eq!(names(&get(&entra, "/Groups").await), [""; 0]);
    assert_eq!(local(&admin, keys).await.at("/member_count"), json!(2));
    // By its name it comes back, with nobody leaving.
    let again = post(&entra, "/Groups", group("Keys", json!({ "members": [] }))).await;
    assert_eq!((id_of(&again), again.at("/displayName")), (keys.to_owned(), json!("Keys")));
    assert_eq!(again.at("/members/0/value"), json!(ada));
});

with_databases!(all, j9_a_connection_without_groups_reads_them_and_writes_none, async |db| {
    let server = adopted(db).await;
    let admin = primary(&server).await;
    let okta = connection(&admin, "Okta", json!({})).await;
    let id = make_group(&okta, "Own", &[]).await;
    let connection_id = server.db().db_value("SELECT id FROM rosterd_scim_connection").unwrap();
    admin
        .post(&format!("{}/{connection_id}/update", super::CONNECTIONS), json!({ "group_rule": "none" }))
        .await
        .assert_status(200);
    server.forget_events();
    for refused in [
        post(&okta, "/Groups", group("New", json!({}))).await,
        replace(&okta, &id, group("New", json!({}))).await,
        change(&okta, &id, json!([{ "op": "remove", "path": "members" }])).await,
        delete(&okta, &format!("/Groups/{id}")).await,
    ] {
        assert_refused(&refused, 403, None);
    }
    assert_eq!(names(&get(&okta, "/Groups").await), ["Own"]);
    assert_eq!(told(&server), []);
});

with_databases!(all, j9_a_group_that_others_use_is_hidden_and_comes_back_by_its_name, async |db| {
    let server = adopted(db).await;
    let admin = primary(&server).await;
    let okta = connection(&admin, "Okta", json!({})).await;
    let ada = make_user(&okta, "ada@provider.example").await;
    let id = make_group(&okta, "Analysts", std::slice::from_ref(&ada)).await;
    let outsider = server.db_user("bob").create().await;
    let add = json!({ "user_ids": [outsider.id()] });
    admin.post(&format!("{LOCAL}id/{id}/users/add"), add).await.assert_status(200);
    server.forget_events();
    assert_eq!(delete(&okta, &format!("/Groups/{id}")).await.status(), 204);
    let told_of = |name: &str| (name.to_owned(), json!(id));
    assert_eq!(told(&server), [told_of("group.member_removed"), told_of("scim.group_hidden")]);
    let of_admin = local(&admin, &id).await;
    assert_eq!((of_admin.at("/name"), of_admin.at("/member_count")), (json!("Analysts"), json!(1)));
    assert_eq!(names(&get(&okta, "/Groups").await), [""; 0]);
    let found = get(&okta, &format!("/Groups?filter=id eq \"{id}\"")).await;
    assert_eq!(found.at("/totalResults"), json!(0));
    let back =
        post(&okta, "/Groups", group("ANALYSTS", json!({ "externalId": "x", "members": ids(&[&ada]) })))
            .await;
    assert_eq!((id_of(&back), back.at("/externalId")), (id.clone(), json!("x")));
    assert_eq!(members_now(&okta, &id).await, [ada]);
});

with_databases!(all, a_version_moves_with_every_change_and_guards_the_next_one, async |db| {
    let server = adopted(db).await;
    let admin = primary(&server).await;
    let okta = connection(&admin, "Okta", json!({})).await;
    let ada = make_user(&okta, "ada@provider.example").await;
    let id = make_group(&okta, "Analysts", &[]).await;
    let path = format!("/Groups/{id}");
    let version = async || get(&okta, &path).await.header("etag").unwrap().to_owned();
    let first = version().await;
    // Somebody else makes one of the connection's accounts a member.
    let add = json!({ "user_ids": [ada] });
    admin.post(&format!("{LOCAL}id/{id}/users/add"), add).await.assert_status(200);
    let second = version().await;
    assert_ne!(first, second);
    let guarded =
        |method: Method, body: Value, tag: &str| request(method, &okta, &path, &body).header("If-Match", tag);
    let renamed = group("Renamed", json!({}));
    server.forget_events();
    for stale in [&*first, "W/\"17\""] {
        assert_refused(&guarded(Method::PUT, renamed.clone(), stale).send().await, 412, None);
        assert_refused(&guarded(Method::DELETE, json!({}), stale).send().await, 412, None);
    }
    assert_eq!(told(&server), []);
    let replaced = guarded(Method::PUT, renamed, &second).send().await;
    let third = replaced.assert_status(200).header("etag").unwrap().to_owned();
    assert_ne!(second, third);
    let seen = okta.request(Method::GET, &format!("{}{path}", super::MOUNT)).header("If-None-Match", &third);
    assert_eq!(seen.send().await.status(), 304);
    assert_eq!(guarded(Method::DELETE, json!({}), "*").send().await.status(), 204);
});

with_databases!(all, pages_of_groups_have_an_order_and_tell_how_many_there_are, async |db| {
    let server = adopted(db).await;
    let okta = connection(&primary(&server).await, "Okta", json!({})).await;
    for name in ["beta", "Alpha", "gamma", "Äpfel", "delta"] {
        server.clock().advance(1);
        make_group(&okta, name, &[]).await;
    }
    let page = async |query: &str| get(&okta, &format!("/Groups?{query}")).await;
    assert_eq!(names(&page("").await), ["beta", "Alpha", "gamma", "Äpfel", "delta"]);
    let second = page("startIndex=3&count=2").await;
    assert_eq!(names(&second), ["gamma", "Äpfel"]);
    assert_eq!((second.at("/totalResults"), second.at("/startIndex")), (json!(5), json!(3)));
    assert_eq!(second.at("/itemsPerPage"), json!(2));
    assert_eq!(names(&page("sortBy=displayName").await), ["Alpha", "beta", "delta", "gamma", "Äpfel"]);
    let newest = page("sortBy=meta.created&sortOrder=descending&count=2").await;
    assert_eq!(names(&newest), ["delta", "Äpfel"]);
    for (query, total) in [
        ("count=0", 5),
        ("startIndex=9", 5),
        ("filter=displayName co \"A\"", 4),
        ("filter=displayName eq \"ÄPFEL\"", 1),
    ] {
        assert_eq!(page(query).await.at("/totalResults"), json!(total), "{query}");
    }
    assert_eq!(page("count=0").await.at("/Resources"), json!([]));
    let search = json!({
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:SearchRequest"], "filter": "displayName sw \"a\"",
        "attributes": ["displayName"],
    });
    let found = post(&okta, "/Groups/.search", search).await;
    assert_eq!(names(&found), ["Alpha"]);
    assert_eq!(found.json()["Resources"][0].get("meta"), None);
    assert_refused(&page("filter=userName eq \"x\"").await, 400, Some("invalidFilter"));
});

with_databases!(all, j9_of_two_who_make_the_same_group_at_once_one_does, async |db| {
    let server = adopted(db).await;
    let okta = connection(&primary(&server).await, "Okta", json!({})).await;
    let make = |_| {
        let okta = okta.clone();
        async move { post(&okta, "/Groups", group("Analysts", json!({}))).await }
    };
    let replies = at_once((0..4).map(make)).await;
    assert_eq!(replies.iter().filter(|reply| reply.status() == 201).count(), 1);
    for reply in replies.iter().filter(|reply| reply.status() != 201) {
        assert_refused(reply, 409, Some("uniqueness"));
    }
    assert_eq!(rows(&server, "rosterd_scim_group"), 1);
});

with_databases!(all, a_group_that_another_program_deleted_is_gone_and_can_be_made_again, async |db| {
    let server = adopted(db).await;
    let admin = primary(&server).await;
    let okta = connection(&admin, "Okta", json!({})).await;
    let id = make_group(&okta, "Analysts", &[]).await;
    server.db().db_execute(&format!("DELETE FROM \"group\" WHERE id = '{id}'"));
    assert_refused(&get(&okta, &format!("/Groups/{id}")).await, 404, None);
    let list = get(&okta, "/Groups").await;
    assert_eq!((list.at("/totalResults"), names(&list)), (json!(0), vec![]));
    let again = make_group(&okta, "Analysts", &[]).await;
    assert_ne!(again, id);
    // Admins delete it as any other group.
    admin.delete(&format!("{LOCAL}id/{again}/delete")).await.assert_status(200);
    assert_refused(&get(&okta, &format!("/Groups/{again}")).await, 404, None);
    assert_eq!(rows(&server, &format!("rosterd_scim_group WHERE group_id = '{again}'")), 0);
});

with_databases!(all, j9_a_group_with_groups_below_it_is_not_deleted, async |db| {
    let server = adopted(db).await;
    if !server.store().layout().group_parents {
        return;
    }
    let admin = primary(&server).await;
    let okta = connection(&admin, "Okta", json!({})).await;
    let id = make_group(&okta, "Analysts", &[]).await;
    let below = NewGroup {
        id: GroupId::from_stored("below".to_owned()),
        owner: UserId::from_stored(admin.id().to_string()),
        parent: Some(GroupId::from_stored(id.clone())),
        name: rosterd_domain::group::GroupName::parse("Below").unwrap(),
        description: String::new(),
        data: None,
        meta: None,
        permissions: None,
        created_at: server.now(),
    };
    server.db_write(move |db| db.insert_group(&below)).await;
    assert_eq!(delete(&okta, &format!("/Groups/{id}")).await.status(), 204);
    local(&admin, &id).await.assert_status(200);
    assert_refused(&get(&okta, &format!("/Groups/{id}")).await, 404, None);
});
