//! What a group is made of, as it is sent.

use rosterd_app::groups::GroupDraft;
use rosterd_app::{AppError, AppResult};
use rosterd_domain::dialect::Dialect;
use rosterd_domain::field_error::{FieldError, faults_of};
use rosterd_domain::group::{self, Group, GroupChanges, GroupName, GroupWithCount, data, tree};
use rosterd_domain::ids::GroupId;
use rosterd_domain::json::{JsonText, is_same_text};
use rosterd_domain::permissions::PermissionTree;
use rosterd_domain::text::MAX_DESCRIPTION;
use rosterd_storage::StoreError;
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::Schema;

use crate::extract::{AsStored, Fault, FieldType, New, Parts, Sent, Text, form, reference};

form! {
    /// What a group is made of, as a front end of Open WebUI 0.6 sends it.
    pub(crate) struct OlderGroupForm {
        /// The name.
        name: AsStored<GroupName>,
        /// A short description.
        description: Text<MAX_DESCRIPTION>,
        /// What its members may do in addition to the template.
        permissions: Option<SentPermissions>,
        /// Free-form JSON.
        data: Option<SentDocument>,
        /// Free-form JSON.
        meta: Option<SentDocument>,
    }
}

form! {
    /// What a group is made of.
    pub(crate) struct GroupForm {
        /// The id of the group above it; null for a group without one. In an update an absent one stays. Not on a database
        /// of Open WebUI 0.6.
        parent_group_id: Sent<String>,
        /// The name: up to 255 characters, not counting white space at its ends.
        name: AsStored<GroupName>,
        /// A short description, at most 2,000 characters.
        description: Text<MAX_DESCRIPTION>,
        /// What its members may do in addition to the template, at most 8 levels deep.
        permissions: Option<SentPermissions>,
        /// Free-form JSON with an object `config` (rules M2 to M4). In an update it is merged into what is stored.
        data: Option<SentData>,
        /// Free-form JSON.
        meta: Option<SentDocument>,
    }
}

impl From<OlderGroupForm> for GroupForm {
    fn from(form: OlderGroupForm) -> Self {
        let OlderGroupForm { name, description, permissions, data, meta } = form;
        Self { parent_group_id: Sent::Absent, name, description, permissions, data: data.map(SentData), meta }
    }
}

impl From<New<OlderGroupForm>> for New<GroupForm> {
    fn from(New(form): New<OlderGroupForm>) -> Self {
        Self(form.into())
    }
}

/// Permissions as they were sent: judged where they differ from what is stored.
#[derive(Debug)]
pub(crate) struct SentPermissions(JsonText);

impl SentPermissions {
    fn faults(&self, stored: Option<&JsonText>) -> Vec<FieldError> {
        if stored.is_some_and(|stored| is_same_text(&self.0, stored)) {
            return Vec::new();
        }
        let before = stored.map(JsonText::to_value).unwrap_or_default();
        match serde_json::from_str(self.0.as_str()) {
            Ok(sent) => faults_of(&["permissions"], &PermissionTree::validate_changes(&sent, &before)),
            Err(why) => {
                let message = format!("This is not a value we can hold: {why}.");
                vec![FieldError::new("json_type", &["body", "permissions"], message)]
            }
        }
    }
}

impl FieldType for SentPermissions {
    fn read(json: &str) -> Result<Self, Fault> {
        JsonText::read(json).map(Self)
    }

    fn waits(&self, _name: &'static str) -> Vec<FieldError> {
        self.faults(None)
    }

    fn schema(parts: &mut Parts) -> RefOr<Schema> {
        reference::<PermissionTree>(parts)
    }
}

/// A document as it was sent: an object, or what is stored already.
#[derive(Debug)]
pub(crate) struct SentDocument(JsonText);

impl SentDocument {
    fn faults(&self, name: &'static str, stored: Option<&JsonText>) -> Vec<FieldError> {
        if self.0.object().is_some() || stored.is_some_and(|stored| is_same_text(&self.0, stored)) {
            return Vec::new();
        }
        vec![FieldError::new("dict_type", &["body", name], "An object is needed.")]
    }
}

impl FieldType for SentDocument {
    fn read(json: &str) -> Result<Self, Fault> {
        JsonText::read(json).map(Self)
    }

    fn waits(&self, name: &'static str) -> Vec<FieldError> {
        self.faults(name, None)
    }

    fn schema(parts: &mut Parts) -> RefOr<Schema> {
        <JsonText as FieldType>::schema(parts)
    }
}

/// `data` as it was sent: judged by rule M4 too.
#[derive(Debug)]
pub(crate) struct SentData(SentDocument);

