//! Accounts, their keys, configuration, groups, and links.

use serde_json::{Value, json};

use super::{NEW_PASSWORD, Step};

pub(super) fn calls() -> Vec<Step> {
    let none = || Value::Null;
    vec![
        ("getSessionUser", "alice", "", none()),
        ("userSignIn", "", "", json!({ "email": "bob@example.com", "password": "{password}" })),
        (
            "updateAdminConfig",
            "ada",
            "",
            json!({
                "SHOW_ADMIN_DETAILS": true, "ADMIN_EMAIL": null, "WEBUI_URL": "https://chat.example.com",
                "ENABLE_SIGNUP": true, "ENABLE_LOGIN_FORM": true, "ENABLE_API_KEYS": true,
                "ENABLE_API_KEYS_ENDPOINT_RESTRICTIONS": false, "API_KEYS_ALLOWED_ENDPOINTS": "",
                "DEFAULT_USER_ROLE": "pending", "DEFAULT_GROUP_ID": "", "DEFAULT_INTERFACE_SETTINGS": {},
                "I18N": { "de-DE": { "Hello {{Name}}": "Hallo {{Name}}" } }, "JWT_EXPIRES_IN": "4w",
                "ENABLE_COMMUNITY_SHARING": true, "ENABLE_MESSAGE_RATING": true, "ENABLE_FOLDERS": true,
                "FOLDER_MAX_FILE_COUNT": "", "AUTOMATION_MAX_COUNT": "", "AUTOMATION_MIN_INTERVAL": "",
                "ENABLE_AUTOMATIONS": true, "ENABLE_CHANNELS": false, "ENABLE_ENCRYPTED_CHANNELS": false,
                "ENABLE_APPS": false, "CHANNEL_MODEL_RESPONSE_MODE": "thread", "ENABLE_CALENDAR": true,
                "ENABLE_MEMORIES": true, "ENABLE_MEMORY_SYSTEM_CONTEXT": true,
                "ENABLE_SKILL_LAZY_LOADING": false, "SKILL_CONTENT_MAX_CHARS": null,
                "SKILL_PREVIEW_MAX_CHARS": null, "ENABLE_NOTES": true, "ENABLE_USER_WEBHOOKS": false,
                "ENABLE_USER_STATUS": true, "PENDING_USER_OVERLAY_TITLE": "",
                "PENDING_USER_OVERLAY_CONTENT": "", "RESPONSE_WATERMARK": "",
            }),
        ),
        ("getAdminConfig", "ada", "", none()),
        (
            "userSignUp",
            "",
            "",
            json!({ "name": "Nina", "email": "nina@example.com", "password": "correct horse battery" }),
        ),
        (
            "addUser",
            "ada",
            "",
            json!({ "name": "Otto", "email": "otto@example.com", "password": "correct horse battery", "role": "user" }),
        ),
        (
            "updateUserProfile",
            "bob",
            "",
            json!({ "name": "Bob", "profile_image_url": "/user.png", "bio": "Hi", "date_of_birth": "1990-02-28" }),
        ),
        ("createAPIKey", "alice", "", none()),
        ("getAPIKey", "alice", "", none()),
        ("deleteAPIKey", "alice", "", none()),
        (
            "createNamedAPIKey",
            "ada",
            "",
            json!({
                "name": "Nightly backup", "expires_in": "30d", "read_only": true,
                "allowed_paths": ["/api/v1/users"],
            }),
        ),
        ("listAPIKeys", "ada", "", none()),
        ("deleteAPIKeyById", "ada", "{key}", none()),
        ("createAPIKey", "alice", "", none()),
        ("listUserAPIKeys", "ada", "{user:alice}", none()),
        ("deleteUserAPIKey", "ada", "{user:alice} key_{user:alice}", none()),
        ("deleteUserAPIKeys", "ada", "{user:alice}", none()),
        ("getAdminDetails", "bob", "", none()),
        ("updateUserTimezone", "bob", "", json!({ "timezone": "Europe/Bern" })),
        ("getMfaStatus", "alice", "", none()),
        ("deleteOAuthSessions", "bob", "google", none()),
        ("getLdapConfig", "ada", "", none()),
        ("updateLdapConfig", "ada", "", json!({ "enable_ldap": false })),
        ("getLdapServer", "ada", "", none()),
        ("getOAuthConfig", "ada", "", none()),
        ("userSignOut", "heidi", "", none()),
        ("userSignOutByGet", "", "", none()),
        (
            "createNewGroup",
            "ada",
            "",
            json!({ "name": "Operations", "description": "Keeps it running", "permissions": { "workspace": { "tools": true } } }),
        ),
        ("addUserToGroup", "ada", "{group}", json!({ "user_ids": ["{user:bob}", "{user:erin}"] })),
        ("getGroups", "bob", "", none()),
        ("getGroupById", "ada", "{group}", none()),
        ("getGroupInfoById", "bob", "{group}", none()),
        ("getGroupMembers", "ada", "{group}", none()),
        ("getGroupPreview", "ada", "{group}", none()),
        ("exportGroupById", "ada", "{group}", none()),
        ("getUsersInGroup", "ada", "{group}", none()),
        ("removeUserFromGroup", "ada", "{group}", json!({ "user_ids": ["{user:erin}"] })),
        (
            "updateGroupById",
            "ada",
            "{group}",
            json!({ "name": "Operations", "description": "Day and night" }),
        ),
        ("deleteGroupById", "ada", "{group}", none()),
        // All sessions of bob end.
        ("updateUserPassword", "bob", "", json!({ "password": "{password}", "new_password": NEW_PASSWORD })),
        // What ada could do as the primary admin comes before this.
        ("makeUserPrimary", "ada", "{user:ben}", json!({ "password": "{password}" })),
    ]
}

/// After the URL of the front end is set. `{link}` is the token of the last link.
pub(super) fn links() -> Vec<Step> {
    vec![
        (
            "inviteUser",
            "ada",
            "",
            json!({ "email": "pat@example.com", "name": "Pat", "role": "user", "expires_in": 172_800 }),
        ),
        ("showLink", "", "", json!({ "token": "{link}" })),
        (
            "acceptInvite",
            "",
            "",
            json!({ "token": "{link}", "password": "correct horse battery", "name": "Patricia" }),
        ),
        ("createUserPasswordLink", "ada", "{user:erin}", json!({})),
        ("resetPassword", "", "", json!({ "token": "{link}", "password": NEW_PASSWORD })),
        ("forgotPassword", "", "", json!({ "email": "erin@example.com" })),
        ("confirmEmail", "", "", json!({ "token": "{link}" })),
        ("resendEmailConfirmation", "niaj", "", Value::Null),
    ]
}
