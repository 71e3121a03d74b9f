//! Whom to add to a group or to remove, as it is sent.

use rosterd_domain::field_error::FieldError;
use rosterd_domain::ids::UserId;
use serde_json::Value;
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::Schema;

use crate::extract::{Fault, FieldType, New, Parts, form};

form! {
    /// Whom to add or remove, as a front end of Open WebUI 0.6 sends it.
    pub(crate) struct OlderMembersForm {
        /// Their ids.
        user_ids: Vec<UserId>,
    }
}

form! {
    /// Whom to add or remove.
    pub(crate) struct MembersForm {
        /// Their ids; absent or null: nobody. A database of Open WebUI 0.6 wants a list.
        user_ids: Option<MemberIds>,
    }
}

impl MembersForm {
    /// Their ids.
    pub(super) fn ids(self) -> Vec<UserId> {
        self.user_ids.map(|sent| sent.ids).unwrap_or_default()
    }
}

impl From<OlderMembersForm> for New<MembersForm> {
    fn from(OlderMembersForm { user_ids }: OlderMembersForm) -> Self {
        Self(MembersForm { user_ids: Some(MemberIds { ids: user_ids, faults: Vec::new() }) })
    }
}

/// A list of ids, of which every entry that is no text is told. Text that no id can be is an unknown id, and those are
/// skipped.
#[derive(Debug)]
pub(crate) struct MemberIds {
    ids: Vec<UserId>,
    /// The places of what is no text.
    faults: Vec<usize>,
}

impl FieldType for MemberIds {
    fn read(json: &str) -> Result<Self, Fault> {
        let sent: Vec<Value> = serde_json::from_str(json)
            .map_err(|_why| Fault::new("list_type", "A list of texts is needed."))?;
        let mut read = Self { ids: Vec::with_capacity(sent.len()), faults: Vec::new() };
        for (place, id) in sent.iter().enumerate() {
            match id {
                Value::String(id) => read.ids.extend(UserId::parse(id).ok()),
                _ => read.faults.push(place),
            }
        }
        Ok(read)
    }

    fn waits(&self, name: &'static str) -> Vec<FieldError> {
        let fault = |place: &usize| {
            FieldError::new("string_type", &["body", name, &place.to_string()], "A text is needed.")
        };
        self.faults.iter().map(fault).collect()
    }

    fn schema(parts: &mut Parts) -> RefOr<Schema> {
        <Vec<UserId> as FieldType>::schema(parts)
    }
}
