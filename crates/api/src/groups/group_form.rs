//! What a group is made of, as it is sent.

use rosterd_app::groups::GroupDraft;
use rosterd_app::{AppError, AppResult};
use rosterd_domain::field_error::{FieldError, faults_of};
use rosterd_domain::group::{self, Group, GroupChanges, GroupName};
use rosterd_domain::json::{JsonText, is_same_text};
use rosterd_domain::permissions::PermissionTree;
use rosterd_domain::text::MAX_DESCRIPTION;
use rosterd_storage::StoreError;
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::Schema;

use crate::extract::{AsStored, Fault, FieldType, Parts, Text, form, reference};

form! {
    /// What a group is made of.
    pub(crate) struct GroupForm {
        /// The name: up to 255 characters, not counting white space at its ends.
        name: AsStored<GroupName>,
        /// A short description, at most 2,000 characters.
        description: Text<MAX_DESCRIPTION>,
        /// What its members may do in addition to the template, at most 8 levels deep.
        permissions: Option<SentPermissions>,
        /// Free-form JSON.
        data: Option<SentDocument>,
        /// Free-form JSON.
        meta: Option<SentDocument>,
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

impl GroupForm {
    /// What is wrong with the values, beside what is stored.
    fn faults(&self, stored: Option<&Group>) -> Vec<FieldError> {
        let mut faults = faults_of(&[], &group::new_name(&self.name.text, stored));
        if let Some(sent) = &self.permissions {
            faults.extend(sent.faults(stored.and_then(|stored| stored.permissions.as_ref())));
        }
        if let Some(sent) = &self.data {
            faults.extend(sent.faults("data", stored.and_then(|stored| stored.data.as_ref())));
        }
        if let Some(sent) = &self.meta {
            faults.extend(sent.faults("meta", stored.and_then(|stored| stored.meta.as_ref())));
        }
        faults
    }

    /// A new group of it.
    ///
    /// # Errors
    /// 422 for a name that none can have.
    pub(super) fn draft(self) -> AppResult<GroupDraft> {
        Ok(GroupDraft {
            name: GroupName::parse(&self.name.text)?,
            description: self.description.0,
            permissions: self.permissions.map(|sent| sent.0),
            data: self.data.map(|sent| sent.0),
            meta: self.meta.map(|sent| sent.0),
        })
    }

    /// What of it differs from what is stored.
    ///
    /// # Errors
    /// 422 for a value that is new and wrong; [`AppError::GroupNotFound`]; 409 where a new value would overwrite one that
    /// cannot be read.
    pub(super) fn changes(self, stored: Option<&Group>) -> AppResult<GroupChanges> {
        let faults = self.faults(stored);
        if !faults.is_empty() {
            return Err(AppError::Validation(faults));
        }
        let stored = stored.ok_or(AppError::GroupNotFound)?;
        let name = group::new_name(&self.name.text, Some(stored))?;
        let differs = |column, sent: Option<JsonText>, stored_text: Option<&JsonText>| {
            let Some(sent) = sent else { return Ok(None) };
            match stored_text {
                Some(text) if is_same_text(&sent, text) => Ok(None),
                Some(text) if text.is_unreadable() => {
                    Err(StoreError::unreadable("group", column, stored.id.as_str()))
                }
                _ => Ok(Some(Some(sent))),
            }
        };
        Ok(GroupChanges {
            name,
            description: Some(self.description.0).filter(|text| *text != stored.description),
            permissions: differs(
                "permissions",
                self.permissions.map(|sent| sent.0),
                stored.permissions.as_ref(),
            )?,
            data: differs("data", self.data.map(|sent| sent.0), stored.data.as_ref())?,
            meta: differs("meta", self.meta.map(|sent| sent.0), stored.meta.as_ref())?,
        })
    }
}
