//! The outbox of mails.

use rosterd_app::mail::{self, MailSettings, Sender, SmtpServer};
use rosterd_client::{Client, ErrorCode};
use rosterd_domain::mail::MailState;
use rosterd_testkit::{DbKind, PASSWORD, Postbox, TestDb, TestServer, TokenKind, Welcome, run};

use crate::assert_code;

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
