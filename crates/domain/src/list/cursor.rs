//! Where a page ended, so that the next one can begin there.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};

use super::{Order, OrderBy};
use crate::error::DomainError;
use crate::ids::UserId;
use crate::user::UserModel;

/// The last row of a page: its value in the list's order, and its id, which breaks ties.
///
/// Opaque to clients, but neither secret nor signed: a forged one gives other rows of the same list, nothing more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cursor {
    /// The order the list had. A cursor makes no sense in any other.
    pub order: Order,
    /// The row's value in that order.
    pub key: CursorKey,
    /// The row's id.
    pub id: UserId,
}

/// A row's value in a list's order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum CursorKey {
    /// For the orders by time.
    #[serde(rename = "i")]
    Int(i64),
    /// For the orders by text.
    #[serde(rename = "t")]
    Text(String),
    /// For the order by membership.
    #[serde(rename = "m")]
    Member {
        /// Whether the row is a member.
        #[serde(rename = "m")]
        member: bool,
        /// Its name.
        #[serde(rename = "n")]
        name: String,
    },
}

/// What is inside the text. Short keys: it travels in URLs.
#[derive(Serialize, Deserialize)]
struct Wire {
    o: String,
    k: CursorKey,
    id: UserId,
}

impl Cursor {
    /// A cursor at the row with this key and id.
    #[must_use]
    pub fn new(order: Order, key: CursorKey, id: UserId) -> Self {
        Self { order, key, id }
    }

    /// A cursor at `user`. `is_member` counts only in the order by membership.
    #[must_use]
    pub fn of_user(user: &UserModel, order: &Order, is_member: bool) -> Self {
        let key = match &order.by {
            OrderBy::CreatedAt => CursorKey::Int(user.created_at),
            OrderBy::LastActiveAt => CursorKey::Int(user.last_active_at),
            OrderBy::UpdatedAt => CursorKey::Int(user.updated_at),
            OrderBy::Name => CursorKey::Text(user.name.clone()),
            OrderBy::Email => CursorKey::Text(user.email.clone()),
            OrderBy::Role => CursorKey::Text(user.role.as_str().to_owned()),
            OrderBy::GroupMember(_) => CursorKey::Member { member: is_member, name: user.name.clone() },
        };
        Self::new(order.clone(), key, user.id.clone())
    }

    /// The cursor as `next_cursor` shows it: JSON in base64url without padding.
    #[must_use]
    pub fn encode(&self) -> String {
        let wire = Wire { o: self.order.to_text(), k: self.key.clone(), id: self.id.clone() };
        // These types always serialize; the empty text would be refused by `decode`.
        URL_SAFE_NO_PAD.encode(serde_json::to_vec(&wire).unwrap_or_default())
    }

    /// Reads a cursor back. `order` is the order of the list it is sent for.
    ///
    /// # Errors
    /// [`DomainError::Field`] at `["cursor"]` when the text was not made by [`Self::encode`], or for another order.
    pub fn decode(text: &str, order: &Order) -> Result<Self, DomainError> {
        let wire: Option<Wire> =
            URL_SAFE_NO_PAD.decode(text).ok().and_then(|json| serde_json::from_slice(&json).ok());
        let Some(wire) = wire.filter(|wire| is_storable(&wire.k)) else {
            return Err(DomainError::field("cursor", "is not a cursor of this list"));
        };
        if wire.o != order.to_text() || !fits(&wire.k, &order.by) {
            return Err(DomainError::field("cursor", "belongs to a list in another order"));
        }
        Ok(Self { order: order.clone(), key: wire.k, id: wire.id })
    }
}

fn fits(key: &CursorKey, by: &OrderBy) -> bool {
    matches!(
        (key, by),
        (CursorKey::Int(_), OrderBy::CreatedAt | OrderBy::LastActiveAt | OrderBy::UpdatedAt)
            | (CursorKey::Text(_), OrderBy::Name | OrderBy::Email | OrderBy::Role)
            | (CursorKey::Member { .. }, OrderBy::GroupMember(_))
    )
}

