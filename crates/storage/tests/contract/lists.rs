//! Lists of users: order, windows and search (rules L1 and L2).

use rosterd_domain::ids::GroupId;
use rosterd_domain::json::JsonText;
use rosterd_domain::list::{Cursor, CursorKey, ListQuery, Order, OrderBy, SearchText};
use rosterd_domain::name::UserName;
use rosterd_domain::profile_image::ProfileImageUrl;
use rosterd_domain::user::UserModel;
use rosterd_storage::{Db, Document, ListedSizes, Store, StoreError};
use rosterd_testkit::with_databases;

use crate::support::{NOW, id, insert_users, new_user, open, read, recorded_group, write};

/// Names by the whole query.
async fn names(store: &Store, query: ListQuery) -> Vec<String> {
    let users = store.scan(move |db| db.list_users(&query, ListedSizes::default())).await;
    let users: Result<Vec<UserModel>, rosterd_storage::StoreError> = users;
    users.unwrap().into_iter().map(|user| user.name).collect()
}

async fn search(store: &Store, text: &str) -> Vec<String> {
    let order = Order::parse(Some("name"), Some("asc"));
    let text = SearchText::new(text);
    let counted = text.clone();
    let found = names(store, ListQuery::page(text, order, 1)).await;
    let total = read(store, move |db| db.count_matching(counted.as_ref())).await;
    assert_eq!(usize::try_from(total).unwrap(), found.len(), "the total comes from the same filter");
    found
}

const ORDERS: [&str; 6] = ["created_at", "name", "email", "role", "last_active_at", "updated_at"];

with_databases!(all, l1_text_sorts_by_code_point, async |db| {
    let store = open(&db);
    let users: Vec<_> = (0_i64..)
        .zip(["b", "A", "_", "ä", "Z", "a"])
        .map(|(number, last)| {
            let mut user = new_user(&format!("s{number}"), number);
            user.name = UserName::from_stored(format!("zz qq {last}"));
            user
        })
        .collect();
    write(&store, move |db| users.iter().try_for_each(|user| db.insert_user(user))).await;
    let order = Order::parse(Some("name"), Some("asc"));
    let found = names(&store, ListQuery::page(SearchText::new("ZZ QQ"), order, 1)).await;
    assert_eq!(found, ["zz qq A", "zz qq Z", "zz qq _", "zz qq a", "zz qq b", "zz qq ä"]);
});

with_databases!(all, l1_pages_and_cursors_walk_every_order_without_gap_or_repeat, async |db| {
    let store = open(&db);
    let mut users = Vec::new();
    for number in 0..25 {
        // Everything but the id and the e-mail address is shared by several: ties everywhere.
        let mut user = new_user(&format!("tie{}", number / 5), i64::from(number) / 5);
        user.id = id(&format!("t-{}", (number * 7) % 25));
        user.email = crate::support::email(&format!("t{number}@example.net"));
        users.push(user);
    }
    write(&store, move |db| users.iter().try_for_each(|user| db.insert_user(user))).await;
    let total = usize::try_from(read(&store, |db| db.count_users()).await).unwrap();
    for by in ORDERS {
        for direction in ["asc", "desc"] {
            let order = Order::parse(Some(by), Some(direction));
            let mut paged: Vec<UserModel> = Vec::new();
            for page in 1.. {
                let query = ListQuery::page_of(None, order.clone(), page, 7);
                let rows = read(&store, move |db| db.list_users(&query, ListedSizes::default())).await;
                if rows.is_empty() {
                    break;
                }
                paged.extend(rows);
            }
            let mut after: Vec<UserModel> = Vec::new();
            loop {
                let query = match after.last() {
                    None => ListQuery::page_of(None, order.clone(), 1, 7),
                    Some(last) => ListQuery::after(None, Cursor::of_user(last, &order, false), 7),
                };
                let rows = read(&store, move |db| db.list_users(&query, ListedSizes::default())).await;
                if rows.is_empty() {
                    break;
                }
                after.extend(rows);
            }
            let ids = |users: &[UserModel]| users.iter().map(|user| user.id.clone()).collect::<Vec<_>>();
            assert_eq!(ids(&paged), ids(&after), "{by} {direction}");
            let mut unique = ids(&paged);
            unique.sort();
            unique.dedup();
            assert_eq!(unique.len(), total, "{by} {direction}");

            let infos =
                read(&store, move |db| db.list_user_infos(&ListQuery::page_of(None, order, 2, 7))).await;
            let infos: Vec<_> = infos.into_iter().map(|user| user.id).collect();
            assert_eq!(infos, ids(&paged)[7..14], "{by} {direction}");
        }
    }
});

