//! The examples of the document are what a server with the recorded roster answers. The scenario is played from top
//! to bottom on one server, whose clock stands still.

mod mails;
mod names;

use std::collections::BTreeMap;
use std::path::Path;

use rosterd_app::{audit, webhooks};
use rosterd_domain::ids::SessionId;
use rosterd_domain::session::{SessionMethod, SessionRow};
use rosterd_testkit::{Caller, DbKind, Method, Reply, TestDb, TestServer, run, token};
use serde_json::{Map, Value, json};

use crate::spec::spec;
use names::Names;

/// Set to write the answers down instead of comparing them.
const RENEW: &str = "ROSTERD_RENEW_EXAMPLES";

/// What bob changes his password to.
const NEW_PASSWORD: &str = "another horse battery";

/// Operations whose answers are no JSON.
const NO_JSON: [&str; 4] = ["getUserProfileImageById", "getMetrics", "streamAuditEvents", "exportUsers"];

/// Operation, caller, query string, body. `{user:…}` and `{group:…}` are recorded ids, `{group}` the last one made.
type Step = (&'static str, &'static str, &'static str, Value);

/// Sessions that are open at the beginning: whose, and the id.
const SESSIONS: [(&str, &str); 2] =
    [("alice", "7c1d2e3f-4a5b-4c6d-8e7f-9a0b1c2d3e4f"), ("erin", "8d2e3f40-5b6c-4d7e-8f90-a1b2c3d4e5f6")];

fn scenario() -> Vec<Step> {
    let others = webhook_calls()
        .into_iter()
        .chain(mails::calls())
        .chain(accounts_and_groups())
        .chain(links())
        .chain(connections());
    users().into_iter().chain(sessions()).chain(others).collect()
}

fn users() -> Vec<Step> {
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

fn sessions() -> Vec<Step> {
    vec![
        ("getSessions", "alice", "", Value::Null),
        ("getLastSignIn", "alice", "", Value::Null),
        ("endSession", "alice", SESSIONS[0].1, Value::Null),
        ("endOtherSessions", "bob", "", Value::Null),
    ]
}

fn webhook_calls() -> Vec<Step> {
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

fn connections() -> Vec<Step> {
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

fn accounts_and_groups() -> Vec<Step> {
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
fn links() -> Vec<Step> {
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

#[test]
fn examples_are_real_answers() {
    let played = run::block_on(play());
    // What identity providers ask is answered in a media type of its own.
    let is_json = |id: &str, access: &Value| !NO_JSON.contains(&id) && access != "connection";
    let described = spec().operations().filter(|it| is_json(it.id(), &it.value["x-access"])).count();
    assert_eq!(played.len(), described, "an operation has no example");
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/openapi/examples.json");
    let mut text = serde_json::to_string_pretty(&Value::Object(played)).unwrap();
    text.push('\n');
    if std::env::var_os(RENEW).is_some() {
        std::fs::write(&file, text).unwrap();
    } else {
        let kept = std::fs::read_to_string(&file).unwrap();
        assert!(
            kept == text,
            "the answers are no longer those of the examples; renew them:\n    {RENEW}=1 cargo test --package \
             rosterd-api --test openapi examples"
        );
    }
}

async fn play() -> Map<String, Value> {
    let server = TestServer::start(TestDb::fresh(DbKind::WebUi012Sqlite)).await;
    // With rosterd's tables, without which some calls are refused.
    server.store().adopt_apply().await.unwrap();
    let server = mails::set_up(&server).await;
    for (owner, id) in SESSIONS {
        begin_session(&server, owner, id).await;
    }
    let mut names = Names::default();
    let mut examples = BTreeMap::new();
    for (id, caller, target, body) in scenario() {
        let operation = spec().by_id(id);
        let target = names.fill(target);
        let place = operation.path.split_once("{id}").or_else(|| operation.path.split_once("{provider}"));
        // After a space: the second id of the path.
        let (target, second) = target.split_once(' ').unwrap_or((&target, ""));
        let path = match place {
            Some((before, after)) => {
                let after = match after.split_once('{') {
                    Some((rest, end)) => {
                        let end = end.split_once('}').map_or("", |(_name, end)| end);
                        format!("{rest}{second}{end}")
                    }
                    None => after.to_owned(),
                };
                format!("{before}{target}{after}")
            }
            None => format!("{}{target}", operation.path),
        };
        if ["createWebhook", "listWebhookDeliveries"].contains(&id) {
            // What happened before a webhook is made is none of its business, and what happened since is.
            audit::seal(server.app()).await.unwrap();
            webhooks::deliver(server.app()).await.unwrap();
        }
        match id {
            "confirmEmail" => names.link = mails::wait(&server, "judy").await,
            "resendEmailConfirmation" => drop(mails::wait(&server, "niaj").await),
            _ => {}
        }
        let caller = match caller {
            "" => server.anonymous(),
            _ if id == "getSessions" => by_session(&server, SESSIONS[0]),
            _ => server.recorded(caller),
        };
        let method = Method::from_bytes(operation.method.to_uppercase().as_bytes()).unwrap();
        let request = caller.request(method, &path);
        let body = (!body.is_null()).then(|| serde_json::from_str(&names.fill(&body.to_string())).unwrap());
        let reply = match &body {
            None => request.send().await,
            Some::<Value>(body) => request.json(body).send().await,
        };
        reply.assert_status(200);
        judge(id, &reply);
        let mut answer = reply.json();
        if id == "createNamedAPIKey" {
            answer["id"].as_str().unwrap().clone_into(&mut names.key);
        }
        if id == "createWebhook" {
            answer["id"].as_str().unwrap().clone_into(&mut names.webhook);
        }
        if id == "createScimConnection" {
            answer["id"].as_str().unwrap().clone_into(&mut names.connection);
        }
        if id == "listWebhookDeliveries" {
            answer["deliveries"][0]["id"].as_str().unwrap().clone_into(&mut names.delivery);
        }
        if ["inviteUser", "createUserPasswordLink"].contains(&id) {
            answer["token"].as_str().unwrap().clone_into(&mut names.link);
        }
        if id == "createNewGroup" {
            names.group = answer["id"].as_str().unwrap().to_owned();
        }
        names.settle(&mut answer);
        let mut example = Map::new();
        if let Some(mut body) = body {
            names.settle(&mut body);
            example.insert("request".to_owned(), body);
        }
        example.insert("response".to_owned(), answer);
        examples.insert(id.to_owned(), Value::Object(example));
    }
    examples.into_iter().collect()
}

async fn begin_session(server: &TestServer, owner: &str, id: &str) {
    let now = server.now();
    let row = SessionRow {
        id: SessionId::from_stored(id.to_owned()),
        user_id: server.recorded(owner).id().clone(),
        method: SessionMethod::Password.as_str().to_owned(),
        created_at: now,
        last_seen_at: now,
        expires_at: Some(now + 2_419_200),
        client_ip: Some("203.0.113.7".to_owned()),
        user_agent: Some(
            "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0".to_owned(),
        ),
    };
    server.db_write(move |db| db.insert_session(&row)).await;
}

/// Somebody of the roster, with a token that names this session.
fn by_session(server: &TestServer, (owner, id): (&str, &str)) -> Caller {
    let owner = server.recorded(owner);
    let claims = json!({ "id": owner.id(), "jti": id, "session_stamp": null, "rosterd_session": true });
    owner.with_bearer(token::sign(&claims, server.app().settings().secret.expose()))
}

fn judge(id: &str, reply: &Reply) {
    let content_type = reply.header("content-type").unwrap_or_default();
    let faults = spec().problems(spec().by_id(id), reply.status(), content_type, reply.bytes());
    assert!(faults.is_empty(), "{faults:#?}\n{reply}");
}
