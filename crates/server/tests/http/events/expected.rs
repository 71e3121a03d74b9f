//! The events of each endpoint that changes something.

use std::collections::BTreeMap;

use rosterd_domain::permissions::OPEN_WEBUI_0_12;
use rosterd_testkit::PASSWORD;
use serde_json::{Value, json};

use crate::support::whole_config;

/// An endpoint, what it is sent in the test, and the events that it tells, in their order.
type Row = ((&'static str, &'static str), Value, Vec<&'static str>);

/// All of them, by endpoint.
pub(super) fn expected() -> BTreeMap<(&'static str, &'static str), (Value, Vec<&'static str>)> {
    let rows = users().into_iter().chain(accounts()).chain(links()).chain(groups_and_webhooks());
    rows.map(|(endpoint, body, events)| (endpoint, (body, events))).collect()
}

fn users() -> Vec<Row> {
    let permissions = serde_json::to_value(OPEN_WEBUI_0_12.builtin()).unwrap();
    let mut changed = permissions.clone();
    changed["chat"]["delete"] = json!(!permissions["chat"]["delete"].as_bool().unwrap());
    vec![
        (("POST", "/users/default/permissions"), changed, vec!["permissions.default_changed"]),
        (("POST", "/users/user/settings/update"), json!({ "theme": "dark" }), vec!["user.settings_changed"]),
        (
            ("POST", "/users/user/status/update"),
            json!({ "status_message": "away" }),
            vec!["user.status_changed"],
        ),
        (("POST", "/users/user/info/update"), json!({ "place": "kitchen" }), vec!["user.info_changed"]),
        (
            ("POST", "/users/user/variables/update"),
            json!({ "variables": { "city": "Bern" } }),
            vec!["user.variables_changed"],
        ),
        (("POST", "/users/import"), json!({ "email": "imported@example.com" }), vec!["user.created"]),
        (("POST", "/users/{id}/sessions/revoke"), Value::Null, vec!["user.sessions_ended"]),
        (("DELETE", "/users/{id}/sessions/{session_id}"), Value::Null, vec!["session.ended"]),
        (("DELETE", "/auths/sessions"), Value::Null, vec!["user.sessions_ended"]),
        (("DELETE", "/auths/sessions/{id}"), Value::Null, vec!["session.ended"]),
        (
            ("POST", "/users/{id}/update"),
            json!({ "name": "Renamed", "email": "bob@example.com", "role": "pending", "profile_image_url": "/user.png", "password": PASSWORD }),
            vec!["user.role_changed", "user.updated", "user.password_changed"],
        ),
        (
            ("POST", "/users/{id}/suspend"),
            json!({ "reason": "on leave" }),
            vec!["user.suspended", "user.sessions_ended"],
        ),
        (("POST", "/users/{id}/resume"), Value::Null, vec!["user.resumed"]),
        (("POST", "/users/{id}/make-primary"), json!({ "password": PASSWORD }), vec!["user.primary_changed"]),
        (("DELETE", "/users/{id}"), Value::Null, vec!["user.deleted"]),
        (("POST", "/users/deleted/{id}/restore"), Value::Null, vec!["user.restored"]),
        (("DELETE", "/users/deleted/{id}"), Value::Null, vec!["user.purged"]),
        (
            ("POST", "/users/bulk"),
            json!({ "action": "set_role", "role": "admin", "ids": ["{bob}"] }),
            vec!["user.role_changed"],
        ),
    ]
}

fn accounts() -> Vec<Row> {
    let account = |email: &str| json!({ "name": "New", "email": email, "password": PASSWORD });
    let config = whole_config(json!({
        "WEBUI_URL": "https://x.example", "DEFAULT_INTERFACE_SETTINGS": { "theme": "dark" },
    }));
    vec![
        (("POST", "/auths/signup"), account("up@example.com"), vec!["user.created", "session.started"]),
        (
            ("POST", "/auths/signin"),
            json!({ "email": "bob@example.com", "password": PASSWORD }),
            vec!["sign_in.new", "session.started"],
        ),
        (("POST", "/auths/signout"), Value::Null, vec!["session.ended"]),
        (("GET", "/auths/signout"), Value::Null, vec!["session.ended"]),
        (("POST", "/auths/update/timezone"), json!({ "timezone": "Europe/Bern" }), vec!["user.updated"]),
        (("DELETE", "/auths/oauth/sessions/{provider:.*}"), Value::Null, vec!["oauth_session.deleted"]),
        (("POST", "/auths/add"), account("added@example.com"), vec!["user.created", "session.started"]),
        (
            ("POST", "/auths/update/profile"),
            json!({ "name": "Self", "profile_image_url": "/user.png" }),
            vec!["user.updated"],
        ),
        (
            ("POST", "/auths/update/password"),
            json!({ "password": PASSWORD, "new_password": "another-long-password" }),
            vec!["user.password_changed"],
        ),
        (("POST", "/auths/api_key"), Value::Null, vec!["api_key.created"]),
        (("DELETE", "/auths/api_key"), Value::Null, vec!["api_key.deleted"]),
        (
            ("POST", "/auths/api_keys"),
            json!({ "name": "job", "read_only": true, "allowed_paths": ["/health"] }),
            vec!["api_key.created"],
        ),
        (("DELETE", "/auths/api_keys/{id}"), Value::Null, vec!["api_key.deleted"]),
        (("DELETE", "/users/{id}/api_keys/{key_id}"), Value::Null, vec!["api_key.deleted"]),
        (("DELETE", "/users/{id}/api_keys"), Value::Null, vec!["api_key.deleted"]),
        (("POST", "/auths/admin/config"), config, vec!["config.changed"]),
    ]
}

/// `{token}` stands for the token of a link that the call uses.
fn links() -> Vec<Row> {
    vec![
        (
            ("POST", "/users/invite"),
            json!({ "email": "invited@example.com", "name": "Invited" }),
            vec!["user.created", "user.invited"],
        ),
        (("POST", "/users/{id}/password/link"), json!({}), vec!["user.reset_link_made"]),
        (
            ("POST", "/auths/invite/accept"),
            json!({ "token": "{token}", "password": PASSWORD }),
            vec!["user.invite_accepted", "user.password_changed", "session.started"],
        ),
        (
            ("POST", "/auths/password/reset"),
            json!({ "token": "{token}", "password": PASSWORD }),
            vec!["user.password_reset", "user.password_changed"],
        ),
        (
            ("POST", "/auths/email/confirm"),
            json!({ "token": "{token}" }),
            vec!["user.email_confirmed", "user.role_changed"],
        ),
        (("POST", "/auths/email/confirm/resend"), Value::Null, vec!["user.confirm_link_made"]),
        // Nobody is told who asked.
        (("POST", "/auths/password/forgot"), json!({ "email": "bob@example.com" }), vec![]),
    ]
}

fn groups_and_webhooks() -> Vec<Row> {
    let group = json!({ "name": "renamed", "description": "other words" });
    vec![
        (("POST", "/groups/create"), json!({ "name": "fresh", "description": "" }), vec!["group.created"]),
        (("POST", "/groups/id/{id}/update"), group, vec!["group.updated"]),
        (("POST", "/groups/id/{id}/users/add"), json!({ "user_ids": ["{bob}"] }), vec!["group.member_added"]),
        (
            ("POST", "/groups/id/{id}/users/remove"),
            json!({ "user_ids": ["{carol}"] }),
            vec!["group.member_removed"],
        ),
        (("DELETE", "/groups/id/{id}/delete"), Value::Null, vec!["group.deleted"]),
        (
            ("POST", "/webhooks"),
            json!({ "url": "https://hooks.example/sk-path?key=sk-query", "events": ["*"] }),
            vec!["webhook.created"],
        ),
        (
            ("POST", "/webhooks/{id}/update"),
            json!({ "url": "https://other.example/sk-path", "enabled": false }),
            vec!["webhook.updated"],
        ),
        (("DELETE", "/webhooks/{id}"), Value::Null, vec!["webhook.deleted"]),
        (("POST", "/webhooks/{id}/rotate"), json!({}), vec!["webhook.rotated"]),
        (("POST", "/webhooks/{id}/test"), Value::Null, vec!["webhook.tested"]),
        (("POST", "/webhooks/{id}/deliveries/{delivery_id}/retry"), Value::Null, vec!["webhook.retried"]),
        (("POST", "/scim/connections"), json!({ "name": "Okta" }), vec!["scim.connection_created"]),
        (
            ("POST", "/scim/connections/{id}/update"),
            json!({ "links_by_email": true }),
            vec!["scim.connection_updated"],
        ),
        (("DELETE", "/scim/connections/{id}"), Value::Null, vec!["scim.connection_deleted"]),
        (("POST", "/scim/connections/{id}/rotate"), json!({}), vec!["scim.connection_rotated"]),
        (("POST", "/mail/test"), Value::Null, vec!["mail.tested"]),
        (("POST", "/mail/{id}/retry"), Value::Null, vec!["mail.retried"]),
    ]
}
