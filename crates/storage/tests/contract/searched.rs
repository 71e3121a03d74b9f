//! Pages of a search in a standalone database: found on a walk, or by sorting the matches, they are those of the rules
//! (L1 and L2), wherever in the order the matches are.

use rosterd_domain::list::{Cursor, ListQuery, Order, SearchText};
use rosterd_domain::name::UserName;
use rosterd_domain::user::UserModel;
use rosterd_storage::{Db, ListedSizes, Store, StoreResult};
use rosterd_testkit::with_databases;

use crate::support::{new_user, open, read, write};

/// So many that a walk is cut short long before it has met all of them.
const USERS: i64 = 3_000;

/// The name of a user: `sooner` for the first half and `later` for the other, `evening` for the last fifth, and a sign that
/// few have.
fn name(number: i64) -> String {
    let half = if number < USERS / 2 { "sooner" } else { "later" };
    let evening = if number >= USERS / 5 * 4 { " evening" } else { "" };
    let sign = if number % 500 == 7 { " ☃q" } else { "" };
    format!("{half}{evening} {number:04}{sign}")
}

/// The users on a page; the list of the narrow shape has the same.
fn page(db: &mut dyn Db, query: &ListQuery) -> StoreResult<Vec<UserModel>> {
    let users = db.list_users(query, ListedSizes::default())?;
    let infos = db.list_user_infos(query)?;
    let [ids, narrow]: [Vec<_>; 2] =
        [users.iter().map(|user| &user.id).collect(), infos.iter().map(|user| &user.id).collect()];
    assert_eq!(ids, narrow);
    Ok(users)
}

/// The names on two pages of this size, the second once by its number and once by a cursor.
async fn pages(store: &Store, text: &'static str, order: &Order, limit: i64) -> [Vec<String>; 3] {
    let order = order.clone();
    read(store, move |db| {
        let search = SearchText::new(text);
        let first = page(db, &ListQuery::page_of(search.clone(), order.clone(), 1, limit))?;
        let second = page(db, &ListQuery::page_of(search.clone(), order.clone(), 2, limit))?;
        let after = match first.last() {
            Some(last) => page(db, &ListQuery::after(search, Cursor::of_user(last, &order, false), limit))?,
            None => Vec::new(),
        };
        let names = |users: Vec<UserModel>| users.into_iter().map(|user| user.name).collect();
        Ok([names(first), names(second), names(after)])
    })
    .await
}

with_databases!(own, l1_l2_a_search_finds_its_page_wherever_the_matches_are, async |db| {
    let store = open(&db);
    let users: Vec<_> = (0..USERS)
        .map(|number| {
            let mut user = new_user(&format!("n{number}"), number);
            user.name = UserName::from_stored(name(number));
            user
        })
        .collect();
    write(&store, move |db| users.iter().try_for_each(|user| db.insert_user(user))).await;
    // Half of them, a fifth, all, ten, very few, and nobody; three letters and more, and fewer.
    for text in ["sooner", "later", "evening", "@example.net", "la", "299", "☃", "☃q", "q", "nobody at all"]
    {
        let matching: Vec<String> = (0..USERS)
            .filter(|number| name(*number).contains(text) || format!("n{number}@example.net").contains(text))
            .map(name)
            .collect();
        let total = read(&store, move |db| db.count_matching(SearchText::new(text).as_ref())).await;
        assert_eq!(usize::try_from(total).unwrap(), matching.len(), "{text}");
        for column in ["created_at", "name"] {
            for direction in ["asc", "desc"] {
                let mut wanted = matching.clone();
                if column == "name" {
                    wanted.sort();
                }
                if direction == "desc" {
                    wanted.reverse();
                }
                let order = Order::parse(Some(column), Some(direction));
                for limit in [1, 30, 200] {
                    let part = |skip: i64| -> Vec<String> {
                        let [skip, limit] = [skip, limit].map(|number| usize::try_from(number).unwrap());
                        wanted.iter().skip(skip).take(limit).cloned().collect()
                    };
                    let found = pages(&store, text, &order, limit).await;
                    let wanted = [part(0), part(limit), part(limit)];
                    assert_eq!(found, wanted, "{text} by {column} {direction}, {limit}");
                }
            }
        }
    }
});
