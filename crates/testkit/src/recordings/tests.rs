//! The replayer against answers made up here: what passes, and what each kind of difference reads like.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpListener;
use std::thread;

use serde_json::{Value, json};

use super::judge::diff;
use super::normal::Normalizer;
use super::player::Player;
use super::{Report, replay};
use crate::fixtures::{Actors, IDENTITY_0_12_RECORDING, IDENTITY_RECORDING, USERS_RECORDING};
use crate::run::block_on;

const NOW: i64 = 1_800_000_000;

fn normal(answer: &Value) -> Value {
    Normalizer::new(Actors::recorded()).answer(answer, NOW)
}

#[test]
fn every_recorded_line_is_an_exchange() {
    for (recording, lines) in
        [(USERS_RECORDING, 154), (IDENTITY_RECORDING, 55), (IDENTITY_0_12_RECORDING, 245)]
    {
        let exchanges = recording.lines().map(serde_json::from_str::<super::Exchange>);
        assert_eq!(exchanges.map(Result::unwrap).count(), lines);
    }
}

#[test]
fn of_an_error_only_the_shape_counts() {
    assert_eq!(normal(&json!({ "detail": "no such user", "code": "X" })), json!({ "detail": "<text>" }));
    let invalid = json!({ "detail": [
        { "type": "missing", "loc": ["query", "page", 0], "msg": "?" },
        { "type": "missing", "loc": ["body", "ui"], "msg": "?" },
    ] });
    assert_eq!(normal(&invalid), json!({ "detail": ["body/ui", "query/page/0"] }));
    assert_eq!(normal(&json!({ "detail": { "a": 1 } })), json!({ "detail": { "a": 1 } }));
}

#[test]
fn times_secrets_and_new_ids_are_replaced() {
    let alice = Actors::recorded().user("alice");
    let answer = json!({
        "id": "0c6a2a52-9a0b-4c36-9a52-2f6c9d9f7f10",
        "user_id": alice,
        "missing": "00000000-0000-4000-8000-00000000dead",
        "upper": "0C6A2A52-9A0B-4C36-9A52-2F6C9D9F7F10",
        "created_at": NOW + 599,
        "old": NOW - 600,
        "updated_at": 12,
        "last_active_at": null,
        "expires_at": NOW + 86_400,
        "token": "abc",
        "inner": [{ "api_key": "sk-1", "at": 1_799_999_999.5, "expires_at": 4_102_444_800_i64 }],
    });
    let wanted = json!({
        "id": "<uuid>",
        "user_id": alice,
        "missing": "00000000-0000-4000-8000-00000000dead",
        "upper": "0C6A2A52-9A0B-4C36-9A52-2F6C9D9F7F10",
        "created_at": "<now>",
        "old": NOW - 600,
        "updated_at": "<time>",
        "last_active_at": null,
        "expires_at": "<future>",
        "token": "<secret>",
        "inner": [{ "api_key": "<secret>", "at": "<now>", "expires_at": 4_102_444_800_i64 }],
    });
    assert_eq!(normal(&answer), wanted);
}

fn differences(wanted: &Value, got: &Value, subset: bool) -> Vec<String> {
    let mut found = Vec::new();
    diff(wanted, got, "json", subset, &mut found);
    found
}

#[test]
fn differences_name_their_place() {
    let wanted = json!({ "a": [1, { "b": null }], "c": "x" });
    assert_eq!(differences(&wanted, &json!({ "c": "x", "a": [1.0, { "b": null }] }), false), [""; 0]);
    assert_eq!(
        differences(&wanted, &json!({ "a": [1, { "b": false, "d": 2 }, 3] }), false),
        [
            "json.a: 2 items wanted, 3 got",
            "json.a[1].b: wanted null, got false",
            "json.a[1].d: unexpected 2",
            "json.c: missing",
        ]
    );
    assert_eq!(differences(&json!(true), &json!(1), false), ["json: wanted true, got 1"]);
}

#[test]
fn a_subset_allows_more_keys_at_any_depth_but_no_more_items() {
    let wanted = json!({ "a": [{ "b": 1 }] });
    assert_eq!(differences(&wanted, &json!({ "a": [{ "b": 1, "c": 2 }], "d": 3 }), true), [""; 0]);
    assert_eq!(
        differences(&wanted, &json!({ "a": [{ "b": 1 }, { "b": 1 }] }), true),
        ["json.a: 1 items wanted, 2 got"]
    );
}

#[test]
fn names_in_braces_are_filled_in() {
    let player = Player::new("http://127.0.0.1:1");
    let actors = Actors::recorded();
    let filled = player.fill("/{user:alice}/{group:support}?{}{A}{{chat:shared}").unwrap();
    let wanted = format!(
        "/{}/{}?{{}}{{A}}{{{}",
        actors.user("alice"),
        actors.group("support"),
        actors.chats["shared"]
    );
    assert_eq!(filled, wanted);
    assert_eq!(player.fill("{user:nobody}").unwrap_err(), "nobody knows user:nobody");
    assert_eq!(player.fill("{new_id}").unwrap_err(), "variable new_id was never saved");
}

