//! `rosterd import` and `rosterd export` (rules T3 to T5 and T10).

use std::io::{BufRead, BufReader, Read};
use std::process::{Command, Stdio};

use rosterd_testkit::{DbKind, TestDb, with_databases};
use serde_json::{Value, json};

use crate::place::{PASSWORD, PROGRAM, Roster, SECRET};

/// Every column of both tables that a file has, but for the order of the rows.
fn rows(db: &TestDb) -> Vec<Vec<Option<String>>> {
    let columns = "u.id, u.name, u.email, u.role, u.profile_image_url, u.created_at, u.updated_at, u.last_active_at, \
                   u.username, u.bio, u.gender, u.date_of_birth, u.profile_banner_image_url, u.timezone, \
                   u.presence_state, u.status_emoji, u.status_message, u.status_expires_at, u.oauth, u.info, u.settings, \
                   u.scim, u.variables, a.email AS of_auth, a.password, a.session_stamp";
    let active = "CASE WHEN a.active THEN 'yes' ELSE 'no' END AS active";
    db.db_query_text(&format!(
        "SELECT {columns}, {active} FROM \"user\" u JOIN auth a ON a.id = u.id ORDER BY u.id"
    ))
}

fn counts(report: &Value) -> [&Value; 4] {
    ["new", "changed", "unchanged", "refused"].map(|name| &report[name])
}

/// Accounts of every kind: with all columns, with none, switched off, with a name that a spreadsheet would run.
fn fill(db: &TestDb) {
    let roster = Roster::on(db);
    roster.create("ada@example.com", &["--admin"]);
    for (id, email) in [("a-first", "zoe@example.com"), ("z-last", "eve@example.com")] {
        db.db_execute(&format!(
            "INSERT INTO \"user\" (id, name, email, role, profile_image_url, created_at, updated_at, last_active_at) \
             VALUES ('{id}', '=1+1', '{email}', 'pending', '', 4000000000, 4000000001, 4000000002); \
             INSERT INTO auth (id, email, password, active) VALUES ('{id}', '{email}', '$2b$04$x', {});",
            if db.is_postgres() { "FALSE" } else { "0" },
        ));
    }
    db.db_execute(
        "UPDATE \"user\" SET username = 'zoe', bio = 'Hi, \"you\"', gender = 'x', date_of_birth = '1990-12-31', \
         profile_banner_image_url = 'https://b.example/x.png', timezone = 'Europe/Bern', presence_state = 'away', \
         status_emoji = 'e', status_message = 'm', status_expires_at = 7, oauth = '{\"google\":{\"sub\":\"1\"}}', \
         info = '{\"a\":1}', settings = '{\"ui\":{\"z\":1,\"a\":[2]}}', variables = '{\"city\":\"Bern\"}' \
         WHERE id = 'a-first'",
    );
    db.db_execute("UPDATE auth SET session_stamp = 'stamp' WHERE id = 'a-first'");
    roster.json(&["group", "create", "R; D"]);
    roster.json(&["group", "add", "R; D", "a-first"]);
}

// T10: lines of JSON have every column: imported into an empty database of either kind they give the same rows.
with_databases!(own, t10_an_export_makes_the_same_rows_in_an_empty_database, async |db| {
    fill(&db);
    let exported = Roster::on(&db).run(&["export", "--format", "ndjson"]);
    assert_eq!((exported.code, exported.stderr.as_str()), (Some(0), ""), "{exported:?}");
    for kind in [DbKind::OwnSqlite, DbKind::OwnPostgres].into_iter().filter(|kind| kind.is_available()) {
        let other = TestDb::fresh(kind);
        let roster = Roster::on(&other);
        let arguments =
            ["import", "-", "--format", "ndjson", "--apply", "--allow-admins", "--create-groups", "--json"];
        let report = roster.run_with(&arguments, &exported.stdout).json();
        assert_eq!(counts(&report), [&json!(3), &json!(0), &json!(0), &json!(0)], "{report}");
        assert_eq!(rows(&other), rows(&db), "{kind:?}");
        assert_eq!(roster.run(&["export", "--format", "ndjson"]).stdout, exported.stdout, "{kind:?}");
        let again = roster.run_with(&arguments, &exported.stdout).json();
        assert_eq!(counts(&again)[2], 3, "{again}");
    }
});

// T4: the first account is an active admin, also where the row before it is left out for its password.
with_databases!(own, t4_a_row_that_is_left_out_is_not_the_first_account, async |db| {
    let roster = Roster::on(&db);
    let table =
        "email,password,role\nada@example.com,password1,admin\nbob@example.com,correct horse battery,user\n";
    let import = ["import", "-", "--format", "csv", "--skip-bad", "--allow-admins", "--json"];
    for more in [&[][..], &["--apply"]] {
        let outcome = roster.run_with(&[&import, more].concat(), table);
        let report: Value = serde_json::from_str(&outcome.stdout).unwrap();
        assert_eq!(counts(&report), [&json!(0), &json!(0), &json!(0), &json!(2)], "{report}");
    }
    assert_eq!(db.db_value("SELECT count(*) AS n FROM \"user\"").as_deref(), Some("0"));
    let better = table.replace("password1", "another pass phrase");
    let report = roster.run_with(&[&import[..], &["--apply"]].concat(), &better).json();
    assert_eq!(counts(&report)[0], 2);
});

