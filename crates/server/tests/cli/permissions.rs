//! `rosterd permissions`.

use rosterd_testkit::fixtures::Actors;
use rosterd_testkit::{DbKind, TestDb, with_databases};
use serde_json::{Value, json};

use crate::place::{Place, Roster, SECRET};

/// A key that this server does not know, put into the stored template as a newer Open WebUI would, and what else stands
/// in the configuration.
fn stored(db: &TestDb) -> Value {
    let own_layout = db.db_value("SELECT count(*) AS n FROM config WHERE 1 = 0").is_some()
        && db.db_query_text("SELECT * FROM config LIMIT 1").first().is_some_and(|row| row.len() == 3);
    let text = if own_layout {
        db.db_value("SELECT CAST(value AS text) AS stored FROM config WHERE key = 'user.permissions'")
    } else {
        db.db_value("SELECT CAST(data AS text) AS stored FROM config ORDER BY id DESC LIMIT 1")
    };
    text.map_or(Value::Null, |text| serde_json::from_str(&text).unwrap())
}

with_databases!(all, a_right_is_set_and_all_others_stay, async |db| {
    let roster = Roster::on(&db);
    let before = roster.json(&["permissions", "show"]);
    let set = roster.json(&["permissions", "set", "features.notes=false", "workspace.models=true"]);
    let mut expected = before;
    expected["features"]["notes"] = json!(false);
    expected["workspace"]["models"] = json!(true);
    assert_eq!(set, expected);
    assert_eq!(roster.json(&["permissions", "show"]), expected);
    let text = roster.run(&["permissions", "show"]).stdout;
    assert!(text.lines().any(|line| line == "features.notes=false"), "{text}");
    // What a newer Open WebUI has stored beside the rights that we know is shown too.
    let all: usize =
        expected.as_object().unwrap().values().map(|section| section.as_object().unwrap().len()).sum();
    assert_eq!(text.lines().count(), all);
    if !expected["workspace"].as_object().unwrap().contains_key("skills") {
        assert_eq!(all, 47);
    }
});

with_databases!(attached, what_other_programs_keep_in_the_configuration_stays, async |db| {
    let roster = Roster::on(&db);
    roster.json(&["permissions", "set", "features.notes=true"]);
    let before = stored(&db);
    assert!(before.is_object());
    roster.json(&["permissions", "set", "features.notes=false"]);
    let mut expected = before;
    let template = if expected["user"]["permissions"].is_object() {
        &mut expected["user"]["permissions"]
    } else {
        &mut expected
    };
    template["features"]["notes"] = json!(false);
    assert_eq!(stored(&db), expected);
});

with_databases!(all, a_right_that_is_not_known_is_told_and_nothing_is_set, async |db| {
    let roster = Roster::on(&db);
    let before = roster.json(&["permissions", "show"]);
    let outcome = roster.run(&["permissions", "set", "chat.delete=false", "chat.fly=true", "zoo.sing=true"]);
    outcome.assert_failed(1, &["chat.fly", "zoo.sing", "no such right", "--force"]);
    roster
        .run(&["permissions", "set", "chat.delte=false"])
        .assert_failed(1, &["chat.delte", "the nearest name is chat.delete"]);
    assert_eq!(roster.json(&["permissions", "show"]), before);
    assert_eq!(roster.run(&["permissions", "set", "chat.delete"]).code, Some(2));
    assert_eq!(roster.run(&["permissions", "set"]).code, Some(2));

    let set =
        roster.json(&["permissions", "set", "chat.fly=true", "zoo.sing=false", "chat.edit=false", "--force"]);
    let mut expected = before;
    expected["chat"]["fly"] = json!(true);
    expected["chat"]["edit"] = json!(false);
    expected["zoo"] = json!({ "sing": false });
    assert_eq!(set, expected);
    assert_eq!(roster.json(&["permissions", "show"]), expected);
});

with_databases!(attached, the_permissions_of_an_account_count_its_groups, async |db| {
    let (roster, actors) = (Roster::on(&db), Actors::recorded());
    let template = roster.json(&["permissions", "show"]);
    roster.json(&["group", "create", "Tools", "--permission", "features.direct_tool_servers=true"]);
    roster.json(&["group", "add", "Tools", actors.user("alice")]);
    let alice = roster.json(&["permissions", "show", "--user", "alice@example.com"]);
    assert_eq!(template["features"]["direct_tool_servers"], false);
    assert_eq!(alice["features"]["direct_tool_servers"], true);
    roster
        .run(&["permissions", "show", "--user", "nobody@example.com"])
        .assert_failed(1, &["nobody@example.com"]);
});

