//! Which database a start uses: the one that is meant, or none. A mistake in naming it must never begin a new, empty one.

use rosterd_testkit::postgres::{Content, PostgresServer};
use rosterd_testkit::{DbKind, TestDb, fixtures, run};
use serde_json::json;

use crate::place::{Place, SECRET};

/// Every mistake that once became the name of a new file, a message with a piece of the password, or both.
#[test]
fn a_url_written_wrongly_ends_with_3_and_its_remedy_before_anything_is_made() {
    let place = Place::new();
    for (url, remedy) in [
        ("\"postgresql://roster:Sup3r-Secret@127.0.0.1:5432/roster\"", "quotation marks"),
        ("'sqlite:////srv/Sup3r-Secret.db'", "quotation marks"),
        ("export DATABASE_URL=postgresql://roster:Sup3r-Secret@h/d", "without export"),
        ("DATABASE_URL=postgresql://roster:Sup3r-Secret@h/d", "remove both"),
        ("Sup3r-Secret", "single word"),
        ("postgres", "single word"),
        ("mysql://roster:Sup3r-Secret@h/d", "accepted are"),
        ("roster:Sup3r-Secret@h:5432/d", "does not begin with a scheme"),
        ("postgresql//roster:Sup3r-Secret@h/d", "has no colon"),
        ("postgresql://roster:100%Sup3r-Secret@127.0.0.1:1/d", "%25"),
        ("postgresql://roster:a@b/Sup3r-Secret#1@127.0.0.1:1/d", "%40"),
        ("postgresql://roster:a/Sup3r-Secret@127.0.0.1:1/d", "%2F"),
        ("postgresql://roster:Sup3r-Secret", "%23"),
    ] {
        for variable in ["DATABASE_URL", "ROSTERD_DATABASE_REPLICA_URL"] {
            for command in [&["serve"][..], &["migrate"], &["config"], &["user", "list"]] {
                let outcome = place.run_with(command, &[SECRET, (variable, url)], "");
                outcome.assert_failed(3, &[variable, remedy]);
                assert!(
                    !outcome.stderr.contains("Sup3r") && !outcome.stderr.contains("Secret"),
                    "{outcome:?}"
                );
            }
        }
        assert_eq!(place.files(), [""; 0], "{url}");
    }
}

#[test]
fn a_password_is_in_no_message_of_the_database() {
    let place = Place::new();
    for url in [
        "postgresql://roster:qSecret?x=1@127.0.0.1:1/d",
        "postgresql://roster:q#Secret@127.0.0.1:1/d",
        "postgresql://roster@127.0.0.1:1/d?password=a%40qSecret",
        "postgresql://roster:qSecret@no-such-host.invalid/d",
    ] {
        let environment = [SECRET, ("DATABASE_URL", url), ("ROSTERD_DATABASE_WAIT", "1s")];
        let outcome = place.run_with(&["serve"], &environment, "");
        assert_eq!(outcome.code, Some(4), "{outcome:?}");
        assert!(!outcome.stderr.contains("Secret"), "{outcome:?}");
    }
    for command in [
        &["postgresql://roster:qSecret@h/d"][..],
        &["serve", "--databse-url=postgresql://roster:qSecret@h/d"],
        &["config", "--set", "postgresql://roster:qSecret@h/d?sslmode=require"],
        &["config", "--set", "qSecret@h/d"],
    ] {
        let outcome = place.run(command);
        outcome.assert_failed(2, &[]);
        assert!(!outcome.stderr.contains("Secret"), "{outcome:?}");
    }
    std::fs::write(place.path("rosterd.toml"), "[database]\nurl = postgresql://roster:qSecret@h/d\n")
        .unwrap();
    let outcome = place.run(&["config", "--config", "rosterd.toml"]);
    outcome.assert_failed(3, &["line 2"]);
    assert!(!outcome.stderr.contains("Secret"), "{outcome:?}");
}

#[test]
fn a_server_named_by_its_parts_is_used() {
    let Some(server) = PostgresServer::shared() else {
        return run::report_skip("a_server_named_by_its_parts_is_used");
    };
    let name = server.create_database(Content::WebUi);
    let url = server.url_of(&name);
    // The test server's URL: a folder with its socket and a user, as parameters.
    let parameter = |wanted: &str| {
        let (_, rest) = url.split_once(&format!("{wanted}="))?;
        rest.split('&').next().map(str::to_owned)
    };
    let Some((host, user)) = parameter("host").zip(parameter("user")) else {
        server.drop_database(&name);
        return run::report_skip("a_server_named_by_its_parts_is_used (on a lent server)");
    };
    let environment = [
        SECRET,
        ("DATABASE_TYPE", "postgresql"),
        ("DATABASE_HOST", &host),
        ("DATABASE_PORT", "5432"),
        ("DATABASE_NAME", &name),
        ("DATABASE_USER", &user),
        ("DATABASE_PASSWORD", "p@ss/word"),
    ];
    let place = Place::new();
    let listed = place.run_with(&["user", "list", "--json"], &environment, "");
    assert_eq!(listed.code, Some(0), "{listed:?}");
    assert!(listed.stdout.contains("alice@example.com"), "{listed:?}");
    let schema = [&environment[..], &[("DATABASE_SCHEMA", "nowhere")]].concat();
    place.run_with(&["user", "list"], &schema, "").assert_failed(4, &["nowhere", "DATABASE_SCHEMA"]);
    assert_eq!(place.files(), [""; 0]);
    server.drop_database(&name);
}

