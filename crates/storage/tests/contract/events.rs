//! Lists of the audit log by subject and actor, which are found block by block.

use std::fmt::Write as _;

use rosterd_domain::audit::{
    ActionFilter, ChainState, EventActor, EventQuery, EventRow, EventSubject, NewEvent, seal_next,
};
use rosterd_storage::{Store, StoreError};
use rosterd_testkit::{TestDb, with_databases};

use crate::support::{NOW, open, read, write};

/// Events in the log: in two dozen blocks of positions on PostgreSQL, and eight times as many on SQLite.
const EVENTS: usize = 2000;

/// The first of those that are not sealed.
const SEALED: usize = 1950;

/// An event by its number, which is its place in the order of positions. Ids are in another order, and the same accounts are
/// subjects and actors.
#[derive(Debug)]
struct Told {
    id: String,
    action: &'static str,
    actor: String,
    subject: Option<String>,
    /// It says nothing but who did it.
    is_bare: bool,
    position: Option<usize>,
}

fn told(number: usize) -> Told {
    Told {
        // In the order of places, but for every ninth.
        id: format!("e-{:05}", if number.is_multiple_of(9) { (EVENTS - number) * 2 } else { number * 2 + 1 }),
        action: if number.is_multiple_of(4) { "user.updated" } else { "session.started" },
        actor: format!("u-{}", number % 5),
        subject: (!number.is_multiple_of(11)).then(|| format!("u-{}", number % 7)),
        is_bare: number.is_multiple_of(2),
        position: (number < SEALED).then_some(number * 50 + 1),
    }
}

/// A database with these events.
async fn filled(db: &TestDb) -> Store {
    open(db).adopt_apply().await.unwrap();
    let mut sql =
        "INSERT INTO rosterd_event (id, at, action, actor_kind, actor_id, subject_id, details, salt, position) VALUES"
            .to_owned();
    for number in 0..EVENTS {
        let Told { id, action, actor, subject, is_bare, position } = told(number);
        let subject = subject.map_or("NULL".to_owned(), |subject| format!("'{subject}'"));
        let details = if is_bare { "NULL" } else { "'{}'" };
        let position = position.map_or("NULL".to_owned(), |position| position.to_string());
        let comma = if number == 0 { "" } else { "," };
        write!(
            sql,
            "{comma} ('{id}', {number}, '{action}', 'account', '{actor}', {subject}, {details}, 's', {position})"
        )
        .unwrap();
    }
    db.db_execute(&sql);
    let store = open(db);
    assert!(store.layout().events);
    store
}

/// The ids of those that fit, the newest first.
fn newest(fits: impl Fn(&Told) -> bool) -> Vec<String> {
    let mut ids: Vec<String> = (0..EVENTS).map(told).filter(fits).map(|told| told.id).collect();
    ids.sort_unstable_by(|one, other| other.cmp(one));
    ids
}

fn ids(rows: Vec<EventRow>) -> Vec<String> {
    rows.into_iter().map(|row| row.id).collect()
}

/// All that a query finds, page by page.
async fn pages(store: &Store, query: &EventQuery) -> Vec<String> {
    let mut found = Vec::new();
    loop {
        let query = EventQuery { after: found.last().cloned(), ..query.clone() };
        let limit = query.limit;
        let page = ids(read(store, move |db| db.list_events(&query)).await);
        assert!(i64::try_from(page.len()).unwrap() <= limit);
        if page.is_empty() {
            return found;
        }
        found.extend(page);
    }
}

with_databases!(all, pages_by_subject_and_actor_are_in_the_order_of_ids_over_all_blocks, async |db| {
    let store = filled(&db).await;
    let by = |subject: Option<&str>, actor: Option<&str>| EventQuery {
        subject: subject.map(str::to_owned),
        actor: actor.map(str::to_owned),
        ..EventQuery::default()
    };
    for limit in [7, 100, 1000] {
        let about = pages(&store, &EventQuery { limit, ..by(Some("u-3"), None) }).await;
        assert_eq!(about, newest(|told| told.subject.as_deref() == Some("u-3")), "{limit}");
        let done = pages(&store, &EventQuery { limit, ..by(None, Some("u-3")) }).await;
        assert_eq!(done, newest(|told| told.actor == "u-3"), "{limit}");
        let both = pages(&store, &EventQuery { limit, ..by(Some("u-2"), Some("u-3")) }).await;
        assert_eq!(
            both,
            newest(|told| told.subject.as_deref() == Some("u-2") && told.actor == "u-3"),
            "{limit}"
        );
        let updated = Some(ActionFilter::Is("user.updated".to_owned()));
        let updates = pages(&store, &EventQuery { limit, action: updated, ..by(Some("u-1"), None) }).await;
        assert_eq!(
            updates,
            newest(|told| told.subject.as_deref() == Some("u-1") && told.action == "user.updated"),
            "{limit}"
        );
    }
    assert_eq!(pages(&store, &EventQuery { limit: 10, ..by(Some("u-9"), None) }).await, Vec::<String>::new());
});

with_databases!(all, what_is_to_be_erased_is_found_in_all_blocks, async |db| {
    let store = filled(&db).await;
    let mut wanted = newest(|told| {
        let is_about = told.subject.as_deref() == Some("u-3");
        is_about || (told.actor == "u-3" && told.is_bare)
    });
    wanted.reverse();
    let mut found: Vec<String> = Vec::new();
    loop {
        let after = found.last().cloned().unwrap_or_default();
        let page = write(&store, move |db| db.list_events_to_erase("u-3", &after, 90)).await;
        if page.is_empty() {
            break;
        }
        found.extend(ids(page));
    }
    assert_eq!(found, wanted);
});

/// An event of this action about nothing.
fn event(id: &str, action: &'static str) -> NewEvent {
    NewEvent {
        id: id.to_owned(),
        at: NOW * 1000,
        action,
        actor: EventActor::visitor(),
        client_ip: None,
        request_id: None,
        subject: EventSubject::default(),
        details: None,
        count: None,
        salt: "s".to_owned(),
    }
}

with_databases!(all, where_one_writes_at_a_time_events_are_sealed_as_they_are_written, async |db| {
    open(&db).adopt_apply().await.unwrap();
    let store = open(&db);
    let mut tasks = Vec::new();
    for number in 0..60 {
        let store = store.clone();
        tasks.push(tokio::spawn(async move {
            store
                .write(move |db| {
                    let action = if number % 2 == 0 { "user.updated" } else { "user.settings_changed" };
                    db.note_event(event(&format!("e-{number:02}"), action));
                    db.write_noted_events()?;
                    // What is undone leaves no gap.
                    if number % 3 == 0 { Err(StoreError::Worker) } else { Ok(()) }
                })
                .await
        }));
    }
    for (number, task) in tasks.into_iter().enumerate() {
        assert_eq!(task.await.unwrap().is_err(), number % 3 == 0, "{number}");
    }
    let (sealed, chains) = read(&store, |db| Ok((db.list_sealed_events(0, 100)?, db.find_chains()?))).await;
    if db.is_postgres() {
        assert!(sealed.is_empty() && chains == [ChainState::default(), ChainState::default()]);
        return;
    }
    let mut ends = [ChainState::default(), ChainState::default()];
    assert_eq!(sealed.len(), 40);
    for row in sealed {
        let mut again = EventRow { position: None, seal: None, ..row.clone() };
        seal_next(&mut ends, &mut again);
        assert_eq!(again, row);
    }
    assert_eq!(chains, ends);
});
