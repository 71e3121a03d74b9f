//! `POST /users/{id}/make-primary`: rule P9.

use rosterd_app::Record;
use rosterd_domain::secret::PasswordHash;
use rosterd_testkit::{Caller, Method, PASSWORD, Reply, ServerBuilder, TestServer, token, with_servers};
use serde_json::{Value, json};

use crate::races::send;
use crate::support::{NOBODY, at_once, count, form, path_of, rows};

/// An account that comes before every other, also before those of a recorded roster.
async fn primary(server: &TestServer) -> Caller {
    server.db_admin("first").created_at(100).create().await
}

fn target(of: &Caller) -> String {
    path_of(of, "/make-primary")
}

async fn hand_over(from: &Caller, to: &Caller) -> Reply {
    from.post(&target(to), json!({ "password": PASSWORD })).await
}

async fn created_at(server: &TestServer, of: &Caller) -> i64 {
    server.db_get_user(of.id()).await.created_at
}

/// Who comes first by the rule, and who by the time of creation alone, which is all that Open WebUI asks for.
async fn firsts(server: &TestServer) -> (String, Vec<String>) {
    let primary = server.db_read(|db| db.find_primary_admin()).await.unwrap();
    let oldest = server
        .db()
        .db_query_text(r#"SELECT id FROM "user" WHERE created_at = (SELECT min(created_at) FROM "user")"#);
    (primary.to_string(), oldest.into_iter().map(|row| row[0].clone().unwrap()).collect())
}

#[track_caller]
fn assert_first((primary, oldest): &(String, Vec<String>), user: &Caller) {
    assert_eq!((primary.as_str(), oldest.as_slice()), (user.id().as_str(), &[user.id().to_string()][..]));
}

with_servers!(all, p9_the_primary_admin_hands_over_and_is_an_ordinary_admin_afterwards, async |server| {
    let (first, eve) = (primary(&server).await, server.db_admin("eve").created_at(200).create().await);
    let bob = server.db_user("bob").create().await;
    let before = server.db_get_user(bob.id()).await;
    server.clock().advance(10);
    server.forget_events();
    let shown = hand_over(&first, &eve).await.assert_status(200).json();
    let now = server.now();
    assert_eq!(
        (&shown["id"], &shown["created_at"], &shown["updated_at"]),
        (&json!(eve.id()), &json!(100), &json!(now))
    );
    let former = server.db_get_user(first.id()).await;
    assert_eq!((former.created_at, former.updated_at), (200, now));
    assert_first(&firsts(&server).await, &eve);
    assert_eq!(server.db_get_user(bob.id()).await, before);

    let told: Vec<Value> = server.take_events().iter().map(Record::to_json).collect();
    assert_eq!(told.len(), 1, "{told:?}");
    assert_eq!(told[0]["event"], "user.primary_changed");
    assert_eq!((&told[0]["subject"]["id"], &told[0]["former"]), (&json!(eve.id()), &json!(first.id())));
    assert_eq!(told[0]["changes"], json!({ "created_at": { "before": 200, "after": 100 } }));

    // Both sessions go on, and rule P1 is about the other account now.
    let demote = |user: &Caller| form("x", user.email(), json!({ "role": "user" }));
    first.post(&path_of(&eve, "/update"), demote(&eve)).await.assert_error(403, "ACTION_PROHIBITED");
    hand_over(&first, &eve).await.assert_error(403, "ACTION_PROHIBITED");
    hand_over(&eve, &first).await.assert_status(200);
    assert_eq!((created_at(&server, &first).await, created_at(&server, &eve).await), (100, 200));
    first.post(&path_of(&eve, "/update"), demote(&eve)).await.assert_status(200);
});

with_servers!(all, p9_who_cannot_hand_over_or_follow_is_refused_and_nothing_changes, async |server| {
    let (first, eve) = (primary(&server).await, server.db_admin("eve").create().await);
    let (bob, off) = (server.db_user("bob").create().await, server.db_admin("off").create().await);
    server.db_set_active(&off, false);
    let before = firsts(&server).await;
    server.forget_events();
    // The password is not looked at before the rest is right.
    let wrong = json!({ "password": "not this one" });
    eve.post(&target(&eve), &wrong).await.assert_error(403, "ACTION_PROHIBITED");
    eve.post(&target(&first), &wrong).await.assert_error(403, "ACTION_PROHIBITED");
    for (to, word) in [(&first, "already"), (&bob, "role admin"), (&off, "sign in")] {
        let refused = first.post(&target(to), &wrong).await;
        refused.assert_error(409, "CONFLICT");
        assert!(refused.text().contains(word), "{word}: {refused}");
    }
    let nobody = format!("/api/v1/users/{NOBODY}/make-primary");
    first.post(&nobody, &wrong).await.assert_error(404, "NOT_FOUND");
    first.post(&target(&eve), &wrong).await.assert_error(400, "INCORRECT_PASSWORD");
    first.post(&target(&eve), json!({})).await.assert_invalid(&["body/password"]);
    first.post(&target(&eve), json!({ "password": 7 })).await.assert_invalid(&["body/password"]);
    assert_eq!(firsts(&server).await, before);
    assert_eq!(server.take_events().len(), 0);
});

with_servers!(
    all,
    p9_m28_a_wrong_password_counts_like_one_at_a_change_of_the_password,
    |server| server.settings(|settings| settings.sign_in_limit.per_email = 3),
    async |server| {
        let (first, eve) = (primary(&server).await, server.db_admin("eve").create().await);
        let wrong = json!({ "password": "not this one" });
        // What is refused before the password is looked at does not count.
        for _ in 0..5 {
            first.post(&target(&first), &wrong).await.assert_error(409, "CONFLICT");
        }
        for _ in 0..2 {
            first.post(&target(&eve), &wrong).await.assert_error(400, "INCORRECT_PASSWORD");
        }
        let change = json!({ "password": "not this one", "new_password": "another-long-password" });
        first.post("/api/v1/auths/update/password", change).await.assert_error(400, "INCORRECT_PASSWORD");
        let refused = hand_over(&first, &eve).await;
        refused.assert_error(429, "RATE_LIMIT_EXCEEDED");
        assert!(refused.header("retry-after").is_some());
        server.clock().advance(600);
    }
);

with_servers!(all, p9_t8_without_a_password_the_command_line_is_named, async |server| {
    let (first, eve) = (primary(&server).await, server.db_admin("eve").create().await);
    let told = |refused: &Reply| {
        refused.assert_error(409, "CONFLICT");
        assert!(refused.text().contains("rosterd user make-primary"), "{refused}");
    };
    // A session that a proxy opened: its account may have a password all the same.
    let claims = json!({ "id": first.id(), "session_stamp": null, "auth_method": "trusted_header" });
    let vouched = first.with_bearer(token::sign(&claims, server.app().settings().secret.expose()));
    told(&vouched.post(&target(&eve), json!({ "password": "a guess" })).await);
    let unset = PasswordHash::unset(4);
    let sql = format!("UPDATE auth SET password = '{}' WHERE id = '{}'", unset.expose(), first.id());
    server.db().db_execute(&sql);
    told(&hand_over(&first, &eve).await);
    assert_first(&firsts(&server).await, &first);
});

with_servers!(all, p9_of_equal_times_the_new_one_becomes_earlier, async |server| {
    let make = async |id: &str, at: i64| server.db_admin(id).id(id).created_at(at).create().await;
    let (first, eve) = (make("a", 100).await, make("b", 100).await);
    hand_over(&first, &eve).await.assert_status(200);
    assert_eq!((created_at(&server, &first).await, created_at(&server, &eve).await), (100, 99));
    assert_first(&firsts(&server).await, &eve);
});

with_servers!(all, p9_no_third_account_comes_first_by_it, async |server| {
    let make = async |id: &str, at: i64| server.db_admin(id).id(id).created_at(at).create().await;
    let (first, _third, eve) = (make("a", 100).await, make("b", 100).await, make("c", 200).await);
    hand_over(&first, &eve).await.assert_status(200);
    assert_eq!((created_at(&server, &first).await, created_at(&server, &eve).await), (200, 99));
    assert_first(&firsts(&server).await, &eve);
});

/// More connections than cores, so that transactions do meet.
fn crowded(server: ServerBuilder) -> ServerBuilder {
    server.store(|store| store.threads = 8)
}

with_servers!(all, p9_of_several_hand_overs_at_once_one_is_made, crowded, async |server| {
    let first = primary(&server).await;
    let mut others = Vec::new();
    for number in 1..=6 {
        let name = format!("admin {number}");
        others.push(server.db_admin(&name).created_at(100 + number).create().await);
    }
    let password = json!({ "password": PASSWORD });
    let requests = others.iter().map(|to| send(first.clone(), Method::POST, target(to), password.clone()));
    let replies = at_once(requests).await;
    assert_eq!(count(&replies, 200, (403, "ACTION_PROHIBITED")), 1);
    let winner = replies.iter().position(|reply| reply.status() == 200).unwrap();
    assert_first(&firsts(&server).await, &others[winner]);
    // No time is lost, and none is there twice.
    let mut times = vec![created_at(&server, &first).await];
    for other in &others {
        times.push(created_at(&server, other).await);
    }
    times.sort_unstable();
    assert_eq!(times, (100..=106).collect::<Vec<i64>>());
});

with_servers!(
    all,
    p9_a_hand_over_among_changes_of_the_target_is_made_whole_or_not,
    crowded,
    async |server| {
        let (mut first, ben) = (primary(&server).await, server.db_admin("ben").create().await);
        for round in 0..6 {
            let name = format!("eve {round}");
            let eve = server.db_admin(&name).email(&format!("eve{round}@rosterd.test")).create().await;
            let (method, path, body) = if round % 2 == 0 {
                (Method::POST, path_of(&eve, "/update"), form("x", eve.email(), json!({ "role": "user" })))
            } else {
                (Method::DELETE, path_of(&eve, ""), Value::Null)
            };
            let replies = at_once([
                send(first.clone(), Method::POST, target(&eve), json!({ "password": PASSWORD })),
                send(ben.clone(), method, path, body),
            ])
            .await;
            let [handed, changed] = &replies[..] else { panic!("two answers") };
            if handed.status() == 200 {
                changed.assert_error(403, "ACTION_PROHIBITED");
                assert_eq!(
                    rows(&server, &format!(r#""user" WHERE id = '{}' AND role = 'admin'"#, eve.id())),
                    1
                );
                first = eve;
            } else {
                changed.assert_status(200);
                let refused = if round % 2 == 0 { (409, "CONFLICT") } else { (404, "NOT_FOUND") };
                handed.assert_error(refused.0, refused.1);
            }
            assert_first(&firsts(&server).await, &first);
        }
    }
);
