//! Groups and their members.

use crate::endpoint::Failure::{GroupNotFound, StoredValueUnreadable};
use crate::endpoint::{Section, delete, get, post};
use crate::groups;

/// The endpoints.
pub(super) fn section() -> Section {
    let lines = vec![
        get("/api/v1/groups", "getGroups", groups::list_groups)
            .also("/api/v1/groups/")
            .doc("The groups", "All groups for admins, their own groups for others; the last changed first."),
        post("/api/v1/groups/create", "createNewGroup", groups::create_group)
            .doc("Create a group", "The new group, owned by you."),
        get("/api/v1/groups/id/{id}", "getGroupById", groups::get_group)
            .doc("A group", "The group.")
            .fails(&[GroupNotFound]),
        get("/api/v1/groups/id/{id}/export", "exportGroupById", groups::export_group)
            .doc("A group with its members", "The group and the ids of its members.")
            .fails(&[GroupNotFound]),
        post("/api/v1/groups/id/{id}/users", "getUsersInGroup", groups::list_members)
            .doc("The members of a group", "A few fields of each member, oldest account first.")
            .fails(&[GroupNotFound]),
        post("/api/v1/groups/id/{id}/update", "updateGroupById", groups::update_group)
            .doc("Change a group", "The group.")
            .note("`permissions`, `data` and `meta` stay if they are absent or null.")
            .fails(&[GroupNotFound, StoredValueUnreadable]),
        post("/api/v1/groups/id/{id}/users/add", "addUserToGroup", groups::add_members)
            .doc("Add members", "The group.")
            .note("Unknown ids and members are skipped.")
            .fails(&[GroupNotFound]),
        post("/api/v1/groups/id/{id}/users/remove", "removeUserFromGroup", groups::remove_members)
            .doc("Remove members", "The group.")
            .note("Ids of users who are not members are skipped.")
            .fails(&[GroupNotFound]),
        delete("/api/v1/groups/id/{id}/delete", "deleteGroupById", groups::delete_group)
            .doc("Delete a group", "`true`")
            .fails(&[GroupNotFound]),
    ];
    Section { tag: "groups", about: "Groups and their members.", lines }
}
