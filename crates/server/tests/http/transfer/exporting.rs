//! `GET /users/export` (rule T10).

use rosterd_testkit::with_servers;
use serde_json::{Value, json};

use super::{counts, import, import_as};

const EXPORT: &str = "/api/v1/users/export";

// T10: cells that a spreadsheet would run are defused and come back unharmed; hashes are not written.
with_servers!(all, t10_an_export_comes_back_unharmed, async |server| {
    let ada = server.db_admin("ada").created_at(1).create().await;
    let eve = server.db_user("=HYPERLINK(\"x\")").email("eve@rosterd.test").create().await;
    server.db_group("R; D", &[&eve], Value::Null).await;
    let table = ada.get(EXPORT).await;
    assert_eq!(table.assert_status(200).header("content-type"), Some("text/csv; charset=utf-8"));
    let text = table.text();
    assert!(text.starts_with("name,email,role,groups\r\nada,"), "the primary admin comes first: {text}");
    assert!(
        text.contains("\"'=HYPERLINK(\"\"x\"\")\",eve@rosterd.test,user,\"[\"\"R; D\"\"]\"\r\n"),
        "{text}"
    );
    let again = import(&ada, "", &text).await;
    assert_eq!(counts(&again)[..2], [json!(0), json!(0)], "{again}");

    let lines = ada.get(&format!("{EXPORT}?format=ndjson")).await;
    assert!(!lines.text().contains("$2b$") && !lines.text().contains("session_stamp"));
    let all: Vec<Value> = lines.text().lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let eve = all.iter().find(|line| line["email"] == "eve@rosterd.test").unwrap();
    assert_eq!((&eve["groups"], &eve["active"]), (&json!(["R; D"]), &json!(true)));
    let again = import_as(&ada, "", "application/x-ndjson", lines.bytes()).await;
    assert_eq!(counts(&again)[..2], [json!(0), json!(0)], "{again}");
    for field in ["password_hash", "mfa", "password", "nobody"] {
        ada.get(&format!("{EXPORT}?fields={field}")).await.assert_invalid(&["query/fields"]);
    }
});

// T10: more accounts than a part of the file has come once each.
with_servers!(own, t10_every_account_comes_once, async |server| {
    let ada = server.db_admin("ada").create().await;
    let rows: Vec<String> = (0..2_100).map(|n| format!("p{n}@rosterd.test")).collect();
    import(&ada, "apply=true", &format!("email\n{}", rows.join("\n"))).await.assert_status(200);
    for query in ["fields=email", "fields=email,settings"] {
        let text = ada.get(&format!("{EXPORT}?{query}")).await.text();
        let mut emails: Vec<&str> = text.lines().skip(1).map(|line| line.trim_end_matches(',')).collect();
        emails.sort_unstable();
        emails.dedup();
        assert_eq!(emails.len(), 2_101, "{query}");
    }
});
