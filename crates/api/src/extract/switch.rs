//! Switches in a query string.

use rosterd_domain::permissions::lenient_bool;
use serde_json::{Value, json};

use super::query::{FromQuery, Pairs, Parameter};
use crate::error::ApiError;

/// A switch of a query string: off where it is absent.
trait Switch {
    const PARAMETER: Parameter;
}

/// `raw`: settings as they are stored.
pub(crate) struct Raw;

impl Switch for Raw {
    const PARAMETER: Parameter = Parameter {
        name: "raw",
        about: "The settings as they are stored, without the administrator's default interface settings.",
        schema: || json!({ "type": "boolean", "default": false }),
    };
}

/// `explain`: where each right comes from.
pub(crate) struct Explain;

impl Switch for Explain {
    const PARAMETER: Parameter = Parameter {
        name: "explain",
        about: "Say of each right what gives it: the template, groups or the role (rule M32). The answer has another shape then.",
        schema: || json!({ "type": "boolean", "default": false }),
    };
}

/// `include_inherited`: groups above groups.
pub(crate) struct IncludeInherited;

impl Switch for IncludeInherited {
    const PARAMETER: Parameter = Parameter {
        name: "include_inherited",
        about: "Also the groups above those that the user is a member of.",
        schema: || json!({ "type": "boolean", "default": false }),
    };
}

/// `purge`: nothing is kept of what is deleted.
pub(crate) struct Purge;

impl Switch for Purge {
    const PARAMETER: Parameter = Parameter {
        name: "purge",
        about: "Nothing is kept of the account: it cannot be restored (rule B2).",
        schema: || json!({ "type": "boolean", "default": false }),
    };
}

impl<S: Switch> FromQuery for S {
    type Value = bool;

    const PARAMETERS: &'static [Parameter] = &[S::PARAMETER];

    fn read(sent: &Pairs) -> Result<bool, ApiError> {
        Ok(switch(sent, S::PARAMETER.name)?.unwrap_or(false))
    }
}

/// A switch by its name; `None` where it is absent.
///
/// # Errors
/// 422 for anything but the texts of a boolean.
pub(super) fn switch(sent: &Pairs, name: &'static str) -> Result<Option<bool>, ApiError> {
    let Some(text) = sent.find(name) else { return Ok(None) };
    lenient_bool(&Value::from(text))
        .map(Some)
        .ok_or_else(|| ApiError::field("bool_parsing", &["query", name], "true or false is needed."))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(query: &str) -> Result<bool, ApiError> {
        Raw::read(&Pairs::read(query)?)
    }

    #[test]
    fn a_switch_is_spelled_in_many_ways() {
        for (query, on) in
            [("", false), ("raw=true", true), ("raw=Off", false), ("raw=1&raw=N", false), ("raw=Y", true)]
        {
            assert_eq!(read(query).ok(), Some(on), "{query}");
        }
        for query in ["raw=perhaps", "raw=", "raw=2"] {
            assert!(read(query).is_err(), "{query}");
        }
    }
}
