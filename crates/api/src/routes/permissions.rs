//! What accounts may do.

use crate::endpoint::Failure::{NotFound, StoredValueUnreadable};
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
        get(
            "/api/v1/users/default/permissions/defaults",
            "getUserDefaultPermissionsDefaults",
            permissions::get_defaults,
        )
        .doc("What the template is when nothing is stored", "All known keys and no others (rule N19)."),
        post("/api/v1/users/default/permissions", "updateUserDefaultPermissions", permissions::set_default)
            .doc("Replace the default template", "The template as it is now.")
            .note(
                "All sections are required: four on a database of Open WebUI 0.6, six on any other. A key that is missing gets a fixed default; unknown keys are \
                 dropped.",
            )
            .fails(&[StoredValueUnreadable]),
        // After the template, whose path this one would take.
        get("/api/v1/users/{id}/permissions", "getUserPermissionsById", permissions::get_of_user)
            .doc("What a user may do", "As `/users/permissions` tells the user; with `explain`, what gives each right (rule M32).")
            .fails(&[NotFound]),
    ];
    Section { tag: "permissions", about: "What accounts may do.", lines }
}
