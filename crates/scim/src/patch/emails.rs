//! Changes of the e-mail addresses of a user.

use serde_json::{Map, Value};

use super::Verb;
use super::target::Target;
use crate::error::{ScimError, ScimType};
use crate::filter::{Comparison, Condition, Operand, fold};
use crate::schema::{Attribute, Field, List, ResourceKind};
use crate::sent::{self, check_emails, member};
use crate::user::Email;

/// A change of the e-mail addresses.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EmailsChange {
    /// Adds those that are not there yet; one with the same value and type is. A primary one takes the place of the one before.
    Add(Vec<Email>),
    /// Puts these in the place of all.
    Replace(Vec<Email>),
    /// Removes those that meet the condition.
    Remove(Condition),
    /// Changes parts of those that meet the condition.
    Set {
        /// Which.
        among: Condition,
        /// The parts.
        parts: EmailParts,
        /// Whether the other parts are removed first, except those that the condition says.
        whole: bool,
        /// What becomes of it where none meets the condition.
        missing: Missing,
    },
}

/// What becomes of a change that none of the values is meant by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Missing {
    /// A value is made that meets the condition.
    Make,
    /// It is an error: `noTarget`.
    Fail,
    /// Nothing.
    Nothing,
}

/// The parts of an e-mail address that change: to a value, or to none.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct EmailParts {
    /// `value`; without one, the e-mail address is removed.
    pub value: Option<Option<String>>,
    /// `display`
    pub display: Option<Option<String>>,
    /// `type`
    pub kind: Option<Option<String>>,
    /// `primary`
    pub primary: Option<Option<bool>>,
}

impl EmailsChange {
    pub(super) fn of(verb: Verb, target: Target, value: Option<&Value>) -> Result<Self, ScimError> {
        let needed = || ScimError::new(ScimType::InvalidValue, "`emails` needs a value");
        let Target { among, sub, .. } = target;
        match (verb, among, sub) {
            (Verb::Remove, None, None) => match value {
                None | Some(Value::Null) => Ok(Self::Remove(Condition::Always(true))),
                // Those of the list, as with members.
                Some(listed) => {
                    let named =
                        sent::emails(listed)?.into_iter().map(|email| equal(Field::EmailValue, email.value));
                    Ok(Self::Remove(Condition::Or(named.collect())))
                }
            },
            (Verb::Remove, Some(among), None) => Ok(Self::Remove(among)),
            (Verb::Remove, among, Some(part)) => {
                let among = among.unwrap_or(Condition::Always(true));
                let parts = EmailParts::of_part(part, &Value::Null)?;
                match parts.value {
                    Some(_) => Ok(Self::Remove(among)),
                    None => Ok(Self::Set { among, parts, whole: false, missing: Missing::Nothing }),
                }
            }
            (Verb::Add, None, None) => Ok(Self::Add(sent::emails(value.ok_or_else(needed)?)?)),
            (Verb::Replace, None, None) => Ok(Self::Replace(sent::emails(value.ok_or_else(needed)?)?)),
            (_, among, sub) => {
                let value = value.ok_or_else(needed)?;
                let parts = match sub {
                    Some(part) => EmailParts::of_part(part, value)?,
                    None => EmailParts::of_object(sent::object("emails", value)?.ok_or_else(needed)?)?,
                };
                let missing =
                    if verb == Verb::Replace && among.is_some() { Missing::Fail } else { Missing::Make };
                let whole = verb == Verb::Replace && sub.is_none();
                Ok(Self::Set { among: among.unwrap_or(Condition::Always(true)), parts, whole, missing })
            }
        }
    }

    /// Carries the change out.
    ///
    /// # Errors
    /// `noTarget`; `invalidValue` where one would be without a value, or there would be too many.
    pub fn apply(&self, emails: &mut Vec<Email>) -> Result<(), ScimError> {
        let mut changed = emails.clone();
        match self {
            Self::Add(added) => added.iter().for_each(|email| add(&mut changed, email)),
            Self::Replace(others) => changed.clone_from(others),
            Self::Remove(among) => changed.retain(|email| !among.matches_value(&email.to_json())),
            Self::Set { among, parts, whole, missing } => {
                set(&mut changed, among, parts, *whole, *missing)?;
            }
        }
        // What is stored can be removed, whatever it is.
        if !matches!(self, Self::Remove(_)) {
            check_emails(&changed)?;
        }
        *emails = changed;
        Ok(())
    }
}

fn equal(field: Field, text: String) -> Condition {
    Condition::Compare { field, comparison: Comparison::Equal, with: Operand::Text(text) }
}

fn none_is_primary(emails: &mut [Email]) {
    for email in emails.iter_mut().filter(|email| email.primary == Some(true)) {
        email.primary = Some(false);
    }
}

