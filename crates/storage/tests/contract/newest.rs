//! What only the newest Open WebUI has, with more rows than the recorded roster, and databases that lack it.

use rosterd_domain::dialect::Dialect;
use rosterd_domain::group::Membership;
use rosterd_domain::json::JsonText;
use rosterd_domain::preview::{Reachable, Reached};
use rosterd_domain::secret::PasswordHash;
use rosterd_domain::usage::{Usage, UsageCount, UsagePeriod, UsageRequest, zone};
use rosterd_storage::{NewStamp, Newer, Store, TokenId};
use rosterd_testkit::{TestDb, fixtures, with_databases};

use crate::support::{NOW, id, insert_users, open, read, recorded, write};

/// The database with more rows.
fn open_filled(db: &TestDb) -> Store {
    db.db_execute(fixtures::MORE_0_12);
    open(db)
}

async fn usage(store: &Store, user: &'static str, start: i64, end: i64) -> Usage {
    read(store, move |db| {
        let asked = UsageRequest { start_date: Some(start), end_date: Some(end), days: None };
        let period = UsagePeriod::new(asked, NOW).unwrap();
        let user = recorded(user);
        let mut count = UsageCount::new(period, zone(db.find_timezone(&user)?.as_deref()));
        db.for_each_answer(&user, &mut |model, usage| count.answer(model, usage))?;
        db.for_each_message(&user, period, &mut |message| count.message(message))?;
        count.chats(db.count_chats(&user)?);
        db.for_each_chat_time(&user, &mut |chat, at| count.chat_time(chat, at))?;
        Ok(count.finish())
    })
    .await
}

fn shown(reached: &Reached) -> (Vec<&str>, i64) {
    (reached.items.iter().map(|item| item.id.as_str()).collect(), reached.total)
}

with_databases!(newest, the_layout_names_what_is_there, async |db| {
    let store = open(&db);
    let layout = store.layout();
    assert_eq!(layout.dialect, Dialect::V0_12);
    let all = Newer {
        scim: true,
        variables: true,
        mfa: true,
        chat_meta: true,
        chat_message: true,
        message_meta: true,
        chat_file: true,
        automation_run: true,
        model: true,
        knowledge: true,
        tool: true,
        access_grant: true,
    };
    assert_eq!(layout.newer, all);
});

with_databases!(newest, usage_is_counted_from_messages_and_chats, async |db| {
    let store = open_filled(&db);
    let bob = usage(&store, "bob", 1_699_920_000, 1_700_265_599).await;
    let totals = &bob.totals;
    assert_eq!((totals.input_tokens, totals.output_tokens, totals.models_used), (1_025, 28, 5));
    assert_eq!((totals.messages, totals.user_messages, totals.assistant_messages), (11, 4, 6));
    assert_eq!((totals.total_chats, totals.longest_chat_seconds), (2, 1_862));
    let tools: Vec<_> = bob.top_tools.iter().map(|tool| (tool.name.as_str(), tool.count)).collect();
    assert_eq!(tools, [("weather", 3), ("clock", 1), ("inner", 1), ("weather_fn", 1)]);
    let carol = usage(&store, "carol", 1_699_920_000, 1_700_092_799).await;
    let dates: Vec<_> = carol.heatmap.iter().map(|day| day.date.to_string()).collect();
    assert_eq!(dates, ["2023-11-13", "2023-11-14", "2023-11-15"], "the days of New York");
});

