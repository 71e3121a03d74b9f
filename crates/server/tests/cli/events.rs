//! What commands tell of what they changed, with `--events`.

use rosterd_testkit::with_databases;
use serde_json::Value;

use crate::place::{PASSWORD, Roster};

/// The events on standard error, each by its name.
fn names(stderr: &str) -> Vec<String> {
    let events = stderr.lines().map(|line| serde_json::from_str::<Value>(line).expect("an event a line"));
    events
        .map(|event| {
            assert_eq!(event["actor"]["kind"], "operator", "{event}");
            assert!(event["request_id"].is_null() && event["client_ip"].is_null(), "{event}");
            event["event"].as_str().expect("a name").to_owned()
        })
        .collect()
}

with_databases!(own, every_command_that_changes_something_tells_what_it_did, async |db| {
    let roster = Roster::on(&db);
    let tells = |arguments: &[&str], input: &str, expected: &[&str]| {
        let outcome = roster.run_with(&[arguments, &["--events"]].concat(), input);
        assert_eq!(outcome.code, Some(0), "{outcome:?}");
        assert_eq!(names(&outcome.stderr), expected, "{arguments:?}");
        assert!(!outcome.stderr.contains(PASSWORD), "{outcome:?}");
    };
    let create = |email| ["user", "create", "--email", email, "--name", "N", "--password-stdin"];
    tells(&create("ada@example.com"), PASSWORD, &["user.created", "config.changed"]);
    tells(&create("bob@example.com"), PASSWORD, &["user.created"]);
    tells(&["user", "set-role", "bob@example.com", "pending"], "", &["user.role_changed"]);
    tells(&["user", "set-role", "bob@example.com", "pending"], "", &[]);
    tells(
        &["user", "set-password", "bob@example.com", "--password-stdin"],
        PASSWORD,
        &["user.password_changed"],
    );
    tells(&["group", "create", "red"], "", &["group.created"]);
    tells(&["group", "add", "red", "bob@example.com"], "", &["group.member_added"]);
    tells(&["group", "add", "red", "bob@example.com"], "", &[]);
    tells(&["group", "remove", "red", "bob@example.com"], "", &["group.member_removed"]);
    tells(&["group", "delete", "red"], "", &["group.deleted"]);
    tells(&["permissions", "set", "chat.delete=false"], "", &["permissions.default_changed"]);
    tells(&["token", "ada@example.com"], "", &["session.started"]);
    tells(&["user", "revoke", "ada@example.com"], "", &["user.sessions_ended"]);
    tells(&["user", "delete", "bob@example.com"], "", &["user.deleted"]);
    for reads in [
        &["user", "list"][..],
        &["user", "show", "ada@example.com"],
        &["user", "sessions", "ada@example.com"],
        &["group", "list"],
        &["permissions", "show"],
    ] {
        tells(reads, "", &[]);
    }
});