with_databases!(attached, l1_members_first_or_last_then_by_name, async |db| {
    let store = open(&db);
    let group = recorded_group("engineering");
    let of = group.clone();
    let members = read(&store, move |db| db.list_members(&of)).await;
    let members: Vec<_> = members.into_iter().map(|user| user.id).collect();
    for direction in ["asc", "desc"] {
        let order = Order::parse(Some(&format!("group_id:{group}")), Some(direction));
        let all = ListQuery::page_of(None, order.clone(), 1, 200);
        let all = read(&store, move |db| db.list_users(&all, ListedSizes::default())).await;
        let expected = {
            let mut expected = all.clone();
            let member = |user: &UserModel| members.contains(&user.id);
            expected.sort_by_key(|user| {
                (member(user) != (direction == "desc"), user.name.clone(), user.id.clone())
            });
            expected
        };
        assert_eq!(all, expected, "{direction}");
        // The same walk by cursor.
        let mut walked: Vec<UserModel> = Vec::new();
        while walked.len() < all.len() {
            let query = match walked.last() {
                None => ListQuery::page_of(None, order.clone(), 1, 3),
                Some(last) => {
                    let cursor = Cursor::of_user(last, &order, members.contains(&last.id));
                    ListQuery::after(None, cursor, 3)
                }
            };
            let rows = read(&store, move |db| db.list_users(&query, ListedSizes::default())).await;
            assert!(!rows.is_empty());
            walked.extend(rows);
        }
        assert_eq!(walked, all, "{direction}");
    }
});

with_databases!(all, l1_far_pages_are_empty, async |db| {
    let store = open(&db);
    insert_users(&store, &["a"]).await;
    for page in [99, i64::MAX] {
        assert!(names(&store, ListQuery::page(None, Order::default(), page)).await.is_empty());
    }
    let nobody = Order { by: OrderBy::GroupMember(GroupId::from_stored("none".into())), ..Order::default() };
    assert!(!names(&store, ListQuery::page(None, nobody, 1)).await.is_empty());
});

with_databases!(all, a_cursor_of_another_order_gives_nothing, async |db| {
    let store = open(&db);
    insert_users(&store, &["a"]).await;
    let cursor = Cursor::new(Order::default(), CursorKey::Text("x".to_owned()), id("u-a"));
    assert!(names(&store, ListQuery::after(None, cursor, 5)).await.is_empty());
});

with_databases!(all, l2_search_is_a_substring_in_any_case_and_nothing_else, async |db| {
    let store = open(&db);
    let odd = ["777%_sure\\x", "ÄRGER Öl", "ΟΔΥΣΣΕΥΣ", "ıİ", "say \"hi\" AND (x)*", "日本語テスト", "a'b--c"];
    let users: Vec<_> = (0_i64..)
        .zip(odd)
        .map(|(number, name)| {
            let mut user = new_user(&format!("qx{number}"), number);
            user.name = UserName::from_stored(name.to_owned());
            user
        })
        .collect();
    write(&store, move |db| users.iter().try_for_each(|user| db.insert_user(user))).await;
    for (text, expected) in [
        ("777%", vec!["777%_sure\\x"]),
        ("%_S", vec!["777%_sure\\x"]),
        ("_sure", vec!["777%_sure\\x"]),
        ("e\\x", vec!["777%_sure\\x"]),
        ("\\", vec!["777%_sure\\x"]),
        ("777_", vec![]),
        ("ärger ö", vec!["ÄRGER Öl"]),
        ("ÖL", vec!["ÄRGER Öl"]),
        ("οδυσσευς", vec!["ΟΔΥΣΣΕΥΣ"]),
        ("ΣΣΕΥσ", vec!["ΟΔΥΣΣΕΥΣ"]),
        ("y \"HI\" a", vec!["say \"hi\" AND (x)*"]),
        ("(x)*", vec!["say \"hi\" AND (x)*"]),
        ("本語テ", vec!["日本語テスト"]),
        ("B--c", vec!["a'b--c"]),
        // The e-mail address counts too.
        ("QX3@Example.N", vec!["ıİ"]),
        // Not across name and e-mail address, and U+0000 is nowhere.
        ("sure\\x\nqx", vec![]),
        ("a\0b", vec![]),
    ] {
        assert_eq!(search(&store, text).await, expected, "{text:?}");
    }
});

