//! Mends what derived schemas cannot say.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

/// Schemas whose names would be those of Rust's type system, and the names they get.
const NAMES: [(&str, &str); 1] = [("i64", "UnixSeconds")];

/// Keys of answers that may be missing, and are not null when they are there. All others are always there, null
/// where unset.
const OPTIONAL_KEYS: [(&str, &[&str]); 14] = [
    ("EventPage", &["next_cursor"]),
    ("ManyUsersAnswer", &["next_cursor"]),
    ("ManyUsersResult", &["status", "error"]),
    ("DeliveryPage", &["next_cursor"]),
    ("MailPage", &["next_cursor"]),
    ("DeletedUserPage", &["next_cursor"]),
    ("UserGroupIdsListResponse", &["next_cursor"]),
    ("UserInfoListResponse", &["next_cursor"]),
    (
        "BackendConfig",
        &[
            "onboarding",
            "password_forgot",
            "email_unconfirmed",
            "ui",
            "default_prompt_suggestions_i18n",
            "user_count",
            "code",
            "audio",
            "file",
            "permissions",
            "google_drive",
            "onedrive",
        ],
    ),
    ("SignedOut", &["redirect_url"]),
    ("ScimError", &["scimType"]),
    ("ScimListResponse", &["startIndex", "itemsPerPage", "Resources"]),
    ("UserModel", &["suspension", "unconfirmed"]),
    ("AddedAccount", &["token", "token_type"]),
];

/// Keys that only answers of the newest dialect have, or only those to some callers; there they are always there, and some
/// may be null.
const KEYS_OF_THE_NEWEST: [(&str, &[&str]); 11] = [
    (
        "BackendConfig",
        &["default_models", "default_pinned_models", "default_prompt_suggestions", "license_metadata"],
    ),
    ("BackendTexts", &["response_watermark", "default_interface_settings", "visibility", "iframe_csp"]),
    ("UserModel", &["scim"]),
    ("UserInfoResponse", &["bio", "timezone", "last_active_at", "groups", "is_active"]),
    ("UserGroup", &["parent_group_id", "membership_type"]),
    ("GroupResponse", &["parent_group_id"]),
    ("UserPermissions", &["access_grants", "settings"]),
    ("WorkspacePermissions", &["skills", "models_hidden", "skills_import", "skills_export"]),
    (
        "SharingPermissions",
        &["skills", "public_skills", "folders", "public_chats", "open_chats", "public_calendars"],
    ),
    ("ChatPermissions", &["web_upload", "import"]),
    ("FeaturesPermissions", &["encrypted_channels", "memories", "automations", "calendar", "webhooks"]),
];

/// Answers whose own tables say which keys are always there.
const BY_THEIR_TABLES: [&str; 3] = ["AdminConfig", "AdminConfigUpdated", "BackendFeatures"];

pub(super) fn finish(document: &mut Value) {
    rename_schemas(document);
    require_keys_of_answers(document);
    // Absent and null are two things in an update: nothing is null by default.
    visit(document, &mut |object| {
        if object.get("default").is_some_and(Value::is_null) {
            object.shift_remove("default");
        }
    });
    let schemas = &mut document["components"]["schemas"];
    schemas["UnixSeconds"] = json!({
        "type": "integer", "format": "int64", "minimum": i64::MIN, "maximum": i64::MAX,
        "description": "Whole seconds since 1970-01-01 UTC.",
    });
}

/// Every operation, with its path and its method in lower case.
pub(super) fn operations(
    document: &mut Value,
) -> impl Iterator<Item = (String, String, &mut Map<String, Value>)> {
    let paths = document["paths"].as_object_mut().into_iter().flatten();
    paths.flat_map(|(path, methods)| {
        let methods = methods.as_object_mut().into_iter().flatten();
        methods.filter_map(|(method, operation)| {
            operation.as_object_mut().map(|it| (path.clone(), method.clone(), it))
        })
    })
}

