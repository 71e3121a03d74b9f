//! `rosterd import` of the files of other systems (rules T11 to T13). Everybody in the fixtures who has a password has the same.

use std::path::PathBuf;

use rosterd_testkit::{ProcessBuilder, ServerProcess, TestDb, with_databases};
use serde_json::{Value, json};

use crate::place::{Outcome, PASSWORD, PROGRAM, Roster};

/// A file of each system, and whose hash in it signs in.
const FILES: [(&str, &[&str]); 9] = [
    (
        "keycloak.json",
        &[
            "argon@keycloak.example",
            "sha512@keycloak.example",
            "sha256@keycloak.example",
            "sha1@keycloak.example",
        ],
    ),
    ("auth0.ndjson", &["bcrypt@auth0.example", "pbkdf2@auth0.example", "scrypt@auth0.example"]),
    ("firebase.json", &["ada@firebase.example"]),
    ("firebase.csv", &["bob@firebase.example"]),
    ("supabase.csv", &["ada@supabase.example"]),
    ("better-auth.csv", &["ada@better-auth.example"]),
    (
        "django.csv",
        &[
            "ada@django.example",
            "bob@django.example",
            "cleo@django.example",
            "dora@django.example",
            "eve@django.example",
        ],
    ),
    ("okta.csv", &[]),
    ("librechat.json", &["ada@librechat.example"]),
];

/// Who was shut out there, and has to stay so.
const SHUT_OUT: [&str; 2] = ["left@keycloak.example", "blocked@auth0.example"];

fn fixture(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/cli/foreign").join(name)
}

fn import(roster: &Roster<'_>, name: &str, more: &[&str]) -> Outcome {
    let (file, key) = (fixture(name), fixture("firebase-key.txt"));
    let mut arguments = vec!["import", file.to_str().unwrap(), "--create-groups"];
    if name.starts_with("firebase") {
        arguments.extend(["--firebase-key", key.to_str().unwrap()]);
    }
    arguments.extend(more);
    roster.run(&arguments)
}

async fn sign_in(server: &ServerProcess, email: &str, password: &str) -> u16 {
    let form = json!({ "email": email, "password": password });
    server.anonymous().post("/api/v1/auths/signin", form).await.status()
}

fn hash_of(db: &TestDb, email: &str) -> String {
    db.db_value(&format!("SELECT password FROM auth WHERE email = '{email}'")).unwrap_or_default()
}

fn report(outcome: &Outcome) -> Value {
    assert_eq!(outcome.code, Some(0), "{outcome:?}");
    serde_json::from_str(&outcome.stdout).unwrap()
}

with_databases!(own, t11_t13_people_of_each_system_sign_in_and_their_hashes_are_renewed, async |db| {
    let roster = Roster::on(&db);
    roster.create("first@example.com", &["--admin"]);
    for (name, _) in FILES {
        let imported = report(&import(&roster, name, &["--apply", "--json"]));
        assert!(imported["new"].as_u64().unwrap() > 0 && imported["refused"] == 0, "{name}: {imported}");
        let again = report(&import(&roster, name, &["--apply", "--json"]));
        assert_eq!((&again["new"], &again["changed"]), (&json!(0), &json!(0)), "{name}: {again}");
    }
    let server = ProcessBuilder::new(PROGRAM).database(&db).env("ROSTERD_BCRYPT_COST", "5").start();
    for (name, people) in FILES {
        for email in people {
            let before = hash_of(&db, email);
            assert!(!before.is_empty(), "{name}: {email}");
            assert_eq!(sign_in(&server, email, "wrong horse battery").await, 400, "{name}: {email}");
            assert_eq!(sign_in(&server, email, PASSWORD).await, 200, "{name}: {email}");
            let after = hash_of(&db, email);
            assert!(after.starts_with("$2b$05$"), "{name}: {email}: {before} became {after}");
            assert_eq!(sign_in(&server, email, PASSWORD).await, 200, "{name}: {email}");
        }
    }
    for email in SHUT_OUT {
        assert!(!hash_of(&db, email).is_empty(), "{email}");
        assert_eq!(sign_in(&server, email, PASSWORD).await, 400, "{email}");
    }
    for absent in ["gone@supabase.example", "service-account-cli"] {
        let rows = db.db_value(&format!("SELECT count(*) AS n FROM \"user\" WHERE email = '{absent}'"));
        assert_eq!(rows.as_deref(), Some("0"), "{absent}");
    }
});

with_databases!(own, t11_names_groups_and_roles_come_along, async |db| {
    let roster = Roster::on(&db);
    roster.create("first@example.com", &["--admin"]);
    report(&import(&roster, "keycloak.json", &["--apply", "--json"]));
    let shown = roster.json(&["user", "show", "argon@keycloak.example"]);
    assert_eq!((&shown["name"], &shown["role"]), (&json!("Ada Argon"), &json!("user")));
    let mut groups: Vec<&str> =
        shown["groups"].as_array().unwrap().iter().map(|group| group["name"].as_str().unwrap()).collect();
    groups.sort_unstable();
    assert_eq!(groups, ["staff", "staff/makers"]);
    let preview = import(&roster, "okta.csv", &[]);
    assert!(preview.stdout.contains("2 new") && preview.stdout.contains("--apply"), "{preview:?}");
});

with_databases!(own, t11_a_hash_without_salt_is_refused, async |db| {
    let roster = Roster::on(&db);
    roster.create("first@example.com", &["--admin"]);
    let outcome = import(&roster, "auth0-weak.ndjson", &["--apply"]);
    assert_eq!(outcome.code, Some(1), "{outcome:?}");
    assert!(outcome.stdout.contains("line 1: ") && outcome.stdout.contains("md5"), "{outcome:?}");
    assert!(
        !outcome.stdout.contains("5f4d") && outcome.stderr.contains("nothing was written"),
        "{outcome:?}"
    );
    let skipped = report(&import(&roster, "auth0-weak.ndjson", &["--apply", "--skip-bad", "--json"]));
    assert_eq!((&skipped["new"], &skipped["refused"]), (&json!(0), &json!(1)));
});

with_databases!(own, t12_t13_a_system_can_be_named_and_firebase_needs_its_key, async |db| {
    let roster = Roster::on(&db);
    roster.create("first@example.com", &["--admin"]);
    let plain = roster.path("people.txt");
    std::fs::write(&plain, "email,password\nada@plain.example,!\n").unwrap();
    let plain = plain.to_str().unwrap();
    assert_eq!(report(&roster.run(&["import", plain, "--from", "django", "--json"]))["new"], 1);
    let firebase = fixture("firebase.json");
    let outcome = roster.run(&["import", firebase.to_str().unwrap()]);
    assert!(outcome.code == Some(1) && outcome.stdout.contains("--firebase-key"), "{outcome:?}");
    let outcome = roster.run(&["import", firebase.to_str().unwrap(), "--firebase-key", plain]);
    outcome.assert_failed(1, &["people.txt", "base64_signer_key"]);
    assert_eq!(roster.run(&["import", plain, "--from", "ldap"]).code, Some(2));
    assert_eq!(roster.run(&["import", plain, "--from", "django", "--format", "csv"]).code, Some(2));
    let unknown = roster.path("people.json");
    std::fs::write(&unknown, "{\"people\": []}").unwrap();
    roster.run(&["import", unknown.to_str().unwrap()]).assert_failed(2, &["--from", "keycloak"]);
});
