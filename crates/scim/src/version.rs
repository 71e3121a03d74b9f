//! Versions of resources: `ETag`, `If-Match`, `If-None-Match` (RFC 7644, 3.14).

use std::fmt;

use crate::error::{ScimError, ScimType};
use crate::meta::encode;

/// The version of a resource. It is weak: two documents of one version mean the same, and need not be equal by byte.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Version(String);

impl Version {
    /// A version that this text tells from all others of the resource, such as its number.
    #[must_use]
    pub fn new(text: &str) -> Self {
        Self(encode(text))
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "W/\"{}\"", self.0)
    }
}

/// The header `If-Match` or `If-None-Match`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum IfMatch {
    /// `*`: any version.
    Any,
    /// One of these. Whether they were sent as weak ones makes no difference.
    Versions(Vec<String>),
}

impl IfMatch {
    /// Reads the header: `*`, or versions with commas between them. A version without quotation marks is taken as it stands.
    ///
    /// # Errors
    /// `invalidValue` where a quotation mark has no end, or there is nothing.
    pub fn parse(header: &str) -> Result<Self, ScimError> {
        let wrong = || ScimError::new(ScimType::InvalidValue, "the header with versions cannot be read");
        let mut rest = header.trim();
        if rest == "*" {
            return Ok(Self::Any);
        }
        let mut versions = Vec::new();
        while !rest.is_empty() {
            let start = rest.strip_prefix("W/").or(rest.strip_prefix("w/")).unwrap_or(rest);
            let (version, after) = match start.strip_prefix('"') {
                Some(quoted) => quoted.split_once('"').ok_or_else(wrong)?,
                None => start.split_at(start.find(',').unwrap_or(start.len())),
            };
            versions.push(version.trim().to_owned());
            let after = after.trim_start();
            if !after.is_empty() && !after.starts_with(',') {
                return Err(wrong());
            }
            rest = after.trim_start_matches(',').trim_start();
        }
        if versions.is_empty() { Err(wrong()) } else { Ok(Self::Versions(versions)) }
    }

    /// Whether this version is meant.
    #[must_use]
    pub fn names(&self, version: &Version) -> bool {
        match self {
            Self::Any => true,
            Self::Versions(versions) => versions.contains(&version.0),
        }
    }

    /// For `If-Match`: whether a resource that has this version now may be changed.
    ///
    /// # Errors
    /// Status 412.
    pub fn check(&self, current: &Version) -> Result<(), ScimError> {
        if self.names(current) {
            return Ok(());
        }
        Err(ScimError::with_status(412, "the resource has changed since it was read; read it again"))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_version_is_a_weak_tag() {
        assert_eq!(Version::new("17-3").to_string(), "W/\"17-3\"");
        assert_eq!(Version::new("a\"b,ü").to_string(), "W/\"a%22b%2C%C3%BC\"");
    }

    #[test]
    fn headers_name_versions() {
        let version = Version::new("17");
        for header in [
            "*",
            " * ",
            "W/\"17\"",
            "\"17\"",
            "w/\"17\"",
            "17",
            "\"16\", W/\"17\"",
            "16,17",
            "\"a,b\",\"17\"",
        ] {
            let header = IfMatch::parse(header).unwrap();
            assert!(header.names(&version), "{header:?}");
            assert_eq!(header.check(&version), Ok(()));
        }
        for header in ["W/\"18\"", "\"1\"", "\"17,18\""] {
            let header = IfMatch::parse(header).unwrap();
            assert_eq!(header.check(&version).unwrap_err().status(), 412, "{header:?}");
        }
        for header in ["", "  ", "\"17", "\"17\" \"18\"", "W/\""] {
            assert!(IfMatch::parse(header).is_err(), "{header}");
        }
    }

    proptest! {
        #[test]
        fn what_was_sent_is_read_again(text in ".{0,20}", others in proptest::collection::vec("[a-z]{1,4}", 0..3)) {
            let version = Version::new(&text);
            let mut tags: Vec<String> = others.iter().map(|other| Version::new(other).to_string()).collect();
            tags.push(version.to_string());
            prop_assert!(IfMatch::parse(&tags.join(", ")).unwrap().names(&version));
        }

        #[test]
        fn any_header_is_read_or_refused(header in ".{0,40}") {
            let _ = IfMatch::parse(&header);
        }
    }
}
