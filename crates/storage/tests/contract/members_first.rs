//! Lists ordered by membership (rule L1), and the table behind them in standalone databases.

use std::sync::{Arc, Mutex};

use rosterd_domain::group::{GroupName, NewGroup};
use rosterd_domain::ids::{GroupId, UserId};
use rosterd_domain::list::{Cursor, ListQuery, Order};
use rosterd_domain::name::UserName;
use rosterd_domain::user::UserChanges;
use rosterd_storage::{Db, ListedSizes, StatementEvent, Store, StoreOptions, StoreResult};
use rosterd_testkit::{DbKind, TestDb, run, with_databases};

use crate::support::{NOW, id, insert_users, open, options, read, write};

fn group(text: &str) -> GroupId {
    GroupId::from_stored(text.to_owned())
}

async fn insert_group(store: &Store, name: &str) {
    let new = NewGroup {
        id: group(name),
        owner: id("u-owner"),
        parent: None,
        name: GroupName::from_stored(name.to_owned()),
        description: String::new(),
        data: None,
        meta: None,
        permissions: None,
        created_at: NOW,
    };
    write(store, move |db| db.insert_group(&new)).await;
}

fn add(db: &mut dyn Db, to: &str, name: &str) -> StoreResult<Vec<UserId>> {
    db.add_members(&group(to), &[id(name)], NOW, &mut || format!("{to}/{name}"))
}

fn rename(db: &mut dyn Db, who: &UserId, name: &str) -> StoreResult<bool> {
    let renamed =
        UserChanges { name: Some(UserName::from_stored(name.to_owned())), ..UserChanges::default() };
    db.update_user(who, &renamed, NOW)
}

/// The names in the order by membership of a group, walked by pages of two and by cursors, which must agree.
async fn names(store: &Store, of: &str, direction: &str) -> Vec<String> {
    let order = Order::parse(Some(&format!("group_id:{of}")), Some(direction));
    let mut paged = Vec::new();
    for page in 1.. {
        let query = ListQuery::page_of(None, order.clone(), page, 2);
        let rows = read(store, move |db| db.list_users(&query, ListedSizes::default())).await;
        if rows.is_empty() {
            break;
        }
        paged.extend(rows);
    }
    let wanted = group(of);
    let members = read(store, move |db| db.list_members(&wanted)).await;
    let mut walked: Vec<String> = Vec::new();
    let mut last = None;
    loop {
        let query = match last {
            None => ListQuery::page_of(None, order.clone(), 1, 3),
            Some(cursor) => ListQuery::after(None, cursor, 3),
        };
        let rows = read(store, move |db| db.list_users(&query, ListedSizes::default())).await;
        let Some(end) = rows.last() else { break };
        last = Some(Cursor::of_user(end, &order, members.iter().any(|member| member.id == end.id)));
        walked.extend(rows.into_iter().map(|user| user.name));
    }
    let paged: Vec<String> = paged.into_iter().map(|user| user.name).collect();
    assert_eq!(paged, walked, "{of} {direction}");
    paged
}

/// What the table holds, and what it must hold.
fn kept_and_true(db: &TestDb) -> [Vec<Vec<Option<String>>>; 2] {
    [
        "SELECT group_id AS g, name AS n, user_id AS u FROM rosterd_member_name ORDER BY 1, 2, 3",
        "SELECT m.group_id AS g, u.name AS n, u.id AS u FROM group_member m JOIN \"user\" u ON u.id = m.user_id \
         ORDER BY 1, 2, 3",
    ]
    .map(|sql| db.db_query_text(sql))
}

