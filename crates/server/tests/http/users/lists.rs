//! Lists of users: rules L1 and L2. (L3 is shown in `statements`.)

use std::collections::BTreeSet;

use rosterd_domain::role::Role;
use rosterd_testkit::{Caller, TestServer, with_servers};
use serde_json::json;

use crate::support::{
    ALL, LIST, SEARCH, UPDATE_STATUS, column, db_roster, form, is_current, keys, path_of, record_keys,
};

/// What a list may be sorted by.
const ORDERS: [&str; 6] = ["name", "email", "role", "created_at", "last_active_at", "updated_at"];

/// An admin and `count` users, all as alike as can be: many ties in every order.
async fn twins(server: &TestServer, count: usize) -> Caller {
    let created_at = server.now() - 1000;
    let twin = |number: usize| {
        (["Kim", "Lee", "kim"][number % 3].to_owned(), format!("twin{number:03}@rosterd.test"), created_at)
    };
    db_roster(server, count, twin).await;
    server.db_admin("ada").created_at(created_at - 1).create().await
}

/// The ids on every page, in order.
async fn by_pages(ada: &Caller, path: &str) -> Vec<String> {
    let mut ids = Vec::new();
    for page in 1.. {
        let part = column(&ada.get(&format!("{path}&page={page}")).await, "id");
        if part.is_empty() {
            return ids;
        }
        ids.extend(part);
    }
    unreachable!("pages end")
}

/// The ids by following cursors.
async fn by_cursors(ada: &Caller, path: &str, limit: usize) -> Vec<String> {
    let mut ids = Vec::new();
    let mut next = format!("{path}&limit={limit}");
    loop {
        let reply = ada.get(&next).await;
        ids.extend(column(&reply, "id"));
        let cursor = reply.at("/next_cursor");
        let Some(cursor) = cursor.as_str() else { return ids };
        next = format!("{path}&limit={limit}&cursor={cursor}");
    }
}

with_servers!(all, l1_pages_never_repeat_or_skip_a_row_in_any_order, async |server| {
    let ada = twins(&server, 70).await;
    let total = ada.get(LIST).await.at("/total").as_i64().unwrap();
    for order in ORDERS {
        for direction in ["asc", "desc"] {
            let path = format!("{LIST}?order_by={order}&direction={direction}");
            let ids = by_pages(&ada, &path).await;
            assert_eq!(ids.iter().collect::<BTreeSet<_>>().len(), ids.len(), "{path} repeats a row");
            assert_eq!(i64::try_from(ids.len()).unwrap(), total, "{path} skips a row");
        }
    }
});

with_servers!(all, l1_cursors_walk_the_same_way_as_pages, async |server| {
    let ada = twins(&server, 45).await;
    let group = server.db_group("some", &[&ada], json!(null)).await;
    let orders = ORDERS.iter().map(|order| (*order).to_owned()).chain([format!("group_id:{group}")]);
    for order in orders {
        for direction in ["asc", "desc"] {
            for path in [LIST, SEARCH] {
                let path = format!("{path}?order_by={order}&direction={direction}&query=rosterd.test");
                let pages = by_pages(&ada, &path).await;
                assert_eq!(pages.len(), 46, "{path}");
                assert_eq!(by_cursors(&ada, &path, 10).await, pages, "{path}");
            }
        }
    }
});

with_servers!(own, l1_thirty_a_page_and_any_number_is_a_page, async |server| {
    let ada = twins(&server, 34).await;
    let first = ada.get(LIST).await;
    assert_eq!(column(&first, "id").len(), 30);
    assert_eq!(first.at("/total"), 35);
    assert!(first.json().get("next_cursor").is_none(), "only those who page by cursor are told one");
    for same in ["?page=1", "?page=0", "?page=-3", "?order_by=nonsense&direction=asc", "?direction=asc"] {
        ada.get(&format!("{LIST}{same}")).await.assert(200, first.json());
    }
    assert_eq!(column(&ada.get(&format!("{LIST}?page=2")).await, "id").len(), 5);
    for beyond in ["3", "99", "9223372036854775807", "99999999999999999999999"] {
        ada.get(&format!("{LIST}?page={beyond}")).await.assert(200, json!({ "users": [], "total": 35 }));
    }
    for wrong in ["two", "1.5", "", "0x1"] {
        ada.get(&format!("{LIST}?page={wrong}")).await.assert_invalid(&["query/page"]);
    }
});

