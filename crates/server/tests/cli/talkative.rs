//! What no log tells, however talkative it is: the tokens of links (rule O1).

use rosterd_testkit::{Caller, Method, Postbox, Posted, ProcessBuilder, TestDb, with_databases};
use serde_json::{Value, json};

use crate::place::{PASSWORD, PROGRAM, Place, Roster, SECRET, wait_until};

const LINK: &str = "/api/v1/auths/link";
const ACCEPT: &str = "/api/v1/auths/invite/accept";
const RESET: &str = "/api/v1/auths/password/reset";
const CONFIRM: &str = "/api/v1/auths/email/confirm";

/// A token of the right form that no link has.
const WRONG: &str = "rl_WrongWrongWrongWrongWrongWrongWrongWrongWro";

with_databases!(own, o1_no_log_tells_the_token_of_a_link, async |db| {
    let roster = Roster::on(&db);
    roster.create("first@example.com", &["--admin"]);
    let open = ["settings", "set", "ENABLE_SIGNUP=true", "DEFAULT_USER_ROLE=user"];
    assert_eq!(roster.run(&open).code, Some(0));
    for format in ["text", "json"] {
        let (tokens, log) = after_all_links(&db, format).await;
        assert_eq!(tokens.len(), 7, "six links, and one that was never there");
        for told in ["TRACE", RESET, CONFIRM] {
            assert!(log.contains(told), "the log is not talkative: {told} is missing");
        }
        for token in &tokens {
            for part in [&token[3..19], &token[token.len() - 16..]] {
                let line = log.lines().find(|line| line.contains(part));
                assert_eq!(line, None, "it tells of {token}");
            }
        }
    }
});

/// The tokens of all kinds of links, each made and used at a server and by commands that log whatever they can, and what they
/// logged.
async fn after_all_links(db: &TestDb, format: &str) -> (Vec<String>, String) {
    let postbox = Postbox::willing();
    let smtp = postbox.url();
    let environment = [
        SECRET,
        ("DATABASE_URL", db.url()),
        ("RUST_LOG", "trace"),
        ("ROSTERD_LOG_FORMAT", format),
        ("ROSTERD_SMTP_URL", &smtp),
        ("ROSTERD_MAIL_FROM", "accounts@example.com"),
        ("ROSTERD_PUBLIC_URL", "https://chat.example.com"),
        ("ROSTERD_CONFIRM_EMAIL", "true"),
    ];
    let program = ProcessBuilder::new(PROGRAM);
    let mut server = environment.iter().fold(program, |it, (name, value)| it.env(name, value)).start();
    let place = Place::new();
    let run = |arguments: &[&str]| {
        let said = place.run_with(arguments, &environment, "");
        assert_eq!(said.code, Some(0), "{said:?}");
        said
    };
    let anybody = server.anonymous();
    let admin = anybody.with_bearer(run(&["token", "first@example.com"]).stdout.trim());
    let [eve, rob, zoe] = ["eve", "rob", "zoe"].map(|name| format!("{name}-{format}@example.com"));

    // By an admin, with mails.
    let form = json!({ "email": eve, "name": "Eve" });
    let made = admin.post("/api/v1/users/invite", form).await.assert_status(200).json();
    let mut tokens = vec![mailed(&postbox, &eve, &[])];
    assert_eq!(made["token"], tokens[0].as_str());
    use_up(&anybody, ACCEPT, &tokens[0]).await;
    let path = format!("/api/v1/users/{}/password/link", made["user"]["id"].as_str().unwrap());
    admin.post(&path, json!({})).await.assert_status(200);
    tokens.push(mailed(&postbox, &eve, &tokens));
    use_up(&anybody, RESET, &tokens[1]).await;
    // By the person.
    let forgot = json!({ "email": eve });
    anybody.post("/api/v1/auths/password/forgot", forgot).await.assert_status(200);
    tokens.push(mailed(&postbox, &eve, &tokens));
    use_up(&anybody, RESET, &tokens[2]).await;
    let form = json!({ "name": "Zoe", "email": zoe, "password": PASSWORD });
    anybody.post("/api/v1/auths/signup", form).await.assert_status(200);
    tokens.push(mailed(&postbox, &zoe, &tokens));
    use_up(&anybody, CONFIRM, &tokens[3]).await;
    // By the operator, who is shown the link.
    let mut log = String::new();
    for (arguments, path) in
        [(&["user", "invite", &rob, "--name", "Rob"][..], ACCEPT), (&["user", "reset-link", &rob], RESET)]
    {
        let said = run(arguments);
        let token = said.stdout.trim().rsplit('#').next().unwrap().to_owned();
        log.push_str(&said.stderr);
        use_up(&anybody, path, &token).await;
        tokens.push(token);
    }
    misuse(&anybody, WRONG).await;
    tokens.push(WRONG.to_owned());
    assert_eq!(server.terminate().code(), Some(0));
    log.push_str(&server.log());
    (tokens, log)
}

/// The token that is mailed to somebody, besides those that were before.
fn mailed(postbox: &Postbox, to: &str, before: &[String]) -> String {
    let find = || {
        let posted = postbox.posted();
        let texts = posted.iter().filter(|mail| mail.to == to).map(Posted::text);
        let mut links = texts.filter_map(|text| {
            let (_, link) = text.split_once("/console/link#")?;
            Some(link.split_whitespace().next()?.to_owned())
        });
        links.find(|token| !before.contains(token))
    };
    wait_until("no mail brings a link", || find().is_some());
    find().unwrap()
}

/// What is sent with a token.
fn form(path: &str, token: impl Into<Value>) -> Value {
    let token = token.into();
    match path {
        LINK | CONFIRM => json!({ "token": token }),
        _ => json!({ "token": token, "password": "another-long-password" }),
    }
}

/// Looks at a link, uses it, and tries it once more.
async fn use_up(anybody: &Caller, path: &str, token: &str) {
    anybody.post(LINK, form(LINK, token)).await.assert_status(200);
    anybody.post(path, form(path, token)).await.assert_status(200);
    anybody.post(path, form(path, token)).await.assert_error(400, "INVALID_LINK");
}

/// Sends a token wherever one may be sent, and where none may be.
async fn misuse(anybody: &Caller, token: &str) {
    for path in [LINK, ACCEPT, RESET, CONFIRM] {
        anybody.post(path, form(path, token)).await.assert_error(400, "INVALID_LINK");
        anybody.post(path, form(path, json!([token]))).await;
        let cut_off = format!(r#"{{"token":"{token}","#);
        anybody.request(Method::POST, path).body("application/json", cut_off).send().await;
        anybody.get(&format!("{path}?token={token}")).await;
        anybody.post(path, json!({ "email": token, token: token })).await;
    }
    anybody.with_bearer(token).get("/api/v1/auths/").await.assert_status(401);
    anybody.get(&format!("/console/link?{token}")).await.assert_status(200);
}
