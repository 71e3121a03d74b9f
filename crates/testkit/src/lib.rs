//! The harness of rosterd's integration tests: real servers on ports of their own, a database for each test on
//! every kind of database rosterd runs on, callers as types, and the recorded answers of Open WebUI to replay.
//!
//! ```
//! use rosterd_testkit::{DbKind, TestDb, TestServer, run};
//!
//! run::block_on(async {
//!     let server = TestServer::start(TestDb::fresh(DbKind::OwnSqlite)).await;
//!     let ada = server.db_admin("ada").create().await;
//!     let bob = server.db_user("bob").create().await;
//!     ada.get("/api/v1/users/").await.assert_status(200);
//!     bob.get("/api/v1/users/").await.assert_error(401, "ACCESS_PROHIBITED");
//! });
//! ```
//!
//! Helpers that reach past the API are named `db_…`. Nothing here decides a rule: a rule that the harness knew too
//! would be tested against itself. Tokens are signed here, not by the product, for the same reason.
//!
//! A test harness stops the test by panicking; every function here does when the machine or the database refuses.

#![expect(
    clippy::expect_used,
    clippy::missing_panics_doc,
    reason = "a harness stops the test it cannot set up; `# Panics` only stands where there is more to say"
)]

mod caller;
mod db;
pub mod fixtures;
mod http;
mod loopback;
mod outage;
mod postbox;
pub mod postgres;
mod process;
mod receiver;
pub mod recordings;
mod reply;
mod roster;
pub mod run;
mod scratch;
mod server;
pub mod skips;
pub mod token;

pub use caller::{Caller, Credential, Request, statuses};
pub use db::{DbKind, TestDb};
pub use postbox::{Postbox, Posted, Welcome};
pub use process::{ProcessBuilder, ServerProcess};
pub use receiver::{Reaction, Received, Receiver};
pub use reply::{OpenReply, Reply};
pub use reqwest::Method;
pub use roster::{DbUser, PASSWORD};
pub use server::{START, ServerBuilder, TestServer};
pub use token::TokenKind;
