//! What SQLite makes of each statement: its plan, and how long the whole read takes in the store, without HTTP.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use rosterd_domain::ids::{GroupId, UserId};
use rosterd_domain::list::{AccountStatus, Cursor, CursorKey, ListQuery, Order, SearchText, UserFilter};
use rosterd_domain::role::Role;
use rosterd_storage::{
    Db, ListedSizes, StatementEvent, Store, StoreError, StoreOptions, StoreResult, TokenId, raw,
};

use super::RARE_PART;
use crate::Result;
use crate::bench::Bench;
use crate::figures::median;
use crate::figures::short;
use crate::report::Section;
use crate::roster::{Roster, group_id};

/// Runs of each read of which the median is taken.
const RUNS: usize = 15;

/// The last second in which somebody of a roster was active. Unix seconds.
const LAST_ACTIVE: i64 = 1_735_603_199;

/// A read by name.
type Read = (String, Box<dyn Fn(&mut dyn Db) -> StoreResult<()> + Send + Sync>);

pub(super) fn explain(bench: &Bench) -> Result<Section> {
    let mut section = Section::new(
        "plans",
        "Reads in the store, without HTTP: microseconds (median), and SQLite's plan of each statement. A `SCAN` without \
         `USING INDEX`, or a temporary B-tree for more than a page, grows with the roster.",
    );
    let roster = bench.roster(bench.users(1_000_000))?;
    let seen = Arc::new(Mutex::new(Vec::new()));
    let mut options = StoreOptions::new(roster.database()?);
    let watched = Arc::clone(&seen);
    options.instrument = Some(Arc::new(move |event: StatementEvent<'_>| {
        if let StatementEvent::Run(sql) = event {
            watched.lock().unwrap_or_else(PoisonError::into_inner).push(sql.to_owned());
        }
    }));
    let store = Store::open(&options)?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    for (name, read) in reads(&roster) {
        let read = Arc::new(read);
        seen.lock().unwrap_or_else(PoisonError::into_inner).clear();
        let mut times = Vec::new();
        for _ in 0..RUNS {
            let work = Arc::clone(&read);
            let began = Instant::now();
            runtime.block_on(store.read(move |db| work(db)))?;
            times.push(began.elapsed().as_secs_f64() * 1e6);
        }
        let mut statements = std::mem::take(&mut *seen.lock().unwrap_or_else(PoisonError::into_inner));
        statements.truncate(statements.len() / RUNS);
        let plans = statements.iter().map(|sql| plan(&roster, sql)).collect::<Result<Vec<_>>>()?;
        let time = short(median(times).unwrap_or(f64::NAN));
        section.fact(name, format!("{time} µs: {}", plans.join(" — ")));
    }
    section.fact("deletion of a user", format!("{} µs", short(runtime.block_on(deletion(&roster, &store))?)));
    Ok(section)
}

/// Microseconds of a deletion with all that belongs to the user, taken back so that the roster stays whole. Median.
async fn deletion(roster: &Roster, store: &Store) -> Result<f64> {
    let mut times = Vec::new();
    for id in roster.ids().into_iter().take(RUNS).map(UserId::from_stored) {
        let began = Instant::now();
        let taken_back = store.write(move |db| {
            db.remove_from_all_groups(&id, 0)?;
            db.delete_chats(&id)?;
            db.delete_all_api_keys(&id)?;
            db.delete_oauth_sessions(&id)?;
            db.delete_auth(&id)?;
            db.delete_user(&id)?;
            Err::<(), _>(StoreError::Worker)
        });
        match taken_back.await {
            Err(StoreError::Worker) => times.push(began.elapsed().as_secs_f64() * 1e6),
            Err(other) => return Err(other.into()),
            Ok(()) => return Err("a deletion was not taken back".into()),
        }
    }
    Ok(median(times).unwrap_or(f64::NAN))
}

/// SQLite's plan of a statement, its steps in one line.
fn plan(roster: &Roster, sql: &str) -> Result<String> {
    // Diesel shows what it binds behind the statement.
    let sql = sql.split(" -- binds").next().unwrap_or(sql);
    let rows = raw::query_text(&roster.database()?, &format!("EXPLAIN QUERY PLAN {sql}"))?;
    let steps: Vec<String> = rows.into_iter().filter_map(|row| row.into_iter().nth(3).flatten()).collect();
    Ok(steps.join("; "))
}

/// What lists show by default.
const LISTED: ListedSizes = ListedSizes { image: Some(2048), document: Some(16 << 10) };

