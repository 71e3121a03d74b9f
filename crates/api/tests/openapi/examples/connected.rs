//! What is connected: webhooks, and identity providers by SCIM.

use serde_json::{Value, json};

use super::Step;

pub(super) fn webhooks() -> Vec<Step> {
    let none = || Value::Null;
    vec![
        (
            "createWebhook",
            "ada",
            "",
            // A host that nobody has (RFC 2606).
            json!({ "url": "https://hooks.example/rosterd", "events": ["user.*", "group.created"], "description": "Billing" }),
        ),
        ("listWebhooks", "ada", "", none()),
        ("getWebhook", "ada", "{webhook}", none()),
        ("testWebhook", "ada", "{webhook}", none()),
        ("rotateWebhook", "ada", "{webhook}", json!({ "overlap": 3600 })),
        ("updateUserTimezone", "bob", "", json!({ "timezone": "Europe/Berlin" })),
        ("listWebhookDeliveries", "ada", "{webhook}", none()),
        ("retryWebhookDelivery", "ada", "{webhook} {delivery}", none()),
        ("updateWebhook", "ada", "{webhook}", json!({ "description": "Billing and chat", "enabled": false })),
        ("deleteWebhook", "ada", "{webhook}", none()),
    ]
}

pub(super) fn identity_providers() -> Vec<Step> {
    let none = || Value::Null;
    vec![
        ("createScimConnection", "ada", "", json!({ "name": "Entra ID", "group_rule": "existing" })),
        ("listScimConnections", "ada", "", none()),
        ("getScimConnection", "ada", "{connection}", none()),
        ("listScimLinkableUsers", "ada", "{connection}", none()),
        ("updateScimConnection", "ada", "{connection}", json!({ "links_by_email": true })),
        ("rotateScimConnection", "ada", "{connection}", json!({ "overlap": 3600 })),
        ("deleteScimConnection", "ada", "{connection}", none()),
    ]
}
