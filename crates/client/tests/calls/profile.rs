//! What people keep about themselves, and what they may do.

use rosterd_client::ErrorCode;
use rosterd_domain::StatusUpdate;
use rosterd_testkit::run;
use serde_json::json;

use crate::{anonymous, assert_code, client, server};

#[test]
fn settings_and_info_merge_and_have_versions() {
    run::block_on(async {
        let server = server().await;
        let alice = client(&server, "alice");
        let stored = alice.update_user_settings(&json!({ "ui": { "a": 1.50 } }), None).await.unwrap();
        let merged =
            alice.update_user_settings(&json!({ "lang": "de" }), stored.version.as_ref()).await.unwrap();
        let key = |name: &str| merged.value.get(name).map(|raw| raw.get().to_owned());
        assert_eq!((key("ui"), key("lang")), (Some(r#"{"a":1.5}"#.to_owned()), Some("\"de\"".to_owned())));
        let now = alice.get_user_settings().await.unwrap();
        assert_eq!((now.value.unwrap(), &now.version), (merged.value.clone(), &merged.version));
        let late = alice.update_user_settings(&json!({ "lang": "en" }), stored.version.as_ref()).await;
        assert_code(late, 412, &ErrorCode::PreconditionFailed);

        let info = alice.update_user_info(&json!({ "location": "here" }), None).await.unwrap();
        assert_eq!(alice.get_user_info().await.unwrap().version, info.version);
    });
}

#[test]
fn a_status_is_set_and_cleared() {
    run::block_on(async {
        let server = server().await;
        let alice = client(&server, "alice");
        let set =
            StatusUpdate { status_message: Some(Some("On leave".to_owned())), ..StatusUpdate::default() };
        assert_eq!(alice.update_user_status(&set).await.unwrap().status_message.as_deref(), Some("On leave"));
        let untouched = alice.update_user_status(&StatusUpdate::default()).await.unwrap();
        assert_eq!(untouched.status_message.as_deref(), Some("On leave"));
        let clear = StatusUpdate { status_message: Some(None), ..StatusUpdate::default() };
        alice.update_user_status(&clear).await.unwrap();
        assert_eq!(alice.get_user_status().await.unwrap().status_message, None);
    });
}

#[test]
fn groups_and_permissions() {
    run::block_on(async {
        let server = server().await;
        let alice = client(&server, "alice");
        let groups = alice.get_user_groups(true).await.unwrap();
        assert!(groups.iter().any(|group| group.group.name == "Engineering"));
        assert!(alice.get_user_permissions().await.unwrap().allows("workspace", "tools"));
        assert_code(alice.get_user_default_permissions().await, 401, &ErrorCode::AccessProhibited);
        assert_code(anonymous(&server).get_user_permissions().await, 401, &ErrorCode::NotAuthenticated);

        let ada = client(&server, "ada");
        let shown = ada.get_user_default_permissions().await.unwrap();
        let mut template = shown.value;
        let may_delete = template.get("chat", "delete").unwrap();
        assert!(template.set("chat", "delete", !may_delete));
        let version = shown.version.as_ref();
        let stored = ada.update_user_default_permissions(&template, version).await.unwrap();
        assert_eq!(stored.value, template);
        let late = ada.update_user_default_permissions(&template, version).await;
        assert_code(late, 412, &ErrorCode::PreconditionFailed);
    });
}
