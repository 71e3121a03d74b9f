//! What connections keep of groups (rules J3, J8 and J9).

use std::collections::{BTreeMap, BTreeSet};

use rosterd_domain::group::{GroupName, NewGroup};
use rosterd_domain::ids::{ConnectionId, GroupId, UserId};
use rosterd_domain::scim::{GroupLink, SeenMembers};
use rosterd_scim::{GroupReference, Limits, ListQuery, ResourceKind};
use rosterd_storage::Store;
use rosterd_testkit::{TestDb, with_databases};

use crate::support::{NOW, id, new_user, open, read, write};

fn connection(name: &str) -> ConnectionId {
    ConnectionId::from_stored(name.to_owned())
}

fn group_id(name: &str) -> GroupId {
    GroupId::from_stored(format!("g-{name}"))
}

fn link(name: &str, created_at: i64) -> GroupLink {
    GroupLink {
        id: group_id(name),
        made: true,
        hidden_at: None,
        display_name: name.to_owned(),
        external_id: (name != "beta").then(|| format!("x-{name}")),
        created_at,
        updated_at: created_at,
        version: 1,
    }
}

async fn insert_group(store: &Store, name: &str) {
    let new = NewGroup {
        id: group_id(name),
        owner: id("u-ada"),
        parent: None,
        name: GroupName::from_stored(name.to_owned()),
        description: String::new(),
        data: None,
        meta: None,
        permissions: None,
        created_at: NOW,
    };
    write(store, move |db| db.insert_group(&new)).await;
}

/// A group, and that the connection keeps it.
async fn keep(store: &Store, of: &'static str, link: GroupLink) {
    write(store, move |db| db.insert_scim_group(&connection(of), &link)).await;
}

/// That the connection keeps an account, which it may have deleted.
fn keep_user(db: &TestDb, of: &str, user: &str, hidden: bool) {
    let hidden = if hidden { "7" } else { "NULL" };
    db.db_execute(&format!(
        "INSERT INTO rosterd_scim_user (connection_id, user_id, made, hidden_at, user_name, user_name_key, created_at, updated_at, \
         version) VALUES ('{of}', '{user}', TRUE, {hidden}, '{user}', '{user}', 1, 1, 1)"
    ));
}

async fn join(store: &Store, group: &str, users: &'static [&'static str]) {
    let group = group_id(group);
    let mut number = 0;
    let prefix = group.as_str().to_owned();
    write(store, move |db| {
        let users: Vec<UserId> = users.iter().map(|user| id(user)).collect();
        let mut fresh = || {
            number += 1;
            format!("m-{prefix}-{number}")
        };
        db.add_members(&group, &users, NOW, &mut fresh)
    })
    .await;
}

fn query(parameters: &[(&str, &str)]) -> ListQuery {
    let limits = Limits { default_count: 100, max_count: 200 };
    ListQuery::from_parameters(ResourceKind::Group, parameters.iter().copied(), limits).unwrap()
}

async fn listed(store: &Store, of: &'static str, parameters: &[(&str, &str)]) -> Vec<String> {
    let query = query(parameters);
    let found = read(store, move |db| db.list_scim_groups(&connection(of), &query)).await;
    found.into_iter().map(|link| link.display_name).collect()
}

