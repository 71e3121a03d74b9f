//! Ids: one type for each kind, so that the id of a group cannot be used where the id of a user is needed.
//!
//! Ids are opaque. New ids are UUIDs of version 4; those of an attached database may be any text. To add a kind of
//! id, add a line to the call of the macro below.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use crate::error::DomainError;

/// The columns are `VARCHAR(255)`.
const MAX_CHARS: usize = 255;

macro_rules! text_id {
    ($($(#[$doc:meta])* $name:ident),+ $(,)?) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(min_length = 1, max_length = 255))]
        pub struct $name(String);

        impl $name {
            /// Reads an id as a client sends it: 1 to 255 characters, without U+0000.
            ///
            /// # Errors
            /// [`DomainError::Field`] at `["id"]` for any other text. No such id can be stored, so a look-up by it
            /// may as well be answered as "not found".
            pub fn parse(text: &str) -> Result<Self, DomainError> {
                ensure_id(text)?;
                Ok(Self(text.to_owned()))
            }

            /// Takes an id as the database holds it, unchecked: what is stored must stay reachable.
            #[must_use]
            pub fn from_stored(text: String) -> Self {
                Self(text)
            }

            /// The id as text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }

            /// The id as text, without a copy.
            #[must_use]
            pub fn into_string(self) -> String {
                self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl AsRef<str> for $name {
            fn as_ref(&self) -> &str {
                &self.0
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(&self.0)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = String::deserialize(deserializer)?;
                ensure_id(&text).map_err(de::Error::custom)?;
                Ok(Self(text))
            }
        }
    )+};
}

text_id! {
    /// The id of a user.
    UserId,
    /// The id of a group.
    GroupId,
    /// The id of a chat. Chats are not managed here; a shared one leads to its owner.
    ChatId,
    /// The id of an API key, by which it is listed and deleted. It opens nothing.
    ApiKeyId,
    /// The id of a session that rosterd opened: the claim `jti` of its token.
    SessionId,
    /// The id of a webhook.
    WebhookId,
    /// The id of a delivery of a webhook: that of the event.
    DeliveryId,
    /// The id of a one-time link. It opens nothing.
    LinkId,
    /// The id of a mail of the outbox.
    MailId,
    /// The id of a connection by SCIM. It opens nothing.
    ConnectionId,
}

fn ensure_id(text: &str) -> Result<(), DomainError> {
    if text.is_empty() {
        return Err(DomainError::field("id", "must not be empty"));
    }
    if text.chars().nth(MAX_CHARS).is_some() {
        return Err(DomainError::field("id", "must not be longer than 255 characters"));
    }
    crate::text::ensure_storable("id", text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_has_1_to_255_characters_and_no_nul() {
        assert!(UserId::parse("").is_err());
        assert!(UserId::parse("a\0b").is_err());
        assert!(UserId::parse(&"ü".repeat(255)).is_ok());
        assert!(UserId::parse(&"ü".repeat(256)).is_err());
    }

    #[test]
    fn serde_goes_through_parse() {
        let id: GroupId = serde_json::from_str("\"g-1\"").unwrap();
        assert_eq!(id, GroupId::from_stored("g-1".into()));
        assert_eq!(serde_json::to_string(&id).unwrap(), "\"g-1\"");
        assert!(serde_json::from_str::<GroupId>("\"\"").is_err());
        assert!(serde_json::from_str::<GroupId>("7").is_err());
    }

    #[test]
    fn what_is_stored_is_taken_as_it_is() {
        assert_eq!(ChatId::from_stored(String::new()).as_str(), "");
        assert_eq!(UserId::from_stored("u".into()).into_string(), "u");
    }
}
