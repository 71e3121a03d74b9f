//! What becomes of the rows of a file.

use proptest::strategy::{Strategy as _, ValueTree as _};
use proptest::test_runner::TestRunner;
use rosterd_domain::email::EmailLookup;
use rosterd_domain::ids::UserId;
use rosterd_testkit::run::block_on;
use rosterd_testkit::{DbKind, TestDb, TestServer, with_servers};
use serde_json::{Value, json};

use super::{counts, import, import_as, refusal};

const OPEN_WEBUI: &str = "Name,Email,Password,Role\nAnn Lee,ann@rosterd.test,correct horse battery,user\n";

async fn id_of(server: &TestServer, email: &str) -> Option<UserId> {
    let email = EmailLookup::new(email);
    server.db_read(move |db| db.find_user_id_by_email(&email)).await
}

// T1: Open WebUI's own file, any separator, UTF-16; a column that is not known is named.
with_servers!(all, t1_files_are_read_as_they_come, async |server| {
    let ada = server.db_admin("ada").created_at(1).create().await;
    let preview = import(&ada, "", OPEN_WEBUI).await;
    assert_eq!(counts(&preview), [json!(1), json!(0), json!(0), json!(0)]);
    let table = "\u{feff}E-Mail;NAME;Passwort\r\nray@rosterd.test;\"Ray; Bob\";x\r\n";
    let wide: Vec<u8> = table.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let applied = import_as(&ada, "apply=true", "text/csv", &wide).await;
    assert_eq!(counts(&applied), [json!(1), json!(0), json!(0), json!(0)]);
    assert_eq!(applied.at("/ignored_columns"), json!(["Passwort"]));
    let bob = server.db_get_user(&id_of(&server, "ray@rosterd.test").await.unwrap()).await;
    assert_eq!(bob.name, "Ray; Bob");
    let lines = b"{\"email\": \"cy@rosterd.test\", \"more\": 1}\n";
    let applied = import_as(&ada, "apply=true", "application/x-ndjson", lines).await;
    assert_eq!(counts(&applied)[0], 1);
    import_as(&ada, "", "application/json", lines).await.assert_invalid(&["query/format"]);
    import(&ada, "", "").await.assert_invalid(&["body"]);
    let refused = import(&ada, "", "ann@rosterd.test,Ann").await;
    assert!(refusal(&refused).1.contains("no column email"), "{refused}");
    // That is no row that could be left out.
    for options in ["apply=true&skip_bad=true", "apply=true&skip_bad=true&atomic=true"] {
        let refused = import(&ada, options, "ann@rosterd.test,Ann").await;
        assert_eq!(refused.at("/outcome"), "refused");
        assert_eq!(counts(&refused), [json!(0), json!(0), json!(0), json!(1)]);
    }
});

// T2: an account is found by its e-mail address, in any spelling.
with_servers!(all, t2_an_account_is_found_by_its_e_mail_address, async |server| {
    let ada = server.db_admin("ada").created_at(1).create().await;
    let bob = server.db_user("bob").email("bob@rosterd.test").create().await;
    let file =
        "email,name\n BOB@rosterd.test,Robert\nnew.one@rosterd.test,\nnew.one@rosterd.test,x\nnobody,x\n";
    let preview = import(&ada, "", file).await;
    assert_eq!(counts(&preview), [json!(1), json!(1), json!(0), json!(2)]);
    assert_eq!(preview.at("/outcome"), "preview");
    assert_eq!(refusal(&preview), (4, "line 3 has the same e-mail address".to_owned()));
    assert_eq!(server.db_get_user(bob.id()).await.name, "bob", "nothing was written");
    let applied = import(&ada, "apply=true&skip_bad=true", file).await;
    assert_eq!(applied.at("/outcome"), "applied");
    assert_eq!(counts(&applied), [json!(1), json!(1), json!(0), json!(2)]);
    let (bob, new) = (bob.id().clone(), id_of(&server, "new.one@rosterd.test").await.unwrap());
    assert_eq!(server.db_get_user(&bob).await.name, "Robert");
    let new = server.db_get_user(&new).await;
    assert_eq!((new.name.as_str(), new.role.as_str()), ("new.one", "user"));
    let again = import(&ada, "apply=true&skip_bad=true", file).await;
    assert_eq!(counts(&again), [json!(0), json!(0), json!(2), json!(2)]);
});

