//! Lists, searches and pages far down.

use rosterd_domain::ids::UserId;
use rosterd_domain::list::{Cursor, CursorKey, Order};
use rosterd_storage::raw;

use super::{LIST, RARE_PART, SEARCH, SETTINGS};
use crate::Result;
use crate::arena::Contender;
use crate::bench::Bench;
use crate::cli::Kind;
use crate::load::Plan;
use crate::report::{Bar, Section};
use crate::roster::{Roster, Tables, group_id};

/// Rows on a page.
const PAGE: usize = 30;

/// What a page may cost. Microseconds of CPU time.
const PAGE_COST: f64 = 160.0;

/// Connections of those who read lists, and of those who read their settings beside them.
const BESIDE: usize = 16;

/// How much longer a read may take beside lists. They share the cores, and nothing else.
const BESIDE_LISTS: f64 = 4.0;

pub(super) fn every_order(bench: &Bench) -> Result<Section> {
    let mut section = Section::new(
        "list",
        "`GET /users/` for an admin, the first page of 30, in every order, on SQLite. A profile image of 8 KB is \
         shown as its URL. The last two rows: 1,000 users read their settings, alone and while others read lists over as \
         many connections.",
    );
    let (small, large) = (bench.roster(1000)?, bench.roster(bench.users(100_000))?);
    let bare = bench.bare(Kind::Token, None)?;
    let (few, many) = (bench.rosterd("list few", &small, &[])?, bench.rosterd("list many", &large, &[])?);
    let admin = small.admin();
    let constant = Plan::get(LIST, &admin);
    let mut orders: Vec<String> =
        ["created_at", "name", "email", "role", "last_active_at", "updated_at"].map(str::to_owned).to_vec();
    orders.push(format!("group_id:{}", group_id(7)));
    let plans: Vec<(&str, Plan)> = orders
        .iter()
        .map(|order| {
            let plan = Plan::get(&format!("{LIST}?order_by={order}&direction=desc"), &admin);
            (order.split(':').next().unwrap_or(order), plan)
        })
        .collect();
    let mut contenders = vec![Contender::new("bare with HS256 check", &bare, &constant)];
    for (order, plan) in &plans {
        contenders.push(Contender::new(format!("{order}, {} users", small.users), &few, plan));
        contenders.push(Contender::new(format!("{order}, {} users", large.users), &many, plan));
    }
    let first = contenders.len();
    let (page, reads) = (Plan::get(LIST, &admin), Plan::get(SETTINGS, &large.tokens()));
    let alone = |label: &str| Contender::new(label, &many, &reads).connections(BESIDE);
    contenders.push(alone("settings"));
    contenders.push(alone("settings beside lists").beside(&page));
    section.series = bench.compete_briefly(&contenders)?;
    section.baseline = Some(0);
    let slower = section.series[first + 1].p50_ms() / section.series[first].p50_ms();
    section.bars.push(Bar::at_most("settings beside lists: p50 of theirs alone", slower, BESIDE_LISTS));
    for (index, (order, _)) in plans.iter().enumerate() {
        let (few, many) = (&section.series[1 + index * 2], &section.series[2 + index * 2]);
        let (cost, grown) = (many.cost_us(), many.cost_us() / few.cost_us());
        section.bars.push(Bar::at_most(format!("{order}: CPU µs"), cost, PAGE_COST));
        section.bars.push(Bar::at_most(format!("{order}: CPU time of that at 1,000 users"), grown, 1.5));
    }
    Ok(section)
}

/// Within how many milliseconds half of the searches for a common part are to be answered, in the order in which they are measured.
const COMMON_MS: [(&str, f64); 2] = [("SQLite", 25.0), ("PostgreSQL", 60.0)];

