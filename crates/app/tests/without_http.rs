//! The example `without_http`, really run.

#[expect(dead_code, reason = "its `main` is for `cargo run`")]
#[path = "../examples/without_http.rs"]
mod without_http;

use std::sync::{Arc, Mutex};

#[tokio::test]
async fn use_cases_work_without_http() {
    let events = Arc::new(Mutex::new(Vec::new()));
    let heard = Arc::clone(&events);
    let listener = move |record: &rosterd_app::Record| heard.lock().unwrap().push(record.event.name());
    let said = without_http::run(Arc::new(listener)).await.unwrap();
    assert_eq!(said[..2], ["Engineering has 1 member", "Bob may use tools: true"]);
    assert!(said[2].starts_with("Ada stays: "), "{said:?}");
    let events = events.lock().unwrap();
    for name in ["user.created", "group.created", "group.member_added"] {
        assert!(events.contains(&name), "{name} is not among {events:?}");
    }
}
