//! `/users/user/info`: rules S3 and S4.

use rosterd_testkit::{Method, with_servers};
use serde_json::{Value, json};

use crate::support::{INFO, UPDATE_INFO};

with_servers!(all, s3_info_merges_at_the_top_level, async |server| {
    let bob = server.db_user("bob").create().await;
    bob.get(INFO).await.assert(200, Value::Null);
    let first = json!({ "a": 1, "n": { "x": 1, "y": 2 } });
    bob.post(UPDATE_INFO, &first).await.assert(200, first);
    let wanted = json!({ "a": 1, "n": { "x": 9 }, "z": null });
    bob.post(UPDATE_INFO, json!({ "n": { "x": 9 }, "z": null })).await.assert(200, wanted.clone());
    bob.post(UPDATE_INFO, json!({})).await.assert(200, wanted.clone());
    bob.get(INFO).await.assert(200, wanted);
});

with_servers!(own, s3_info_is_an_object_or_refused, async |server| {
    let bob = server.db_user("bob").info(json!({ "a": 1 })).create().await;
    for body in [json!([]), json!("x"), json!(1), json!(true), Value::Null] {
        bob.post(UPDATE_INFO, body).await.assert_invalid(&["body"]);
    }
    bob.get(INFO).await.assert(200, json!({ "a": 1 }));
});

with_servers!(own, s4_info_has_a_tag_as_settings_have, async |server| {
    let bob = server.db_user("bob").info(json!({ "a": 1 })).create().await;
    let tag = bob.get(INFO).await.header("etag").unwrap().to_owned();
    let update = async |tag: &str, body: Value| {
        bob.request(Method::POST, UPDATE_INFO).header("if-match", tag).json(&body).send().await
    };
    let reply = update(&tag, json!({ "a": 2 })).await;
    let newer = reply.assert(200, json!({ "a": 2 })).header("etag").unwrap().to_owned();
    update(&tag, json!({ "a": 3 })).await.assert_error(412, "PRECONDITION_FAILED");
    bob.get(INFO).await.assert(200, json!({ "a": 2 }));
    bob.request(Method::GET, INFO).header("if-none-match", &newer).send().await.assert_status(304);
});
