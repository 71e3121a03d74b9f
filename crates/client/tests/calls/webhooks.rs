//! Webhooks.

use rosterd_app::{audit, webhooks};
use rosterd_client::{Client, ErrorCode, NewWebhook, WebhookUpdate};
use rosterd_domain::webhook::DeliveryState;
use rosterd_testkit::{DbKind, Receiver, TestDb, TestServer, TokenKind, run};

use crate::{assert_code, client};

#[test]
fn webhooks_are_made_changed_tested_listed_and_deleted() {
    run::block_on(async {
        let server = TestServer::start(TestDb::fresh(DbKind::OwnSqlite)).await;
        let ada = server.db_admin("ada").create().await;
        let ada = Client::new(server.url()).unwrap().with_token(server.token(TokenKind::Valid, ada.id()));
        let receiver = Receiver::willing();
        let hook = NewWebhook::new(receiver.url(), ["webhook.*"]).description("For a test");
        let made = ada.create_webhook(&hook).await.unwrap();
        assert!(!format!("{made:?}").contains(&made.secret));
        let id = made.webhook.id.clone();
        assert_eq!(ada.list_webhooks().await.unwrap(), [made.webhook]);
        assert!(ada.test_webhook(&id).await.unwrap().delivered);
        let rotated = ada.rotate_webhook(&id, Some(60)).await.unwrap();
        assert_ne!(rotated.secret, made.secret);
        assert_eq!(rotated.webhook.previous_secret_until, Some(server.now() + 60));
        audit::seal(server.app()).await.unwrap();
        assert_eq!(webhooks::deliver(server.app()).await.unwrap(), 3);
        let page = ada.list_webhook_deliveries(&id, None, None, Some(2)).await.unwrap();
        let rest =
            ada.list_webhook_deliveries(&id, None, page.next_cursor.as_deref(), Some(2)).await.unwrap();
        assert_eq!((page.deliveries.len(), rest.deliveries.len(), rest.next_cursor), (2, 1, None));
        let again = ada.retry_webhook_delivery(&id, &page.deliveries[0].id).await.unwrap();
        assert_eq!(again.state, DeliveryState::Waiting);
        let waiting =
            ada.list_webhook_deliveries(&id, Some(DeliveryState::Waiting), None, None).await.unwrap();
        assert_eq!(waiting.deliveries, [again]);
        let update = WebhookUpdate::new().events(["user.*"]).description("").enabled(false);
        let version = ada.get_webhook(&id).await.unwrap().version.unwrap();
        let changed = ada.update_webhook_if(&id, &update, &version).await.unwrap().value;
        assert_eq!(ada.get_webhook(&id).await.unwrap().value, changed);
        let late = ada.update_webhook_if(&id, &update, &version).await;
        assert_code(late, 412, &ErrorCode::PreconditionFailed);
        assert_eq!(ada.update_webhook(&id, &update).await.unwrap(), changed);
        assert_eq!(changed.events, ["user.*"]);
        assert_eq!(changed.disabled.map(|disabled| disabled.reason).as_deref(), Some("admin"));
        let wrong = ada.update_webhook(&id, &WebhookUpdate::new().url("nowhere")).await;
        assert_code(wrong, 422, &ErrorCode::ValidationError);
        assert!(ada.delete_webhook(&id).await.unwrap());
        assert_code(ada.delete_webhook(&id).await, 404, &ErrorCode::NotFound);
    });
}

#[test]
fn a_database_without_webhooks_says_so() {
    run::block_on(async {
        let server = crate::server().await;
        assert_code(client(&server, "ada").list_webhooks().await, 409, &ErrorCode::Conflict);
    });
}
