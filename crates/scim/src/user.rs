//! Users: what is stored of them, the bodies of POST and PUT, and the document that is answered.

use serde_json::{Map, Value, json};

use crate::error::ScimError;
use crate::meta::{Meta, location, put};
use crate::schema::{ResourceKind, USER};
use crate::sent::{self, Password, body, check_schemas, member};

/// An e-mail address of a user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Email {
    /// The e-mail address.
    pub value: String,
    /// How it is shown.
    pub display: Option<String>,
    /// `type`: what it is for, such as `work`.
    pub kind: Option<String>,
    /// Whether it is the one to use first. At most one is.
    pub primary: Option<bool>,
}

impl Email {
    /// The e-mail address that a user without any has: its user name.
    fn of_user_name(user_name: &str) -> Option<Self> {
        is_address(user_name).then(|| Self {
            value: user_name.to_owned(),
            display: None,
            kind: Some("work".to_owned()),
            primary: Some(true),
        })
    }

    pub(crate) fn to_json(&self) -> Value {
        let mut document = Map::new();
        put(&mut document, "value", Some(self.value.as_str()));
        put(&mut document, "display", self.display.as_deref());
        put(&mut document, "type", self.kind.as_deref());
        put(&mut document, "primary", self.primary);
        Value::Object(document)
    }
}

/// Something before an `@`, and something after it. The caller knows what an e-mail address is in full.
fn is_address(text: &str) -> bool {
    text.split_once('@').is_some_and(|(local, domain)| !local.is_empty() && !domain.is_empty())
}

/// The parts of a person's name.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PersonName {
    /// The whole name.
    pub formatted: Option<String>,
    /// The family name.
    pub family_name: Option<String>,
    /// The given name.
    pub given_name: Option<String>,
}

impl PersonName {
    pub(crate) fn parse(value: &Value) -> Result<Self, ScimError> {
        let Some(sent) = sent::object("name", value)? else { return Ok(Self::default()) };
        let part = |name: &str| {
            member(sent, name).map_or(Ok(None), |value| sent::text(&format!("name.{name}"), value))
        };
        Ok(Self {
            formatted: part("formatted")?,
            family_name: part("familyName")?,
            given_name: part("givenName")?,
        })
    }

    /// The whole name, or what the parts make.
    #[must_use]
    pub fn whole(&self) -> Option<String> {
        self.formatted.clone().or_else(|| match (&self.given_name, &self.family_name) {
            (Some(given), Some(family)) => Some(format!("{given} {family}")),
            (Some(one), None) | (None, Some(one)) => Some(one.clone()),
            (None, None) => None,
        })
    }

    fn to_json(&self) -> Option<Value> {
        let mut document = Map::new();
        put(&mut document, "formatted", self.formatted.as_deref());
        put(&mut document, "familyName", self.family_name.as_deref());
        put(&mut document, "givenName", self.given_name.as_deref());
        (!document.is_empty()).then_some(Value::Object(document))
    }
}

/// What a connection stores of a user. [PATCH](crate::patch::UserChange) changes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UserAttributes {
    /// `userName`; not empty.
    pub user_name: String,
    /// `externalId`
    pub external_id: Option<String>,
    /// `active`
    pub active: bool,
    /// `displayName`
    pub display_name: Option<String>,
    /// `name`
    pub name: PersonName,
    /// `emails`
    pub emails: Vec<Email>,
}

impl UserAttributes {
    /// The e-mail address of the account: the user name if it is one, else the primary one of `emails`, else the one for work, else
    /// the first. `None` where there is none: such an account cannot be made.
    #[must_use]
    pub fn email_address(&self) -> Option<&str> {
        if is_address(&self.user_name) {
            return Some(&self.user_name);
        }
        let for_work =
            |email: &&Email| email.kind.as_ref().is_some_and(|kind| kind.eq_ignore_ascii_case("work"));
        let emails = self.emails.iter().filter(|email| is_address(&email.value));
        let found = emails.clone().find(|email| email.primary == Some(true));
        found
            .or_else(|| emails.clone().find(for_work))
            .or_else(|| emails.clone().next())
            .map(|email| &*email.value)
    }

    /// The name that others see: `displayName`, else the name, else the user name.
    #[must_use]
    pub fn account_name(&self) -> String {
        self.display_name.clone().or_else(|| self.name.whole()).unwrap_or_else(|| self.user_name.clone())
    }
}