// T3: nobody knows what the rest has of a file that ends in the middle, so it is refused, whatever may be left out.
with_servers!(own, t3_a_file_that_ends_in_the_middle_is_refused, async |server| {
    let ada = server.db_admin("ada").create().await;
    let file =
        r#"{"realm": "staff", "users": [{"username": "bob", "email": "bob@rosterd.test"}, {"username": "#;
    let query = "apply=true&skip_bad=true&format=keycloak";
    let refused = import_as(&ada, query, "application/octet-stream", file.as_bytes()).await;
    assert_eq!(refused.assert_status(200).at("/outcome"), "refused", "{refused}");
    assert_eq!(server.db_read(|db| db.count_users()).await, 1);
});

// T5: an id that no database takes is refused with its row.
with_servers!(all, t5_an_id_is_judged_before_it_is_looked_for, async |server| {
    let ada = server.db_admin("ada").created_at(1).create().await;
    let lines = "{\"email\": \"bob@rosterd.test\", \"id\": \"a\\u0000\"}\n";
    let applied = import_as(&ada, "apply=true&skip_bad=true", "application/x-ndjson", lines.as_bytes()).await;
    applied.assert_status(200);
});

// T3: nothing is written if a row is refused; more rows than a chunk has are written, with an event for each.
with_servers!(own, t3_a_file_is_checked_first_and_written_in_chunks, async |server| {
    let ada = server.db_admin("ada").create().await;
    let mut file = "email,role\n".to_owned();
    (0..2_300).for_each(|n| file.extend([&format!("p{n}"), "@rosterd.test,user\n"]));
    let bad = import(&ada, "apply=true", &format!("{file}x@rosterd.test,root\n")).await;
    assert_eq!(bad.at("/outcome"), "refused");
    assert_eq!(refusal(&bad), (2_302, "role must be pending, user or admin".to_owned()));
    assert_eq!(server.db_read(|db| db.count_users()).await, 1);
    server.forget_events();
    let applied = import(&ada, "apply=true", &file).await;
    assert_eq!(counts(&applied), [json!(2_300), json!(0), json!(0), json!(0)]);
    let told = server.take_events();
    assert_eq!(told.len(), 2_300);
    assert!(told.iter().all(|record| record.event.name() == "user.created"));
    assert_eq!(
        server
            .db()
            .db_value("SELECT count(*) AS n FROM rosterd_event WHERE action = 'user.created'")
            .unwrap(),
        "2300"
    );
    assert_eq!(counts(&import(&ada, "apply=true", &file).await)[2], 2_300);
    // They are found like any other.
    ada.get("/api/v1/users/search?query=p2299@")
        .await
        .assert_status(200)
        .at("/total")
        .as_i64()
        .filter(|n| *n == 1)
        .unwrap();
    let atomic = import(&ada, "apply=true&atomic=true", &file.replace("@rosterd", "@other")).await;
    assert_eq!((atomic.at("/outcome"), atomic.at("/new")), (json!("applied"), json!(2_300)));
});

// T3: of many rows in one transaction there may be 10,000.
with_servers!(own, t3_one_transaction_has_a_limit, async |server| {
    let ada = server.db_admin("ada").create().await;
    let rows: Vec<String> = (0..10_001).map(|n| format!("p{n}@rosterd.test")).collect();
    let refused = import(&ada, "apply=true&atomic=true", &format!("email\n{}", rows.join("\n"))).await;
    assert_eq!(refused.at("/outcome"), "refused");
    assert!(refusal(&refused).1.contains("at most 10000 are written in one transaction"), "{refused}");
});