fn rename_schemas(document: &mut Value) {
    let schemas = &mut document["components"]["schemas"];
    if let Some(old) = schemas.as_object_mut() {
        let renamed = std::mem::take(old).into_iter().map(|(name, schema)| {
            let name = NAMES.iter().find(|(from, _)| *from == name).map_or(name, |(_, to)| (*to).to_owned());
            (name, schema)
        });
        // By name, so that the document does not change with the order of its making.
        *schemas = Value::Object(renamed.collect::<BTreeMap<_, _>>().into_iter().collect());
    }
    visit(document, &mut |object| {
        let Some(Value::String(target)) = object.get_mut("$ref") else { return };
        for (from, to) in NAMES {
            if *target == format!("#/components/schemas/{from}") {
                *target = format!("#/components/schemas/{to}");
            }
        }
    });
}

/// Serde writes null for what is unset, so an answer has all its keys. That a key may be null does not make it one
/// that may be missing, as it does in a request.
fn require_keys_of_answers(document: &mut Value) {
    let mut asked = BTreeSet::new();
    let mut answered = BTreeSet::new();
    for (_, _, operation) in operations(document) {
        gather(operation.get("requestBody"), &mut asked);
        gather(operation.get("responses"), &mut answered);
    }
    let schemas = &mut document["components"]["schemas"];
    for names in [&mut asked, &mut answered] {
        loop {
            let before = names.len();
            for name in names.clone() {
                gather(schemas.get(&name), names);
            }
            if names.len() == before {
                break;
            }
        }
    }
    for name in answered.difference(&asked).filter(|name| !BY_THEIR_TABLES.contains(&name.as_str())) {
        require_keys(&mut schemas[name], keys_in(&OPTIONAL_KEYS, name), keys_in(&KEYS_OF_THE_NEWEST, name));
    }
}

fn keys_in(table: &[(&str, &'static [&'static str])], schema: &str) -> &'static [&'static str] {
    table.iter().find(|(of, _)| *of == schema).map_or(&[], |(_, keys)| *keys)
}

/// The names of the schemas that a part of the document refers to.
fn gather(part: Option<&Value>, names: &mut BTreeSet<String>) {
    match part {
        Some(Value::Object(object)) => {
            let target = object.get("$ref").and_then(Value::as_str);
            names.extend(target.and_then(|it| it.strip_prefix("#/components/schemas/")).map(str::to_owned));
            object.values().for_each(|value| gather(Some(value), names));
        }
        Some(Value::Array(items)) => items.iter().for_each(|value| gather(Some(value), names)),
        _ => {}
    }
}

fn require_keys(schema: &mut Value, optional: &[&str], newest: &[&str]) {
    visit(schema, &mut |object| {
        let Some(Value::Object(properties)) = object.get_mut("properties") else { return };
        for (_, property) in properties.iter_mut().filter(|(key, _)| optional.contains(&key.as_str())) {
            forbid_null(property);
        }
        let always = |key: &&String| !optional.contains(&key.as_str()) && !newest.contains(&key.as_str());
        let keys: Vec<_> = properties.keys().filter(always).cloned().collect();
        object.insert("required".to_owned(), json!(keys));
    });
}

/// Takes null out of what a schema allows.
fn forbid_null(schema: &mut Value) {
    if let Some(Value::Array(types)) = schema.get_mut("type") {
        types.retain(|one| one != "null");
        if let [only] = types.as_slice() {
            schema["type"] = only.clone();
        }
    }
    if let Some(Value::Array(choices)) = schema.get_mut("oneOf") {
        choices.retain(|one| one["type"] != "null");
        if let [only] = choices.as_slice() {
            *schema = only.clone();
        }
    }
}

/// Calls `change` on every object in a value, from the outside in.
fn visit(value: &mut Value, change: &mut impl FnMut(&mut Map<String, Value>)) {
    match value {
        Value::Object(object) => {
            change(object);
            object.values_mut().for_each(|inner| visit(inner, change));
        }
        Value::Array(items) => items.iter_mut().for_each(|inner| visit(inner, change)),
        _ => {}
    }
}
