//! What accounts may do.

use crate::endpoint::Failure::StoredValueUnreadable;
use crate::endpoint::{Section, get, post};
use crate::users::permissions;

/// The endpoints.
pub(super) fn section() -> Section {
    let lines = vec![
        get("/api/v1/users/permissions", "getUserPermissions", permissions::get_own).doc(
            "What you may do",
            "The template joined with the permissions of your groups, including keys that only they have.",
        ),
        get("/api/v1/users/default/permissions", "getUserDefaultPermissions", permissions::get_default)
            .doc("The default template", "Exactly the known keys."),
        post("/api/v1/users/default/permissions", "updateUserDefaultPermissions", permissions::set_default)
            .doc("Replace the default template", "The template as it is now.")
            .note(
                "All four sections are required. A key that is missing gets a fixed default; unknown keys are \
                 dropped.",
            )
            .fails(&[StoredValueUnreadable]),
    ];
    Section { tag: "permissions", about: "What accounts may do.", lines }
}
