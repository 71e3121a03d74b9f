//! Lists and searches of an attached database in one pass, or from what a connection keeps: the answers are those of the slow
//! way, whatever the roster, the search, the order and the page (rules L1 and L2).

use std::cmp::Ordering;

use proptest::prelude::*;
use proptest::sample::{Index, select};
use proptest::strategy::ValueTree as _;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use rosterd_domain::group::{GroupName, NewGroup};
use rosterd_domain::ids::{GroupId, UserId};
use rosterd_domain::list::{
    Cursor, CursorKey, Direction, ListQuery, Order, OrderBy, SearchText, Window, fold,
};
use rosterd_domain::name::UserName;
use rosterd_domain::user::{NewUser, UserModel};
use rosterd_storage::{Db, ListedSizes, Store, StoreOptions, StoreResult};
use rosterd_testkit::{TestDb, with_databases};

use crate::support::{NOW, email, id, new_user, options, read, write};

/// Rosters on each database, each larger than the one before, and lists of each.
const ROSTERS: usize = 5;
const LISTS: usize = 24;

/// What names are made of, and what is searched for.
const PIECES: [&str; 18] = [
    "a", "B", "ann", "ANN", "Ä", "ä", "ß", "ss", "İ", "ﬁ", "Ｔ", "日本", "e\u{301}", "%", "_", "\\", " ",
    "@example",
];

const GROUP: &str = "g-property";

/// Somebody of a roster.
#[derive(Debug, Clone)]
struct Somebody {
    name: String,
    role: &'static str,
    times: [i64; 3],
    is_member: bool,
}

/// What is asked for.
#[derive(Debug, Clone)]
struct Asked {
    search: Option<String>,
    order: Order,
    window: Wanted,
    /// Somebody writes before, so that nothing that was kept holds.
    after_a_write: bool,
}

#[derive(Debug, Clone)]
enum Wanted {
    Page(i64, i64),
    /// After somebody, as a page before would have said it.
    After(Index, i64),
    /// After nobody that exists.
    Forged(String, i64, i64),
}

fn text(most: usize) -> impl Strategy<Value = String> {
    prop::collection::vec(select(PIECES.to_vec()), 1..=most).prop_map(|pieces| pieces.concat())
}

fn somebody() -> impl Strategy<Value = Somebody> {
    let times = [0..4_i64, 0..3_i64, -2..3_i64];
    (text(4), select(vec!["user", "pending", "admin"]), times, any::<bool>())
        .prop_map(|(name, role, times, is_member)| Somebody { name, role, times, is_member })
}

fn asked() -> impl Strategy<Value = Asked> {
    let orders =
        ["created_at", "updated_at", "last_active_at", "name", "email", "role", "group_id:g-property"];
    let order = (select(orders.to_vec()), select(vec!["asc", "desc"]))
        .prop_map(|(by, direction)| Order::parse(Some(by), Some(direction)));
    let limit = || prop_oneof![3 => 1..8_i64, 1 => Just(200_i64)];
    let window = prop_oneof![
        4 => (1..6_i64, limit()).prop_map(|(page, limit)| Wanted::Page(page, limit)),
        1 => Just(Wanted::Page(i64::MAX, 30)),
        4 => (any::<Index>(), limit()).prop_map(|(who, limit)| Wanted::After(who, limit)),
        1 => (text(1), 0..4_i64, limit()).prop_map(|(key, time, limit)| Wanted::Forged(key, time, limit)),
    ];
    let search = prop::option::of(text(2));
    (search, order, window, prop::bool::weighted(0.3))
        .prop_map(|(search, order, window, after_a_write)| Asked { search, order, window, after_a_write })
}

/// The same values in every run.
fn runner() -> TestRunner {
    TestRunner::new_with_rng(Config::default(), TestRng::deterministic_rng(RngAlgorithm::ChaCha))
}

fn some<S: Strategy>(runner: &mut TestRunner, strategy: &S) -> S::Value {
    strategy.new_tree(runner).unwrap().current()
}

