//! Rule J11: what is too large, too deep or too odd is refused in SCIM's form, and never fails the server.

use rosterd_testkit::{Method, with_databases, with_servers};
use serde_json::{Value, json};

use super::{MEDIA_TYPE, MOUNT, USER, assert_refused, connection, get, make_user, patch, post, request};
use crate::support::primary;

with_servers!(
    own,
    j11_a_body_that_is_too_large_is_refused,
    |server| server.settings(|settings| settings.max_body_bytes = 2000),
    async |server| {
        let provider = connection(&primary(&server).await, "one", json!({})).await;
        let long = "x".repeat(9000);
        let body = json!({ "schemas": [USER], "userName": "ada@provider.example", "title": long });
        assert_refused(&post(&provider, "/Users", body.clone()).await, 413, None);
        assert_refused(&post(&provider, "/Users/.search", body).await, 413, None);
        make_user(&provider, "ada@provider.example").await;
    }
);

with_databases!(own, j11_what_is_too_deep_or_too_odd_is_refused, async |db| {
    let server = rosterd_testkit::TestServer::start(db).await;
    let provider = connection(&primary(&server).await, "one", json!({})).await;
    let id = make_user(&provider, "ada@provider.example").await;
    let user = |name: &str, value: Value| {
        let mut user = json!({ "schemas": [USER], "userName": "bob@provider.example" });
        user[name] = value;
        user
    };
    let emails: Vec<Value> =
        (0..51).map(|number| json!({ "value": format!("bob{number}@provider.example") })).collect();
    for (name, value) in [
        ("displayName", json!("x".repeat(1025))),
        ("displayName", json!("a\0b")),
        ("externalId", json!("x".repeat(1025))),
        ("userName", json!("x".repeat(1025))),
        ("userName", json!("   ")),
        ("userName", json!(["a", "b"])),
        ("name", json!("Bob")),
        ("active", json!("perhaps")),
        ("emails", json!(emails)),
        ("emails", json!("bob@provider.example")),
    ] {
        let refused = post(&provider, "/Users", user(name, value.clone())).await;
        assert_refused(&refused, 400, Some("invalidValue"));
    }
    let operation = json!({ "op": "replace", "path": "displayName", "value": "x" });
    let many = patch(&provider, &format!("/Users/{id}"), json!(vec![operation; 5001])).await;
    assert_refused(&many, 400, Some("tooMany"));
    for text in [
        format!("{}{}", "[".repeat(50_000), "]".repeat(50_000)),
        format!("{}1{}", "{\"a\":".repeat(50_000), "}".repeat(50_000)),
        r#"{"userName": "\ud800@provider.example"}"#.to_owned(),
        "{\"userName\": \"\u{1}\"}".to_owned(),
        "\u{feff}{}".to_owned(),
        String::new(),
    ] {
        let sent = provider.request(Method::POST, &format!("{MOUNT}/Users")).body(MEDIA_TYPE, text);
        let refused = sent.send().await;
        let scim_type = refused.json()["scimType"].as_str().map(str::to_owned);
        assert_refused(&refused, 400, scim_type.as_deref());
    }
    let sent = provider.request(Method::POST, &format!("{MOUNT}/Users")).body(MEDIA_TYPE, vec![0xff, 0xfe]);
    assert_refused(&sent.send().await, 400, Some("invalidSyntax"));
    for path in
        ["/Users/%00", "/Users/..%2F..%2FUsers", "/Users/%FF%FE", "/Groups/%27%3B--", "/Users/%E2%80%AE"]
    {
        let reply = get(&provider, path).await;
        assert_refused(&reply, if reply.status() == 400 { 400 } else { 404 }, None);
    }
    get(&provider, &format!("/Users/{}", "x".repeat(3000))).await.assert_status(404);
});

with_databases!(own, j11_odd_lists_are_answered, async |db| {
    let server = rosterd_testkit::TestServer::start(db).await;
    let provider = connection(&primary(&server).await, "one", json!({})).await;
    make_user(&provider, "ada@provider.example").await;
    for (query, items) in [
        ("startIndex=9223372036854775807&count=9223372036854775807", 0),
        ("startIndex=-9223372036854775808", 1),
        ("count=1000000", 1),
        ("filter=", 1),
        ("filter=userName+eq+%22ada@provider.example%22", 1),
        ("filter=userName eq \"\u{1f600}\"", 0),
        ("filter=userName co \"\"", 1),
        ("filter=userName ew \"\"", 1),
        ("filter=userName sw \"\\u0000\"", 0),
        ("filter=userName sw \"\\uffff\"", 0),
        ("filter=userName sw \"\\udbff\\udfff\"", 0),
        ("filter=meta.created gt \"0001-01-01T00:00:00Z\"", 1),
        ("filter=meta.created lt \"9999-12-31T23:59:59.999999999Z\"", 1),
        ("attributes=,,,&excludedAttributes=,", 1),
        ("unknown=1&startIndex=1", 1),
    ] {
        let reply = get(&provider, &format!("/Users?{query}")).await;
        assert_eq!(reply.assert_status(200).at("/itemsPerPage"), json!(items), "{reply}");
    }
    let names = vec!["userName"; 300].join(",");
    let reply = get(&provider, &format!("/Users?attributes={names}")).await;
    assert_eq!(reply.assert_status(200).at("/Resources/0/userName"), json!("ada@provider.example"));
    for query in ["count=x", "startIndex=1e3", "sortBy=password", "sortOrder=up&sortBy=userName"] {
        assert_refused(&get(&provider, &format!("/Users?{query}")).await, 400, Some("invalidValue"));
    }
    // As many comparisons as a filter may have.
    let one = "id eq \"x\"";
    let many = vec![one; 512].join(" or ");
    let search = |filter: String| {
        let body =
            json!({ "schemas": ["urn:ietf:params:scim:api:messages:2.0:SearchRequest"], "filter": filter });
        request(Method::POST, &provider, "/Users/.search", &body)
    };
    search(many.clone()).send().await.assert_status(200);
    assert_refused(&search(format!("{many} or {one}")).send().await, 400, Some("invalidFilter"));
});
