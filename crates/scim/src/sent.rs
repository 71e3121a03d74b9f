//! Values as clients send them. Between them they send booleans as texts, arrays of one for a single value, and an object with `value`
//! for it, so these mean the same.

use std::fmt;

use serde_json::{Map, Value};

use crate::error::{ScimError, ScimType};
use crate::user::Email;

/// The longest text that is taken, in bytes. What the account itself gets, the caller checks further.
pub(crate) const MAX_TEXT: usize = 1024;

/// How many e-mail addresses a user may have.
pub(crate) const MAX_EMAILS: usize = 50;

type Sent<T> = Result<T, ScimError>;

/// A password as it was sent. It is never shown.
#[derive(Clone, PartialEq, Eq)]
pub struct Password(String);

impl Password {
    /// The password itself, to hash it.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Password(..)")
    }
}

fn invalid(name: &str, needed: &str) -> ScimError {
    ScimError::new(ScimType::InvalidValue, format!("`{name}` must be {needed}"))
}

/// The body as an object.
///
/// # Errors
/// `invalidSyntax`.
pub(crate) fn body(value: &Value) -> Sent<&Map<String, Value>> {
    value.as_object().ok_or_else(|| ScimError::new(ScimType::InvalidSyntax, "the body must be a JSON object"))
}

/// The member of this name, or of the same name with other capital letters.
pub(crate) fn member<'a>(object: &'a Map<String, Value>, name: &str) -> Option<&'a Value> {
    object
        .get(name)
        .or_else(|| object.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value))
}

/// Checks that `schemas` names this one, if it is there. Others beside it are passed over: Entra ID names some of its own.
///
/// # Errors
/// `invalidSyntax`.
pub(crate) fn check_schemas(object: &Map<String, Value>, schema: &str) -> Sent<()> {
    let named = match member(object, "schemas") {
        None | Some(Value::Null) => return Ok(()),
        Some(Value::Array(schemas)) => {
            schemas.iter().any(|named| named.as_str().is_some_and(|named| named.eq_ignore_ascii_case(schema)))
        }
        Some(other) => other.as_str().is_some_and(|named| named.eq_ignore_ascii_case(schema)),
    };
    if named {
        return Ok(());
    }
    Err(ScimError::new(ScimType::InvalidSyntax, format!("`schemas` must name {schema}")))
}

/// The one value: that of an array of one, or of an object's `value`. Null where there is none.
fn single<'a>(name: &str, value: &'a Value) -> Sent<&'a Value> {
    let value = match value {
        Value::Array(values) => match &values[..] {
            [] => &Value::Null,
            [value] => value,
            _ => return Err(invalid(name, "a single value")),
        },
        value => value,
    };
    Ok(value.as_object().and_then(|object| member(object, "value")).unwrap_or(value))
}

/// A text; `None` for null and for an empty text, which mean that there is none.
///
/// # Errors
/// `invalidValue` for what is no text, is longer than [`MAX_TEXT`], or has the character U+0000, which databases cannot hold.
pub(crate) fn text(name: &str, value: &Value) -> Sent<Option<String>> {
    match single(name, value)? {
        Value::Null => Ok(None),
        Value::String(text) if text.is_empty() => Ok(None),
        Value::String(text) if text.len() > MAX_TEXT => {
            Err(invalid(name, &format!("a text of at most {MAX_TEXT} bytes")))
        }
        Value::String(text) if text.contains('\0') => {
            Err(invalid(name, "a text without the character U+0000"))
        }
        Value::String(text) => Ok(Some(text.clone())),
        _ => Err(invalid(name, "a text")),
    }
}

/// A text that must be there.
///
/// # Errors
/// `invalidValue`.
pub(crate) fn some_text(name: &str, value: Option<&Value>) -> Sent<String> {
    let text = value.map_or(Ok(None), |value| text(name, value))?;
    text.filter(|text| !text.trim().is_empty()).ok_or_else(|| invalid(name, "a text that is not empty"))
}

/// A truth value, also as `"True"` or `"False"`; `None` for null.
///
/// # Errors
/// `invalidValue`.
pub(crate) fn boolean(name: &str, value: &Value) -> Sent<Option<bool>> {
    match single(name, value)? {
        Value::Null => Ok(None),
        Value::Bool(value) => Ok(Some(*value)),
        Value::String(text) if text.eq_ignore_ascii_case("true") => Ok(Some(true)),
        Value::String(text) if text.eq_ignore_ascii_case("false") => Ok(Some(false)),
        _ => Err(invalid(name, "true or false")),
    }
}

/// A truth value that must be there.
///
/// # Errors
/// `invalidValue`.
pub(crate) fn some_boolean(name: &str, value: Option<&Value>) -> Sent<bool> {
    let value = value.map_or(Ok(None), |value| boolean(name, value))?;
    value.ok_or_else(|| invalid(name, "true or false"))
}

/// A password; none for null and for an empty one.
///
/// # Errors
/// `invalidValue`.
pub(crate) fn password(value: &Value) -> Sent<Option<Password>> {
    Ok(text("password", value)?.map(Password))
}