/// One connection of each kind, so that it is the same one that keeps something.
fn open(db: &TestDb) -> Store {
    Store::open(&StoreOptions { threads: 1, ..options(db) }).unwrap()
}

async fn insert_group(store: &Store) {
    let new = NewGroup {
        parent: None,
        id: GroupId::from_stored(GROUP.to_owned()),
        owner: id("u-owner"),
        name: GroupName::from_stored("Property".to_owned()),
        description: String::new(),
        data: None,
        meta: None,
        permissions: None,
        created_at: NOW,
    };
    write(store, move |db| db.insert_group(&new)).await;
}

/// Adds these people; `round` makes their ids and e-mail addresses unlike all others.
async fn insert(db: &TestDb, store: &Store, round: usize, people: Vec<Somebody>) {
    let mut times = Vec::new();
    let mut new: Vec<(NewUser, bool)> = Vec::new();
    for (number, somebody) in people.into_iter().enumerate() {
        // Ids in another order than the people, and not of one length.
        let mut user = new_user(&format!("p{}-{round}", (number * 7) % 31), somebody.times[0]);
        user.email = email(&format!("P{number}.{}@example.net", round % 2));
        user.email = if round > 1 { email(&format!("{round}-p{number}@Example.org")) } else { user.email };
        user.name = UserName::from_stored(somebody.name);
        let [_, updated, active] = somebody.times;
        times.push(format!(
            "UPDATE \"user\" SET updated_at = {updated}, last_active_at = {active}, role = '{}' WHERE id = '{}';",
            somebody.role,
            user.id.as_str()
        ));
        new.push((user, somebody.is_member));
    }
    write(store, move |db| {
        for (user, is_member) in &new {
            db.insert_user(user)?;
            if *is_member {
                let member = format!("m-{}", user.id.as_str());
                let group = GroupId::from_stored(GROUP.to_owned());
                db.add_members(&group, std::slice::from_ref(&user.id), NOW, &mut || member.clone())?;
            }
        }
        Ok(())
    })
    .await;
    db.db_execute(&times.concat());
}

/// Everybody, with whether they are a member.
async fn everybody(store: &Store) -> Vec<(UserModel, bool)> {
    read(store, |db| {
        let mut all = Vec::new();
        for page in 1.. {
            let query = ListQuery::page_of(None, Order::default(), page, 200);
            let users = db.list_users(&query, ListedSizes::default())?;
            if users.is_empty() {
                break;
            }
            all.extend(users);
        }
        let members = db.list_members(&GroupId::from_stored(GROUP.to_owned()))?;
        let is_member = |user: &UserModel| members.iter().any(|member| member.id == user.id);
        Ok(all
            .into_iter()
            .map(|user| (is_member(&user), user))
            .map(|(member, user)| (user, member))
            .collect())
    })
    .await
}

fn query(asked: &Asked, everybody: &[(UserModel, bool)]) -> ListQuery {
    let search = asked.search.as_deref().and_then(SearchText::new);
    let order = asked.order.clone();
    match &asked.window {
        Wanted::Page(page, limit) => ListQuery::page_of(search, order, *page, *limit),
        Wanted::After(who, limit) => {
            let (user, member) = who.get(everybody);
            ListQuery::after(search, Cursor::of_user(user, &order, *member), *limit)
        }
        Wanted::Forged(text, time, limit) => {
            let key = match &order.by {
                OrderBy::CreatedAt | OrderBy::UpdatedAt | OrderBy::LastActiveAt => CursorKey::Int(*time),
                OrderBy::GroupMember(_) => CursorKey::Member { member: time % 2 == 0, name: text.clone() },
                OrderBy::Name | OrderBy::Email | OrderBy::Role => CursorKey::Text(text.clone()),
            };
            ListQuery::after(search, Cursor::new(order, key, id("u-p5")), *limit)
        }
    }
}

/// The ids of whole rows and of narrow ones, and the total.
type Answer = (Vec<UserId>, Vec<UserId>, i64);

