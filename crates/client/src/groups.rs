//! Groups and their members.

use rosterd_domain::{GroupWithCount, UserInfo};
use serde_json::json;

use crate::answers::GroupExport;
use crate::client::Client;
use crate::error::Error;
use crate::forms::GroupForm;

const ID: [&str; 4] = ["api", "v1", "groups", "id"];

/// The path of a group, or below it.
fn of<'a>(id: &'a str, rest: &[&'a str]) -> Vec<&'a str> {
    ID.into_iter().chain([id]).chain(rest.iter().copied()).collect()
}

impl Client {
    /// All groups for admins, their own for others.
    ///
    /// # Errors
    /// [`Error`].
    pub async fn get_groups(&self) -> Result<Vec<GroupWithCount>, Error> {
        self.get(&["api", "v1", "groups", ""]).await
    }

    /// Makes a group. For admins, as all that follows.
    ///
    /// # Errors
    /// [`Error`].
    pub async fn create_new_group(&self, group: &GroupForm) -> Result<GroupWithCount, Error> {
        self.post(&["api", "v1", "groups", "create"], group).await
    }

    /// A group.
    ///
    /// # Errors
    /// `GROUP_NOT_FOUND`; [`Error`].
    pub async fn get_group_by_id(&self, id: impl AsRef<str>) -> Result<GroupWithCount, Error> {
        self.get(&of(id.as_ref(), &[])).await
    }

    /// A group with the ids of its members.
    ///
    /// # Errors
    /// `GROUP_NOT_FOUND`; [`Error`].
    pub async fn export_group_by_id(&self, id: impl AsRef<str>) -> Result<GroupExport, Error> {
        self.get(&of(id.as_ref(), &["export"])).await
    }

    /// The members of a group.
    ///
    /// # Errors
    /// `GROUP_NOT_FOUND`; [`Error`].
    pub async fn get_users_in_group(&self, id: impl AsRef<str>) -> Result<Vec<UserInfo>, Error> {
        self.post_nothing(&of(id.as_ref(), &["users"])).await
    }

    /// Changes a group; `permissions`, `data` and `meta` stay where they are `None`.
    ///
    /// # Errors
    /// `GROUP_NOT_FOUND`; [`Error`].
    pub async fn update_group_by_id(
        &self,
        id: impl AsRef<str>,
        group: &GroupForm,
    ) -> Result<GroupWithCount, Error> {
        self.post(&of(id.as_ref(), &["update"]), group).await
    }

    /// Adds members; unknown ids and members are skipped.
    ///
    /// # Errors
    /// `GROUP_NOT_FOUND`; [`Error`].
    pub async fn add_user_to_group(
        &self,
        id: impl AsRef<str>,
        users: &[impl AsRef<str>],
    ) -> Result<GroupWithCount, Error> {
        self.post(&of(id.as_ref(), &["users", "add"]), &members(users)).await
    }

    /// Ends memberships; ids that are no members are skipped.
    ///
    /// # Errors
    /// `GROUP_NOT_FOUND`; [`Error`].
    pub async fn remove_user_from_group(
        &self,
        id: impl AsRef<str>,
        users: &[impl AsRef<str>],
    ) -> Result<GroupWithCount, Error> {
        self.post(&of(id.as_ref(), &["users", "remove"]), &members(users)).await
    }

    /// Deletes a group.
    ///
    /// # Errors
    /// `GROUP_NOT_FOUND`; [`Error`].
    pub async fn delete_group_by_id(&self, id: impl AsRef<str>) -> Result<bool, Error> {
        self.delete(&of(id.as_ref(), &["delete"])).await
    }
}

fn members(users: &[impl AsRef<str>]) -> serde_json::Value {
    let ids: Vec<&str> = users.iter().map(AsRef::as_ref).collect();
    json!({ "user_ids": ids })
}