with_servers!(own, l1_limit_and_cursor_are_checked, async |server| {
    let ada = twins(&server, 4).await;
    for limit in ["0", "201", "-1", "many"] {
        ada.get(&format!("{LIST}?limit={limit}")).await.assert_invalid(&["query/limit"]);
    }
    assert_eq!(column(&ada.get(&format!("{LIST}?limit=2")).await, "id").len(), 2);
    assert_eq!(column(&ada.get(&format!("{LIST}?limit=200")).await, "id").len(), 5);
    let all_wrong = format!("{LIST}?limit=x&page=y&cursor=%21");
    ada.get(&all_wrong).await.assert_invalid(&["query/cursor", "query/limit", "query/page"]);
    // A cursor belongs to the order it was made in.
    let cursor = ada.get(&format!("{LIST}?limit=2&order_by=name")).await.at("/next_cursor");
    let other = format!("{LIST}?limit=2&order_by=email&cursor={}", cursor.as_str().unwrap());
    ada.get(&other).await.assert_invalid(&["query/cursor"]);
});

with_servers!(all, l1_text_sorts_by_code_point, async |server| {
    let ada = server.db_admin("ada").create().await;
    for (number, name) in ["b", "B", "a", "Ä", "_", "ä", "aB", "ab", "a b", "😀", "ￚ", "Z"].iter().enumerate()
    {
        server.db_user(name).email(&format!("sort{number}@rosterd.test")).create().await;
    }
    let path = format!("{LIST}?query=sort&order_by=name&direction=asc");
    let names = column(&ada.get(&path).await, "name");
    assert_eq!(names, ["B", "Z", "_", "a", "a b", "aB", "ab", "b", "Ä", "ä", "ￚ", "😀"]);
});

with_servers!(all, l1_members_of_a_group_first_when_descending, async |server| {
    let ada = server.db_admin("ada").create().await;
    let (dan, eve, abe, cat) = (
        server.db_user("dan").email("g1@rosterd.test").create().await,
        server.db_user("eve").email("g2@rosterd.test").create().await,
        server.db_user("abe").email("g3@rosterd.test").create().await,
        server.db_user("cat").email("g4@rosterd.test").create().await,
    );
    let group = server.db_group("some", &[&dan, &abe], json!(null)).await;
    let path = format!("{LIST}?query=@rosterd.test&order_by=group_id:{group}&direction");
    let names = column(&ada.get(&format!("{path}=desc")).await, "name");
    assert_eq!(names, ["abe", "dan", "ada", "cat", "eve"]);
    let names = column(&ada.get(&format!("{path}=asc")).await, "name");
    assert_eq!(names, ["ada", "cat", "eve", "abe", "dan"]);
    let of = ada.get(&format!("{LIST}?query=g3@rosterd.test")).await.at("/users/0/group_ids");
    assert_eq!(of, json!([group.as_str()]));
    assert_eq!((eve.email(), cat.email()), ("g2@rosterd.test", "g4@rosterd.test"));
});