fn answer(db: &mut dyn Db, query: &ListQuery) -> StoreResult<Answer> {
    let users = db.list_users(query, ListedSizes::default())?.into_iter().map(|user| user.id).collect();
    let infos = db.list_user_infos(query)?.into_iter().map(|user| user.id).collect();
    Ok((users, infos, db.count_matching(query.search.as_ref())?))
}

/// The page by the words of the rules: all who match, sorted, and a part of them.
fn by_the_rules(query: &ListQuery, everybody: &[(UserModel, bool)]) -> Answer {
    let contains = |text: &str, search: &SearchText| fold(text).contains(search.folded());
    let matches = |user: &UserModel| match &query.search {
        Some(search) => contains(&user.name, search) || contains(&user.email, search),
        None => true,
    };
    let mut all: Vec<Cursor> = everybody
        .iter()
        .filter(|(user, _)| matches(user))
        .map(|(user, member)| Cursor::of_user(user, &query.order, *member))
        .collect();
    all.sort_by(in_order);
    let total = i64::try_from(all.len()).unwrap();
    let (from, limit) = match &query.window {
        Window::Offset { offset, limit } => (usize::try_from(*offset).unwrap(), *limit),
        Window::After { cursor, limit } => {
            (all.partition_point(|row| in_order(row, cursor) != Ordering::Greater), *limit)
        }
    };
    let limit = usize::try_from(limit).unwrap();
    let ids: Vec<UserId> = all.into_iter().skip(from).take(limit).map(|row| row.id).collect();
    (ids.clone(), ids, total)
}

fn in_order(one: &Cursor, other: &Cursor) -> Ordering {
    let turned = |ordering: Ordering| match one.order.direction {
        Direction::Ascending => ordering,
        Direction::Descending => ordering.reverse(),
    };
    let by_id = one.id.as_str().cmp(other.id.as_str());
    match (&one.key, &other.key) {
        (CursorKey::Int(one), CursorKey::Int(other)) => turned(one.cmp(other).then(by_id)),
        (CursorKey::Text(one), CursorKey::Text(other)) => turned(one.cmp(other).then(by_id)),
        (CursorKey::Member { member, name }, CursorKey::Member { member: of, name: other }) => {
            turned(member.cmp(of)).then(name.cmp(other)).then(by_id)
        }
        _ => panic!("keys of two orders"),
    }
}

/// Lists of growing rosters, each compared with the rules.
async fn compare(db: &TestDb) {
    let mut runner = runner();
    let store = open(db);
    insert_group(&store).await;
    for round in 0..ROSTERS {
        let people = some(&mut runner, &prop::collection::vec(somebody(), 0..31));
        insert(db, &store, round, people).await;
        let everybody = everybody(&store).await;
        for _list in 0..LISTS {
            let asked = some(&mut runner, &asked());
            if asked.after_a_write {
                db.db_execute("UPDATE \"group\" SET updated_at = updated_at + 1");
            }
            let query = query(&asked, &everybody);
            let wanted = by_the_rules(&query, &everybody);
            let (fast, slow) = (query.clone(), query);
            let found = store.scan(move |db| answer(db, &fast)).await.unwrap();
            assert_eq!(found, wanted, "{asked:?} of {}", everybody.len());
            let found = read(&store, move |db| answer(db, &slow)).await;
            assert_eq!(found, wanted, "{asked:?} of {}, the slow way", everybody.len());
        }
    }
}

with_databases!(all, l1_l2_every_page_is_that_of_the_rules, async |db| compare(&db).await);

with_databases!(attached, l1_l2_every_page_of_an_adopted_database_is_that_of_the_rules, async |db| {
    open(&db).adopt_apply().await.unwrap();
    if !db.is_postgres() {
        // As some run Open WebUI.
        db.db_execute("PRAGMA journal_mode = WAL");
        assert!(open(&db).layout().wal);
    }
    assert!(open(&db).layout().orders);
    compare(&db).await;
});

