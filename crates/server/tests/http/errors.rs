//! What every path has in common when something is wrong: the shape of errors, rules E2 and E3.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;

use rosterd_testkit::{Caller, Method, Reply, TestServer, with_servers};
use serde_json::json;

use crate::support::{INFO, LIST, SETTINGS, UPDATE_INFO, UPDATE_SETTINGS, UPDATE_STATUS, form, path_of};

async fn raw_body(caller: &Caller, path: &str, content_type: &str, body: impl Into<Vec<u8>>) -> Reply {
    caller.request(Method::POST, path).body(content_type, body).send().await
}

with_servers!(own, e2_malformed_json_is_422, async |server| {
    let bob = server.db_user("bob").create().await;
    let cut: [&[u8]; 9] = [
        b"{\"ui\": ",
        b"{",
        b"nonsense",
        b"{'a': 1}",
        b"{\"a\": NaN}",
        b"{} {}",
        b"\xff\xfe{}",
        b"{\"a\":\"\xff\"}",
        b"{\"a\":01}",
    ];
    for body in cut {
        raw_body(&bob, UPDATE_SETTINGS, "application/json", body).await.assert_invalid(&["body"]);
    }
    bob.get(SETTINGS).await.assert(200, json!(null));
});

with_servers!(own, e2_json_with_a_byte_order_mark_is_read, async |server| {
    let bob = server.db_user("bob").create().await;
    let wide: Vec<u8> = "\u{feff}{\"b\": \"ü\"}".encode_utf16().flat_map(u16::to_le_bytes).collect();
    raw_body(&bob, UPDATE_SETTINGS, "application/json", b"\xef\xbb\xbf{\"a\": 1}").await.assert_status(200);
    raw_body(&bob, UPDATE_SETTINGS, "application/json", wide).await.assert_status(200);
    bob.get(SETTINGS).await.assert(200, json!({ "a": 1, "ui": {}, "b": "ü" }));
    raw_body(&bob, UPDATE_SETTINGS, "application/json", b"\xef\xbb\xbf").await.assert_invalid(&["body"]);
});

with_servers!(own, e2_an_empty_body_is_422, async |server| {
    let bob = server.db_user("bob").create().await;
    for body in ["", "  \r\n"] {
        raw_body(&bob, UPDATE_SETTINGS, "application/json", body).await.assert_invalid(&["body"]);
    }
    // What nothing is declared as does not matter: curl says of it that it is a form.
    for other in ["application/x-www-form-urlencoded", "text/plain"] {
        raw_body(&bob, UPDATE_SETTINGS, other, "").await.assert_invalid(&["body"]);
    }
    // Also when nothing at all was sent.
    bob.request(Method::POST, UPDATE_SETTINGS).send().await.assert_invalid(&["body"]);
});

with_servers!(own, e2_another_content_type_is_415, async |server| {
    let bob = server.db_user("bob").create().await;
    for other in
        ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "json", ""]
    {
        let reply = raw_body(&bob, UPDATE_SETTINGS, other, "{}").await;
        reply.assert_error(415, "UNSUPPORTED_MEDIA_TYPE");
    }
    for json in
        ["application/json", "application/json; charset=utf-8", "Application/JSON", "application/vnd.x+json"]
    {
        raw_body(&bob, UPDATE_SETTINGS, json, "{}").await.assert_status(200);
    }
});

with_servers!(own, e3_64_levels_are_deep_enough, async |server| {
    let bob = server.db_user("bob").create().await;
    let nested = |levels: usize| {
        let inner = levels - 1;
        format!("{{\"a\":{}{}}}", "[".repeat(inner), "]".repeat(inner))
    };
    raw_body(&bob, UPDATE_INFO, "application/json", nested(64)).await.assert_status(200);
    raw_body(&bob, UPDATE_INFO, "application/json", nested(65)).await.assert_invalid(&["body"]);
    raw_body(&bob, UPDATE_INFO, "application/json", "[".repeat(500_000)).await.assert_invalid(&["body"]);
    assert_eq!(bob.get(INFO).await.text(), nested(64));
});

