//! The table of endpoints: a row for each.

use rosterd_testkit::{Method, PASSWORD};
use serde_json::{Value, json};

use crate::support::{empty_template, form, whole_config};

/// Whom an endpoint is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum For {
    /// Anybody, credentials or not.
    Anyone,
    /// Any account, pending ones too.
    Account,
    /// Users and admins.
    Verified,
    /// Admins.
    Admin,
    /// Connections by SCIM, and no account.
    Connection,
}

/// One endpoint: `{id}` in the path stands for a fresh user, `{group}` for a fresh group.
pub(super) struct Row {
    pub(super) method: Method,
    pub(super) path: &'static str,
    pub(super) whom: For,
    /// The status for those it is for.
    pub(super) status: u16,
    pub(super) body: Value,
}

fn row(line: &'static str, whom: For, status: u16, body: Value) -> Row {
    let (method, path) = line.split_once(' ').unwrap();
    Row { method: method.parse().unwrap(), path, whom, status, body }
}

/// The whole table. Bodies are right, so that nothing but the caller decides.
pub(super) fn table() -> Vec<Row> {
    [users(), accounts(), groups(), webhooks(), connections(), scim(), mail()].into_iter().flatten().collect()
}

fn users() -> Vec<Row> {
    let none = || Value::Null;
    vec![
        row("GET /api/v1/users/user/settings", For::Verified, 200, none()),
        row("POST /api/v1/users/user/settings/update", For::Verified, 200, json!({ "ui": {} })),
        row("GET /api/v1/users/user/status", For::Verified, 200, none()),
        row("POST /api/v1/users/user/status/update", For::Verified, 200, json!({})),
        row("GET /api/v1/users/user/info", For::Verified, 200, none()),
        row("POST /api/v1/users/user/info/update", For::Verified, 200, json!({})),
        row("GET /api/v1/users/user/events", For::Account, 200, none()),
        row("GET /api/v1/audit", For::Admin, 200, none()),
        row("GET /api/v1/audit/stream", For::Admin, 200, none()),
        row("GET /api/v1/users/user/variables", For::Verified, 200, none()),
        row("POST /api/v1/users/user/variables/update", For::Verified, 200, json!({})),
        row("GET /api/v1/users/usage", For::Verified, 200, none()),
        row("GET /api/v1/users/groups", For::Verified, 200, none()),
        row("GET /api/v1/users/permissions", For::Verified, 200, none()),
        row("GET /api/v1/users/search", For::Verified, 200, none()),
        row("GET /api/v1/users", For::Admin, 200, none()),
        row("GET /api/v1/users/", For::Admin, 200, none()),
        row("GET /api/v1/users/export", For::Admin, 200, none()),
        row("POST /api/v1/users/import", For::Admin, 200, json!({ "email": "a{id}@rosterd.test" })),
        row("GET /api/v1/users/all", For::Admin, 200, none()),
        row("GET /api/v1/users/default/permissions", For::Admin, 200, none()),
        row("GET /api/v1/users/default/permissions/defaults", For::Admin, 200, none()),
        row("POST /api/v1/users/default/permissions", For::Admin, 200, empty_template()),
        row("POST /api/v1/users/bulk", For::Admin, 200, json!({ "action": "revoke", "ids": ["{id}"] })),
        row("GET /api/v1/users/{id}", For::Verified, 200, none()),
        row("GET /api/v1/users/{id}/info", For::Verified, 200, none()),
        row("GET /api/v1/users/{id}/preview", For::Admin, 200, none()),
        row("GET /api/v1/users/{id}/permissions", For::Admin, 200, none()),
        // They are not the primary admin.
        row("POST /api/v1/users/{id}/make-primary", For::Admin, 403, json!({ "password": PASSWORD })),
        row("GET /api/v1/users/{id}/sessions", For::Admin, 200, none()),
        row("GET /api/v1/users/{id}/last_sign_in", For::Admin, 200, none()),
        row("POST /api/v1/users/{id}/sessions/revoke", For::Admin, 200, none()),
        row("GET /api/v1/users/{id}/api_keys", For::Admin, 200, none()),
        row("DELETE /api/v1/users/{id}/api_keys", For::Admin, 200, none()),
        row("DELETE /api/v1/users/{id}/api_keys/{key_id}", For::Admin, 404, none()),
        // A session that nobody has.
        row("DELETE /api/v1/users/{id}/sessions/{session_id}", For::Admin, 404, none()),
        row("GET /api/v1/users/{id}/active", For::Verified, 200, none()),
        row("GET /api/v1/users/{id}/profile/image", For::Verified, 200, none()),
        row("GET /api/v1/users/{id}/oauth/sessions", For::Admin, 400, none()),
        row("GET /api/v1/users/{id}/groups", For::Admin, 200, none()),
        row("POST /api/v1/users/{id}/update", For::Admin, 200, form("x", "{id}@rosterd.test", json!({}))),
        row(
            "POST /api/v1/users/invite",
            For::Admin,
            200,
            json!({ "email": "i{id}@rosterd.test", "name": "i" }),
        ),
        row("POST /api/v1/users/{id}/password/link", For::Admin, 200, json!({})),
        row("POST /api/v1/users/{id}/suspend", For::Admin, 200, json!({})),
        row("POST /api/v1/users/{id}/resume", For::Admin, 200, none()),
        row("GET /api/v1/users/{id}/deletion", For::Admin, 200, none()),
        row("DELETE /api/v1/users/{id}", For::Admin, 200, none()),
        row("GET /api/v1/users/deleted", For::Admin, 200, none()),
        // Nobody who was deleted.
        row("POST /api/v1/users/deleted/{id}/restore", For::Admin, 404, none()),
        row("DELETE /api/v1/users/deleted/{id}", For::Admin, 404, none()),
    ]
}