#[test]
fn the_file_in_open_webui_s_data_folder_is_used_where_it_is_the_only_one() {
    let place = Place::new();
    std::fs::create_dir(place.path("ow")).unwrap();
    let environment = [SECRET, ("DATA_DIR", "ow")];
    let url = || {
        let config = place.run_with(&["config", "--json"], &environment, "");
        let entries: serde_json::Value = serde_json::from_str(&config.stdout).unwrap();
        let entry = entries.as_array().unwrap().iter().find(|entry| entry["variable"] == "DATABASE_URL");
        entry.unwrap().clone()
    };
    assert_eq!(url()["value"], "sqlite:///./data/rosterd.db", "there is none");
    std::fs::write(place.path("ow/webui.db"), fixtures::WEBUI_SQLITE).unwrap();
    assert_eq!(
        (url()["value"].clone(), url()["origin"].clone()),
        (json!("sqlite:///ow/webui.db"), json!("from DATA_DIR"))
    );
    let listed = place.run_with(&["user", "list", "--json"], &environment, "");
    assert!(listed.stdout.contains("alice@example.com"), "{listed:?}");
    assert_eq!(place.files(), ["ow"], "nothing of our own was made");

    std::fs::create_dir(place.path("data")).unwrap();
    std::fs::write(place.path("data/rosterd.db"), "").unwrap();
    place.run_with(&["serve"], &environment, "").assert_failed(
        3,
        &["DATA_DIR", "DATABASE_URL=sqlite:///ow/webui.db", "DATABASE_URL=sqlite:///./data/rosterd.db"],
    );
    let chosen = [&environment[..], &[("DATABASE_URL", "sqlite:///ow/webui.db")]].concat();
    assert_eq!(place.run_with(&["user", "list"], &chosen, "").code, Some(0));
}

#[test]
fn open_webui_s_database_beside_ours_to_be_is_attached() {
    let place = Place::new();
    std::fs::create_dir(place.path("data")).unwrap();
    std::fs::write(place.path("data/webui.db"), fixtures::WEBUI_SQLITE).unwrap();
    let listed = place.run_with(&["user", "list", "--json"], &[SECRET], "");
    assert!(listed.stdout.contains("alice@example.com"), "{listed:?}");
    assert!(!place.path("data/rosterd.db").exists());
}

#[test]
fn tokens_for_open_webui_need_its_secret() {
    let db = TestDb::fresh(DbKind::WebUiSqlite);
    let place = Place::new();
    let database = ("DATABASE_URL", db.url());
    for command in [&["serve"][..], &["token", "alice@example.com"]] {
        // The server has logged a line before.
        let none = place.run_with(command, &[database], "");
        assert_eq!(none.code, Some(3), "{none:?}");
        assert!(none.stderr.contains("set WEBUI_SECRET_KEY, or WEBUI_SECRET_KEY_FILE"), "{none:?}");
        let absent = place.run_with(command, &[database, ("WEBUI_SECRET_KEY_FILE", "absent")], "");
        assert_eq!(absent.code, Some(3), "{absent:?}");
        assert!(absent.stderr.contains("there is no file absent"), "{absent:?}");
    }
    assert_eq!(place.files(), [""; 0], "no secret is made");
    let beside = db.file().unwrap().with_file_name(".rosterd_secret_key");
    assert!(!beside.exists(), "nor beside the database");

    std::fs::write(place.path("key"), SECRET.1).unwrap();
    let named = [database, ("WEBUI_SECRET_KEY_FILE", "key")];
    assert_eq!(place.run_with(&["token", "alice@example.com"], &named, "").code, Some(0));
    // What signs nothing needs no secret.
    for command in [&["user", "list"][..], &["user", "show", "alice@example.com"], &["adopt"]] {
        let outcome = place.run_with(command, &[database], "");
        assert_eq!(outcome.code, Some(0), "{outcome:?}");
    }
    assert!(!beside.exists());
}
