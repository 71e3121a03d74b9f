//! What each request writes.

use rosterd_testkit::PASSWORD;
use serde_json::{Value, json};

use super::{Write, again, write};
use crate::support::{empty_template, merged, whole_config};

fn make_primary() -> Write {
    again(
        "POST",
        "/users/{id}/make-primary",
        json!({ "password": PASSWORD }),
        &[
            "user[caller].created_at",
            "user[caller].updated_at",
            "user[bob].created_at",
            "user[bob].updated_at",
        ],
    )
}

pub(super) fn users(current: bool) -> Vec<Write> {
    // Sections that the older dialect does not know are ignored there.
    let template = merged(empty_template(), json!({ "chat": { "delete": false } }));
    let update = json!({
        "role": "pending", "name": "Robert", "email": "robert@rosterd.test", "profile_image_url": "/favicon.png",
    });
    let status =
        json!({ "status_emoji": "x", "status_message": "y", "status_expires_at": 4_000_000_000_i64 });
    let mut users = vec![
        write(
            "POST",
            "/users/default/permissions",
            template,
            &[
                "config[user.permissions]",
                "config[user.permissions].value",
                "config[user.permissions].updated_at",
                "config[1].data",
                "config[1].updated_at",
            ],
        ),
        write(
            "POST",
            "/users/user/settings/update",
            json!({ "ui": { "theme": "dark", "gone": null }, "more": 1 }),
            &["user[caller].settings", "user[caller].updated_at"],
        ),
        write(
            "POST",
            "/users/user/status/update",
            status,
            &[
                "user[caller].status_emoji",
                "user[caller].status_message",
                "user[caller].status_expires_at",
                "user[caller].updated_at",
            ],
        ),
        write(
            "POST",
            "/users/user/info/update",
            json!({ "place": "kitchen" }),
            &["user[caller].info", "user[caller].updated_at"],
        ),
        write(
            "POST",
            "/users/import?apply=true&format=ndjson",
            json!({ "email": "bob@rosterd.test", "name": "Bobby" }),
            &["user[bob].name", "user[bob].updated_at"],
        ),
        make_primary(),
        write(
            "POST",
            "/users/bulk",
            json!({ "action": "set_role", "role": "pending", "ids": ["{bob}"] }),
            &["user[bob].role", "user[bob].updated_at"],
        ),
        write(
            "POST",
            "/users/{id}/update",
            update,
            &[
                "user[bob].role",
                "user[bob].name",
                "user[bob].email",
                "user[bob].profile_image_url",
                "user[bob].updated_at",
                "auth[bob].email",
            ],
        ),
        again(
            "POST",
            "/users/{id}/update",
            json!({
                "role": "pending", "name": "Robert", "email": "robert@rosterd.test",
                "profile_image_url": "/favicon.png", "password": PASSWORD,
            }),
            &["auth[bob].password", "auth[bob].session_stamp", "auth[bob].mfa"],
        ),
    ];
    if current {
        users.push(write(
            "POST",
            "/users/user/variables/update",
            json!({ "variables": { "city": "Bern" } }),
            &["user[caller].variables", "user[caller].updated_at"],
        ));
        users.push(again(
            "POST",
            "/users/{id}/sessions/revoke",
            Value::Null,
            &["auth[bob].session_stamp", "auth[bob].mfa"],
        ));
    }
    users
}

pub(super) fn accounts_and_groups() -> Vec<Write> {
    let account = |email: &str| json!({ "name": "New", "email": email, "password": PASSWORD });
    vec![
        again("POST", "/auths/signup", account("up@rosterd.test"), &["user[other]", "auth[other]"]),
        again("POST", "/auths/add", account("added@rosterd.test"), &["user[other]", "auth[other]"]),
        again("POST", "/auths/signin", json!({ "email": "ada@rosterd.test", "password": PASSWORD }), &[]),
        write(
            "POST",
            "/auths/update/profile",
            json!({ "name": "Self", "profile_image_url": "/favicon.png" }),
            &["user[caller].name", "user[caller].profile_image_url", "user[caller].updated_at"],
        ),
        write(
            "POST",
            "/auths/update/timezone",
            json!({ "timezone": "Europe/Bern" }),
            &["user[caller].timezone", "user[caller].updated_at"],
        ),
        write("POST", "/auths/admin/config/ldap", json!({ "enable_ldap": false }), &[]),
        write(
            "POST",
            "/auths/admin/config",
            whole_config(json!({ "WEBUI_URL": "https://x.example" })),
            &[
                "config[webui.url]",
                "config[webui.url].value",
                "config[webui.url].updated_at",
                "config[1].data",
                "config[1].updated_at",
            ],
        ),
        again("DELETE", "/auths/oauth/sessions/{provider:.*}", Value::Null, &["oauth_session[caller]"]),
        again("POST", "/auths/api_key", Value::Null, &["api_key[caller]"]),
        again("DELETE", "/auths/api_key", Value::Null, &["api_key[caller]"]),
        again("POST", "/groups/create", json!({ "name": "fresh", "description": "" }), &["group[caller]"]),
        write(
            "POST",
            "/groups/id/{id}/update",
            json!({ "name": "renamed", "description": "other words" }),
            &["group[group].name", "group[group].description", "group[group].updated_at"],
        ),
        write(
            "POST",
            "/groups/id/{id}/update",
            json!({ "name": "renamed", "description": "other words", "data": { "note": 1 } }),
            &["group[group].data", "group[group].updated_at"],
        ),
        again(
            "POST",
            "/groups/id/{id}/users/add",
            json!({ "user_ids": ["{bob}"] }),
            &["group_member[bob]", "group[group].updated_at"],
        ),
        again(
            "POST",
            "/groups/id/{id}/users/remove",
            json!({ "user_ids": ["{bob}"] }),
            &["group_member[bob]", "group[group].updated_at"],
        ),
        again(
            "POST",
            "/groups/id/{id}/users/add",
            json!({ "user_ids": ["{bob}"] }),
            &["group_member[bob]", "group[group].updated_at"],
        ),
        again(
            "DELETE",
            "/users/{id}",
            Value::Null,
            &["user[bob]", "auth[bob]", "group_member[bob]", "group[group].updated_at", "chat[bob]"],
        ),
        again("DELETE", "/groups/id/{id}/delete", Value::Null, &["group[group]"]),
        again(
            "POST",
            "/auths/update/password",
            json!({ "password": PASSWORD, "new_password": "another-long-password" }),
            &["auth[caller].password", "auth[caller].session_stamp", "auth[caller].mfa"],
        ),
        again("POST", "/auths/signout", Value::Null, &[]),
        again("GET", "/auths/signout", Value::Null, &[]),
    ]
}
