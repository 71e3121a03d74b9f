//! Users, and what is about them: documents, permissions, sessions, suspension, deletion.

use serde_json::{Value, json};

use super::{SESSIONS, Step};

pub(super) fn calls() -> Vec<Step> {
    let none = || Value::Null;
    vec![
        ("getHealth", "", "", none()),
        ("getDatabaseHealth", "", "", none()),
        ("getVersion", "", "", none()),
        ("getBackendConfig", "alice", "", none()),
        ("updateUserSettings", "alice", "", json!({ "ui": { "theme": "dark" }, "lang": "de" })),
        ("getUserSettings", "alice", "", none()),
        (
            "updateUserStatus",
            "alice",
            "",
            json!({ "status_emoji": "🌴", "status_message": "On leave", "status_expires_at": 4_102_444_800_i64 }),
        ),
        ("getUserStatus", "alice", "", none()),
        ("updateUserInfo", "alice", "", json!({ "location": "52.52, 13.40 (lat, long)" })),
        ("getUserInfo", "alice", "", none()),
        ("updateUserVariables", "alice", "", json!({ "variables": { "city": "Bern" } })),
        ("getUserVariables", "alice", "", none()),
        ("getUserEvents", "alice", "?action=user.info_changed", none()),
        ("getAuditEvents", "ada", "?action=user.status_changed&limit=10", none()),
        ("getUserUsage", "alice", "?start_date=1699920000&end_date=1700006399", none()),
        ("getUserGroups", "alice", "", none()),
        ("getUserPermissions", "alice", "", none()),
        ("getUserDefaultPermissions", "ada", "", none()),
        ("getUserDefaultPermissionsDefaults", "ada", "", none()),
        (
            "updateUserDefaultPermissions",
            "ada",
            "",
            json!({
                "workspace": {}, "sharing": {}, "access_grants": {}, "chat": { "delete": false },
                "features": { "notes": true }, "settings": {},
            }),
        ),
        ("getUsers", "ada", "?query=alice&order_by=name&direction=asc&limit=1", none()),
        ("getAllUsers", "ada", "", none()),
        ("searchUsers", "bob", "?query=example.com&order_by=name&direction=asc&limit=2", none()),
        // A file with one line.
        (
            "importUsers",
            "ada",
            "?format=ndjson",
            json!({ "email": "pia@example.com", "name": "Pia", "role": "user", "groups": ["Engineering"] }),
        ),
        ("getUserById", "bob", "{user:alice}", none()),
        ("getUserInfoById", "bob", "{user:alice}", none()),
        ("getUserPreview", "ada", "{user:alice}", none()),
        ("getUserActiveStatusById", "bob", "{user:alice}", none()),
        ("getUserPermissionsById", "ada", "{user:alice}", none()),
        ("getUserOAuthSessionsById", "ada", "{user:bob}", none()),
        ("getUserGroupsById", "ada", "{user:alice}", none()),
        (
            "updateUserById",
            "ada",
            "{user:frank}",
            json!({
                "role": "user", "name": "Frank Ocean", "email": "frank@example.com",
                "profile_image_url": "/user.png", "password": "",
            }),
        ),
        ("getUserSessionsById", "ada", "{user:alice}", none()),
        ("getUserLastSignInById", "ada", "{user:bob}", none()),
        ("endUserSessionById", "ada", "{user:erin} 8d2e3f40-5b6c-4d7e-8f90-a1b2c3d4e5f6", none()),
        ("revokeUserSessions", "ada", "{user:ivan}", none()),
        (
            "changeManyUsers",
            "ada",
            "",
            json!({ "action": "set_role", "role": "user", "ids": ["{user:ivan}", "{user:ada}", "nobody"] }),
        ),
        (
            "suspendUserById",
            "ada",
            "{user:heidi}",
            json!({ "reason": "On leave", "until": 4_102_444_800_i64 }),
        ),
        ("resumeUserById", "ada", "{user:heidi}", none()),
        ("getUserDeletion", "ada", "{user:grace}", none()),
        ("deleteUserById", "ada", "{user:grace}", none()),
        ("listDeletedUsers", "ada", "", none()),
        ("restoreUserById", "ada", "{user:grace}", none()),
        ("deleteUserById", "ada", "{user:grace}", none()),
        ("purgeUserById", "ada", "{user:grace}", none()),
    ]
}

/// Sessions of one's own.
pub(super) fn sessions() -> Vec<Step> {
    vec![
        ("getSessions", "alice", "", Value::Null),
        ("getLastSignIn", "alice", "", Value::Null),
        ("endSession", "alice", SESSIONS[0].1, Value::Null),
        ("endOtherSessions", "bob", "", Value::Null),
    ]
}
