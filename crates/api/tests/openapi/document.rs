//! The document itself: complete, well-formed, and the same as the one in docs/.

use std::collections::BTreeSet;
use std::path::Path;

use rosterd_api::routes;
use rosterd_testkit::{DbKind, Method, TestDb, TestServer, run};
use serde_json::Value;

use crate::spec::spec;

/// Answered but not described: they are the description.
const PAGES: [&str; 3] = ["/api/v1/openapi.json", "/docs", "/docs/{file:.*}"];

#[test]
fn every_route_is_described_and_nothing_else() {
    let described: BTreeSet<(String, String)> =
        spec().operations().map(|it| (it.method.to_uppercase(), it.path.to_owned())).collect();
    let routed: BTreeSet<(String, String)> = routes::endpoints()
        .into_iter()
        .filter(|endpoint| !PAGES.contains(&endpoint.path.as_str()))
        // Described with the slash; both spellings are the same route.
        .filter(|endpoint| {
            !["/users", "/auths", "/groups"].iter().any(|end| endpoint.path == format!("/api/v1{end}"))
        })
        .map(|endpoint| (endpoint.method.to_string(), endpoint.path))
        .collect();
    assert_eq!(described, routed);
}

#[test]
fn the_document_in_docs_is_this_one() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/openapi.json");
    let kept = std::fs::read_to_string(&file).unwrap_or_default();
    assert!(
        kept == rosterd_api::openapi::text(),
        "docs/openapi.json is stale; renew it:\n    cargo run --package rosterd-api --example openapi > docs/openapi.json"
    );
}

#[test]
fn every_operation_says_who_may_call_what_it_is_for_and_shows_an_answer() {
    let mut ids = BTreeSet::new();
    for operation in spec().operations() {
        let id = operation.id();
        assert!(ids.insert(id), "{id} is there twice");
        let access = operation.value["x-access"].as_str().unwrap_or_default();
        assert!(["anybody", "account", "verified", "admin"].contains(&access), "{id}: {access}");
        assert!(operation.value["summary"].as_str().is_some_and(|text| !text.is_empty()), "{id}");
        let content = &spec().resolve(&operation.value["responses"]["200"])["content"];
        if let Some(json) = content.get("application/json") {
            assert!(json.get("example").is_some(), "{id} has no example of an answer");
            let faults = spec().mismatches(&json["schema"], &json["example"], id);
            assert!(faults.is_empty(), "{faults:#?}");
        }
        if let Some(body) = operation.value.pointer("/requestBody/content/application~1json") {
            assert!(body.get("example").is_some(), "{id} has no example of a request");
            let faults = spec().mismatches(&body["schema"], &body["example"], id);
            assert!(faults.is_empty(), "{faults:#?}");
        }
    }
}

#[test]
fn every_error_example_fits_its_schema() {
    for operation in spec().operations() {
        let responses = operation.value["responses"].as_object().unwrap();
        for response in responses.values().map(|response| spec().resolve(response)) {
            let Some(content) = response.pointer("/content/application~1json") else { continue };
            for example in content["examples"].as_object().into_iter().flat_map(|all| all.values()) {
                let faults = spec().mismatches(&content["schema"], &example["value"], operation.id());
                assert!(faults.is_empty(), "{faults:#?}");
            }
        }
    }
}

#[test]
fn every_reference_leads_somewhere_and_no_text_is_of_rusts_documentation() {
    fn walk(value: &Value) {
        match value {
            Value::Object(object) => {
                if object.contains_key("$ref") {
                    spec().resolve(value);
                }
                object.values().for_each(walk);
            }
            Value::Array(items) => items.iter().for_each(walk),
            Value::String(text) => {
                for sign in ["[`", "crate::", "`None`", "`Some("] {
                    assert!(!text.contains(sign), "{text}");
                }
            }
            _ => {}
        }
    }
    walk(&spec().document);
}

/// Sentences are put together of parts, and a part that brings its own full stop ends in two.
#[test]
fn no_sentence_ends_twice() {
    fn walk(value: &Value) {
        match value {
            Value::Object(object) => object.values().for_each(walk),
            Value::Array(items) => items.iter().for_each(walk),
            Value::String(text) => {
                // Three are an ellipsis.
                let dots = text.replace("...", "…");
                for sign in ["..", ".;", ".:", ",.", " ."] {
                    assert!(!format!("{dots} ").contains(&format!("{sign} ")), "{sign}: {text}");
                }
            }
            _ => {}
        }
    }
    walk(&spec().document);
}

#[test]
fn docs_api_md_tells_every_code() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/API.md");
    let page = std::fs::read_to_string(file).unwrap();
    let codes = spec().document["components"]["schemas"]["ErrorCode"]["enum"].as_array().unwrap();
    for code in codes.iter().filter_map(Value::as_str) {
        assert!(page.contains(&format!("`{code}`")), "docs/API.md does not know {code}");
    }
}

#[test]
fn who_may_call_is_as_described() {
    run::block_on(async {
        let server = TestServer::start(TestDb::fresh(DbKind::WebUiSqlite)).await;
        // Of each kind one who may not: the next lower one.
        for operation in spec().operations() {
            let too_low = match operation.value["x-access"].as_str() {
                Some("account") => server.anonymous(),
                Some("verified") => server.recorded("dave"),
                Some("admin") => server.recorded("bob"),
                _ => continue,
            };
            let method = Method::from_bytes(operation.method.to_uppercase().as_bytes()).unwrap();
            let path = operation.path.replace("{id}", "nobody");
            let reply = too_low.request(method, &path).send().await;
            assert_eq!(reply.status(), 401, "{} {}", operation.method, operation.path);
        }
    });
}
