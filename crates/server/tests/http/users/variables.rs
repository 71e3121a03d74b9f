//! `/users/user/variables`: rule N11.

use rosterd_testkit::with_servers;
use serde_json::{Value, json};

const VARIABLES: &str = "/api/v1/users/user/variables";
const UPDATE: &str = "/api/v1/users/user/variables/update";

with_servers!(current, n11_variables_are_replaced_as_a_whole_and_checked, async |server| {
    let bob = server.db_user("bob").create().await;
    let variables = |variables: Value| json!({ "variables": variables });
    bob.get(VARIABLES).await.assert(200, variables(json!({})));
    server.clock().advance(5);
    let sent = variables(json!({ "city": "Bern\r\nBiel\r", "x_1": "" }));
    let stored = variables(json!({ "city": "Bern\nBiel\r", "x_1": "" }));
    bob.post(UPDATE, &sent).await.assert(200, stored.clone());
    bob.get(VARIABLES).await.assert(200, stored.clone());
    assert_eq!(server.db_get_user(bob.id()).await.updated_at, server.now());
    for wrong in [
        json!({ "City": "x" }),
        json!({ "1a": "x" }),
        json!({ "a\n": "x" }),
        json!({ "": "x" }),
        json!({ "a": 7 }),
        json!({ "a": null }),
        json!({ "a": "x".repeat(20_001) }),
        json!({ "a": "x".repeat(20_000), "b": "x".repeat(20_000), "c": "x".repeat(20_000),
                "d": "x".repeat(20_000), "e": "x".repeat(20_000) }),
    ] {
        bob.post(UPDATE, variables(wrong)).await.assert_error(400, "INVALID_VARIABLES");
    }
    for wrong in [Value::Null, json!([]), json!("x")] {
        bob.post(UPDATE, variables(wrong)).await.assert_invalid(&["body/variables"]);
    }
    bob.get(VARIABLES).await.assert(200, stored);
    bob.post(UPDATE, variables(json!({ "a": "x".repeat(20_000) }))).await.assert_status(200);
    // Absent: none.
    bob.post(UPDATE, json!({ "other": 1 })).await.assert(200, variables(json!({})));
    // What somebody else stored is shown as far as it is text.
    let odd = format!(r#"UPDATE "user" SET variables = '{{"A B": "x", "n": 7}}' WHERE id = '{}'"#, bob.id());
    server.db().db_execute(&odd);
    bob.get(VARIABLES).await.assert(200, variables(json!({ "A B": "x" })));
});

with_servers!(older, n11_an_older_database_keeps_no_variables, async |server| {
    let bob = server.db_user("bob").create().await;
    bob.get(VARIABLES).await.assert_error(404, "NOT_FOUND");
    bob.post(UPDATE, json!({ "variables": {} })).await.assert_error(404, "NOT_FOUND");
});