with_databases!(all, l2_the_same_is_found_in_every_script_on_every_database, async |db| {
    let store = open(&db);
    let names = [
        "Müller Straße",
        "İbrahim Işık",
        "Ｔａｒｏ Yamada",
        "Οδυσσεύς",
        "Rene\u{301}e Dupre\u{301}",
        "José Núñez",
        "ﬁnn",
        "ﾊﾝｶｸ",
        "\u{1112}\u{1161}\u{11ab}국",
        "ᾳδω",
        "Żaneta",
        "ДЖОН",
        "שלום",
        "Zo\u{308}e \u{212a}",
    ];
    let users: Vec<_> = (0_i64..)
        .zip(names)
        .map(|(number, name)| {
            let mut user = new_user(&format!("script{number}"), number);
            user.name = UserName::from_stored(name.to_owned());
            user
        })
        .collect();
    write(&store, move |db| users.iter().try_for_each(|user| db.insert_user(user))).await;
    for (text, found) in [
        ("STRASSE", 0),
        ("straße", 0),
        ("MÜLLER STRA", 0),
        ("i\u{307}brahi\u{307}m", 1),
        ("İBRAHİM", 1),
        ("ibrahim", 1),
        ("IŞıK", 1),
        ("taro", 2),
        ("ＴＡＲＯ ｙａｍａｄａ", 2),
        ("οδυσσεύσ", 3),
        ("ΟΔΥΣΣΕΎΣ", 3),
        ("renée", 4),
        ("DUPRÉ", 4),
        ("jose\u{301} nu\u{301}n\u{303}ez", 5),
        ("FINN", 6),
        ("ハンカク", 7),
        ("한국", 8),
        ("ΑΙΔΩ", 9),
        ("żaneta", 10),
        ("z\u{307}aneta", 10),
        ("джон", 11),
        ("שלום", 12),
        ("zöe k", 13),
    ] {
        assert!(search(&store, text).await.iter().any(|name| name == names[found]), "{text:?}");
    }
    for (text, other) in [("zaneta", 10), ("mueller", 0), ("jose", 5), ("ışık", 1)] {
        assert!(!search(&store, text).await.iter().any(|name| name == names[other]), "{text:?}");
    }
});

with_databases!(all, l2_the_search_follows_every_change, async |db| {
    let store = open(&db);
    insert_users(&store, &["zebra one"]).await;
    assert_eq!(search(&store, "zebra").await, ["zebra one"]);
    let renamed = rosterd_domain::user::UserChanges {
        name: Some(UserName::from_stored("Quagga".to_owned())),
        ..Default::default()
    };
    write(&store, move |db| db.update_user(&id("u-zebra one"), &renamed, NOW)).await;
    assert_eq!(search(&store, "quagga").await, ["Quagga"]);
    assert_eq!(search(&store, "zebra o").await, Vec::<String>::new());
    // Still in the e-mail address.
    assert_eq!(search(&store, "zebra.o").await, ["Quagga"]);
    write(&store, |db| db.delete_user(&id("u-zebra one"))).await;
    assert_eq!(search(&store, "quagga").await, Vec::<String>::new());
});

