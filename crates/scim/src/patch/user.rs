//! Changes of users.

use serde_json::Value;

use super::emails::EmailsChange;
use super::target::Target;
use super::{PatchRequest, Verb};
use crate::error::{ScimError, ScimType};
use crate::schema::{Field, List, ResourceKind};
use crate::sent::{self, Password};
use crate::user::{PersonName, UserAttributes};

/// A change of what is stored of a user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum UserChange {
    /// `userName`
    UserName(String),
    /// `externalId`
    ExternalId(Option<String>),
    /// `active`
    Active(bool),
    /// `displayName`
    DisplayName(Option<String>),
    /// `name.formatted`
    Formatted(Option<String>),
    /// `name.familyName`
    FamilyName(Option<String>),
    /// `name.givenName`
    GivenName(Option<String>),
    /// `emails`
    Emails(EmailsChange),
    /// `password`. It is no attribute that is stored with the others; the caller uses it or not.
    Password(Password),
}

impl PatchRequest {
    /// What the request changes of a user, in order.
    ///
    /// # Errors
    /// `mutability` for what is read only, and for `remove` of what every user has; `noTarget` for `remove` without a path; `invalidPath`,
    /// `invalidFilter`, `invalidValue`.
    pub fn user_changes(&self) -> Result<Vec<UserChange>, ScimError> {
        let mut changes = Vec::new();
        self.each_target(ResourceKind::User, &mut |verb, target, value| {
            of_target(verb, target, value, &mut changes)
        })?;
        Ok(changes)
    }
}

impl UserAttributes {
    /// Carries a change out, unless it fails. A [password](UserChange::Password) changes nothing here.
    ///
    /// # Errors
    /// `noTarget` where the path of the change means no e-mail address; `invalidValue` where there would be too many of them.
    pub fn apply(&mut self, change: &UserChange) -> Result<(), ScimError> {
        match change {
            UserChange::UserName(text) => self.user_name.clone_from(text),
            UserChange::ExternalId(text) => self.external_id.clone_from(text),
            UserChange::Active(active) => self.active = *active,
            UserChange::DisplayName(text) => self.display_name.clone_from(text),
            UserChange::Formatted(text) => self.name.formatted.clone_from(text),
            UserChange::FamilyName(text) => self.name.family_name.clone_from(text),
            UserChange::GivenName(text) => self.name.given_name.clone_from(text),
            UserChange::Emails(change) => change.apply(&mut self.emails)?,
            UserChange::Password(_) => {}
        }
        Ok(())
    }
}

fn of_target(
    verb: Verb,
    target: Target,
    value: Option<&Value>,
    changes: &mut Vec<UserChange>,
) -> Result<(), ScimError> {
    let attribute = target.attribute;
    if attribute.list == Some(List::Emails) {
        changes.push(UserChange::Emails(EmailsChange::of(verb, target, value)?));
        return Ok(());
    }
    let part = target.sub.unwrap_or(attribute);
    let name = part.field.map_or_else(|| part.name.to_owned(), Field::path);
    let removes = verb == Verb::Remove;
    if removes && part.required {
        return Err(ScimError::new(
            ScimType::Mutability,
            format!("every user has `{name}`; it cannot be removed"),
        ));
    }
    let needed = || {
        let detail = format!("`{name}` needs a value; `remove` takes it away");
        value.ok_or_else(|| ScimError::new(ScimType::InvalidValue, detail))
    };
    let text = || if removes { Ok(None) } else { sent::text(&name, needed()?) };
    changes.push(match part.field {
        Some(Field::UserName) => UserChange::UserName(sent::some_text(&name, value)?),
        Some(Field::Active) => UserChange::Active(sent::some_boolean(&name, value)?),
        Some(Field::ExternalId) => UserChange::ExternalId(text()?),
        Some(Field::DisplayName) => UserChange::DisplayName(text()?),
        Some(Field::Formatted) => UserChange::Formatted(text()?),
        Some(Field::FamilyName) => UserChange::FamilyName(text()?),
        Some(Field::GivenName) => UserChange::GivenName(text()?),
        _ if part.name == "password" => {
            let sent = if removes { None } else { sent::password(needed()?)? };
            changes.extend(sent.map(UserChange::Password));
            return Ok(());
        }
        _ if part.name == "name" => {
            changes.extend(of_name(if removes { &Value::Null } else { needed()? })?);
            return Ok(());
        }
        // What is not of users does not get here.
        _ => return Ok(()),
    });
    Ok(())
}

/// What a name changes: the parts that it has, and all if it is null.
fn of_name(value: &Value) -> Result<Vec<UserChange>, ScimError> {
    let PersonName { formatted, family_name, given_name } = PersonName::parse(value)?;
    let sent = sent::object("name", value)?;
    let has = |name| sent.is_none_or(|object| sent::member(object, name).is_some());
    let changes = [
        has("formatted").then_some(UserChange::Formatted(formatted)),
        has("familyName").then_some(UserChange::FamilyName(family_name)),
        has("givenName").then_some(UserChange::GivenName(given_name)),
    ];
    Ok(changes.into_iter().flatten().collect())
}
