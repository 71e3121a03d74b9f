//! Accounts that were deleted and are kept for a while (rules B1 to B5).

use std::collections::BTreeMap;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};

use crate::clock::UnixSeconds;
use crate::error::DomainError;
use crate::ids::{GroupId, UserId};
use crate::role::Role;

/// Numbers of rows, by the names of their tables. A table without any is not named.
pub type RowCounts = BTreeMap<String, i64>;

/// A deleted account, without the rows that are kept of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeletedUser {
    /// The id that the account had.
    pub id: UserId,
    /// Its name.
    pub name: String,
    /// Its e-mail address.
    pub email: String,
    /// Its role, which it has again when it is restored.
    pub role: Role,
    /// When the account was made.
    pub created_at: UnixSeconds,
    /// When it was deleted.
    pub deleted_at: UnixSeconds,
    /// The account that deleted it; `None`: the operator.
    pub deleted_by: Option<UserId>,
    /// How many rows are kept.
    pub rows: i64,
    /// How many bytes their values have.
    pub bytes: i64,
}

/// What admins see of a deleted account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DeletedUserInfo {
    /// The id that the account had.
    pub id: UserId,
    /// Its name.
    pub name: String,
    /// Its e-mail address.
    pub email: String,
    /// Its role, which it has again when it is restored.
    pub role: Role,
    /// When the account was made.
    pub created_at: UnixSeconds,
    /// When it was deleted.
    pub deleted_at: UnixSeconds,
    /// The account that deleted it; null: the operator of the server.
    pub deleted_by: Option<UserId>,
    /// Until when it can be restored, as the server is configured now.
    pub kept_until: UnixSeconds,
    /// How many rows are kept.
    pub rows: i64,
    /// How many bytes their values have.
    pub bytes: i64,
}

impl DeletedUserInfo {
    /// What is shown of an account where such are kept for so many seconds.
    #[must_use]
    pub fn of(deleted: DeletedUser, retention: i64) -> Self {
        let DeletedUser { id, name, email, role, created_at, deleted_at, deleted_by, rows, bytes } = deleted;
        let kept_until = deleted_at.saturating_add(retention);
        Self { id, name, email, role, created_at, deleted_at, deleted_by, kept_until, rows, bytes }
    }
}

/// What a deletion would do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DeletionForecast {
    /// The account.
    pub id: UserId,
    /// Rows that are removed and would be kept, by table.
    #[cfg_attr(feature = "openapi", schema(value_type = std::collections::HashMap<String, i64>))]
    pub removed: RowCounts,
    /// Rows that stay and lose what leads to the account, by table; it would be kept.
    #[cfg_attr(feature = "openapi", schema(value_type = std::collections::HashMap<String, i64>))]
    pub cleared: RowCounts,
    /// Rows that are removed for good in any case, by table: API keys and sessions.
    #[cfg_attr(feature = "openapi", schema(value_type = std::collections::HashMap<String, i64>))]
    pub not_kept: RowCounts,
    /// How many bytes would be kept.
    pub bytes: i64,
    /// Whether the account could be restored.
    pub kept: Keepable,
    /// For how many seconds; 0: deleted accounts are not kept.
    pub retention: i64,
}

/// Whether a deleted account can be kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Keepable {
    /// It is.
    Yes,
    /// It has too much data: it can only be deleted for good.
    TooLarge,
    /// Deleted accounts are not kept: `ROSTERD_DELETED_RETENTION` is 0.
    Off,
    /// The database has no tables for it: it is one of Open WebUI that was not adopted.
    NoTables,
}

/// What came back.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RestoredRows {
    /// Rows that are there again, and rows that lead to the account again, by table.
    pub restored: RowCounts,
    /// Rows that could not come back because what they belong to is gone, by table.
    pub left_out: RowCounts,
    /// Groups of which the account was a member and that are gone.
    pub groups_gone: Vec<GroupId>,
}

/// Where a page of deleted accounts ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeletedCursor {
    /// When the last one was deleted.
    #[serde(rename = "d")]
    pub deleted_at: UnixSeconds,
    /// Its id, which breaks ties.
    pub id: UserId,
}

impl DeletedCursor {
    /// The cursor after this account.
    #[must_use]
    pub fn after(deleted: &DeletedUserInfo) -> Self {
        Self { deleted_at: deleted.deleted_at, id: deleted.id.clone() }
    }

    /// The cursor as `next_cursor` shows it: JSON in base64url without padding.
    #[must_use]
    pub fn encode(&self) -> String {
        // These types always serialize; the empty text would be refused by `decode`.
        URL_SAFE_NO_PAD.encode(serde_json::to_vec(self).unwrap_or_default())
    }

    /// Reads a cursor back.
    ///
    /// # Errors
    /// [`DomainError::Field`] at `["cursor"]` when the text was not made by [`Self::encode`].
    pub fn decode(text: &str) -> Result<Self, DomainError> {
        let decoded = URL_SAFE_NO_PAD.decode(text).ok().and_then(|json| serde_json::from_slice(&json).ok());
        decoded.ok_or_else(|| DomainError::field("cursor", "is not a cursor of this list"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_comes_back_and_a_forged_one_does_not() {
        let cursor = DeletedCursor { deleted_at: 7, id: UserId::from_stored("u-1 ÿ".to_owned()) };
        assert_eq!(DeletedCursor::decode(&cursor.encode()), Ok(cursor));
        for forged in ["", "@", "e30", "é"] {
            assert!(DeletedCursor::decode(forged).is_err(), "{forged}");
        }
        let nul = URL_SAFE_NO_PAD.encode(r#"{"d":1,"id":"a\u0000"}"#);
        assert!(DeletedCursor::decode(&nul).is_err());
    }
}
