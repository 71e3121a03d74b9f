//! The outbox of mails.

use rosterd_app::mail::{self, MailSettings, Sender, SmtpServer};
use rosterd_client::{Client, ErrorCode, NewAccount};
use rosterd_domain::link::LinkKind;
use rosterd_domain::mail::MailState;
use rosterd_domain::public_url::PublicUrl;
use rosterd_testkit::{DbKind, PASSWORD, Postbox, TestDb, TestServer, TokenKind, Welcome, run};

use crate::{anonymous, assert_code};

#[test]
fn mails_are_listed_sent_once_more_and_tested() {
    run::block_on(async {
        let postbox =
            Postbox::start(
                |recipient| {
                    if recipient.starts_with("ada") { Welcome::Take } else { Welcome::Say("550 no") }
                },
            );
        let builder = TestServer::builder(TestDb::fresh(DbKind::OwnSqlite)).settings(|settings| {
            let server = SmtpServer::parse(&postbox.url()).unwrap();
            let sender = Sender::parse("accounts@rosterd.test").unwrap();
            settings.mail = Some(MailSettings {
                every: std::time::Duration::from_hours(1),
                ..MailSettings::new(server, sender)
            });
        });
        let server = builder.start().await;
        let ada = server.db_admin("ada").create().await;
        let ada = Client::new(server.url()).unwrap().with_token(server.token(TokenKind::Valid, ada.id()));
        assert!(ada.test_mail().await.unwrap().sent);
        for name in ["bob", "carol"] {
            let owner = server.db_user(name).create().await;
            let own =
                Client::new(server.url()).unwrap().with_token(server.token(TokenKind::Valid, owner.id()));
            own.update_user_password(PASSWORD, "another-long-password").await.unwrap();
        }
        assert_eq!(mail::deliver(server.app()).await.unwrap(), 0);
        let page = ada.list_mails(Some(MailState::Failed), None, Some(1)).await.unwrap();
        let rest = ada.list_mails(None, page.next_cursor.as_deref(), None).await.unwrap();
        assert_eq!((page.mails.len(), rest.mails.len(), rest.next_cursor), (1, 1, None));
        let again = ada.retry_mail(&page.mails[0].id).await.unwrap();
        assert_eq!((again.state, again.attempts), (MailState::Waiting, 0));
        let refused = ada.forgot_password("bob@example.com").await;
        assert_code(refused, 403, &ErrorCode::AccessProhibited);
        assert_code(ada.retry_mail("nobody").await, 404, &ErrorCode::NotFound);
    });
}

#[test]
fn who_signs_up_confirms_the_e_mail_address() {
    run::block_on(async {
        let postbox = Postbox::willing();
        let builder = TestServer::builder(TestDb::fresh(DbKind::OwnSqlite)).settings(|settings| {
            let server = SmtpServer::parse(&postbox.url()).unwrap();
            let sender = Sender::parse("accounts@rosterd.test").unwrap();
            settings.mail = Some(MailSettings {
                every: std::time::Duration::from_hours(1),
                ..MailSettings::new(server, sender)
            });
            settings.public_url = Some(PublicUrl::parse("https://chat.example.com").unwrap());
            settings.confirm_email = true;
        });
        let server = builder.start().await;
        server.db_admin("ada").create().await;
        server.db_set_config("ui.enable_signup", serde_json::json!(true)).await;
        server.db_set_config("ui.default_user_role", serde_json::json!("user")).await;
        let somebody = anonymous(&server);
        let account = NewAccount {
            name: "Zoe".to_owned(),
            email: "zoe@example.com".to_owned(),
            password: PASSWORD.to_owned(),
            profile_image_url: None,
        };
        let session = somebody.user_sign_up(&account).await.unwrap();
        let zoe = somebody.with_token(session.token);
        assert!(zoe.get_backend_config().await.unwrap().email_unconfirmed);
        assert_code(zoe.resend_email_confirmation().await, 429, &ErrorCode::RateLimitExceeded);
        server.clock().advance(300);
        assert!(zoe.resend_email_confirmation().await.unwrap());
        assert_eq!(mail::deliver(server.app()).await.unwrap(), 1);
        let text = postbox.take_posted().remove(0).text();
        let (_, token) = text.split_once("/console/link#").unwrap();
        let token = token.split_whitespace().next().unwrap();
        assert_eq!(somebody.show_link(token).await.unwrap().kind, LinkKind::Confirm);
        assert!(somebody.confirm_email(token).await.unwrap());
        assert_code(somebody.confirm_email(token).await, 400, &ErrorCode::InvalidLink);
        assert_code(zoe.resend_email_confirmation().await, 409, &ErrorCode::Conflict);
        assert!(!zoe.get_backend_config().await.unwrap().email_unconfirmed);
    });
}
