//! Connections by SCIM (rules J1, J2, J7 and J12).

use rosterd_domain::ids::ConnectionId;
use rosterd_domain::role::Role;
use rosterd_domain::scim::{Connection, ConnectionRow, GroupRule};
use rosterd_domain::user::NewUser;
use rosterd_testkit::{TestDb, with_databases};

use crate::support::{NOW, id, new_user, open, read, write};

fn connection(name: &str) -> ConnectionId {
    ConnectionId::from_stored(name.to_owned())
}

fn row(name: &str, created_at: i64) -> ConnectionRow {
    ConnectionRow {
        connection: Connection {
            id: connection(name),
            name: format!("Provider {name}"),
            default_role: Role::Pending,
            links_by_email: true,
            takes_passwords: false,
            deletes_accounts: true,
            group_rule: GroupRule::Existing,
            created_at,
            created_by: Some(id("u-ada")),
            last_used_at: None,
        },
        token_hash: format!("hash-{name}"),
        old_token: None,
    }
}

/// That a connection keeps an account, which it may have deleted.
fn keep(db: &TestDb, of: &str, user: &str, hidden: &str) {
    db.db_execute(&format!(
        "INSERT INTO rosterd_scim_user (connection_id, user_id, made, hidden_at, user_name, user_name_key, created_at, updated_at, \
         version) VALUES ('{of}', '{user}', TRUE, {hidden}, '{user}', '{user}', 1, 1, 1)"
    ));
    db.db_execute(&format!(
        "INSERT INTO rosterd_scim_email (connection_id, user_id, position, value, value_key) VALUES ('{of}', '{user}', '0000', 'x', 'x')"
    ));
}

with_databases!(all, j1_j2_a_connection_is_found_by_its_tokens, async |db| {
    let store = open(&db);
    if !store.layout().scim {
        // Without the tables there are none, and none can be written.
        let first = row("a", 1);
        write(&store, move |db| db.insert_connection(&first)).await;
        assert!(!read(&store, |db| db.has_connections()).await);
        assert!(!write(&store, |db| db.delete_connection(&connection("a"))).await);
        assert_eq!(read(&store, |db| db.find_connection_by_hash("hash-a")).await, None);
        assert!(!write(&store, |db| db.hold_connection(&connection("a"))).await);
        assert!(read(&store, |db| db.count_seen()).await.is_empty());
    }
    store.adopt_apply().await.unwrap();
    let store = open(&db);
    assert!(store.layout().scim && !read(&store, |db| db.has_connections()).await);
    let (first, second) = (row("a", NOW + 1), row("b", NOW));
    for row in [first.clone(), second.clone()] {
        write(&store, move |db| db.insert_connection(&row)).await;
    }
    assert!(read(&store, |db| db.has_connections()).await);
    assert_eq!(read(&store, |db| db.list_connections()).await, [second.clone(), first.clone()]);
    let by_hash = async |hash: &'static str| read(&store, move |db| db.find_connection_by_hash(hash)).await;
    assert_eq!(by_hash("hash-a").await.as_ref(), Some(&first));
    assert_eq!((by_hash("HASH-a").await, by_hash("").await), (None, None), "to the letter");

    let mut changed = ConnectionRow { old_token: Some(("hash-a".to_owned(), NOW + 60)), ..first.clone() };
    "hash-new".clone_into(&mut changed.token_hash);
    "Okta".clone_into(&mut changed.connection.name);
    changed.connection.group_rule = GroupRule::None;
    changed.connection.links_by_email = false;
    let put = changed.clone();
    write(&store, move |db| db.update_connection(&put)).await;
    for hash in ["hash-a", "hash-new"] {
        assert_eq!(by_hash(hash).await.as_ref(), Some(&changed), "{hash}");
    }
    assert_eq!(by_hash("hash-b").await, Some(second));
    assert!(write(&store, |db| db.hold_connection(&connection("a"))).await);
    assert!(!write(&store, |db| db.hold_connection(&connection("nobody"))).await);

    // A use is written where it is later than the one that is known.
    for (second, wanted) in [(7, 7), (5, 7), (9, 9)] {
        write(&store, move |db| db.touch_connections(&[(connection("a"), second), (connection("gone"), 1)]))
            .await;
        let found = read(&store, |db| db.find_connection(&connection("a"))).await.unwrap();
        assert_eq!(found.connection.last_used_at, Some(wanted));
    }
});

