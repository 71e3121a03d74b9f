//! Two users and one server: what a test looks like from the outside.
//!
//! `cargo run -p rosterd-testkit --example two_users`

use rosterd_testkit::{DbKind, TestDb, TestServer, run};
use serde_json::json;

fn main() {
    run::block_on(async {
        let server = TestServer::start(TestDb::fresh(DbKind::OwnSqlite)).await;
        println!("a server with an empty SQLite database listens on {}", server.url());

        let ada = server.db_admin("Ada").create().await;
        let bob = server.db_user("Bob").settings(json!({ "ui": { "theme": "dark" } })).create().await;

        let list = ada.get("/api/v1/users/?order_by=name&direction=asc").await;
        list.assert_status(200);
        println!("Ada, the admin, sees {} users:\n{:#}", list.at("/total"), list.at("/users"));

        let refused = bob.get("/api/v1/users/").await;
        refused.assert_error(401, "ACCESS_PROHIBITED");
        println!("Bob may not see the list:\n{refused}\n");

        let merged = bob.post("/api/v1/users/user/settings/update", json!({ "plugins": { "a": 1 } })).await;
        println!("but he may add to his own settings, which keep what they had:\n{:#}", merged.json());

        let gone = ada.delete(&format!("/api/v1/users/{}", bob.id())).await;
        gone.assert(200, json!(true));
        println!("Ada deletes Bob, whose token is now worth nothing:");
        println!("{}", bob.get("/api/v1/users/user/settings").await);
    });
}
