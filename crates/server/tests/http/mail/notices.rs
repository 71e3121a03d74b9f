//! Mails that tell people what happened to their account (rules Q5 to Q7).

use std::sync::Arc;

use rosterd_app::mail::Templates;
use rosterd_domain::mail::{Language, MailKind};
use rosterd_testkit::{Caller, Method, PASSWORD, Postbox, TestServer, with_databases};
use serde_json::{Value, json};

use super::{deliver, listed, mailing};
use crate::support::{form, path_of};

const FIREFOX: &str = "Mozilla/5.0 (Linux) Firefox/140.0";

/// Signs in with this program and language; gives the cookie by which the browser is known.
async fn sign_in(server: &TestServer, whom: &Caller, program: &str, language: &str, cookie: &str) -> String {
    let form = json!({ "email": whom.email(), "password": PASSWORD });
    let request = server.anonymous().request(Method::POST, "/api/v1/auths/signin").json(&form);
    let request = request.header("user-agent", program).header("accept-language", language);
    let reply = request.header("cookie", cookie).send().await;
    reply.assert_status(200);
    let mut set = reply.headers().get_all("set-cookie").iter().filter_map(|cookie| cookie.to_str().ok());
    let browser = set.rfind(|cookie| cookie.starts_with("rosterd_browser=")).unwrap_or_default();
    browser.split(';').next().unwrap_or_default().to_owned()
}

async fn change_password(whom: &Caller, language: &str) {
    let form = json!({ "password": PASSWORD, "new_password": "another-long-password" });
    let request = whom.request(Method::POST, "/api/v1/auths/update/password").json(&form);
    let request = request.header("accept-language", language).header("user-agent", FIREFOX);
    request.send().await.assert_status(200);
}

with_databases!(all, q5_q6_who_changes_the_own_password_is_told_of_it_in_their_language, async |db| {
    let postbox = Postbox::willing();
    let server = mailing(db, &postbox).await;
    let bob = server.db_user("bob").create().await;
    change_password(&bob, "de-DE, en;q=0.5").await;
    assert_eq!(deliver(&server).await, 1);
    let posted = postbox.take_posted();
    let [mail] = posted.as_slice() else { panic!("{posted:?}") };
    assert_eq!((mail.from.as_str(), mail.to.as_str()), ("accounts@rosterd.test", bob.email()));
    assert_eq!(mail.header("Auto-Submitted"), "auto-generated");
    assert!(mail.header("From").contains("Accounts"), "{}", mail.head);
    let text = mail.text();
    for words in
        ["Hallo bob,", "bei Chat wurde geändert", "Client-IP: 127.0.0.1", FIREFOX, "2027-01-15 08:00:00 UTC"]
    {
        assert!(text.contains(words), "{words}: {text}");
    }
    assert_eq!(deliver(&server).await, 0, "once");
});

with_databases!(current, q5_whose_password_an_admin_sets_is_not_told_where_the_admin_was, async |db| {
    let postbox = Postbox::willing();
    let server = mailing(db, &postbox).await;
    let ada = server.db_admin("ada").create().await;
    let bob = server.db_user("bob").create().await;
    let update = form("bob", bob.email(), json!({ "password": "another-long-password" }));
    let request = ada.request(Method::POST, &path_of(&bob, "/update")).json(&update);
    request.header("accept-language", "de").header("user-agent", FIREFOX).send().await.assert_status(200);
    let mails = listed(&ada).await;
    assert_eq!(
        (&mails[0]["kind"], &mails[0]["language"]),
        (&json!("password_set"), &json!("en")),
        "{mails:?}"
    );
    assert_eq!(mails[0]["user_id"], bob.id().as_str());
    assert_eq!(deliver(&server).await, 1);
    let text = postbox.posted()[0].text();
    assert!(text.contains("an administrator set a new password"), "{text}");
    assert!(!text.contains("127.0.0.1") && !text.contains("Firefox"), "{text}");
});

