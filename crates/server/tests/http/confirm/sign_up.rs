//! Who signs up, and how else accounts come to be (rules C1 and C2).

use rosterd_app::settings::TrustedHeaders;
use rosterd_domain::rules::client_ip::{IpRanges, parse_range};
use rosterd_testkit::{Method, PASSWORD, Postbox, ServerBuilder, TestServer, with_databases, with_servers};
use serde_json::{Value, json};

use super::{ask, asking, asking_with, confirm, dead, role_of, sign_up, told, told_to, waiting, waits};
use crate::accounts::{accounts_in, application, id_in, sign_in, token_in as session_in};
use crate::mail::{by, deliver, token_in};
use crate::support::{SETTINGS, form, path_of};

with_databases!(all, c1_c2_who_signs_up_waits_until_the_link_is_used, async |db| {
    let postbox = Postbox::willing();
    let (server, first) = asking(db, &postbox).await;
    server.forget_events();
    let opened = sign_up(&server, "zoe").await;
    assert_eq!(opened.assert_status(200).at("/role"), json!("pending"));
    assert_eq!(told(&server), ["user.created", "user.confirm_link_made", "session.started"]);
    let zoe = server.anonymous().with_bearer(session_in(&opened));
    assert!(zoe.get(SETTINGS).await.status() != 200, "who waits may not do what users do");
    assert!(told_to(&zoe).await && !told_to(&server.anonymous()).await);

    let outbox = server.db().db_query_text("SELECT data, link_id, kind FROM rosterd_mail");
    assert!(!format!("{outbox:?}").contains("rl_"), "no token lies in the outbox: {outbox:?}");
    assert_eq!(deliver(&server).await, 1);
    let mail = postbox.take_posted().remove(0);
    assert_eq!(mail.to, "zoe@rosterd.test");
    assert!(mail.text().contains("Hallo zoe,"), "as the browser asks for it: {}", mail.text());
    let token = token_in(&mail);
    let shown = server.anonymous().post("/api/v1/auths/link", json!({ "token": token })).await;
    let ends = server.now() + 86_400;
    let is = json!({ "kind": "confirm", "email": "zoe@rosterd.test", "name": "zoe", "expires_at": ends });
    shown.assert(200, is);
    // It is for nothing else.
    for path in ["/api/v1/auths/invite/accept", "/api/v1/auths/password/reset"] {
        let form = json!({ "token": token, "password": "another-long-password" });
        server.anonymous().post(path, form).await.assert_error(400, "INVALID_LINK");
    }
    let update = format!("/api/v1/users/{}/update", id_in(&opened));
    let record = first.post(&update, form("zoe", "zoe@rosterd.test", json!({ "role": "pending" }))).await;
    let waits_for = json!({ "role": "user", "since": server.now() });
    assert_eq!(record.assert_status(200).at("/unconfirmed"), waits_for);
    server.forget_events();
    confirm(&server, &token).await.assert(200, json!(true));
    assert_eq!(told(&server), ["user.email_confirmed", "user.role_changed"]);
    let record = first.post(&update, form("zoe", "zoe@rosterd.test", json!({}))).await;
    assert_eq!(record.assert_status(200).at("/unconfirmed"), Value::Null);
    zoe.get(SETTINGS).await.assert_status(200);
    assert!(!told_to(&zoe).await);
    dead(&server, &token).await;
    assert_eq!((role_of(&server, "zoe@rosterd.test").as_str(), waits(&server)), ("user", 0));
    assert_eq!(server.db().db_value("SELECT count(*) AS n FROM rosterd_link").as_deref(), Some("0"));
});

with_databases!(own, c2_the_first_account_waits_for_nothing, async |db| {
    let postbox = Postbox::willing();
    let server = TestServer::builder(db).settings(by(&postbox.url())).settings(ask).start().await;
    let opened = sign_up(&server, "ada").await;
    assert_eq!(opened.assert_status(200).at("/role"), json!("admin"));
    assert_eq!((waits(&server), deliver(&server).await), (0, 0));
});

with_databases!(current, c2_where_an_admin_lets_people_in_the_role_stays_pending, async |db| {
    let postbox = Postbox::willing();
    let (server, _first) = asking(db, &postbox).await;
    server.db_set_config("ui.default_user_role", json!("pending")).await;
    let (zoe, token) = waiting(&server, &postbox, "zoe").await;
    server.forget_events();
    confirm(&server, &token).await.assert_status(200);
    assert_eq!(told(&server), ["user.email_confirmed"]);
    assert_eq!((role_of(&server, "zoe@rosterd.test").as_str(), waits(&server)), ("pending", 0));
    assert!(!told_to(&zoe).await);
});