with_servers!(all, l2_a_query_is_a_substring_of_name_or_address_in_any_case, async |server| {
    let ada = server.db_admin("ada").create().await;
    for (name, email) in [
        ("Zoë Straße", "zoe@rosterd.test"),
        ("ΑΛΈΞΑΝΔΡΟΣ", "alexandros@rosterd.test"),
        ("Юрий", "yuri@rosterd.test"),
        ("50% off_now\\", "odd@rosterd.test"),
        ("O'Brien \"B\"", "ob@rosterd.test"),
    ] {
        server.db_user(name).email(email).create().await;
    }
    let found = async |query: &str| {
        let url =
            reqwest::Url::parse_with_params("http://x/", [("query", query), ("order_by", "email")]).unwrap();
        let path = format!("{LIST}?{}", url.query().unwrap());
        let mut emails = column(&ada.get(&path).await, "email");
        emails.retain(|email| email.ends_with("@rosterd.test"));
        let search = format!("{SEARCH}?{}", url.query().unwrap());
        let mut searched = column(&ada.get(&search).await, "email");
        searched.retain(|email| email.ends_with("@rosterd.test"));
        assert_eq!(emails, searched, "both lists find the same");
        emails.concat().replace("@rosterd.test", " ").trim_end().to_owned()
    };
    for (query, wanted) in [
        ("ZOË", "zoe"),
        ("straße", "zoe"),
        ("λέξ", "alexandros"),
        ("юрИЙ", "yuri"),
        ("ALEX", "alexandros"),
        ("%", "odd"),
        ("_", "odd"),
        ("\\", "odd"),
        ("50% off_", "odd"),
        ("50_", ""),
        ("off%now", ""),
        ("o'b", "ob"),
        ("\"b\"", "ob"),
        ("é' OR 1=1 --", ""),
        ("nobody at all", ""),
    ] {
        assert_eq!(found(query).await, wanted, "{query}");
    }
});

with_servers!(own, l2_a_query_that_spans_name_and_address_finds_nobody, async |server| {
    let ada = server.db_admin("ada").create().await;
    server.db_user("bob").email("x@rosterd.test").create().await;
    for query in ["bob%0Ax", "bobx", "b%0A"] {
        assert_eq!(ada.get(&format!("{LIST}?query={query}")).await.at("/total"), 0, "{query}");
    }
    ada.get(&format!("{LIST}?query=a%00b")).await.assert_invalid(&["query/query"]);
});

with_servers!(own, l2_a_renamed_user_is_found_by_the_new_name_only, async |server| {
    let (ada, bob) = (server.db_admin("ada").create().await, server.db_user("bobby").create().await);
    let changed = form("Róża Nowak", "roza@rosterd.test", json!({}));
    ada.post(&path_of(&bob, "/update"), changed).await.assert_status(200);
    for (query, total) in [("bobby", 0), ("RÓŻA", 1), ("roza@", 1), ("no", 1)] {
        assert_eq!(ada.get(&format!("{SEARCH}?query={query}")).await.at("/total"), total, "{query}");
    }
    ada.delete(&path_of(&bob, "")).await.assert_status(200);
    assert_eq!(ada.get(&format!("{SEARCH}?query=nowak")).await.at("/total"), 0);
});

with_servers!(all, each_list_has_its_shape, async |server| {
    let ada = server.db_admin("ada").created_at(server.now()).create().await;
    ada.post(UPDATE_STATUS, json!({ "status_message": "Hi" })).await.assert_status(200);
    let whole = ada.get(LIST).await.assert_status(200).at("/users/0");
    assert_eq!(whole["id"], ada.id().as_str(), "newest first");
    assert_eq!(keys(&whole).len(), record_keys(&server) + 1);
    let narrow = ["email", "id", "name", "role", "status_emoji", "status_expires_at", "status_message"];
    let wider = ["bio", "groups", "is_active", "last_active_at", "timezone"];
    let mut shown: Vec<&str> = narrow.into();
    if is_current(&server) {
        shown.extend(wider);
        shown.sort_unstable();
    }
    for list in [ALL, SEARCH] {
        let reply = ada.get(list).await;
        assert_eq!(keys(&reply.assert_status(200).at("/users/0")), shown);
        assert_eq!(reply.at("/users/0/status_message"), "Hi");
        assert_eq!(reply.at("/total"), ada.get(LIST).await.at("/total"));
    }
});

with_servers!(all, everybody_comes_newest_first, async |server| {
    let ada = twins(&server, 40).await;
    let all = column(&ada.get(ALL).await, "id");
    let pages = by_pages(&ada, &format!("{LIST}?order_by=created_at")).await;
    assert_eq!(all, pages);
});

