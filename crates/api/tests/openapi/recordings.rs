//! What Open WebUI was recorded to answer, or what must be answered in place of a defect, fits the document. Where it
//! does not, the document describes something else than what front ends expect.

use rosterd_testkit::fixtures::{IDENTITY_RECORDING, USERS_RECORDING};
use serde_json::Value;

use crate::spec::spec;

#[test]
fn the_recorded_answers_fit() {
    let mut faults = Vec::new();
    let mut judged = 0;
    for line in USERS_RECORDING.lines().chain(IDENTITY_RECORDING.lines()) {
        let exchange: Value = serde_json::from_str(line).unwrap();
        let text = |key: &str| exchange[key].as_str().unwrap_or_default();
        let wanted = exchange.get("expect").unwrap_or(&exchange["reference"]);
        let status = u16::try_from(wanted["status"].as_u64().unwrap()).unwrap();
        let Some(operation) = spec().find(text("method"), text("path")) else {
            assert!([404, 405].contains(&status), "{line:.200} is described by nothing");
            continue;
        };
        judged += 1;
        let answers = operation.value["responses"].as_object().unwrap();
        if !answers.contains_key(&status.to_string()) {
            faults.push(format!("{}: {status} is not described", text("name")));
        }
        // Of an error only the status was recorded, and of what is as long as a sentence nothing.
        if let (true, Some(json)) = (status < 300, wanted.get("json")) {
            let of = format!("{} ({})", text("name"), operation.id());
            let Some(schema) = spec().json_schemas(operation).get(&status).copied() else {
                // A picture, of which the recording holds no bytes.
                assert!(json.is_null(), "{of}: no JSON is described");
                continue;
            };
            // A recording that lists only some keys says nothing of the others.
            let found = spec().mismatches(schema, &without_placeholders(json), &of);
            let subset = !exchange["match"].is_null();
            let lacks_keys =
                |fault: &String| fault.contains("required property") || fault.contains("'anyOf' keyword");
            faults.extend(found.into_iter().filter(|fault| !subset || !lacks_keys(fault)));
        }
    }
    assert!(faults.is_empty(), "{faults:#?}");
    assert!(judged > 180, "only {judged} exchanges were judged");
}

/// Puts values where the recording has a word for what differs each time.
fn without_placeholders(value: &Value) -> Value {
    match value {
        Value::String(text) if matches!(text.as_str(), "<time>" | "<now>" | "<future>") => Value::from(1),
        Value::Array(items) => items.iter().map(without_placeholders).collect(),
        Value::Object(object) => {
            object.iter().map(|(key, inner)| (key.clone(), without_placeholders(inner))).collect()
        }
        other => other.clone(),
    }
}