/// A forged key must not reach the database with a character it cannot take.
fn is_storable(key: &CursorKey) -> bool {
    match key {
        CursorKey::Int(_) => true,
        CursorKey::Text(text) | CursorKey::Member { name: text, .. } => !text.contains('\0'),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures::user;

    const COLUMNS: [&str; 7] =
        ["created_at", "name", "email", "role", "last_active_at", "updated_at", "group_id:g-1"];

    fn forged(json: &str, order: &Order) -> Result<Cursor, DomainError> {
        Cursor::decode(&URL_SAFE_NO_PAD.encode(json), order)
    }

    #[test]
    fn l1_a_cursor_comes_back_in_every_order() {
        for column in COLUMNS {
            for direction in ["asc", "desc"] {
                let order = Order::parse(Some(column), Some(direction));
                let cursor = Cursor::of_user(&user(), &order, true);
                assert_eq!(Cursor::decode(&cursor.encode(), &order), Ok(cursor), "{column} {direction}");
            }
        }
    }

    #[test]
    fn l1_the_key_is_the_rows_value_in_that_order() {
        let key = |column: &str| Cursor::of_user(&user(), &Order::parse(Some(column), None), true).key;
        assert_eq!(key("created_at"), CursorKey::Int(10));
        assert_eq!(key("updated_at"), CursorKey::Int(20));
        assert_eq!(key("last_active_at"), CursorKey::Int(30));
        assert_eq!(key("role"), CursorKey::Text("user".into()));
        assert_eq!(key("email"), CursorKey::Text("alice@example.com".into()));
        assert_eq!(key("group_id:g-1"), CursorKey::Member { member: true, name: "Alice".into() });
    }

    #[test]
    fn l1_a_cursor_of_another_order_is_refused() {
        for made_for in COLUMNS {
            let order = Order::parse(Some(made_for), Some("asc"));
            let text = Cursor::of_user(&user(), &order, true).encode();
            for column in COLUMNS {
                for direction in ["asc", "desc"] {
                    let other = Order::parse(Some(column), Some(direction));
                    assert_eq!(Cursor::decode(&text, &other).is_ok(), other == order, "{made_for} {column}");
                }
            }
            let elsewhere = Order::parse(Some("group_id:g-2"), Some("asc"));
            assert!(Cursor::decode(&text, &elsewhere).is_err());
        }
    }

    #[test]
    fn l1_a_forged_cursor_is_refused() {
        let order = Order::default();
        assert!(forged(r#"{"o":"desc created_at","k":{"i":5},"id":"u"}"#, &order).is_ok());
        for json in [
            "",
            "{}",
            "[]",
            r#"{"o":"desc created_at","k":{"t":"x"},"id":"u"}"#,
            r#"{"o":"desc created_at","k":{"i":5},"id":""}"#,
            r#"{"o":"desc created_at","k":{"i":5.5},"id":"u"}"#,
            r#"{"o":"desc created_at","k":{"i":5},"id":"u\u0000"}"#,
        ] {
            let Err(DomainError::Field { path, .. }) = forged(json, &order) else { panic!("{json}") };
            assert_eq!(path, ["cursor"]);
        }
        let by_name = Order::parse(Some("name"), None);
        assert!(forged(r#"{"o":"desc name","k":{"t":"a\u0000"},"id":"u"}"#, &by_name).is_err());
        for text in ["", "@", "é", "e30="] {
            assert!(Cursor::decode(text, &order).is_err(), "{text}");
        }
    }

    #[test]
    fn the_text_can_stand_in_a_url() {
        let order = Order::parse(Some("name"), None);
        let text =
            Cursor::new(order, CursorKey::Text("ÿ?>~".into()), UserId::from_stored("u".into())).encode();
        assert!(text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte)), "{text}");
    }
}
