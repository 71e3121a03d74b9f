//! Sealing, verifying, removing what is old, erasing a person.

use rosterd_app::{Caller as By, audit};
use rosterd_domain::audit::Fault;
use rosterd_testkit::{Caller, TestServer, TokenKind, with_databases, with_servers};
use serde_json::json;

use super::{events, keeping, seal, verify};
use crate::support::{UPDATE_SETTINGS, UPDATE_STATUS, form, path_of};

/// Some events of both chains, sealed.
async fn sealed(server: &TestServer) -> (Caller, Caller) {
    let ada = server.db_admin("ada").create().await;
    let bob = server.db_user("bob").create().await;
    for n in 0..3 {
        bob.post(UPDATE_SETTINGS, json!({ "theme": n })).await.assert_status(200);
        bob.post(UPDATE_STATUS, json!({ "status_message": format!("away {n}") })).await.assert_status(200);
        let form = form(&format!("bob {n}"), bob.email(), json!({}));
        ada.post(&path_of(&bob, "/update"), form).await.assert_status(200);
    }
    assert_eq!(seal(server).await, 9);
    (ada, bob)
}

with_databases!(all, what_is_sealed_is_whole_and_has_a_head_that_stays, async |db| {
    let server = keeping(db).await;
    let (_ada, bob) = sealed(&server).await;
    let positions: Vec<_> = events(&server).await.into_iter().map(|row| row.position).collect();
    assert_eq!(positions, (1..=9).map(Some).collect::<Vec<_>>(), "in the order of time");
    let head = audit::head(server.app(), By::operator()).await.unwrap();
    bob.post(UPDATE_SETTINGS, json!({ "theme": "last" })).await.assert_status(200);
    let found = verify(&server, Some(head.clone())).await;
    assert!(found.report.is_whole(), "{found:?}");
    if server.db().is_postgres() {
        assert_eq!((found.report.sealed, &found.report.head), (9, &head));
        assert_eq!((found.unsealed, found.oldest_unsealed), (1, Some(server.now() * 1000)));
    } else {
        assert_eq!((found.report.sealed, found.unsealed), (10, 0), "sealed as it was written");
    }
    assert_eq!(seal(&server).await, 10);
    assert!(verify(&server, Some(head)).await.report.is_whole());
});

/// The columns of a row and how each is altered.
const ALTERED: [(&str, &str); 18] = [
    ("id", "id || 'x'"),
    ("at", "at + 1"),
    ("action", "'group.created'"),
    ("actor_kind", "actor_kind || 'x'"),
    ("actor_id", "coalesce(actor_id, '') || 'x'"),
    ("actor_via", "coalesce(actor_via, '') || 'x'"),
    ("actor_credential", "coalesce(actor_credential, '') || 'x'"),
    ("client_ip", "coalesce(client_ip, '') || 'x'"),
    ("request_id", "coalesce(request_id, '') || 'x'"),
    ("subject_kind", "coalesce(subject_kind, '') || 'x'"),
    ("subject_id", "coalesce(subject_id, '') || 'x'"),
    ("subject_label", "coalesce(subject_label, '') || 'x'"),
    ("details", "coalesce(details, '') || 'x'"),
    ("count", "coalesce(count, 0) + 1"),
    ("salt", "salt || 'x'"),
    ("erased", "NOT erased"),
    ("position", "position + 100"),
    ("seal", "substr(seal, 1, 63) || CASE WHEN substr(seal, 64) = '0' THEN '1' ELSE '0' END"),
];

with_servers!(own, whatever_is_altered_in_a_row_is_found, async |server| {
    sealed(&server).await;
    let columns = "SELECT count(*) AS n FROM rosterd_event";
    assert_eq!(server.db().db_value(columns).as_deref(), Some("9"));
    server.db().db_execute("CREATE TABLE kept AS SELECT * FROM rosterd_event");
    for position in [1, 2, 5, 9] {
        for (column, value) in ALTERED {
            let row = format!("position = {position}");
            server.db().db_execute(&format!("UPDATE rosterd_event SET {column} = {value} WHERE {row}"));
            let report = verify(&server, None).await.report;
            let named = report.findings.iter().any(|finding| match finding.fault {
                Fault::Removed(to) => (finding.position..=to).contains(&position),
                _ => finding.position == position,
            });
            assert!(named, "position {position}, {column}: {report:?}");
            server.db().db_execute("DELETE FROM rosterd_event");
            server.db().db_execute("INSERT INTO rosterd_event SELECT * FROM kept");
        }
    }
    assert!(verify(&server, None).await.report.is_whole());
});

