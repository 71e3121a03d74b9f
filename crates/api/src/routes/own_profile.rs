//! The data of one's own profile.

use crate::endpoint::Failure::StoredValueUnreadable;
use crate::endpoint::{Section, get, post};
use crate::users::own;

/// The endpoints.
pub(super) fn section() -> Section {
    let lines = vec![
        get("/api/v1/users/user/settings", "getUserSettings", own::get_settings)
            .doc("Your settings", "The settings, or null if none were ever stored."),
        post("/api/v1/users/user/settings/update", "updateUserSettings", own::update_settings)
            .doc("Merge into your settings", "All of the settings.")
            .note(
                "Each key that is sent replaces the stored key with its whole value, including `ui`; other keys stay \
                 (rules S1 to S4). If `ui` is absent or null, the stored `ui` stays. Without the right \
                 `features.direct_tool_servers`, `ui.toolServers` is removed from what was sent.",
            )
            .fails(&[StoredValueUnreadable]),
        get("/api/v1/users/user/status", "getUserStatus", own::get_status)
            .doc("Your status", "The status; all fields are null if there is none or it has ended."),
        post("/api/v1/users/user/status/update", "updateUserStatus", own::update_status)
            .doc("Change your status", "All fields of your account.")
            .note("An absent field stays, null clears it, a value sets it (rule S5)."),
        get("/api/v1/users/user/info", "getUserInfo", own::get_info)
            .doc("Your info", "The info, or null if none was ever stored."),
        post("/api/v1/users/user/info/update", "updateUserInfo", own::update_info)
            .doc("Merge into your info", "All of the info.")
            .note("Each key that is sent replaces the stored key with its whole value; other keys stay (rules S3 and S4).")
            .fails(&[StoredValueUnreadable]),
        get("/api/v1/users/groups", "getUserGroups", own::get_groups)
            .doc("Your groups", "Your groups, last changed first."),
    ];
    Section { tag: "own profile", about: "The data of one's own profile.", lines }
}
