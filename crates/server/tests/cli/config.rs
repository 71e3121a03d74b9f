//! `rosterd config`, and what every command says of the environment it is given.

use rosterd_testkit::{DbKind, ProcessBuilder, TestDb, with_databases};
use serde_json::{Value, json};

use crate::place::{Outcome, PROGRAM, Place, Roster, SECRET};

/// The entry of a setting in what `config --json` prints.
fn of(settings: &Value, variable: &str) -> Value {
    let entry = settings.as_array().unwrap().iter().find(|entry| entry["variable"] == variable);
    entry.unwrap_or_else(|| panic!("{variable} is missing")).clone()
}

with_databases!(all, config_shows_what_is_stored, async |db| {
    let roster = Roster::on(&db);
    // The first account closes sign-up; the recorded roster has it closed.
    roster.create("adm@example.com", &["--admin"]);
    roster.json(&["permissions", "set", "chat.delete=false", "chat.share=true"]);
    let settings = roster.json(&["config"]);
    let signup = of(&settings, "ENABLE_SIGNUP");
    assert_eq!((&signup["value"], &signup["origin"]), (&json!(false), &json!("database")));
    assert_eq!((&signup["stored"], &signup["stored_key"]), (&json!(true), &json!("ui.enable_signup")));
    assert_eq!(signup["configured"], json!({ "value": true, "origin": "default" }));
    let delete = of(&settings, "USER_PERMISSIONS_CHAT_DELETE");
    assert_eq!(
        (&delete["value"], &delete["stored_key"]),
        (&json!(false), &json!("user.permissions.chat.delete"))
    );
    let port = of(&settings, "PORT");
    assert_eq!(
        (&port["value"], &port["stored_key"], &port["stored"]),
        (&json!(8080), &json!(null), &json!(false))
    );
    assert_eq!(of(&settings, "ENABLE_MESSAGE_RATING")["value"], true);

    let text = roster.run(&["config", "--set", "ENABLE_SIGNUP=yes"]).stdout;
    for line in [
        "signup = false  # database (ui.enable_signup); configured: true (command line)",
        "delete = false  # database (user.permissions.chat.delete); configured: true (default)",
    ] {
        assert!(text.lines().any(|shown| shown == line), "{line}: {text}");
    }
    // As a file it says the same without the database.
    let place = Place::new();
    std::fs::write(place.path("rosterd.toml"), &text).unwrap();
    let again =
        place.run_with(&["config"], &[("ROSTERD_CONFIG", "rosterd.toml"), ("DATABASE_URL", "none.db")], "");
    assert!(again.stdout.contains("\nsignup = false  # rosterd.toml\n"), "{again:?}");
});

