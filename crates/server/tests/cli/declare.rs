//! `rosterd apply` and `rosterd dump`: files, formats, exit codes; and what docs/DECLARE.md shows.

use std::fs;

use rosterd_testkit::{DbKind, TestDb, with_databases};
use serde_json::{Value, json};

use crate::place::{Outcome, Roster};

/// Formats with the ends of their files' names.
const FORMATS: [&str; 3] = ["toml", "yaml", "json"];

const TOML: &str = r#"
[settings]
ENABLE_MESSAGE_RATING = false

[permissions]
features.notes = false

[[groups]]
name = "Everybody"

[[groups]]
name = "Ops"
description = "Runs the servers"
members = ["zeno@example.com"]
permissions.features.direct_tool_servers = true
"#;

impl Roster<'_> {
    fn write(&self, name: &str, text: &str) {
        fs::write(self.path(name), text).unwrap();
    }

    /// Runs `apply`, which must end with this code; gives what it printed as JSON.
    fn apply(&self, code: i32, arguments: &[&str]) -> Value {
        let outcome = self.run(&[&["apply", "--json"], arguments].concat());
        assert_eq!(outcome.code, Some(code), "{outcome:?}");
        serde_json::from_str(&outcome.stdout).unwrap_or_else(|why| panic!("{why}: {outcome:?}"))
    }
}

fn validator() -> jsonschema::Validator {
    jsonschema::validator_for(&schema()).unwrap()
}

/// What the program prints; it needs no database.
fn schema() -> Value {
    let place = crate::place::Place::new();
    let outcome = place.run(&["apply", "--schema"]);
    assert_eq!((outcome.code, outcome.stderr.as_str()), (Some(0), ""), "{outcome:?}");
    serde_json::from_str(&outcome.stdout).unwrap()
}

/// Renewed by `rosterd apply --schema > docs/roster.schema.json`.
#[test]
fn the_schema_in_docs_is_the_one_that_is_printed() {
    let path = crate::documents::root().join("docs/roster.schema.json");
    let kept: Value = serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap();
    assert_eq!(kept, schema());
}

with_databases!(all, a_file_is_shown_first_then_applied_and_then_there_is_nothing_to_do, async |db| {
    let roster = Roster::on(&db);
    roster.create("zora@example.com", &["--admin"]);
    roster.create("zeno@example.com", &[]);
    roster.write("roster.toml", TOML);
    let before = roster.json(&["group", "list"]);

    let shown = roster.run(&["apply", "roster.toml"]);
    assert_eq!(shown.code, Some(5), "{shown:?}");
    for part in [
        "+ group Everybody\n",
        "+ group Ops\n    + description: \"Runs the servers\"\n    + right features.direct_tool_servers: true\n",
        "    + member zeno@example.com\n",
        "~ default permissions\n",
        "~ settings\n    ~ ENABLE_MESSAGE_RATING: true → false\n",
        "Nothing was changed.",
    ] {
        assert!(shown.stdout.contains(part), "{part}: {shown:?}");
    }
    assert!(!shown.stdout.contains('\u{1b}'), "no colours where there is no terminal");
    assert!(shown.stderr.contains("4 changes would be made; --apply makes them"), "{shown:?}");
    assert_eq!(roster.json(&["group", "list"]), before);

    let applied = roster.run(&["apply", "roster.toml", "--apply", "--events"]);
    assert_eq!(applied.code, Some(0), "{applied:?}");
    assert!(applied.stdout.contains("Done: 2 groups created"), "{applied:?}");
    let events: Vec<Value> = applied.stderr.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let names: Vec<_> = events.iter().map(|event| event["event"].as_str().unwrap()).collect();
    assert_eq!(
        names,
        [
            "group.created",
            "group.created",
            "group.member_added",
            "permissions.default_changed",
            "config.changed"
        ]
    );
    for command in [&["apply", "roster.toml"][..], &["apply", "roster.toml", "--apply"]] {
        let again = roster.run(command);
        assert_eq!(
            (again.code, again.stdout.trim_end()),
            (Some(0), "Everything is as declared."),
            "{again:?}"
        );
    }
    assert_eq!(roster.apply(0, &["roster.toml"]), json!({ "applied": false, "changes": [] }));
    let bob = roster.json(&["permissions", "show", "--user", "zeno@example.com"]);
    assert_eq!(bob["features"]["direct_tool_servers"], true);
    assert_eq!(bob["features"]["notes"], false);
});

