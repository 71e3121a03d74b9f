//! `POST /users/import` and `GET /users/export` (rules T1 to T13).

mod exporting;
mod foreign;
mod importing;
mod passwords;
mod rights;

use rosterd_testkit::{Caller, Method, Reply};
use serde_json::{Value, json};

/// Sends a table.
async fn import(caller: &Caller, query: &str, file: &str) -> Reply {
    import_as(caller, query, "text/csv", file.as_bytes()).await
}

/// Sends a file of this media type.
async fn import_as(caller: &Caller, query: &str, media_type: &str, file: &[u8]) -> Reply {
    let path = format!("/api/v1/users/import?{query}");
    caller.request(Method::POST, &path).body(media_type, file).send().await
}

/// How many rows are new, changed, unchanged and refused.
fn counts(reply: &Reply) -> [Value; 4] {
    reply.assert_status(200);
    ["/new", "/changed", "/unchanged", "/refused"].map(|place| reply.at(place))
}

/// The first reason for which a row is refused, and its line.
fn refusal(reply: &Reply) -> (u64, String) {
    reply.assert_status(200);
    let line = reply.at("/refusals/0/line").as_u64().unwrap();
    (line, reply.at("/refusals/0/reason").as_str().unwrap().to_owned())
}

/// Signs in.
async fn sign_in(caller: &Caller, email: &str, password: &str) -> Reply {
    caller.post("/api/v1/auths/signin", json!({ "email": email, "password": password })).await
}