with_databases!(own, l1_the_order_by_membership_follows_every_change, async |db| {
    let store = open(&db);
    insert_users(&store, &["a", "b", "c", "d", "e"]).await;
    insert_group(&store, "red").await;
    insert_group(&store, "blue").await;
    write(&store, |db| {
        add(db, "red", "u-d")?;
        add(db, "red", "u-b")?;
        add(db, "blue", "u-b")
    })
    .await;
    assert_eq!(names(&store, "red", "desc").await, ["b", "d", "a", "c", "e"]);
    assert_eq!(names(&store, "red", "asc").await, ["a", "c", "e", "b", "d"]);

    write(&store, |db| rename(db, &id("u-b"), "z")).await;
    assert_eq!(names(&store, "red", "desc").await, ["d", "z", "a", "c", "e"]);
    assert_eq!(names(&store, "blue", "desc").await, ["z", "a", "c", "d", "e"]);

    write(&store, |db| db.remove_members(&group("red"), &[id("u-d")], NOW)).await;
    write(&store, |db| add(db, "red", "u-a")).await;
    assert_eq!(names(&store, "red", "desc").await, ["a", "z", "c", "d", "e"]);

    write(&store, |db| db.delete_user(&id("u-b"))).await;
    assert_eq!(names(&store, "red", "desc").await, ["a", "c", "d", "e"]);
    assert_eq!(names(&store, "blue", "desc").await, ["a", "c", "d", "e"]);

    // Past rosterd, by whoever has the database open.
    db.db_execute("UPDATE group_member SET group_id = 'blue' WHERE user_id = 'u-a'");
    db.db_execute("UPDATE \"user\" SET name = 'y' WHERE id = 'u-a'");
    assert_eq!(names(&store, "blue", "desc").await, ["y", "c", "d", "e"]);
    let [kept, truth] = kept_and_true(&db);
    assert_eq!(kept, truth);
    write(&store, |db| db.delete_group(&group("blue"), NOW)).await;
    assert_eq!(kept_and_true(&db), [Vec::<Vec<_>>::new(), Vec::new()]);
});

with_databases!(own, l1_a_new_name_and_a_new_membership_at_once_do_not_miss_each_other, async |db| {
    let store = open(&db);
    // Another store is another server process.
    let other = open(&db);
    let people: Vec<String> = (0..20).map(|number| format!("p{number:02}")).collect();
    insert_users(&store, &people.iter().map(String::as_str).collect::<Vec<_>>()).await;
    insert_group(&store, "red").await;
    let mut tasks = Vec::new();
    for person in &people {
        let (store, other) = (store.clone(), other.clone());
        let (who, joins) = (id(&format!("u-{person}")), format!("u-{person}"));
        let new_name = format!("new {person}");
        tasks.push(tokio::spawn(async move {
            store.write(move |db| rename(db, &who, &new_name)).await.map(drop)
        }));
        tasks
            .push(tokio::spawn(async move { other.write(move |db| add(db, "red", &joins)).await.map(drop) }));
    }
    for task in tasks {
        let done: StoreResult<()> = task.await.unwrap();
        done.unwrap();
    }
    let [kept, truth] = kept_and_true(&db);
    assert_eq!(truth.len(), people.len());
    assert_eq!(kept, truth);
});

#[test]
fn l1_a_page_of_members_is_one_walk_along_their_names() {
    run::block_on(async {
        let db = TestDb::fresh(DbKind::OwnSqlite);
        let told = Arc::new(Mutex::new(Vec::new()));
        let teller = Arc::clone(&told);
        let instrument = Arc::new(move |event: StatementEvent<'_>| {
            if let StatementEvent::Run(sql) = event {
                teller.lock().unwrap().push(sql.split(" -- binds").next().unwrap_or_default().to_owned());
            }
        });
        let store = Store::open(&StoreOptions { instrument: Some(instrument), ..options(&db) }).unwrap();
        insert_users(&store, &["a", "b", "c", "d", "e"]).await;
        insert_group(&store, "red").await;
        for member in ["u-e", "u-b", "u-c", "u-d"] {
            write(&store, move |db| add(db, "red", member)).await;
        }
        let order = Order::parse(Some("group_id:red"), Some("desc"));
        let mut query = ListQuery::page_of(None, order.clone(), 1, 2);
        for wanted in [["b", "c"], ["d", "e"]] {
            told.lock().unwrap().clear();
            let asked = query.clone();
            let page = read(&store, move |db| db.list_users(&asked, ListedSizes::default())).await;
            assert_eq!(page.iter().map(|user| user.name.as_str()).collect::<Vec<_>>(), wanted);
            let statements = std::mem::take(&mut *told.lock().unwrap());
            let [statement] = statements.as_slice() else { panic!("{statements:#?}") };
            let plan = format!("{:?}", db.db_query_text(&format!("EXPLAIN QUERY PLAN {statement}")));
            let walks = ["SEARCH rosterd_member_name USING", "SEARCH user USING INDEX"];
            assert!(walks.iter().all(|walk| plan.contains(walk)), "{plan}");
            let is_sorted = plan.contains("USE TEMP B-TREE") && !plan.contains("SCALAR SUBQUERY");
            assert!(!is_sorted, "{plan}");
            query = ListQuery::after(None, Cursor::of_user(&page[1], &order, true), 2);
        }
    });
}
