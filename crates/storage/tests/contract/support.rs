//! What the tests share: opening a store, running closures on it, and making users.

use rosterd_domain::email::{EmailAddress, EmailLookup};
use rosterd_domain::ids::{GroupId, UserId};
use rosterd_domain::name::UserName;
use rosterd_domain::profile_image::ProfileImageUrl;
use rosterd_domain::role::Role;
use rosterd_domain::user::NewUser;
use rosterd_storage::{Db, NewStamp, Store, StoreOptions, StoreResult};
use rosterd_testkit::TestDb;
use rosterd_testkit::fixtures::Actors;

/// A moment later than anything recorded.
pub(crate) const NOW: i64 = 2_000_000_000;

/// The options for a test's database.
pub(crate) fn options(db: &TestDb) -> StoreOptions {
    StoreOptions { threads: 2, ..StoreOptions::new(db.database_url()) }
}

/// The test's database as a store.
pub(crate) fn open(db: &TestDb) -> Store {
    Store::open(&options(db)).unwrap()
}

/// A read that must work.
pub(crate) async fn read<T: Send + 'static>(
    store: &Store,
    f: impl FnOnce(&mut dyn Db) -> StoreResult<T> + Send + 'static,
) -> T {
    store.read(f).await.unwrap()
}

/// A transaction that must be committed.
pub(crate) async fn write<T: Send + 'static>(
    store: &Store,
    f: impl FnOnce(&mut dyn Db) -> StoreResult<T> + Send + 'static,
) -> T {
    store.write(f).await.unwrap()
}

/// Somebody new, `second` seconds after the epoch's billionth, so that the smallest is the primary admin even of the
/// recorded roster.
pub(crate) fn new_user(name: &str, second: i64) -> NewUser {
    NewUser {
        id: UserId::from_stored(format!("u-{name}")),
        email: EmailAddress::parse(&format!("{}@example.net", name.replace(' ', "."))).unwrap(),
        name: UserName::from_stored(name.to_owned()),
        role: Role::User,
        profile_image_url: ProfileImageUrl::default(),
        created_at: 1_000_000_000 + second,
        oauth: None,
    }
}

/// Inserts such users, in order, a second apart.
pub(crate) async fn insert_users(store: &Store, names: &[&str]) -> Vec<UserId> {
    let users: Vec<NewUser> = (0_i64..).zip(names).map(|(second, name)| new_user(name, second)).collect();
    let ids = users.iter().map(|user| user.id.clone()).collect();
    write(store, move |db| users.iter().try_for_each(|user| db.insert_user(user))).await;
    ids
}

/// A recorded user's id by short name.
pub(crate) fn recorded(name: &str) -> UserId {
    UserId::from_stored(Actors::recorded().user(name).to_owned())
}

/// A recorded group's id by short name.
pub(crate) fn recorded_group(name: &str) -> GroupId {
    GroupId::from_stored(Actors::recorded().group(name).to_owned())
}

/// An e-mail address that is well-formed.
pub(crate) fn email(text: &str) -> EmailAddress {
    EmailAddress::parse(text).unwrap()
}

/// An e-mail address as somebody types it.
pub(crate) fn lookup(text: &str) -> EmailLookup {
    EmailLookup::new(text)
}

/// A new session stamp.
pub(crate) fn stamp(text: &str) -> NewStamp {
    NewStamp { stamp: text.to_owned(), mfa: None }
}

/// Whether the database itself refuses two e-mail addresses that differ in the case of letters beyond ASCII: Open WebUI
/// 0.12's index does on PostgreSQL, where `lower()` knows such letters.
pub(crate) fn folds_emails_beyond_ascii(db: &TestDb) -> bool {
    db.is_postgres() && db.schema_dump().contains("uq_user_email_lower")
}

/// An id as stored.
pub(crate) fn id(text: &str) -> UserId {
    UserId::from_stored(text.to_owned())
}
