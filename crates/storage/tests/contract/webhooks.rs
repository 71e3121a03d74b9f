//! Webhooks and their deliveries.

use rosterd_domain::ids::{DeliveryId, WebhookId};
use rosterd_domain::webhook::{
    DeliveryQuery, DeliveryRow, DeliveryState, DisabledReason, EventNames, NewDelivery, SealedText, Tried,
    WaitingDeliveries, WebhookRow,
};
use rosterd_storage::Store;
use rosterd_testkit::{TestDb, with_databases};

use crate::support::{NOW, open, read, write};

fn webhook(id: &str) -> WebhookRow {
    WebhookRow {
        id: WebhookId::from_stored(id.to_owned()),
        url: "https://example.com/hook".to_owned(),
        events: EventNames::parse(vec!["user.*".to_owned(), "group.created".to_owned()]).unwrap(),
        description: "Straße".to_owned(),
        secret: SealedText::new("v1:one".to_owned()),
        previous_secret: None,
        disabled: None,
        position: 3,
        created_at: NOW,
        updated_at: NOW,
    }
}

fn id(text: &str) -> WebhookId {
    WebhookId::from_stored(text.to_owned())
}

fn event(position: i64) -> DeliveryId {
    DeliveryId::from_stored(format!("e-{position}"))
}

fn new(position: i64, subject: &str) -> NewDelivery {
    NewDelivery {
        event: event(position),
        position,
        action: "user.updated".to_owned(),
        subject: subject.to_owned(),
    }
}

/// Deliveries in any state.
const fn all(before: Option<i64>, limit: i64) -> DeliveryQuery {
    DeliveryQuery { state: None, before, limit }
}

async fn adopted(db: &TestDb) -> Store {
    open(db).adopt_apply().await.unwrap();
    let store = open(db);
    assert!(store.layout().webhooks);
    store
}

fn positions(rows: &[DeliveryRow]) -> Vec<i64> {
    rows.iter().map(|row| row.position).collect()
}

with_databases!(all, a_webhook_is_stored_as_it_is, async |db| {
    let store = adopted(&db).await;
    assert!(read(&store, |db| db.list_webhooks()).await.is_empty());
    let first = webhook("w-1");
    let second = WebhookRow { created_at: NOW - 1, ..webhook("w-2") };
    for row in [first.clone(), second.clone()] {
        write(&store, move |db| db.insert_webhook(&row)).await;
    }
    assert_eq!(read(&store, |db| db.list_webhooks()).await, [second, first.clone()]);
    let changed = WebhookRow {
        url: "https://example.net/".to_owned(),
        events: EventNames::parse(vec!["*".to_owned()]).unwrap(),
        description: String::new(),
        secret: SealedText::new("v1:two".to_owned()),
        previous_secret: Some((SealedText::new("v1:one".to_owned()), NOW + 7)),
        disabled: Some((NOW + 1, DisabledReason::Gone)),
        updated_at: NOW + 1,
        ..first
    };
    let row = changed.clone();
    write(&store, move |db| db.update_webhook(&row)).await;
    assert_eq!(read(&store, |db| db.find_webhook(&id("w-1"))).await, Some(changed.clone()));
    let anew = WebhookRow {
        secret: SealedText::new("v1:anew".to_owned()),
        previous_secret: Some((SealedText::new("v1:old".to_owned()), NOW + 7)),
        ..changed
    };
    let row = WebhookRow { url: "not written".to_owned(), ..anew.clone() };
    write(&store, move |db| db.replace_secrets(&row)).await;
    assert_eq!(read(&store, |db| db.find_webhook(&id("w-1"))).await, Some(anew));
    write(&store, |db| db.note_deliveries(&id("w-1"), (3, 9), &[new(5, "a")], NOW)).await;
    assert!(write(&store, |db| db.delete_webhook(&id("w-1"))).await);
    assert!(!write(&store, |db| db.delete_webhook(&id("w-1"))).await);
    assert!(read(&store, |db| db.list_deliveries(&id("w-1"), &all(None, 9))).await.is_empty());
});