fn add(emails: &mut Vec<Email>, added: &Email) {
    if added.primary == Some(true) {
        none_is_primary(emails);
    }
    let kind = |email: &Email| email.kind.as_deref().map(fold);
    let is_same = |email: &&mut Email| fold(&email.value) == fold(&added.value) && kind(email) == kind(added);
    match emails.iter_mut().find(is_same) {
        Some(email) => {
            email.display = added.display.clone().or(email.display.take());
            email.primary = added.primary.or(email.primary);
        }
        None => emails.push(added.clone()),
    }
}

fn set(
    emails: &mut Vec<Email>,
    among: &Condition,
    parts: &EmailParts,
    whole: bool,
    missing: Missing,
) -> Result<(), ScimError> {
    let meant: Vec<bool> = emails.iter().map(|email| among.matches_value(&email.to_json())).collect();
    if !meant.contains(&true) {
        return match missing {
            Missing::Nothing => Ok(()),
            Missing::Make => make(emails, among, parts),
            Missing::Fail => {
                Err(ScimError::new(ScimType::NoTarget, "the path means none of the user's e-mail addresses"))
            }
        };
    }
    if parts.primary == Some(Some(true)) {
        none_is_primary(emails);
    }
    let mut first = true;
    for (email, _) in emails.iter_mut().zip(&meant).filter(|(_, meant)| **meant) {
        if whole {
            (email.display, email.kind, email.primary) = (None, None, None);
            EmailParts::that_meet(among).change(email);
        }
        parts.change(email);
        // Only one of them can be the primary one.
        if !first && email.primary == Some(true) {
            email.primary = Some(false);
        }
        first = false;
    }
    if parts.value == Some(None) {
        let mut meant = meant.into_iter();
        emails.retain(|_| meant.next() != Some(true));
    }
    Ok(())
}

/// Adds an e-mail address that meets the condition and has these parts.
fn make(emails: &mut Vec<Email>, among: &Condition, parts: &EmailParts) -> Result<(), ScimError> {
    let wanted = EmailParts::that_meet(among);
    let value = parts.value.clone().or_else(|| wanted.value.clone()).flatten();
    let value =
        value.ok_or_else(|| ScimError::new(ScimType::InvalidValue, "an e-mail address needs a `value`"))?;
    let mut email = Email { value, display: None, kind: None, primary: None };
    wanted.change(&mut email);
    parts.change(&mut email);
    if email.primary == Some(true) {
        none_is_primary(emails);
    }
    emails.push(email);
    Ok(())
}

impl EmailParts {
    /// One part, by its name in the table.
    fn of_part(part: &'static Attribute, value: &Value) -> Result<Self, ScimError> {
        let mut parts = Self::default();
        let text = || sent::text(&format!("emails.{}", part.name), value).map(Some);
        match part.field {
            Some(Field::EmailValue) => parts.value = text()?,
            Some(Field::EmailDisplay) => parts.display = text()?,
            Some(Field::EmailType) => parts.kind = text()?,
            Some(Field::EmailPrimary) => parts.primary = Some(sent::boolean("emails.primary", value)?),
            _ => {}
        }
        Ok(parts)
    }

    /// The parts that an object has. What is not stored is passed over.
    fn of_object(object: &Map<String, Value>) -> Result<Self, ScimError> {
        let mut parts = Self::default();
        for part in Self::table() {
            if let Some(value) = member(object, part.name) {
                parts.overlay(Self::of_part(part, value)?);
            }
        }
        Ok(parts)
    }

    fn table() -> &'static [Attribute] {
        let emails = ResourceKind::User.attributes().find(|attribute| attribute.list == Some(List::Emails));
        emails.map_or(&[], |emails| emails.sub_attributes)
    }

    /// The parts that what meets the condition has for sure: those of `type eq "work" and primary eq true`.
    fn that_meet(condition: &Condition) -> Self {
        let mut parts = Self::default();
        match condition {
            Condition::And(all) => {
                for condition in all {
                    parts.overlay(Self::that_meet(condition));
                }
            }
            Condition::Compare { field, comparison: Comparison::Equal, with } => match (field, with) {
                (Field::EmailValue, Operand::Text(text)) => parts.value = Some(Some(text.clone())),
                (Field::EmailDisplay, Operand::Text(text)) => parts.display = Some(Some(text.clone())),
                (Field::EmailType, Operand::Text(text)) => parts.kind = Some(Some(text.clone())),
                (Field::EmailPrimary, Operand::Boolean(primary)) => parts.primary = Some(Some(*primary)),
                _ => {}
            },
            _ => {}
        }
        parts
    }

    /// Takes the parts that another one has.
    fn overlay(&mut self, other: Self) {
        let Self { value, display, kind, primary } = other;
        self.value = value.or(self.value.take());
        self.display = display.or(self.display.take());
        self.kind = kind.or(self.kind.take());
        self.primary = primary.or(self.primary);
    }

    fn change(&self, email: &mut Email) {
        if let Some(Some(value)) = &self.value {
            email.value.clone_from(value);
        }
        if let Some(display) = &self.display {
            email.display.clone_from(display);
        }
        if let Some(kind) = &self.kind {
            email.kind.clone_from(kind);
        }
        if let Some(primary) = self.primary {
            email.primary = primary;
        }
    }
}
