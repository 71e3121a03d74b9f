//! What the log says of a stored password hash that cannot be checked: whose it is and what to do, and nothing of the hash.

use rosterd_testkit::{ProcessBuilder, with_databases};
use serde_json::json;

use crate::place::{PASSWORD, PROGRAM, Roster};

/// Of kinds that nobody here reads, and one that would take too much memory.
const ODD: [&str; 4] = [
    "{SSHA}0c1f2d3e4b5a69788796a5b4c3d2e1f0",
    "sha1$oldsalt$9f86d081884c7d659a2feaa0c55ad015a3bf4f1b",
    "plain words of somebody",
    "$argon2id$v=19$m=4194304,t=64,p=4$c29tZXNhbHRzb21lc2FsdA$Uwsf4T5rFjNeSJ2nQ0aXh3yVbGk9dLmZpYt6oRcEuHg",
];

with_databases!(own, m27_a_hash_of_no_known_kind_is_told_in_the_log_without_the_hash, async |db| {
    let roster = Roster::on(&db);
    let id = roster.create("ada@example.com", &["--admin"]);
    let mut server = ProcessBuilder::new(PROGRAM).database(&db).start();
    for odd in ODD {
        db.db_execute(&format!("UPDATE auth SET password = '{odd}'"));
        let form = json!({ "email": "ada@example.com", "password": PASSWORD });
        server.anonymous().post("/api/v1/auths/signin", form).await.assert_status(400);
    }
    // All that it has told can be read when it has ended.
    assert_eq!(server.terminate().code(), Some(0));
    let log = server.log();
    let told = log.lines().filter(|line| line.contains("is of no kind that rosterd reads"));
    let told = told.filter(|line| line.contains(&id) && line.contains("user set-password"));
    assert_eq!(told.count(), ODD.len(), "{log}");
    for odd in ODD {
        for part in odd.split(['$', '}', ' ']).filter(|part| part.len() > 7) {
            assert!(!log.contains(part), "{part} in {log}");
        }
    }
});
