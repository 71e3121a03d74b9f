//! The path of an operation: `name.familyName`, `emails[type eq "work"].value`.

use std::fmt;

use crate::error::{ScimError, ScimType};
use crate::filter::Filter;
use crate::path::AttributePath;

/// The path of an operation as it was sent.
#[derive(Debug, Clone, PartialEq)]
pub struct PatchPath {
    /// The attribute before the square brackets.
    pub attribute: AttributePath,
    /// What is in the square brackets.
    pub filter: Option<Filter>,
    /// The name after the square brackets.
    pub sub: Option<String>,
}

impl PatchPath {
    /// Reads a path.
    ///
    /// # Errors
    /// `invalidPath`; `invalidFilter` for what is in the square brackets.
    pub fn parse(text: &str) -> Result<Self, ScimError> {
        let wrong = || ScimError::new(ScimType::InvalidPath, format!("the path `{text}` cannot be read"));
        let Some((before, rest)) = text.split_once('[') else {
            let attribute = AttributePath::parse(text).map_err(|_bad| wrong())?;
            return Ok(Self { attribute, filter: None, sub: None });
        };
        let attribute = AttributePath::parse(before).map_err(|_bad| wrong())?;
        // A text in the filter may have a bracket, and the name after it has none.
        let (inside, after) = rest.rsplit_once(']').ok_or_else(wrong)?;
        let sub = match after {
            "" => None,
            after => {
                let name = after.strip_prefix('.').ok_or_else(wrong)?;
                AttributePath::new(name, None).map_err(|_bad| wrong())?;
                Some(name.to_owned())
            }
        };
        Ok(Self { attribute, filter: Some(Filter::parse(inside)?), sub })
    }
}

impl fmt::Display for PatchPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.attribute)?;
        if let Some(filter) = &self.filter {
            write!(f, "[{filter}]")?;
        }
        match &self.sub {
            Some(sub) => write!(f, ".{sub}"),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_of_all_forms() {
        for text in [
            "userName",
            "name.familyName",
            "emails[type eq \"work\"]",
            "emails[type eq \"work\"].value",
            "emails[value eq \"a]b\" and type eq \"work\"].value",
            "members[value eq \"2819c223-7f76-453a-919d-413861904646\"]",
            "urn:ietf:params:scim:schemas:core:2.0:User",
            "urn:ietf:params:scim:schemas:core:2.0:User:emails[type eq \"work\"].value",
            "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager.value",
        ] {
            assert_eq!(PatchPath::parse(text).unwrap().to_string(), text);
        }
    }

    #[test]
    fn what_is_no_path() {
        for (text, scim_type) in [
            ("", ScimType::InvalidPath),
            ("user name", ScimType::InvalidPath),
            ("a.b.c", ScimType::InvalidPath),
            ("emails[type eq \"work\"", ScimType::InvalidPath),
            ("emails[type eq \"work\"]value", ScimType::InvalidPath),
            ("emails[type eq \"work\"].", ScimType::InvalidPath),
            ("emails[type eq \"work\"].a.b", ScimType::InvalidPath),
            ("[type eq \"work\"]", ScimType::InvalidPath),
            ("emails[]", ScimType::InvalidFilter),
            ("emails[type]", ScimType::InvalidFilter),
            ("emails[type eq \"work]", ScimType::InvalidFilter),
        ] {
            assert_eq!(PatchPath::parse(text).unwrap_err().scim_type(), Some(scim_type), "{text}");
        }
    }
}
