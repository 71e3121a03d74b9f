//! What lies around the tables: schemas, rights, encodings, types and migrations that make a database look empty, or
//! like one of ours, when it is not. Each is refused with what mends it, and nothing is written.

use rosterd_storage::{DatabaseUrl, OpenError, Ownership, Store, StoreOptions, migrations, raw};
use rosterd_testkit::postgres::PostgresServer;
use rosterd_testkit::{DbKind, TestDb, run, with_databases};

use crate::support::{insert_users, open, options, read};

/// Runs the test where there is a PostgreSQL, or says that it was skipped.
fn on_postgres(test: &str, kind: DbKind, body: impl FnOnce(TestDb)) {
    if kind.is_available() { body(TestDb::fresh(kind)) } else { run::report_skip(test) }
}

fn in_schema(db: &TestDb, schema: &str) -> StoreOptions {
    StoreOptions { url: db.database_url().with_schema(schema), ..options(db) }
}

/// The database as this role sees it.
fn as_role(db: &TestDb, role: &str) -> StoreOptions {
    let separator = if db.url().contains('?') { '&' } else { '?' };
    let url = format!("{}{separator}options=-c%20role%3D{role}", db.url());
    StoreOptions { url: DatabaseUrl::parse(&url).unwrap(), ..options(db) }
}

/// A role that may do nothing, gone with this value.
struct Role<'a>(&'a TestDb, String);

impl<'a> Role<'a> {
    fn new(db: &'a TestDb, name: &str) -> Self {
        let name = format!("rosterd_{name}_{}", std::process::id());
        db.db_execute(&format!("CREATE ROLE {name}"));
        Self(db, name)
    }
}

impl Drop for Role<'_> {
    fn drop(&mut self) {
        self.0.db_execute(&format!("DROP OWNED BY {}; DROP ROLE {}", self.1, self.1));
    }
}

fn refusal(options: &StoreOptions) -> String {
    Store::open(options).map(|store| format!("{:?}", store.layout())).unwrap_err().to_string()
}

/// Tables of the schema.
fn tables_in(db: &TestDb, schema: &str) -> String {
    db.db_value(&format!("SELECT count(*) AS n FROM pg_tables WHERE schemaname = '{schema}'")).unwrap()
}

#[test]
fn tables_of_open_webui_in_another_schema_are_not_overlooked() {
    on_postgres("tables_of_open_webui_in_another_schema_are_not_overlooked", DbKind::WebUiPostgres, |db| {
        db.db_execute("ALTER SCHEMA public RENAME TO openwebui; CREATE SCHEMA public");
        let refused = Store::open(&options(&db)).unwrap_err();
        assert!(matches!(refused, OpenError::Elsewhere { .. }), "{refused:?}");
        let text = refused.to_string();
        assert!(
            text.contains("DATABASE_SCHEMA=openwebui") && text.contains("DATABASE_SCHEMA=public"),
            "{text}"
        );
        assert!(matches!(migrations::run(&options(&db)), Err(OpenError::Elsewhere { .. })));
        assert_eq!(tables_in(&db, "public"), "0");

        run::block_on(async {
            let theirs = Store::open(&in_schema(&db, "openwebui")).unwrap();
            assert_eq!(theirs.layout().ownership, Ownership::Attached);
            assert_eq!(read(&theirs, |db| db.count_users()).await, 84);
            assert_eq!(theirs.scan(|db| db.count_users()).await.unwrap(), 84);
            assert_eq!(tables_in(&db, "public"), "0");

            let ours = Store::open(&in_schema(&db, "public")).unwrap();
            assert_eq!(
                (ours.layout().ownership, read(&ours, |db| db.count_users()).await),
                (Ownership::Standalone, 0)
            );
            insert_users(&ours, &["eve"]).await;
            assert_eq!(read(&theirs, |db| db.count_users()).await, 84, "each keeps to its own schema");
        });
        assert_eq!(open(&db).layout().ownership, Ownership::Standalone, "public is not empty any more");
    });
}

#[test]
fn a_schema_may_have_any_name_and_must_be_there() {
    on_postgres("a_schema_may_have_any_name_and_must_be_there", DbKind::OwnPostgres, |db| {
        let name = r#"Open "Web" UI\, ünï"#;
        let refused = refusal(&in_schema(&db, name));
        assert!(refused.contains("there is no schema") && refused.contains("CREATE SCHEMA"), "{refused}");
        db.db_execute(&format!("CREATE SCHEMA \"{}\"", name.replace('"', "\"\"")));
        run::block_on(async {
            let store = Store::open(&in_schema(&db, name)).unwrap();
            insert_users(&store, &["eve"]).await;
            assert_eq!(read(&store, |db| db.count_users()).await, 1);
            assert_eq!(read(&open(&db), |db| db.count_users()).await, 0);
        });
        assert_eq!(raw::query_text(&in_schema(&db, name).url, "SELECT id FROM auth").unwrap().len(), 0);
    });
}

