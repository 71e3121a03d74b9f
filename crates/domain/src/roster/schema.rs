//! The JSON Schema of the document, for editors and for other programs. It is made of the tables of rights and settings, so it
//! cannot lag behind them. docs/roster.schema.json is a copy, which a test compares.

use serde_json::{Map, Value, json};

use super::keys::{self, Key as DocumentKey};
use crate::dialect::Dialect;
use crate::permissions::OPEN_WEBUI_0_12;
use crate::role::Role;
use crate::stored_config::{Key, Kind};

/// The schema, by JSON Schema 2020-12.
#[must_use]
pub fn schema() -> Value {
    let properties = [
        (keys::SCHEMA, json!({ "type": "string", "description": "Where this schema is, for editors." })),
        (keys::DOCUMENT[0].name, template()),
        (keys::DOCUMENT[1].name, settings()),
        (keys::DOCUMENT[2].name, json!({ "type": "array", "items": { "$ref": "#/$defs/group" } })),
    ];
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "A roster for `rosterd apply`",
        "description": "What is left out stays as it is. docs/DECLARE.md explains all of it.",
        "type": "object",
        "properties": described(properties, &keys::DOCUMENT),
        "additionalProperties": false,
        "$defs": { "group": group(), "rights": rights() },
    })
}

/// Properties, with the sentences of their keys.
fn described<const N: usize>(properties: [(&str, Value); N], keys: &[DocumentKey]) -> Value {
    let properties = properties.into_iter().map(|(name, mut schema)| {
        if let Some(key) = keys.iter().find(|key| key.name == name) {
            schema["description"] = key.about.into();
        }
        (name.to_owned(), schema)
    });
    Value::Object(properties.collect())
}

fn group() -> Value {
    let text = || json!({ "type": "string" });
    let properties = [
        ("name", json!({ "type": "string", "minLength": 1 })),
        ("id", json!({ "type": "string", "minLength": 1, "maxLength": 255 })),
        ("description", text()),
        ("parent", json!({ "type": ["string", "null"] })),
        ("members", json!({ "type": "array", "items": text(), "uniqueItems": true })),
        ("permissions", json!({ "$ref": "#/$defs/rights" })),
    ];
    json!({
        "type": "object",
        "properties": described(properties, &keys::GROUP),
        "required": ["name"],
        "additionalProperties": false,
    })
}

/// Sections with the known rights. Others are let pass: --force sets them.
fn sections() -> Map<String, Value> {
    let mut sections = Map::new();
    for section in OPEN_WEBUI_0_12.sections() {
        let rights = OPEN_WEBUI_0_12.of_section(section);
        let rights: Map<String, Value> = rights
            .map(|right| (right.key.to_owned(), json!({ "type": "boolean", "description": right.about })))
            .collect();
        let schema = json!({ "type": "object", "description": section.about, "properties": rights });
        sections.insert(section.name.to_owned(), schema);
    }
    sections
}

fn template() -> Value {
    let mut sections = sections();
    for section in sections.values_mut() {
        section["additionalProperties"] = json!({ "type": "boolean" });
    }
    json!({
        "type": "object",
        "properties": sections,
        "additionalProperties": { "type": "object", "additionalProperties": { "type": "boolean" } },
    })
}

/// What a group gives: sections in sections.
fn rights() -> Value {
    let nested = json!({ "anyOf": [{ "type": "boolean" }, { "$ref": "#/$defs/rights" }] });
    json!({ "type": "object", "properties": sections_or_flags(), "additionalProperties": nested })
}

/// In a group a section may be a flag, as Open WebUI has it.
fn sections_or_flags() -> Map<String, Value> {
    let nested = json!({ "anyOf": [{ "type": "boolean" }, { "$ref": "#/$defs/rights" }] });
    let sections = sections().into_iter().map(|(name, mut section)| {
        section["additionalProperties"] = nested.clone();
        section["type"] = json!(["object", "boolean"]);
        (name, section)
    });
    sections.collect()
}

fn settings() -> Value {
    let mut properties = Map::new();
    let keys = Dialect::ALL.into_iter().rev().flat_map(Key::of_form);
    for key in keys {
        let mut schema = schema_of(key.kind());
        if let Some(configured) = key.row().configured {
            schema["description"] = configured.about.into();
        }
        properties.entry(key.wire()).or_insert(schema);
    }
    properties.sort_keys();
    json!({ "type": "object", "properties": properties, "additionalProperties": false })
}

/// The values of a kind. TOML has no null, so the empty text stands for it, and a document may be JSON text.
fn schema_of(kind: Kind) -> Value {
    match kind {
        Kind::Switch => json!({ "type": "boolean" }),
        Kind::Text | Kind::TokenLife => json!({ "type": "string" }),
        Kind::OptionalText => json!({ "type": ["string", "null"] }),
        Kind::Number => json!({ "type": "integer" }),
        Kind::Count => json!({ "type": ["integer", "string", "null"] }),
        Kind::Limit => {
            json!({ "anyOf": [{ "type": "integer", "minimum": 1 }, { "type": "null" }, { "const": "" }] })
        }
        Kind::Choice(words) => json!({ "enum": words }),
        Kind::Role => json!({ "enum": [Role::Pending, Role::User, Role::Admin] }),
        Kind::List => json!({ "type": ["array", "string"] }),
        Kind::OptionalList => json!({ "type": ["array", "string", "null"] }),
        Kind::Object | Kind::Translations => json!({ "type": ["object", "string"] }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(value: &Value) -> Vec<&str> {
        value.as_object().unwrap().keys().map(String::as_str).collect()
    }

    #[test]
    fn the_schema_has_the_keys_that_are_read() {
        let schema = schema();
        let document: Vec<_> = [keys::SCHEMA].into_iter().chain(keys::DOCUMENT.map(|key| key.name)).collect();
        assert_eq!(names(&schema["properties"]), document);
        let group = &schema["$defs"]["group"]["properties"];
        assert_eq!(names(group), keys::GROUP.map(|key| key.name));
        let settings = names(&schema["properties"]["settings"]["properties"]);
        assert!(settings.is_sorted() && settings.len() > 40, "{settings:?}");
        assert!(settings.iter().all(|name| Key::named(name).is_some()));
        for dialect in Dialect::ALL {
            assert!(Key::of_form(dialect).all(|key| settings.contains(&key.wire())));
        }
        let rights: usize = schema["properties"]["permissions"]["properties"]
            .as_object()
            .unwrap()
            .values()
            .map(|section| names(&section["properties"]).len())
            .sum();
        assert_eq!(rights, OPEN_WEBUI_0_12.iter().count());
        for key in keys::GROUP {
            assert_eq!(group[key.name]["description"], key.about);
        }
    }
}
