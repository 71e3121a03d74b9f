//! Table `group` as a tree, on databases that have parents and on those that have not.

use rosterd_domain::dialect::Dialect;
use rosterd_domain::group::{
    GroupChanges, GroupName, MemberCounts, MembersQuery, Membership, MembershipFilter, NewGroup,
};
use rosterd_domain::ids::{GroupId, UserId};
use rosterd_domain::list::SearchText;
use rosterd_domain::preview::Reachable;
use rosterd_storage::{DeletedGroup, Store};
use rosterd_testkit::{TestDb, fixtures, with_databases};

use crate::support::{NOW, id, insert_users, open, read, recorded_group, write};

fn group(text: &str) -> GroupId {
    GroupId::from_stored(format!("g-{text}"))
}

/// Inserts a group below another, with members.
async fn insert(store: &Store, name: &str, parent: Option<&str>, members: &[&str]) {
    let new = NewGroup {
        id: group(name),
        owner: id("u-owner"),
        parent: parent.map(group),
        name: GroupName::from_stored(name.to_owned()),
        description: String::new(),
        data: None,
        meta: None,
        permissions: None,
        created_at: NOW,
    };
    let members: Vec<UserId> = members.iter().map(|name| id(name)).collect();
    let (mut row, name) = (0, name.to_owned());
    write(store, move |db| {
        db.insert_group(&new)?;
        db.add_members(&new.id, &members, NOW, &mut || {
            row += 1;
            format!("m-{name}-{row}")
        })
    })
    .await;
}

/// `root`, below it `middle`, below that `leaf`; and who is in them.
async fn tree(db: &TestDb) -> Store {
    let store = open(db);
    insert_users(&store, &["a", "b", "c"]).await;
    insert(&store, "root", None, &["u-a", "u-b"]).await;
    insert(&store, "middle", Some("root"), &["u-b"]).await;
    insert(&store, "leaf", Some("middle"), &["u-b", "u-c"]).await;
    store
}

async fn line(store: &Store, of: &'static str) -> Vec<String> {
    let mut ids = read(store, move |db| db.list_line_ids(&group(of))).await;
    ids.sort();
    ids.into_iter().map(GroupId::into_string).collect()
}

with_databases!(all, m1_a_line_leads_to_the_top, async |db| {
    let store = tree(&db).await;
    let parents = store.layout().group_parents;
    let whole = if parents { vec!["g-leaf", "g-middle", "g-root"] } else { vec!["g-leaf"] };
    assert_eq!(line(&store, "leaf").await, whole);
    assert_eq!(line(&store, "root").await, ["g-root"]);
    assert_eq!(line(&store, "none").await, [""; 0]);
    let found = read(&store, |db| db.find_group(&group("leaf"))).await.unwrap();
    let shown = (store.layout().dialect == Dialect::V0_12).then(|| Some(group("middle")));
    assert_eq!(found.parent_group_id, shown);
    if parents {
        let groups = read(&store, |db| db.list_line(&group("middle"))).await;
        let mut told: Vec<_> =
            groups.iter().map(|it| (it.group.name.as_str(), it.membership, it.parent.is_some())).collect();
        told.sort_unstable_by_key(|(name, ..)| *name);
        assert_eq!(told, [("middle", Membership::Direct, true), ("root", Membership::Inherited, false)]);
        let detach = GroupChanges { parent: Some(None), ..GroupChanges::default() };
        assert!(write(&store, move |db| db.update_group(&group("middle"), &detach, NOW)).await);
        assert_eq!(line(&store, "leaf").await, ["g-leaf", "g-middle"]);
        let ring = GroupChanges { parent: Some(Some(group("leaf"))), ..GroupChanges::default() };
        assert!(write(&store, move |db| db.update_group(&group("middle"), &ring, NOW)).await);
        assert_eq!(line(&store, "leaf").await, ["g-leaf", "g-middle"], "a ring ends");
    }
});

