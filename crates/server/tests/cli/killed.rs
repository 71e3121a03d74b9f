//! A server that is killed in the middle of its work: no change without its event, no event without its change, and no account
//! that is deleted and kept by half.

use std::collections::BTreeSet;
use std::sync::Arc;

use rosterd_testkit::{Caller, Method, ProcessBuilder, TestDb, with_databases};
use serde_json::json;
use tokio::sync::Semaphore;

use crate::place::{PROGRAM, Place, Roster, SECRET};

/// How often the server is killed, unless `ROSTERD_KILLS` says otherwise.
const KILLS: usize = 3;

/// Requests at a time.
const AT_ONCE: usize = 8;

/// Answers before the server is killed.
const ANSWERED: u32 = 40;

/// Groups without an event, and events without a group.
const UNPAIRED: &str = "SELECT id FROM \"group\" WHERE id NOT IN \
    (SELECT subject_id FROM rosterd_event WHERE action = 'group.created') \
    UNION ALL SELECT subject_id FROM rosterd_event WHERE action = 'group.created' AND subject_id NOT IN \
    (SELECT id FROM \"group\")";

/// Makes groups until the server is gone; gives those that it was told of.
async fn make_groups(ada: Caller, answered: Arc<Semaphore>) -> Vec<String> {
    let mut made = Vec::new();
    loop {
        let group = json!({ "name": "g", "description": "" });
        let request = ada.request(Method::POST, "/api/v1/groups/create").json(&group);
        let Some(reply) = request.try_send().await else { return made };
        made.push(reply.assert_status(200).at("/id").as_str().unwrap().to_owned());
        answered.add_permits(1);
    }
}

/// What is wrong with accounts that are deleted, kept and restored. A member of a group each, they are there with all that is theirs,
/// or kept with all of it, and the events tell which.
const HALF_DONE: &str = "SELECT 'there and kept, or neither: ' || m.subject_id AS fault FROM rosterd_event m \
    WHERE m.action = 'user.created' \
    AND (SELECT count(*) FROM \"user\" u WHERE u.id = m.subject_id) \
      + (SELECT count(*) FROM rosterd_deleted d WHERE d.user_id = m.subject_id) <> 1 \
    UNION ALL SELECT 'rows are missing: ' || d.user_id FROM rosterd_deleted d \
    WHERE d.row_count = 0 OR d.row_count <> (SELECT count(*) FROM rosterd_deleted_row r WHERE r.user_id = d.user_id) \
    UNION ALL SELECT 'rows are left: ' || r.user_id FROM rosterd_deleted_row r \
    WHERE r.user_id NOT IN (SELECT user_id FROM rosterd_deleted) \
    UNION ALL SELECT 'cannot sign in: ' || u.id FROM \"user\" u WHERE u.id NOT IN (SELECT id FROM auth) \
    UNION ALL SELECT 'can still sign in: ' || a.id FROM auth a WHERE a.id NOT IN (SELECT id FROM \"user\") \
    UNION ALL SELECT 'no member: ' || u.id FROM \"user\" u WHERE u.role <> 'admin' \
    AND (SELECT count(*) FROM group_member g WHERE g.user_id = u.id) <> 1 \
    UNION ALL SELECT 'still a member: ' || g.user_id FROM group_member g WHERE g.user_id NOT IN (SELECT id FROM \"user\") \
    UNION ALL SELECT 'told otherwise: ' || e.subject_id FROM rosterd_event e \
    WHERE e.action IN ('user.deleted', 'user.restored') GROUP BY e.subject_id \
    HAVING sum(CASE e.action WHEN 'user.deleted' THEN 1 ELSE -1 END) \
      <> (SELECT count(*) FROM rosterd_deleted d WHERE d.user_id = e.subject_id)";

/// Deletes an account and restores it, again and again until the server is gone; gives how often it was told that this was done.
async fn delete_and_restore(ada: Caller, id: String, mut is_there: bool, answered: Arc<Semaphore>) -> usize {
    let (mut done, mut is_corrected) = (0, false);
    loop {
        let request = if is_there {
            ada.request(Method::DELETE, &format!("/api/v1/users/{id}"))
        } else {
            ada.request(Method::POST, &format!("/api/v1/users/deleted/{id}/restore"))
        };
        let Some(reply) = request.try_send().await else { return done };
        is_there = !is_there;
        // PostgreSQL may have done only now what the server before had begun.
        if reply.status() == 404 && done == 0 && !is_corrected {
            is_corrected = true;
            continue;
        }
        reply.assert_status(200);
        done += 1;
        answered.add_permits(1);
    }
}

