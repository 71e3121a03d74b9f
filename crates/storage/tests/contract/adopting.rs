//! `rosterd adopt`: what it reports and what it adds.

use rosterd_storage::{AdoptReport, DuplicateEmail, Orphans, TokenId};
use rosterd_testkit::with_databases;

use crate::support::{NOW, folds_emails_beyond_ascii, id, open, read, recorded, write};

with_databases!(own, an_own_database_lacks_nothing, async |db| {
    assert_eq!(open(&db).adopt_report().await.unwrap(), AdoptReport::default());
    assert!(open(&db).adopt_apply().await.unwrap().is_empty());
});

with_databases!(attached, duplicates_and_orphans_are_reported_and_left_alone, async |db| {
    if folds_emails_beyond_ascii(&db) {
        return;
    }
    db.db_execute("UPDATE \"user\" SET email = 'ÄDA@example.com' WHERE email = 'alice@example.com'");
    db.db_execute("UPDATE \"user\" SET email = 'äda@example.com' WHERE email = 'ada@example.com'");
    db.db_execute("UPDATE auth SET id = 'nobody' WHERE email = 'bob@example.com'");
    let report = open(&db).adopt_report().await.unwrap();
    let shared = DuplicateEmail {
        email: "äda@example.com".to_owned(),
        users: vec![recorded("ada"), recorded("alice")],
    };
    assert_eq!(report.duplicate_emails, [shared]);
    assert_eq!(report.orphans, [Orphans { table: "auth", ids: vec!["nobody".to_owned()] }]);
    let made = open(&db).adopt_apply().await.unwrap();
    let again = open(&db).adopt_report().await.unwrap();
    assert_eq!((again.duplicate_emails, again.orphans), (report.duplicate_emails, report.orphans));
    assert!(!made.iter().any(|name| name.contains("_ux_")), "no unique index over duplicates: {made:?}");
});

with_databases!(attached, what_is_missing_is_added_once_and_used, async |db| {
    let store = open(&db);
    let before = db.schema_dump();
    let report = store.adopt_report().await.unwrap();
    assert!(report.duplicate_emails.is_empty() && report.orphans.is_empty(), "{report:?}");
    assert_eq!(db.schema_dump(), before, "a report changes nothing");
    let made = store.adopt_apply().await.unwrap();
    assert_eq!(made, report.missing);
    assert!(made.iter().all(|name| name.starts_with("rosterd_")), "{made:?}");
    assert!(store.adopt_report().await.unwrap().missing.is_empty());

    // Theirs is as it was: what is new has our name in it.
    let theirs: Vec<String> =
        db.schema_dump().lines().filter(|line| !line.contains("rosterd_")).map(str::to_owned).collect();
    assert_eq!(theirs, before.lines().collect::<Vec<_>>());

    let store = open(&db);
    assert!(store.layout().revocations && store.layout().email_index && !store.layout().is_standalone());
    assert!(store.layout().named_keys);
    assert!(write(&store, |db| db.revoke_token("j-1", None, NOW)).await);
    let caller =
        read(&store, |db| db.find_caller(&recorded("alice"), TokenId::Other(Some("j-1")))).await.unwrap();
    assert!(caller.revoked);
    let found =
        read(&store, |db| db.find_user_id_by_email(&crate::support::lookup("ALICE@example.com"))).await;
    assert_eq!(found, Some(recorded("alice")));
    assert_ne!(found, Some(id("nobody")));
});
