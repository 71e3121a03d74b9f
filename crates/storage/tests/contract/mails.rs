//! The outbox of mails (rules Q2 to Q4).

use rosterd_domain::ids::{LinkId, MailId};
use rosterd_domain::link::{LinkKind, LinkRow};
use rosterd_domain::mail::{
    Language, MailData, MailKind, MailQuery, MailRow, MailState, MailTried, NewMail, WaitingMails,
};
use rosterd_storage::Store;
use rosterd_testkit::{TestDb, with_databases};

use crate::support::{NOW, id, open, read, write};

fn mail_id(text: &str) -> MailId {
    MailId::from_stored(text.to_owned())
}

fn mail(name: &str) -> NewMail {
    NewMail {
        id: mail_id(name),
        kind: MailKind::NewSignIn,
        user: Some(id("u-bob")),
        recipient: "bob@straße.example".to_owned(),
        language: Language::De,
        link: Some("l-1".to_owned()),
        data: MailData::default().with("name", Some("Bob \u{1f334}")),
    }
}

fn tried(before: i64, state: MailState, next_attempt_at: Option<i64>) -> MailTried {
    let error = (state != MailState::Sent).then(|| "not now".to_owned());
    MailTried { attempts_before: before, state, next_attempt_at, at: NOW + 1, error }
}

async fn adopted(db: &TestDb) -> Store {
    open(db).adopt_apply().await.unwrap();
    let store = open(db);
    assert!(store.layout().mails);
    store
}

async fn note(store: &Store, mail: NewMail, at: i64) {
    write(store, move |db| db.note_mail(&mail, at)).await;
}

async fn find(store: &Store, name: &'static str) -> Option<MailRow> {
    read(store, move |db| db.find_mail(&mail_id(name))).await
}

async fn ids(store: &Store, query: MailQuery) -> Vec<String> {
    let rows = read(store, move |db| db.list_mails(&query)).await;
    rows.into_iter().map(|row| row.id.into_string()).collect()
}

with_databases!(all, q4_a_mail_is_stored_as_it_is_and_goes_with_its_account, async |db| {
    let store = adopted(&db).await;
    note(&store, mail("m-1"), NOW).await;
    let row = find(&store, "m-1").await.unwrap();
    let wanted = MailRow {
        id: mail_id("m-1"),
        kind: Some(MailKind::NewSignIn),
        kind_name: "new_sign_in".to_owned(),
        user: Some(id("u-bob")),
        recipient: "bob@straße.example".to_owned(),
        language: Language::De,
        link: Some("l-1".to_owned()),
        data: MailData::default().with("name", Some("Bob \u{1f334}")),
        state: MailState::Waiting,
        attempts: 0,
        next_attempt_at: Some(NOW),
        last_error: None,
        created_at: NOW,
        sent_at: None,
    };
    assert_eq!(row, wanted);
    note(&store, NewMail { user: None, ..mail("m-2") }, NOW).await;
    write(&store, |db| db.delete_mails(&id("u-bob"))).await;
    assert_eq!(find(&store, "m-1").await, None);
    assert!(find(&store, "m-2").await.is_some(), "of nobody");
});

with_databases!(all, q2_q3_a_mail_is_claimed_once_and_its_outcome_is_kept_once, async |db| {
    let store = adopted(&db).await;
    for (name, at) in [("m-1", NOW), ("m-2", NOW - 5), ("m-3", NOW + 1)] {
        note(&store, mail(name), at).await;
    }
    let due = read(&store, |db| db.list_due_mails(NOW, 9)).await;
    let due: Vec<_> = due.iter().map(|row| row.id.as_str()).collect();
    assert_eq!(due, ["m-2", "m-1"], "the one that has waited longest first");
    let claim = async || write(&store, |db| db.put_off_mail(&mail_id("m-1"), (NOW, NOW + 60))).await;
    assert!(claim().await);
    assert!(!claim().await, "somebody else has it");
    let keep = async |name: &'static str, tried: MailTried| {
        write(&store, move |db| db.keep_mail_attempt(&mail_id(name), &tried)).await
    };
    assert!(keep("m-1", tried(0, MailState::Waiting, Some(NOW + 90))).await);
    assert!(!keep("m-1", tried(0, MailState::Sent, None)).await, "it has been tried meanwhile");
    let row = find(&store, "m-1").await.unwrap();
    assert_eq!(
        (row.attempts, row.next_attempt_at, row.last_error.as_deref()),
        (1, Some(NOW + 90), Some("not now"))
    );
    assert!(keep("m-1", tried(1, MailState::Sent, None)).await);
    let row = find(&store, "m-1").await.unwrap();
    assert_eq!((row.state, row.sent_at, row.last_error), (MailState::Sent, Some(NOW + 1), None));
    assert!(!keep("m-1", tried(2, MailState::Failed, None)).await, "it has ended");
    assert!(!keep("nobody", tried(0, MailState::Sent, None)).await);
});

