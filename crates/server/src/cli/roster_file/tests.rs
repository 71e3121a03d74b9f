use std::fmt::Write as _;

use proptest::prelude::*;
use rosterd_domain::roster::{Content, Node};
use serde_json::{Value, json};

use super::*;

const ALL: [Format; 3] = [Format::Toml, Format::Yaml, Format::Json];

fn value(format: Format, text: &str) -> Value {
    format
        .parse(text)
        .unwrap_or_else(|problems| panic!("{format:?}: {problems:?}\n{text}"))
        .to_value("")
        .unwrap()
}

fn problems(format: Format, text: &str) -> Vec<String> {
    let problems = format.parse(text).expect_err(text);
    problems.iter().map(ToString::to_string).collect()
}

fn roster(document: &Value) -> Roster {
    let (roster, problems) = Roster::read(&Node::of(document.clone()));
    assert_eq!(problems, Vec::new(), "{document}");
    roster
}

#[test]
fn a_document_is_easy_to_read_in_toml_and_yaml() {
    let document = roster(&json!({
        "permissions": { "features": { "notes": true, "web search": false }, "chat": { "delete": false } },
        "settings": { "ADMIN_EMAIL": null, "ENABLE_SIGNUP": false, "DEFAULT_PROMPT_SUGGESTIONS": ["x", "y"] },
        "groups": [
            { "name": "Everybody", "description": "", "members": [], "permissions": {} },
            { "name": "Ops: \"night\"", "parent": "Everybody", "members": ["ada@example.com", "bob@example.com"],
              "permissions": { "features": { "notes": true } } },
        ],
    }));
    let toml = Format::Toml.write(&document).unwrap();
    let wanted = r#"# What `rosterd dump` found. Change it, and see what `rosterd apply` would do with it.

[permissions]
chat.delete = false
features.notes = true
features."web search" = false

[settings]
ADMIN_EMAIL = ""
DEFAULT_PROMPT_SUGGESTIONS = [
    "x",
    "y",
]
ENABLE_SIGNUP = false

[[groups]]
name = "Everybody"
description = ""
members = []
permissions = {}

[[groups]]
name = "Ops: \"night\""
parent = "Everybody"
members = [
    "ada@example.com",
    "bob@example.com",
]
permissions.features.notes = true
"#;
    assert_eq!(toml, wanted);
    let yaml = Format::Yaml.write(&document).unwrap();
    let wanted = r#"# What `rosterd dump` found. Change it, and see what `rosterd apply` would do with it.
permissions:
  chat:
    delete: false
  features:
    notes: true
    web search: false
settings:
  ADMIN_EMAIL: null
  DEFAULT_PROMPT_SUGGESTIONS:
    - x
    - "y"
  ENABLE_SIGNUP: false
groups:
  - name: Everybody
    description: ""
    members: []
    permissions: {}
  - name: "Ops: \"night\""
    parent: Everybody
    members:
      - ada@example.com
      - bob@example.com
    permissions:
      features:
        notes: true
"#;
    assert_eq!(yaml, wanted);
}

#[test]
fn an_empty_list_of_groups_stays_one() {
    for (document, groups) in [(json!({ "permissions": {}, "groups": [] }), Some(0)), (json!({}), None)] {
        for format in ALL {
            let text = format.write(&roster(&document)).unwrap();
            let (read, problems) = Roster::read(&format.parse(&text).unwrap());
            assert_eq!(problems, Vec::new());
            assert_eq!(read.groups.map(|groups| groups.len()), groups, "{format:?}\n{text}");
        }
    }
}

#[test]
fn places_are_told_by_their_line() {
    let toml = "[[groups]]\nname = \"A\"\n\n[[groups]]\nname = 7\npermissions.chat.edit = 1\nmembers = [\n  true,\n]\n";
    let yaml = "groups:\n  - name: A\n\n  - name: 7\n    permissions:\n      chat: {edit: 1}\n    members:\n      - true\n";
    for (format, text, lines) in [(Format::Toml, toml, [5, 6, 8]), (Format::Yaml, yaml, [4, 6, 8])] {
        let (_, problems) = Roster::read(&format.parse(text).unwrap());
        let told: Vec<_> = rosterd_domain::roster::in_order(problems);
        assert_eq!(told.iter().filter_map(|problem| problem.line).collect::<Vec<_>>(), lines, "{told:?}");
    }
}

