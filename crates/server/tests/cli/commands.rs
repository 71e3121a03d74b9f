//! Commands that end by themselves.

use rosterd_testkit::{DbKind, TestDb, with_databases};

use crate::place::Place;

const SECRET: (&str, &str) = ("WEBUI_SECRET_KEY", "thirty-two bytes are just enough");

#[test]
fn help_and_version_are_no_failures() {
    let place = Place::new();
    let help = place.run(&["--help"]);
    assert_eq!(help.code, Some(0));
    assert!(
        help.stdout.contains("WEBUI_SECRET_KEY") && help.stdout.contains("Exit codes"),
        "{}",
        help.stdout
    );
    let version = place.run(&["--version"]);
    assert_eq!(version.stdout, format!("rosterd {}\n", env!("CARGO_PKG_VERSION")));
}

#[test]
fn config_prints_what_holds_and_makes_nothing() {
    let place = Place::new();
    let environment =
        [SECRET, ("PORT", "9000"), ("DATABASE_URL", "postgresql://roster:s3cret@h/d"), ("HOST", "::1")];
    let outcome = place.run_with(&["config", "--host", "0.0.0.0"], &environment, "");
    assert_eq!(outcome.code, Some(0), "{outcome:?}");
    assert!(outcome.stdout.contains("port = 9000  # environment variable PORT"), "{}", outcome.stdout);
    assert!(outcome.stdout.contains("host = \"0.0.0.0\"  # command line"), "{}", outcome.stdout);
    assert!(!outcome.stdout.contains("s3cret") && !outcome.stdout.contains(SECRET.1), "{}", outcome.stdout);
    assert_eq!(place.files(), [""; 0], "not even a secret is made");
}

#[test]
fn config_prints_a_file_that_config_reads() {
    let place = Place::new();
    let first = place.run(&["config", "--set", "limits.body_bytes=2MiB", "--set", "ENABLE_SIGNUP=no"]);
    std::fs::write(place.path("rosterd.toml"), &first.stdout).unwrap();
    let again = place.run_with(&["config"], &[("ROSTERD_CONFIG", "rosterd.toml")], "");
    assert!(again.stdout.contains("body_bytes = \"2MiB\"  # rosterd.toml"), "{again:?}");
    assert!(again.stdout.contains("signup = false  # rosterd.toml"), "{again:?}");
}

#[test]
fn a_wrong_command_line_ends_with_2() {
    let place = Place::new();
    assert_eq!(place.run(&["frobnicate"]).code, Some(2));
    assert_eq!(place.run(&["--no-such-option"]).code, Some(2));
    place.run(&["config", "--set", "NO_SUCH=1"]).assert_failed(2, &["NO_SUCH"]);
    let secret = place.run(&["config", "--set", "WEBUI_SECRET_KEY=hunter2-hunter2-hunter2-hunter2-"]);
    secret.assert_failed(2, &["WEBUI_SECRET_KEY", "command line"]);
    assert!(!secret.stderr.contains("hunter2"));
}

#[test]
fn a_wrong_configuration_ends_with_3_before_anything_is_made() {
    let place = Place::new();
    let short = place.run_with(&["serve"], &[("WEBUI_SECRET_KEY", "hunter2")], "");
    short.assert_failed(3, &["WEBUI_SECRET_KEY", "7 bytes", "32 or more"]);
    assert!(!short.stderr.contains("hunter2"));
    place.run_with(&[], &[("PORT", "http")], "").assert_failed(3, &["PORT", "`http`"]);
    place
        .run_with(&[], &[("DATABASE_URL", "mysql://h/d")], "")
        .assert_failed(3, &["DATABASE_URL", "sqlite:///"]);
    place.run(&["--config", "absent.toml"]).assert_failed(3, &["absent.toml"]);
    assert_eq!(place.files(), [""; 0]);
}

#[test]
fn every_wrong_setting_is_told_in_one_run() {
    let outcome = Place::new().run_with(&["serve"], &[("PORT", "x"), ("ENABLE_SIGNUP", "maybe")], "");
    assert_eq!(outcome.code, Some(3));
    assert!(outcome.stderr.contains("PORT") && outcome.stderr.contains("ENABLE_SIGNUP"), "{outcome:?}");
}

#[test]
fn a_database_that_does_not_open_ends_with_4() {
    let place = Place::new();
    std::fs::write(place.path("text.db"), "this is no database, whatever its name says".repeat(100)).unwrap();
    let outcome = place.run_with(&["migrate"], &[SECRET, ("DATABASE_URL", "sqlite:///text.db")], "");
    outcome.assert_failed(4, &["DATABASE_URL"]);
    let url = "postgresql://roster:s3cret@127.0.0.1:1/d";
    let outcome = place.run_with(&["token", "ada@example.com"], &[SECRET, ("DATABASE_URL", url)], "");
    outcome.assert_failed(4, &["DATABASE_URL", "postgresql://roster:***@127.0.0.1:1/d"]);
    assert!(!outcome.stderr.contains("s3cret"));
}

