//! Who is suspended (rules U1, U4 and U5).

use rosterd_domain::list::{AccountStatus, ListQuery, Order, UserFilter};
use rosterd_domain::role::Role;
use rosterd_domain::suspension::{Suspension, SuspensionRow};
use rosterd_storage::ListedSizes;
use rosterd_testkit::with_databases;

use crate::support::{NOW, id, new_user, open, read, write};

fn row(until: Option<i64>, role: Role) -> SuspensionRow {
    let shown = Suspension { reason: Some("on \u{1f334} leave".to_owned()), since: NOW, until, role };
    SuspensionRow { shown, was_active: true }
}

with_databases!(all, u1_u5_a_suspension_is_kept_shown_and_forgotten, async |db| {
    open(&db).adopt_apply().await.unwrap();
    let store = open(&db);
    assert!(store.layout().suspensions);
    for name in ["bob", "eve"] {
        write(&store, move |db| db.insert_user(&new_user(name, 1))).await;
    }
    let find = async |user: &'static str| read(&store, move |db| db.find_suspension(&id(user))).await;
    assert_eq!(find("u-bob").await, None);
    let kept = row(Some(NOW + 9), Role::Unknown("guest".into()));
    let put = kept.clone();
    write(&store, move |db| db.put_suspension(&id("u-bob"), &put)).await;
    assert_eq!(find("u-bob").await, Some(kept.clone()));
    let other = SuspensionRow {
        shown: Suspension { reason: None, since: 1, until: None, role: Role::Admin },
        was_active: false,
    };
    let put = other.clone();
    write(&store, move |db| db.put_suspension(&id("u-bob"), &put)).await;
    assert_eq!(find("u-bob").await, Some(other.clone()), "in its place");
    let of = read(&store, |db| db.list_suspensions(&[id("u-bob"), id("u-eve"), id("nobody")])).await;
    assert_eq!(of, [(id("u-bob"), other.shown.clone())]);
    assert_eq!(read(&store, |db| db.list_suspensions(&[])).await, []);
    // With every whole row.
    let user = read(&store, |db| db.find_user(&id("u-bob"))).await.unwrap();
    assert_eq!(user.suspension.as_ref(), Some(&other.shown));
    assert_eq!(read(&store, |db| db.find_user(&id("u-eve"))).await.unwrap().suspension, None);
    let listed =
        |status| ListQuery::page_of(None, Order::default(), 1, 200).narrowed(UserFilter::of_status(status));
    let query = listed(AccountStatus::Suspended);
    let found = read(&store, move |db| db.list_users(&query, ListedSizes::default())).await;
    assert_eq!(found, [user]);
    let query = listed(AccountStatus::Active);
    let everybody = read(&store, |db| db.count_users()).await;
    assert_eq!(read(&store, move |db| db.count_listed(&query)).await, everybody - 1);
    assert!(write(&store, |db| db.delete_suspension(&id("u-bob"))).await);
    assert!(!write(&store, |db| db.delete_suspension(&id("u-bob"))).await);
    assert_eq!(find("u-bob").await, None);
});

with_databases!(all, u4_the_suspensions_that_are_over_are_found, async |db| {
    open(&db).adopt_apply().await.unwrap();
    let store = open(&db);
    for (name, until) in [("a", Some(NOW)), ("b", Some(NOW + 1)), ("c", None)] {
        write(&store, move |db| db.insert_user(&new_user(name, 1))).await;
        write(&store, move |db| db.put_suspension(&id(&format!("u-{name}")), &row(until, Role::User))).await;
    }
    // Open WebUI has deleted this one.
    write(&store, |db| db.put_suspension(&id("u-gone"), &row(None, Role::User))).await;
    let over = async |at, limit| read(&store, move |db| db.list_ended_suspensions(at, limit)).await;
    assert_eq!(over(NOW, 9).await, [id("u-a"), id("u-gone")]);
    assert_eq!(over(NOW, 1).await, [id("u-a")]);
    assert_eq!(over(NOW + 1, 9).await, [id("u-a"), id("u-b"), id("u-gone")]);
});

with_databases!(all, u1_an_account_is_switched_off_and_on, async |db| {
    let store = open(&db);
    write(&store, |db| db.insert_user(&new_user("bob", 1))).await;
    assert!(!write(&store, |db| db.set_active(&id("u-bob"), false)).await, "it has no row");
    let hash = rosterd_domain::secret::PasswordHash::from_stored("x".to_owned());
    write(&store, move |db| db.insert_auth(&id("u-bob"), "bob@example.net", &hash, None)).await;
    for active in [false, true] {
        assert!(write(&store, move |db| db.set_active(&id("u-bob"), active)).await);
        let row = read(&store, |db| db.find_sign_in_of(&id("u-bob"))).await.unwrap();
        assert_eq!(row.active, active);
    }
});

with_databases!(attached, u1_without_its_table_nobody_is_suspended, async |db| {
    let store = open(&db);
    assert!(!store.layout().suspensions);
    write(&store, |db| db.insert_user(&new_user("bob", 1))).await;
    write(&store, |db| db.put_suspension(&id("u-bob"), &row(None, Role::User))).await;
    assert_eq!(read(&store, |db| db.find_suspension(&id("u-bob"))).await, None);
    assert_eq!(read(&store, |db| db.list_ended_suspensions(NOW, 9)).await, []);
    assert!(!write(&store, |db| db.delete_suspension(&id("u-bob"))).await);
    let of =
        |status| ListQuery::page_of(None, Order::default(), 1, 200).narrowed(UserFilter::of_status(status));
    let (suspended, active) = (of(AccountStatus::Suspended), of(AccountStatus::Active));
    assert_eq!(read(&store, move |db| db.count_listed(&suspended)).await, 0);
    let everybody = read(&store, |db| db.count_users()).await;
    assert_eq!(read(&store, move |db| db.count_listed(&active)).await, everybody);
});
