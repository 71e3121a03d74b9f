//! Examples: what a server with the recorded roster really answered.
//!
//! `examples.json` is written by the test `openapi::examples` of the server's HTTP tests, which fails when an answer
//! is no longer what it says.

use serde_json::{Map, Value};

use super::finish::operations;

/// By operation: `request`, if it has a body, and `response`.
const EXAMPLES: &str = include_str!("examples.json");

pub(super) fn attach(document: &mut Value) {
    // A file of our own, which the tests read too; without it there are no examples.
    let examples: Map<String, Value> = serde_json::from_str(EXAMPLES).unwrap_or_default();
    for (_, _, operation) in operations(document) {
        let id = operation.get("operationId").and_then(Value::as_str).unwrap_or_default();
        let Some(example) = examples.get(id) else { continue };
        let (request, response) = (example.get("request").cloned(), example.get("response").cloned());
        // A file is shown by its own kind of text, if at all.
        let body = operation.get_mut("requestBody");
        if let (Some(request), Some(json)) =
            (request, body.and_then(|body| body.pointer_mut("/content/application~1json")))
        {
            json["example"] = request;
        }
        let Some(answer) = operation.get_mut("responses").and_then(|all| all.get_mut("200")) else {
            continue;
        };
        if let (Some(response), Some(_)) = (response, answer.pointer("/content/application~1json")) {
            answer["content"]["application/json"]["example"] = response;
        }
    }
}
