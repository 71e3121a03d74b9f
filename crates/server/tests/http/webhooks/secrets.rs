//! Secrets that are replaced: those of webhooks, and the one of tokens that seals them.

use rosterd_app::settings::TokenSecret;
use rosterd_app::webhooks;
use rosterd_testkit::{Receiver, TestServer, TokenKind, with_servers};
use serde_json::{Value, json};

use super::{Hook, deliver, fresh, rename};

with_servers!(own, w5_while_a_secret_is_replaced_both_sign, async |server| {
    let ada = server.db_admin("ada").create().await;
    let bob = server.db_user("bob").create().await;
    let receiver = Receiver::willing();
    let hook = Hook::make(&ada, &receiver, &["user.updated"]).await;
    let rotated = ada.post(&hook.path("/rotate"), json!({ "overlap": 3600 })).await;
    let new = Hook::of(&rotated);
    assert_ne!(new.secret, hook.secret);
    assert_eq!(rotated.at("/previous_secret_until"), server.now() + 3600);
    rename(&ada, &bob, "bob 1").await;
    deliver(&server).await;
    server.clock().advance(3600);
    let ada = fresh(&server, &ada);
    rename(&ada, &bob, "bob 2").await;
    deliver(&server).await;
    let third = Hook::of(&ada.post(&hook.path("/rotate"), json!({ "overlap": 0 })).await);
    rename(&ada, &bob, "bob 3").await;
    deliver(&server).await;
    let sent = receiver.received();
    let signed: Vec<_> = sent
        .iter()
        .map(|request| [&hook, &new, &third].map(|hook| request.signed_with(&hook.secret)))
        .collect();
    assert_eq!(signed, [[Some(1), Some(0), None], [None, Some(0), None], [None, None, Some(0)]]);
    assert_eq!(hook.shown(&ada).await["previous_secret_until"], Value::Null);
});

/// Another server on the same database with other secrets for tokens.
async fn with_secrets(server: &TestServer, secret: &str, previous: Option<TokenSecret>) -> TestServer {
    let secret = TokenSecret::new(secret);
    let builder = server.second_builder().settings(|settings| {
        settings.secret = secret;
        settings.previous_secret = previous;
    });
    builder.start().await
}

with_servers!(own, w5_a_secret_outlives_a_change_of_the_token_secret, async |server| {
    let ada = server.db_admin("ada").create().await;
    let bob = server.db_user("bob").create().await;
    let receiver = Receiver::willing();
    let hook = Hook::make(&ada, &receiver, &["user.updated"]).await;
    let rotated = Hook::of(&ada.post(&hook.path("/rotate"), json!({})).await);
    let before = server.db().db_value("SELECT secret FROM rosterd_webhook");
    let new = "another secret of more than 32 bytes";
    let changing = with_secrets(&server, new, Some(server.app().settings().secret.clone())).await;
    rename(&ada, &bob, "bob 1").await;
    assert_eq!(deliver(&changing).await, 1);
    assert_ne!(server.db().db_value("SELECT secret FROM rosterd_webhook"), before, "sealed anew");
    assert_eq!(webhooks::seal_anew(changing.app()).await.unwrap(), 0);
    // The secret before is not needed any more.
    let changed = with_secrets(&server, new, None).await;
    rename(&ada, &bob, "bob 2").await;
    assert_eq!(deliver(&changed).await, 1);
    for request in receiver.received() {
        let signed = [&rotated, &hook].map(|hook| request.signed_with(&hook.secret));
        assert_eq!(signed, [Some(0), Some(1)], "{request:?}");
    }
});

with_servers!(
    own,
    w5_a_webhook_whose_secret_does_not_open_is_switched_off_until_it_has_a_new_one,
    async |server| {
        let ada = server.db_admin("ada").create().await;
        let bob = server.db_user("bob").create().await;
        let receiver = Receiver::willing();
        let hook = Hook::make(&ada, &receiver, &["user.updated"]).await;
        let other = with_secrets(&server, "another secret of more than 32 bytes", None).await;
        let there = other.anonymous().with_bearer(other.token(TokenKind::Valid, ada.id()));
        rename(&ada, &bob, "Robert").await;
        deliver(&other).await;
        assert_eq!(hook.shown(&there).await["disabled"]["reason"], "secret");
        there.post(&hook.path("/test"), Value::Null).await.assert_error(409, "CONFLICT");
        there.post(&hook.path("/update"), json!({ "enabled": true })).await.assert_error(409, "CONFLICT");
        let new = Hook::of(&there.post(&hook.path("/rotate"), json!({})).await);
        there.post(&hook.path("/update"), json!({ "enabled": true })).await.assert_status(200);
        // As long as its request could have lasted that was not sent.
        server.clock().advance(21);
        assert_eq!(deliver(&other).await, 1);
        let sent = receiver.received();
        let [request] = sent.as_slice() else { panic!("{sent:?}") };
        assert_eq!(request.signed_with(&new.secret), Some(0));
        assert!(!request.header("webhook-signature").contains(' '), "the one before cannot sign");
    }
);
