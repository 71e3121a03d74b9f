//! `rosterd group`.

use rosterd_testkit::fixtures::Actors;
use rosterd_testkit::with_databases;
use serde_json::json;

use crate::place::Roster;

with_databases!(all, a_group_is_made_filled_emptied_and_deleted, async |db| {
    let roster = Roster::on(&db);
    let admin = roster.create("adm@example.com", &["--admin"]);
    let eve = roster.create("eve@example.com", &[]);
    let made = roster.json(&[
        "group",
        "create",
        " Tools ",
        "--description",
        "May connect tool servers",
        "--permission",
        "features.direct_tool_servers=true",
        "--permission",
        "zoo.fly=true",
        "--force",
        "--owner",
        "adm@example.com",
    ]);
    assert_eq!(made["name"], "Tools");
    assert_eq!(made["user_id"], json!(admin));
    assert_eq!(
        made["permissions"],
        json!({ "features": { "direct_tool_servers": true }, "zoo": { "fly": true } })
    );
    let effective = || roster.json(&["permissions", "show", "--user", "eve@example.com"]);
    assert_eq!(effective()["features"]["direct_tool_servers"], false);

    let id = made["id"].as_str().unwrap();
    let added = roster.json(&["group", "add", "Tools", "eve@example.com", &admin]);
    assert_eq!((&added["id"], &added["member_count"]), (&json!(id), &json!(2)));
    assert_eq!(roster.json(&["group", "add", id, &eve])["member_count"], 2, "a member stays one");
    assert_eq!(effective()["features"]["direct_tool_servers"], true);
    let shown = roster.json(&["group", "show", "Tools"]);
    assert_eq!(shown["users"].as_array().unwrap().len(), 2);
    assert!(roster.json(&["group", "list"]).as_array().unwrap().iter().any(|group| group["id"] == id));

    assert_eq!(roster.json(&["group", "remove", "Tools", &eve])["member_count"], 1);
    assert_eq!(roster.json(&["group", "remove", "Tools", &eve])["member_count"], 1, "no member stays none");
    assert_eq!(effective()["features"]["direct_tool_servers"], false);
    assert_eq!(roster.run(&["group", "delete", "Tools"]).code, Some(0));
    assert_eq!(
        db.db_value(&format!("SELECT count(*) AS n FROM group_member WHERE group_id = '{id}'")),
        Some("0".into())
    );
    roster.run(&["group", "show", "Tools"]).assert_failed(1, &["no group", "Tools"]);
});

with_databases!(own, a_group_belongs_to_the_primary_admin_unless_said, async |db| {
    let roster = Roster::on(&db);
    roster.run(&["group", "create", "Ops"]).assert_failed(1, &["create an account first"]);
    let ada = roster.create("ada@example.com", &[]);
    assert_eq!(roster.json(&["group", "create", "Ops"])["user_id"], json!(ada));
});

with_databases!(own, whoever_is_unknown_is_told_and_nobody_is_added, async |db| {
    let roster = Roster::on(&db);
    roster.create("ada@example.com", &[]);
    roster.json(&["group", "create", "Ops"]);
    let outcome = roster.run(&["group", "add", "Ops", "ada@example.com", "nobody@example.com"]);
    outcome.assert_failed(1, &["nobody@example.com"]);
    assert_eq!(roster.json(&["group", "show", "Ops"])["member_count"], 0);
    roster.run(&["group", "add", "Nope", "ada@example.com"]).assert_failed(1, &["Nope"]);
    assert_eq!(roster.run(&["group", "add", "Ops"]).code, Some(2));
});

with_databases!(own, a_right_that_is_not_known_is_refused_unless_forced, async |db| {
    let roster = Roster::on(&db);
    roster.create("ada@example.com", &[]);
    let outcome = roster.run(&[
        "group",
        "create",
        "Ops",
        "--permission",
        "features.api_kyes=true",
        "--permission",
        "zoo.fly=true",
    ]);
    outcome.assert_failed(
        1,
        &[
            "features.api_kyes",
            "the nearest name is features.api_keys",
            "zoo.fly",
            "no such right",
            "--force",
        ],
    );
    assert_eq!(roster.json(&["group", "list"]), json!([]));
    let made = roster.json(&["group", "create", "Ops", "--permission", "zoo.fly=true", "--force"]);
    assert_eq!(made["permissions"], json!({ "zoo": { "fly": true } }));
});

with_databases!(own, groups_of_one_name_are_told_and_not_guessed_between, async |db| {
    let roster = Roster::on(&db);
    roster.create("ada@example.com", &[]);
    let first = roster.json(&["group", "create", "Ops"])["id"].as_str().unwrap().to_owned();
    let outcome = roster.run(&["group", "create", "Ops", "--json"]);
    assert_eq!(outcome.code, Some(0), "{outcome:?}");
    for part in ["warning: ", "another group named Ops", first.as_str()] {
        assert!(outcome.stderr.contains(part), "{part}: {outcome:?}");
    }
    let second: serde_json::Value = serde_json::from_str(&outcome.stdout).unwrap();
    let ids = [first, second["id"].as_str().unwrap().to_owned()];
    for command in [
        &["group", "delete", "Ops"][..],
        &["group", "show", "Ops"],
        &["group", "add", "Ops", "ada@example.com"],
        &["group", "remove", "Ops", "ada@example.com"],
    ] {
        roster.run(command).assert_failed(1, &["2 groups", &ids[0], &ids[1]]);
    }
    assert_eq!(roster.run(&["group", "delete", &ids[0]]).code, Some(0));
    assert_eq!(roster.json(&["group", "show", "Ops"])["id"], json!(ids[1]));
});