#[test]
fn tables_that_the_role_may_not_read_are_not_overlooked() {
    on_postgres("tables_that_the_role_may_not_read_are_not_overlooked", DbKind::WebUiPostgres, |db| {
        let role = Role::new(&db, "blind");
        let before = db.schema_dump();
        let refused = refusal(&as_role(&db, &role.1));
        assert!(refused.contains("may not read user, auth") && refused.contains("GRANT SELECT"), "{refused}");

        db.db_execute("REVOKE ALL ON SCHEMA public FROM PUBLIC");
        let refused = refusal(&as_role(&db, &role.1));
        assert!(refused.contains("GRANT USAGE ON SCHEMA \"public\""), "{refused}");
        let named = StoreOptions { url: as_role(&db, &role.1).url.with_schema("public"), ..options(&db) };
        assert!(refusal(&named).contains("GRANT USAGE ON SCHEMA \"public\""));
        assert_eq!(db.schema_dump(), before);

        db.db_execute(&format!(
            "GRANT USAGE ON SCHEMA public TO {0}; GRANT SELECT ON ALL TABLES IN SCHEMA public TO {0}",
            role.1
        ));
        assert_eq!(Store::open(&as_role(&db, &role.1)).unwrap().layout().ownership, Ownership::Attached);
    });
}

#[test]
fn a_database_that_is_not_in_utf_8_is_refused() {
    if let Some(server) = PostgresServer::shared() {
        let name = format!("rosterd_test_latin1_{}", std::process::id());
        let admin = DatabaseUrl::parse(&server.url_of("postgres")).unwrap();
        raw::execute(
            &admin,
            &format!(
                "CREATE DATABASE {name} ENCODING 'LATIN1' LC_COLLATE 'C' LC_CTYPE 'C' TEMPLATE template0"
            ),
        )
        .unwrap();
        let refused = refusal(&StoreOptions::new(DatabaseUrl::parse(&server.url_of(&name)).unwrap()));
        server.drop_database(&name);
        assert!(refused.contains("LATIN1") && refused.contains("ENCODING 'UTF8'"), "{refused}");
    } else {
        run::report_skip("a_database_that_is_not_in_utf_8_is_refused");
    }
    let db = TestDb::empty_sqlite();
    db.db_execute("PRAGMA encoding = 'UTF-16le'; CREATE TABLE \"user\" (id text)");
    let refused = refusal(&options(&db));
    assert!(refused.contains("UTF-16le") && refused.contains(".dump"), "{refused}");
}

with_databases!(own, a_database_of_a_newer_version_is_refused, async |db| {
    db.db_execute("INSERT INTO __diesel_schema_migrations (version) VALUES ('29991231000000')");
    let before = db.schema_dump();
    for migrate in [true, false] {
        let refused = refusal(&StoreOptions { migrate, ..options(&db) });
        assert!(refused.contains("29991231000000") && refused.contains("newer rosterd"), "{refused}");
    }
    let options = options(&db);
    for step in [migrations::run, migrations::pending, migrations::revert_all] {
        assert!(matches!(step(&options), Err(OpenError::Newer { .. })));
    }
    assert_eq!(db.schema_dump(), before);
});

#[test]
fn the_statements_that_an_error_gives_mend_the_types() {
    on_postgres("the_statements_that_an_error_gives_mend_the_types", DbKind::WebUiPostgres, |db| {
        let before = db.schema_dump();
        db.db_execute(
            "ALTER TABLE \"group\" ALTER permissions TYPE jsonb USING permissions::jsonb, \
             ALTER data TYPE jsonb USING data::jsonb; \
             ALTER TABLE \"user\" ALTER created_at TYPE timestamp USING to_timestamp(created_at) AT TIME ZONE 'UTC', \
             ALTER updated_at TYPE numeric, ALTER last_active_at TYPE integer USING 1700000000, \
             ALTER settings TYPE bytea USING convert_to(settings::text, 'UTF8'), \
             ALTER date_of_birth TYPE text; \
             ALTER TABLE auth ALTER active TYPE smallint USING active::int::smallint",
        );
        let Err(OpenError::Schema { problems, .. }) = Store::open(&options(&db)) else {
            panic!("types that Diesel would misread");
        };
        assert_eq!(problems.len(), 8, "{problems:?}");
        for problem in problems {
            let (_, statement) = problem.split_once(" (").unwrap();
            assert!(statement.starts_with("ALTER TABLE \"public\".\""), "{problem}");
            db.db_execute(statement.strip_suffix(')').unwrap());
        }
        assert_eq!(open(&db).layout().ownership, Ownership::Attached);
        assert_eq!(db.schema_dump(), before);
        run::block_on(async {
            let alice =
                read(&open(&db), |db| db.find_user(&crate::support::recorded("alice"))).await.unwrap();
            assert!(alice.created_at > 1_000_000_000);
        });
    });
}