/// An object, also as an array of one; `None` for null.
///
/// # Errors
/// `invalidValue`.
pub(crate) fn object<'a>(name: &str, value: &'a Value) -> Sent<Option<&'a Map<String, Value>>> {
    let value = match value {
        Value::Array(values) if values.len() == 1 => &values[0],
        value => value,
    };
    match value {
        Value::Null => Ok(None),
        Value::Object(object) => Ok(Some(object)),
        _ => Err(invalid(name, "an object")),
    }
}

/// The values of a list: of an array, of a single value, or none of null.
fn many(value: &Value) -> &[Value] {
    match value {
        Value::Null => &[],
        Value::Array(values) => values,
        value => std::slice::from_ref(value),
    }
}

/// E-mail addresses. One without a value is none.
///
/// # Errors
/// `invalidValue`, also where several are primary.
pub(crate) fn emails(value: &Value) -> Sent<Vec<Email>> {
    let mut emails = Vec::new();
    for value in many(value) {
        let Value::Object(sent) = value else {
            return Err(invalid("emails", "a list of objects with `value`"));
        };
        let part = |name: &str| member(sent, name).unwrap_or(&Value::Null);
        if let Some(value) = text("emails.value", part("value"))? {
            emails.push(Email {
                value,
                display: text("emails.display", part("display"))?,
                kind: text("emails.type", part("type"))?,
                primary: boolean("emails.primary", part("primary"))?,
            });
        }
    }
    check_emails(&emails)?;
    Ok(emails)
}

/// # Errors
/// `invalidValue` where there are too many, or several are primary.
pub(crate) fn check_emails(emails: &[Email]) -> Sent<()> {
    if emails.len() > MAX_EMAILS {
        return Err(invalid("emails", &format!("a list of at most {MAX_EMAILS}")));
    }
    if emails.iter().filter(|email| email.primary == Some(true)).count() > 1 {
        return Err(invalid("emails", "a list in which at most one is primary"));
    }
    Ok(())
}

/// The ids of members: objects with `value`, or the ids themselves. An id that is sent twice is there twice.
///
/// # Errors
/// `invalidValue`, also where an element names nobody.
pub(crate) fn member_ids(value: &Value) -> Sent<Vec<String>> {
    let id = |value: &Value| {
        let wrong = || invalid("members", "a list of objects with `value`, the id of a user");
        let id = match value {
            Value::String(_) => value,
            Value::Object(sent) => member(sent, "value").ok_or_else(wrong)?,
            _ => return Err(wrong()),
        };
        text("members.value", id)?.ok_or_else(wrong)
    };
    many(value).iter().map(id).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn single_values_in_all_their_forms() {
        for sent in
            [json!("x"), json!(["x"]), json!([{ "value": "x" }]), json!({ "Value": "x", "$ref": null })]
        {
            assert_eq!(text("a", &sent), Ok(Some("x".to_owned())), "{sent}");
        }
        for sent in [json!(null), json!(""), json!([]), json!([null]), json!({ "value": null })] {
            assert_eq!(text("a", &sent), Ok(None), "{sent}");
        }
        for sent in
            [json!(7), json!(true), json!(["x", "y"]), json!({}), json!("\0"), json!("x".repeat(1025))]
        {
            assert_eq!(text("a", &sent).unwrap_err().scim_type(), Some(ScimType::InvalidValue), "{sent}");
        }
        assert!(some_text("a", Some(&json!("  "))).is_err());
        assert!(some_text("a", None).is_err());
    }

    #[test]
    fn truth_values_in_all_their_forms() {
        for (sent, value) in [
            (json!(true), Some(true)),
            (json!("True"), Some(true)),
            (json!("FALSE"), Some(false)),
            (json!([false]), Some(false)),
            (json!([{ "value": "False" }]), Some(false)),
            (json!(null), None),
        ] {
            assert_eq!(boolean("active", &sent), Ok(value), "{sent}");
        }
        for sent in [json!("yes"), json!(1), json!({}), json!("")] {
            let error = boolean("active", &sent).unwrap_err();
            assert_eq!(error.detail(), "`active` must be true or false", "{sent}");
        }
    }

    #[test]
    fn members_must_be_named() {
        let ids = |sent: Value| member_ids(&sent);
        assert_eq!(
            ids(json!([{ "$ref": null, "value": "a" }, "b"])),
            Ok(vec!["a".to_owned(), "b".to_owned()])
        );
        assert_eq!(ids(json!({ "value": "a" })), Ok(vec!["a".to_owned()]));
        assert_eq!(ids(json!([])), Ok(Vec::new()));
        for sent in [json!([{}]), json!([null]), json!([{ "value": "" }]), json!(7), json!([["a"]])] {
            assert!(ids(sent.clone()).is_err(), "{sent}");
        }
    }

    #[test]
    fn a_password_is_not_printed() {
        let sent = password(&json!("a long secret")).unwrap().unwrap();
        assert_eq!(format!("{sent:?}"), "Password(..)");
        assert_eq!(sent.expose(), "a long secret");
    }
}
