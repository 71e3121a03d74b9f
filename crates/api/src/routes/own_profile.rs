//! What people keep about themselves.

use crate::endpoint::Failure::StoredValueUnreadable;
use crate::endpoint::{Section, get, post};
use crate::users::own;

/// The endpoints.
pub(super) fn section() -> Section {
    let lines = vec![
        get("/api/v1/users/user/settings", "getUserSettings", own::get_settings)
            .doc("Your settings", "The settings, or null where none were ever stored."),
        post("/api/v1/users/user/settings/update", "updateUserSettings", own::update_settings)
            .doc("Merge into your settings", "All of the settings.")
            .note(
                "Each sent key replaces the stored one as a whole, `ui` included; the others stay (rules S1 \
                 to S4). `ui` absent or null leaves the stored `ui`. Without the right \
                 `features.direct_tool_servers`, `ui.toolServers` is taken out of what was sent.",
            )
            .fails(&[StoredValueUnreadable]),
        get("/api/v1/users/user/status", "getUserStatus", own::get_status)
            .doc("Your status", "The status; all null where there is none, or no longer."),
        post("/api/v1/users/user/status/update", "updateUserStatus", own::update_status)
            .doc("Change your status", "Your whole record.")
            .note("An absent field stays, null clears it, a value sets it (rule S5)."),
        get("/api/v1/users/user/info", "getUserInfo", own::get_info)
            .doc("Your info", "The info, or null where none was ever stored."),
        post("/api/v1/users/user/info/update", "updateUserInfo", own::update_info)
            .doc("Merge into your info", "All of the info.")
            .note("Each sent key replaces the stored one as a whole; the others stay (rules S3 and S4).")
            .fails(&[StoredValueUnreadable]),
        get("/api/v1/users/groups", "getUserGroups", own::get_groups)
            .doc("Your groups", "Your groups, last changed first."),
    ];
    Section { tag: "own profile", about: "What people keep about themselves.", lines }
}
