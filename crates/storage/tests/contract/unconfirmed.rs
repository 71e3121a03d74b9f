//! Whose e-mail address is to be confirmed (rules C1 and C4).

use rosterd_domain::role::Role;
use rosterd_domain::unconfirmed::Unconfirmed;
use rosterd_testkit::with_databases;

use crate::support::{NOW, id, new_user, open, read, write};

fn row(role: Role) -> Unconfirmed {
    Unconfirmed { role, since: NOW }
}

with_databases!(all, c1_who_waits_is_kept_with_the_role_to_come, async |db| {
    open(&db).adopt_apply().await.unwrap();
    let store = open(&db);
    assert!(store.layout().unconfirmed);
    write(&store, |db| db.insert_user(&new_user("bob", 1))).await;
    let find = async || read(&store, |db| db.find_unconfirmed(&id("u-bob"))).await;
    assert_eq!(find().await, None);
    for role in [Role::User, Role::Unknown("guest \u{1f334}".into())] {
        let put = row(role.clone());
        write(&store, move |db| db.put_unconfirmed(&id("u-bob"), &put)).await;
        assert_eq!(find().await, Some(row(role)), "in the place of the one before");
    }
    // With the whole row, while it counts.
    let of = async || read(&store, |db| db.find_user(&id("u-bob"))).await.unwrap().unconfirmed;
    for (stored, shown) in [("user", None), ("pending", find().await)] {
        db.db_execute(&format!(r#"UPDATE "user" SET role = '{stored}' WHERE id = 'u-bob'"#));
        assert_eq!(of().await, shown, "{stored}");
    }
    assert!(write(&store, |db| db.delete_unconfirmed(&id("u-bob"))).await);
    assert!(!write(&store, |db| db.delete_unconfirmed(&id("u-bob"))).await);
    assert_eq!(find().await, None);
});

with_databases!(all, c4_what_counts_for_nothing_is_forgotten, async |db| {
    open(&db).adopt_apply().await.unwrap();
    let store = open(&db);
    for name in ["bob", "eve"] {
        write(&store, move |db| db.insert_user(&new_user(name, 1))).await;
    }
    for user in ["u-bob", "u-eve", "u-gone"] {
        write(&store, move |db| db.put_unconfirmed(&id(user), &row(Role::User))).await;
    }
    db.db_execute(r#"UPDATE "user" SET role = 'pending' WHERE id = 'u-bob'"#);
    db.db_execute(r#"UPDATE "user" SET role = 'user' WHERE id = 'u-eve'"#);
    let forget = async || write(&store, |db| db.forget_void_unconfirmed()).await;
    assert_eq!((forget().await, forget().await), (2, 0));
    assert_eq!(read(&store, |db| db.find_unconfirmed(&id("u-bob"))).await, Some(row(Role::User)));
    assert_eq!(read(&store, |db| db.find_unconfirmed(&id("u-eve"))).await, None);
});

with_databases!(attached, c1_without_its_table_nobody_waits, async |db| {
    let store = open(&db);
    assert!(!store.layout().unconfirmed);
    write(&store, |db| db.put_unconfirmed(&id("u-bob"), &row(Role::User))).await;
    assert_eq!(read(&store, |db| db.find_unconfirmed(&id("u-bob"))).await, None);
    assert!(!write(&store, |db| db.delete_unconfirmed(&id("u-bob"))).await);
    assert_eq!(write(&store, |db| db.forget_void_unconfirmed()).await, 0);
});