with_servers!(own, a_long_inline_image_is_listed_as_its_url, async |server| {
    let ada = server.db_admin("ada").create().await;
    let (short, long) = (format!("data:image/png;base64,{}", "A".repeat(100)), "A".repeat(4000));
    let long = format!("data:image/png;base64,{long}");
    let bob = server.db_user("bob").role(Role::User).profile_image_url(&long).create().await;
    let eve = server.db_user("eve").profile_image_url(&short).create().await;
    let image = async |user: &Caller| {
        ada.get(&format!("{LIST}?query={}", user.email())).await.at("/users/0/profile_image_url")
    };
    assert_eq!(image(&eve).await, short);
    assert_eq!(image(&bob).await, path_of(&bob, "/profile/image"));
    // An admin who saves what the list showed does not replace the picture by its URL.
    let saved = json!({ "profile_image_url": path_of(&bob, "/profile/image") });
    ada.post(&path_of(&bob, "/update"), form("Bob", bob.email(), saved)).await.assert_status(200);
    assert_eq!(server.db_get_user(bob.id()).await.profile_image_url, long);
});

with_servers!(sqlite, one_odd_row_keeps_nobody_from_an_answer, async |server| {
    let ada = server.db_admin("ada").create().await;
    let alice = server.db_user("alice").create().await;
    let bob = server.db_user("bob").create().await;
    server.db().db_execute(&format!(
        "UPDATE \"user\" SET name = CAST(x'4a6f73e9' AS TEXT), bio = x'ff', created_at = 'soon', role = x'75736572' \
         WHERE id = '{}'",
        bob.id()
    ));
    for path in ["/api/v1/users/?limit=200", "/api/v1/users/all", "/api/v1/users/search?limit=200&query=ali"]
    {
        let listed = column(&ada.get(path).await, "name");
        assert!(listed.iter().any(|name| name == "alice"), "{path}: {listed:?}");
    }
    alice.get(&path_of(&bob, "")).await.assert_status(200);
    bob.get("/api/v1/auths/").await.assert_status(200);
    let form = form("Jos", bob.email(), json!({}));
    ada.post(&path_of(&bob, "/update"), form).await.assert_status(200);
    ada.delete(&path_of(&bob, "")).await.assert(200, json!(true));
});

with_servers!(sqlite, an_id_that_is_no_text_ends_no_walk_by_cursors, async |server| {
    let ada = twins(&server, 12).await;
    for (number, id) in ["CAST(x'ff61' AS TEXT)", "CAST(x'fe61' AS TEXT)", "x'61'"].iter().enumerate() {
        server.db().db_execute(&format!(
            "INSERT INTO \"user\" (id, name, email, role, profile_image_url, created_at, updated_at, last_active_at) \
             SELECT {id}, name, '{number}@rosterd.test', role, '', created_at, updated_at, last_active_at \
             FROM \"user\" WHERE email LIKE '%7@rosterd.test'"
        ));
    }
    let group = server.db_group("some", &[&ada], json!(null)).await;
    let sound: BTreeSet<_> =
        column(&ada.get(&format!("{LIST}?limit=200")).await, "email").into_iter().collect();
    assert!(sound.contains("2@rosterd.test"));
    let orders = ORDERS.iter().map(|order| (*order).to_owned()).chain([format!("group_id:{group}")]);
    for order in orders {
        for direction in ["asc", "desc"] {
            let path = format!("{LIST}?order_by={order}&direction={direction}");
            let walked = by_cursors(&ada, &path, 1).await;
            let seen: BTreeSet<_> = walked.iter().collect();
            assert!(walked.len() <= sound.len() && seen.len() >= sound.len() - 2, "{path}: {walked:?}");
            assert!(seen.contains(&ada.id().to_string()), "{path}");
        }
    }
    ada.get(&format!("{SEARCH}?query=rosterd.test")).await.assert_status(200);
    ada.get(ALL).await.assert_status(200);
});