with_databases!(all, j12_with_a_connection_go_its_links_and_nothing_else, async |db| {
    open(&db).adopt_apply().await.unwrap();
    let store = open(&db);
    for name in ["bob", "eve"] {
        write(&store, move |db| db.insert_user(&new_user(name, 1))).await;
    }
    for name in ["a", "b"] {
        write(&store, move |db| db.insert_connection(&row(name, 1))).await;
        keep(&db, name, "u-bob", "NULL");
    }
    keep(&db, "a", "u-eve", "7");
    db.db_execute(
        "INSERT INTO rosterd_scim_group (connection_id, group_id, made, display_name, display_key, created_at, updated_at, version) \
         VALUES ('a', 'g', TRUE, 'G', 'g', 1, 1, 1)",
    );
    let seen = read(&store, |db| db.count_seen()).await;
    assert_eq!(seen, [(connection("a"), 1, 1), (connection("b"), 1, 0)]);
    assert!(write(&store, |db| db.delete_connection(&connection("a"))).await);
    assert!(!write(&store, |db| db.delete_connection(&connection("a"))).await);
    assert_eq!(read(&store, |db| db.count_seen()).await, [(connection("b"), 1, 0)]);
    assert_eq!(db.db_value("SELECT count(*) FROM rosterd_scim_email").as_deref(), Some("1"));
    assert!(read(&store, |db| db.find_account(&id("u-eve"))).await.is_some());
});

with_databases!(all, j7_whom_a_connection_could_be_linked_to, async |db| {
    open(&db).adopt_apply().await.unwrap();
    let store = open(&db);
    write(&store, |db| db.insert_connection(&row("a", 1))).await;
    let before = read(&store, |db| db.count_linkable(&connection("a"), None)).await;
    // The first of all comes before those of a recorded roster.
    for (name, role) in [
        ("0a", Role::User),
        ("0b", Role::Pending),
        ("0c", Role::Admin),
        ("0d", Role::User),
        ("0e", Role::User),
    ] {
        let new = NewUser { role, ..new_user(name, 1) };
        write(&store, move |db| db.insert_user(&new)).await;
    }
    keep(&db, "a", "u-0d", "7");
    keep(&db, "b", "u-0a", "NULL");
    let names = async |primary: Option<&'static str>, window: (i64, i64)| {
        let primary = primary.map(id);
        let users =
            read(&store, move |db| db.list_linkable(&connection("a"), primary.as_ref(), window)).await;
        users.into_iter().map(|user| user.id.into_string()).collect::<Vec<_>>()
    };
    assert_eq!(names(None, (0, 3)).await, ["u-0a", "u-0b", "u-0e"], "by e-mail address");
    assert_eq!(names(None, (1, 1)).await, ["u-0b"]);
    assert_eq!(names(Some("u-0a"), (0, 2)).await, ["u-0b", "u-0e"]);
    assert_eq!(read(&store, |db| db.count_linkable(&connection("a"), None)).await, before + 3);
    // A suspended admin is one, and who waits for the e-mail address to be confirmed may not be its owner.
    db.db_execute(
        "INSERT INTO rosterd_suspension (user_id, since, role, active) VALUES ('u-0b', 1, 'admin', TRUE)",
    );
    db.db_execute("INSERT INTO rosterd_unconfirmed (user_id, role, since) VALUES ('u-0a', 'user', 1)");
    assert_eq!(names(None, (0, 1)).await, ["u-0e"]);
    assert_eq!(read(&store, |db| db.count_linkable(&connection("a"), None)).await, before + 1);
});