with_databases!(all, d6_what_is_dumped_in_any_format_changes_nothing, async |db| {
    let roster = Roster::on(&db);
    roster.create("zora@example.com", &["--admin"]);
    roster.write("roster.toml", TOML.replace("zeno@", "zora@").as_str());
    roster.apply(0, &["roster.toml", "--apply"]);
    let validator = validator();
    let mut documents = Vec::new();
    for format in FORMATS {
        let dumped = roster.run(&["dump", "--format", format]);
        assert_eq!((dumped.code, dumped.stderr.as_str()), (Some(0), ""), "{dumped:?}");
        assert_eq!(dumped.stdout, roster.run(&["dump", "--format", format]).stdout, "the order is stable");
        let name = format!("dump.{format}");
        roster.write(&name, &dumped.stdout);
        for more in [&[][..], &["--prune"], &["--prune", "--apply"]] {
            let planned = roster.apply(0, &[&[name.as_str()], more].concat());
            assert_eq!(planned["changes"], json!([]), "{format} {more:?}");
        }
        if format == "json" {
            documents.push(serde_json::from_str::<Value>(&dumped.stdout).unwrap());
        }
    }
    documents.push(roster.json(&["dump"]));
    assert_eq!(documents[0], documents[1]);
    let errors: Vec<_> = validator.iter_errors(&documents[0]).map(|error| error.to_string()).collect();
    assert_eq!(errors, [""; 0], "the schema takes what is dumped");
    let ops = documents[0]["groups"].as_array().unwrap().iter().find(|group| group["name"] == "Ops").unwrap();
    assert_eq!(ops["members"], json!(["zora@example.com"]));
    assert_eq!(ops["permissions"], json!({ "features": { "direct_tool_servers": true } }));
    assert_eq!(documents[0]["settings"]["ENABLE_MESSAGE_RATING"], false);
});

with_databases!(own, d6_a_dump_makes_the_same_roster_elsewhere, async |db| {
    let roster = Roster::on(&db);
    roster.create("ada@example.com", &["--admin"]);
    roster.write(
        "tree.yaml",
        "groups:\n  - name: Below\n    parent: Above\n    members: [ada@example.com]\n  - name: Above\n",
    );
    roster.apply(0, &["tree.yaml", "--apply"]);
    let dumped = roster.run(&["dump"]).stdout;
    for kind in [DbKind::OwnSqlite, DbKind::OwnPostgres].into_iter().filter(|kind| kind.is_available()) {
        let other = TestDb::fresh(kind);
        let elsewhere = Roster::on(&other);
        elsewhere.create("ada@example.com", &["--admin"]);
        elsewhere.write("roster.toml", &dumped);
        elsewhere.apply(0, &["roster.toml", "--prune", "--apply"]);
        assert_eq!(elsewhere.run(&["dump"]).stdout, dumped);
    }
});

with_databases!(own, a_file_may_come_from_standard_input_and_says_its_format, async |db| {
    let roster = Roster::on(&db);
    roster.create("ada@example.com", &["--admin"]);
    let yaml = "groups:\n  - name: Ops\n";
    let applied = roster.run_with(&["apply", "-", "--format", "yaml", "--apply"], yaml);
    assert_eq!(applied.code, Some(0), "{applied:?}");
    assert_eq!(roster.json(&["group", "list"])[0]["name"], "Ops");
    roster.run_with(&["apply", "-"], yaml).assert_failed(2, &["--format", "standard input"]);
    roster.run(&["apply", "roster"]).assert_failed(2, &["roster does not end in", "--format"]);
    roster.run(&["apply", "none.toml"]).assert_failed(1, &["none.toml cannot be read"]);
    assert_eq!(roster.run(&["apply"]).code, Some(2));
});

fn assert_told(outcome: &Outcome, lines: &[&str]) {
    assert_eq!((outcome.code, outcome.stdout.as_str()), (Some(1), ""), "{outcome:?}");
    let told: Vec<&str> = outcome.stderr.lines().skip(1).collect();
    assert_eq!(told, lines, "{outcome:?}");
    assert!(outcome.stderr.contains("was not applied, and nothing was changed:"), "{outcome:?}");
}