with_servers!(own, e3_a_body_over_the_limit_is_413, async |server| {
    let (ada, bob) = (server.db_admin("ada").create().await, server.db_user("bob").create().await);
    let object = |bytes: usize| format!("{{\"a\":\"{}\"}}", "x".repeat(bytes - 8));
    let limit = 1024 * 1024;
    raw_body(&bob, UPDATE_STATUS, "application/json", object(limit)).await.assert_status(200);
    raw_body(&bob, UPDATE_STATUS, "application/json", object(limit + 1))
        .await
        .assert_error(413, "PAYLOAD_TOO_LARGE");
    // A profile image may be half as large again.
    let image = |bytes: usize| {
        // Padded by white space, which JSON allows anywhere, since base64 comes in fours.
        let begins = "data:image/png;base64,iVBORw0KGgoA";
        let rest = form("bob", bob.email(), json!({ "profile_image_url": begins })).to_string();
        let missing = bytes - rest.len();
        let picture = format!("{begins}{}", "A".repeat(missing / 4 * 4));
        format!("{}{}", rest.replace(begins, &picture), " ".repeat(missing % 4))
    };
    let (path, limit) = (path_of(&bob, "/update"), 1536 * 1024);
    raw_body(&ada, &path, "application/json", image(limit)).await.assert_status(200);
    raw_body(&ada, &path, "application/json", image(limit + 4)).await.assert_error(413, "PAYLOAD_TOO_LARGE");
});

with_servers!(own, e3_a_body_of_unknown_length_is_413_as_soon_as_it_is_too_long, async |server| {
    let bob = server.db_user("bob").create().await;
    let answer = tokio::task::spawn_blocking({
        let (url, token) =
            (server.url().to_owned(), server.token(rosterd_testkit::TokenKind::Valid, bob.id()));
        move || endless_body(&url, &token)
    });
    let answer = answer.await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 413 "), "{answer}");
});

/// Sends chunks until the server answers; gives the beginning of the answer.
fn endless_body(url: &str, token: &str) -> String {
    let mut stream = TcpStream::connect(url.strip_prefix("http://").unwrap()).unwrap();
    let head = format!(
        "POST {UPDATE_STATUS} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {token}\r\n\
         content-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n"
    );
    stream.write_all(head.as_bytes()).unwrap();
    let chunk = format!("10000\r\n{}\r\n", " ".repeat(0x10000));
    // Twice the limit at most; a server that has answered may close before that.
    for _ in 0..32 {
        if stream.write_all(chunk.as_bytes()).is_err() {
            break;
        }
    }
    let mut answer = [0; 64];
    let length = stream.read(&mut answer).unwrap();
    String::from_utf8_lossy(&answer[..length]).into_owned()
}

with_servers!(own, e3_an_unknown_path_is_404_for_everybody, async |server| {
    let ada = server.db_admin("ada").create().await;
    let unknown = [
        "/api",
        "/api/v1",
        "/api/v1/",
        "/api/v1/nothing",
        "/api/v1/users/a/b",
        "/api/v1/users/user/nothing",
        "/api/v1//users/",
        "/API/v1/users/",
        "/api/v1/users/x/profile",
        "/health/x",
        "/favicon.ico",
    ];
    for path in unknown {
        for caller in [&server.anonymous(), &ada] {
            caller.get(path).await.assert_error(404, "NOT_FOUND");
            caller.post(path, json!({})).await.assert_error(404, "NOT_FOUND");
        }
    }
});

with_servers!(own, e3_another_method_is_405_and_told_what_is_allowed, async |server| {
    let ada = server.db_admin("ada").create().await;
    for (path, allowed) in [
        (SETTINGS, "GET, HEAD"),
        (UPDATE_SETTINGS, "POST"),
        (LIST, "GET, HEAD"),
        ("/api/v1/users", "GET, HEAD"),
        ("/api/v1/users/default/permissions", "GET, HEAD, POST"),
        ("/api/v1/users/some-id", "GET, HEAD, DELETE"),
        ("/api/v1/auths/api_key", "GET, HEAD, POST, DELETE"),
        ("/health", "GET, HEAD"),
    ] {
        for method in [Method::PUT, Method::PATCH, Method::OPTIONS, Method::TRACE] {
            let reply = ada.request(method.clone(), path).send().await;
            reply.assert_status(405);
            assert_eq!(reply.header("allow"), Some(allowed), "{reply}");
            assert!(reply.header("x-request-id").is_some());
            reply.assert_error(405, "METHOD_NOT_ALLOWED");
        }
    }
    // HEAD goes with GET.
    let reply = ada.request(Method::HEAD, UPDATE_SETTINGS).send().await;
    reply.assert_status(405);
    assert!(reply.bytes().is_empty(), "{reply}");
});

with_servers!(own, both_spellings_of_a_collection_answer_without_a_redirect, async |server| {
    let ada = server.db_admin("ada").create().await;
    for (with, without) in [(LIST, "/api/v1/users"), ("/api/v1/groups/", "/api/v1/groups")] {
        let reply = ada.get(with).await;
        ada.get(without).await.assert(200, reply.assert_status(200).json());
    }
    for path in ["/api/v1/auths", "/api/v1/auths/"] {
        ada.get(path).await.assert_status(200);
    }
    // Only collections have two.
    ada.get(&format!("{SETTINGS}/")).await.assert_error(404, "NOT_FOUND");
});