/// Everything that may run over many rows, and the point reads of each request.
fn reads(roster: &Roster) -> Vec<Read> {
    let caller = UserId::from_stored(roster.ids().into_iter().next().unwrap_or_default());
    let (id, with_rights) = (caller.clone(), caller.clone());
    let page: Vec<UserId> = roster.ids().into_iter().take(30).map(UserId::from_stored).collect();
    let mut reads: Vec<Read> = vec![
        read("caller of a request", move |db| {
            db.find_caller(&caller, TokenId::Other(Some("none"))).map(drop)
        }),
        read("caller with what its rights are computed from", move |db| {
            db.find_caller_with_rights(&with_rights, TokenId::Other(Some("none")), "user.permissions")
                .map(drop)
        }),
        read("template and permissions of a user's groups", move |db| {
            db.find_permission_sources(&id, "user.permissions").map(drop)
        }),
        read("a stored setting", |db| db.find_config("ui.default_locale").map(drop)),
        read("group ids of a page", move |db| {
            db.list_group_ids_of(&page.iter().collect::<Vec<_>>()).map(drop)
        }),
    ];
    let group = format!("group_id:{}", group_id(7));
    for column in ["created_at", "name", "email", "role", "last_active_at", "updated_at", &group] {
        for direction in ["asc", "desc"] {
            let order = Order::parse(Some(column), Some(direction));
            let label = column.split(':').next().unwrap_or(column);
            let page = ListQuery::page(None, order.clone(), 1);
            reads.push(read(&format!("page 1 by {label} {direction}"), move |db| {
                db.list_users(&page, LISTED).map(drop)
            }));
            let cursor = middle(order, column);
            let page = ListQuery::after(None, cursor, 30);
            reads.push(read(&format!("page by cursor by {label} {direction}"), move |db| {
                db.list_users(&page, LISTED).map(drop)
            }));
        }
    }
    for (label, text) in [("rare part", RARE_PART), ("common part", "andersson"), ("two letters", "qu")] {
        let search = SearchText::new(text);
        let (found, counted) = (ListQuery::page(search.clone(), Order::default(), 1), search);
        reads.push(read(&format!("search of a {label}"), move |db| db.list_user_infos(&found).map(drop)));
        reads.push(read(&format!("count of a {label}"), move |db| {
            db.count_matching(counted.as_ref()).map(drop)
        }));
    }
    reads.extend(turns(roster.users));
    reads.extend(narrowed());
    let members = GroupId::from_stored(group_id(7));
    reads.push(read("all members of a group, one user in 22", move |db| db.list_members(&members).map(drop)));
    reads.push(read("count of everybody", |db| db.count_users().map(drop)));
    reads.push(read("primary admin", |db| db.find_primary_admin().map(drop)));
    reads
}

/// The last page that is found in one way, and the first that is found in another: they should take about as long. If not, the constants
/// of storage are wrong that say where to turn (`SORTED` in `queries/searched.rs`, `MOST_PASSED` in `queries/users_list.rs`).
fn turns(users: usize) -> Vec<Read> {
    // One user in a hundred matches: a walk meets 3,000 for each page of 30, and to sort a match costs as much as three of them.
    let matches = i64::try_from(users / 100).unwrap_or(i64::MAX);
    let walked = (matches - 1) / 1_000;
    let mut reads = Vec::new();
    for (page, way) in [(walked, "on a walk"), (walked + 1, "all matches sorted")] {
        let query = ListQuery::page(SearchText::new("andersson"), Order::default(), page);
        reads.push(read(&format!("search of a common part, page {page}, {way}"), move |db| {
            db.list_user_infos(&query).map(drop)
        }));
    }
    for (page, way) in [(34, "whole rows on a walk"), (35, "their ids first")] {
        let query = ListQuery::page(None, Order::parse(Some("created_at"), Some("desc")), page);
        reads.push(read(&format!("page {page} by created_at desc, {way}"), move |db| {
            db.list_users(&query, LISTED).map(drop)
        }));
    }
    reads
}

/// Lists that are narrowed (rule L5): to few, to many and to nobody, in three orders, and how many these are.
fn narrowed() -> Vec<Read> {
    let role = |role| UserFilter { role: Some(role), ..UserFilter::default() };
    let group =
        |number| UserFilter { group: Some(GroupId::from_stored(group_id(number))), ..UserFilter::default() };
    let active = |active_since| UserFilter { active_since: Some(active_since), ..UserFilter::default() };
    let inactive =
        |inactive_since| UserFilter { inactive_since: Some(inactive_since), ..UserFilter::default() };
    let filters = [
        ("admins", role(Role::Admin)),
        ("users", role(Role::User)),
        ("pending accounts", role(Role::Pending)),
        ("members of a group", group(7)),
        ("members of no group", group(1_000_000)),
        ("who was active in the last day", active(LAST_ACTIVE - 86_400)),
        ("who will be active", active(LAST_ACTIVE + 86_400)),
        ("who was active in the last half year", active(LAST_ACTIVE - 15_768_000)),
        ("who was not active for half a year", inactive(LAST_ACTIVE - 15_768_000)),
        ("who was never active", inactive(1)),
        ("suspended accounts", UserFilter::of_status(AccountStatus::Suspended)),
        ("accounts that are not suspended", UserFilter::of_status(AccountStatus::Active)),
    ];
    let mut reads = Vec::new();
    for (label, filter) in filters {
        for column in ["created_at", "name", "last_active_at"] {
            let order = Order::parse(Some(column), Some("desc"));
            let page = ListQuery::page(None, order, 1).narrowed(filter.clone());
            reads.push(read(&format!("{label}, page 1 by {column}"), move |db| {
                db.list_users(&page, LISTED).map(drop)
            }));
        }
        let all = ListQuery::page(None, Order::default(), 1).narrowed(filter);
        reads.push(read(&format!("{label}, count"), move |db| db.count_listed(&all).map(drop)));
    }
    reads
}

fn read(name: &str, work: impl Fn(&mut dyn Db) -> StoreResult<()> + Send + Sync + 'static) -> Read {
    (name.to_owned(), Box::new(work))
}

/// A place somewhere inside the list.
fn middle(order: Order, column: &str) -> Cursor {
    let key = match column {
        "name" | "email" => CursorKey::Text("M".to_owned()),
        "role" => CursorKey::Text("user".to_owned()),
        "created_at" | "updated_at" => CursorKey::Int(1_680_000_000),
        "last_active_at" => CursorKey::Int(1_720_000_000),
        _ => CursorKey::Member { member: true, name: "M".to_owned() },
    };
    Cursor::new(order, key, UserId::from_stored("8".to_owned()))
}
