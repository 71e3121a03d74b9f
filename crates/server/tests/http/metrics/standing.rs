//! What the metrics say of lanes, database, sign-ins, accounts and jobs.

use std::time::{Duration, Instant};

use rosterd_app::{audit, mail, webhooks};
use rosterd_storage::{Store, StoreOptions};
use rosterd_testkit::{
    DbKind, PASSWORD, Postbox, Reaction, Receiver, TestServer, Welcome, run, with_databases, with_servers,
};
use serde_json::json;

use super::{apart, samples};
use crate::mail::by;
use crate::support::{SETTINGS, UPDATE_SETTINGS};

/// The value of a sample; -1 where it is missing.
async fn value(server: &TestServer, sample: &str) -> f64 {
    let page = server.at_metrics().get("/metrics").await;
    samples(&page).get(sample).map_or(-1.0, |value| value.parse().unwrap())
}

#[track_caller]
fn assert_same(got: f64, wanted: f64, of: &str) {
    assert!((got - wanted).abs() < f64::EPSILON, "{of} is {got} and not {wanted}");
}

/// Waits until a sample has this value, which something in the background is about to bring about.
async fn wait_for(server: &TestServer, sample: &str, wanted: impl Fn(f64) -> bool) {
    let end = Instant::now() + Duration::from_secs(30);
    while !wanted(value(server, sample).await) {
        assert!(Instant::now() < end, "{sample} is {}", value(server, sample).await);
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

async fn sign_in(server: &TestServer, email: &str, password: &str) -> u16 {
    let form = json!({ "email": email, "password": password });
    server.anonymous().post("/api/v1/auths/signin", form).await.status()
}

with_servers!(all, sign_ins_are_counted_by_result, |server| apart(server, None), async |server| {
    let bob = server.db_user("bob").create().await;
    assert_eq!(sign_in(&server, bob.email(), bob.password()).await, 200);
    assert_eq!(sign_in(&server, bob.email(), "wrong password").await, 400);
    assert_eq!(sign_in(&server, "nobody@example.test", "wrong password").await, 400);
    for (result, count) in [("success", 1.0), ("refused", 2.0), ("limited", 0.0), ("failed", 0.0)] {
        let sample = format!("rosterd_sign_ins_total{{method=\"password\",result=\"{result}\"}}");
        assert_same(value(&server, &sample).await, count, &sample);
    }
    assert!(value(&server, "rosterd_lane_wait_seconds_count{lane=\"hash\"}").await >= 3.0);
});

with_servers!(own, accounts_are_active_for_three_minutes, |server| apart(server, None), async |server| {
    for name in ["ada", "bob"] {
        let user = server.db_user(name).create().await;
        user.get(SETTINGS).await.assert_status(200);
        user.get(SETTINGS).await.assert_status(200);
    }
    assert_same(value(&server, "rosterd_active_users").await, 2.0, "active users");
    server.clock().advance(181);
    assert_same(value(&server, "rosterd_active_users").await, 0.0, "active users");
});

with_servers!(own, writes_and_connections_are_counted, |server| apart(server, None), async |server| {
    let bob = server.db_user("bob").create().await;
    bob.post(UPDATE_SETTINGS, json!({ "a": 1 })).await.assert_status(200);
    bob.get("/api/v1/users/search?query=bob").await.assert_status(200);
    assert!(value(&server, "rosterd_lane_wait_seconds_count{lane=\"scan\"}").await >= 1.0);
    assert!(value(&server, "rosterd_pool_connections{pool=\"scan\"}").await >= 1.0);
    assert_same(value(&server, "rosterd_lane_hanging_threads{lane=\"point\"}").await, 0.0, "hanging threads");
    if server.store().is_sqlite() {
        assert!(value(&server, "rosterd_writer_writes_total").await >= 1.0);
        assert!(value(&server, "rosterd_writer_batch_seconds_count").await >= 1.0);
        assert!(value(&server, "rosterd_wal_size_bytes").await > 0.0);
        assert!(value(&server, "rosterd_lane_wait_seconds_count{lane=\"writer\"}").await >= 1.0);
    } else {
        assert!(value(&server, "rosterd_lane_wait_seconds_count{lane=\"point\"}").await >= 1.0);
        assert_same(value(&server, "rosterd_writer_writes_total").await, -1.0, "SQLite's writer");
    }
});

with_servers!(all, jobs_tell_of_their_runs, |server| apart(server, None), async |server| {
    let runs = "rosterd_job_runs_total{job_name=\"readiness\",result=\"success\"}";
    wait_for(&server, runs, |count| count >= 1.0).await;
    let last = value(&server, "rosterd_job_last_success_timestamp_seconds{job_name=\"readiness\"}").await;
    assert_same(last, f64::from(i32::try_from(server.now()).unwrap()), "the last success");
    assert!(value(&server, "rosterd_job_lag_seconds{job_name=\"readiness\"}").await >= 0.0);
    wait_for(&server, "rosterd_database_ready", |ready| ready > 0.5).await;
});

with_databases!(all, webhooks_and_their_deliveries_are_counted, async |db| {
    Store::open(&StoreOptions::new(db.database_url())).unwrap().adopt_apply().await.unwrap();
    let server = apart(TestServer::builder(db), None).start().await;
    let ada = server.db_admin("ada").create().await;
    let receiver = Receiver::start(|request| {
        Reaction::status(if request.kind() == "group.created" { 503 } else { 204 })
    });
    let hook = json!({ "url": receiver.url(), "events": ["group.*", "webhook.created"] });
    let made = ada.post("/api/v1/webhooks", hook).await.assert_status(200).json();
    let id = made["id"].as_str().unwrap();
    let group = json!({ "name": "g", "description": "" });
    ada.post("/api/v1/groups/create", group).await.assert_status(200);
    audit::seal(server.app()).await.unwrap();
    assert_eq!(webhooks::deliver(server.app()).await.unwrap(), 2);
    for (result, count) in [("delivered", 1.0), ("again", 1.0), ("failed", 0.0), ("gone", 0.0), ("lost", 0.0)]
    {
        let sample = format!("rosterd_webhook_attempts_total{{result=\"{result}\"}}");
        assert_same(value(&server, &sample).await, count, &sample);
    }
    assert_same(value(&server, "rosterd_webhook_attempt_duration_seconds_count").await, 2.0, "requests");
    webhooks::count_waiting(server.app()).await.unwrap();
    let of = async |name: &str, more: &str| {
        value(&server, &format!("rosterd_webhook_{name}{{webhook=\"{id}\"{more}}}")).await
    };
    assert_same(of("waiting_deliveries", "").await, 1.0, "deliveries that wait");
    server.clock().advance(60);
    assert!(of("oldest_waiting_seconds", "").await >= 60.0);
    assert_same(of("state", ",state=\"on\"").await, 1.0, "on");
    ada.post(&format!("/api/v1/webhooks/{id}/update"), json!({ "enabled": false })).await.assert_status(200);
    webhooks::count_waiting(server.app()).await.unwrap();
    assert_same(of("state", ",state=\"on\"").await, 0.0, "on");
    assert_same(of("state", ",state=\"admin\"").await, 1.0, "switched off");
    ada.delete(&format!("/api/v1/webhooks/{id}")).await.assert_status(200);
    webhooks::count_waiting(server.app()).await.unwrap();
    assert_same(of("waiting_deliveries", "").await, -1.0, "a webhook that is gone");
});

with_databases!(own, mails_are_counted, async |db| {
    let postbox =
        Postbox::start(
            |recipient| {
                if recipient.starts_with("bob") { Welcome::Take } else { Welcome::Say("451 later") }
            },
        );
    let server = apart(TestServer::builder(db), None).settings(by(&postbox.url())).start().await;
    let form = json!({ "password": PASSWORD, "new_password": "another-long-password" });
    for name in ["bob", "carol"] {
        let owner = server.db_user(name).create().await;
        owner.post("/api/v1/auths/update/password", form.clone()).await.assert_status(200);
    }
    assert_eq!(mail::deliver(server.app()).await.unwrap(), 1);
    for (result, count) in [("sent", 1.0), ("again", 1.0), ("failed", 0.0), ("cancelled", 0.0)] {
        let sample = format!("rosterd_mail_attempts_total{{result=\"{result}\"}}");
        assert_same(value(&server, &sample).await, count, &sample);
    }
    mail::count_waiting(server.app()).await.unwrap();
    assert_same(value(&server, "rosterd_mail_waiting").await, 1.0, "mails that wait");
    server.clock().advance(60);
    assert_same(value(&server, "rosterd_mail_oldest_waiting_seconds").await, 60.0, "the oldest");
});

/// What the metrics say is wrong, after somebody asked for readiness.
async fn assert_unready(server: &TestServer, kind: &str) {
    server.anonymous().get("/health/db").await.assert_error(503, "UNAVAILABLE");
    assert_same(value(server, "rosterd_database_ready").await, 0.0, "ready");
    for known in rosterd_storage::Unready::ALL.map(rosterd_storage::Unready::as_str) {
        let sample = format!("rosterd_database_trouble{{kind=\"{known}\"}}");
        let wanted = if known == kind { 1.0 } else { 0.0 };
        assert_same(value(server, &sample).await, wanted, &sample);
    }
}

async fn assert_ready(server: &TestServer) {
    server.anonymous().get("/health/db").await.assert_status(200);
    assert_same(value(server, "rosterd_database_ready").await, 1.0, "ready");
}

with_servers!(
    own,
    a_database_that_lacks_a_migration_is_behind,
    |server| apart(server, None),
    async |server| {
        assert_ready(&server).await;
        let newest = "(SELECT max(version) FROM __diesel_schema_migrations)";
        let version = server.db().db_value(&newest[1..newest.len() - 1]).unwrap();
        server
            .db()
            .db_execute(&format!("DELETE FROM __diesel_schema_migrations WHERE version = '{version}'"));
        assert_unready(&server, "behind").await;
        server
            .db()
            .db_execute(&format!("INSERT INTO __diesel_schema_migrations (version) VALUES ('{version}')"));
        assert_ready(&server).await;
    }
);

with_servers!(sqlite, a_file_that_was_replaced_is_lost, |server| apart(server, None), async |server| {
    assert_ready(&server).await;
    let file = server.db().file().unwrap();
    let aside = file.with_extension("aside");
    std::fs::rename(&file, &aside).unwrap();
    assert_unready(&server, "lost_file").await;
    std::fs::rename(&aside, &file).unwrap();
    // Another process may have written to either in between: it needs a restart.
    assert_unready(&server, "lost_file").await;
});

#[test]
fn a_server_that_takes_no_writes_or_no_connections_is_told_apart() {
    let setup = |server: rosterd_testkit::ServerBuilder| {
        apart(server, None).store(|options| options.wait = Duration::from_millis(500))
    };
    run::on_server(DbKind::OwnPostgres, module_path!(), setup, async |server| {
        assert_ready(&server).await;
        server.db().db_alter("SET default_transaction_read_only = on");
        server.db().db_hang_up();
        let _lost = server.anonymous().get("/health/db").await;
        assert_unready(&server, "read_only").await;
        server.db().db_alter("RESET default_transaction_read_only");
        let _of_an_old_session = server.anonymous().get("/health/db").await;
        assert_ready(&server).await;
        server.db().db_alter("ALLOW_CONNECTIONS false");
        server.db().db_hang_up();
        let _lost = server.anonymous().get("/health/db").await;
        assert_unready(&server, "unreachable").await;
        assert!(value(&server, "rosterd_pool_failed_connections_total{pool=\"point\"}").await >= 1.0);
        server.db().db_alter("ALLOW_CONNECTIONS true");
        assert_ready(&server).await;
    });
}
