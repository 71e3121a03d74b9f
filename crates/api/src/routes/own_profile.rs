//! The data of one's own profile.

use crate::audit::list as audit;
use crate::endpoint::Failure::{
    ActionProhibited, InvalidRange, InvalidVariables, NotFound, StoredValueUnreadable,
};
use crate::endpoint::{Section, get, post};
use crate::users::{own, variables};

/// The endpoints.
pub(super) fn section() -> Section {
    let lines = vec![
        get("/api/v1/users/user/settings", "getUserSettings", own::get_settings)
            .doc("Your settings", "The settings, or null if none were ever stored.")
            .note(
                "Where an administrator has set default interface settings, `ui` is these with your own over them; with \
                 `raw` it is as stored (rule N6).",
            ),
        post("/api/v1/users/user/settings/update", "updateUserSettings", own::update_settings)
            .doc("Merge into your settings", "All of the settings.")
            .note(
                "Of `ui` each key that is sent replaces the stored one, and null removes it (rule N3); of what is beside \
                 `ui` each key replaces the stored one. On a database of Open WebUI 0.6 `ui` is replaced as a whole (rule \
                 S1). If `ui` is absent or null, the stored `ui` stays. What you have no right to set is removed from \
                 what was sent (rules S2 and N4).",
            )
            .fails(&[StoredValueUnreadable]),
        get("/api/v1/users/user/status", "getUserStatus", own::get_status)
            .doc("Your status", "The status; all fields are null if there is none or it has ended.")
            .note("Refused where an administrator has switched statuses off (rule N7).")
            .fails(&[ActionProhibited]),
        post("/api/v1/users/user/status/update", "updateUserStatus", own::update_status)
            .doc("Change your status", "All fields of your account.")
            .note("An absent field stays, null clears it, a value sets it (rule S5).")
            .fails(&[ActionProhibited]),
        get("/api/v1/users/user/info", "getUserInfo", own::get_info)
            .doc("Your info", "The info, or null if none was ever stored."),
        post("/api/v1/users/user/info/update", "updateUserInfo", own::update_info)
            .doc("Merge into your info", "All of the info.")
            .note("Each key that is sent replaces the stored key with its whole value; other keys stay (rules S3 and S4).")
            .fails(&[StoredValueUnreadable]),
        get("/api/v1/users/user/events", "getUserEvents", audit::list_own_events)
            .doc("What happened to your account", "A page of the events about you, newest first.")
            .note("From the audit log. Without the tables for events: 404.")
            .fails(&[NotFound]),
        get("/api/v1/users/user/variables", "getUserVariables", variables::get_variables)
            .doc("Your variables", "Text by name (rule N11).")
            .note("A database of Open WebUI 0.6 keeps none.")
            .fails(&[NotFound]),
        post("/api/v1/users/user/variables/update", "updateUserVariables", variables::update_variables)
            .doc("Replace your variables", "All of them, as stored.")
            .note("What is sent replaces all that is stored (rule N11).")
            .fails(&[NotFound, InvalidVariables]),
        get("/api/v1/users/usage", "getUserUsage", own::get_usage)
            .doc("Your usage", "What you used chats for, by day, model and tool.")
            .note("Counted from the messages that Open WebUI keeps; without any all of it is zero.")
            .fails(&[InvalidRange]),
        get("/api/v1/users/groups", "getUserGroups", own::get_groups)
            .doc("Your groups", "Your groups, last changed first."),
    ];
    Section { tag: "own profile", about: "The data of one's own profile.", lines }
}