/// The body of POST and PUT. What a client left out is not the same as what it sent as null.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UserForm {
    /// `userName`
    pub user_name: String,
    /// `externalId`, if it was sent.
    pub external_id: Option<Option<String>>,
    /// `active`, if it was sent.
    pub active: Option<bool>,
    /// `displayName`
    pub display_name: Option<String>,
    /// `name`
    pub name: PersonName,
    /// `emails`, if they were sent.
    pub emails: Option<Vec<Email>>,
    /// `password`
    pub password: Option<Password>,
}

impl UserForm {
    /// Reads the body. What is read only, not stored or of another schema is passed over, as is `roles: []` that Entra ID sends.
    ///
    /// # Errors
    /// `invalidSyntax` for what is no object, or names another schema; `invalidValue`, also where there is no `userName`.
    pub fn parse(value: &Value) -> Result<Self, ScimError> {
        let sent = body(value)?;
        check_schemas(sent, USER.id)?;
        let text = |name: &str| member(sent, name).map(|value| sent::text(name, value)).transpose();
        Ok(Self {
            user_name: sent::some_text("userName", member(sent, "userName"))?,
            external_id: text("externalId")?,
            active: member(sent, "active").map_or(Ok(None), |value| sent::boolean("active", value))?,
            display_name: text("displayName")?.flatten(),
            name: member(sent, "name").map_or(Ok(PersonName::default()), PersonName::parse)?,
            emails: member(sent, "emails").map(sent::emails).transpose()?,
            password: member(sent, "password").map_or(Ok(None), sent::password)?,
        })
    }

    /// What POST makes of it: an active user unless it says otherwise. Without `emails` the user name is the e-mail address for work.
    #[must_use]
    pub fn into_new(self) -> UserAttributes {
        UserAttributes {
            emails: self.emails.unwrap_or_else(|| Email::of_user_name(&self.user_name).into_iter().collect()),
            user_name: self.user_name,
            external_id: self.external_id.flatten(),
            active: self.active.unwrap_or(true),
            display_name: self.display_name,
            name: self.name,
        }
    }

    /// What PUT makes of a user. What was left out is removed, as the RFC has it, except for `externalId` and `active`: a client that
    /// does not know of them must not lose the way to the user, or let somebody in again.
    #[must_use]
    pub fn replace(mut self, stored: &UserAttributes) -> UserAttributes {
        self.external_id.get_or_insert_with(|| stored.external_id.clone());
        self.active.get_or_insert(stored.active);
        self.into_new()
    }
}

/// A group that a user is a member of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GroupReference {
    /// The id of the group.
    pub id: String,
    /// Its name.
    pub display: String,
}

/// A user as it is answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct User {
    /// The id of the account.
    pub id: String,
    /// What is stored.
    pub attributes: UserAttributes,
    /// The groups of the user that the connection sees.
    pub groups: Vec<GroupReference>,
    /// Times and version.
    pub meta: Meta,
}

impl User {
    /// The document. What has no value is not in it. `base` is as for [`location`].
    #[must_use]
    pub fn to_json(&self, base: &str) -> Value {
        let stored = &self.attributes;
        let mut document = Map::new();
        document.insert("schemas".to_owned(), json!([USER.id]));
        put(&mut document, "id", Some(self.id.as_str()));
        put(&mut document, "externalId", stored.external_id.as_deref());
        put(&mut document, "userName", Some(stored.user_name.as_str()));
        put(&mut document, "name", stored.name.to_json());
        put(&mut document, "displayName", stored.display_name.as_deref());
        put(&mut document, "active", Some(stored.active));
        if !stored.emails.is_empty() {
            let emails: Vec<Value> = stored.emails.iter().map(Email::to_json).collect();
            put(&mut document, "emails", Some(emails));
        }
        if !self.groups.is_empty() {
            let group = |group: &GroupReference| {
                let url = location(base, ResourceKind::Group, &group.id);
                json!({ "value": group.id, "$ref": url, "display": group.display })
            };
            put(&mut document, "groups", Some(self.groups.iter().map(group).collect::<Vec<_>>()));
        }
        put(&mut document, "meta", Some(self.meta.to_json(base, ResourceKind::User, &self.id)));
        Value::Object(document)
    }
}

#[cfg(test)]
mod tests;
