//! Tables `group` and `group_member`.

use rosterd_domain::group::{GroupChanges, GroupName, NewGroup};
use rosterd_domain::ids::{GroupId, UserId};
use rosterd_domain::json::JsonText;
use rosterd_storage::{DeletedGroup, Store, TokenId};
use rosterd_testkit::{DbKind, TestDb, run, with_databases};

use crate::support::{NOW, id, insert_users, open, read, recorded, recorded_group, write};

fn group(text: &str) -> GroupId {
    GroupId::from_stored(text.to_owned())
}

/// Inserts a group with members.
async fn insert(store: &Store, name: &str, second: i64, members: &[&str]) {
    let new = NewGroup {
        id: group(&format!("g-{name}")),
        owner: id("u-owner"),
        parent: None,
        name: GroupName::from_stored(name.to_owned()),
        description: String::new(),
        data: None,
        meta: None,
        permissions: Some(JsonText::from_stored(format!(r#"{{"chat": {{"{name}": true}}}}"#))),
        created_at: NOW + second,
    };
    let members: Vec<UserId> = members.iter().map(|name| id(name)).collect();
    let mut row = 0;
    let name = name.to_owned();
    write(store, move |db| {
        db.insert_group(&new)?;
        db.add_members(&new.id, &members, new.created_at, &mut || {
            row += 1;
            format!("m-{name}-{row}")
        })
    })
    .await;
}

with_databases!(all, groups_are_made_changed_and_deleted, async |db| {
    let store = open(&db);
    insert_users(&store, &["a", "b"]).await;
    insert(&store, "red", 0, &["u-a", "u-b", "u-a", "nobody"]).await;
    let found = read(&store, |db| db.find_group(&group("g-red"))).await.unwrap();
    assert_eq!((found.member_count, found.group.name.as_str(), found.group.updated_at), (2, "red", NOW));
    assert_eq!(found.group.user_id.as_deref(), Some("u-owner"));

    let changes = GroupChanges {
        name: Some(GroupName::from_stored("Red".to_owned())),
        permissions: Some(None),
        meta: Some(Some(JsonText::from_stored("{}".to_owned()))),
        ..GroupChanges::default()
    };
    assert!(write(&store, move |db| db.update_group(&group("g-red"), &changes, NOW + 5)).await);
    let found = read(&store, |db| db.find_group(&group("g-red"))).await.unwrap().group;
    assert_eq!((found.permissions, found.meta.unwrap().as_str(), found.updated_at), (None, "{}", NOW + 5));
    let named = read(&store, |db| db.find_groups_by_name(&["red", "Red", "Red"])).await;
    assert_eq!(named, [None, Some(group("g-red")), Some(group("g-red"))]);
    // One spelling or the other of the same letters.
    db.db_execute("UPDATE \"group\" SET name = 'Cafe\u{301}' WHERE name = 'Red'");
    let named = read(&store, |db| db.find_groups_by_name(&["Café", "Cafè", "Cafe\u{301}"])).await;
    assert_eq!(named, [Some(group("g-red")), None, Some(group("g-red"))]);
    let nothing = GroupChanges::default();
    assert!(!write(&store, move |db| db.update_group(&group("none"), &nothing, NOW)).await);

    assert_eq!(
        write(&store, |db| db.delete_group(&group("g-red"), NOW)).await,
        Some(DeletedGroup::default())
    );
    assert_eq!(write(&store, |db| db.delete_group(&group("g-red"), NOW)).await, None);
    let left = db.db_value("SELECT count(*) AS n FROM group_member WHERE group_id = 'g-red'");
    assert_eq!(left.as_deref(), Some("0"));
});

with_databases!(all, members_come_and_go_and_the_group_remembers_when, async |db| {
    let store = open(&db);
    let users = insert_users(&store, &["b", "a", "c"]).await;
    insert(&store, "red", 0, &[]).await;
    let all = users.clone();
    let mut row = 0;
    let added = write(&store, move |db| {
        db.add_members(&group("g-red"), &all, NOW + 1, &mut || {
            row += 1;
            format!("m-{row}")
        })
    });
    assert_eq!(added.await.len(), 3);
    let again = users.clone();
    let none = write(&store, move |db| {
        db.add_members(&group("g-red"), &again, NOW + 2, &mut || "unused".to_owned())
    });
    assert_eq!(none.await, []);
    let found = read(&store, |db| db.find_group(&group("g-red"))).await.unwrap();
    assert_eq!((found.member_count, found.group.updated_at), (3, NOW + 1), "nothing changed, nothing moved");
    // By created_at, then id.
    let members = read(&store, |db| db.list_members(&group("g-red"))).await;
    assert_eq!(members.iter().map(|user| user.name.as_str()).collect::<Vec<_>>(), ["b", "a", "c"]);

    let some = [users[0].clone(), id("nobody")];
    assert_eq!(write(&store, move |db| db.remove_members(&group("g-red"), &some, NOW + 3)).await.len(), 1);
    let found = read(&store, |db| db.find_group(&group("g-red"))).await.unwrap();
    assert_eq!((found.member_count, found.group.updated_at), (2, NOW + 3));
});

with_databases!(all, p4_leaving_all_groups_moves_those_groups, async |db| {
    let store = open(&db);
    insert_users(&store, &["a", "b"]).await;
    insert(&store, "red", 0, &["u-a", "u-b"]).await;
    insert(&store, "blue", 1, &["u-b"]).await;
    write(&store, |db| db.remove_from_all_groups(&id("u-a"), NOW + 9)).await;
    let red = read(&store, |db| db.find_group(&group("g-red"))).await.unwrap();
    let blue = read(&store, |db| db.find_group(&group("g-blue"))).await.unwrap();
    assert_eq!((red.member_count, red.group.updated_at), (1, NOW + 9));
    assert_eq!((blue.member_count, blue.group.updated_at), (1, NOW + 1));
});

with_databases!(all, a_users_groups_by_last_change, async |db| {
    let store = open(&db);
    insert_users(&store, &["a", "b"]).await;
    for (name, second, members) in [
        ("red", 1, &["u-a"][..]),
        ("blue", 2, &["u-a", "u-b"]),
        ("green", 2, &["u-a"]),
        ("grey", 9, &["u-b"]),
    ] {
        insert(&store, name, second, members).await;
    }
    let names = read(&store, |db| db.list_group_names_of(&id("u-a"))).await;
    assert_eq!(names.iter().map(|group| group.name.as_str()).collect::<Vec<_>>(), ["blue", "green", "red"]);
    let groups = read(&store, |db| db.list_groups_of(&id("u-a"))).await;
    assert_eq!(groups.iter().map(|group| group.name.as_str()).collect::<Vec<_>>(), ["blue", "green", "red"]);
    let counted = read(&store, |db| db.list_groups(Some(&id("u-a")))).await;
    let counts: Vec<_> = counted.iter().map(|row| (row.group.name.as_str(), row.member_count)).collect();
    assert_eq!(counts, [("blue", 2), ("green", 1), ("red", 1)]);
    let all = read(&store, |db| db.list_groups(None)).await;
    assert_eq!(all[0].group.name, "grey");
    let permissions = read(&store, |db| db.list_permissions_of(&id("u-b"))).await;
    assert_eq!(permissions.len(), 2);

    let of = ["u-b", "nobody", "u-a", "u-b"].map(id);
    let found = read(&store, move |db| db.list_group_ids_of(&of.each_ref())).await;
    let found: Vec<Vec<_>> =
        found.iter().map(|groups| groups.iter().map(GroupId::as_str).collect()).collect();
    let (a, b) = (vec!["g-blue", "g-green", "g-red"], vec!["g-blue", "g-grey"]);
    assert_eq!(found, [b.clone(), vec![], a, b]);
    assert!(read(&store, |db| db.list_group_ids_of(&[])).await.is_empty());
});

with_databases!(attached, the_recorded_groups_are_read, async |db| {
    let store = open(&db);
    let engineering = read(&store, |db| db.find_group(&recorded_group("engineering"))).await.unwrap();
    let members = read(&store, |db| db.list_members(&recorded_group("engineering"))).await;
    assert_eq!(usize::try_from(engineering.member_count).unwrap(), members.len());
    assert!(members.iter().any(|user| user.id == recorded("alice")));
});

#[test]
fn permissions_of_the_groups_above_count_once_and_circles_end() {
    run::block_on(async {
        let db = TestDb::fresh(DbKind::WebUi012Sqlite);
        let store = open(&db);
        assert!(store.layout().group_parents);
        insert_users(&store, &["a"]).await;
        for (name, members) in [("leaf", &["u-a"][..]), ("twin", &["u-a"]), ("root", &[]), ("other", &[])] {
            insert(&store, name, 0, members).await;
        }
        db.db_execute("UPDATE \"group\" SET parent_group_id = 'g-root' WHERE id IN ('g-leaf', 'g-twin')");
        db.db_execute("UPDATE \"group\" SET parent_group_id = 'g-leaf' WHERE id = 'g-root'");
        let mut texts = read(&store, |db| db.list_permissions_of(&id("u-a"))).await;
        texts.sort_by(|one, other| one.as_str().cmp(other.as_str()));
        let texts: Vec<&str> = texts.iter().map(JsonText::as_str).collect();
        let of = |name| format!(r#"{{"chat": {{"{name}": true}}}}"#);
        assert_eq!(texts, [of("leaf"), of("root"), of("twin")]);
    });
}

with_databases!(all, rights_come_with_the_caller_as_they_come_alone, async |db| {
    const TEMPLATE: &str = "user.permissions";
    let store = open(&db);
    insert_users(&store, &["a", "b", "c"]).await;
    for (name, members) in
        [("leaf", &["u-a", "u-b"][..]), ("twin", &["u-a"]), ("root", &[]), ("bare", &["u-a"])]
    {
        insert(&store, name, 0, members).await;
    }
    db.db_execute("UPDATE \"group\" SET permissions = NULL WHERE id = 'g-bare'");
    let groups_of = async |user: &'static str| {
        let (caller, mut with) =
            read(&store, move |db| db.find_caller_with_rights(&id(user), TokenId::NONE, TEMPLATE))
                .await
                .unwrap();
        assert_eq!(Some(caller), read(&store, move |db| db.find_caller(&id(user), TokenId::NONE)).await);
        let mut alone = read(&store, move |db| db.find_permission_sources(&id(user), TEMPLATE)).await;
        for sources in [&mut with, &mut alone] {
            sources.groups.sort_by(|one, other| one.as_str().cmp(other.as_str()));
        }
        assert_eq!(with, alone);
        with.groups.len()
    };
    assert_eq!([groups_of("u-a").await, groups_of("u-b").await, groups_of("u-c").await], [2, 1, 0]);
    let template = JsonText::from_stored(r#"{"chat":{"edit":true}}"#.to_owned());
    write(&store, move |db| db.set_configs(&[(TEMPLATE, template)], NOW)).await;
    assert_eq!([groups_of("u-a").await, groups_of("u-c").await], [2, 0]);
    if store.layout().group_parents {
        db.db_execute("UPDATE \"group\" SET parent_group_id = 'g-root' WHERE id IN ('g-leaf', 'g-twin')");
        db.db_execute("UPDATE \"group\" SET parent_group_id = 'g-leaf' WHERE id = 'g-root'");
        assert_eq!([groups_of("u-a").await, groups_of("u-b").await], [3, 2]);
    }
    let nobody = read(&store, |db| db.find_caller_with_rights(&id("nobody"), TokenId::NONE, TEMPLATE)).await;
    assert_eq!(nobody, None);
});

with_databases!(all, thousands_of_members_at_once, async |db| {
    let store = open(&db);
    let users: Vec<UserId> = (0..2_500).map(|number| id(&format!("bulk-{number}"))).collect();
    let rows: Vec<String> =
        users.iter().map(|user| format!("('{user}', 'n', '{user}@x.y', 'user', '', 1, 1, 1)")).collect();
    db.db_execute(&format!(
        "INSERT INTO \"user\" (id, name, email, role, profile_image_url, created_at, updated_at, last_active_at) \
         VALUES {}",
        rows.join(", ")
    ));
    insert(&store, "crowd", 0, &[]).await;
    let everybody = users.clone();
    let mut row = 0;
    let added = write(&store, move |db| {
        db.add_members(&group("g-crowd"), &everybody, NOW, &mut || {
            row += 1;
            format!("m-{row}")
        })
    });
    assert_eq!(added.await.len(), 2_500);
    assert_eq!(write(&store, move |db| db.remove_members(&group("g-crowd"), &users, NOW)).await.len(), 2_500);
});
