//! `rosterd scim`: connections by SCIM (rules J1, J7, J12).

use rosterd_testkit::with_databases;
use serde_json::json;

use crate::place::Roster;

with_databases!(own, connections_are_managed_on_the_command_line, async |db| {
    let roster = Roster::on(&db);
    roster.create("ada@example.com", &[]);
    roster.create("bob@example.com", &[]);
    assert_eq!(roster.json(&["scim", "list"]), json!([]));
    let made = roster.run(&["scim", "create", "Entra ID"]);
    assert_eq!(made.code, Some(0), "{made:?}");
    assert!(made.stderr.contains("ROSTERD_PUBLIC_URL"), "{made:?}");
    let text = |name: &str| {
        let line = made.stdout.lines().find_map(|line| line.strip_prefix(name)).unwrap();
        line.trim().to_owned()
    };
    let (id, token) = (text("id:"), text("token:"));
    assert!(token.starts_with("rsc_") && token.len() == 40, "{token}");
    let listed = roster.run(&["scim", "list"]);
    let cells: Vec<&str> = listed.stdout.trim_end().split('\t').collect();
    assert_eq!(cells, [id.as_str(), "Entra ID", "0", "0", "never", "user", "make", "-"]);
    assert!(!listed.stdout.contains(&token), "{listed:?}");

    let options = ["--takes-passwords", "--links-by-email", "false", "--default-role", "pending"];
    let okta = roster.json(&[&["scim", "create", "Okta", "--group-rule", "existing"], &options[..]].concat());
    assert_eq!((&okta["takes_passwords"], &okta["links_by_email"]), (&json!(true), &json!(false)));
    assert_eq!((&okta["default_role"], &okta["group_rule"]), (&json!("pending"), &json!("existing")));
    assert_eq!((&okta["created_by"], &okta["url"]), (&json!(null), &json!(null)));
    roster.run(&["scim", "create", "Okta"]).assert_failed(1, &["Another connection has this name"]);
    roster.run(&["scim", "create", " "]).assert_failed(1, &["name"]);
    let admins = roster.run(&["scim", "create", "x", "--default-role", "admin"]);
    assert!(admins.code == Some(2) && admins.stderr.contains("pending"), "{admins:?}");

    let changed = roster.json(&["scim", "change", "Okta", "--deletes-accounts", "--name", "Okta 2"]);
    assert_eq!((&changed["deletes_accounts"], &changed["takes_passwords"]), (&json!(true), &json!(true)));
    assert!(roster.run(&["scim", "list"]).stdout.contains("\tset passwords, delete\n"));
    let nothing = roster.run(&["scim", "change", "Okta 2"]);
    assert!(nothing.code == Some(2) && nothing.stderr.contains("--group-rule none"), "{nothing:?}");
    roster.run(&["scim", "change", "Okta", "--group-rule", "none"]).assert_failed(1, &["no such connection"]);

    let rotated = roster.json(&["scim", "rotate", &id, "--overlap", "1h"]);
    assert_ne!(rotated["token"], json!(token));
    assert!(rotated["previous_token_until"].is_i64(), "{rotated}");
    assert_eq!(
        roster.json(&["scim", "rotate", "Entra ID", "--overlap", "0"])["previous_token_until"],
        json!(null)
    );
    let long = roster.run(&["scim", "rotate", "Entra ID", "--overlap", "8d"]);
    assert!(long.code == Some(2) && long.stderr.contains("longer than 7d"), "{long:?}");

    let linkable = roster.run(&["scim", "linkable", "Entra ID"]);
    let cells: Vec<&str> = linkable.stdout.trim_end().split('\t').collect();
    assert_eq!(cells[1..], ["bob@example.com", "bob@example.com", "user"], "{linkable:?}");
    let deleted = roster.run(&["scim", "delete", "Entra ID"]);
    assert_eq!(
        (deleted.code, deleted.stdout.trim_end()),
        (Some(0), format!("deleted connection {id}").as_str())
    );
    roster.run(&["scim", "delete", "Entra ID", "--yes"]).assert_failed(1, &["no such connection"]);
    assert_eq!(roster.json(&["scim", "list"]).as_array().unwrap().len(), 1);
});
