//! What a webhook is made of, as it is sent.

use rosterd_app::webhooks::{WebhookDraft, WebhookUpdate};
use rosterd_domain::error::DomainError;
use rosterd_domain::text::MAX_DESCRIPTION;
use rosterd_domain::webhook::{EventNames, MAX_EVENT_NAMES, MAX_URL, Overlap, WebhookUrl};
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{Array, ObjectBuilder, Schema, Type};

use crate::extract::{Fault, FieldType, Parts, Text, form};

form! {
    /// A webhook to be made.
    pub(crate) struct NewWebhookForm {
        /// Where events are sent: an https URL of the public internet, without user name, password and fragment. Where the
        /// server allows private networks, they and http will do too.
        url: SentUrl,
        /// Which events: names such as `user.created`, kinds such as `user.*`, or `*` for all.
        events: SentNames,
        /// What you say of it, at most 2,000 characters.
        description: Option<Text<MAX_DESCRIPTION>>,
    }
}

form! {
    /// What is to be changed of a webhook; what is absent or null stays.
    pub(crate) struct WebhookForm {
        /// Where events are sent, as in a new webhook.
        url: Option<SentUrl>,
        /// Which events.
        events: Option<SentNames>,
        /// What you say of it.
        description: Option<Text<MAX_DESCRIPTION>>,
        /// `false` switches it off; `true` on, and it goes on where it stopped.
        enabled: Option<bool>,
    }
}

form! {
    /// How the secret of a webhook is replaced.
    pub(crate) struct RotateWebhookForm {
        /// For how many seconds the secret before signs too, 0 to 604800; a day when absent.
        overlap: Option<Overlap>,
    }
}

impl NewWebhookForm {
    pub(super) fn into_draft(self, allow_private: bool) -> Result<WebhookDraft, DomainError> {
        Ok(WebhookDraft {
            url: WebhookUrl::parse(&self.url.0, allow_private)?,
            events: EventNames::parse(self.events.0)?,
            description: self.description.map_or_else(String::new, |text| text.0),
        })
    }
}

impl WebhookForm {
    pub(super) fn into_update(self, allow_private: bool) -> Result<WebhookUpdate, DomainError> {
        Ok(WebhookUpdate {
            url: self.url.map(|url| WebhookUrl::parse(&url.0, allow_private)).transpose()?,
            events: self.events.map(|names| EventNames::parse(names.0)).transpose()?,
            description: self.description.map(|text| text.0),
            enabled: self.enabled,
        })
    }
}

/// A URL as it was sent: the use case's rule judges it by the settings.
#[derive(Debug)]
pub(crate) struct SentUrl(String);

impl FieldType for SentUrl {
    fn read(json: &str) -> Result<Self, Fault> {
        String::read(json).map(Self)
    }

    fn schema(_parts: &mut Parts) -> RefOr<Schema> {
        // Some of what is read: a host with a name, and a path of plain characters.
        let text = ObjectBuilder::new().schema_type(Type::String).max_length(Some(MAX_URL));
        text.pattern(Some(r"^https://[a-z][a-z0-9]{0,20}\.example(/[A-Za-z0-9_.-]{0,40}){0,3}$")).into()
    }
}

/// Names of events as they were sent.
#[derive(Debug)]
pub(crate) struct SentNames(Vec<String>);

impl FieldType for SentNames {
    fn read(json: &str) -> Result<Self, Fault> {
        let names: Vec<String> = serde_json::from_str(json)
            .map_err(|_why| Fault::new("list_type", "A list of texts is needed."))?;
        Ok(Self(names))
    }

    fn schema(_parts: &mut Parts) -> RefOr<Schema> {
        let name = ObjectBuilder::new().schema_type(Type::String).pattern(Some(r"^([a-z_.]{1,64}\*?|\*)$"));
        let mut names = Array::new(name);
        (names.min_items, names.max_items) = (Some(1), Some(MAX_EVENT_NAMES));
        names.into()
    }
}

impl FieldType for Overlap {
    fn read(json: &str) -> Result<Self, Fault> {
        let wrong = || Fault::new("int_type", "A whole number from 0 to 604800 is needed.");
        Self::parse(i64::read(json).map_err(|_why| wrong())?).map_err(|_why| wrong())
    }

    fn schema(_parts: &mut Parts) -> RefOr<Schema> {
        let number = ObjectBuilder::new().schema_type(Type::Integer).minimum(Some(0));
        number.maximum(Some(Self::LONGEST)).into()
    }
}
