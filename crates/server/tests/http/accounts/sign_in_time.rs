//! How long a refused sign-in takes, counted in rounds of bcrypt and the like: it must not tell who has an account.

use std::collections::BTreeMap;

use rosterd_testkit::{ServerBuilder, TestServer, with_servers};

use super::sign_in;

/// A server whose cost was raised after some accounts were made.
fn dearer(server: ServerBuilder) -> ServerBuilder {
    server.settings(|settings| {
        settings.bcrypt_cost = 7;
        settings.sign_in_limit.per_email = 10_000;
    })
}

/// The rounds that a refused sign-in takes, or what stands for them with another kind of hash.
async fn rounds(server: &TestServer, email: &str) -> u64 {
    let before = server.app().password_rounds();
    sign_in(server, email, "not my password").await.assert_error(400, "INVALID_CREDENTIALS");
    server.app().password_rounds() - before
}

with_servers!(own, an_unknown_address_costs_what_accounts_cost, dearer, async |server| {
    // Nobody yet: what the first account will cost.
    assert_eq!(rounds(&server, "stranger@rosterd.test").await, 1 << 7);
    // Three of four accounts have hashes from before.
    for number in 0..8 {
        let user = server.db_user(&format!("user{number}")).create().await;
        let cost = if number < 6 { 4 } else { 5 };
        server.db().db_execute(&format!(
            "UPDATE auth SET password = '$2b$0{cost}$' || substr(password, 8) WHERE id = '{}'",
            user.id()
        ));
        assert_eq!(rounds(&server, user.email()).await, 1 << cost);
    }
    server.clock().advance(60);
    let mut costs = BTreeMap::<u64, u32>::new();
    for number in 0..200 {
        let email = format!("stranger{number}@rosterd.test");
        let cost = rounds(&server, &email).await;
        *costs.entry(cost).or_default() += 1;
        if number < 20 {
            // The same e-mail address costs the same however it is written.
            assert_eq!(rounds(&server, &email).await, cost);
            assert_eq!(rounds(&server, &format!(" {}", email.to_uppercase())).await, cost);
        }
    }
    assert_eq!(costs.keys().copied().collect::<Vec<_>>(), [1 << 4, 1 << 5], "none of the configured cost");
    // About three of four; which e-mail addresses these are depends on the test's secret alone.
    assert!((130..=170).contains(&costs[&(1 << 4)]), "{costs:?}");
});

with_servers!(
    own,
    m27_an_unknown_address_costs_what_accounts_cost_at_any_mix_of_hashes,
    dearer,
    async |server| {
        // Four of the first kind, two of the second and two of the third; the numbers are what each takes.
        let (bcrypt, django, argon2) = (1 << 7, 1000, 64);
        for number in 0..8 {
            let user = server.db_user(&format!("user{number}")).create().await;
            let (hash, work) = match number {
                0..4 => ("$2b$07$rosterdrosterdrosterduZxq0Mjs5B1nX8vY3cWk7tLhPe2aGmSK", bcrypt),
                4..6 => ("pbkdf2_sha256$1000$salt$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=", django),
                _ => ("$argon2id$v=19$m=64,t=1,p=1$c2FsdHNhbHRzYWx0$AAAAAAAAAAAAAAAAAAAAAA", argon2),
            };
            let sql = format!("UPDATE auth SET password = '{hash}' WHERE id = '{}'", user.id());
            server.db().db_execute(&sql);
            assert_eq!(rounds(&server, user.email()).await, work, "{hash}");
        }
        server.clock().advance(60);
        let mut costs = BTreeMap::<u64, u32>::new();
        for number in 0..200 {
            let cost = rounds(&server, &format!("stranger{number}@rosterd.test")).await;
            *costs.entry(cost).or_default() += 1;
        }
        assert_eq!(costs.keys().copied().collect::<Vec<_>>(), [argon2, bcrypt, django]);
        // About half, a quarter and a quarter; which e-mail addresses these are depends on the test's secret alone.
        assert!((75..=125).contains(&costs[&bcrypt]), "{costs:?}");
        assert!((30..=70).contains(&costs[&django]), "{costs:?}");
    }
);

with_servers!(all, an_account_that_is_shut_costs_what_it_cost, dearer, async |server| {
    let bob = server.db_user("bob").create().await;
    let open = rounds(&server, bob.email()).await;
    server.db_set_active(&bob, false);
    assert_eq!(rounds(&server, bob.email()).await, open);
    let before = server.app().password_rounds();
    sign_in(&server, bob.email(), bob.password()).await.assert_error(400, "INVALID_CREDENTIALS");
    assert_eq!(server.app().password_rounds() - before, open, "also with the right password");
});