with_servers!(own, g1_an_unknown_group_is_404, async |server| {
    let ada = server.db_admin("ada").create().await;
    ada.get("/api/v1/groups/id/nothing").await.assert_error(404, "GROUP_NOT_FOUND");
});

with_servers!(own, every_answer_has_a_request_id_and_a_sane_one_is_taken_over, async |server| {
    let bob = server.db_user("bob").create().await;
    let first = bob.get(SETTINGS).await;
    let second = bob.get("/nothing").await;
    assert_ne!(first.header("x-request-id").unwrap(), second.header("x-request-id").unwrap());
    let with = async |id: &str| {
        let reply = bob.request(Method::GET, "/nothing").header("x-request-id", id).send().await;
        reply.assert_error(404, "NOT_FOUND").header("x-request-id").unwrap().to_owned()
    };
    assert_eq!(with("trace-1.a:b_C").await, "trace-1.a:b_C");
    for odd in ["a b", "<script>", "", &"x".repeat(129)] {
        assert_ne!(with(odd).await, odd);
    }
});

with_servers!(own, who_may_not_is_told_before_what_is_wrong, async |server| {
    let bob = server.db_user("bob").create().await;
    let template = "/api/v1/users/default/permissions";
    for (caller, code) in [(server.anonymous(), "NOT_AUTHENTICATED"), (bob.clone(), "ACCESS_PROHIBITED")] {
        raw_body(&caller, template, "application/json", "{").await.assert_error(401, code);
        raw_body(&caller, template, "text/plain", "{}").await.assert_error(401, code);
        raw_body(&caller, template, "application/json", " ".repeat(1 << 21)).await.assert_error(401, code);
        caller.get(&format!("{LIST}?page=two")).await.assert_error(401, code);
    }
});

with_servers!(own, a_401_for_credentials_names_the_scheme, async |server| {
    let bob = server.db_user("bob").create().await;
    let scheme = async |caller: Caller| {
        let reply = caller.get(LIST).await;
        reply.assert_status(401).header("www-authenticate").map(str::to_owned)
    };
    assert_eq!(scheme(server.anonymous()).await.as_deref(), Some("Bearer"));
    assert_eq!(scheme(bob.with_bearer("garbage")).await.as_deref(), Some("Bearer"));
    assert_eq!(scheme(bob).await, None, "other credentials would not help");
});

with_servers!(own, what_is_no_http_is_refused_and_the_server_lives_on, async |server| {
    let bob = server.db_user("bob").create().await;
    let address = server.url().strip_prefix("http://").unwrap().to_owned();
    let sent = tokio::task::spawn_blocking(move || {
        for garbage in [
            "\r\n\r\n",
            "GET\r\n\r\n",
            "\u{0}\u{1}\u{2}",
            "GET / HTTP/9.9\r\n\r\n",
            "GET /%\u{0} HTTP/1.1\r\n\r\n",
            "POST /api/v1/auths/signin HTTP/1.1\r\nhost: x\r\ncontent-length: -1\r\n\r\n",
            "POST /api/v1/auths/signin HTTP/1.1\r\nhost: x\r\ncontent-length: 5\r\ntransfer-encoding: chunked\r\n\r\n",
        ] {
            let mut stream = TcpStream::connect(&address).unwrap();
            stream.write_all(garbage.as_bytes()).unwrap();
            // A connection that is reset is an answer too, even before this side has ended its own.
            let _ = stream.shutdown(std::net::Shutdown::Write);
            let mut answer = Vec::new();
            let _ = stream.read_to_end(&mut answer);
            let answer = String::from_utf8_lossy(&answer);
            assert!(!answer.starts_with("HTTP/1.1 5"), "{garbage:?} -> {answer}");
        }
    });
    sent.await.unwrap();
    bob.get(SETTINGS).await.assert_status(200);
});

with_servers!(own, a_database_that_is_gone_is_503_and_nothing_of_it_is_told, async |server| {
    let bob = server.db_user("bob").create().await;
    if server.db().is_postgres() {
        refuse_connections(&server);
        let reply = bob.get(SETTINGS).await;
        reply.assert_error(503, "UNAVAILABLE");
        assert_eq!(reply.header("retry-after"), Some("1"), "{reply}");
        assert!(!reply.text().contains("postgres"), "{reply}");
        server.anonymous().get("/health").await.assert_status(200);
        server.anonymous().get("/health/db").await.assert_error(503, "UNAVAILABLE");
    }
});

/// Ends the server's connections and lets it make no other, as a database that was stopped.
fn refuse_connections(server: &TestServer) {
    server.db().db_alter("ALLOW_CONNECTIONS false");
    server.db().db_hang_up();
}