/// Answers one connection after another with these bytes, and gives the requests it got (head, then body).
fn fake_server(answers: Vec<String>) -> (String, thread::JoinHandle<Vec<String>>) {
    let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let served = thread::spawn(move || {
        let mut requests = Vec::new();
        for answer in answers {
            let (stream, _) = listener.accept().unwrap();
            let mut reader = BufReader::new(&stream);
            let mut request = String::new();
            while !request.ends_with("\r\n\r\n") {
                reader.read_line(&mut request).unwrap();
            }
            let lower = request.to_lowercase();
            let length = lower.split("content-length: ").nth(1).and_then(|rest| rest.lines().next());
            let mut body = vec![0; length.map_or(0, |length| length.parse().unwrap())];
            reader.read_exact(&mut body).unwrap();
            requests.push(request + &String::from_utf8(body).unwrap());
            (&stream).write_all(answer.as_bytes()).unwrap();
        }
        requests
    });
    (url, served)
}

fn answer(status: &str, content_type: &str, body: &str) -> String {
    let length = body.len();
    format!(
        "HTTP/1.1 {status}\r\ncontent-type: {content_type}\r\ncontent-length: {length}\r\n\
         connection: close\r\n\r\n{body}"
    )
}

fn play(lines: &[Value], answers: Vec<String>) -> (Report, Vec<String>) {
    let (url, served) = fake_server(answers);
    let recording: Vec<String> = lines.iter().map(Value::to_string).collect();
    let report = block_on(replay(&url, &recording.join("\n")));
    (report, served.join().unwrap())
}

#[test]
fn an_exchange_is_played_as_recorded() {
    let (report, requests) = play(
        &[
            json!({
                "name": "sign-in", "method": "POST", "path": "/signin é", "auth": "none", "query": { "page": -3, "q": "' 1" },
                "body": { "id": "{user:bob}" }, "save": { "key": "inner.token", "gone": "inner.nothing" },
                "match": "subset", "reference": { "status": 200, "json": { "inner": { "token": "<secret>" } } },
            }),
            json!({
                "name": "use it", "method": "GET", "path": "/x", "auth": "var", "as": "key",
                "reference": { "status": 500 }, "expect": { "status": 200, "json": null },
            }),
        ],
        vec![
            answer("200 OK", "application/json; charset=utf-8", r#"{"inner":{"token":"abc"},"more":1}"#),
            answer("200 OK", "application/json", "null"),
        ],
    );
    report.assert_clean();
    assert_eq!(report.to_string(), "2 of 2 exchanges match");
    assert!(requests[0].starts_with("POST /signin%20%C3%A9?page=-3&q=%27+1 HTTP/1.1\r\n"), "{}", requests[0]);
    assert!(requests[0].contains("content-type: application/json\r\n"), "{}", requests[0]);
    let body = format!(r#"{{"id":"{}"}}"#, Actors::recorded().user("bob"));
    assert!(requests[0].ends_with(&body), "{}", requests[0]);
    assert!(requests[1].contains("authorization: Bearer abc\r\n"), "{}", requests[1]);
}

#[test]
fn every_difference_of_an_answer_is_reported() {
    let wants = json!({ "status": 200, "type": "image/png", "location": "/there", "sha256": "00" });
    let (report, _) = play(
        &[
            json!({ "name": "image", "method": "GET", "path": "/i", "auth": "cookie", "as": "bob", "reference": wants }),
            json!({ "name": "null", "method": "GET", "path": "/n", "reference": { "json": null } }),
            json!({
                "name": "leak", "method": "GET", "path": "/l", "reference": { "status": 200 }, "absent": ["email"],
            }),
            json!({ "name": "unsaved", "method": "GET", "path": "/{x}", "reference": { "status": 200 } }),
        ],
        vec![
            answer("404 Not Found", "text/plain", "hello"),
            answer("200 OK", "text/plain", ""),
            answer("200 OK", "application/json", r#"[{"email":null}]"#),
        ],
    );
    let problems: Vec<(&str, usize)> =
        report.failures.iter().map(|failure| (failure.name.as_str(), failure.problems.len())).collect();
    assert_eq!(problems, [("image", 4), ("null", 1), ("leak", 1), ("unsaved", 1)]);
    assert!(report.to_string().ends_with("0 of 4 exchanges match"), "{report}");
}

#[test]
fn claims_cookies_and_headers_are_played_and_compared() {
    // {"typ":"session","jti":"x"}
    const TOKEN: &str = "e30.eyJ0eXAiOiJzZXNzaW9uIiwianRpIjoieCJ9.s";
    let exchange = |name: &str, claims: Value, cookies: Value| {
        json!({
            "name": name, "method": "GET", "path": "/t", "auth": "none", "headers": { "x-who": "{user:bob}" },
            "claims_of": "token", "cookies": true,
            "reference": { "status": 200, "claims": claims, "cookies": cookies },
        })
    };
    let with_cookies = || {
        answer("200 OK", "application/json", &json!({ "token": TOKEN }).to_string()).replacen(
            "connection: close",
            "set-cookie: token=a; Path=/; Max-Age=5; HttpOnly\r\nset-cookie: old=; Max-Age=0\r\nconnection: close",
            1,
        )
    };
    let claims = json!({ "typ": "session", "jti": "<text>" });
    let cookies = json!({ "token": "httponly; max-age; path=/", "old": "cleared" });
    let (report, requests) = play(
        &[
            exchange("right", claims, cookies),
            exchange("wrong", json!({ "typ": "other", "exp": "<5 min>" }), json!({ "token": "cleared" })),
        ],
        vec![with_cookies(), with_cookies()],
    );
    let who = format!("x-who: {}\r\n", Actors::recorded().user("bob"));
    assert!(requests[0].contains(&who), "{}", requests[0]);
    let failed: Vec<_> =
        report.failures.iter().map(|failure| (failure.name.as_str(), failure.problems.len())).collect();
    assert_eq!(failed, [("wrong", 3)], "{report}");
}
