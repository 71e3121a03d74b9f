//! Whatever is sent: never a 5xx, and a request that is refused changes no row. A property over every endpoint.
//!
//! The cases are the same in every run. One that fails is shrunk to the smallest that does, and printed.

use proptest::prelude::*;
use proptest::sample::{Index, select};
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use rosterd_api::routes;
use rosterd_storage::raw;
use rosterd_testkit::{Caller, DbKind, Method, Reply, ServerBuilder, TestDb, TestServer, TokenKind, run};
use serde_json::{Value, json};

/// Cases on each database, unless `PROPTEST_CASES` asks for more.
const CASES: u32 = 128;

/// One request, described.
#[derive(Debug, Clone)]
struct Case {
    endpoint: Index,
    /// Instead of the endpoint's.
    method: Option<Method>,
    id: String,
    /// Behind the path, as it stands.
    tail: String,
    caller: Who,
    headers: Vec<(&'static str, Vec<u8>)>,
    content_type: &'static str,
    body: Vec<u8>,
}

#[derive(Debug, Clone, Copy)]
enum Who {
    Nobody,
    Admin,
    User,
    Forger,
}

fn case() -> impl Strategy<Value = Case> {
    let request = (any::<Index>(), prop::option::weighted(0.1, method()), id(), tail());
    let sender = (who(), prop::collection::vec(header(), 0..3), content_type(), body());
    (request, sender).prop_map(|((endpoint, method, id, tail), (caller, headers, content_type, body))| Case {
        endpoint,
        method,
        id,
        tail,
        caller,
        headers,
        content_type,
        body,
    })
}

fn method() -> impl Strategy<Value = Method> {
    select(vec![
        Method::GET,
        Method::POST,
        Method::PUT,
        Method::DELETE,
        Method::PATCH,
        Method::HEAD,
        Method::OPTIONS,
    ])
}

fn who() -> impl Strategy<Value = Who> {
    prop_oneof![6 => Just(Who::Admin), 2 => Just(Who::User), 1 => Just(Who::Nobody), 1 => Just(Who::Forger)]
}

/// What stands for an id: one that exists, or any bytes, percent-encoded or not.
fn id() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => Just("bob-id".to_owned()),
        1 => Just("admin-id".to_owned()),
        1 => Just("shared-chat".to_owned()),
        3 => "(%[0-9A-F]{2}){1,12}",
        1 => "[!-~&&[^/?#]]{1,20}",
        1 => "\\PC{1,8}".prop_map(|text| text.replace(['/', '?', '#'], "")),
        1 => Just("x".repeat(3000)),
    ]
}

/// A query string, a slash too many, or nothing.
fn tail() -> impl Strategy<Value = String> {
    let name = select(vec!["page", "limit", "cursor", "query", "order_by", "direction", "x", ""]);
    let value = prop_oneof![
        "[0-9]{1,25}",
        "-?[0-9]{1,3}",
        "[ -~&&[^#]]{0,20}",
        "(%[0-9A-F]{2}){1,6}",
        Just("group_id:%00".to_owned()),
        Just("group_id:x'y".to_owned()),
        Just("last_active_at".to_owned()),
    ];
    let query = prop::collection::vec((name, value), 1..4).prop_map(|pairs| {
        let pairs: Vec<String> = pairs.into_iter().map(|(name, value)| format!("{name}={value}")).collect();
        format!("?{}", pairs.join("&"))
    });
    prop_oneof![4 => Just(String::new()), 4 => query, 1 => Just("/".to_owned()), 1 => Just("//x/../%2e".to_owned())]
}

/// Headers that something reads, with values that nothing means.
fn header() -> impl Strategy<Value = (&'static str, Vec<u8>)> {
    let name = select(vec![
        "if-match",
        "if-none-match",
        "cookie",
        "accept",
        "accept-encoding",
        "x-request-id",
        "x-forwarded-for",
        "forwarded",
        "range",
        "expect-nothing",
    ]);
    let value = prop_oneof![
        prop::collection::vec(prop_oneof![0x20_u8..0x7f, 0x80_u8..=0xff], 0..30),
        "\"[a-f0-9]{32}\"".prop_map(String::into_bytes),
        "token=[!-~&&[^;,]]{0,40}".prop_map(String::into_bytes),
    ];
    (name, value)
}

