//! What the value of a setting must be.

use serde_json::Value;

use crate::role::Role;
use crate::rules::duration::TokenLife;

/// What a setting's value must be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// True or false.
    Switch,
    /// A text.
    Text,
    /// A text or null.
    OptionalText,
    /// A whole number.
    Number,
    /// A role.
    Role,
    /// How long tokens live, such as `4w`.
    TokenLife,
    /// A JSON list.
    List,
    /// A JSON object.
    Object,
}

impl Kind {
    /// What is wrong with a value that somebody wants to store, as a sentence.
    pub(super) fn fault(self, value: &Value) -> Option<&'static str> {
        let (fits, wanted) = match self {
            Self::Switch => (value.is_boolean(), "true or false is needed."),
            Self::Text => (is_text(value), "A text without the NUL character is needed."),
            Self::OptionalText => {
                (is_text(value) || value.is_null(), "A text without the NUL character is needed.")
            }
            Self::Number => (value.is_i64() || value.is_u64(), "A whole number is needed."),
            Self::Role => {
                (value.as_str().and_then(Role::parse).is_some(), "A role is pending, user or admin.")
            }
            Self::TokenLife => (
                value.as_str().is_some_and(|text| TokenLife::parse(text).is_ok()),
                "A duration such as 4w, 12h or 30m is needed; -1 and 0 mean without end.",
            ),
            Self::List => (value.is_array(), "A list is needed."),
            Self::Object => (value.is_object(), "An object is needed."),
        };
        (!fits).then_some(wanted)
    }
}

/// PostgreSQL takes no NUL in a query, and some of these texts are looked up, such as the id of the default group.
fn is_text(value: &Value) -> bool {
    value.as_str().is_some_and(|text| !text.contains('\0'))
}
