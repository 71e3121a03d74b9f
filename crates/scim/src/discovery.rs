//! What the server tells of itself (RFC 7644, 4): `/ServiceProviderConfig`, `/ResourceTypes`, `/Schemas`.

use serde_json::{Value, json};

use crate::schema::{
    GROUP, RESOURCE_TYPE, ResourceKind, SCHEMA, SERVICE_PROVIDER_CONFIG, Schema, USER, USER_WITH_PASSWORD,
};

/// Whether the passwords that clients send are used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Passwords {
    /// They are.
    Taken,
    /// They are passed over.
    Ignored,
}

/// The document at `/ServiceProviderConfig`. A list has at most `max_results` resources on a page. `base` is the URL before it, without
/// a slash at its end.
#[must_use]
pub fn service_provider_config(base: &str, max_results: u64, passwords: Passwords) -> Value {
    let name = SERVICE_PROVIDER_CONFIG.name;
    json!({
        "schemas": [SERVICE_PROVIDER_CONFIG.id],
        "patch": { "supported": true },
        "bulk": { "supported": false, "maxOperations": 0, "maxPayloadSize": 0 },
        "filter": { "supported": true, "maxResults": max_results },
        "changePassword": { "supported": passwords == Passwords::Taken },
        "sort": { "supported": true },
        "etag": { "supported": true },
        "authenticationSchemes": [{
            "type": "oauthbearertoken",
            "name": "Bearer token",
            "description": "The token of a connection, in the header Authorization.",
            "specUri": "https://www.rfc-editor.org/info/rfc6750",
            "primary": true,
        }],
        "meta": { "resourceType": name, "location": format!("{base}/{name}") },
    })
}

/// The documents at `/ResourceTypes`.
#[must_use]
pub fn resource_types(base: &str) -> Vec<Value> {
    ResourceKind::ALL.into_iter().map(|kind| of_kind(base, kind)).collect()
}

/// The document at `/ResourceTypes/{name}`, if there is such a type.
#[must_use]
pub fn resource_type(base: &str, name: &str) -> Option<Value> {
    ResourceKind::ALL.into_iter().find(|kind| kind.name() == name).map(|kind| of_kind(base, kind))
}

fn of_kind(base: &str, kind: ResourceKind) -> Value {
    let (name, schema) = (kind.name(), kind.schema());
    json!({
        "schemas": [RESOURCE_TYPE.id],
        "id": name,
        "name": name,
        "description": schema.description,
        "endpoint": kind.endpoint(),
        "schema": schema.id,
        "schemaExtensions": [],
        "meta": { "resourceType": RESOURCE_TYPE.name, "location": format!("{base}/ResourceTypes/{name}") },
    })
}

/// The documents at `/Schemas`: of users, of groups, and of the documents of this module.
#[must_use]
pub fn schemas(base: &str, passwords: Passwords) -> Vec<Value> {
    tables(passwords).iter().map(|schema| schema.to_json(base)).collect()
}

/// The document at `/Schemas/{id}`, if there is such a schema.
#[must_use]
pub fn schema(base: &str, id: &str, passwords: Passwords) -> Option<Value> {
    let found = tables(passwords).into_iter().find(|schema| schema.id.eq_ignore_ascii_case(id));
    found.map(|schema| schema.to_json(base))
}

fn tables(passwords: Passwords) -> [&'static Schema; 5] {
    let users = match passwords {
        Passwords::Taken => &USER_WITH_PASSWORD,
        Passwords::Ignored => &USER,
    };
    [users, &GROUP, &SERVICE_PROVIDER_CONFIG, &RESOURCE_TYPE, &SCHEMA]
}

#[cfg(test)]
mod tests {
    use super::*;

    const BASE: &str = "https://chat.example.com/scim/v2";

    fn names(attributes: &Value) -> Vec<&str> {
        attributes.as_array().unwrap().iter().map(|attribute| attribute["name"].as_str().unwrap()).collect()
    }

    #[test]
    fn only_what_is_stored_is_advertised() {
        let user = schema(BASE, "urn:ietf:params:scim:schemas:core:2.0:User", Passwords::Ignored).unwrap();
        assert_eq!(
            names(&user["attributes"]),
            ["userName", "name", "displayName", "active", "emails", "groups"]
        );
        assert_eq!(names(&user["attributes"][1]["subAttributes"]), ["formatted", "familyName", "givenName"]);
        let user = schema(BASE, "urn:ietf:params:scim:schemas:core:2.0:user", Passwords::Taken).unwrap();
        assert_eq!(names(&user["attributes"]).pop(), Some("password"));
        assert_eq!(user["attributes"][6]["returned"], "never");
        let group = schema(BASE, "urn:ietf:params:scim:schemas:core:2.0:Group", Passwords::Ignored).unwrap();
        assert_eq!(names(&group["attributes"]), ["displayName", "members"]);
        assert!(schema(BASE, "urn:x:y", Passwords::Ignored).is_none());
    }

    #[test]
    fn an_attribute_is_described_as_the_rfc_has_it() {
        let user = schema(BASE, USER.id, Passwords::Ignored).unwrap();
        assert_eq!(
            user["attributes"][0],
            json!({
                "name": "userName", "type": "string", "multiValued": false,
                "description": "The name to sign in with: the e-mail address of the account.",
                "required": true, "caseExact": false, "mutability": "readWrite", "returned": "default",
                "uniqueness": "server",
            })
        );
        assert_eq!(
            user["attributes"][4]["subAttributes"][2]["canonicalValues"],
            json!(["work", "home", "other"])
        );
        assert_eq!(user["attributes"][5]["subAttributes"][1]["referenceTypes"], json!(["Group"]));
        assert_eq!(user["meta"]["location"], format!("{BASE}/Schemas/{}", USER.id));
    }

    /// The names of the members of the documents are those that their schemas tell.
    #[test]
    fn the_documents_follow_their_schemas() {
        let config = service_provider_config(BASE, 200, Passwords::Taken);
        let all = schemas(BASE, Passwords::Taken);
        let of = |id: &str| all.iter().find(|schema| schema["id"] == id).unwrap();
        let known = names(&of(SERVICE_PROVIDER_CONFIG.id)["attributes"]);
        for name in
            config.as_object().unwrap().keys().filter(|name| !["schemas", "meta"].contains(&name.as_str()))
        {
            assert!(known.contains(&name.as_str()), "{name}");
        }
        let known = names(&of(RESOURCE_TYPE.id)["attributes"]);
        for name in resource_types(BASE)[0].as_object().unwrap().keys() {
            assert!(["schemas", "meta"].contains(&name.as_str()) || known.contains(&name.as_str()), "{name}");
        }
        let known = names(&of(SCHEMA.id)["attributes"][3]["subAttributes"]);
        for attribute in all.iter().flat_map(|schema| schema["attributes"].as_array().unwrap()) {
            for name in attribute.as_object().unwrap().keys() {
                assert!(known.contains(&name.as_str()), "{name}");
            }
        }
        assert_eq!(all.len(), 5);
    }

    #[test]
    fn types_are_found_by_name() {
        assert_eq!(resource_types(BASE).len(), 2);
        let group = resource_type(BASE, "Group").unwrap();
        assert_eq!((&group["endpoint"], &group["schema"]), (&json!("/Groups"), &json!(GROUP.id)));
        assert!(resource_type(BASE, "Robot").is_none());
        assert_eq!(
            service_provider_config(BASE, 200, Passwords::Ignored)["changePassword"],
            json!({ "supported": false })
        );
    }
}
