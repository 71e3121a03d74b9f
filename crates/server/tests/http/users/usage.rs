//! `/users/usage`: rules N13 and N14.

use rosterd_testkit::{Caller, TestServer, with_servers};
use serde_json::{Value, json};

const USAGE: &str = "/api/v1/users/usage";

with_servers!(all, n13_the_calendar_ends_tomorrow_and_begins_in_2020, async |server| {
    let bob = server.db_user("bob").create().await;
    let end = 99_999_999_999_i64;
    let shown = bob.get(&format!("{USAGE}?start_date=0&end_date={end}")).await.assert_status(200).json();
    assert_eq!(shown["period"], json!({ "start_date": 0, "end_date": end, "days": end / 86_400 + 1 }));
    let days = shown["heatmap"].as_array().unwrap();
    // The clock stands at 2027-01-15.
    let ends = (&days[0]["date"], &days[days.len() - 1]["date"]);
    assert_eq!(ends, (&json!("2020-01-01"), &json!("2027-01-16")));
    assert_eq!(shown["totals"]["messages"], 0);

    let usual = bob.get(USAGE).await.assert_status(200).json();
    assert_eq!((&usual["period"]["days"], &usual["period"]["end_date"]), (&json!(730), &json!(server.now())));
    bob.get(&format!("{USAGE}?start_date=9&end_date=8")).await.assert_error(400, "INVALID_RANGE");
    for days in ["6", "733", "x", "7.5", ""] {
        bob.get(&format!("{USAGE}?days={days}")).await.assert_invalid(&["query/days"]);
    }
    bob.get(&format!("{USAGE}?days=7&start_date=x&end_date=y"))
        .await
        .assert_invalid(&["query/start_date", "query/end_date"]);
});

/// A chat with one answer of each of these models, which used these tools.
fn insert_answers(server: &TestServer, owner: &Caller, answers: &[(&str, &str)]) {
    let user = owner.id();
    let chat = format!(
        "INSERT INTO chat (id, user_id, title, archived, created_at, updated_at, chat, pinned, meta) \
         VALUES ('u-1', '{user}', 'x', false, 1, 1, '{{}}', false, '{{}}')"
    );
    server.db().db_execute(&chat);
    for (number, (model, tool)) in answers.iter().enumerate() {
        let output = json!([{ "type": "function_call", "name": tool }]);
        server.db().db_execute(&format!(
            "INSERT INTO chat_message (id, chat_id, user_id, role, model_id, output, created_at, updated_at) \
             VALUES ('a-{number}', 'u-1', '{user}', 'assistant', '{model}', '{output}', {at}, {at})",
            at = server.now() - 60
        ));
    }
}

with_servers!(newest, n14_what_was_used_as_often_comes_in_the_order_of_its_name, async |server| {
    let bob = server.db_user("bob").create().await;
    insert_answers(&server, &bob, &[("mu", "zed"), ("alpha", "abc"), ("zeta", "Zed"), ("zeta", "abc")]);
    let shown = bob.get(&format!("{USAGE}?days=7")).await.assert_status(200).json();
    let of = |list: &str, key: &str| -> Vec<Value> {
        shown[list].as_array().unwrap().iter().map(|entry| entry[key].clone()).collect()
    };
    assert_eq!(of("top_models", "model_id"), ["zeta", "alpha", "mu"]);
    assert_eq!(of("top_tools", "name"), ["abc", "Zed", "zed"]);
    assert_eq!(of("top_tools", "count"), [2, 1, 1]);
    assert_eq!(shown["totals"]["total_chats"], 1);
});
