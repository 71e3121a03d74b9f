//! One-time links (rules O1 and O3).

use rosterd_domain::ids::LinkId;
use rosterd_domain::link::{LinkKind, LinkRow};
use rosterd_testkit::with_databases;

use crate::support::{NOW, id, new_user, open, read, write};

fn link(number: i64, kind: LinkKind, user: &str) -> LinkRow {
    LinkRow {
        id: link_id(number),
        kind,
        user: id(user),
        email: "Bob \u{1f334}@example.com".to_owned(),
        token_hash: format!("hash-{number}"),
        maker: (number % 2 == 1).then(|| id("u-ada")),
        created_at: NOW,
        expires_at: NOW + number,
    }
}

fn link_id(number: i64) -> LinkId {
    LinkId::from_stored(format!("l-{number}"))
}

with_databases!(all, o1_o3_a_link_is_found_by_its_hash_and_replaced_by_the_next_of_its_kind, async |db| {
    open(&db).adopt_apply().await.unwrap();
    let store = open(&db);
    assert!(store.layout().links);
    for name in ["bob", "eve"] {
        write(&store, move |db| db.insert_user(&new_user(name, 1))).await;
    }
    let by_hash = async |hash: &'static str| read(&store, move |db| db.find_link_by_hash(hash)).await;
    assert_eq!(by_hash("hash-1").await, None);
    let first = link(1, LinkKind::Reset, "u-bob");
    for row in [first.clone(), link(2, LinkKind::Invite, "u-bob"), link(3, LinkKind::Reset, "u-eve")] {
        write(&store, move |db| db.put_link(&row)).await;
    }
    assert_eq!(by_hash("hash-1").await.as_ref(), Some(&first));
    assert_eq!(read(&store, |db| db.find_link(&link_id(1))).await, Some(first));
    assert_eq!(by_hash("hash-2").await, Some(link(2, LinkKind::Invite, "u-bob")));
    assert_eq!((by_hash("HASH-1").await, by_hash("").await), (None, None), "to the letter");

    let newer = link(4, LinkKind::Reset, "u-bob");
    let put = newer.clone();
    write(&store, move |db| db.put_link(&put)).await;
    assert_eq!((by_hash("hash-1").await, by_hash("hash-4").await), (None, Some(newer)));
    assert_eq!(read(&store, |db| db.find_link(&link_id(1))).await, None);
    assert!(
        by_hash("hash-2").await.is_some() && by_hash("hash-3").await.is_some(),
        "of another kind or account"
    );

    assert!(write(&store, |db| db.delete_link(&link_id(4))).await);
    assert!(!write(&store, |db| db.delete_link(&link_id(4))).await);
    let put = link(5, LinkKind::Reset, "u-bob");
    write(&store, move |db| db.put_link(&put)).await;
    assert_eq!(write(&store, |db| db.delete_links(&id("u-bob"))).await, 2);
    assert_eq!(write(&store, |db| db.delete_links(&id("u-bob"))).await, 0);
    assert!(by_hash("hash-3").await.is_some());
});

with_databases!(all, o3_c6_another_password_ends_all_links_but_the_one_that_confirms, async |db| {
    open(&db).adopt_apply().await.unwrap();
    let store = open(&db);
    let rows = [
        link(1, LinkKind::Reset, "u-bob"),
        link(2, LinkKind::Invite, "u-bob"),
        link(3, LinkKind::Confirm, "u-bob"),
        link(4, LinkKind::Reset, "u-eve"),
    ];
    for row in rows.clone() {
        write(&store, move |db| db.put_link(&row)).await;
    }
    let delete = async || write(&store, |db| db.delete_password_links(&id("u-bob"))).await;
    assert_eq!((delete().await, delete().await), (2, 0));
    for (row, is_left) in rows.into_iter().zip([false, false, true, true]) {
        let found = read(&store, {
            let id = row.id.clone();
            move |db| db.find_link(&id)
        })
        .await;
        assert_eq!(found, is_left.then_some(row));
    }
    assert_eq!(write(&store, |db| db.delete_links(&id("u-bob"))).await, 1);
});

with_databases!(all, o3_ended_links_are_forgotten_and_no_others, async |db| {
    open(&db).adopt_apply().await.unwrap();
    let store = open(&db);
    for number in 1..=3 {
        let row = link(number, LinkKind::Reset, &format!("u-{number}"));
        write(&store, move |db| db.put_link(&row)).await;
    }
    let forget = async |at| write(&store, move |db| db.forget_ended_links(at)).await;
    assert_eq!((forget(NOW).await, forget(NOW + 2).await, forget(NOW + 2).await), (0, 2, 0));
    assert!(read(&store, |db| db.find_link(&link_id(3))).await.is_some());
    // Of a kind that a newer version knows: nobody here can use it.
    db.db_execute("UPDATE rosterd_link SET kind = 'other'");
    assert_eq!(read(&store, |db| db.find_link(&link_id(3))).await, None);
});

with_databases!(attached, o1_without_its_table_there_are_no_links, async |db| {
    let store = open(&db);
    assert!(!store.layout().links);
    write(&store, |db| db.put_link(&link(1, LinkKind::Reset, "u-bob"))).await;
    assert_eq!(read(&store, |db| db.find_link(&link_id(1))).await, None);
    assert_eq!(read(&store, |db| db.find_link_by_hash("hash-1")).await, None);
    assert!(!write(&store, |db| db.delete_link(&link_id(1))).await);
    assert_eq!(write(&store, |db| db.delete_links(&id("u-bob"))).await, 0);
    assert_eq!(write(&store, |db| db.delete_password_links(&id("u-bob"))).await, 0);
    assert_eq!(write(&store, |db| db.forget_ended_links(NOW + 9)).await, 0);
});
