//! `rosterd user list` (rules L1 and L2).

use std::collections::BTreeSet;
use std::fmt::Write as _;

use rosterd_domain::clock::{Clock as _, SystemClock};
use rosterd_testkit::{TestDb, with_databases};
use serde_json::Value;

use crate::place::{Place, Roster};

/// Enough for three windows; every ten have one name, and all were made in the same second.
const MANY: usize = 450;

fn fill(db: &TestDb) {
    let columns = "id, name, email, role, profile_image_url, created_at, updated_at, last_active_at";
    let mut sql = String::new();
    for number in 0..MANY {
        let (name, email) = (format!("Name {}", number / 10), format!("user{number:03}@example.com"));
        // Writing to a String cannot fail.
        let _ = write!(
            sql,
            r#"INSERT INTO "user" ({columns}) VALUES ('id-{number:03}', '{name}', '{email}', 'user', '', 9, 9, 9);"#
        );
    }
    db.db_execute(&sql);
}

fn ids(list: &Value) -> Vec<String> {
    list.as_array().unwrap().iter().map(|user| user["id"].as_str().unwrap().to_owned()).collect()
}

with_databases!(own, l1_every_account_comes_once_in_every_order, async |db| {
    fill(&db);
    let roster = Roster::on(&db);
    let group = roster.json(&["group", "create", "Ops"])["id"].as_str().unwrap().to_owned();
    roster.json(&["group", "add", "Ops", "id-007", "id-300", "id-449"]);
    let by_group = format!("group_id:{group}");
    for order in ["created_at", "updated_at", "last_active_at", "name", "email", "role", by_group.as_str()] {
        let mut seen = Vec::new();
        for direction in ["asc", "desc"] {
            seen = ids(&roster.json(&["user", "list", "--order-by", order, "--direction", direction]));
            assert_eq!(seen.len(), MANY, "{order} {direction}");
            assert_eq!(seen.iter().collect::<BTreeSet<_>>().len(), MANY, "{order} {direction}");
        }
        if order == by_group {
            assert_eq!(seen[..3], ["id-007", "id-300", "id-449"], "members first when descending");
        }
    }
    let by_email = ids(&roster.json(&["user", "list", "--order-by", "email", "--direction", "asc"]));
    assert!(by_email.is_sorted());
});

with_databases!(own, a_limit_ends_the_list_wherever_a_window_does, async |db| {
    fill(&db);
    let roster = Roster::on(&db);
    let all = ids(&roster.json(&["user", "list"]));
    for limit in [1, 199, 200, 201, 449, 450, 451] {
        let limited = ids(&roster.json(&["user", "list", "--limit", &limit.to_string()]));
        assert_eq!(limited, all[..limit.min(MANY)], "{limit}");
    }
});

with_databases!(own, a_list_of_nothing_is_refused, async |db| {
    let roster = Roster::on(&db);
    for limit in ["0", "-1", "many", ""] {
        let outcome = roster.run(&["user", "list", &format!("--limit={limit}")]);
        assert_eq!((outcome.code, outcome.stdout.as_str()), (Some(2), ""), "{limit}: {outcome:?}");
        assert!(outcome.stderr.contains("--limit") && outcome.stderr.contains("from 1"), "{outcome:?}");
    }
});

with_databases!(attached, l2_a_query_is_part_of_a_name_or_an_address_in_any_case, async |db| {
    let roster = Roster::on(&db);
    let all = roster.json(&["user", "list"]);
    assert_eq!(ids(&all).len(), 84);
    let found = roster.json(&["user", "list", "--query", "CORP.example"]);
    let expected = all
        .as_array()
        .unwrap()
        .iter()
        .filter(|user| user["email"].as_str().unwrap().contains("corp.example"));
    assert_eq!(ids(&found), ids(&expected.cloned().collect()));
    assert_eq!(roster.json(&["user", "list", "--query", "m%b"]), serde_json::json!([]));
    let text = roster.run(&["user", "list"]).stdout;
    assert_eq!(text.lines().count(), 84);
    assert!(text.lines().all(|line| line.split('\t').count() == 4), "{text}");
});

#[test]
fn an_order_that_does_not_exist_is_told_and_so_are_those_that_do() {
    const ORDERS: [&str; 7] =
        ["created_at", "updated_at", "last_active_at", "name", "email", "role", "group_id:ID"];
    let place = Place::new();
    for wrong in ["password", "group_id:", "Name", ""] {
        let outcome = place.run(&["user", "list", "--order-by", wrong]);
        assert_eq!((outcome.code, outcome.stdout.as_str()), (Some(2), ""), "{outcome:?}");
        assert!(outcome.stderr.contains("--order-by"), "{outcome:?}");
        for order in ORDERS {
            assert!(outcome.stderr.contains(order), "{order}: {outcome:?}");
        }
    }
    let outcome = place.run(&["user", "list", "--order-by", "update_at"]);
    assert!(outcome.stderr.contains("a similar value exists: 'updated_at'"), "{outcome:?}");
    for help in ["-h", "--help"] {
        let help = place.run(&["user", "list", help]).stdout;
        for order in ORDERS {
            assert!(help.contains(order), "{order}: {help}");
        }
    }
}

