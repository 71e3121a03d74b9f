//! What SCIM costs in SQL statements: the same for a page of one and of two hundred, for the first user and for a later one, for
//! one member and for many.

use rosterd_testkit::{Caller, with_databases};
use serde_json::{Value, json};

use super::{connection, get, make_group, make_user, patch, post};
use crate::statements::{Seen, cost_of, watched};
use crate::support::primary;

/// After so many requests each connection has prepared what it runs.
const WARM: usize = 32;

/// So many users: a full page.
const USERS: usize = 200;

/// What a list may cost at most: the token, the page, its number, and what hangs on its rows.
const OF_A_LIST: usize = 6;

async fn make_users(provider: &Caller, count: usize) -> Vec<String> {
    let mut ids = Vec::with_capacity(count);
    for number in 0..count {
        ids.push(make_user(provider, &format!("person{number:05}@provider.example")).await);
    }
    ids
}

with_databases!(own, j11_a_page_costs_the_same_for_1_and_for_200_users, async |db| {
    let (server, seen) = watched(db).await;
    let provider = connection(&primary(&server).await, "provider", json!({})).await;
    let ids = make_users(&provider, USERS).await;
    for number in 0..20 {
        make_group(&provider, &format!("Group {number}"), &ids[..=number * 10]).await;
    }
    let lists = [
        "/Users?",
        "/Users?sortBy=userName&",
        "/Users?startIndex=1&",
        "/Users?filter=emails[type eq \"work\"].value co \"provider\"&",
        "/Users?filter=groups.display eq \"Group 3\" or active eq true&",
        "/Users?excludedAttributes=groups&",
        "/Groups?",
        "/Groups?filter=displayName sw \"Group\"&",
        "/Groups?excludedAttributes=members&",
    ];
    for list in lists {
        let cost = async |count: usize| {
            let (reply, cost) = cost_of(&seen, get(&provider, &format!("{list}count={count}"))).await;
            (reply.assert_status(200).at("/itemsPerPage").as_u64().unwrap(), cost.run)
        };
        let (few, one) = cost(1).await;
        let (several, many) = cost(USERS).await;
        assert!(few == 1 && several >= 20, "{list} {few} {several}");
        // The last page says by itself how many there are.
        assert!(one.len() - 1 <= many.len() && many.len() <= one.len(), "{list}\n{one:#?}\n{many:#?}");
        assert!(many.len() <= OF_A_LIST, "{list}\n{many:#?}");
        let (_, none) = cost(0).await;
        assert!(none.len() < many.len(), "{list} asks for a number alone\n{none:#?}");
    }
    // What providers ask before each change. The total of what is unique needs no statement of its own.
    let found = "/Users?filter=userName eq \"person00007@provider.example\"";
    for _ in 0..WARM {
        get(&provider, found).await.assert_status(200);
    }
    let (reply, cost) = cost_of(&seen, get(&provider, found)).await;
    assert_eq!(reply.at("/Resources/0/id"), json!(ids[7]));
    // The token, the user, its e-mail addresses and groups, and where people reach the server.
    assert!(cost.run.len() <= 5, "{cost:#?}");
    assert_eq!(cost.prepared, Vec::<String>::new(), "{cost:#?}");
});

with_databases!(own, j11_the_last_user_costs_what_the_first_costs, async |db| {
    let (server, seen) = watched(db).await;
    let provider = connection(&primary(&server).await, "provider", json!({})).await;
    let make = async |number: usize| {
        let user = json!({
            "userName": format!("new{number}@provider.example"), "name": { "givenName": "New", "familyName": "Person" },
            "emails": [{ "value": format!("new{number}@provider.example"), "type": "work", "primary": true }],
        });
        let (reply, cost) = cost_of(&seen, post(&provider, "/Users", user)).await;
        (reply.assert_status(201).at("/id").as_str().unwrap().to_owned(), cost)
    };
    let disable = async |id: &str| {
        let (reply, cost) = cost_of(
            &seen,
            patch(
                &provider,
                &format!("/Users/{id}"),
                json!([{ "op": "Replace", "path": "active", "value": "False" }]),
            ),
        )
        .await;
        assert_eq!(reply.assert_status(200).at("/active"), json!(false));
        cost
    };
    for number in 0..WARM {
        let (id, _) = make(number).await;
        disable(&id).await;
    }
    let (id, made) = make(WARM).await;
    let disabled = disable(&id).await;
    for number in WARM + 1..WARM + 150 {
        make(number).await;
    }
    let (id, made_last) = make(1000).await;
    let disabled_last = disable(&id).await;
    assert_same(&made, &made_last);
    assert_same(&disabled, &disabled_last);
});

/// As many statements, and none that is new.
#[track_caller]
fn assert_same(first: &Seen, last: &Seen) {
    assert_eq!(first.run.len(), last.run.len(), "{first:#?}\n{last:#?}");
    assert_eq!(last.prepared, Vec::<String>::new(), "{last:#?}");
}

with_databases!(own, j8_many_members_cost_few_more_statements_than_one, async |db| {
    let (server, seen) = watched(db).await;
    let provider = connection(&primary(&server).await, "provider", json!({})).await;
    let ids = make_users(&provider, USERS).await;
    let group = make_group(&provider, "Everybody", &[]).await;
    let change = async |op: &str, members: &[String]| {
        let value: Vec<Value> = members.iter().map(|id| json!({ "value": id })).collect();
        let operations = json!([{ "op": op, "path": "members", "value": value }]);
        let (reply, cost) = cost_of(&seen, patch(&provider, &format!("/Groups/{group}"), operations)).await;
        let left = reply.assert_status(200).at("/members").as_array().map_or(0, Vec::len);
        (left, cost.run)
    };
    for (op, left) in [("Add", [1, USERS]), ("Remove", [USERS - 1, 0])] {
        let (some, one) = change(op, &ids[..1]).await;
        let (all, many) = change(op, &ids[1..]).await;
        assert_eq!([some, all], left, "{op}");
        // An event may name so many members at most, so that there may be several.
        assert!(many.len() <= one.len() + 4, "{op}: {} and {}\n{many:#?}", one.len(), many.len());
    }
});