with_databases!(newest, n22_deleting_chats_takes_what_hangs_on_them, async |db| {
    let store = open_filled(&db);
    db.db_execute(
        "INSERT INTO automation_run (id, automation_id, chat_id, status, created_at) \
         SELECT 'run-1', 'a', 'cccccccc-0000-4000-8000-000000000001', 'done', 1",
    );
    let rows = |sql: &str| db.db_query_text(sql).into_iter().flatten().flatten().collect::<Vec<_>>();
    write(&store, |db| db.delete_chats(&recorded("bob"))).await;
    let messages = rows("SELECT id FROM chat_message ORDER BY created_at, id");
    assert_eq!(messages, ["msg-15", "msg-20", "msg-16", "msg-17", "msg-18", "msg-19"]);
    assert_eq!(rows("SELECT count(*) AS n FROM automation_run WHERE chat_id IS NULL"), ["1"]);
    assert_eq!(rows("SELECT count(*) AS n FROM access_grant"), ["9"], "grants stay");
    let erin = usage(&store, "erin", 1_699_920_000, 1_700_006_399).await;
    assert_eq!(erin.totals.messages, 1, "erin's message in bob's chat is gone");
});

with_databases!(newest, n15_what_is_reached_is_owned_or_granted, async |db| {
    let store = open_filled(&db);
    let reach =
        async |user: &'static str, kind| read(&store, move |db| db.list_reached(&recorded(user), kind)).await;
    let models = reach("bob", Reachable::Model).await;
    assert_eq!(shown(&models), (vec!["model-a", "model-b", "model-c"], 5));
    assert_eq!(shown(&reach("bob", Reachable::Knowledge).await), (vec!["know-2", "know-1"], 3));
    assert_eq!(shown(&reach("bob", Reachable::Tool).await), (vec!["tool_2", "tool_1"], 3));
    assert_eq!(shown(&reach("carol", Reachable::Model).await), (vec!["model-b", "model-d"], 5));
    assert_eq!(shown(&reach("carol", Reachable::Tool).await), (Vec::new(), 3));
});

with_databases!(newest, n20_inherited_groups_come_once_and_rings_end, async |db| {
    let store = open_filled(&db);
    let groups = async |user: &'static str, inherited| {
        let found = read(&store, move |db| db.list_reached_groups(&recorded(user), inherited)).await;
        let told =
            found.into_iter().map(|group| (group.group.name, group.membership, group.parent.is_some()));
        told.collect::<Vec<_>>()
    };
    let told = |name: &str, membership, parent| (name.to_owned(), membership, parent);
    let (direct, inherited) = (Membership::Direct, Membership::Inherited);
    assert_eq!(groups("bob", false).await, [told("Support", direct, true)]);
    assert_eq!(
        groups("bob", true).await,
        [told("Holding", inherited, false), told("Company", inherited, true), told("Support", direct, true)]
    );
    assert_eq!(groups("m03", true).await, [told("Ring B", inherited, true), told("Ring A", direct, true)]);
});

with_databases!(newest, n18_rights_come_from_the_groups_above_with_the_template, async |db| {
    let store = open_filled(&db);
    let sources = read(&store, |db| db.find_permission_sources(&recorded("bob"), "user.permissions")).await;
    assert!(sources.template.unwrap().as_str().contains("\"zoo\""));
    let texts: Vec<_> = sources.groups.iter().map(JsonText::as_str).collect();
    assert!(texts.len() == 3 && texts.iter().any(|text| text.contains("\"club\"")), "{texts:?}");
});

with_databases!(all, n21_of_the_oldest_an_admin_comes_first_in_the_newest_dialect, async |db| {
    let store = open(&db);
    insert_users(&store, &["b", "a"]).await;
    db.db_execute("UPDATE \"user\" SET created_at = 1, role = 'user' WHERE id IN ('u-a', 'u-b')");
    db.db_execute("UPDATE \"user\" SET role = 'admin' WHERE id = 'u-b'");
    let first = if store.layout().dialect == Dialect::V0_12 { "u-b" } else { "u-a" };
    assert_eq!(read(&store, |db| db.find_primary_admin()).await, Some(id(first)));
});