#[test]
fn what_is_no_document_is_told_with_its_line() {
    for (format, text, part) in [
        (Format::Toml, "a = 1\na = 2\n", "line 2: this is no TOML: "),
        (Format::Toml, "a = \n", "line 1: this is no TOML: "),
        (Format::Json, "{\"a\": 1,\n\"a\": 2}", "line 2: this is no JSON: the key a stands here twice"),
        (Format::Json, "{\"a\": }", "line 1: this is no JSON: expected value"),
        (Format::Yaml, "a: 1\nb: 2\na: 3\n", "line 3: the key a stands here and in line 1"),
        (Format::Yaml, "a: [1\n", "this is no YAML: "),
        (Format::Yaml, "a: 1\n---\nb: 2\n", "a second document begins here"),
        (Format::Yaml, "? [a]\n: 1\n", "a key must be a text"),
        (Format::Yaml, "a: !mine 1\n", "the tag !mine is not known"),
        (Format::Yaml, "a: &x [*x]\n", "this alias is within what it repeats"),
    ] {
        let told = problems(format, text);
        assert!(told.iter().any(|problem| problem.contains(part)), "{format:?} {text:?}: {told:?}");
    }
    let both = problems(Format::Toml, "a = \n\nb = \n");
    assert!(both.len() > 1, "every fault is told: {both:?}");
}

#[test]
fn a_small_file_of_yaml_cannot_become_a_large_one() {
    for value in ["x".repeat(1 << 20), format!("[{}]", "1, ".repeat(10_000))] {
        let text = format!("a: &x {value}\nb: [{}]\n", "*x, ".repeat(300));
        let told = problems(Format::Yaml, &text);
        assert!(told.iter().any(|problem| problem.contains("too many values")), "{told:?}");
    }
}

#[test]
fn values_of_yaml_are_those_of_version_1_2() {
    for (text, wanted) in [
        ("~", json!(null)),
        ("", json!(null)),
        ("yes", json!("yes")),
        ("True", json!(true)),
        ("'true'", json!("true")),
        ("!!str 7", json!("7")),
        ("-7", json!(-7)),
        ("0x1F", json!(31)),
        ("0o17", json!(15)),
        ("1e3", json!(1000.0)),
        ("1.5", json!(1.5)),
        ("18446744073709551615", json!(18_446_744_073_709_551_615_u64)),
        ("1.2.3", json!("1.2.3")),
        ("2026-11-27", json!("2026-11-27")),
        ("|\n  a\n  b\n", json!("a\nb\n")),
        ("{a: &x [1, 2], b: *x}", json!({ "a": [1, 2], "b": [1, 2] })),
    ] {
        assert_eq!(value(Format::Yaml, &format!("v: {text}")), json!({ "v": wanted }), "{text}");
    }
    for odd in [".inf", "-.INF", ".nan", "1e999", "99999999999999999999999"] {
        let node = Format::Yaml.parse(odd).unwrap();
        assert!(matches!(node.content, Content::Odd(_)), "{odd}: {node:?}");
    }
}

#[test]
fn values_of_toml_are_those_of_json_and_dates_are_odd() {
    let text = "a = 0x1F\nb = 1_000\nc = 1.5\nd = true\ne = 'x'\nf = [1, \"y\"]\ng = { h = -1 }\n";
    let wanted =
        json!({ "a": 31, "b": 1000, "c": 1.5, "d": true, "e": "x", "f": [1, "y"], "g": { "h": -1 } });
    assert_eq!(value(Format::Toml, text), wanted);
    for odd in ["2026-11-27", "inf", "nan"] {
        let node = Format::Toml.parse(&format!("settings.X = {odd}")).unwrap();
        let (_, problems) = Roster::read(&node);
        assert_eq!(problems.len(), 1, "{odd}");
        assert_eq!(problems[0].path, "settings.X");
    }
}

