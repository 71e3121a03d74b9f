//! Versions of what is stored (rule S4) and of images: strong entity tags (RFC 9110, section 8.8.3).

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use rosterd_domain::group::GroupWithCount;
use rosterd_domain::json::JsonText;
use rosterd_domain::scim::Connection;
use rosterd_domain::user::{AccountRow, UserModel};
use rosterd_domain::webhook::WebhookRow;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use twox_hash::XxHash3_128;

use crate::error::{AppError, AppResult};

/// The tag of some bytes, quotes included.
#[must_use]
pub fn of(bytes: &[u8]) -> String {
    // 128 bits of the digest: nobody finds two values with the same tag by chance.
    in_quotes(&Sha256::digest(bytes)[..16])
}

/// The tag of a stored document; nothing stored is shown, and tagged, as `null`.
///
/// By XXH3 with 128 bits, since SHA-256 was 3 % of a read of settings. Somebody could make two documents with one tag, but
/// settings and info are written by the account itself: it would only deceive itself.
#[must_use]
pub fn of_json(value: Option<&JsonText>) -> String {
    let text = value.map_or("null", JsonText::as_str);
    in_quotes(&XxHash3_128::oneshot(text.as_bytes()).to_be_bytes())
}

fn in_quotes(digest: &[u8]) -> String {
    let mut tag = String::with_capacity(24);
    tag.push('"');
    URL_SAFE_NO_PAD.encode_string(digest, &mut tag);
    tag.push('"');
    tag
}

/// The tag of a value that is put together from what is stored: in whatever order its keys come.
#[must_use]
pub fn of_value(mut value: Value) -> String {
    value.sort_all_objects();
    of(value.to_string().as_bytes())
}

/// The tag of an account: of what its update can change, and of the rest of its profile. Not of what moves by itself, such as
/// activity, and not of settings, which have their own.
#[must_use]
pub fn of_account(account: &AccountRow) -> String {
    let AccountRow { email, role, name, profile_image_url, bio, gender, date_of_birth, .. } = account;
    of_value(json!([email, role, name, profile_image_url, bio, gender, date_of_birth]))
}

/// [`of_account`] of a whole row, as it is stored.
#[must_use]
pub fn of_user(user: &UserModel) -> String {
    let UserModel { email, role, name, profile_image_url, bio, gender, date_of_birth, .. } = user;
    of_value(json!([email, role, name, profile_image_url, bio, gender, date_of_birth]))
}

/// The tag of a group: of what its update can change. Members come and go without another version.
#[must_use]
pub fn of_group(group: &GroupWithCount) -> String {
    let shown = |text: &Option<JsonText>| text.as_ref().map(JsonText::to_value);
    let stored = &group.group;
    let (permissions, data, meta) = (shown(&stored.permissions), shown(&stored.data), shown(&stored.meta));
    of_value(json!([group.parent_group_id, stored.name, stored.description, permissions, data, meta]))
}

/// The tag of a webhook: of what its update can change.
#[must_use]
pub fn of_webhook(webhook: &WebhookRow) -> String {
    let WebhookRow { url, events, description, disabled, .. } = webhook;
    of_value(json!([url, events.names(), description, disabled.is_none()]))
}

/// The tag of a connection by SCIM: of what its update can change.
#[must_use]
pub fn of_connection(connection: &Connection) -> String {
    let Connection {
        name, default_role, links_by_email, takes_passwords, deletes_accounts, group_rule, ..
    } = connection;
    of_value(json!([name, default_role, links_by_email, takes_passwords, deletes_accounts, group_rule]))
}

/// What an answer shows, and the tag of what is stored of it.
#[derive(Debug)]
pub struct Tagged<T> {
    /// As it is shown.
    pub shown: T,
    /// Quotes included.
    pub tag: String,
}

/// The version that an update demands to find.
#[derive(Debug, Clone, Default)]
pub enum Condition {
    /// None in particular.
    #[default]
    None,
    /// Whatever is there.
    Any,
    /// The one with any of these tags, quotes included.
    OneOf(Vec<String>),
}

impl Condition {
    /// As [`ensure`](Self::ensure), for a value that is shown in several ways: any of them is the stored version.
    ///
    /// # Errors
    /// [`AppError::PreconditionFailed`]; those of `seen`.
    pub fn ensure_any(&self, seen: impl FnOnce() -> AppResult<Vec<Option<JsonText>>>) -> AppResult<()> {
        let fits = match self {
            Self::None | Self::Any => true,
            Self::OneOf(wanted) => seen()?.iter().any(|seen| wanted.contains(&of_json(seen.as_ref()))),
        };
        if fits { Ok(()) } else { Err(AppError::PreconditionFailed) }
    }

    /// Refuses when a version is demanded that is not the stored one (rule S4, strong comparison). `stored` is asked for
    /// only then.
    ///
    /// # Errors
    /// [`AppError::PreconditionFailed`].
    pub fn ensure(&self, stored: impl FnOnce() -> Option<JsonText>) -> AppResult<()> {
        self.ensure_tag(|| of_json(stored().as_ref()))
    }

    /// As [`ensure`](Self::ensure), for what has this tag.
    ///
    /// # Errors
    /// [`AppError::PreconditionFailed`].
    pub fn ensure_tag(&self, tag: impl FnOnce() -> String) -> AppResult<()> {
        let fits = match self {
            Self::None | Self::Any => true,
            Self::OneOf(wanted) => wanted.contains(&tag()),
        };
        if fits { Ok(()) } else { Err(AppError::PreconditionFailed) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn s4_only_the_stored_version_fits() {
        let stored = JsonText::from_stored(r#"{"a":1}"#.to_owned());
        let tag = of_json(Some(&stored));
        let ensure = |wanted: Condition, stored: Option<&JsonText>| wanted.ensure(|| stored.cloned()).is_ok();
        assert!(ensure(Condition::OneOf(vec!["\"x\"".into(), tag.clone()]), Some(&stored)));
        assert!(ensure(Condition::Any, None));
        assert!(ensure(Condition::None, None));
        assert!(!ensure(Condition::OneOf(vec![format!("W/{tag}")]), Some(&stored)));
        assert!(!ensure(Condition::OneOf(vec![tag]), None));
        assert!(!ensure(Condition::OneOf(Vec::new()), Some(&stored)));
    }

    #[test]
    fn s4_the_tag_of_a_document_is_the_same_on_every_node_and_in_every_version() {
        let tag = |text: &str| of_json(Some(&JsonText::from_stored(text.to_owned())));
        // As the library of XXH3's authors has it.
        assert_eq!(tag(r#"{"a":1}"#), "\"PIwUFmOs9aG2txNxYvpw-w\"");
        assert_eq!(tag("null"), of_json(None));
        assert_ne!(tag(r#"{"a": 1}"#), tag(r#"{"a":1}"#));
        let long = "x".repeat(5_000);
        assert_ne!(tag(&format!("\"{long}y\"")), tag(&format!("\"{long}z\"")));
    }

    #[test]
    fn s4_the_order_of_keys_makes_no_other_version() {
        let tag = |text: &str| of_value(serde_json::from_str(text).unwrap());
        assert_eq!(tag(r#"{"a":{"x":1,"y":[1,2]},"b":null}"#), tag(r#"{"b":null,"a":{"y":[1,2],"x":1}}"#));
        assert_ne!(tag(r#"{"a":[1,2]}"#), tag(r#"{"a":[2,1]}"#));
        assert_ne!(tag(r#"{"a":"1"}"#), tag(r#"{"a":1}"#));
    }
}