fn accounts() -> Vec<Row> {
    let sign_in = json!({ "email": "signer@rosterd.test", "password": PASSWORD });
    let stranger = json!({ "name": "s", "email": "stranger@rosterd.test", "password": PASSWORD });
    let added = json!({ "name": "a", "email": "a{id}@rosterd.test", "password": PASSWORD, "role": "user" });
    let profile = json!({ "name": "same", "profile_image_url": "/user.png" });
    let password = json!({ "password": "not theirs", "new_password": PASSWORD });
    let none = || Value::Null;
    vec![
        row("GET /api/v1/auths", For::Account, 200, none()),
        row("GET /api/v1/auths/", For::Account, 200, none()),
        row("POST /api/v1/auths/signin", For::Anyone, 200, sign_in),
        // Sign-up is closed here, for everybody alike.
        row("POST /api/v1/auths/signup", For::Anyone, 403, stranger),
        row("POST /api/v1/auths/signout", For::Anyone, 200, none()),
        row("GET /api/v1/auths/signout", For::Anyone, 200, none()),
        // A link that nobody made.
        row("POST /api/v1/auths/link", For::Anyone, 400, json!({ "token": "rl_none" })),
        row(
            "POST /api/v1/auths/invite/accept",
            For::Anyone,
            400,
            json!({ "token": "rl_none", "password": PASSWORD }),
        ),
        row(
            "POST /api/v1/auths/password/reset",
            For::Anyone,
            400,
            json!({ "token": "rl_none", "password": PASSWORD }),
        ),
        // Mail is not set up.
        row("POST /api/v1/auths/password/forgot", For::Anyone, 403, json!({ "email": "x@rosterd.test" })),
        row("POST /api/v1/auths/email/confirm", For::Anyone, 400, json!({ "token": "rl_none" })),
        // They wait for nothing.
        row("POST /api/v1/auths/email/confirm/resend", For::Account, 409, none()),
        row("POST /api/v1/auths/add", For::Admin, 200, added),
        row("POST /api/v1/auths/update/profile", For::Verified, 200, profile),
        row("POST /api/v1/auths/update/timezone", For::Account, 200, json!({ "timezone": "UTC" })),
        // The password that is not theirs: a right one would end their sessions.
        row("POST /api/v1/auths/update/password", For::Account, 400, password),
        row("GET /api/v1/auths/sessions", For::Account, 200, none()),
        row("GET /api/v1/auths/last_sign_in", For::Account, 200, none()),
        row("DELETE /api/v1/auths/sessions", For::Account, 200, none()),
        row("DELETE /api/v1/auths/sessions/{id}", For::Account, 404, none()),
        row("GET /api/v1/auths/api_key", For::Account, 200, none()),
        row("POST /api/v1/auths/api_key", For::Account, 200, none()),
        row("DELETE /api/v1/auths/api_key", For::Account, 200, none()),
        row("GET /api/v1/auths/api_keys", For::Account, 200, none()),
        row("POST /api/v1/auths/api_keys", For::Account, 200, json!({ "name": "n", "expires_in": "1h" })),
        row("DELETE /api/v1/auths/api_keys/{id}", For::Account, 404, none()),
        row("GET /api/v1/auths/mfa/status", For::Account, 200, none()),
        row("DELETE /api/v1/auths/oauth/sessions/{provider:.*}", For::Verified, 404, none()),
        row("GET /api/v1/auths/admin/config/ldap", For::Admin, 200, none()),
        row("POST /api/v1/auths/admin/config/ldap", For::Admin, 200, json!({ "enable_ldap": false })),
        row("GET /api/v1/auths/admin/config/ldap/server", For::Admin, 200, none()),
        row("GET /api/v1/auths/admin/config/oauth", For::Admin, 200, none()),
        row("GET /api/v1/auths/admin/details", For::Account, 200, none()),
        row("GET /api/v1/auths/admin/config", For::Admin, 200, none()),
        row("POST /api/v1/auths/admin/config", For::Admin, 200, whole_config(json!({}))),
    ]
}