with_databases!(all, c2_who_is_added_invited_or_imported_waits_for_nothing, async |db| {
    let postbox = Postbox::willing();
    let (server, first) = asking(db, &postbox).await;
    let added = json!({ "name": "a", "email": "added@rosterd.test", "password": PASSWORD, "role": "user" });
    first.post("/api/v1/auths/add", added).await.assert_status(200);
    let invited = json!({ "name": "i", "email": "invited@rosterd.test", "mail": false });
    first.post("/api/v1/users/invite", invited).await.assert_status(200);
    let imported = json!({ "name": "f", "email": "file@rosterd.test" });
    first.post("/api/v1/users/import?apply=true&format=ndjson", imported).await.assert_status(200);
    for who in ["added", "invited", "file"] {
        assert_eq!(role_of(&server, &format!("{who}@rosterd.test")), "user", "{who}");
    }
    assert_eq!((waits(&server), deliver(&server).await), (0, 0));
});

fn behind_a_proxy(settings: &mut rosterd_app::settings::Settings) {
    settings.trusted_headers =
        Some(TrustedHeaders { email: "X-Forwarded-Email".to_owned(), name: None, groups: None });
    settings.trusted_proxies = IpRanges::new(vec![parse_range("127.0.0.0/8").unwrap()]);
}

// Whoever opened the account knows its password: that somebody else has the e-mail address does not let them in.
with_databases!(current, c2_c4_a_trusted_proxy_answers_for_new_accounts_alone, async |db| {
    let postbox = Postbox::willing();
    let (server, _first) = asking_with(db, &postbox, behind_a_proxy).await;
    let visit = async |email: &str| {
        let request = server.anonymous().request(Method::POST, "/api/v1/auths/signin");
        let request = request.json(&json!({ "email": "", "password": "" }));
        request.header("X-Forwarded-Email", email).send().await
    };
    assert_eq!(visit("new@rosterd.test").await.assert_status(200).at("/role"), json!("user"));
    let (_zoe, token) = waiting(&server, &postbox, "zoe").await;
    assert_eq!(visit("zoe@rosterd.test").await.assert_status(200).at("/role"), json!("pending"));
    confirm(&server, &token).await.assert_status(200);
    assert_eq!(visit("zoe@rosterd.test").await.assert_status(200).at("/role"), json!("user"));
});

fn asked(server: ServerBuilder) -> ServerBuilder {
    server.settings(by("smtp://127.0.0.1:1?tls=none")).settings(ask)
}

with_servers!(attached, c1_without_its_tables_nobody_gets_in_unconfirmed, asked, async |server| {
    server.db_set_config("ui.enable_signup", json!(true)).await;
    let first = server.db_admin("first").created_at(1).create().await;
    let bob = server.db_user("bob").create().await;
    let before = accounts_in(server.db());
    let refused = sign_up(&server, "zoe").await;
    let told = refused.assert_error(409, "CONFLICT").at("/detail");
    assert!(told.as_str().unwrap().contains("rosterd adopt --apply"), "{told}");
    assert_eq!(accounts_in(server.db()), before);
    let update = path_of(&bob, "/update");
    let renamed = form("bob", "robert@rosterd.test", json!({}));
    first.post(&update, renamed).await.assert_error(409, "CONFLICT");
    assert_eq!(role_of(&server, bob.email()), "user");
    first.post(&update, form("Robert", bob.email(), json!({}))).await.assert_status(200);
    confirm(&server, "rl_none").await.assert_error(409, "CONFLICT");
    bob.post(super::RESEND, Value::Null).await.assert_error(409, "CONFLICT");
});

with_databases!(own, c1_without_mail_or_without_a_url_nobody_gets_in_unconfirmed, async |db| {
    let postbox = Postbox::willing();
    let (server, _first) = asking(db, &postbox).await;
    let before = accounts_in(server.db());
    for number in 0..3 {
        let builder = server.second_builder().settings(move |settings| match number {
            0 => settings.mail = None,
            1 => settings.public_url = None,
            _ => settings.console = false,
        });
        let other = builder.start().await;
        sign_up(&other, "zoe").await.assert_error(409, "CONFLICT");
        other.stop().await;
    }
    assert_eq!(accounts_in(server.db()), before);
    sign_up(&server, "zoe").await.assert_status(200);
});

with_databases!(current, c1_who_waits_can_confirm_after_it_was_switched_off, async |db| {
    let postbox = Postbox::willing();
    let (server, _first) = asking(db, &postbox).await;
    let (_zoe, token) = waiting(&server, &postbox, "zoe").await;
    let off = server.second_builder().settings(|settings| settings.confirm_email = false).start().await;
    let opened = off.anonymous().post(crate::accounts::SIGN_UP, application("yan")).await;
    assert_eq!(opened.assert_status(200).at("/role"), json!("user"));
    confirm(&off, &token).await.assert_status(200);
    sign_in(&off, "zoe@rosterd.test", PASSWORD).await.assert_status(200);
    assert_eq!(role_of(&off, "zoe@rosterd.test"), "user");
    off.stop().await;
});

with_servers!(own, c1_nobody_is_asked_unless_it_is_switched_on, async |server| {
    sign_up(&server, "ada").await.assert_status(200);
    server.db_set_config("ui.enable_signup", json!(true)).await;
    server.db_set_config("ui.default_user_role", json!("user")).await;
    assert_eq!(sign_up(&server, "zoe").await.assert_status(200).at("/role"), json!("user"));
    assert_eq!(waits(&server), 0);
});