with_databases!(own, a_group_has_a_name_of_1_to_255_characters, async |db| {
    let roster = Roster::on(&db);
    roster.create("ada@example.com", &[]);
    for name in ["", "  ", &"x".repeat(256)] {
        roster.run(&["group", "create", name]).assert_failed(1, &["name"]);
    }
    for right in ["features", "features.notes", "features.notes=maybe", "a.b.c=true"] {
        let outcome = roster.run(&["group", "create", "Ops", "--permission", right]);
        assert_eq!(outcome.code, Some(2), "{right}: {outcome:?}");
    }
    assert_eq!(roster.json(&["group", "list"]), json!([]));
});

with_databases!(attached, the_recorded_groups_are_listed_with_their_members, async |db| {
    let roster = Roster::on(&db);
    let groups = roster.json(&["group", "list"]);
    assert_eq!(groups.as_array().unwrap().len(), Actors::recorded().groups.len());
    for group in groups.as_array().unwrap() {
        let shown = roster.json(&["group", "show", group["id"].as_str().unwrap()]);
        assert_eq!(json!(shown["users"].as_array().unwrap().len()), group["member_count"]);
    }
    let text = roster.run(&["group", "list"]).stdout;
    assert_eq!(text.lines().count(), groups.as_array().unwrap().len());
});

with_databases!(all, a_group_is_changed_and_what_is_not_named_stays, async |db| {
    let roster = Roster::on(&db);
    roster.create("adm@example.com", &["--admin"]);
    roster.json(&["group", "create", "Tools", "--description", "Old", "--permission", "chat.delete=true"]);
    let set = |arguments: &[&str]| roster.json(&[&["group", "set"], arguments].concat());
    let renamed = set(&["Tools", "--name", " Makers "]);
    assert_eq!((&renamed["name"], &renamed["description"]), (&json!("Makers"), &json!("Old")));
    let rights =
        ["--permission", "features.notes=true", "--permission", "chat.edit=false", "--unset", "chat.delete"];
    let changed = set(&[&["Makers", "--description", "New"], &rights[..]].concat());
    assert_eq!(changed["description"], "New");
    assert_eq!(changed["permissions"], json!({ "chat": { "edit": false }, "features": { "notes": true } }));
    let again = roster.run(&[&["group", "set", "Makers", "--events"], &rights[..]].concat());
    assert_eq!((again.code, again.stderr.as_str()), (Some(0), ""), "the same again changes nothing");

    for (wrong, words) in [
        (&["Makers", "--name", " "][..], &["name", "empty"][..]),
        (&["Makers", "--permission", "features.notse=true"], &["features.notse", "features.notes"]),
        (&["Nobody", "--name", "x"], &["no group", "Nobody"]),
    ] {
        roster.run(&[&["group", "set"], wrong].concat()).assert_failed(1, words);
    }
    assert_eq!(roster.run(&["group", "set", "Makers"]).code, Some(2));
    let both = ["group", "set", "Makers", "--permission", "chat.edit=true", "--unset", "chat.edit"];
    roster.run(&both).assert_failed(2, &["chat.edit", "--permission", "--unset"]);
    // A text that is no Unicode can be stored, and is not lost.
    db.db_execute(r#"UPDATE "group" SET permissions = '{"note":"\ud800","chat":{}}' WHERE name = 'Makers'"#);
    roster.run(&["group", "set", "Makers", "--unset", "chat.edit"]).assert_failed(4, &["group"]);
    let kept =
        db.db_value("SELECT CAST(permissions AS text) AS p FROM \"group\" WHERE name = 'Makers'").unwrap();
    assert!(kept.contains("ud800"), "{kept}");
});

with_databases!(own, m1_a_group_gets_a_parent_and_loses_it, async |db| {
    let roster = Roster::on(&db);
    roster.create("adm@example.com", &["--admin"]);
    let top = roster.json(&["group", "create", "Top"])["id"].clone();
    roster.json(&["group", "create", "Below"]);
    assert_eq!(roster.json(&["group", "set", "Below", "--parent", "Top"])["parent_group_id"], top);
    roster.run(&["group", "set", "Top", "--parent", "Below"]).assert_failed(1, &["below this group"]);
    assert_eq!(roster.json(&["group", "set", "Below", "--no-parent"])["parent_group_id"], json!(null));
    assert_eq!(roster.run(&["group", "set", "Below", "--no-parent", "--parent", "Top"]).code, Some(2));
});

with_databases!(older, m1_an_older_database_has_no_parents, async |db| {
    let roster = Roster::on(&db);
    roster.create("adm@example.com", &["--admin"]);
    for name in ["Top", "Below"] {
        roster.json(&["group", "create", name]);
    }
    roster.run(&["group", "set", "Below", "--parent", "Top"]).assert_failed(1, &["older Open WebUI"]);
});
