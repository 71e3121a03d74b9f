//! Webhooks.

use crate::endpoint::Failure::{Conflict, NotFound};
use crate::endpoint::{Section, delete, get, post};
use crate::webhooks;

/// What is said of the calls.
const TABLES: &str = "409 on a database of Open WebUI without rosterd's tables, which `rosterd adopt --apply` adds, and where \
                      the audit log is switched off.";

/// The endpoints.
pub(super) fn section() -> Section {
    let lines = vec![
        get("/api/v1/webhooks", "listWebhooks", webhooks::list_webhooks)
            .doc("The webhooks", "The oldest first. Secrets are not shown.")
            .note(TABLES)
            .fails(&[Conflict]),
        post("/api/v1/webhooks", "createWebhook", webhooks::create_webhook)
            .doc("Create a webhook", "The webhook with its secret, which is never shown again (rules W1 to W5).")
            .note(
                "It is told of events that are sealed from now on. There are 32 webhooks at most, then 409. 409 also on a \
                 database of Open WebUI without rosterd's tables, and where the audit log is switched off.",
            )
            .fails(&[Conflict]),
        get("/api/v1/webhooks/{id}", "getWebhook", webhooks::get_webhook)
            .doc("A webhook", "The webhook, without its secret.")
            .note(TABLES)
            .fails(&[NotFound, Conflict]),
        post("/api/v1/webhooks/{id}/update", "updateWebhook", webhooks::update_webhook)
            .doc("Change a webhook", "The webhook as it is now.")
            .note("One that is switched on again goes on where it stopped.")
            .fails(&[NotFound, Conflict]),
        delete("/api/v1/webhooks/{id}", "deleteWebhook", webhooks::delete_webhook)
            .doc("Delete a webhook", "`true`. Its deliveries are deleted, too.")
            .note(TABLES)
            .fails(&[NotFound, Conflict]),
        post("/api/v1/webhooks/{id}/rotate", "rotateWebhook", webhooks::rotate_webhook)
            .doc("Replace the secret of a webhook", "The webhook with its new secret, which is never shown again (rule W5).")
            .note("The secret before signs too until the overlap is over.")
            .fails(&[NotFound, Conflict]),
        post("/api/v1/webhooks/{id}/test", "testWebhook", webhooks::test_webhook)
            .doc("Send a test to a webhook", "What became of it.")
            .note("Waits for the receiver, 15 seconds at most. Works while the webhook is switched off.")
            .fails(&[NotFound, Conflict]),
        get("/api/v1/webhooks/{id}/deliveries", "listWebhookDeliveries", webhooks::list_deliveries)
            .doc("The deliveries of a webhook", "A page of deliveries, newest first (rule W6).")
            .note(TABLES)
            .fails(&[NotFound, Conflict]),
        post(
            "/api/v1/webhooks/{id}/deliveries/{delivery_id}/retry",
            "retryWebhookDelivery",
            webhooks::retry_delivery,
        )
        .doc("Make a delivery once more", "The delivery, which waits.")
        .note("With all its tries, whether it has arrived or not. 409 while the webhook is switched off.")
        .fails(&[NotFound, Conflict]),
    ];
    Section { tag: "webhooks", about: "Events that are sent to URLs.", lines }
}
