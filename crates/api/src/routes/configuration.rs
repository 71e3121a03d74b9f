//! The settings in the database, and what front ends need to know.

use crate::auths::admin;
use crate::endpoint::Failure::{Conflict, HumanSessionRequired, StoredValueUnreadable};
use crate::endpoint::{Section, get, post};
use crate::{front_end, system};

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
            .note(
                "Unknown keys are ignored. Of the keys that are not required, those of texts, counts and the interface \
                 settings become empty where they are not sent; the others stay. On a database of Open WebUI 0.6 no key \
                 is required and all stay.",
            )
            .fails(&[HumanSessionRequired, Conflict, StoredValueUnreadable]),
        get("/api/config", "getBackendConfig", front_end::get_config).doc(
            "What a front end needs for its first page",
            "Anonymous callers are told of signing in, pending ones also of the features, users and admins of the rest. A \
             session that is no longer valid counts as none, and so does an API key.",
        ),
        get("/api/version", "getVersion", system::get_version).doc("The version", "The version."),
    ];
    Section {
        tag: "configuration",
        about: "The settings in the database, and what front ends need to know.",
        lines,
    }
}