#[test]
fn a_small_file_cannot_become_a_large_one() {
    let mut text = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n".to_owned();
    for level in 1..20 {
        let repeats = vec![format!("*a{}", level - 1); 9].join(", ");
        let _ = writeln!(text, "a{level}: &a{level} [{repeats}]");
    }
    assert!(problems(Format::Yaml, &text)[0].contains("too many values"));
    let deep = "[".repeat(5000);
    for (format, text) in [
        (Format::Yaml, deep.clone()),
        (Format::Json, deep.clone()),
        (Format::Toml, format!("a = {deep}{}", "]".repeat(5000))),
    ] {
        assert!(!problems(format, &text).is_empty());
    }
}

#[test]
fn the_format_is_the_end_of_the_name() {
    for (name, format) in [
        ("roster.toml", Format::Toml),
        ("a/b.YAML", Format::Yaml),
        ("x.yml", Format::Yaml),
        ("roster.json", Format::Json),
    ] {
        assert_eq!(Format::of(name).unwrap(), format, "{name}");
    }
    for name in ["roster", "roster.txt", "-", ".toml"] {
        assert!(Format::of(name).unwrap_err().sentence().contains("--format"), "{name}");
    }
}

/// Texts with what formats have a meaning for.
fn any_text() -> impl Strategy<Value = String> {
    prop_oneof![
        "[ -~]{0,12}",
        "[\\x01-\\x1f\\x7f-\\x9f\"'\\\\ab\n]{0,6}",
        any::<String>().prop_map(|text| text.replace('\0', "")),
        Just("true".to_owned()),
        Just("- x: [y]".to_owned()),
        Just("#".to_owned()),
        Just("\u{feff}\u{2028}\u{85}".to_owned()),
    ]
}

/// What a setting can be.
fn any_value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        (-1e15..1e15_f64).prop_map(Value::from),
        any_text().prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 12, 3, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..3).prop_map(Value::from),
            proptest::collection::btree_map(any_text(), inner, 0..3)
                .prop_map(|entries| Value::Object(entries.into_iter().collect())),
        ]
    })
}

fn any_document() -> impl Strategy<Value = Value> {
    let rights = || {
        let section = proptest::collection::btree_map(any_text(), any::<bool>(), 1..3);
        proptest::collection::btree_map(any_text(), section, 0..3)
    };
    let members = proptest::collection::btree_set(any_text(), 0..4);
    let group = (any_text(), any_text(), any_text(), members, rights()).prop_map(
        |(name, description, parent, members, rights)| {
            json!({
                "name": name, "description": description, "parent": parent, "members": members, "permissions": rights,
            })
        },
    );
    let settings = proptest::collection::btree_map(any_text(), any_value(), 0..4);
    (rights(), settings, proptest::collection::vec(group, 0..4)).prop_map(|(permissions, settings, groups)| {
        json!({ "permissions": permissions, "settings": settings, "groups": groups })
    })
}

proptest! {
    #[test]
    fn d6_a_document_comes_back_from_every_format(document in any_document()) {
        let roster = roster(&document);
        for format in ALL {
            let text = format.write(&roster).unwrap();
            let node = format.parse(&text);
            prop_assert!(node.is_ok(), "{:?}: {:?}\n{}", format, node, text);
            let (read, problems) = Roster::read(&node.unwrap());
            prop_assert_eq!(problems, Vec::new(), "{:?}\n{}", format, text);
            let (read, wanted) = (serde_json::to_value(&read).unwrap(), serde_json::to_value(&roster).unwrap());
            prop_assert!(rosterd_domain::json::is_same(&read, &wanted), "{:?}: {} {}\n{}", format, read, wanted, text);
        }
    }

    #[test]
    fn any_text_is_a_document_or_told_why_not(text in any::<String>(), like in "[\\[\\]{}:,\"'&*!|>#%@`a-b0-9 \n=.-]{0,40}") {
        for format in ALL {
            for text in [&text, &like] {
                if let Ok(node) = format.parse(text) {
                    let _ = Roster::read(&node);
                }
            }
        }
    }
}
