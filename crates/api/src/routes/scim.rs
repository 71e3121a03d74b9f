//! SCIM: connections for admins, and what identity providers ask.

use crate::endpoint::Failure::{Conflict, HumanSessionRequired, NotFound};
use crate::endpoint::{Section, delete, get, post};
use crate::scim::{self, connections};

/// What is said of the calls.
const TABLES: &str =
    "409 on a database of Open WebUI without rosterd's tables, which `rosterd adopt --apply` adds.";

/// The endpoints.
pub(super) fn section() -> Section {
    let mut lines = vec![
        get("/api/v1/scim/connections", "listScimConnections", connections::list_connections)
            .doc("The connections by SCIM", "The oldest first. Tokens are not shown.")
            .note(TABLES)
            .fails(&[Conflict]),
        post("/api/v1/scim/connections", "createScimConnection", connections::create_connection)
            .doc(
                "Connect an identity provider by SCIM",
                "The connection with its token, which is never shown again (rule J1).",
            )
            .note(
                "In a session of a person. The first connection switches SCIM on (rule J2). There are 32 at most, then 409. 409 \
                 also for a name that another connection has, and on a database of Open WebUI without rosterd's tables.",
            )
            .fails(&[Conflict, HumanSessionRequired]),
        get("/api/v1/scim/connections/{id}", "getScimConnection", connections::get_connection)
            .doc("A connection", "The connection, without its token.")
            .note(TABLES)
            .fails(&[NotFound, Conflict]),
        post(
            "/api/v1/scim/connections/{id}/update",
            "updateScimConnection",
            connections::update_connection,
        )
        .doc("Change a connection", "The connection as it is now.")
        .note("409 for a name that another connection has.")
        .fails(&[NotFound, Conflict]),
        delete("/api/v1/scim/connections/{id}", "deleteScimConnection", connections::delete_connection)
            .doc("Delete a connection", "`true`.")
            .note(
                "Its token opens nothing from the next request on. The accounts and groups that it made stay as they are, suspended \
                 ones suspended.",
            )
            .fails(&[NotFound, Conflict]),
        post(
            "/api/v1/scim/connections/{id}/rotate",
            "rotateScimConnection",
            connections::rotate_connection,
        )
        .doc(
            "Replace the token of a connection",
            "The connection with its new token, which is never shown again (rule J1).",
        )
        .note("In a session of a person. The token before opens it too until the overlap is over.")
        .fails(&[NotFound, Conflict, HumanSessionRequired]),
        get("/api/v1/scim/connections/{id}/linkable", "listScimLinkableUsers", connections::list_linkable)
            .doc(
                "Whom a connection could be linked to",
                "The accounts that it would see if the provider sent their e-mail addresses and linking was on (rule J7).",
            )
            .note("By e-mail address. Admins are never among them, and accounts that it sees already are not.")
            .fails(&[NotFound, Conflict]),
    ];
    lines.extend(scim::routes());
    Section {
        tag: "scim",
        about: "Identity providers that make, change and disable accounts by SCIM 2.0.",
        lines,
    }
}