// T9: groups are joined and never left, and made if that is allowed.
with_servers!(all, t9_an_account_joins_the_groups_of_its_row, async |server| {
    let ada = server.db_admin("ada").created_at(1).create().await;
    let bob = server.db_user("bob").email("bob@rosterd.test").create().await;
    server.db_group("Sales", &[&bob], Value::Null).await;
    let file = "email,groups\nbob@rosterd.test,Berlin\nnew@rosterd.test,Sales; Berlin\n";
    let refused = import(&ada, "apply=true", file).await;
    assert!(refusal(&refused).1.starts_with("there is no group \"Berlin\""), "{refused}");
    let query = "apply=true&create_groups=true";
    let applied = import(&ada, query, file).await;
    assert_eq!(applied.at("/new_groups"), json!(["Berlin"]));
    let members = async |email: &str| {
        let id = id_of(&server, email).await.unwrap();
        let mut names: Vec<String> = server
            .db_read(move |db| db.list_group_names_of(&id))
            .await
            .into_iter()
            .map(|it| it.name)
            .collect();
        names.sort();
        names
    };
    assert_eq!(members("bob@rosterd.test").await, ["Berlin", "Sales"]);
    assert_eq!(members("new@rosterd.test").await, ["Berlin", "Sales"]);
    assert_eq!(counts(&import(&ada, query, file).await)[2], 2);
});

#[test]
fn lines_report_progress() {
    block_on(async {
        let server = TestServer::start(TestDb::fresh(DbKind::OwnSqlite)).await;
        let ada = server.db_admin("ada").create().await;
        let rows: Vec<String> = (0..1_500).map(|n| format!("p{n}@rosterd.test")).collect();
        let request = ada
            .request(rosterd_testkit::Method::POST, "/api/v1/users/import?apply=true")
            .header("accept", "application/x-ndjson")
            .body("text/csv", format!("email\n{}", rows.join("\n")));
        let reply = request.send().await;
        assert_eq!(reply.assert_status(200).header("content-type"), Some("application/x-ndjson"));
        let text = reply.text();
        let lines: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        let progress =
            |stage, rows, of: Value| json!({ "progress": { "stage": stage, "rows": rows, "of": of } });
        assert_eq!(
            lines[..4],
            [
                progress("checking", 1_000, Value::Null),
                progress("checking", 1_500, Value::Null),
                progress("writing", 1_000, json!(1_500)),
                progress("writing", 1_500, json!(1_500)),
            ]
        );
        assert_eq!(
            (&lines[4]["report"]["outcome"], &lines[4]["report"]["new"]),
            (&json!("applied"), &json!(1_500))
        );
    });
}

/// Whatever is sent, it is an answer, and every account has both its rows.
#[test]
fn any_bytes_imported_are_an_answer_and_whole_rows() {
    for kind in [DbKind::OwnSqlite, DbKind::OwnPostgres] {
        if !kind.is_available() {
            rosterd_testkit::run::report_skip("any_bytes_imported_are_an_answer_and_whole_rows");
            continue;
        }
        block_on(async {
            let server = TestServer::start(TestDb::fresh(kind)).await;
            let ada = server.db_admin("ada").create().await;
            let mut runner = TestRunner::deterministic();
            let cell = "[\\PC\\x00-\\x1f]{0,8}";
            let rows = proptest::collection::vec((cell, cell, cell, cell), 0..6);
            for number in 0..60 {
                let rows = rows.new_tree(&mut runner).unwrap().current();
                let mut file = b"email,name,groups,bio\n".to_vec();
                for (n, (email, name, groups, bio)) in rows.iter().enumerate() {
                    let odd = if n % 2 == 0 { format!("{email}@x{number}.test") } else { email.clone() };
                    file.extend_from_slice(format!("{odd},{name},{groups},{bio}\n").as_bytes());
                }
                if number % 5 == 0 {
                    file.push(0xff);
                }
                let query = "apply=true&skip_bad=true&create_groups=true";
                let reply = import_as(&ada, query, "text/csv", &file).await;
                assert_eq!(reply.status(), 200, "{file:?}\n{reply}");
            }
            let halves = "SELECT count(*) AS n FROM \"user\" u WHERE NOT EXISTS (SELECT 1 FROM auth a WHERE a.id = u.id AND a.email = u.email)";
            assert_eq!(server.db().db_value(halves).as_deref(), Some("0"));
            assert!(server.db_read(|db| db.count_users()).await > 10);
        });
    }
}
