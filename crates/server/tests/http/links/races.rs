//! Links that are used by many at the same moment, at two servers (rule O3).

use rosterd_testkit::{Method, ServerBuilder, TestServer, with_databases};
use serde_json::json;

use super::{ACCEPT, INVITE, NEW, RESET, adopted_with, invite, primary, reset_link, token_of};
use crate::accounts::sign_in;
use crate::races::send;
use crate::support::{SETTINGS, at_once, count, path_of, rows};

const MANY: usize = 32;

/// More connections than cores, so that transactions do meet.
fn crowded(server: ServerBuilder) -> ServerBuilder {
    server.store(|store| store.threads = 8)
}

/// The same request so often, half of them to each server.
async fn at_both(servers: [&TestServer; 2], path: &str, token: &str) -> Vec<rosterd_testkit::Reply> {
    let form = json!({ "token": token, "password": NEW });
    let request =
        |number: usize| send(servers[number % 2].anonymous(), Method::POST, path.to_owned(), form.clone());
    at_once((0..MANY).map(request)).await
}

with_databases!(all, o3_of_32_who_use_a_link_at_once_at_two_servers_one_does, async |db| {
    let server = adopted_with(db, crowded).await;
    let second = crowded(server.second_builder()).start().await;
    let first = primary(&server).await;
    let bob = server.db_user("bob").create().await;
    let token = reset_link(&first, &bob).await;
    let replies = at_both([&server, &second], RESET, &token).await;
    assert_eq!(count(&replies, 200, (400, "INVALID_LINK")), 1);
    sign_in(&second, bob.email(), NEW).await.assert_status(200);

    let token = invite(&first, "eve").await;
    let replies = at_both([&server, &second], ACCEPT, &token).await;
    assert_eq!(count(&replies, 200, (400, "INVALID_LINK")), 1);
    let opened = replies.iter().find(|reply| reply.status() == 200).unwrap();
    let id = opened.at("/id").as_str().unwrap().to_owned();
    let eve = server.anonymous().with_bearer(opened.at("/token").as_str().unwrap());
    for node in [&server, &second] {
        eve.through(node).get(SETTINGS).await.assert_status(200);
    }
    assert_eq!(rows(&server, &format!("rosterd_session WHERE user_id = '{id}'")), 1);
    assert_eq!(rows(&server, "rosterd_link"), 0);
    second.stop().await;
});

with_databases!(all, o3_a_link_that_is_used_while_it_is_replaced_works_before_or_not_at_all, async |db| {
    let server = adopted_with(db, crowded).await;
    let first = primary(&server).await;
    for round in 0..4 {
        let bob = server.db_user("bob").email(&format!("bob{round}@rosterd.test")).create().await;
        let old = reset_link(&first, &bob).await;
        let form = json!({ "token": old, "password": NEW });
        let used = send(server.anonymous(), Method::POST, RESET.to_owned(), form);
        let made = send(first.clone(), Method::POST, path_of(&bob, "/password/link"), json!({}));
        let replies = at_once([used, made]).await;
        count(&replies[..1], 200, (400, "INVALID_LINK"));
        let token = token_of(&replies[1]);
        super::look(&server, &old).await.assert_error(400, "INVALID_LINK");
        // A password that was set after it has ended it as well.
        if replies[0].status() != 200 {
            super::set(&server, RESET, &token).await.assert_status(200);
        }
        sign_in(&server, bob.email(), NEW).await.assert_status(200);
    }
});

with_databases!(all, o5_r2_of_32_invites_for_one_address_one_is_made, async |db| {
    let server = adopted_with(db, crowded).await;
    let first = primary(&server).await;
    let form = json!({ "email": "eve@rosterd.test", "name": "Eve" });
    let invites = (0..MANY).map(|_| send(first.clone(), Method::POST, INVITE.to_owned(), form.clone()));
    let replies = at_once(invites).await;
    assert_eq!(count(&replies, 200, (400, "EMAIL_TAKEN")), 1);
    assert_eq!(rows(&server, "rosterd_link"), 1);
});