with_databases!(own, a_name_does_not_forge_lines, async |db| {
    let roster = Roster::on(&db);
    roster.create("ada@example.com", &[]);
    db.db_execute(
        r#"UPDATE "user" SET name = 'Ada' || chr(10) || 'Eve'"#.replace("chr", char_function(&db)).as_str(),
    );
    assert_eq!(roster.run(&["user", "list"]).stdout.lines().count(), 1);
    assert_eq!(roster.json(&["user", "list"])[0]["name"], "Ada\nEve", "JSON says it as it is");
});

fn char_function(db: &TestDb) -> &'static str {
    if db.is_postgres() { "chr" } else { "char" }
}

with_databases!(own, accounts_that_were_not_used_are_listed_by_how_long_that_is, async |db| {
    fill(&db);
    let now = SystemClock.now();
    for (id, days) in [("id-003", 100), ("id-005", 80), ("id-007", 0)] {
        let at = now - days * 86_400;
        db.db_execute(&format!(r#"UPDATE "user" SET last_active_at = {at} WHERE id = '{id}'"#));
    }
    let roster = Roster::on(&db);
    let idle =
        |more: &[&str]| ids(&roster.json(&[&["user", "list", "--inactive-since", "90d"], more].concat()));
    let all = idle(&[]);
    assert_eq!(
        (all.len(), all.last().map(String::as_str)),
        (MANY - 2, Some("id-003")),
        "who was gone longest comes first"
    );
    assert_eq!(idle(&["--limit", "5"]), all[..5]);
    let by_email = idle(&["--order-by", "email", "--direction", "asc"]);
    assert!(by_email.is_sorted() && by_email.len() == MANY - 2);
    let refused = roster.run(&["user", "list", "--inactive-since", "soon"]);
    assert!(refused.code == Some(2) && refused.stderr.contains("not a duration"), "{refused:?}");
});

with_databases!(own, l5_a_list_is_narrowed_to_a_role_and_a_group, async |db| {
    fill(&db);
    let roster = Roster::on(&db);
    roster.json(&["user", "set-role", "id-300", "pending"]);
    roster.json(&["group", "create", "Ops"]);
    roster.json(&["group", "add", "Ops", "id-007", "id-300", "id-449"]);
    let list = |more: &[&str]| ids(&roster.json(&[&["user", "list"], more].concat()));
    assert_eq!(list(&["--role", "pending"]), ["id-300"]);
    assert_eq!(
        list(&["--group", "Ops", "--order-by", "email", "--direction", "asc"]),
        ["id-007", "id-300", "id-449"]
    );
    assert_eq!(list(&["--group", "Ops", "--role", "user", "--limit", "1"]), ["id-449"]);
    assert_eq!(list(&["--role", "user"]).len(), MANY - 1, "window by window");
    roster.run(&["user", "list", "--group", "Nope"]).assert_failed(1, &["no group", "Nope"]);
    roster
        .run(&["user", "list", "--role", "user", "--order-by", "group_id:x"])
        .assert_failed(2, &["--order-by", "--group"]);
    assert_eq!(roster.run(&["user", "list", "--role", "king"]).code, Some(2));
});

with_databases!(own, a_list_has_the_format_that_is_asked_for, async |db| {
    let roster = Roster::on(&db);
    roster.create("ada@example.com", &[]);
    db.db_execute(
        r#"UPDATE "user" SET name = '=1+1, "x"', created_at = 9, updated_at = 9, last_active_at = 9"#,
    );
    let id = roster.json(&["user", "list"])[0]["id"].as_str().unwrap().to_owned();
    let list = |format: &str| roster.run(&["user", "list", "--format", format]).stdout;
    let wanted = format!(
        "id,email,name,role,created_at,updated_at,last_active_at,status\r\n{id},ada@example.com,\"'=1+1, \"\"x\"\"\",admin,9,9,9,active\r\n"
    );
    assert_eq!(list("csv"), wanted);
    let table = list("table");
    assert!(table.starts_with("ID ") && table.lines().count() == 2 && !table.contains('\t'), "{table}");
    assert_eq!(serde_json::from_str::<Value>(&list("json")).unwrap(), roster.json(&["user", "list"]));
    roster.run(&["user", "list", "--format", "csv", "--json"]).assert_failed(2, &["--json", "--format"]);
    assert_eq!(roster.run(&["user", "list", "--format", "json", "--json"]).code, Some(0));
    assert_eq!(roster.run(&["user", "list", "--format", "xml"]).code, Some(2));
});