// T10: chosen columns of a table, hashes among them.
with_databases!(own, t10_a_table_has_the_columns_that_are_asked_for, async |db| {
    fill(&db);
    let roster = Roster::on(&db);
    let table = roster.run(&["export", "--fields", "email,name,groups,password_hash"]).stdout;
    let lines: Vec<&str> = table.split("\r\n").collect();
    assert_eq!(lines[0], "email,name,groups,password_hash");
    assert!(lines[1].starts_with("ada@example.com,"), "{table}");
    assert!(lines.contains(&"zoe@example.com,'=1+1,\"[\"\"R; D\"\"]\",$2b$04$x"), "{table}");
    roster.run(&["export", "--fields", "email,nobody"]).assert_failed(2, &["--fields", "nobody"]);
    roster.run(&["export", "--fields", "password"]).assert_failed(2, &["passwords are not stored"]);
});

// T3: first a preview, whose exit code says whether rows are refused.
with_databases!(own, t3_a_file_is_imported_after_a_preview, async |db| {
    let roster = Roster::on(&db);
    roster.create("ada@example.com", &["--admin"]);
    let file = roster.path("people.csv");
    std::fs::write(&file, "Name,Email,Password,Role\nAnn,ann@example.com,correct horse battery,user\n")
        .unwrap();
    let name = file.to_str().unwrap();
    let preview = roster.run(&["import", name]);
    assert_eq!(
        (preview.code, preview.stdout.as_str()),
        (Some(0), "1 new, 0 changed, 0 unchanged, 0 refused\nnothing was written; --apply writes it\n"),
        "{preview:?}"
    );
    let applied = roster.run(&["import", name, "--apply", "--events"]);
    assert_eq!(applied.stdout, "1 new, 0 changed, 0 unchanged, 0 refused\n", "{applied:?}");
    assert!(applied.stderr.contains("user.created") && !applied.stderr.contains(PASSWORD), "{applied:?}");
    assert_eq!(roster.json(&["import", name, "--apply"])["unchanged"], 1);

    std::fs::write(&file, "email,role\nnobody,user\nann@example.com,pending\n").unwrap();
    let refused = roster.run(&["import", name, "--apply"]);
    assert_eq!(refused.code, Some(1), "{refused:?}");
    assert!(refused.stdout.starts_with("line 2: This is not a valid e-mail address"), "{refused:?}");
    assert!(refused.stderr.contains("nothing was written"), "{refused:?}");
    assert_eq!(roster.role("ann@example.com"), "user");
    assert_eq!(roster.json(&["import", name, "--apply", "--skip-bad"])["changed"], 1);
    assert_eq!(roster.role("ann@example.com"), "pending");

    roster.run(&["import", "-"]).assert_failed(2, &["--format", "csv"]);
    roster.run(&["import", "nothing.csv"]).assert_failed(1, &["nothing.csv cannot be read"]);
});

// T4: the first account is an active admin, and one always remains.
with_databases!(own, t4_an_active_admin_remains, async |db| {
    let roster = Roster::on(&db);
    let import = |file: &str| {
        roster.run_with(&["import", "-", "--format", "csv", "--apply", "--allow-admins", "--json"], file)
    };
    let refused = import("email,role\nbob@example.com,user\nada@example.com,admin\n");
    assert_eq!(refused.code, Some(1), "{refused:?}");
    assert!(refused.stdout.contains("the first one stays its primary admin"), "{refused:?}");
    let people = "email,role\nada@example.com,admin\nbob@example.com,user\neve@example.com,admin\n";
    assert_eq!(counts(&import(people).json())[0], 3);
    assert_eq!(
        roster.json(&["user", "list", "--order-by", "created_at", "--direction", "asc"])[0]["email"],
        "ada@example.com"
    );
    db.db_execute(if db.is_postgres() {
        "UPDATE auth SET active = FALSE WHERE email = 'ada@example.com'"
    } else {
        "UPDATE auth SET active = 0 WHERE email = 'ada@example.com'"
    });
    let refused = import("email,role\neve@example.com,user\n");
    assert!(refused.stdout.contains("no active admin would be left"), "{refused:?}");
    let refused = import("email,name\nada@example.com,Other\n");
    assert!(refused.stdout.contains("primary admin"), "{refused:?}");
});

/// T3: killed in the middle and started again, an import gives the rows that it would have given.
#[test]
fn t3_an_import_that_was_killed_is_started_again() {
    const MANY: usize = 6_000;
    for kind in [DbKind::OwnSqlite, DbKind::OwnPostgres].into_iter().filter(|kind| kind.is_available()) {
        let db = TestDb::fresh(kind);
        let roster = Roster::on(&db);
        roster.create("ada@example.com", &["--admin"]);
        let rows: Vec<String> = (0..MANY).map(|n| format!("p{n}@example.com")).collect();
        let file = roster.path("people.csv");
        std::fs::write(&file, format!("email\n{}\n", rows.join("\n"))).unwrap();
        let mut import = Command::new(PROGRAM)
            .args(["import", "--apply", "--events"])
            .arg(&file)
            .env_clear()
            .envs([SECRET, ("DATABASE_URL", db.url())])
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        // An event is told when its chunk is committed.
        let mut told = BufReader::new(import.stderr.take().unwrap());
        told.read_line(&mut String::new()).unwrap();
        import.kill().unwrap();
        import.wait().unwrap();
        let _ = told.read_to_end(&mut Vec::new());
        let count = |sql: &str| db.db_value(sql).unwrap().parse::<usize>().unwrap();
        let accounts = "SELECT count(*) AS n FROM \"user\" u JOIN auth a ON a.id = u.id";
        let written = count(accounts) - 1;
        assert!(written >= 1_000 && written % 1_000 == 0, "{written}");
        let report = roster.json(&["import", file.to_str().unwrap(), "--apply"]);
        assert_eq!(report["unchanged"], written, "{report}");
        assert_eq!(count(accounts), MANY + 1);
        assert_eq!(count("SELECT count(*) AS n FROM rosterd_event WHERE action = 'user.created'"), MANY + 1);
    }
}