with_databases!(all, q5_a_sign_in_from_elsewhere_is_told_of_and_the_first_is_not, async |db| {
    let postbox = Postbox::willing();
    let server = mailing(db, &postbox).await;
    let bob = server.db_user("bob").create().await;
    let known = sign_in(&server, &bob, FIREFOX, "en", "").await;
    assert_eq!(deliver(&server).await, 0, "the first one of all");
    sign_in(&server, &bob, FIREFOX, "en", "").await;
    assert_eq!(deliver(&server).await, 0, "from where it was used before");
    sign_in(&server, &bob, "curl/8", "en", &known).await;
    assert_eq!(deliver(&server).await, 0, "in a browser that is known");
    sign_in(&server, &bob, "wget/1", "fr, de;q=0.1", "").await;
    assert_eq!(deliver(&server).await, 1);
    let mail = &postbox.posted()[0];
    assert_eq!(mail.to, bob.email());
    let text = mail.text();
    assert!(text.contains("jemand hat sich an deinem Konto") && text.contains("wget/1"), "{text}");
});

with_databases!(own, q1_a_change_that_is_refused_writes_no_mail, async |db| {
    let postbox = Postbox::willing();
    let server = mailing(db, &postbox).await;
    let ada = server.db_admin("ada").create().await;
    let bob = server.db_user("bob").create().await;
    let wrong = json!({ "password": "not this one", "new_password": "another-long-password" });
    bob.post("/api/v1/auths/update/password", wrong).await.assert_error(400, "INCORRECT_PASSWORD");
    let weak = form("bob", bob.email(), json!({ "password": "" }));
    ada.post(&path_of(&bob, "/update"), weak).await;
    assert_eq!(listed(&ada).await, Vec::<Value>::new());
});

with_databases!(own, q4_mails_go_with_the_account_that_they_are_about, async |db| {
    let postbox = Postbox::willing();
    let server = mailing(db, &postbox).await;
    let ada = server.db_admin("ada").create().await;
    let bob = server.db_user("bob").create().await;
    change_password(&bob, "en").await;
    assert_eq!(listed(&ada).await.len(), 1);
    ada.delete(&path_of(&bob, "")).await.assert_status(200);
    assert_eq!(listed(&ada).await, Vec::<Value>::new());
    assert_eq!(deliver(&server).await, 0);
});

with_databases!(sqlite, without_mail_nothing_is_noted, async |db| {
    let server = TestServer::start(db).await;
    let bob = server.db_user("bob").create().await;
    change_password(&bob, "en").await;
    if server.store().layout().mails {
        assert_eq!(server.db().db_value("SELECT count(*) FROM rosterd_mail").as_deref(), Some("0"));
    }
    assert_eq!(deliver(&server).await, 0);
});

with_databases!(own, q7_texts_can_be_replaced, async |db| {
    let postbox = Postbox::willing();
    let mut templates = Templates::default();
    let text = "Subject: {{server}} says\n\n{{name}} / {{email}} / {{client_ip}} / {{program}}\n";
    templates.replace(MailKind::PasswordChanged, Language::En, text).unwrap();
    let builder = TestServer::builder(db).settings(super::by(&postbox.url()));
    let builder = builder.settings(|settings| {
        let mail = settings.mail.as_mut().unwrap();
        mail.templates = Arc::new(templates);
    });
    let server = builder.start().await;
    let eve = server.db_user("eve {{program}}").email("eve@rosterd.test").create().await;
    change_password(&eve, "en").await;
    assert_eq!(deliver(&server).await, 1);
    let mail = &postbox.posted()[0];
    assert_eq!(mail.header("Subject"), "Chat says");
    assert_eq!(
        mail.text().trim_end(),
        format!("eve {{{{program}}}} / eve@rosterd.test / 127.0.0.1 / {FIREFOX}")
    );
});
