//! The tour of the README: from an empty database to a right that comes and goes with a group.

use rosterd_testkit::{ProcessBuilder, TestDb, with_databases};
use serde_json::{Value, json};

use crate::support::{SETTINGS, UPDATE_SETTINGS};

with_databases!(own, s2_from_the_first_minute_to_a_right_that_comes_and_goes, async |db| {
    // As after the first start: not even the tables are there.
    let db = if db.is_postgres() { TestDb::empty_postgres() } else { TestDb::empty_sqlite() };
    let server = ProcessBuilder::new(env!("CARGO_BIN_EXE_rosterd")).database(&db).start();
    let stranger = server.anonymous();
    assert_eq!(stranger.get("/api/config").await.at("/onboarding"), json!(true));

    // Sign up, and be admin.
    let sent = json!({ "name": "Ada", "email": "ada@example.com", "password": "Correct-Horse-7" });
    let opened = stranger.post("/api/v1/auths/signup", sent).await;
    assert_eq!(opened.assert_status(200).at("/role"), json!("admin"));
    let ada = stranger.with_bearer(text(&opened.at("/token")));
    assert_eq!(ada.get("/api/v1/users/").await.at("/total"), json!(1));

    // Add a user, and a group that may connect tool servers.
    let sent =
        json!({ "name": "Bob", "email": "bob@example.com", "password": "Battery-Staple-8", "role": "user" });
    let bobs_id = ada.post("/api/v1/auths/add", sent).await.assert_status(200).at("/id");
    let sent = json!({
        "name": "Builders", "description": "May connect tool servers",
        "permissions": { "features": { "direct_tool_servers": true } },
    });
    let group = ada.post("/api/v1/groups/create", sent).await.assert_status(200).at("/id");
    let members = format!("/api/v1/groups/id/{}/users", text(&group));
    let bobs = json!({ "user_ids": [bobs_id] });
    let joined = ada.post(&format!("{members}/add"), bobs.clone()).await;
    assert_eq!(joined.assert_status(200).at("/member_count"), json!(1));

    // Sign in as that user, and store some.
    let sent = json!({ "email": "Bob@Example.com", "password": "Battery-Staple-8" });
    let opened = stranger.post("/api/v1/auths/signin", sent).await;
    assert_eq!(opened.assert_status(200).at("/permissions/features/direct_tool_servers"), json!(true));
    let bob = stranger.with_bearer(text(&opened.at("/token")));
    let servers = json!([{ "url": "https://tools.example.com" }]);
    let ui = json!({ "ui": { "theme": "dark", "toolServers": servers } });
    bob.post(UPDATE_SETTINGS, ui.clone()).await.assert(200, ui.clone());
    bob.get(SETTINGS).await.assert(200, ui.clone());

    // Lose the group: what is stored stays, and no other can be stored.
    let left = ada.post(&format!("{members}/remove"), bobs).await;
    assert_eq!(left.assert_status(200).at("/member_count"), json!(0));
    bob.get(SETTINGS).await.assert(200, ui.clone());
    let other = json!({ "ui": { "theme": "light", "toolServers": [] } });
    let wanted = json!({ "ui": { "theme": "light", "toolServers": servers } });
    bob.post(UPDATE_SETTINGS, other).await.assert(200, wanted.clone());
    bob.get(SETTINGS).await.assert(200, wanted);
});

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_else(|| panic!("{value} is no text"))
}