with_databases!(all, what_is_large_is_not_read_for_a_list, async |db| {
    let store = open(&db);
    let mut long = new_user("long", -1);
    long.profile_image_url =
        ProfileImageUrl::from_stored(format!("data:image/png;base64,{}", "A".repeat(5_000)));
    // One letter again and again: PostgreSQL keeps it compressed to a few bytes, and it is large all the same.
    let document = |letters: usize| JsonText::from_stored(format!("{{\"ui\":\"{}\"}}", "A".repeat(letters)));
    long.oauth = Some(document(5_000));
    write(&store, move |db| db.insert_user(&long)).await;
    write(&store, move |db| {
        db.set_document(&id("u-long"), Document::Settings, &document(5_000), NOW)?;
        db.set_document(&id("u-long"), Document::Info, &document(990), NOW)
    })
    .await;
    let order = Order::parse(Some("created_at"), Some("asc"));
    let query = ListQuery::page(None, order, 1);
    let cut = query.clone();
    let sizes = ListedSizes { image: Some(1_000), document: Some(1_000) };
    let cut = read(&store, move |db| db.list_users(&cut, sizes)).await;
    let whole = read(&store, move |db| db.list_users(&query, ListedSizes::default())).await;
    let lengths = |users: &[UserModel]| {
        let long = users.iter().find(|user| user.id == id("u-long")).unwrap();
        let length = |document: &Option<JsonText>| document.as_ref().map(|text| text.as_str().len());
        (long.profile_image_url.len(), [&long.settings, &long.info, &long.oauth].map(length))
    };
    assert_eq!(lengths(&cut), (0, [None, Some(999), None]));
    assert_eq!(lengths(&whole), (5_022, [Some(5_009), Some(999), Some(5_009)]));
});

/// The thread that a page is read on, and which settings its rows have.
async fn page_thread(store: &Store, query: &ListQuery) -> Option<String> {
    let asked = query.clone();
    let read = store.page(query, move |db: &mut dyn Db| {
        db.list_users(&asked, ListedSizes::default())?;
        Ok::<_, StoreError>(std::thread::current().name().map(str::to_owned))
    });
    read.await.unwrap()
}

/// Whether a page is read on the calling thread sooner or later: it does not read two at once.
async fn is_read_here(store: &Store, query: &ListQuery) -> bool {
    let here = std::thread::current().name().map(str::to_owned);
    for _ in 0..10_000 {
        if page_thread(store, query).await == here {
            return true;
        }
        tokio::task::yield_now().await;
    }
    false
}

with_databases!(
    own,
    a_short_page_is_read_by_who_asks_for_it_on_sqlite_unless_its_rows_are_large,
    async |db| {
        let store = open(&db);
        insert_users(&store, &["ada", "bob"]).await;
        let on_the_lane = Some("rosterd-scan".to_owned());
        let by = |order, direction| Order::parse(Some(order), Some(direction));
        let first = ListQuery::page(None, by("name", "asc"), 1);
        if !store.is_sqlite() {
            assert_eq!(page_thread(&store, &first).await, on_the_lane);
            return;
        }
        for query in [&first, &ListQuery::page(None, by("group_id:g", "desc"), 1)] {
            assert!(is_read_here(&store, query).await, "{query:?}");
        }
        // Nobody knows how long these take: a search, a page far down, a walk past all members of a group.
        let text = SearchText::new("ada");
        let settings = |letters: usize| {
            move |db: &mut dyn Db| {
                let text = JsonText::from_stored(format!("{{\"ui\":\"{}\"}}", "A".repeat(letters)));
                db.set_document(&id("u-bob"), Document::Settings, &text, NOW).map(drop)
            }
        };
        for query in [
            ListQuery::page(text, by("name", "asc"), 1),
            ListQuery::page(None, by("name", "asc"), 1_000),
            ListQuery::page(None, by("group_id:g", "asc"), 1),
        ] {
            for _ in 0..100 {
                assert_eq!(page_thread(&store, &query).await, on_the_lane, "{query:?}");
            }
        }
        write(&store, settings(300 << 10)).await;
        page_thread(&store, &first).await;
        for _ in 0..100 {
            assert_eq!(page_thread(&store, &first).await, on_the_lane, "its rows are large");
        }
        write(&store, settings(10)).await;
        assert!(is_read_here(&store, &first).await, "they are not large any more");
    }
);