with_databases!(all, j3_a_connection_finds_its_own_groups, async |db| {
    open(&db).adopt_apply().await.unwrap();
    let store = open(&db);
    for name in ["Alpha", "beta", "Gamma", "gone"] {
        insert_group(&store, name).await;
    }
    for (name, at) in [("beta", 1), ("Gamma", 2), ("Alpha", 3), ("gone", 4)] {
        keep(&store, "c", link(name, at)).await;
    }
    keep(&store, "other", GroupLink { display_name: "Theirs".to_owned(), ..link("Alpha", 1) }).await;
    db.db_execute("DELETE FROM \"group\" WHERE id = 'g-gone'");

    let find = async |of: &'static str, name: &'static str| {
        read(&store, move |db| db.find_scim_group(&connection(of), &group_id(name))).await
    };
    assert_eq!(find("c", "Alpha").await, Some(link("Alpha", 3)));
    assert_eq!(
        (find("c", "gone").await, find("c", "nobody").await, find("x", "Alpha").await),
        (None, None, None)
    );
    assert_eq!(listed(&store, "c", &[]).await, ["beta", "Gamma", "Alpha"]);
    assert_eq!(listed(&store, "other", &[]).await, ["Theirs"]);
    for (order, wanted) in [
        (&[("sortBy", "displayName")][..], ["Alpha", "beta", "Gamma"]),
        (&[("sortBy", "displayName"), ("sortOrder", "descending")], ["Gamma", "beta", "Alpha"]),
        // Those without a value come last, in both directions.
        (&[("sortBy", "externalId")], ["Alpha", "Gamma", "beta"]),
        (&[("sortBy", "externalId"), ("sortOrder", "descending")], ["Gamma", "Alpha", "beta"]),
        (&[("sortBy", "id")], ["Alpha", "Gamma", "beta"]),
        (&[("sortBy", "id"), ("sortOrder", "descending")], ["beta", "Gamma", "Alpha"]),
        (&[("sortBy", "meta.created"), ("sortOrder", "descending")], ["Alpha", "Gamma", "beta"]),
        (&[("sortBy", "meta.lastModified")], ["beta", "Gamma", "Alpha"]),
        (&[("sortBy", "meta.lastModified"), ("sortOrder", "descending")], ["Alpha", "Gamma", "beta"]),
    ] {
        assert_eq!(listed(&store, "c", order).await, wanted, "{order:?}");
    }
    assert_eq!(listed(&store, "c", &[("startIndex", "2"), ("count", "1")]).await, ["Gamma"]);
    assert_eq!(listed(&store, "c", &[("startIndex", "9")]).await, [""; 0]);
    assert_eq!(listed(&store, "c", &[("filter", "displayName sw \"AL\"")]).await, ["Alpha"]);
    let filtered = query(&[("filter", "not (externalId pr)")]).filter;
    let count = async |filter: Option<rosterd_scim::Condition>| {
        read(&store, move |db| db.count_scim_groups(&connection("c"), filter.as_ref())).await
    };
    assert_eq!((count(None).await, count(filtered).await), (3, 1));
});

with_databases!(
    all,
    j9_a_name_leads_to_the_group_that_is_seen_else_to_the_one_that_was_deleted_last,
    async |db| {
        open(&db).adopt_apply().await.unwrap();
        let store = open(&db);
        for name in ["one", "two", "three"] {
            insert_group(&store, name).await;
        }
        let hidden = |name: &str, at| GroupLink {
            display_name: "ÄPFEL".to_owned(),
            hidden_at: Some(at),
            ..link(name, 1)
        };
        let named = async || {
            let found = read(&store, |db| db.find_scim_group_named(&connection("c"), "äpfeL")).await;
            found.map(|link| link.id)
        };
        assert_eq!(named().await, None);
        keep(&store, "c", hidden("one", 5)).await;
        keep(&store, "c", hidden("two", 9)).await;
        keep(&store, "c", hidden("three", 7)).await;
        assert_eq!(named().await, Some(group_id("two")));
        assert_eq!(listed(&store, "c", &[]).await, [""; 0]);
        let mut shown = hidden("one", 5);
        shown.hidden_at = None;
        shown.external_id = None;
        shown.touch(NOW);
        let written = shown.clone();
        assert!(write(&store, move |db| db.update_scim_group(&connection("c"), &written)).await);
        assert_eq!(named().await, Some(group_id("one")));
        assert_eq!(
            read(&store, |db| db.find_scim_group(&connection("c"), &group_id("one"))).await,
            Some(shown)
        );
        assert!(!write(&store, |db| db.update_scim_group(&connection("x"), &link("one", 1))).await);
        assert_eq!(write(&store, |db| db.delete_scim_group_links(&group_id("one"))).await, 1);
        assert_eq!(named().await, Some(group_id("two")));
    }
);

