//! Deleted users that are kept for a while. All of it is for admins.

use std::collections::BTreeMap;

use reqwest::Method;
use rosterd_domain::{DeletedUserInfo, DeletionForecast, GroupId, UserModel};
use serde::Deserialize;

use crate::client::{Client, read, send};
use crate::error::Error;

/// A page of deleted users, the last deleted first.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct DeletedUserPage {
    /// The users.
    pub users: Vec<DeletedUserInfo>,
    /// How many there are on all pages.
    pub total: i64,
    /// Where the next page begins; `None` after the last one.
    pub next_cursor: Option<String>,
}

/// A user who came back.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct RestoredUser {
    /// The account.
    pub user: UserModel,
    /// Rows that are there again, by table.
    pub restored: BTreeMap<String, i64>,
    /// Rows that could not come back because what they belong to is gone, by table.
    pub left_out: BTreeMap<String, i64>,
    /// Groups of which the user was a member and that are gone.
    pub groups_gone: Vec<GroupId>,
}

impl Client {
    /// What a deletion would remove, and whether the user could be restored.
    ///
    /// # Errors
    /// Those of [`delete_user_by_id`](Self::delete_user_by_id).
    pub async fn get_user_deletion(&self, id: impl AsRef<str>) -> Result<DeletionForecast, Error> {
        self.get(&["api", "v1", "users", id.as_ref(), "deletion"]).await
    }

    /// Deletes a user, and keeps nothing.
    ///
    /// # Errors
    /// `USER_NOT_FOUND`, `ACTION_PROHIBITED`; [`Error`].
    pub async fn delete_user_for_good(&self, id: impl AsRef<str>) -> Result<bool, Error> {
        let request = self.request(Method::DELETE, &["api", "v1", "users", id.as_ref()]);
        read(send(request.query(&[("purge", true)])).await?).await
    }

    /// Up to `limit` deleted users, and those after a `next_cursor`.
    ///
    /// # Errors
    /// `CONFLICT` on a database of Open WebUI that was not adopted; [`Error`].
    pub async fn list_deleted_users(
        &self,
        limit: u8,
        cursor: Option<&str>,
    ) -> Result<DeletedUserPage, Error> {
        let request = self.request(Method::GET, &["api", "v1", "users", "deleted"]);
        let query = [("limit", limit.to_string()), ("cursor", cursor.unwrap_or_default().to_owned())];
        read(send(request.query(&query)).await?).await
    }

    /// Restores a deleted user with all that was kept.
    ///
    /// # Errors
    /// `NOT_FOUND`; `RESTORE_CONFLICT` with all that is in the way; as
    /// [`list_deleted_users`](Self::list_deleted_users); [`Error`].
    pub async fn restore_user_by_id(&self, id: impl AsRef<str>) -> Result<RestoredUser, Error> {
        self.post_nothing(&["api", "v1", "users", "deleted", id.as_ref(), "restore"]).await
    }

    /// Removes what is kept of a deleted user.
    ///
    /// # Errors
    /// `NOT_FOUND`; as [`list_deleted_users`](Self::list_deleted_users); [`Error`].
    pub async fn purge_user_by_id(&self, id: impl AsRef<str>) -> Result<bool, Error> {
        self.delete(&["api", "v1", "users", "deleted", id.as_ref()]).await
    }
}