with_servers!(own, whatever_is_removed_or_sealed_anew_is_found, async |server| {
    sealed(&server).await;
    let head = audit::head(server.app(), By::operator()).await.unwrap();
    server.db().db_execute("CREATE TABLE kept AS SELECT * FROM rosterd_event");
    for position in 1..=9 {
        server.db().db_execute(&format!("DELETE FROM rosterd_event WHERE position = {position}"));
        let report = verify(&server, None).await.report;
        assert!(!report.is_whole(), "{position}");
        server.db().db_execute("DELETE FROM rosterd_event");
        server.db().db_execute("INSERT INTO rosterd_event SELECT * FROM kept");
    }
    // Whoever rewrites everything is found by a head that was kept elsewhere, and by nothing else.
    server.db().db_execute("UPDATE rosterd_event SET actor_id = 'eve', position = NULL, seal = NULL");
    server.db().db_execute("DELETE FROM rosterd_seal");
    assert_eq!(seal(&server).await, 9);
    assert!(verify(&server, None).await.report.is_whole());
    let report = verify(&server, Some(head)).await.report;
    assert_eq!(report.findings.iter().map(|it| &it.fault).collect::<Vec<_>>(), [&Fault::AnotherHead; 2]);
});

with_databases!(all, two_processes_seal_one_chain, async |db| {
    let server = keeping(db).await;
    let second = server.second().await;
    let bob = server.db_user("bob").create().await;
    let there = second.anonymous().with_bearer(server.token(TokenKind::Valid, bob.id()));
    for n in 0..10 {
        let writes = async {
            bob.post(UPDATE_SETTINGS, json!({ "here": n })).await.assert_status(200);
            there.post(UPDATE_STATUS, json!({ "status_message": n.to_string() })).await.assert_status(200);
        };
        let ((), here, there) = tokio::join!(writes, seal(&server), seal(&second));
        assert!(here.max(there) <= 2 * (n + 1), "{here} and {there}");
    }
    seal(&server).await;
    seal(&second).await;
    let found = verify(&server, None).await;
    assert!(found.report.is_whole() && found.report.sealed == 20 && found.unsealed == 0, "{found:?}");
});

with_servers!(own, what_is_old_goes_and_the_rest_stays_whole, async |server| {
    let (_ada, bob) = sealed(&server).await;
    assert_eq!(audit::remove_old(server.app()).await.unwrap(), 0);
    server.clock().advance(30 * 86_400 + 1);
    let bob = bob.with_bearer(server.token(TokenKind::Valid, bob.id()));
    bob.post(UPDATE_SETTINGS, json!({ "theme": "young" })).await.assert_status(200);
    assert_eq!(seal(&server).await, 10);
    assert_eq!(audit::remove_old(server.app()).await.unwrap(), 6, "settings and status alone");
    let found = verify(&server, None).await;
    assert!(found.report.is_whole() && found.report.sealed == 4, "{found:?}");
    // What is removed beside it is found as before.
    server.db().db_execute("DELETE FROM rosterd_event WHERE position = 3");
    assert!(!verify(&server, None).await.report.is_whole());
});

with_servers!(
    own,
    all_events_may_have_an_end,
    |server| server.settings(|settings| settings.audit.lasting_for = Some(std::time::Duration::from_mins(1))),
    async |server| {
        let (_ada, bob) = sealed(&server).await;
        server.clock().advance(61);
        bob.post(UPDATE_SETTINGS, json!({ "theme": "young" })).await.assert_status(200);
        seal(&server).await;
        assert_eq!(audit::remove_old(server.app()).await.unwrap(), 3);
        let found = verify(&server, None).await;
        assert!(found.report.is_whole() && found.report.sealed == 7, "{found:?}");
    }
);

with_databases!(all, a_person_is_erased_and_the_log_stays_whole, async |db| {
    let server = keeping(db).await;
    let (ada, bob) = sealed(&server).await;
    bob.get("/api/v1/users/").await.assert_status(401);
    audit::write_counted(server.app()).await.unwrap();
    let head = audit::head(server.app(), By::operator()).await.unwrap();
    let erased = audit::erase(server.app(), By::operator(), bob.id().clone()).await.unwrap();
    assert_eq!(erased.events, 10, "nine about him, and his refused call");
    server.clock().advance(300);
    seal(&server).await;
    let found = verify(&server, Some(head)).await;
    assert!(found.report.is_whole() && found.report.erased == 10, "{found:?}");
    let rows = events(&server).await;
    let text = format!("{rows:?}");
    for gone in ["bob 1", "away", "\"bob\"", bob.email()] {
        assert!(!text.contains(gone), "{gone} in {text}");
    }
    assert!(rows.iter().filter(|row| row.erased).all(|row| row.salt.is_empty()), "{rows:?}");
    assert_eq!(rows.iter().filter(|row| row.action == "audit.erased").count(), 1);
    assert_eq!(audit::erase(server.app(), By::operator(), ada.id().clone()).await.unwrap().events, 0);
});