fn kills() -> usize {
    std::env::var("ROSTERD_KILLS").map_or(KILLS, |kills| kills.parse().unwrap())
}

/// The texts of a column.
fn texts(db: &TestDb, sql: &str) -> BTreeSet<String> {
    db.db_query_text(sql).into_iter().map(|row| row.into_iter().next().flatten().unwrap()).collect()
}

with_databases!(own, every_change_has_its_event_however_often_the_server_is_killed, async |db| {
    let place = Place::new();
    let environment = [SECRET, ("DATABASE_URL", db.url())];
    place.create_admin("ada@example.com", &environment);
    let token = place.run_with(&["token", "ada@example.com"], &environment, "").stdout;
    let mut told = BTreeSet::new();
    for _ in 0..kills() {
        let mut server = ProcessBuilder::new(PROGRAM).database(&db).start();
        let ada = server.anonymous().with_bearer(token.trim());
        let answered = Arc::new(Semaphore::new(0));
        let tasks: Vec<_> =
            (0..AT_ONCE).map(|_| tokio::spawn(make_groups(ada.clone(), Arc::clone(&answered)))).collect();
        answered.acquire_many(ANSWERED).await.unwrap().forget();
        server.signal("KILL");
        server.wait();
        for task in tasks {
            told.extend(task.await.unwrap());
        }
        // In one statement: PostgreSQL may still be committing what the killed server began.
        assert_eq!(texts(&db, UNPAIRED), BTreeSet::new());
        let groups = texts(&db, "SELECT id FROM \"group\"");
        assert!(told.is_subset(&groups), "what was answered is there");
    }
    let verified = place.run_with(&["audit", "verify", "--json"], &environment, "");
    assert_eq!(verified.code, Some(0), "{verified:?}");
});

with_databases!(own, b2_b3_no_account_is_kept_by_half_however_often_the_server_is_killed, async |db| {
    let roster = Roster::on(&db);
    roster.create("ada@example.com", &["--admin"]);
    let token = roster.run(&["token", "ada@example.com"]).stdout;
    let people: Vec<String> = (0..AT_ONCE)
        .map(|number| roster.create(&format!("{number}@example.com"), &["--role", "user"]))
        .collect();
    roster.json(&["group", "create", "Everybody"]);
    let members: Vec<&str> = people.iter().map(String::as_str).collect();
    roster.json(&[&["group", "add", "Everybody"], members.as_slice()].concat());
    let rows = "SELECT u.id, u.name, u.email, u.role, u.created_at, a.email AS of_auth, a.password, g.group_id, g.created_at AS since \
                FROM \"user\" u JOIN auth a ON a.id = u.id LEFT JOIN group_member g ON g.user_id = u.id ORDER BY u.id";
    let before = db.db_query_text(rows);
    assert_eq!(before.len(), AT_ONCE + 1);
    let (mut done, mut under_way) = (0, 0);
    for _ in 0..kills() {
        let there = texts(&db, "SELECT id FROM \"user\"");
        let mut server = ProcessBuilder::new(PROGRAM).database(&db).start();
        let ada = server.anonymous().with_bearer(token.trim());
        let answered = Arc::new(Semaphore::new(0));
        let begin = |id: &String| {
            let is_there = there.contains(id);
            tokio::spawn(delete_and_restore(ada.clone(), id.clone(), is_there, Arc::clone(&answered)))
        };
        let tasks: Vec<_> = people.iter().map(begin).collect();
        answered.acquire_many(ANSWERED).await.unwrap().forget();
        server.signal("KILL");
        server.wait();
        for task in tasks {
            done += task.await.unwrap();
        }
        under_way += AT_ONCE;
        // In one statement: PostgreSQL may still be committing what the killed server began.
        assert_eq!(texts(&db, HALF_DONE), BTreeSet::new());
        let told = "SELECT id FROM rosterd_event WHERE action IN ('user.deleted', 'user.restored')";
        let told = texts(&db, told).len();
        assert!((done..=done + under_way).contains(&told), "{done} were answered, {told} are done");
    }
    for id in texts(&db, "SELECT user_id FROM rosterd_deleted") {
        roster.json(&["user", "deleted", "restore", &id]);
    }
    assert_eq!(db.db_query_text(rows), before, "everybody is back as before");
    assert_eq!(texts(&db, HALF_DONE), BTreeSet::new());
    assert_eq!(roster.run(&["audit", "verify", "--json"]).code, Some(0));
});