fn content_type() -> impl Strategy<Value = &'static str> {
    prop_oneof![8 => Just("application/json"), 1 => Just("text/plain"), 1 => Just("\u{7f}"), 1 => Just("application/json; charset=utf-16")]
}

/// Bytes, JSON of any shape, or an object with keys that mean something and values that may not.
fn body() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        1 => Just(Vec::new()),
        1 => prop::collection::vec(any::<u8>(), 0..200),
        3 => json_value().prop_map(|value| value.to_string().into_bytes()),
        6 => known_object().prop_map(|value| value.to_string().into_bytes()),
        1 => (1_usize..200).prop_map(|depth| format!("{}{}", "[".repeat(depth), "]".repeat(depth)).into_bytes()),
    ]
}

fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        "\\PC{0,20}",
        any::<String>(),
        Just("\0".to_owned()),
        Just("x".repeat(300)),
        Just("ü@é.test".to_owned())
    ]
}

fn json_value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        text().prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 24, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            prop::collection::vec((text(), inner), 0..6).prop_map(|pairs| pairs.into_iter().collect()),
        ]
    })
}

fn known_object() -> impl Strategy<Value = Value> {
    const KEYS: &[&str] = &[
        "ui",
        "toolServers",
        "role",
        "name",
        "email",
        "profile_image_url",
        "password",
        "new_password",
        "bio",
        "gender",
        "date_of_birth",
        "status_emoji",
        "status_message",
        "status_expires_at",
        "workspace",
        "sharing",
        "chat",
        "features",
        "models",
        "user_ids",
        "description",
        "permissions",
        "data",
        "meta",
        "default_user_role",
        "jwt_expires_in",
        "enable_signup",
        "DEFAULT_USER_ROLE",
        "JWT_EXPIRES_IN",
        "ENABLE_SIGNUP",
    ];
    let right = select(vec![
        json!({}),
        json!("user"),
        json!("admin"),
        json!("a@b.cd"),
        json!("/user.png"),
        json!("1999-12-31"),
        json!(["bob-id", "x"]),
        json!("data:image/png;base64,AAAA"),
    ]);
    let value = prop_oneof![3 => json_value(), 3 => right];
    let form = prop_oneof![
        1 => Just(json!({})),
        1 => Just(json!({ "role": "user", "name": "b", "email": "b@rosterd.test", "profile_image_url": "" })),
        1 => Just(json!({ "workspace": {}, "sharing": {}, "chat": {}, "features": {} })),
    ];
    (form, prop::collection::vec((select(KEYS), value), 0..5)).prop_map(|(mut form, pairs)| {
        for (key, value) in pairs {
            form[key] = value;
        }
        form
    })
}

/// The server under test, its accounts, and its rows as they were last.
struct Target {
    server: TestServer,
    admin: Caller,
    bob: Caller,
    rows: Vec<String>,
    /// Looks at the rows.
    observer: raw::Connection,
}

impl Target {
    async fn make(db: TestDb) -> Self {
        let server = quiet(TestServer::builder(db)).start().await;
        let admin = server.db_admin("admin").id("admin-id").created_at(1).create().await;
        let bob = server.db_user("bob").id("bob-id").create().await;
        let observer = raw::Connection::open(&server.db().database_url()).unwrap();
        let mut target = Self { server, admin, bob, rows: Vec::new(), observer };
        target.rows = target.dump();
        target
    }