with_databases!(all, j8_a_connection_counts_and_names_the_members_that_it_sees, async |db| {
    open(&db).adopt_apply().await.unwrap();
    let store = open(&db);
    for name in ["ada", "bob", "eve", "out"] {
        write(&store, move |db| db.insert_user(&new_user(name, 1))).await;
    }
    for name in ["Alpha", "beta", "Gamma"] {
        insert_group(&store, name).await;
        keep(&store, "c", link(name, 1)).await;
    }
    for (user, hidden) in [("u-ada", false), ("u-bob", false), ("u-eve", true)] {
        keep_user(&db, "c", user, hidden);
    }
    keep_user(&db, "other", "u-out", false);
    join(&store, "Alpha", &["u-ada", "u-bob", "u-eve", "u-out"]).await;
    join(&store, "beta", &["u-bob", "u-eve"]).await;
    join(&store, "Gamma", &["u-eve"]).await;
    let all = || vec![group_id("Alpha"), group_id("beta"), group_id("Gamma")];
    for (most, wanted) in [(5, [2, 1, 0]), (1, [1, 1, 0])] {
        let seen = read(&store, move |db| db.list_seen_members(&connection("c"), &all(), most)).await;
        let counted = |count| SeenMembers { count, changed_at: NOW };
        let wanted = all().into_iter().zip(wanted.map(counted));
        assert_eq!(seen.into_iter().collect::<BTreeMap<_, _>>(), wanted.collect(), "{most}");
    }
    let members: BTreeSet<_> =
        read(&store, move |db| db.list_scim_members(&connection("c"), &all())).await.into_iter().collect();
    let wanted = [("Alpha", "u-ada"), ("Alpha", "u-bob"), ("beta", "u-bob")];
    assert_eq!(members, wanted.map(|(group, user)| (group_id(group), id(user))).into());
    assert_eq!(read(&store, |db| db.list_scim_members(&connection("c"), &[])).await, []);

    let among: BTreeSet<_> = read(&store, |db| {
        db.list_scim_users_among(&connection("c"), &["u-ada", "u-eve", "u-out", "nobody", "a\"b'", "u-ada"])
    })
    .await
    .into_iter()
    .collect();
    assert_eq!(among, [id("u-ada")].into());
    let of = read(&store, |db| db.list_scim_groups_of(&connection("c"), &[id("u-bob"), id("u-ada")])).await;
    let reference =
        |name: &str| GroupReference { id: group_id(name).into_string(), display: name.to_owned() };
    let of_bob: Vec<_> =
        of.iter().filter(|(user, _)| *user == id("u-bob")).map(|(_, group)| group.clone()).collect();
    assert_eq!((of.len(), of_bob), (3, vec![reference("Alpha"), reference("beta")]));

    // Alpha has somebody else's account, the others only the connection's own, one of which it deleted.
    let shared = async |name: &'static str| {
        read(&store, move |db| db.is_scim_group_shared(&connection("c"), &group_id(name))).await
    };
    assert_eq!((shared("Alpha").await, shared("beta").await, shared("Gamma").await), (true, false, false));
    keep(&store, "other", link("beta", 1)).await;
    keep(&store, "other", GroupLink { hidden_at: Some(1), ..link("Gamma", 1) }).await;
    assert_eq!((shared("beta").await, shared("Gamma").await), (true, false));
});

with_databases!(attached, j2_without_its_tables_no_connection_has_groups, async |db| {
    let store = open(&db);
    assert!(!store.layout().scim);
    keep(&store, "c", link("Alpha", 1)).await;
    assert_eq!(listed(&store, "c", &[]).await, [""; 0]);
    assert_eq!(read(&store, |db| db.count_scim_groups(&connection("c"), None)).await, 0);
    assert_eq!(read(&store, |db| db.find_scim_group_named(&connection("c"), "Alpha")).await, None);
    assert!(!write(&store, |db| db.update_scim_group(&connection("c"), &link("Alpha", 1))).await);
    assert_eq!(write(&store, |db| db.delete_scim_group_links(&group_id("Alpha"))).await, 0);
    assert!(!read(&store, |db| db.is_scim_group_shared(&connection("c"), &group_id("Alpha"))).await);
    let of = read(&store, |db| db.list_scim_groups_of(&connection("c"), &[id("u-ada")])).await;
    assert_eq!(of, []);
});