with_databases!(all, m5_who_is_in_a_group_sees_those_above_it, async |db| {
    let store = tree(&db).await;
    insert(&store, "other", None, &[]).await;
    let parents = store.layout().group_parents;
    let seen = async |all: bool| {
        let groups = read(&store, move |db| db.list_groups_seen_by(&id("u-c"), all)).await;
        let ours = groups.into_iter().filter(|(it, _)| it.group.id.as_str().starts_with("g-"));
        ours.map(|(it, seen)| (it.group.name, it.member_count, seen)).collect::<Vec<_>>()
    };
    let row = |name: &str, members, seen| (name.to_owned(), members, seen);
    let all =
        [row("leaf", 2, true), row("middle", 1, parents), row("other", 0, false), row("root", 2, parents)];
    assert_eq!(seen(true).await, all);
    let some: Vec<_> = all.iter().filter(|(.., seen)| *seen).cloned().collect();
    assert_eq!(seen(false).await, some);
});

with_databases!(all, m7_members_are_counted_and_listed_with_those_below, async |db| {
    let store = tree(&db).await;
    let parents = store.layout().group_parents;
    let counts = read(&store, |db| db.count_group_members(&group("root"))).await;
    assert_eq!(counts, MemberCounts::new(2, if parents { 3 } else { 2 }));
    let page = async |filter, search: &str| {
        let query = MembersQuery::page(filter, SearchText::new(search), 1);
        let again = query.clone();
        let rows = read(&store, move |db| db.list_group_members(&group("root"), &query)).await;
        let total = read(&store, move |db| db.count_matching_members(&group("root"), &again)).await;
        assert_eq!(usize::try_from(total).unwrap(), rows.len());
        rows.into_iter().map(|row| (row.name, row.direct)).collect::<Vec<_>>()
    };
    let row = |name: &str, direct| (name.to_owned(), direct);
    let direct = vec![row("a", true), row("b", true)];
    let inherited = if parents { vec![row("c", false)] } else { Vec::new() };
    assert_eq!(page(MembershipFilter::Direct, "").await, direct);
    assert_eq!(page(MembershipFilter::Inherited, "").await, inherited);
    assert_eq!(page(MembershipFilter::Effective, "").await, [direct.clone(), inherited.clone()].concat());
    assert_eq!(page(MembershipFilter::Effective, "B").await, [row("b", true)]);
    assert_eq!(page(MembershipFilter::Inherited, "c").await, inherited);
    let users = ["u-a", "u-b", "u-c"].map(id);
    let mut between = read(&store, move |db| db.list_groups_between(&group("root"), &users)).await;
    between.sort();
    let pair = |user: &str, by: &str| (id(user), group(by));
    let below = vec![pair("u-b", "leaf"), pair("u-b", "middle"), pair("u-c", "leaf")];
    assert_eq!(between, if parents { below } else { Vec::new() });
});

with_databases!(all, m9_children_of_a_deleted_group_move_up, async |db| {
    let store = tree(&db).await;
    let deleted = write(&store, |db| db.delete_group(&group("middle"), NOW + 9)).await.unwrap();
    if store.layout().group_parents {
        let moved = DeletedGroup { parent: Some(group("root")), children: vec![group("leaf")] };
        assert_eq!(deleted, moved);
        assert_eq!(line(&store, "leaf").await, ["g-leaf", "g-root"]);
        let leaf = read(&store, |db| db.find_group(&group("leaf"))).await.unwrap();
        assert_eq!(leaf.group.updated_at, NOW + 9);
        write(&store, |db| db.delete_group(&group("root"), NOW)).await;
        assert_eq!(line(&store, "leaf").await, ["g-leaf"]);
    } else {
        assert_eq!(deleted, DeletedGroup::default());
    }
    assert_eq!(write(&store, |db| db.delete_group(&group("middle"), NOW)).await, None);
});

with_databases!(newest, m8_m9_what_a_group_reaches_goes_with_it, async |db| {
    db.db_execute(fixtures::MORE_0_12);
    let store = open(&db);
    let engineering = recorded_group("engineering");
    let reach = async |of: GroupId| {
        let reached = read(&store, move |db| db.list_reached_by_group(&of, Reachable::Model)).await;
        reached.items.into_iter().map(|item| item.id).collect::<Vec<_>>()
    };
    assert_eq!(reach(engineering.clone()).await, ["model-b", "model-d"]);
    let gone = engineering.clone();
    write(&store, move |db| db.delete_group(&gone, NOW)).await.unwrap();
    assert_eq!(reach(engineering.clone()).await, ["model-b"], "what everybody may read");
    let left = format!("SELECT count(*) AS n FROM access_grant WHERE principal_id = '{engineering}'");
    assert_eq!(db.db_value(&left).as_deref(), Some("0"));
});
