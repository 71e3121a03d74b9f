//! `rosterd settings`.

use rosterd_testkit::{DbKind, TestDb, with_databases};
use serde_json::json;

use crate::place::{Place, Roster, SECRET};

with_databases!(all, what_get_prints_is_what_set_takes, async |db| {
    let roster = Roster::on(&db);
    let all = roster.run(&["settings", "get"]).stdout;
    assert!(all.lines().count() >= 22, "{all}");
    let set = roster.json(&[
        "settings",
        "set",
        "ENABLE_SIGNUP=false",
        "DEFAULT_USER_ROLE=user",
        "WEBUI_URL=https://x.example",
    ]);
    assert_eq!(
        set,
        json!({ "ENABLE_SIGNUP": false, "DEFAULT_USER_ROLE": "user", "WEBUI_URL": "https://x.example" })
    );
    let get = roster.run(&["settings", "get", "WEBUI_URL", "ENABLE_SIGNUP"]).stdout;
    assert_eq!(get, "WEBUI_URL=\"https://x.example\"\nENABLE_SIGNUP=false\n");
    let before = roster.json(&["settings", "get"]);
    let lines = roster.run(&["settings", "get"]).stdout;
    let policy = ["ENABLE_MFA", "MFA_ALLOW"];
    let mut again = vec!["settings", "set"];
    again.extend(lines.lines().filter(|line| !policy.iter().any(|name| line.starts_with(name))));
    let outcome = roster.run(&[again.as_slice(), &["--events"]].concat());
    assert_eq!(outcome.code, Some(0), "{outcome:?}");
    assert_eq!(roster.json(&["settings", "get"]), before);
});

with_databases!(all, the_default_group_is_named_by_its_name_or_its_id, async |db| {
    let roster = Roster::on(&db);
    // A group belongs to the primary admin.
    roster.create("first@rosterd.test", &["--admin"]);
    let id = roster.json(&["group", "create", "Everybody"])["id"].clone();
    for name in ["Everybody", id.as_str().unwrap()] {
        let set = roster.json(&["settings", "set", &format!("DEFAULT_GROUP_ID={name}")]);
        assert_eq!(set, json!({ "DEFAULT_GROUP_ID": id }));
    }
    let unknown = roster.run(&["settings", "set", "DEFAULT_GROUP_ID=Nobody"]);
    assert_eq!(unknown.code, Some(1), "{unknown:?}");
    assert_eq!(roster.json(&["settings", "set", "DEFAULT_GROUP_ID="]), json!({ "DEFAULT_GROUP_ID": "" }));
});

with_databases!(own, what_is_wrong_is_told_and_nothing_is_stored, async |db| {
    let roster = Roster::on(&db);
    let before = roster.json(&["settings", "get"]);
    for (settings, words) in [
        (
            &["ENABLE_API_KEYS=true", "ENABLE_SINGUP=true"][..],
            &["ENABLE_SINGUP", "nearest name is ENABLE_SIGNUP"][..],
        ),
        (
            &["ENABLE_API_KEYS=true", "DEFAULT_USER_ROLE=owner"],
            &["DEFAULT_USER_ROLE", "pending, user or admin"],
        ),
        (&["ENABLE_API_KEYS=true", "ENABLE_MFA=true"], &["second factor"]),
    ] {
        roster.run(&[&["settings", "set"], settings].concat()).assert_failed(1, words);
    }
    roster.run(&["settings", "get", "NOPE"]).assert_failed(1, &["no stored setting NOPE"]);
    roster
        .run(&["settings", "set", "ENABLE_SIGNUP=true", "ENABLE_SIGNUP=false"])
        .assert_failed(2, &["named twice"]);
    assert_eq!(roster.run(&["settings", "set"]).code, Some(2));
    assert_eq!(roster.json(&["settings", "get"]), before);
    let outcome = roster.run(&["settings", "set", "ENABLE_API_KEYS=true", "--events"]);
    assert!(outcome.stderr.contains("\"config.changed\""), "{outcome:?}");
    let outcome = roster.run(&["settings", "set", "ENABLE_API_KEYS=true", "--events"]);
    assert_eq!(outcome.stderr, "", "the same again changes nothing");
});

#[test]
fn where_stored_settings_do_not_count_none_is_stored() {
    let (place, db) = (Place::new(), TestDb::fresh(DbKind::OwnSqlite));
    let environment = [SECRET, ("DATABASE_URL", db.url()), ("ENABLE_PERSISTENT_CONFIG", "false")];
    let outcome = place.run_with(&["settings", "set", "ENABLE_SIGNUP=false"], &environment, "");
    outcome.assert_failed(1, &["ENABLE_PERSISTENT_CONFIG"]);
}