with_databases!(all, q4_mails_are_listed_counted_repeated_and_forgotten, async |db| {
    let store = adopted(&db).await;
    assert_eq!(read(&store, |db| db.count_waiting_mails()).await, WaitingMails::default());
    for (name, at) in [("m-1", NOW - 9), ("m-2", NOW - 5), ("m-3", NOW)] {
        note(&store, mail(name), at).await;
    }
    for (name, state) in [("m-1", MailState::Failed), ("m-2", MailState::Sent)] {
        write(&store, move |db| db.keep_mail_attempt(&mail_id(name), &tried(0, state, None))).await;
    }
    let query = |state, before: Option<&str>, limit| MailQuery { state, before: before.map(mail_id), limit };
    assert_eq!(ids(&store, query(None, None, 9)).await, ["m-3", "m-2", "m-1"]);
    assert_eq!(ids(&store, query(None, None, 2)).await, ["m-3", "m-2"]);
    assert_eq!(ids(&store, query(None, Some("m-2"), 9)).await, ["m-1"]);
    assert_eq!(ids(&store, query(Some(MailState::Failed), None, 9)).await, ["m-1"]);
    assert_eq!(ids(&store, query(Some(MailState::Cancelled), None, 9)).await, Vec::<String>::new());
    let waiting = WaitingMails { count: 1, oldest: Some(NOW) };
    assert_eq!(read(&store, |db| db.count_waiting_mails()).await, waiting);
    let repeat =
        async |name: &'static str| write(&store, move |db| db.repeat_mail(&mail_id(name), NOW + 7)).await;
    assert!(!repeat("m-2").await, "it was sent");
    assert!(!repeat("nobody").await);
    assert_eq!(write(&store, |db| db.forget_mails(NOW - 5)).await, 1);
    assert_eq!(ids(&store, query(None, None, 9)).await, ["m-3", "m-2"], "m-1 ended before");
    assert!(repeat("m-3").await);
    let row = find(&store, "m-3").await.unwrap();
    assert_eq!((row.state, row.attempts, row.next_attempt_at), (MailState::Waiting, 0, Some(NOW + 7)));
    assert_eq!(write(&store, |db| db.forget_mails(NOW + 99)).await, 1, "what waits stays");
});

with_databases!(all, q8_a_mail_gets_its_link_once_it_is_known_whose_it_is, async |db| {
    let store = adopted(&db).await;
    let forgot = NewMail { kind: MailKind::Forgot, user: None, link: None, ..mail("m-1") };
    note(&store, forgot, NOW).await;
    let last = async || read(&store, |db| db.find_last_mail(&id("u-eve"), MailKind::Forgot)).await;
    assert_eq!(last().await, None);
    let link = LinkRow {
        id: LinkId::from_stored("l-9".to_owned()),
        kind: LinkKind::Reset,
        user: id("u-eve"),
        email: "eve@example.com".to_owned(),
        token_hash: "h".to_owned(),
        maker: None,
        created_at: NOW,
        expires_at: NOW + 9,
    };
    write(&store, move |db| db.give_mail_link(&mail_id("m-1"), &link)).await;
    let row = find(&store, "m-1").await.unwrap();
    assert_eq!((row.link.as_deref(), row.user), (Some("l-9"), Some(id("u-eve"))));
    assert_eq!((row.recipient.as_str(), row.next_attempt_at), ("eve@example.com", Some(NOW)));
    assert_eq!(last().await, Some(NOW));
    let cancelled = tried(0, MailState::Cancelled, None);
    write(&store, move |db| db.keep_mail_attempt(&mail_id("m-1"), &cancelled)).await;
    assert_eq!(last().await, None, "it was not sent");
});

with_databases!(attached, q4_without_the_table_there_are_no_mails, async |db| {
    let store = open(&db);
    assert!(!store.layout().mails);
    assert_eq!(find(&store, "m-1").await, None);
    assert_eq!(ids(&store, MailQuery { state: None, before: None, limit: 9 }).await, Vec::<String>::new());
    assert!(read(&store, |db| db.list_due_mails(NOW, 9)).await.is_empty());
    assert!(!write(&store, |db| db.repeat_mail(&mail_id("m-1"), NOW)).await);
    write(&store, |db| db.delete_mails(&id("u-bob"))).await;
    assert_eq!(write(&store, |db| db.forget_mails(NOW)).await, 0);
});