with_databases!(all, n11_variables_are_kept_where_there_is_a_column, async |db| {
    let store = open(&db);
    insert_users(&store, &["eve"]).await;
    let there = store.layout().newer.variables;
    let text = || JsonText::from_stored(r#"{"city":"Bern"}"#.to_owned());
    assert_eq!(write(&store, move |db| db.set_variables(&id("u-eve"), &text(), NOW)).await, there);
    assert_eq!(read(&store, |db| db.find_variables(&id("u-eve"))).await, there.then(text));
    assert!(!write(&store, move |db| db.set_variables(&id("nobody"), &text(), NOW)).await);
    let updated = read(&store, |db| db.find_account(&id("u-eve"))).await.unwrap().updated_at;
    assert_eq!(updated == NOW, there);
});

with_databases!(newest, n6_house_settings_come_with_the_callers_own, async |db| {
    let store = open_filled(&db);
    let house = "ui.default_interface_settings";
    let own = read(&store, move |db| db.find_caller_with_settings(&recorded("niaj"), TokenId::NONE, house))
        .await
        .unwrap();
    assert!(own.settings.unwrap().as_str().contains("\"mine\""));
    assert!(own.house.unwrap().as_str().contains("\"house\""));
    db.db_execute("UPDATE config SET value = 'null' WHERE key = 'ui.default_interface_settings'");
    let stored = read(&store, move |db| db.find_stored_config(house)).await;
    assert_eq!(stored.unwrap().as_str(), "null", "a stored null is no nothing");
    assert_eq!(read(&store, move |db| db.find_config(house)).await, None);
    assert_eq!(read(&store, |db| db.find_stored_config("ui.nothing")).await, None);
});

with_databases!(newest, m15_a_new_stamp_takes_what_is_in_progress_with_it, async |db| {
    let store = open_filled(&db);
    db.db_execute("UPDATE auth SET mfa = '{\"secret\": \"s\"}' WHERE email = 'heidi@example.com'");
    let heidi = recorded("heidi");
    let kept = write(&store, move |db| db.lock_second_factor(&heidi)).await;
    assert_eq!(kept.unwrap().as_str(), r#"{"secret": "s"}"#);
    let new =
        || NewStamp { stamp: "s-2".to_owned(), mfa: Some(JsonText::from_stored("{\"a\":1}".to_owned())) };
    assert!(write(&store, move |db| db.replace_stamp(&recorded("heidi"), &new())).await);
    assert!(!write(&store, move |db| db.replace_stamp(&id("nobody"), &new())).await);
    let row = || db.db_query_text("SELECT session_stamp, mfa FROM auth WHERE email = 'heidi@example.com'");
    assert_eq!(row(), [[Some("s-2".to_owned()), Some("{\"a\":1}".to_owned())]]);
    let new = NewStamp { stamp: "s-3".to_owned(), mfa: None };
    let hash = PasswordHash::from_stored("$2b$04$x".to_owned());
    assert!(write(&store, move |db| db.update_password(&recorded("heidi"), &hash, Some(&new))).await);
    assert_eq!(row(), [[Some("s-3".to_owned()), Some("{\"a\":1}".to_owned())]]);
    assert!(read(&store, |db| db.find_second_factor(&recorded("heidi"))).await.is_some());
});

with_databases!(older, what_an_older_database_lacks_counts_as_empty, async |db| {
    let store = open(&db);
    let has = Newer {
        chat_meta: true,
        chat_file: true,
        model: true,
        knowledge: true,
        tool: true,
        ..Newer::default()
    };
    assert_eq!((store.layout().dialect, store.layout().newer), (Dialect::V0_6, has));
    let nothing = usage(&store, "alice", 0, NOW).await;
    assert_eq!((nothing.totals.messages, nothing.totals.total_chats), (0, 1));
    for kind in [Reachable::Model, Reachable::Knowledge, Reachable::Tool] {
        let reached = read(&store, move |db| db.list_reached(&recorded("alice"), kind)).await;
        assert_eq!(reached, Reached::default());
    }
    let groups = read(&store, |db| db.list_reached_groups(&recorded("alice"), true)).await;
    assert!(groups.len() == 2 && groups.iter().all(|group| group.membership == Membership::Direct));
    assert_eq!(read(&store, |db| db.find_second_factor(&recorded("alice"))).await, None);
});