#[test]
fn without_a_stored_template_the_variables_count() {
    let (place, db) = (Place::new(), TestDb::fresh(DbKind::OwnSqlite));
    let environment = [SECRET, ("DATABASE_URL", db.url()), ("USER_PERMISSIONS_FEATURES_API_KEYS", "true")];
    let run = |arguments: &[&str]| place.run_with(arguments, &environment, "").json();
    assert_eq!(run(&["permissions", "show", "--json"])["features"]["api_keys"], true);
    let set = run(&["permissions", "set", "chat.edit=false", "--json"]);
    assert_eq!((&set["features"]["api_keys"], &set["chat"]["edit"]), (&json!(true), &json!(false)));
}

with_databases!(all, m32_why_an_account_holds_a_right_is_told, async |db| {
    let roster = Roster::on(&db);
    roster.create("first@rosterd.test", &[]);
    roster.create("zoe@rosterd.test", &["--role", "user"]);
    roster.json(&["permissions", "set", "features.api_keys=false", "chat.edit=true"]);
    let tools = roster.json(&["group", "create", "Tools", "--permission", "features.api_keys=true"]);
    roster.json(&["group", "add", "Tools", "zoe@rosterd.test"]);
    let why = ["permissions", "why", "zoe@rosterd.test"];
    let keys = roster.json(&[&why[..], &["features.api_keys"]].concat());
    let group = json!({ "id": tools["id"], "name": "Tools", "membership": "direct", "through": [] });
    assert_eq!(
        keys,
        json!([{
            "right": "features.api_keys", "known": true, "holds": true, "by_role": false,
            "template": { "gives": false, "stored": true }, "groups": [group], "withheld_by": [],
            "why": "group Tools",
        }])
    );
    let lines = roster.run(&why).stdout;
    for line in ["features.api_keys\tyes\tgroup Tools", "chat.edit\tyes\tthe template gives it"] {
        assert!(lines.lines().any(|told| told == line), "{line}: {lines}");
    }
    let effective = roster.json(&["permissions", "show", "--user", "zoe@rosterd.test"]);
    for right in roster.json(&why).as_array().unwrap() {
        let pointer = format!("/{}", right["right"].as_str().unwrap().replace('.', "/"));
        assert_eq!(effective.pointer(&pointer), Some(&right["holds"]), "{right}");
    }
    let table = roster.run(&[&why[..], &["chat.edit", "--format", "table"]].concat()).stdout;
    assert_eq!(
        table.lines().map(|line| line.split_whitespace().next().unwrap()).collect::<Vec<_>>(),
        ["RIGHT", "chat.edit"]
    );
    let csv = roster.run(&[&why[..], &["chat.edit", "--format", "csv"]].concat()).stdout;
    assert_eq!(csv, "right,known,holds,by_role,why\r\nchat.edit,true,true,false,the template gives it\r\n");
    // An admin's role is named.
    roster.json(&["user", "set-role", "zoe@rosterd.test", "admin"]);
    let keys = roster.run(&[&why[..], &["features.api_keys"]].concat()).stdout;
    assert_eq!(keys, "features.api_keys\tyes\tadmins hold it by their role; group Tools\n");
});

with_databases!(all, m32_of_a_right_that_is_not_known_the_nearest_are_told, async |db| {
    let roster = Roster::on(&db);
    roster.create("first@rosterd.test", &[]);
    let why = |right| roster.run(&["permissions", "why", "first@rosterd.test", right]);
    why("chat.delte").assert_failed(1, &["no such right: chat.delte", "nearest", "chat.delete"]);
    why("features.apikeys").assert_failed(1, &["features.api_keys"]);
    why("zoo.fly").assert_failed(1, &["no such right: zoo.fly; `rosterd permissions why USER`"]);
    why("chat").assert_failed(1, &["no such right: chat"]);
    let newest = why("features.calendar");
    if roster.json(&["permissions", "show"])["features"].get("calendar").is_some() {
        assert_eq!(newest.code, Some(0), "{newest:?}");
    } else {
        newest.assert_failed(1, &["Open WebUI 0.6", "features.calendar"]);
    }
    roster.run(&["permissions", "why", "nobody@rosterd.test"]).assert_failed(1, &["nobody@rosterd.test"]);
    let formats = ["permissions", "why", "first@rosterd.test", "--format", "table", "--json"];
    assert_eq!(roster.run(&formats).code, Some(2));
});