pub(super) fn search(bench: &Bench) -> Result<Section> {
    let mut section = Section::new(
        "search",
        "`GET /users/search` for a part of a surname that 50 users have, in standalone databases. In the last rows, \
         one user in a hundred has the part, and all of these have to be counted for the total.",
    );
    let (few, many) = (10_000, bench.users(1_000_000));
    let mut rosters = vec![("SQLite", bench.roster(few)?), ("SQLite", bench.roster(many)?)];
    for users in [few, many] {
        if let Some(roster) = Roster::postgres(Tables::Own, users)? {
            rosters.push(("PostgreSQL", roster));
        }
    }
    let servers = rosters
        .iter()
        .map(|(kind, roster)| {
            Ok((*kind, roster.users, bench.rosterd(&format!("search {kind}"), roster, &[])?))
        })
        .collect::<Result<Vec<_>>>()?;
    let callers = rosters[0].1.admin();
    let rare = Plan::get(&format!("{SEARCH}?query={RARE_PART}"), &callers);
    let common = Plan::get(&format!("{SEARCH}?query=andersson"), &callers);
    let mut contenders: Vec<_> = servers
        .iter()
        .map(|(kind, users, server)| {
            Contender::new(format!("rare part, {kind}, {users} users"), server, &rare)
        })
        .collect();
    contenders.extend(servers.iter().filter(|(_, users, _)| *users == many).map(|(kind, users, server)| {
        Contender::new(format!("common part, {kind}, {users} users"), server, &common).connections(4)
    }));
    section.series = bench.compete_with(bench.at_most(3, u64::MAX), &contenders)?;
    for (index, (kind, ..)) in servers.iter().enumerate().step_by(2) {
        let grown = section.series[index + 1].p50_ms() / section.series[index].p50_ms();
        section.bars.push(Bar::at_most(format!("{kind}: p50 of that at 10,000 users"), grown, 3.0));
    }
    for (series, (kind, wanted)) in section.series[servers.len()..].iter().zip(COMMON_MS) {
        section.bars.push(Bar::at_most(format!("common part, {kind}: p50, ms"), series.p50_ms(), wanted));
    }
    Ok(section)
}

pub(super) fn deep_cursor(bench: &Bench) -> Result<Section> {
    let mut section = Section::new(
        "deep-cursor",
        "`GET /users/?limit=30` on SQLite: the first page, a page after 900,000 rows by `cursor`, and the same page \
         by its number, for which all rows before it are read.",
    );
    let roster = bench.roster(bench.users(1_000_000))?;
    let page = roster.users * 9 / 10 / PAGE;
    let server = bench.rosterd("deep cursor", &roster, &[])?;
    let admin = roster.admin();
    let path = |order: &str, rest: &str| format!("{LIST}?limit={PAGE}&order_by={order}&direction=desc{rest}");
    let mut plans = Vec::new();
    for order in ["created_at", "name"] {
        let cursor = cursor_before(&roster, order, page)?;
        plans.push((format!("{order}, page 1"), Plan::get(&path(order, ""), &admin), 32));
        let deep = Plan::get(&path(order, &format!("&cursor={cursor}")), &admin);
        plans.push((format!("{order}, page {page} by cursor"), deep, 32));
    }
    let numbered = Plan::get(&path("created_at", &format!("&page={page}")), &admin);
    plans.push((format!("created_at, page {page} by number"), numbered, 4));
    let contenders: Vec<_> = plans
        .iter()
        .map(|(label, plan, connections)| Contender::new(label, &server, plan).connections(*connections))
        .collect();
    section.series = bench.compete_briefly(&contenders)?;
    section.baseline = Some(0);
    for (index, order) in ["created_at", "name"].into_iter().enumerate() {
        let (first, deep) = (&section.series[index * 2], &section.series[index * 2 + 1]);
        let grown = deep.cost_us() / first.cost_us();
        section.bars.push(Bar::at_most(format!("{order}: CPU time of page 1's"), grown, 1.2));
    }
    Ok(section)
}

/// The cursor at which this page begins, in descending order of a column. Made from the table: walking there page by
/// page gives the same one.
fn cursor_before(roster: &Roster, column: &str, page: usize) -> Result<String> {
    let last = (page - 1) * PAGE - 1;
    let sql =
        format!("SELECT {column}, id FROM \"user\" ORDER BY {column} DESC, id DESC LIMIT 1 OFFSET {last}");
    let rows = raw::query_text(&roster.database()?, &sql)?;
    let [Some(key), Some(id)] = rows.first().ok_or("the roster has no such page")?.as_slice() else {
        return Err("a row without key or id".into());
    };
    let order = Order::parse(Some(column), Some("desc"));
    let key = match column {
        "name" => CursorKey::Text(key.clone()),
        _ => CursorKey::Int(key.parse()?),
    };
    Ok(Cursor::new(order, key, UserId::from_stored(id.clone())).encode())
}