/// Webhooks that are not there, but for the two that name none.
fn webhooks() -> Vec<Row> {
    let webhook = json!({ "url": "https://hooks.example/rosterd", "events": ["user.*"] });
    let none = || Value::Null;
    vec![
        row("GET /api/v1/webhooks", For::Admin, 200, none()),
        row("POST /api/v1/webhooks", For::Admin, 200, webhook),
        row("GET /api/v1/webhooks/{id}", For::Admin, 404, none()),
        row("POST /api/v1/webhooks/{id}/update", For::Admin, 404, json!({ "enabled": false })),
        row("DELETE /api/v1/webhooks/{id}", For::Admin, 404, none()),
        row("POST /api/v1/webhooks/{id}/rotate", For::Admin, 404, json!({})),
        row("POST /api/v1/webhooks/{id}/test", For::Admin, 404, none()),
        row("GET /api/v1/webhooks/{id}/deliveries", For::Admin, 404, none()),
        row("POST /api/v1/webhooks/{id}/deliveries/{delivery_id}/retry", For::Admin, 404, none()),
    ]
}

fn connections() -> Vec<Row> {
    let none = || Value::Null;
    vec![
        row("GET /api/v1/scim/connections", For::Admin, 200, none()),
        row("POST /api/v1/scim/connections", For::Admin, 200, json!({ "name": "{id}" })),
        row("GET /api/v1/scim/connections/{id}", For::Admin, 404, none()),
        row("POST /api/v1/scim/connections/{id}/update", For::Admin, 404, json!({ "takes_passwords": true })),
        row("DELETE /api/v1/scim/connections/{id}", For::Admin, 404, none()),
        row("POST /api/v1/scim/connections/{id}/rotate", For::Admin, 404, json!({})),
        row("GET /api/v1/scim/connections/{id}/linkable", For::Admin, 404, none()),
    ]
}

