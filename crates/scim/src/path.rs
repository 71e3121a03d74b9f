//! How an attribute is named: `userName`, `name.familyName`, `urn:ietf:params:scim:schemas:core:2.0:User:userName`.

use std::fmt;

/// A name of an attribute as it was sent (RFC 7644, 3.10). Upper and lower case are the same in it; which attribute it names, the
/// [schema](crate::schema) says.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct AttributePath {
    schema: Option<String>,
    name: String,
    sub: Option<String>,
}

/// What cannot be the name of an attribute.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not the name of an attribute")]
pub struct BadName(pub String);

impl AttributePath {
    /// A name without a schema.
    ///
    /// # Errors
    /// [`BadName`] where `name` or `sub` is not one.
    pub fn new(name: &str, sub: Option<&str>) -> Result<Self, BadName> {
        match [Some(name), sub].into_iter().flatten().find(|part| !is_name(part)) {
            Some(part) => Err(BadName(part.to_owned())),
            None => Ok(Self { schema: None, name: name.to_owned(), sub: sub.map(str::to_owned) }),
        }
    }

    /// Reads `[schema ":"] name ["." name]`.
    ///
    /// The grammar lets no name begin with `$`, but the schema of groups has `$ref`, so it may.
    ///
    /// # Errors
    /// [`BadName`].
    pub fn parse(text: &str) -> Result<Self, BadName> {
        let bad = || BadName(text.to_owned());
        // A schema has dots as well: `…:core:2.0:User`.
        let (schema, rest) = match text.rsplit_once(':') {
            Some((schema, rest)) => (Some(schema), rest),
            None => (None, text),
        };
        let (name, sub) = match rest.split_once('.') {
            Some((name, sub)) => (name, Some(sub)),
            None => (rest, None),
        };
        if !schema.is_none_or(is_schema) {
            return Err(bad());
        }
        let path = Self::new(name, sub).map_err(|BadName(_)| bad())?;
        Ok(Self { schema: schema.map(str::to_owned), ..path })
    }

    /// The schema before the name, as it was sent.
    #[must_use]
    pub fn schema(&self) -> Option<&str> {
        self.schema.as_deref()
    }

    /// The name of the attribute.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The name of the part of a complex attribute.
    #[must_use]
    pub fn sub(&self) -> Option<&str> {
        self.sub.as_deref()
    }
}

impl fmt::Display for AttributePath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(schema) = &self.schema {
            write!(f, "{schema}:")?;
        }
        f.write_str(&self.name)?;
        match &self.sub {
            Some(sub) => write!(f, ".{sub}"),
            None => Ok(()),
        }
    }
}

/// A letter, then letters, digits, `-` and `_`.
pub(crate) fn is_name(text: &str) -> bool {
    let text = text.strip_prefix('$').unwrap_or(text);
    text.starts_with(|first: char| first.is_ascii_alphabetic())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
}

/// Whether it may be a URI: a scheme, a colon, and characters that URIs may have. No more is needed to tell a schema that is known
/// from one that is not.
pub(crate) fn is_schema(text: &str) -> bool {
    let Some((scheme, rest)) = text.split_once(':') else { return false };
    scheme.starts_with(|first: char| first.is_ascii_alphabetic())
        && scheme.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'-' | b'.'))
        && !rest.is_empty()
        && rest.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._~:/?#@!$&'*+,;=%".contains(&byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_with_and_without_schema_and_part() {
        for (text, schema, name, sub) in [
            ("userName", None, "userName", None),
            ("name.familyName", None, "name", Some("familyName")),
            ("members.$ref", None, "members", Some("$ref")),
            (
                "urn:ietf:params:scim:schemas:core:2.0:User:name.givenName",
                Some("urn:ietf:params:scim:schemas:core:2.0:User"),
                "name",
                Some("givenName"),
            ),
            ("http://example.com/x/1.0:y_z-1", Some("http://example.com/x/1.0"), "y_z-1", None),
        ] {
            let path = AttributePath::parse(text).unwrap();
            assert_eq!((path.schema(), path.name(), path.sub()), (schema, name, sub), "{text}");
            assert_eq!(path.to_string(), text);
        }
    }

    #[test]
    fn what_is_no_name() {
        for text in [
            "",
            ".",
            "1st",
            "-a",
            "_a",
            "a.",
            ".a",
            "a.b.c",
            "a b",
            "größe",
            "$",
            "a$b",
            ":a",
            "urn:",
            "urn:x",
            "1:x:y",
            "urn:a b:c",
            "urn:x:y.z.z",
            "a/b",
        ] {
            assert_eq!(AttributePath::parse(text), Err(BadName(text.to_owned())), "{text}");
        }
    }
}
