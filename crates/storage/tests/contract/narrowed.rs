//! Lists that are narrowed to a part of the users (rule L5).

use rosterd_domain::ids::{GroupId, UserId};
use rosterd_domain::list::{Cursor, ListQuery, Order, SearchText, UserFilter};
use rosterd_domain::role::Role;
use rosterd_domain::user::UserModel;
use rosterd_storage::{ListedSizes, Store};
use rosterd_testkit::with_databases;

use crate::support::{new_user, open, read, write};

/// The whole list of a query, by cursors, and how many the database counts.
async fn walked(
    store: &Store,
    search: Option<&SearchText>,
    order: &Order,
    filter: &UserFilter,
) -> (Vec<UserModel>, i64) {
    let mut users: Vec<UserModel> = Vec::new();
    loop {
        let query = match users.last() {
            None => ListQuery::page_of(search.cloned(), order.clone(), 1, 7),
            Some(last) => ListQuery::after(search.cloned(), Cursor::of_user(last, order, false), 7),
        };
        let query = query.narrowed(filter.clone());
        let counted = query.clone();
        let rows = read(store, move |db| db.list_users(&query, ListedSizes::default())).await;
        if rows.is_empty() {
            let total = read(store, move |db| db.count_listed(&counted)).await;
            return (users, total);
        }
        users.extend(rows);
    }
}

/// The rule, for one user.
fn passes(filter: &UserFilter, user: &UserModel, group: Option<&GroupId>, members: &[UserId]) -> bool {
    filter.role.as_ref().is_none_or(|role| user.role == *role)
        && (filter.group.is_none() || (filter.group.as_ref() == group && members.contains(&user.id)))
        && filter.active_since.is_none_or(|since| user.last_active_at >= since)
        && filter.inactive_since.is_none_or(|since| user.last_active_at < since)
}

with_databases!(all, l5_a_narrowed_list_is_the_whole_one_without_the_others, async |db| {
    let store = open(&db);
    let users: Vec<_> = (0..40_i64)
        .map(|number| {
            let mut user = new_user(&format!("narrow {number}"), number / 3);
            user.role = [Role::User, Role::Pending, Role::User, Role::Admin]
                [usize::try_from(number % 4).unwrap()]
            .clone();
            user
        })
        .collect();
    write(&store, move |db| users.iter().try_for_each(|user| db.insert_user(user))).await;
    let group = read(&store, |db| db.list_groups(None)).await.first().map(|of| of.group.id.clone());
    let of = group.clone();
    let members = match of {
        Some(of) => read(&store, move |db| db.list_members(&of)).await,
        None => Vec::new(),
    };
    let members: Vec<_> = members.into_iter().map(|user| user.id).collect();
    let middle = 1_000_000_005;
    let mut filters = vec![
        UserFilter { role: Some(Role::Admin), ..UserFilter::default() },
        UserFilter { role: Some(Role::User), active_since: Some(middle), ..UserFilter::default() },
        UserFilter { inactive_since: Some(middle), ..UserFilter::default() },
        UserFilter { active_since: Some(middle), inactive_since: Some(middle), ..UserFilter::default() },
        UserFilter { group: Some(GroupId::from_stored("none".to_owned())), ..UserFilter::default() },
    ];
    if group.is_some() {
        filters.push(UserFilter { group: group.clone(), ..UserFilter::default() });
        filters.push(UserFilter { group: group.clone(), role: Some(Role::User), ..UserFilter::default() });
    }
    let search = SearchText::new("narrow 1");
    for by in ["created_at", "name", "email", "role", "last_active_at", "updated_at"] {
        for direction in ["asc", "desc"] {
            let order = Order::parse(Some(by), Some(direction));
            for search in [None, search.as_ref()] {
                let (everybody, _) = walked(&store, search, &order, &UserFilter::default()).await;
                for filter in &filters {
                    let (found, total) = walked(&store, search, &order, filter).await;
                    let wanted: Vec<_> = everybody
                        .iter()
                        .filter(|user| passes(filter, user, group.as_ref(), &members))
                        .map(|user| &user.id)
                        .collect();
                    let found: Vec<_> = found.iter().map(|user| &user.id).collect();
                    assert_eq!(found, wanted, "{by} {direction} {filter:?}");
                    assert_eq!(usize::try_from(total).unwrap(), wanted.len(), "{filter:?}");
                }
            }
        }
    }
});