/// What connections ask, each in its two spellings.
fn scim() -> Vec<Row> {
    let none = || Value::Null;
    let active = json!({ "Operations": [{ "op": "replace", "path": "active", "value": true }] });
    let no_id = json!({ "Operations": [{ "op": "remove", "path": "externalId" }] });
    let mut rows = Vec::new();
    for (plain, below_api, status, body) in [
        ("GET /scim/v2/ServiceProviderConfig", "GET /api/v1/scim/v2/ServiceProviderConfig", 200, none()),
        ("GET /scim/v2/ResourceTypes", "GET /api/v1/scim/v2/ResourceTypes", 200, none()),
        ("GET /scim/v2/ResourceTypes/{id}", "GET /api/v1/scim/v2/ResourceTypes/{id}", 404, none()),
        ("GET /scim/v2/Schemas", "GET /api/v1/scim/v2/Schemas", 200, none()),
        ("GET /scim/v2/Schemas/{id}", "GET /api/v1/scim/v2/Schemas/{id}", 404, none()),
        ("POST /scim/v2/.search", "POST /api/v1/scim/v2/.search", 200, json!({})),
        ("GET /scim/v2/Users", "GET /api/v1/scim/v2/Users", 200, none()),
        // Without a name there is no user.
        ("POST /scim/v2/Users", "POST /api/v1/scim/v2/Users", 400, json!({})),
        ("POST /scim/v2/Users/.search", "POST /api/v1/scim/v2/Users/.search", 200, json!({})),
        ("GET /scim/v2/Users/{id}", "GET /api/v1/scim/v2/Users/{id}", 404, none()),
        (
            "PUT /scim/v2/Users/{id}",
            "PUT /api/v1/scim/v2/Users/{id}",
            404,
            json!({ "userName": "x@example.com" }),
        ),
        ("PATCH /scim/v2/Users/{id}", "PATCH /api/v1/scim/v2/Users/{id}", 404, active.clone()),
        ("DELETE /scim/v2/Users/{id}", "DELETE /api/v1/scim/v2/Users/{id}", 404, none()),
        ("GET /scim/v2/Groups", "GET /api/v1/scim/v2/Groups", 200, none()),
        ("POST /scim/v2/Groups", "POST /api/v1/scim/v2/Groups", 400, json!({})),
        ("POST /scim/v2/Groups/.search", "POST /api/v1/scim/v2/Groups/.search", 200, json!({})),
        ("GET /scim/v2/Groups/{id}", "GET /api/v1/scim/v2/Groups/{id}", 404, none()),
        ("PUT /scim/v2/Groups/{id}", "PUT /api/v1/scim/v2/Groups/{id}", 404, json!({ "displayName": "g" })),
        ("PATCH /scim/v2/Groups/{id}", "PATCH /api/v1/scim/v2/Groups/{id}", 404, no_id.clone()),
        ("DELETE /scim/v2/Groups/{id}", "DELETE /api/v1/scim/v2/Groups/{id}", 404, none()),
    ] {
        rows.push(row(plain, For::Connection, status, body.clone()));
        rows.push(row(below_api, For::Connection, status, body));
    }
    rows
}

/// Mail is not set up.
fn mail() -> Vec<Row> {
    vec![
        row("GET /api/v1/mail", For::Admin, 200, Value::Null),
        row("POST /api/v1/mail/test", For::Admin, 409, Value::Null),
        row("POST /api/v1/mail/{id}/retry", For::Admin, 409, Value::Null),
    ]
}

fn groups() -> Vec<Row> {
    let group = json!({ "name": "g", "description": "" });
    let members = json!({ "user_ids": ["{id}"] });
    let none = || Value::Null;
    vec![
        row("GET /api/v1/groups", For::Verified, 200, none()),
        row("GET /api/v1/groups/", For::Verified, 200, none()),
        row("POST /api/v1/groups/create", For::Admin, 200, group.clone()),
        row("GET /api/v1/groups/id/{group}", For::Admin, 200, none()),
        row("GET /api/v1/groups/id/{group}/info", For::Verified, 200, none()),
        row("GET /api/v1/groups/id/{group}/members", For::Admin, 200, none()),
        row("GET /api/v1/groups/id/{group}/preview", For::Admin, 200, none()),
        row("GET /api/v1/groups/id/{group}/export", For::Admin, 200, none()),
        row("POST /api/v1/groups/id/{group}/users", For::Admin, 200, none()),
        row("POST /api/v1/groups/id/{group}/update", For::Admin, 200, group),
        row("POST /api/v1/groups/id/{group}/users/add", For::Admin, 200, members.clone()),
        row("POST /api/v1/groups/id/{group}/users/remove", For::Admin, 200, members),
        row("DELETE /api/v1/groups/id/{group}/delete", For::Admin, 200, none()),
        row("GET /api/config", For::Anyone, 200, none()),
        row("GET /api/version", For::Anyone, 200, none()),
        row("GET /health", For::Anyone, 200, none()),
        row("GET /health/db", For::Anyone, 200, none()),
        // Not configured in these tests; its token is none of an account.
        row("GET /metrics", For::Anyone, 404, none()),
    ]
}
