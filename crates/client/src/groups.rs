//! Groups and their members.

use reqwest::Method;
use rosterd_domain::group::MembershipFilter;
use rosterd_domain::{GroupInfo, GroupMembers, GroupPreview, GroupWithCount, UserInfo};
use serde_json::json;

use crate::answers::GroupExport;
use crate::client::{Client, read, send};
use crate::error::Error;
use crate::forms::GroupForm;
use crate::versioned::{Version, Versioned};

const ID: [&str; 4] = ["api", "v1", "groups", "id"];

/// The path of a group, or below it.
fn of<'a>(id: &'a str, rest: &[&'a str]) -> Vec<&'a str> {
    ID.into_iter().chain([id]).chain(rest.iter().copied()).collect()
}

impl Client {
    /// All groups for admins, for others their own and those above them.
    ///
    /// # Errors
    /// [`Error`].
    pub async fn get_groups(&self) -> Result<Vec<GroupWithCount>, Error> {
        self.get(&["api", "v1", "groups", ""]).await
    }

    /// The groups that the caller can share with (`true`), or those of its own that nobody can (`false`). Admins see all
    /// groups.
    ///
    /// # Errors
    /// [`Error`].
    pub async fn get_groups_by_share(&self, share: bool) -> Result<Vec<GroupWithCount>, Error> {
        let request = self.request(Method::GET, &["api", "v1", "groups", ""]);
        read(send(request.query(&[("share", share)])).await?).await
    }

    /// What every verified user may see of a group.
    ///
    /// # Errors
    /// `GROUP_NOT_FOUND`; `NOT_FOUND` on a database of Open WebUI 0.6, as with the two that follow; [`Error`].
    pub async fn get_group_info_by_id(&self, id: impl AsRef<str>) -> Result<GroupInfo, Error> {
        self.get(&of(id.as_ref(), &["info"])).await
    }

    /// A page (from 1) of the members of a group and of the groups below it, or only of some of them; `query` as in lists of
    /// users. For admins.
    ///
    /// # Errors
    /// `GROUP_NOT_FOUND`; [`Error`].
    pub async fn get_group_members(
        &self,
        id: impl AsRef<str>,
        membership: MembershipFilter,
        query: Option<&str>,
        page: u32,
    ) -> Result<GroupMembers, Error> {
        let request = self.request(Method::GET, &of(id.as_ref(), &["members"]));
        let request = request.query(&[("membership", membership.as_str())]).query(&[("page", page)]);
        let request = if let Some(query) = query { request.query(&[("query", query)]) } else { request };
        read(send(request).await?).await
    }

    /// What a group gives its members. For admins.
    ///
    /// # Errors
    /// `GROUP_NOT_FOUND`; [`Error`].
    pub async fn get_group_preview(&self, id: impl AsRef<str>) -> Result<GroupPreview, Error> {
        self.get(&of(id.as_ref(), &["preview"])).await
    }

    /// Makes a group. For admins, as all that follows.
    ///
    /// # Errors
    /// `GROUP_NOT_FOUND` and `GROUP_CYCLE` for its parent; [`Error`].
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

    /// A group with its version, which members do not change.
    ///
    /// # Errors
    /// `GROUP_NOT_FOUND`; [`Error`].
    pub async fn get_group_versioned(&self, id: impl AsRef<str>) -> Result<Versioned<GroupWithCount>, Error> {
        self.get_versioned(&of(id.as_ref(), &[])).await
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

    /// Changes a group; parent, `permissions`, `data` and `meta` stay where they are `None`.
    ///
    /// # Errors
    /// `GROUP_NOT_FOUND`, `GROUP_CYCLE`; [`Error`].
    pub async fn update_group_by_id(
        &self,
        id: impl AsRef<str>,
        group: &GroupForm,
    ) -> Result<GroupWithCount, Error> {
        self.post(&of(id.as_ref(), &["update"]), group).await
    }

    /// [`update_group_by_id`](Self::update_group_by_id), only if this version is still the stored one.
    ///
    /// # Errors
    /// `PRECONDITION_FAILED` for another version; as [`update_group_by_id`](Self::update_group_by_id).
    pub async fn update_group_by_id_if(
        &self,
        id: impl AsRef<str>,
        group: &GroupForm,
        version: &Version,
    ) -> Result<Versioned<GroupWithCount>, Error> {
        self.post_versioned(&of(id.as_ref(), &["update"]), group, Some(version)).await
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

    /// Deletes a group; the groups below it get its parent.
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