impl SentData {
    fn faults(&self, stored: Option<&JsonText>) -> Vec<FieldError> {
        let mut faults = self.0.faults("data", stored);
        faults.extend(faults_of(&[], &data::check(&self.0.0, stored)));
        faults
    }
}

impl FieldType for SentData {
    fn read(json: &str) -> Result<Self, Fault> {
        SentDocument::read(json).map(Self)
    }

    fn waits(&self, _name: &'static str) -> Vec<FieldError> {
        self.faults(None)
    }

    fn schema(parts: &mut Parts) -> RefOr<Schema> {
        SentDocument::schema(parts)
    }
}

impl GroupForm {
    /// What is wrong with the values, beside what is stored.
    fn faults(&self, dialect: Dialect, stored: Option<&Group>) -> Vec<FieldError> {
        let mut faults = faults_of(&[], &group::new_name(&self.name.text, stored));
        if let Some(sent) = &self.permissions {
            faults.extend(sent.faults(stored.and_then(|stored| stored.permissions.as_ref())));
        }
        if let Some(sent) = &self.data {
            let stored = stored.and_then(|stored| stored.data.as_ref());
            let known = tree::is_known(dialect);
            faults.extend(if known { sent.faults(stored) } else { sent.0.faults("data", stored) });
        }
        if let Some(sent) = &self.meta {
            faults.extend(sent.faults("meta", stored.and_then(|stored| stored.meta.as_ref())));
        }
        faults
    }

    /// A new group of it.
    ///
    /// # Errors
    /// 422 for a name that none can have; 400 and 404 for a parent that is none (rule M1).
    pub(super) fn draft(self) -> AppResult<GroupDraft> {
        let parent = match self.parent_group_id {
            Sent::Absent | Sent::Null => None,
            Sent::Value(text) => Some(parent(&text)?),
        };
        Ok(GroupDraft {
            parent,
            name: GroupName::parse(&self.name.text)?,
            description: self.description.0,
            permissions: self.permissions.map(|sent| sent.0),
            data: self.data.map(|sent| sent.0.0),
            meta: self.meta.map(|sent| sent.0),
        })
    }

    /// What of it differs from what is stored.
    ///
    /// # Errors
    /// 422 for a value that is new and wrong; [`AppError::GroupNotFound`], also for a parent that cannot be; 400 for an
    /// empty parent; 409 where a new value would overwrite one that cannot be read.
    pub(super) fn changes(
        self,
        dialect: Dialect,
        stored: Option<&GroupWithCount>,
    ) -> AppResult<GroupChanges> {
        let faults = self.faults(dialect, stored.map(|stored| &stored.group));
        if !faults.is_empty() {
            return Err(AppError::Validation(faults));
        }
        let stored = &stored.ok_or(AppError::GroupNotFound)?.group;
        let parent = match self.parent_group_id {
            Sent::Absent => None,
            Sent::Null => Some(None),
            Sent::Value(text) => Some(Some(parent(&text)?)),
        };
        let name = group::new_name(&self.name.text, Some(stored))?;
        let unreadable = |column| StoreError::unreadable("group", column, stored.id.as_str());
        let differs = |column, sent: Option<JsonText>, stored_text: Option<&JsonText>| {
            let Some(sent) = sent else { return Ok(None) };
            match stored_text {
                Some(text) if is_same_text(&sent, text) => Ok(None),
                Some(text) if text.is_unreadable() => Err(unreadable(column)),
                _ => Ok(Some(Some(sent))),
            }
        };
        let data = match self.data {
            // What is shown for a text that cannot be read is null, and null leaves it.
            Some(sent) => {
                let merged = data::merged(dialect, sent.0.0, stored.data.as_ref());
                Some(Some(merged.map_err(|_not_json| unreadable("data"))?))
            }
            None => None,
        };
        Ok(GroupChanges {
            parent,
            name,
            description: Some(self.description.0).filter(|text| *text != stored.description),
            permissions: differs(
                "permissions",
                self.permissions.map(|sent| sent.0),
                stored.permissions.as_ref(),
            )?,
            data,
            meta: differs("meta", self.meta.map(|sent| sent.0), stored.meta.as_ref())?,
        })
    }
}

/// The parent that was sent, which may be there or not.
///
/// # Errors
/// 400 for the empty text (rule M1); [`AppError::GroupNotFound`] for a text that is no id.
fn parent(text: &str) -> AppResult<GroupId> {
    tree::parse_parent(text)?.ok_or(AppError::GroupNotFound)
}