#[test]
fn the_default_database_and_its_secret_are_made_in_data() {
    let place = Place::new();
    place.create_admin("ada@example.com", &[]);
    assert_eq!(place.files(), ["data"]);
    assert!(place.path("data/rosterd.db").exists());
    let secret = std::fs::read_to_string(place.path("data/.rosterd_secret_key")).unwrap();
    assert!(secret.len() >= 32);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = std::fs::metadata(place.path("data/.rosterd_secret_key")).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
    assert_eq!(place.run(&["token", "ada@example.com"]).code, Some(0));
    assert_eq!(
        std::fs::read_to_string(place.path("data/.rosterd_secret_key")).unwrap(),
        secret,
        "it is reused"
    );
}

#[test]
fn r2_an_address_has_one_account() {
    let place = Place::new();
    place.create_admin("ada@example.com", &[SECRET]);
    let create = |email: &str| {
        let arguments = ["user", "create", "--email", email, "--name", "Eve", "--password-stdin"];
        place.run_with(&arguments, &[SECRET], "correct horse\n")
    };
    create(" ADA@Example.com").assert_failed(1, &["already"]);
    create("no address").assert_failed(1, &["name@example.com"]);
    let other = create("Eve@example.com");
    assert_eq!(other.code, Some(0), "{other:?}");
    assert!(other.stdout.starts_with("created eve@example.com with role user, id "), "{other:?}");
}

with_databases!(own, r2_of_commands_at_once_one_makes_the_account, async |db| {
    let (place, environment) = (Place::new(), [SECRET, ("DATABASE_URL", db.url())]);
    let arguments = ["user", "create", "--email", "ada@example.com", "--name", "Ada", "--password-stdin"];
    let codes: Vec<Option<i32>> = std::thread::scope(|scope| {
        let command = || place.run_with(&arguments, &environment, "correct horse\n").code;
        let threads: Vec<_> = (0..4).map(|_| scope.spawn(command)).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    assert_eq!(codes.iter().filter(|code| **code == Some(0)).count(), 1, "{codes:?}");
    assert_eq!(codes.iter().filter(|code| **code == Some(1)).count(), 3, "{codes:?}");
});

#[test]
fn r3_the_password_policy_holds_on_the_command_line() {
    let place = Place::new();
    let create = |password: &str| {
        let arguments = ["user", "create", "--email", "ada@example.com", "--name", "Ada", "--password-stdin"];
        place.run_with(&arguments, &[SECRET], password)
    };
    create("short\n").assert_failed(1, &["at least 8"]);
    create(&"x".repeat(73)).assert_failed(1, &["72"]);
    assert_eq!(place.files(), [""; 0], "refused before a database is made");
}

#[test]
fn without_a_terminal_a_password_must_come_from_standard_input() {
    let outcome = Place::new().run(&["user", "create", "--email", "a@example.com", "--name", "A"]);
    outcome.assert_failed(2, &["--password-stdin"]);
}

#[test]
fn a_token_needs_an_account() {
    let place = Place::new();
    place.run_with(&["token", "nobody@example.com"], &[SECRET], "").assert_failed(1, &["nobody@example.com"]);
    let outcome = place.run_with(&["token", "a@example.com", "--expires-in", "soon"], &[SECRET], "");
    outcome.assert_failed(2, &["--expires-in", "`soon`"]);
}

#[test]
fn a_waiting_account_gets_its_token_with_a_note() {
    let place = Place::new();
    let arguments = ["user", "create", "--role", "pending", "--email", "p@example.com", "--name", "P"];
    let outcome =
        place.run_with(&[&arguments[..], &["--password-stdin"]].concat(), &[SECRET], "correct horse");
    assert_eq!(outcome.code, Some(0), "{outcome:?}");
    let outcome = place.run_with(&["token", "p@example.com", "--expires-in", "-1"], &[SECRET], "");
    assert_eq!((outcome.code, outcome.stdout.trim().split('.').count()), (Some(0), 3), "{outcome:?}");
    assert!(outcome.stderr.contains("pending"), "{outcome:?}");
}

#[test]
fn migrate_makes_our_tables_and_leaves_those_of_open_webui() {
    let place = Place::new();
    let own = place.run_with(&["migrate"], &[SECRET, ("ROSTERD_MIGRATE", "false")], "");
    assert_eq!((own.code, own.stdout.trim()), (Some(0), "the database is up to date"), "{own:?}");
    let db = TestDb::fresh(DbKind::WebUiSqlite);
    let before = db.schema_dump();
    let theirs = place.run_with(&["migrate"], &[SECRET, ("DATABASE_URL", db.url())], "");
    assert_eq!(theirs.code, Some(0), "{theirs:?}");
    assert!(theirs.stdout.contains("Open WebUI"), "{theirs:?}");
    assert_eq!(db.schema_dump(), before);
}
