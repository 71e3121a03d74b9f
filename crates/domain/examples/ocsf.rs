//! Prints an event of each action of the audit log in the terms of the Open Cybersecurity Schema Framework, one a line. `.ci/ocsf`
//! validates them.

use rosterd_domain::audit::{EventRow, to_ocsf};
use serde_json::{Value, json};

/// The actions, the kind of their subject, and what their details are like.
fn events() -> Vec<(&'static str, Option<&'static str>, Value)> {
    let changes =
        json!({ "changes": { "name": { "before": null, "after": "Ada" }, "profile_image_url": null } });
    let role = json!({ "changes": { "role": { "before": "user", "after": "admin" } } });
    let session = json!({ "method": "password", "session": "s-1" });
    let (user, group) = (Some("user"), Some("group"));
    vec![
        ("user.created", user, changes.clone()),
        ("user.updated", user, changes.clone()),
        ("user.role_changed", user, role),
        (
            "user.primary_changed",
            user,
            json!({ "former": "u-2", "changes": { "created_at": { "before": 20, "after": 10 } } }),
        ),
        ("user.password_changed", user, Value::Null),
        ("user.deleted", user, Value::Null),
        ("user.restored", user, json!({ "rows": { "user": 1, "auth": 1 }, "left_out": {} })),
        ("user.purged", user, Value::Null),
        ("user.settings_changed", user, Value::Null),
        ("user.info_changed", user, Value::Null),
        ("user.variables_changed", user, Value::Null),
        ("user.status_changed", user, changes.clone()),
        (
            "user.suspended",
            user,
            json!({ "changes": {
                "reason": { "before": null, "after": "on leave" },
                "role": { "before": "user", "after": "pending" },
            } }),
        ),
        ("user.resumed", user, json!({ "changes": { "role": { "before": "pending", "after": "user" } } })),
        ("user.invited", user, json!({ "expires_at": 1_700_604_800 })),
        ("user.invite_accepted", user, Value::Null),
        ("user.reset_link_made", user, json!({ "expires_at": 1_700_086_400 })),
        ("user.password_reset", user, Value::Null),
        ("user.confirm_link_made", user, json!({ "expires_at": 1_700_086_400 })),
        ("user.email_confirmed", user, Value::Null),
        ("user.sessions_ended", user, json!({ "kept": "s-1" })),
        ("group.created", group, changes.clone()),
        ("group.updated", group, changes),
        ("group.deleted", group, Value::Null),
        ("group.member_added", group, json!({ "users": ["u-1"] })),
        ("group.member_removed", group, json!({ "users": ["u-1", "u-2"] })),
        (
            "permissions.default_changed",
            Some("permissions"),
            json!({ "changes": { "chat.delete": { "before": true, "after": false } } }),
        ),
        (
            "config.changed",
            Some("config"),
            json!({ "changes": { "WEBUI_URL": { "before": "", "after": "x" } } }),
        ),
        ("session.started", user, session.clone()),
        ("sign_in.new", user, json!({ "method": "password" })),
        ("session.ended", user, session),
        ("sign_in.failed", user, Value::Null),
        ("sign_in.failed", None, Value::Null),
        ("setup.failed", None, Value::Null),
        ("api_key.created", user, json!({ "key": { "id": "k-1", "name": "job" } })),
        ("api_key.deleted", user, json!({ "keys": ["k-1"] })),
        ("oauth_session.deleted", user, json!({ "provider": "google" })),
        ("call.refused", Some("call"), Value::Null),
        ("audit.erased", user, Value::Null),
        (
            "webhook.created",
            Some("webhook"),
            json!({ "changes": { "url": { "before": null, "after": "https://example.com" } } }),
        ),
        ("webhook.updated", Some("webhook"), json!({ "changes": { "url": null } })),
        ("webhook.deleted", Some("webhook"), Value::Null),
        ("webhook.rotated", Some("webhook"), Value::Null),
        ("webhook.disabled", Some("webhook"), json!({ "reason": "gone" })),
        ("webhook.tested", Some("webhook"), json!({ "delivered": true })),
        (
            "scim.connection_created",
            Some("connection"),
            json!({ "changes": { "name": { "before": null, "after": "Entra ID" } } }),
        ),
        (
            "scim.connection_updated",
            Some("connection"),
            json!({ "changes": { "links_by_email": { "before": false, "after": true } } }),
        ),
        ("scim.connection_rotated", Some("connection"), Value::Null),
        ("scim.connection_deleted", Some("connection"), Value::Null),
        ("scim.user_linked", user, Value::Null),
        ("scim.user_hidden", user, Value::Null),
        ("scim.group_linked", group, Value::Null),
        ("scim.group_hidden", group, Value::Null),
        ("mail.retried", Some("mail"), Value::Null),
        ("mail.tested", Some("mail"), json!({ "sent": true })),
        ("webhook.retried", Some("webhook"), json!({ "delivery": "01977420-dc00-7000-8000-000000000001" })),
        ("database.restored", Some("database"), json!({ "backup": "rosterd.db" })),
        ("database.migrated", Some("database"), json!({ "from": "Open WebUI 0.12", "rows": { "user": 2 } })),
    ]
}

fn main() {
    let actors = [
        ("account", Some("u-9"), Some("session"), Some("s-9")),
        ("account", Some("u-9"), Some("api_key"), None),
        ("visitor", None, None, None),
        ("operator", None, None, None),
        ("job", Some("sessions"), None, None),
        ("scim", Some("c-1"), None, None),
    ];
    for (number, (action, subject, details)) in (1..).zip(events()) {
        for (kind, id, via, credential) in actors {
            let text = |text: Option<&str>| text.map(str::to_owned);
            let row = EventRow {
                id: format!("e-{number}"),
                at: 1_750_000_000_000 + number,
                action: action.to_owned(),
                actor_kind: kind.to_owned(),
                actor_id: text(id),
                actor_via: text(via),
                actor_credential: text(credential),
                client_ip: text(id.map(|_| "192.0.2.7")),
                request_id: text(id.map(|_| "r-1")),
                subject_kind: text(subject),
                subject_id: text(
                    subject.filter(|kind| !["config", "permissions"].contains(kind)).map(|_| "s-1"),
                ),
                subject_label: text(subject.filter(|kind| ["user", "group"].contains(kind)).map(|_| "Ada")),
                details: (!details.is_null()).then(|| details.to_string()),
                count: action.ends_with(".failed").then_some(3),
                salt: "salt".to_owned(),
                position: Some(number),
                seal: Some("0".repeat(64)),
                ..EventRow::default()
            };
            for row in [row.clone(), row.erased()] {
                println!("{}", to_ocsf(&row.into(), "1.0.0"));
            }
        }
    }
}
