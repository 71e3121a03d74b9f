//! What is no change: failed sign-ins, refused set-ups and refused calls, counted for an account, a client IP and a minute.

use rosterd_app::audit;
use rosterd_testkit::{Method, PASSWORD, TestServer, with_databases, with_servers};
use serde_json::json;

use super::{events, keeping, seal, verify};
use crate::support::{LIST, path_of};

async fn fail(server: &TestServer, email: &str) {
    let form = json!({ "email": email, "password": "not-this-one" });
    server.anonymous().post("/api/v1/auths/signin", form).await.assert_status(400);
}

async fn write_counted(server: &TestServer) -> usize {
    audit::write_counted(server.app()).await.unwrap()
}

with_databases!(all, failed_sign_ins_are_one_row_for_an_account_a_client_ip_and_a_minute, async |db| {
    let server = keeping(db).await;
    let bob = server.db_user("bob").create().await;
    for _ in 0..2 {
        fail(&server, bob.email()).await;
        fail(&server, bob.email()).await;
        fail(&server, "who@example.com").await;
        assert_eq!(write_counted(&server).await, 2, "the second time they are added to the first rows");
    }
    let rows = events(&server).await;
    let mut told: Vec<_> = rows
        .iter()
        .map(|row| (row.subject_label.as_deref(), row.subject_id.as_deref(), row.count, row.action.as_str()))
        .collect();
    told.sort_unstable();
    let of_bob = (Some("bob"), Some(bob.id().as_str()), Some(4), "sign_in.failed");
    assert_eq!(told, [(None, None, Some(2), "sign_in.failed"), of_bob]);
    assert!(rows.iter().all(|row| row.client_ip.as_deref() == Some("127.0.0.1")), "{rows:?}");
    server.clock().advance(60);
    fail(&server, bob.email()).await;
    assert_eq!(write_counted(&server).await, 1);
    assert_eq!(events(&server).await.len(), 3, "another minute is another row");
});

with_servers!(own, a_counted_row_is_sealed_when_it_cannot_grow_any_more, async |server| {
    fail(&server, "who@example.com").await;
    write_counted(&server).await;
    assert_eq!(seal(&server).await, 0, "its minute is not over");
    server.clock().advance(181);
    assert_eq!(seal(&server).await, 1);
    // A process whose clock is behind does not add to a sealed row.
    server.clock().advance(-181);
    fail(&server, "who@example.com").await;
    write_counted(&server).await;
    let counts: Vec<_> = events(&server).await.into_iter().map(|row| row.count).collect();
    assert_eq!(counts, [Some(1), Some(1)]);
    assert!(verify(&server, None).await.report.is_whole());
});

with_servers!(own, a_refused_call_for_admins_is_told_of_with_its_route, async |server| {
    let ada = server.db_admin("ada").create().await;
    let bob = server.db_user("bob").create().await;
    bob.get(LIST).await.assert_status(401);
    bob.get(LIST).await.assert_status(401);
    bob.delete(&path_of(&ada, "")).await.assert_status(401);
    server.anonymous().get(LIST).await.assert_status(401);
    ada.get(LIST).await.assert_status(200);
    assert_eq!(write_counted(&server).await, 2);
    let mut told: Vec<_> = events(&server)
        .await
        .into_iter()
        .map(|row| (row.action, row.actor_id, row.subject_kind, row.subject_id, row.count))
        .collect();
    told.sort();
    let row = |call: &str, count| {
        let by = Some(bob.id().as_str().to_owned());
        ("call.refused".to_owned(), by, Some("call".to_owned()), Some(call.to_owned()), Some(count))
    };
    assert_eq!(told, [row("DELETE /api/v1/users/{id}", 1), row("GET /api/v1/users/", 2)]);
});

with_servers!(own, a3_a_refused_set_up_is_one_row_for_a_client_ip_and_a_minute, async |server| {
    let form = json!({ "name": "eve", "email": "eve@example.com", "password": PASSWORD });
    let refused = async || {
        // Others can reach this server, as a forwarded header shows; and there is no account yet.
        let request = server.anonymous().request(Method::POST, "/api/v1/auths/signup").json(&form);
        let request = request.header("x-forwarded-for", "192.0.2.1").header("x-setup-token", "guessed");
        request.send().await.assert_error(403, "SETUP_TOKEN_REQUIRED");
    };
    refused().await;
    refused().await;
    assert_eq!(write_counted(&server).await, 1);
    refused().await;
    assert_eq!(write_counted(&server).await, 1, "it is added to the same row");
    let rows = events(&server).await;
    let [row] = rows.as_slice() else { panic!("{rows:?}") };
    assert_eq!((row.action.as_str(), row.count), ("setup.failed", Some(3)));
    let actor = (row.actor_kind.as_str(), row.actor_id.as_deref(), row.actor_via.as_deref());
    assert_eq!(actor, ("visitor", None, None));
    assert_eq!((row.subject_kind.as_deref(), row.subject_id.as_deref()), (None, None));
    assert_eq!(row.client_ip.as_deref(), Some("127.0.0.1"), "no proxy is trusted here");
    assert_eq!((row.subject_label.as_deref(), row.details.as_deref()), (None, None), "nothing of the form");
    server.clock().advance(181);
    assert_eq!(seal(&server).await, 1);
    assert!(verify(&server, None).await.report.is_whole());
});

with_servers!(own, what_was_counted_is_written_at_a_stop, async |server| {
    fail(&server, "who@example.com").await;
    let second = server.second().await;
    server.stop().await;
    assert_eq!(events(&second).await.len(), 1);
});