    /// Sends the request; the answer and whether any row is another than before.
    async fn send(&mut self, case: &Case) -> (Reply, bool) {
        let endpoints = routes::endpoints();
        let endpoint = case.endpoint.get(&endpoints);
        let method = case.method.clone().unwrap_or_else(|| endpoint.method.as_str().parse().unwrap());
        let path = format!("{}{}", endpoint.path.replace("{id}", &case.id), case.tail);
        // Tokens are new each time: signing out, or a new password, must not end the test.
        let token =
            |kind: TokenKind, caller: &Caller| caller.with_bearer(self.server.token(kind, caller.id()));
        let caller = match case.caller {
            Who::Nobody => self.server.anonymous(),
            Who::Admin => token(TokenKind::Valid, &self.admin),
            Who::User => token(TokenKind::Valid, &self.bob),
            Who::Forger => token(TokenKind::Forged, &self.admin),
        };
        let mut request = caller.request(method, &path);
        for (name, value) in &case.headers {
            request = request.header_bytes(name, value);
        }
        if !case.content_type.contains('\u{7f}') {
            request = request.body(case.content_type, case.body.clone());
        }
        let reply = request.send().await;
        let before = std::mem::take(&mut self.rows);
        self.rows = self.dump();
        let changed = self.rows != before;
        (reply, changed)
    }

    /// Every row that a request could change, activity aside.
    fn dump(&mut self) -> Vec<String> {
        // `updated_at` stands for every other column (R5).
        let rows = self.observer.query_text(
            r#"SELECT 'user' AS source, id, email AS a, name AS b, role AS c, CAST(info AS TEXT) AS d,
                      CAST(settings AS TEXT) AS e, CAST(updated_at AS TEXT) AS f FROM "user"
               UNION ALL SELECT 'auth', id, email, password, NULL, NULL, NULL, NULL FROM auth
               UNION ALL SELECT 'group', id, name, CAST(updated_at AS TEXT), NULL, NULL, NULL, NULL FROM "group"
               UNION ALL SELECT 'member', group_id, user_id, NULL, NULL, NULL, NULL, NULL FROM group_member
               ORDER BY 1, 2, 3"#,
        );
        rows.unwrap().into_iter().map(|row| format!("{row:?}")).collect()
    }
}

fn quiet(server: ServerBuilder) -> ServerBuilder {
    server.settings(|settings| settings.sign_in_limit.per_email = 10_000)
}

fn nothing_sent_breaks_it(kind: DbKind, test: &str) {
    if !kind.is_available() {
        return run::report_skip(test);
    }
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let target = runtime.block_on(Target::make(TestDb::fresh(kind)));
    let target = std::cell::RefCell::new(target);
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &[7; 32]);
    let cases = std::env::var("PROPTEST_CASES").map_or(CASES, |cases| cases.parse().unwrap());
    let config = Config { cases, failure_persistence: None, max_shrink_iters: 200, ..Config::default() };
    let served = std::cell::Cell::new(0);
    let outcome = TestRunner::new_with_rng(config, rng).run(&case(), |case| {
        let (reply, changed) = runtime.block_on(target.borrow_mut().send(&case));
        prop_assert!(reply.status() < 500, "{reply}");
        served.set(served.get() + u32::from(reply.status() < 400));
        prop_assert!(reply.status() < 400 || !changed, "refused, and yet a row has changed\n{reply}");
        prop_assert!(reply.header("x-request-id").is_some(), "{reply}");
        let is_error = reply.status() >= 400 && !reply.bytes().is_empty();
        // SCIM has errors of its own form.
        let says_why = || reply.json()["code"].is_string() || reply.json()["schemas"].is_array();
        prop_assert!(!is_error || says_why(), "{reply}");
        Ok(())
    });
    if let Err(failure) = outcome {
        panic!("{failure}");
    }
    assert!(served.get() >= cases / 8, "only {} requests meant anything", served.get());
    // And it still serves.
    let anybody = target.borrow().server.anonymous();
    runtime.block_on(anybody.get("/health/db")).assert_status(200);
}

rosterd_testkit::tests_on!(all, nothing_sent_breaks_it);
