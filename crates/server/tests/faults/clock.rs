//! Clocks that jump, and clocks of two servers that differ.
//!
//! All code takes the time from a `Clock` of the domain, so these tests set that clock instead of the machine's: no
//! program but the server sees the jump, and no rights are needed. Waits go by the monotonic clock of the system, which never
//! jumps. Leases of jobs and limits of sign-in attempts go by the clock of the database.

use std::sync::Arc;

use rosterd_app::Settings;
use rosterd_testkit::{START, TestServer, with_databases};
use serde_json::json;

use crate::book::Books;
use crate::load::Load;
use crate::rounds;

const SETTINGS: &str = "/api/v1/users/user/settings";

const DAY: i64 = 86_400;

/// Where a clock jumps to, and from there to the next: a year ahead, back behind the beginning, to the beginning of all
/// clocks, and home.
const JUMPS: [i64; 5] = [START + 365 * DAY, START - 30 * DAY, 0, START + DAY, START];

with_databases!(own, a_clock_that_jumps_loses_no_write_and_opens_nothing, async |db| {
    // However often this is repeated: the clock of the database counts for this limit, and that stays as it is.
    let often = |settings: &mut Settings| settings.sign_in_limit.per_email = 1_000_000;
    let server = TestServer::builder(Arc::new(db)).settings(often).start().await;
    let bob = server.db_user("bob").create().await;
    let form = json!({ "email": bob.email(), "password": bob.password() });
    let sign_in = async || {
        let reply = server.anonymous().post("/api/v1/auths/signin", &form).await;
        bob.with_bearer(reply.assert_status(200).at("/token").as_str().unwrap())
    };
    let (ended, open) = (sign_in().await, sign_in().await);
    ended.post("/api/v1/auths/signout", json!({})).await.assert_status(200);
    let books = Books::on(&server).await;
    let load = Load::begin(&server, books);
    let mut faults = 0;
    for _ in 0..rounds() {
        for now in JUMPS {
            load.wait_for(20);
            server.clock().set(now);
            load.wait_for(20);
            // A session that was ended stays ended, whatever time it is.
            ended.get(SETTINGS).await.assert_error(401, "INVALID_TOKEN");
            // An open one is not good before its beginning and after its end, and signing in works at any time. (After
            // a year the job that removes old sessions may have removed it.)
            if !(START..START + 27 * DAY).contains(&now) {
                open.get(SETTINGS).await.assert_error(401, "INVALID_TOKEN");
            }
            sign_in().await.get(SETTINGS).await.assert_status(200);
            server.anonymous().get("/health/db").await.assert_status(200);
            faults += 1;
        }
    }
    let books = load.end();
    books.check(server.db(), &server).await;
    assert_eq!(books.refused(), 0, "no clock makes a write impossible");
    books.report("the clock jumps", faults);
});

with_databases!(own, n1_a_server_whose_clock_is_behind_takes_a_token_when_its_time_has_come, async |db| {
    let db = Arc::new(db);
    let (ahead, behind) = (TestServer::start(Arc::clone(&db)).await, TestServer::start(db).await);
    ahead.clock().advance(600);
    let bob = ahead.db_user("bob").create().await;
    let form = json!({ "email": bob.email(), "password": bob.password() });
    let token = ahead.anonymous().post("/api/v1/auths/signin", form).await.assert_status(200).at("/token");
    let (here, there) = (
        ahead.anonymous().with_bearer(token.as_str().unwrap()),
        behind.anonymous().with_bearer(token.as_str().unwrap()),
    );
    here.get(SETTINGS).await.assert_status(200);
    there.get(SETTINGS).await.assert_error(401, "INVALID_TOKEN");
    behind.clock().advance(600);
    there.get(SETTINGS).await.assert_status(200);
    behind.clock().advance(-600);
    // Signed out by the clock that is ahead, and over by both.
    here.post("/api/v1/auths/signout", json!({})).await.assert_status(200);
    behind.clock().advance(600);
    there.get(SETTINGS).await.assert_error(401, "INVALID_TOKEN");
});
