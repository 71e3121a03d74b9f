//! Commands that end by themselves.

use std::process::{Command, Stdio};

use rosterd_testkit::{DbKind, TestDb};

use crate::place::{PROGRAM, Place, Roster};

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
    let version = format!("rosterd {}\n", env!("CARGO_PKG_VERSION"));
    assert_eq!(place.run(&["--version"]).stdout, version);
    // Not even a wrong configuration stands in the way.
    let outcome = place.run_with(&["version"], &[("PORT", "x")], "");
    assert_eq!((outcome.code, outcome.stdout, outcome.stderr), (Some(0), version, String::new()));
    assert_eq!(place.run(&["version", "--json"]).json()["version"], env!("CARGO_PKG_VERSION"));
    assert_eq!(place.files(), [""; 0]);
}

#[test]
fn help_is_a_command_too() {
    let place = Place::new();
    for (command, option) in [
        (&["help"][..], &["--help"][..]),
        (&["help", "user"], &["user", "--help"]),
        (&["help", "user", "list"], &["user", "list", "--help"]),
        (&["group", "help", "create"], &["group", "create", "--help"]),
    ] {
        let (said, wanted) = (place.run_with(command, &[("PORT", "x")], ""), place.run(option));
        assert_eq!((said.code, said.stderr.as_str()), (Some(0), ""), "{command:?}");
        assert_eq!(said.stdout, wanted.stdout, "{command:?}");
    }
    assert_eq!(place.run(&["help", "frobnicate"]).code, Some(2));
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

/// Every command that prints a result, on the recorded roster. A new one without `--json` fails to parse here.
#[test]
fn every_command_prints_json_when_asked() {
    let db = TestDb::fresh(DbKind::WebUiSqlite);
    let roster = Roster::on(&db);
    roster.create("eve@example.com", &[]);
    let commands: &[&[&str]] = &[
        &["config"],
        &["migrate"],
        &["adopt"],
        &["adopt", "--apply"],
        &["user", "list"],
        &["user", "show", "eve@example.com"],
        &["user", "set-role", "eve@example.com", "admin"],
        &["group", "create", "Ops"],
        &["group", "list"],
        &["group", "add", "Ops", "eve@example.com"],
        &["group", "show", "Ops"],
        &["group", "remove", "Ops", "eve@example.com"],
        &["group", "delete", "Ops"],
        &["permissions", "show"],
        &["permissions", "set", "chat.delete=true"],
        &["token", "eve@example.com"],
        &["user", "sessions", "eve@example.com"],
        &["user", "revoke", "eve@example.com"],
        &["user", "delete", "eve@example.com"],
        &["user", "deleted", "list"],
        &["user", "deleted", "restore", "eve@example.com"],
        &["user", "delete", "eve@example.com"],
        &["user", "deleted", "purge", "eve@example.com"],
    ];
    for command in commands {
        let printed = roster.json(command);
        assert!(printed.is_object() || printed.is_array(), "{command:?}: {printed}");
    }
    roster.run(&["serve", "--json"]).assert_failed(2, &["--json", "ROSTERD_LOG_FORMAT"]);
}

#[test]
fn config_as_json_hides_what_is_secret() {
    let place = Place::new();
    let environment = [SECRET, ("DATABASE_URL", "postgresql://roster:s3cret@h/d")];
    let outcome = place.run_with(&["config", "--json"], &environment, "");
    let all = format!("{outcome:?}");
    assert!(!all.contains("s3cret") && !all.contains(SECRET.1), "{all}");
    let settings: serde_json::Value = serde_json::from_str(&outcome.stdout).unwrap();
    let of = |variable: &str| {
        settings.as_array().unwrap().iter().find(|setting| setting["variable"] == variable).unwrap().clone()
    };
    assert_eq!(of("WEBUI_SECRET_KEY")["value"], serde_json::Value::Null);
    assert_eq!(of("DATABASE_URL")["value"], "postgresql://roster:***@h/d");
    assert_eq!(of("DATABASE_URL")["origin"], "environment variable DATABASE_URL");
    assert_eq!(of("PORT")["origin"], "default");
}

#[test]
fn the_help_of_every_command_tells_the_exit_codes() {
    let place = Place::new();
    let commands: &[&[&str]] = &[
        &["user"],
        &["user", "create"],
        &["user", "set-password"],
        &["group"],
        &["group", "add"],
        &["permissions", "set"],
        &["token"],
        &["serve"],
        &["migrate"],
    ];
    for command in commands {
        let help = place.run(&[command, &["--help"][..]].concat());
        assert_eq!(help.code, Some(0), "{command:?}");
        assert!(help.stdout.contains("Exit codes: 0 done; 1 "), "{command:?}: {}", help.stdout);
    }
}

#[test]
fn a_reader_who_has_seen_enough_is_no_failure() {
    let db = TestDb::fresh(DbKind::WebUiSqlite);
    let place = Place::new();
    let mut child = Command::new(PROGRAM)
        .args(["user", "list"])
        .env_clear()
        .envs([SECRET, ("DATABASE_URL", db.url())])
        .current_dir(place.path(""))
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let outcome = child.wait_with_output().unwrap();
    assert_eq!((outcome.status.code(), outcome.stderr), (Some(0), Vec::new()));
}