/// Rows that no program of ours stores: only SQLite knows their order.
const ODD: [&str; 5] = [
    "UPDATE \"user\" SET name = CAST(x'4a6f73e9' AS TEXT) WHERE id = 'u-p7-0'",
    "UPDATE \"user\" SET name = x'ff00fe', email = CAST(x'66ff' AS TEXT) WHERE id = 'u-p14-0'",
    "UPDATE \"user\" SET created_at = 'yesterday', updated_at = x'ff', last_active_at = 1.5 WHERE id = 'u-p21-0'",
    "PRAGMA writable_schema = ON; \
     UPDATE sqlite_master SET sql = replace(sql, ' NOT NULL', '') WHERE type = 'table' AND name = 'user'; \
     PRAGMA writable_schema = RESET; \
     UPDATE \"user\" SET name = NULL, created_at = NULL, role = NULL WHERE id IN ('u-p7-0', 'u-p28-0')",
    "INSERT INTO \"user\" (id, name, email, role, profile_image_url, created_at, updated_at, last_active_at) \
     VALUES (x'752d6b', 'o', 'blob@b.c', 'user', '', 3, 3, 3)",
];

async fn compare_odd(db: &TestDb) {
    let mut runner = runner();
    insert_group(&open(db)).await;
    let people = some(&mut runner, &prop::collection::vec(somebody(), 31));
    insert(db, &open(db), 0, people).await;
    for odd in ODD {
        db.db_execute(odd);
        let store = open(db);
        let everybody = everybody(&store).await;
        for _list in 0..LISTS {
            let asked = some(&mut runner, &asked());
            if asked.after_a_write {
                db.db_execute("UPDATE \"group\" SET updated_at = updated_at + 1");
            }
            let query = query(&asked, &everybody);
            let (fast, slow) = (query.clone(), query);
            let found = store.scan(move |db| answer(db, &fast)).await.unwrap();
            let wanted = read(&store, move |db| answer(db, &slow)).await;
            assert_eq!(found, wanted, "{asked:?} with {odd}");
        }
    }
}

with_databases!(sqlite, l1_l2_odd_rows_are_listed_as_the_slow_way_lists_them, async |db| {
    let store = open(&db);
    if store.layout().is_standalone() {
        return;
    }
    drop(store);
    compare_odd(&db).await;
});

with_databases!(attached, l2_a_search_finds_rows_without_a_name_or_a_time, async |db| {
    if !db.is_postgres() {
        return;
    }
    let mut runner = runner();
    let store = open(&db);
    insert_group(&store).await;
    let people = some(&mut runner, &prop::collection::vec(somebody(), 31));
    insert(&db, &store, 0, people).await;
    db.db_execute(
        "ALTER TABLE \"user\" ALTER name DROP NOT NULL, ALTER role DROP NOT NULL, ALTER created_at DROP NOT NULL; \
         UPDATE \"user\" SET name = NULL WHERE id = 'u-p7-0'; UPDATE \"user\" SET role = NULL WHERE id = 'u-p14-0'; \
         UPDATE \"user\" SET created_at = NULL WHERE id IN ('u-p21-0', 'u-p28-0')",
    );
    for by in ["created_at", "name", "role", "email"] {
        for direction in ["asc", "desc"] {
            let order = Order::parse(Some(by), Some(direction));
            let search = SearchText::new("example.net");
            let query = ListQuery::page_of(search, order, 1, 200);
            let (ids, infos, total) = store.scan(move |db| answer(db, &query)).await.unwrap();
            assert_eq!(
                (ids.len(), i64::try_from(infos.len()).unwrap()),
                (infos.len(), total),
                "{by} {direction}"
            );
            let last_without_key = match by {
                "created_at" => ["u-p21-0", "u-p28-0"].as_slice(),
                "name" => &["u-p7-0"],
                "role" => &["u-p14-0"],
                _ => &[],
            };
            let keyless = last_without_key.len();
            let at_the_end: Vec<&str> = match direction {
                "asc" => ids.iter().skip(ids.len() - keyless).map(UserId::as_str).collect(),
                _ => ids.iter().take(keyless).rev().map(UserId::as_str).collect(),
            };
            assert_eq!(at_the_end, last_without_key, "{by} {direction}");
        }
    }
});