with_databases!(all, w7_deliveries_are_noted_once_and_made_in_the_order_of_their_subject, async |db| {
    let store = adopted(&db).await;
    for name in ["w-1", "w-2"] {
        write(&store, move |db| db.insert_webhook(&webhook(name))).await;
    }
    let note = async |name: &'static str, from: i64| {
        let some = [new(4, "a"), new(5, "b"), new(6, "a"), new(7, "a")];
        write(&store, move |db| db.note_deliveries(&id(name), (from, 8), &some, NOW)).await
    };
    assert!(note("w-1", 3).await && note("w-2", 3).await);
    assert!(!note("w-1", 3).await, "it stands at 8 by now");
    assert_eq!(read(&store, |db| db.count_waiting_deliveries(&id("w-1"))).await, 4);
    let due = async |now: i64| read(&store, move |db| db.list_due_deliveries(&id("w-1"), now, 9)).await;
    assert!(due(NOW - 1).await.is_empty());
    assert_eq!(positions(&due(NOW).await), [4, 5]);
    let put_off = async |position: i64| {
        write(&store, move |db| db.put_off_delivery(&id("w-1"), &event(position), (NOW, NOW + 20))).await
    };
    assert!(put_off(5).await);
    assert!(!put_off(5).await, "it is not due any more");
    assert_eq!(positions(&due(NOW).await), [4]);
    assert!(write(&store, |db| db.repeat_delivery(&id("w-1"), &event(5), NOW)).await);
    let keep = async |position: i64, tries_before: i64, next_at: Option<i64>| {
        let error = next_at.map(|_at| "no answer".to_owned());
        let tried = Tried { tries_before, next_at, at: NOW, status: Some(500), error };
        write(&store, move |db| db.keep_try(&id("w-1"), &event(position), &tried)).await
    };
    assert!(keep(4, 0, Some(NOW + 5)).await);
    assert!(!keep(4, 0, None).await, "somebody else has tried it meanwhile");
    assert_eq!(positions(&due(NOW).await), [5], "those of a wait");
    assert_eq!(positions(&due(NOW + 5).await), [4, 5]);
    assert!(keep(4, 1, None).await);
    assert!(!keep(4, 2, None).await, "it has ended");
    assert_eq!(positions(&due(NOW).await), [5, 6]);
    let found = read(&store, |db| db.find_delivery(&id("w-1"), &event(4))).await.unwrap();
    let wanted = DeliveryRow {
        webhook: id("w-1"),
        event: event(4),
        position: 4,
        action: "user.updated".to_owned(),
        tries: 2,
        next_at: None,
        last_at: Some(NOW),
        status: Some(500),
        error: None,
        created_at: NOW,
    };
    assert_eq!(found, wanted);
    assert!(write(&store, |db| db.repeat_delivery(&id("w-1"), &event(4), NOW + 9)).await);
    assert!(!write(&store, |db| db.repeat_delivery(&id("w-1"), &event(99), NOW)).await);
    assert_eq!(positions(&due(NOW).await), [5], "the first of a waits once more");
    assert_eq!(positions(&read(&store, |db| db.list_due_deliveries(&id("w-2"), NOW, 1)).await), [4]);
    let listed = async |before: Option<i64>| {
        positions(&read(&store, move |db| db.list_deliveries(&id("w-1"), &all(before, 2))).await)
    };
    assert_eq!(
        (listed(None).await, listed(Some(6)).await, listed(Some(4)).await),
        (vec![7, 6], vec![5, 4], vec![])
    );
});

