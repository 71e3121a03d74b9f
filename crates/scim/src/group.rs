//! Groups: the bodies of POST and PUT, and the document that is answered.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use crate::error::ScimError;
use crate::meta::{Meta, location, put};
use crate::schema::{GROUP, ResourceKind};
use crate::sent::{self, body, check_schemas, member};

/// The body of POST and PUT.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GroupForm {
    /// `displayName`
    pub display_name: String,
    /// `externalId`, if it was sent.
    pub external_id: Option<Option<String>>,
    /// The ids of the members, if `members` was sent. PUT leaves the members alone where it was not.
    pub members: Option<BTreeSet<String>>,
}

impl GroupForm {
    /// Reads the body. What is read only, not stored or of another schema is passed over.
    ///
    /// # Errors
    /// `invalidSyntax` for what is no object, or does not name the schema of groups; `invalidValue`, also where there is no `displayName`.
    pub fn parse(value: &Value) -> Result<Self, ScimError> {
        let sent = body(value)?;
        check_schemas(sent, GROUP.id)?;
        let members = member(sent, "members").filter(|value| !value.is_null());
        Ok(Self {
            display_name: sent::some_text("displayName", member(sent, "displayName"))?,
            external_id: member(sent, "externalId")
                .map(|value| sent::text("externalId", value))
                .transpose()?,
            members: members.map(sent::member_ids).transpose()?.map(|ids| ids.into_iter().collect()),
        })
    }
}

/// A group as it is answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    /// The id of the group.
    pub id: String,
    /// `externalId`
    pub external_id: Option<String>,
    /// `displayName`
    pub display_name: String,
    /// The ids of the members, or none where they are left out of the answer.
    pub members: Option<Vec<String>>,
    /// Times and version.
    pub meta: Meta,
}

impl Group {
    /// The document. What has no value is not in it. `base` is as for [`location`].
    #[must_use]
    pub fn to_json(&self, base: &str) -> Value {
        let mut document = Map::new();
        document.insert("schemas".to_owned(), json!([GROUP.id]));
        put(&mut document, "id", Some(self.id.as_str()));
        put(&mut document, "externalId", self.external_id.as_deref());
        put(&mut document, "displayName", Some(self.display_name.as_str()));
        if let Some(members) = self.members.as_deref().filter(|members| !members.is_empty()) {
            let user = |id: &String| {
                let url = location(base, ResourceKind::User, id);
                json!({ "value": id, "$ref": url, "type": ResourceKind::User.name() })
            };
            put(&mut document, "members", Some(members.iter().map(user).collect::<Vec<_>>()));
        }
        put(&mut document, "meta", Some(self.meta.to_json(base, ResourceKind::Group, &self.id)));
        Value::Object(document)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::date_time::DateTime;
    use crate::error::ScimType;
    use crate::version::Version;

    #[test]
    fn a_group_of_entra_names_a_schema_of_its_own() {
        let form = GroupForm::parse(&json!({
            "schemas": [
                "urn:ietf:params:scim:schemas:core:2.0:Group",
                "http://schemas.microsoft.com/2006/11/ResourceManagement/ADSCIM/2.0/Group",
            ],
            "externalId": "8aa1a0c0-c4c3-4bc0-b4a5-2ef676900159",
            "displayName": "Analysts",
            "meta": { "resourceType": "Group" },
        }))
        .unwrap();
        assert_eq!(form.display_name, "Analysts");
        assert_eq!(form.external_id.flatten().as_deref(), Some("8aa1a0c0-c4c3-4bc0-b4a5-2ef676900159"));
        assert_eq!(form.members, None);
    }

    #[test]
    fn members_change_only_where_they_are_named() {
        let members = |sent: Value| GroupForm::parse(&sent).unwrap().members;
        assert_eq!(members(json!({ "displayName": "A" })), None);
        assert_eq!(members(json!({ "displayName": "A", "members": null })), None);
        assert_eq!(members(json!({ "displayName": "A", "members": [] })), Some(BTreeSet::new()));
        let two = members(
            json!({ "displayName": "A", "members": [{ "value": "b" }, { "value": "a" }, { "value": "b" }] }),
        );
        assert_eq!(two, Some(["a".to_owned(), "b".to_owned()].into()));
    }

    #[test]
    fn what_a_group_cannot_be() {
        for (sent, scim_type) in [
            (json!(null), ScimType::InvalidSyntax),
            (json!({ "schemas": ["urn:x:y"], "displayName": "A" }), ScimType::InvalidSyntax),
            (json!({}), ScimType::InvalidValue),
            (json!({ "displayName": "" }), ScimType::InvalidValue),
            (json!({ "displayName": "A", "members": [{ "display": "Ada" }] }), ScimType::InvalidValue),
        ] {
            assert_eq!(GroupForm::parse(&sent).unwrap_err().scim_type(), Some(scim_type), "{sent}");
        }
    }

    #[test]
    fn the_document_has_members_unless_they_are_left_out() {
        let moment = DateTime::from_seconds(1_795_779_060);
        let meta = Meta { created: moment, last_modified: moment, version: Version::new("7") };
        let mut group = Group {
            id: "g1".to_owned(),
            external_id: None,
            display_name: "Analysts".to_owned(),
            members: Some(vec!["a".to_owned()]),
            meta,
        };
        assert_eq!(
            group.to_json("https://x.example/scim/v2"),
            json!({
                "schemas": ["urn:ietf:params:scim:schemas:core:2.0:Group"],
                "id": "g1",
                "displayName": "Analysts",
                "members": [{ "value": "a", "$ref": "https://x.example/scim/v2/Users/a", "type": "User" }],
                "meta": {
                    "resourceType": "Group", "created": "2026-11-27T11:31:00Z", "lastModified": "2026-11-27T11:31:00Z",
                    "location": "https://x.example/scim/v2/Groups/g1", "version": "W/\"7\"",
                },
            })
        );
        for members in [None, Some(Vec::new())] {
            group.members = members;
            assert_eq!(group.to_json("").get("members"), None);
        }
    }
}
