//! The document itself: complete, well-formed, and the same as the one in docs/.

use std::collections::BTreeSet;
use std::path::Path;

use rosterd_api::routes;
use rosterd_testkit::{DbKind, Method, TestDb, TestServer, run};
use serde_json::Value;

use crate::spec::spec;

/// Answered but not described: they are the description, or lead to it.
const PAGES: [&str; 7] = [
    "/api/v1/openapi.json",
    "/",
    "/console",
    "/console/assets/{file}",
    "/console/{page:.*}",
    "/docs",
    "/docs/{file:.*}",
];

/// Refused whoever asks, so there is nothing to describe.
const REFUSALS: [&str; 11] = [
    "/api/v1/auths/mfa/challenge",
    "/api/v1/auths/mfa/enroll/start",
    "/api/v1/auths/mfa/enroll/confirm",
    "/api/v1/auths/mfa/verify",
    "/api/v1/auths/mfa/recover",
    "/api/v1/auths/mfa/replace",
    "/api/v1/auths/mfa/recovery/codes",
    "/api/v1/auths/ldap",
    "/api/v1/auths/admin/config/ldap/server",
    "/api/v1/auths/admin/config/oauth",
    "/api/v1/auths/oauth/{provider}/token/exchange",
];

#[test]
fn every_route_is_described_once_and_nothing_else() {
    let described: BTreeSet<(String, &str)> =
        spec().operations().map(|it| (it.method.to_uppercase(), it.path)).collect();
    let (mut routed, mut spellings, mut pages) = (BTreeSet::new(), Vec::new(), Vec::new());
    for endpoint in routes::endpoints() {
        if endpoint.operation.is_none() {
            pages.push(endpoint.path);
        } else if endpoint.path.ends_with('/') || endpoint.path.starts_with("/api/v1/scim/v2/") {
            spellings.push(endpoint);
        } else {
            routed.insert((endpoint.method.to_string(), endpoint.path));
        }
    }
    let routed: BTreeSet<_> =
        routed.iter().map(|(method, path)| (method.clone(), path.replace(":.*}", "}"))).collect();
    let described: BTreeSet<_> =
        described.into_iter().map(|(method, path)| (method, path.to_owned())).collect();
    assert_eq!(described, routed);
    let pages: Vec<_> = pages.into_iter().filter(|path| !REFUSALS.contains(path)).collect();
    assert_eq!(pages, PAGES);
    // The second spelling of a path is told of where the first is described.
    let of_scim = spellings.iter().filter(|it| it.path.starts_with("/api/v1/scim/v2/")).count();
    assert_eq!(spellings.len() - of_scim, 3);
    for endpoint in spellings {
        let operation = spec().by_id(endpoint.operation.unwrap());
        let plain = endpoint.path.trim_end_matches('/');
        let plain =
            plain.strip_prefix("/api/v1").filter(|rest| rest.starts_with("/scim/v2/")).unwrap_or(plain);
        assert_eq!(operation.path, plain);
        let told = operation.value["description"].as_str().unwrap_or_default();
        assert!(told.contains(&format!("`{}` is answered as well", endpoint.path)), "{told}");
    }
}

#[test]
fn there_is_one_schema_for_errors_and_one_for_what_is_wrong_with_fields() {
    let responses = spec().document["components"]["responses"].as_object().unwrap();
    for (name, response) in responses {
        let schema = response["content"]["application/json"]["schema"].as_object().unwrap();
        let wanted = if name.starts_with("422.") { "ValidationError" } else { "Error" };
        assert_eq!(schema["$ref"], format!("#/components/schemas/{wanted}"), "{name}");
        assert_eq!(schema.len(), 1, "{name}");
        // Each possible code is named, told in words, and shown.
        let codes = response["x-codes"].as_array().unwrap();
        assert_eq!(
            codes.len(),
            response["content"]["application/json"]["examples"].as_object().unwrap().len()
        );
        for code in codes.iter().map(|code| code.as_str().unwrap()) {
            assert!(response["description"].as_str().unwrap().contains(&format!("`{code}`: ")), "{name}");
        }
    }
}

#[test]
fn the_document_in_docs_is_this_one() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/openapi.json");
    let kept = std::fs::read_to_string(&file).unwrap_or_default();
    assert!(
        kept == rosterd_api::openapi::text(),
        "docs/openapi.json is stale; renew it:\n    cargo run --package rosterd-api --features openapi --example openapi > docs/openapi.json"
    );
}

#[test]
fn every_operation_says_who_may_call_what_it_is_for_and_shows_an_answer() {
    let mut ids = BTreeSet::new();
    for operation in spec().operations() {
        let id = operation.id();
        assert!(ids.insert(id), "{id} is there twice");
        let access = operation.value["x-access"].as_str().unwrap_or_default();
        assert!(
            ["anybody", "account", "verified", "admin", "connection"].contains(&access),
            "{id}: {access}"
        );
        let needs_account = operation.value["security"].as_array().is_some_and(|any_of| !any_of.is_empty());
        assert_eq!(needs_account, access != "anybody", "{id}");
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
fn docs_api_md_tells_every_code_right_and_setting() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/API.md");
    let page = std::fs::read_to_string(file).unwrap();
    let schemas = spec().document["components"]["schemas"].as_object().unwrap();
    let codes = schemas["ErrorCode"]["enum"].as_array().unwrap().iter().filter_map(Value::as_str);
    let tables = schemas.iter().filter(|(name, _)| *name == "AdminConfig" || name.ends_with("Permissions"));
    let rows = tables.filter_map(|(_, schema)| schema["properties"].as_object()).flat_map(|rows| rows.keys());
    let names: Vec<&str> = codes.chain(rows.map(String::as_str)).collect();
    assert!(names.len() > 100, "{names:?}");
    for name in names {
        assert!(page.contains(&format!("`{name}`")), "docs/API.md does not know {name}");
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