with_databases!(all, w6_deliveries_are_listed_and_counted_by_state, async |db| {
    let store = adopted(&db).await;
    for name in ["w-1", "w-2", "w-3"] {
        write(&store, move |db| db.insert_webhook(&webhook(name))).await;
        let some: Vec<NewDelivery> = (4..9).map(|position| new(position, "a")).collect();
        write(&store, move |db| db.note_deliveries(&id(name), (3, 9), &some, NOW + 1)).await;
    }
    let end = async |name: &'static str, position: i64, error: Option<&str>| {
        let error = error.map(str::to_owned);
        let tried = Tried { tries_before: 0, next_at: None, at: NOW + 2, status: Some(500), error };
        assert!(write(&store, move |db| db.keep_try(&id(name), &event(position), &tried)).await);
    };
    for position in [4, 5] {
        end("w-1", position, None).await;
    }
    end("w-1", 7, Some("no answer")).await;
    for position in 4..9 {
        end("w-3", position, None).await;
    }
    let again = Tried {
        tries_before: 0,
        next_at: Some(NOW + 9),
        at: NOW + 2,
        status: None,
        error: Some("no answer".to_owned()),
    };
    assert!(write(&store, move |db| db.keep_try(&id("w-1"), &event(8), &again)).await);
    let listed = async |state: Option<DeliveryState>, before: Option<i64>| {
        let query = DeliveryQuery { state, before, limit: 2 };
        positions(&read(&store, move |db| db.list_deliveries(&id("w-1"), &query)).await)
    };
    assert_eq!(listed(None, None).await, [8, 7]);
    assert_eq!(listed(Some(DeliveryState::Waiting), None).await, [8, 6]);
    assert_eq!(listed(Some(DeliveryState::Delivered), None).await, [5, 4]);
    assert_eq!(listed(Some(DeliveryState::Delivered), Some(5)).await, [4]);
    assert_eq!(listed(Some(DeliveryState::Failed), None).await, [7]);
    let waiting = |name: &str, count| WaitingDeliveries { webhook: id(name), count, oldest: NOW + 1 };
    assert_eq!(
        read(&store, |db| db.count_all_waiting_deliveries()).await,
        [waiting("w-1", 2), waiting("w-2", 5)]
    );
});

with_databases!(own, deliveries_that_have_ended_are_removed_by_age_and_by_number, async |db| {
    let store = adopted(&db).await;
    write(&store, |db| db.insert_webhook(&webhook("w-1"))).await;
    let some: Vec<NewDelivery> = (4..10).map(|position| new(position, "a")).collect();
    write(&store, move |db| db.note_deliveries(&id("w-1"), (3, 10), &some, NOW)).await;
    // One waits, and five have ended, a second after each other.
    for position in 5..10 {
        let tried = Tried { tries_before: 0, next_at: None, at: NOW + position, status: None, error: None };
        assert!(write(&store, move |db| db.keep_try(&id("w-1"), &event(position), &tried)).await);
    }
    let forget = async |before: i64, most: i64| {
        write(&store, move |db| db.forget_deliveries(&id("w-1"), before, most)).await
    };
    assert_eq!(forget(NOW + 5, 5).await, 0);
    assert_eq!(forget(NOW + 6, 5).await, 1);
    assert_eq!(forget(NOW, 2).await, 2);
    let left = read(&store, |db| db.list_deliveries(&id("w-1"), &all(None, 99))).await;
    assert_eq!(positions(&left), [9, 8, 4], "what waits stays");
});

with_databases!(attached, without_the_tables_there_are_none, async |db| {
    let store = open(&db);
    assert!(!store.layout().webhooks);
    assert!(read(&store, |db| db.list_webhooks()).await.is_empty());
    assert_eq!(read(&store, |db| db.find_webhook(&id("w"))).await, None);
    assert_eq!(read(&store, |db| db.count_waiting_deliveries(&id("w"))).await, 0);
    assert!(read(&store, |db| db.count_all_waiting_deliveries()).await.is_empty());
    assert!(read(&store, |db| db.list_due_deliveries(&id("w"), NOW, 9)).await.is_empty());
});
