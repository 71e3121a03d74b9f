//! Many accounts at once.

use rosterd_domain::email::EmailLookup;
use rosterd_domain::role::Role;
use rosterd_domain::secret::PasswordHash;
use rosterd_domain::transfer::FullColumns;
use rosterd_storage::{RecordColumns, StoreError, WholeAccount};
use rosterd_testkit::with_databases;

use crate::support::{NOW, id, insert_users, lookup, new_user, open, read, write};

const ALL: RecordColumns = RecordColumns { images: true, documents: true, secrets: true };
const FEW: RecordColumns = RecordColumns { images: false, documents: false, secrets: false };

fn account(name: &str) -> WholeAccount {
    let user = new_user(name, 0);
    WholeAccount {
        id: user.id,
        email: user.email,
        name: user.name,
        role: user.role,
        profile_image_url: user.profile_image_url,
        hash: PasswordHash::from_stored(format!("hash of {name}")),
        stamp: Some("stamp".to_owned()),
        created_at: NOW,
        rest: FullColumns::default(),
    }
}

with_databases!(all, r2_many_accounts_are_found_as_one_is, async |db| {
    let store = open(&db);
    insert_users(&store, &["eve", "josé"]).await;
    write(&store, |db| db.insert_auth(&id("u-eve"), "eve@example.net", &PasswordHash::unset(4), None)).await;
    let typed = ["nobody@example.net", " EVE@example.net", "JOSE\u{301}@example.net", "", "bob@example.com"];
    let lookups: Vec<EmailLookup> = typed.iter().copied().map(lookup).collect();
    let one_by_one = lookups.clone();
    let singly = read(&store, move |db| {
        one_by_one.iter().map(|email| db.find_user_id_by_email(email)).collect::<Result<Vec<_>, _>>()
    })
    .await;
    let found = read(&store, move |db| db.find_accounts_by_email(&lookups)).await;
    let ids: Vec<_> = found.iter().map(|known| known.as_ref().map(|known| known.row.id.clone())).collect();
    assert_eq!(ids, singly);
    let eve = found[1].as_ref().unwrap();
    assert!(!eve.has_password() && eve.hash.as_ref().is_some_and(PasswordHash::is_unset));
    assert!(found[2].as_ref().is_some_and(|known| known.hash.is_none() && known.active));
});

with_databases!(all, accounts_are_inserted_together_or_not_at_all, async |db| {
    let store = open(&db);
    let before = read(&store, |db| db.count_users()).await;
    let mut many: Vec<WholeAccount> = (0..1_200).map(|n| account(&format!("p{n}"))).collect();
    many[7].rest.bio = Some("Hi".to_owned());
    many[7].rest.active = Some(false);
    write(&store, move |db| db.insert_accounts(&many)).await;
    assert_eq!(read(&store, |db| db.count_users()).await, before + 1_200);
    let record = read(&store, |db| db.find_record(&id("u-p7"), ALL)).await.unwrap();
    assert_eq!((record.rest.bio.as_deref(), record.rest.active), (Some("Hi"), Some(false)));
    assert!(record.password_hash.is_some());
    assert_eq!(record.rest.session_stamp.is_some(), store.layout().session_stamp);
    let again = vec![account("new"), account("p3")];
    let refused = store.write(move |db| db.insert_accounts(&again)).await;
    assert!(matches!(refused, Err(StoreError::AlreadyExists { .. })), "{refused:?}");
    assert_eq!(read(&store, |db| db.count_users()).await, before + 1_200);
    let ids = [id("u-p1"), id("u-nobody")];
    assert_eq!(read(&store, move |db| db.list_present_ids(&ids)).await, [id("u-p1")]);
});

with_databases!(all, records_come_by_id_and_each_once, async |db| {
    let store = open(&db);
    insert_users(&store, &["a", "b", "c"]).await;
    let mut seen = Vec::new();
    let mut after = None;
    loop {
        let from = after.clone();
        let part = read(&store, move |db| db.list_records(from.as_ref(), 2, FEW)).await;
        let Some(last) = part.last().and_then(|record| record.rest.id.clone()) else { break };
        assert!(part.iter().all(|record| record.password_hash.is_none() && record.rest.settings.is_none()));
        seen.extend(part.into_iter().filter_map(|record| record.rest.id));
        after = Some(id(&last));
    }
    let users = usize::try_from(read(&store, |db| db.count_users()).await).unwrap();
    assert_eq!(seen.len(), users);
    seen.sort_unstable();
    seen.dedup();
    assert_eq!(seen.len(), users);
});

with_databases!(own, t4_an_admin_is_active_to_count, async |db| {
    let store = open(&db);
    let mut admins = [account("one"), account("two")];
    for admin in &mut admins {
        admin.role = Role::Admin;
    }
    admins[1].rest.active = Some(false);
    write(&store, move |db| db.insert_accounts(&admins)).await;
    assert!(read(&store, |db| db.has_admin_beside(&[])).await);
    assert!(read(&store, |db| db.has_admin_beside(&[id("u-two")])).await);
    assert!(!read(&store, |db| db.has_admin_beside(&[id("u-one")])).await);
});
