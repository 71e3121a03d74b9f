//! The settings in the database, and what front ends need to know.

use crate::auths::admin;
use crate::endpoint::Failure::StoredValueUnreadable;
use crate::endpoint::{Section, get, post};
use crate::system;

/// The endpoints.
pub(super) fn section() -> Section {
    let lines = vec![
        get("/api/v1/auths/admin/config", "getAdminConfig", admin::get_config)
            .doc("The settings in the database", "All of them."),
        post("/api/v1/auths/admin/config", "updateAdminConfig", admin::set_config)
            .doc(
                "Change settings",
                "The settings that Open WebUI's admin page knows, and those that were sent.",
            )
            .note("Keys that are not sent stay; unknown keys are ignored.")
            .fails(&[StoredValueUnreadable]),
        get("/api/config", "getBackendConfig", system::get_config).doc(
            "What a front end needs for its first page",
            "Verified callers get more fields. Credentials that are no longer valid count as none.",
        ),
        get("/api/version", "getVersion", system::get_version).doc("The version", "The version."),
    ];
    Section {
        tag: "configuration",
        about: "The settings in the database, and what front ends need to know.",
        lines,
    }
}
