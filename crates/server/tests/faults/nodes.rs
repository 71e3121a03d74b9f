//! Two servers on one database are one server for whoever talks to them, also when one of them is killed.

use std::sync::Arc;

use rosterd_testkit::{Caller, ServerProcess, TestServer, with_databases};
use serde_json::json;

use crate::{rounds, start};

const SETTINGS: &str = "/api/v1/users/user/settings";
const UPDATE: &str = "/api/v1/users/user/settings/update";

async fn sign_in(server: &ServerProcess, account: &Caller) -> String {
    let form = json!({ "email": account.email(), "password": account.password() });
    let session = server.anonymous().post("/api/v1/auths/signin", form).await;
    session.assert_status(200).at("/token").as_str().unwrap().to_owned()
}

with_databases!(current, what_one_server_knows_the_other_knows_after_a_crash, async |db| {
    let db = Arc::new(db);
    let maker = TestServer::builder(Arc::clone(&db)).system_clock().start().await;
    let (ada, bob) = (maker.db_admin("ada").create().await, maker.db_user("bob").create().await);
    // Standalone databases have the table of ended sessions, attached ones that were not adopted do not.
    let ends_everywhere = maker.store().layout().sessions;
    maker.stop().await;
    let mut servers = [start(&db), start(&db)];
    for round in 0..rounds() * 2 {
        let (here, there) = (usize::try_from(round % 2).unwrap(), usize::try_from((round + 1) % 2).unwrap());
        let (kept, ended) = (sign_in(&servers[here], &bob).await, sign_in(&servers[here], &bob).await);
        let admin = sign_in(&servers[here], &ada).await;
        let at = |server: &ServerProcess, token: &str| server.anonymous().with_bearer(token);
        at(&servers[here], &kept).post(UPDATE, json!({ "round": round })).await.assert_status(200);
        at(&servers[here], &ended).post("/api/v1/auths/signout", json!({})).await.assert_status(200);
        servers[here].kill();

        // The other one has all of it.
        let settings = at(&servers[there], &kept).get(SETTINGS).await;
        assert_eq!(settings.assert_status(200).at("/round"), json!(round));
        if ends_everywhere {
            at(&servers[there], &ended).get(SETTINGS).await.assert_error(401, "INVALID_TOKEN");
        }
        let path = format!("/api/v1/users/{}/update", bob.id());
        let role = |role: &str| json!({ "role": role, "name": "bob", "email": bob.email(), "profile_image_url": "/user.png" });
        at(&servers[there], &admin).post(&path, role("pending")).await.assert_status(200);

        // And the first one, started again, has what happened meanwhile.
        servers[here] = start(&db);
        at(&servers[here], &kept).get(SETTINGS).await.assert_status(401);
        at(&servers[here], &admin).post(&path, role("user")).await.assert_status(200);
    }
    for server in &mut servers {
        assert_eq!(server.terminate().code(), Some(0), "{}", server.log());
    }
});