with_databases!(own, config_shows_what_an_administrator_stored, async |db| {
    let roster = Roster::on(&db);
    let stored = [
        ("ui.default_user_role", r#""user""#),
        ("ui.prompt_suggestions", r#"[{"content":"c","title":["a","b"]}]"#),
        ("auth.jwt_expiry", r#""12h""#),
        ("ui.watermark", r#""a \"b\"\nc""#),
        ("auth.enable_api_keys", "[]"),
        ("ui.i18n", r#"{"de":{"a":"b"}}"#),
    ];
    for (key, value) in stored {
        db.db_execute(&format!("INSERT INTO config (key, value, updated_at) VALUES ('{key}', '{value}', 1)"));
    }
    let settings = roster.json(&["config"]);
    assert_eq!(of(&settings, "DEFAULT_USER_ROLE")["value"], "user");
    assert_eq!(of(&settings, "DEFAULT_PROMPT_SUGGESTIONS")["value"][0]["title"], json!(["a", "b"]));
    assert_eq!(of(&settings, "JWT_EXPIRES_IN")["value"], "12h");
    assert_eq!(of(&settings, "RESPONSE_WATERMARK")["value"], "a \"b\"\nc");
    assert_eq!(of(&settings, "ENABLE_API_KEYS")["value"], false, "what cannot be read opens nothing");
    let only_stored = settings.as_array().unwrap().iter().find(|entry| entry["stored_key"] == "ui.i18n");
    assert_eq!(only_stored.unwrap()["value"], json!({ "de": { "a": "b" } }));
    let text = roster.run(&["config"]).stdout;
    assert!(text.contains("\n# ui.i18n = {\"de\":{\"a\":\"b\"}}  # database\n"), "{text}");
    assert!(text.contains("\nwatermark = \"a \\\"b\\\"\\nc\"  # database (ui.watermark)"), "{text}");
    let place = Place::new();
    std::fs::write(place.path("rosterd.toml"), &text).unwrap();
    let file = [("ROSTERD_CONFIG", "rosterd.toml"), ("DATABASE_URL", "none.db")];
    let again = place.run_with(&["config", "--json"], &file, "").json();
    for variable in
        ["DEFAULT_USER_ROLE", "DEFAULT_PROMPT_SUGGESTIONS", "JWT_EXPIRES_IN", "RESPONSE_WATERMARK"]
    {
        assert_eq!(of(&again, variable)["value"], of(&settings, variable)["value"], "{variable}");
    }
});

#[test]
fn config_as_json_has_types() {
    let place = Place::new();
    let environment = [
        SECRET,
        ("ROSTERD_TRUSTED_PROXIES", "10.0.0.0/8, ::1"),
        ("DEFAULT_PROMPT_SUGGESTIONS", r#"[{"content":"c"}]"#),
        ("ENABLE_SIGNUP", "no"),
    ];
    let settings = place.run_with(&["config", "--json"], &environment, "").json();
    for (variable, value) in [
        ("PORT", json!(8080)),
        ("ENABLE_SIGNUP", json!(false)),
        ("ROSTERD_MAX_BODY_BYTES", json!(1_048_576)),
        ("ROSTERD_KEEP_ALIVE", json!("75s")),
        ("ROSTERD_TRUSTED_PROXIES", json!(["10.0.0.0/8", "::1"])),
        ("DEFAULT_PROMPT_SUGGESTIONS", json!([{ "content": "c" }])),
        ("ROSTERD_LOG_FORMAT", json!("text")),
        ("WEBUI_SECRET_KEY", json!(null)),
    ] {
        let entry = of(&settings, variable);
        assert_eq!(entry["value"], value, "{variable}");
        assert_eq!(entry["secret"], variable == "WEBUI_SECRET_KEY", "{variable}");
    }
}

#[test]
fn without_a_database_config_says_so_and_makes_none() {
    let place = Place::new();
    let text = place.run(&["config"]);
    assert_eq!((text.code, text.stderr.as_str()), (Some(0), ""), "{text:?}");
    assert!(text.stdout.contains("# There is no database yet"), "{text:?}");
    let settings = place.run(&["config", "--json"]).json();
    assert_eq!(of(&settings, "ENABLE_SIGNUP")["stored"], false);
    assert_eq!(place.files(), [""; 0]);
}

#[test]
fn a_database_that_cannot_be_read_does_not_stop_config() {
    let place = Place::new();
    let url = "postgresql://roster:s3cret@127.0.0.1:1/d";
    std::fs::write(place.path("text.db"), "this is no database, whatever its name says".repeat(100)).unwrap();
    for url in [url, "sqlite:///text.db"] {
        let run = |arguments: &[&str]| place.run_with(arguments, &[SECRET, ("DATABASE_URL", url)], "");
        let shown = |outcome: &Outcome| {
            assert_eq!(outcome.code, Some(0), "{outcome:?}");
            assert!(
                outcome.stderr.contains("warning: ") && outcome.stderr.contains("could not be read"),
                "{outcome:?}"
            );
            assert!(!format!("{outcome:?}").contains("s3cret"), "{outcome:?}");
        };
        let text = run(&["config"]);
        shown(&text);
        assert!(text.stdout.contains("the database could not be read: DATABASE_URL"), "{text:?}");
        assert!(text.stdout.contains("signup = true  # default (ENABLE_SIGNUP)"), "{text:?}");
        let json = run(&["config", "--json"]);
        shown(&json);
        let settings: Value = serde_json::from_str(&json.stdout).unwrap();
        assert_eq!(of(&settings, "ENABLE_SIGNUP")["stored"], json!(null));
    }
    assert_eq!(place.files(), ["text.db"]);
}

const MISSPELT: (&str, &str) = ("ROSTERD_SYNCRONOUS", "normal");
const WARNING: &str = "warning: ROSTERD_SYNCRONOUS is set, but there is no such variable; the nearest name is ROSTERD_SYNCHRONOUS";

#[test]
fn every_command_warns_of_a_misspelt_variable() {
    let db = TestDb::fresh(DbKind::WebUiSqlite);
    let place = Place::new();
    let commands: &[&[&str]] = &[
        &["config"],
        &["migrate"],
        &["adopt"],
        &["user", "list"],
        &["user", "show", "alice@example.com"],
        &["group", "list"],
        &["permissions", "show"],
        &["token", "alice@example.com"],
    ];
    for command in commands {
        let outcome = place.run_with(command, &[SECRET, ("DATABASE_URL", db.url()), MISSPELT], "");
        assert_eq!(outcome.code, Some(0), "{command:?}: {outcome:?}");
        assert_eq!(outcome.stderr.matches(WARNING).count(), 1, "{command:?}: {outcome:?}");
    }
    // It may be why the rest is wrong.
    let outcome = place.run_with(&["serve"], &[MISSPELT, ("PORT", "x")], "");
    assert_eq!(outcome.code, Some(3));
    assert!(outcome.stderr.contains(WARNING), "{outcome:?}");
    let server = ProcessBuilder::new(PROGRAM).database(&db).env(MISSPELT.0, MISSPELT.1).start();
    assert!(server.log().contains(WARNING.trim_start_matches("warning: ")), "{}", server.log());
}

#[test]
fn an_unknown_name_is_told_with_the_nearest() {
    let place = Place::new();
    place.run(&["config", "--set", "PROT=1"]).assert_failed(2, &["PROT", "the nearest name is PORT"]);
    place.run(&["config", "--set", "PORT"]).assert_failed(2, &["PORT", "--set PORT=8081"]);
    std::fs::write(place.path("a.toml"), "[sever]\nport = 1\n").unwrap();
    place.run(&["--config", "a.toml", "config"]).assert_failed(3, &["sever", "the nearest name is server"]);
}