with_databases!(own, d3_faults_are_told_with_file_and_line_all_at_once, async |db| {
    let roster = Roster::on(&db);
    roster.create("ada@example.com", &["--admin"]);
    roster.write(
        "roster.toml",
        "[settings]\nENABLE_SIGNUP = \"yes\"\n\n[[groups]]\nname = \"Ops\"\nmemebrs = []\n\
         members = [\n    \"ada@example.com\",\n    \"bob@example.com\",\n]\npermissions.chat.delte = true\n",
    );
    let no_account =
        "bob@example.com has no account; create it first, with `rosterd user create` or `rosterd import`";
    let wanted = [
        "roster.toml:2: settings.ENABLE_SIGNUP: true or false is needed.".to_owned(),
        "roster.toml:6: groups[0].memebrs: there is no such key; the nearest key is members".to_owned(),
        format!("roster.toml:9: groups[0].members[1]: {no_account}"),
        "roster.toml:11: groups[0].permissions.chat.delte: there is no such right; the nearest name is chat.delete, and --force \
         sets one that only a newer front end knows"
            .to_owned(),
    ];
    let wanted: Vec<&str> = wanted.iter().map(String::as_str).collect();
    assert_told(&roster.run(&["apply", "roster.toml"]), &wanted);
    assert_told(&roster.run(&["apply", "roster.toml", "--apply"]), &wanted);
    assert_eq!(roster.json(&["group", "list"]), json!([]));
    roster.write("roster.yaml", "groups:\n  - name: Ops\n    members: [bob@example.com\n");
    let broken = roster.run(&["apply", "roster.yaml"]);
    assert_eq!(broken.code, Some(1), "{broken:?}");
    assert!(
        broken.stderr.contains("roster.yaml:") && broken.stderr.contains("this is no YAML"),
        "{broken:?}"
    );
    roster.write("roster.json", "{\"groups\": [{\"name\": \"Ops\", \"members\": [\"bob@example.com\"]}]}");
    assert_told(
        &roster.run(&["apply", "roster.json"]),
        &[&format!("roster.json: groups[0].members[0]: {no_account}")],
    );
    fs::write(roster.path("latin.toml"), b"a = 1\nb = \"\xfc\"\n").unwrap();
    assert_told(
        &roster.run(&["apply", "latin.toml"]),
        &["latin.toml:2: this is no UTF-8; save the file as UTF-8"],
    );
});

with_databases!(own, the_files_of_the_page_are_what_it_says, async |db| {
    let page = crate::documents::document("docs/DECLARE.md");
    let roster = Roster::on(&db);
    for person in ["ada", "bob", "eve"] {
        roster.create(&format!("{person}@example.com"), &[]);
    }
    let validator = validator();
    let mut seen = Vec::new();
    for block in page.blocks().into_iter().filter(|block| FORMATS.contains(&block.language.as_str())) {
        let name = format!("page.{}", block.language);
        roster.write(&name, &block.text);
        // Each block says the same, so the first one does all there is to do.
        let code = if seen.is_empty() { 5 } else { 0 };
        roster.apply(code, &[&name]);
        roster.apply(0, &[&name, "--apply"]);
        roster.apply(0, &[&name]);
        if block.language == "json" {
            let document = serde_json::from_str(&block.text).unwrap();
            assert!(validator.is_valid(&document), "{document}");
        }
        seen.push(block.language);
    }
    assert_eq!(seen, ["toml", "yaml", "json"]);
    let shown = roster.run(&["dump", "--format", "yaml"]).stdout;
    for part in ["name: Engineering", "parent: Everybody", "- bob@example.com"] {
        assert!(shown.contains(part), "{part}: {shown}");
    }
    // What the page shows of the output is what is printed.
    roster.write(
        "roster.toml",
        &page.blocks().into_iter().find(|block| block.language == "toml").unwrap().text,
    );
    let fresh = TestDb::fresh(DbKind::OwnSqlite);
    let elsewhere = Roster::on(&fresh);
    for person in ["ada", "bob", "eve"] {
        elsewhere.create(&format!("{person}@example.com"), &[]);
    }
    fs::copy(roster.path("roster.toml"), elsewhere.path("roster.toml")).unwrap();
    let printed = elsewhere.run(&["apply", "roster.toml"]).stdout;
    let shown = page.blocks().into_iter().find(|block| block.language == "text").unwrap().text;
    assert_eq!(printed.trim_end(), shown);
});
