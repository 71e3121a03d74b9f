//! Generates the document.
//!
//! Each line of the table becomes an operation (`endpoint`). The statuses of its errors come from the one table in
//! [`crate::error`]. Schemas are derived from the types by `utoipa`, and `finish` adds what the derives cannot
//! express. Examples are real answers.
//!
//! Renew the file with `cargo run --package rosterd-api --features openapi --example openapi > docs/openapi.json`.

use serde_json::{Map, Value, json};

use super::{examples, finish};
use crate::endpoint::{Operation, Schemas};
use crate::error::{ErrorBody, ValidationErrorBody};
use crate::routes;

/// The document.
#[must_use]
pub fn document() -> Value {
    let (mut known, mut responses) = (Schemas::default(), Map::new());
    let mut paths = Map::new();
    let sections = routes::sections();
    for section in &sections {
        for line in &section.lines {
            if let Some(operation) = Operation::of(line, section.tag, &mut known, &mut responses) {
                // What a parameter may hold is actix's business.
                let path = line.path.replace(":.*}", "}");
                paths.entry(path).or_insert_with(|| json!({}))[line.method.as_str().to_lowercase()] =
                    operation;
            }
        }
    }
    known.reference::<ErrorBody>();
    known.reference::<ValidationErrorBody<'_>>();
    let tags = sections.iter().map(|section| json!({ "name": section.tag, "description": section.about }));
    let mut document = json!({
        "openapi": "3.1.0",
        "info": {
            "title": "rosterd",
            "description": "Users, groups, permissions and accounts of an Open WebUI-style chat deployment. Rules are \
                            named by their ids (P1, S2 …); docs/RULES.md has the text of each.",
            "license": { "name": "MIT OR Apache-2.0", "identifier": "MIT OR Apache-2.0" },
            "version": env!("CARGO_PKG_VERSION"),
        },
        "servers": [
            { "url": "/", "description": "This server." },
            {
                "url": "/rosterd",
                "description": "The same, for a deployment whose proxy gives `/api/v1` to Open WebUI.",
            },
        ],
        "paths": paths,
        "components": {
            "schemas": known.into_map(),
            "responses": responses,
            "headers": { "RequestId": {
                "description": "The id of the request, which is also in the log.",
                "required": true,
                "schema": { "type": "string" },
            } },
            "securitySchemes": security_schemes(),
        },
        "tags": tags.collect::<Vec<_>>(),
    });
    finish::finish(&mut document);
    examples::attach(&mut document);
    document
}

fn security_schemes() -> Value {
    json!({
        "bearer": {
            "type": "http", "scheme": "bearer", "bearerFormat": "JWT",
            "description": "A session token: a JWT, HS256, of sign-in or sign-up.",
        },
        "cookie": {
            "type": "apiKey", "in": "cookie", "name": "token",
            "description": "The same token; if both are sent, the header has priority.",
        },
        "apiKey": {
            "type": "http", "scheme": "bearer", "bearerFormat": "sk-…",
            "description": "An API key, if keys are switched on and the account may use them.",
        },
        "scim": {
            "type": "http", "scheme": "bearer", "bearerFormat": "rsc_…",
            "description": "The token of a connection by SCIM, which opens SCIM and nothing else.",
        },
    })
}

/// The document as text, ending with a line break: what `docs/openapi.json` holds.
#[must_use]
pub fn text() -> String {
    // A `Value` always has a text.
    let mut text = serde_json::to_string_pretty(&document()).unwrap_or_default();
    text.push('\n');
    text
}
