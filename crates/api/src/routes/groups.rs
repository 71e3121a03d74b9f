//! Groups and their members.

use crate::endpoint::Failure::{GroupCycle, GroupNotFound, NotFound, StoredValueUnreadable};
use crate::endpoint::{Section, delete, get, post};
use crate::groups;

/// Of calls that only newer front ends know.
const NEWEST: &str = "Not on a database of Open WebUI 0.6: there the answer is 404.";

/// The endpoints.
pub(super) fn section() -> Section {
    let lines = vec![
        get("/api/v1/groups", "getGroups", groups::list_groups)
            .also("/api/v1/groups/")
            .doc(
                "The groups",
                "All groups for admins, for others their own and those above them; the last changed first.",
            ),
        post("/api/v1/groups/create", "createNewGroup", groups::create_group)
            .doc("Create a group", "The new group, owned by you.")
            .note("A parent must exist (rule M1).")
            .fails(&[GroupNotFound, GroupCycle]),
        get("/api/v1/groups/id/{id}", "getGroupById", groups::get_group)
            .doc("A group", "The group.")
            .fails(&[GroupNotFound]),
        get("/api/v1/groups/id/{id}/info", "getGroupInfoById", groups::get_group_info)
            .doc("What every user may see of a group", "The group without its permissions and data.")
            .note(NEWEST)
            .fails(&[GroupNotFound, NotFound]),
        get("/api/v1/groups/id/{id}/members", "getGroupMembers", groups::list_members_of_tree)
            .doc(
                "The members of a group and of the groups below it",
                "30 members a page, by name (rule M7), and how many there are.",
            )
            .note(NEWEST)
            .fails(&[GroupNotFound, NotFound]),
        get("/api/v1/groups/id/{id}/preview", "getGroupPreview", groups::get_group_preview)
            .doc("What a group gives its members", "Rights, models, knowledge and tools (rule M8).")
            .note(NEWEST)
            .fails(&[GroupNotFound, NotFound]),
        get("/api/v1/groups/id/{id}/export", "exportGroupById", groups::export_group)
            .doc("A group with its members", "The group and the ids of its members.")
            .fails(&[GroupNotFound]),
        post("/api/v1/groups/id/{id}/users", "getUsersInGroup", groups::list_members)
            .doc("The members of a group", "A few fields of each member, oldest account first.")
            .fails(&[GroupNotFound]),
        post("/api/v1/groups/id/{id}/update", "updateGroupById", groups::update_group)
            .doc("Change a group", "The group.")
            .note(
                "`permissions`, `data` and `meta` stay if they are absent or null. `data` is merged into what is stored \
                 (rule M3). The parent stays if it is absent; null makes it a group without one.",
            )
            .fails(&[GroupNotFound, GroupCycle, StoredValueUnreadable]),
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
            .note("The groups below it get its parent. What was granted to it is gone (rule M9).")
            .fails(&[GroupNotFound]),
    ];
    Section { tag: "groups", about: "Groups and their members.", lines }
}
