//! Files of other systems (rules T11 to T13). The command line's tests have one of each system.

use rosterd_testkit::{TestServer, with_servers};
use serde_json::json;

use super::{counts, import_as, refusal, sign_in};

const KEYCLOAK: &str = include_str!("../../cli/foreign/keycloak.json");
const FIREBASE: &str = include_str!("../../cli/foreign/firebase.json");
const DJANGO: &str = include_str!("../../cli/foreign/django.csv");
/// Of everybody in these files who has one.
const PASSWORD: &str = "correct horse battery";

fn hash_of(server: &TestServer, email: &str) -> String {
    let sql = format!("SELECT password FROM auth WHERE email = '{email}'");
    server.db().db_value(&sql).unwrap_or_default()
}

// T11 and T13: whose a file is, it says itself.
with_servers!(own, t11_t13_people_of_other_systems_sign_in, async |server| {
    let ada = server.db_admin("ada").created_at(1).create().await;
    let query = "apply=true&create_groups=true";
    let reply = import_as(&ada, query, "application/json", KEYCLOAK.as_bytes()).await;
    assert_eq!(counts(&reply), [json!(5), json!(0), json!(0), json!(0)]);
    let reply = import_as(&ada, query, "text/csv", DJANGO.as_bytes()).await;
    assert_eq!(counts(&reply), [json!(6), json!(0), json!(0), json!(0)]);
    for email in
        ["argon@keycloak.example", "sha1@keycloak.example", "ada@django.example", "dora@django.example"]
    {
        assert!(!hash_of(&server, email).starts_with("$2b$"), "{email}");
        sign_in(&server.anonymous(), email, "wrong horse battery")
            .await
            .assert_error(400, "INVALID_CREDENTIALS");
        sign_in(&server.anonymous(), email, PASSWORD).await.assert_status(200);
        assert!(hash_of(&server, email).starts_with("$2b$04$"), "{email}");
        sign_in(&server.anonymous(), email, PASSWORD).await.assert_status(200);
    }
    let shut_out = sign_in(&server.anonymous(), "left@keycloak.example", PASSWORD).await;
    shut_out.assert_error(400, "INVALID_CREDENTIALS");
    let named = import_as(&ada, "format=django", "text/csv", b"email,password\neve@x.example,!\n").await;
    assert_eq!(counts(&named), [json!(1), json!(0), json!(0), json!(0)]);
    import_as(&ada, "format=ldap", "text/csv", b"email\n").await.assert_invalid(&["query/format"]);
});

// T6 and T11: beside Open WebUI only what it reads is taken.
with_servers!(attached, t6_t11_open_webui_has_to_read_a_hash_too, async |server| {
    let ada = server.db_admin("first").created_at(1).create().await;
    let reply =
        import_as(&ada, "apply=true&create_groups=true", "application/json", KEYCLOAK.as_bytes()).await;
    assert_eq!(reply.at("/outcome"), "refused", "{reply}");
    assert_eq!(hash_of(&server, "sha256@keycloak.example"), "");
});

// T12: the key of the project stays on the server.
with_servers!(own, t12_a_file_of_firebase_is_for_the_command_line, async |server| {
    let ada = server.db_admin("ada").created_at(1).create().await;
    let reply = import_as(&ada, "apply=true", "application/json", FIREBASE.as_bytes()).await;
    assert_eq!(reply.at("/outcome"), "refused", "{reply}");
    assert!(refusal(&reply).1.contains("--firebase-key"), "{reply}");
    assert_eq!(hash_of(&server, "ada@firebase.example"), "");
});
