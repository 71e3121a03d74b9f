//! One function for each operation of the document, and every code.

use std::path::Path;

use rosterd_client::ErrorCode;
use serde_json::Value;

fn document() -> Value {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/openapi.json");
    serde_json::from_str(&std::fs::read_to_string(file).unwrap()).unwrap()
}

/// `getUserOAuthSessionsById` as Rust spells it.
fn snake_case(id: &str) -> String {
    let id = id.replace("OAuth", "Oauth").replace("API", "Api");
    let mut name = String::new();
    for letter in id.chars() {
        if letter.is_uppercase() {
            name.push('_');
        }
        name.extend(letter.to_lowercase());
    }
    name
}

#[test]
fn every_operation_has_a_function() {
    let sources: String = std::fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("src"))
        .unwrap()
        .map(|file| std::fs::read_to_string(file.unwrap().path()).unwrap())
        .collect();
    let document = document();
    let operations =
        document["paths"].as_object().unwrap().values().flat_map(|path| path.as_object().unwrap().values());
    // What identity providers ask by SCIM is not for clients of accounts.
    let of_accounts = operations.filter(|operation| operation["x-access"] != "connection");
    for id in of_accounts.map(|operation| operation["operationId"].as_str().unwrap()) {
        let name = format!("pub async fn {}(", snake_case(id));
        assert!(sources.contains(&name), "no function for {id}");
    }
}

#[test]
fn every_code_is_known() {
    let document = document();
    let codes = document["components"]["schemas"]["ErrorCode"]["enum"].as_array().unwrap();
    assert_eq!(codes.len(), ErrorCode::KNOWN.len());
    for code in codes {
        let code = ErrorCode::from(code.as_str().unwrap().to_owned());
        assert!(!matches!(code, ErrorCode::Other(_)), "{code} is not known");
    }
}
