//! What only front ends since Open WebUI 0.12 call.

use std::collections::BTreeMap;

use rosterd_client::{
    Client, ErrorCode, GroupForm, LinkTerms, ListQuery, ManyUsersAction, NewInvite, SuspendForm, UserUpdate,
};
use rosterd_domain::UserVariables;
use rosterd_domain::group::MembershipFilter;
use rosterd_domain::link::LinkKind;
use rosterd_domain::usage::UsageRequest;
use rosterd_testkit::{DbKind, TestDb, TestServer, run};
use serde_json::json;

use crate::{anonymous, assert_code, client, server};

/// A server on the recorded database of Open WebUI 0.12.4, with an admin and a user.
async fn newest() -> (TestServer, Client, Client) {
    let server = TestServer::start(TestDb::fresh(DbKind::WebUi012Sqlite)).await;
    let (ada, alice) = (client(&server, "ada"), client(&server, "alice"));
    (server, ada, alice)
}

#[test]
fn variables_and_usage() {
    run::block_on(async {
        let (_server, _ada, alice) = newest().await;
        let sent = UserVariables { variables: BTreeMap::from([("city".to_owned(), "Bern".to_owned())]) };
        assert_eq!(alice.update_user_variables(&sent).await.unwrap(), sent);
        assert_eq!(alice.get_user_variables().await.unwrap(), sent);
        let wrong = UserVariables { variables: BTreeMap::from([("City".to_owned(), String::new())]) };
        assert_code(alice.update_user_variables(&wrong).await, 400, &ErrorCode::InvalidVariables);
        let week = UsageRequest { days: Some(7), ..UsageRequest::default() };
        assert!(alice.get_user_usage(week).await.unwrap().heatmap.len() >= 7);
        let never = UsageRequest { start_date: Some(2), end_date: Some(1), ..UsageRequest::default() };
        assert_code(alice.get_user_usage(never).await, 400, &ErrorCode::InvalidRange);
        let server = server().await;
        assert_code(client(&server, "alice").get_user_variables().await, 404, &ErrorCode::NotFound);
    });
}

#[test]
fn the_whole_form_of_the_administrator() {
    run::block_on(async {
        let (server, ada, _alice) = newest().await;
        let shown = ada.get_admin_config().await.unwrap();
        let mut settings = shown.value;
        settings.insert("FOLDER_MAX_FILE_COUNT".to_owned(), json!("7"));
        let set = ada.update_admin_config(&settings, shown.version.as_ref()).await.unwrap();
        let again = ada.update_admin_config(&settings, shown.version.as_ref()).await;
        assert_code(again, 412, &ErrorCode::PreconditionFailed);
        assert_eq!(ada.get_admin_config().await.unwrap().version, set.version);
        let set = set.value;
        assert_eq!((&set["FOLDER_MAX_FILE_COUNT"], &set["sessions_revoked"]), (&json!(7), &json!(false)));
        settings.insert("ENABLE_MFA".to_owned(), json!(true));
        assert_code(ada.update_admin_config(&settings, None).await, 409, &ErrorCode::Conflict);
        server.db_set_config("auth.enable_api_keys", json!(true)).await;
        let by_key = anonymous(&server).with_token(ada.create_api_key().await.unwrap());
        assert_code(by_key.update_admin_config(&settings, None).await, 403, &ErrorCode::HumanSessionRequired);
        settings.remove("ENABLE_NOTES");
        assert_code(ada.update_admin_config(&settings, None).await, 422, &ErrorCode::ValidationError);
        let told = ada.get_backend_config().await.unwrap();
        assert_eq!(told.features.more["folder_max_file_count"], 7);
        assert!(told.more.contains_key("audio") && told.features.enable_api_keys == Some(true));
    });
}

#[test]
fn settings_are_merged_key_by_key_and_can_be_read_as_stored() {
    run::block_on(async {
        let (_server, _ada, alice) = newest().await;
        alice.update_user_settings(&json!({ "ui": { "a": 1, "b": 2 } }), None).await.unwrap();
        let merged = alice.update_user_settings(&json!({ "ui": { "a": null } }), None).await.unwrap();
        let stored = alice.get_stored_user_settings().await.unwrap();
        assert_eq!(stored.value.unwrap(), merged.value);
        let ui = merged.value.get("ui").unwrap().get();
        assert!(ui.contains(r#""b":2"#) && !ui.contains(r#""a""#), "{ui}");
    });
}

#[test]
fn what_stays_with_open_webui() {
    run::block_on(async {
        let (_server, ada, _alice) = newest().await;
        assert!(!ada.get_ldap_config().await.unwrap());
        assert!(!ada.update_ldap_config(false).await.unwrap());
        assert_code(ada.update_ldap_config(true).await, 409, &ErrorCode::Conflict);
        assert_eq!(ada.get_ldap_server().await.unwrap()["port"], 389);
        assert_eq!(ada.get_oauth_config().await.unwrap()["OAUTH_CLIENT_SECRET"], "");
    });
}

#[test]
fn what_admins_see_and_end() {
    run::block_on(async {
        let (server, ada, alice) = newest().await;
        let id = server.recorded("alice").id().clone();
        let record = ada.get_user_record_by_id(&id).await.unwrap();
        let seen = ada.get_user_record_versioned(&id).await.unwrap();
        assert_eq!(seen.value.user, record.user);
        let update = UserUpdate {
            role: record.user.role.clone(),
            name: "Alice the Second".to_owned(),
            email: record.user.email.clone(),
            profile_image_url: record.user.profile_image_url.clone(),
            password: None,
        };
        let version = seen.version.unwrap();
        let changed = ada.update_user_by_id_if(&id, &update, &version).await.unwrap();
        assert_eq!(changed.value.name, "Alice the Second");
        assert_eq!(ada.get_user_record_versioned(&id).await.unwrap().version, changed.version);
        let late = ada.update_user_by_id_if(&id, &update, &version).await;
        assert_code(late, 412, &ErrorCode::PreconditionFailed);
        let info = alice.get_user_info_by_id(&id).await.unwrap();
        assert_eq!((&record.user.id, &record.user.email), (&id, &info.email));
        let preview = ada.get_user_preview(&id).await.unwrap();
        assert_eq!((&preview.user.id, preview.groups.len()), (&id, record.groups.len()));
        assert_code(ada.get_user_preview("nobody").await, 404, &ErrorCode::NotFound);
        let defaults = ada.get_user_default_permissions_defaults().await.unwrap();
        assert_eq!(defaults.get("settings", "interface"), Some(true));
        assert!(ada.revoke_user_sessions(&id).await.unwrap());
        assert_code(alice.get_user_status().await, 401, &ErrorCode::InvalidToken);
    });
}

#[test]
fn groups_above_groups() {
    run::block_on(async {
        let (server, ada, alice) = newest().await;
        let form = |name: &str, parent| GroupForm {
            name: name.to_owned(),
            parent_group_id: parent,
            ..GroupForm::default()
        };
        let top = ada.create_new_group(&form("Top", None)).await.unwrap().group.id;
        let below = ada.create_new_group(&form("Below", Some(Some(top.clone())))).await.unwrap();
        assert_eq!(below.parent(), Some(&top));
        let below = below.group.id;
        let ring = ada.update_group_by_id(&top, &form("Top", Some(Some(below.clone())))).await;
        assert_code(ring, 400, &ErrorCode::GroupCycle);
        let id = server.recorded("alice").id().clone();
        ada.add_user_to_group(&below, &[&id]).await.unwrap();

        let info = alice.get_group_info_by_id(&below).await.unwrap();
        assert_eq!((info.parent_group_id, info.member_count), (Some(top.clone()), 1));
        let members =
            ada.get_group_members(&top, MembershipFilter::Inherited, Some("ALICE"), 1).await.unwrap();
        assert_eq!(
            (members.items[0].id.clone(), members.items[0].via_group_ids.clone()),
            (id, vec![below.clone()])
        );
        assert_eq!((members.total, members.counts.direct, members.counts.effective), (1, 0, 1));
        assert_eq!(ada.get_group_preview(&top).await.unwrap().group.name, "Top");
        let seen = alice.get_groups_by_share(true).await.unwrap();
        assert!([&top, &below].iter().all(|id| seen.iter().any(|group| group.group.id == **id)));
        assert!(alice.get_groups_by_share(false).await.unwrap().is_empty());
        let detached = ada.update_group_by_id(&below, &form("Below", Some(None))).await.unwrap();
        assert_eq!(detached.parent_group_id, Some(None));
        let server = self::server().await;
        let older = client(&server, "alice").get_group_info_by_id("any").await;
        assert_code(older, 404, &ErrorCode::NotFound);
    });
}

#[test]
fn inviting_and_new_passwords_by_links() {
    run::block_on(async {
        let server = TestServer::start(TestDb::empty_sqlite()).await;
        server.db_admin("first").created_at(1).create().await;
        let ada = server.db_admin("ada").create().await;
        let group = server.db_group("team", &[], serde_json::Value::Null).await;
        let somebody = anonymous(&server);
        let token = server.token(rosterd_testkit::TokenKind::Valid, ada.id());
        let admin = somebody.with_token(token);
        let invite = NewInvite {
            email: "eve@example.com".to_owned(),
            name: "Eve".to_owned(),
            groups: vec![group],
            terms: LinkTerms { expires_in: Some(300), mail: Some(false) },
            ..NewInvite::default()
        };
        let invited = admin.invite_user(&invite).await.unwrap();
        assert_eq!(invited.link.expires_at, server.now() + 300);
        assert!(!format!("{invited:?}").contains("rl_") && !invited.link.mailed);
        assert_code(admin.invite_user(&invite).await, 400, &ErrorCode::EmailTaken);
        let shown = somebody.show_link(&invited.link.token).await.unwrap();
        assert_eq!((shown.kind, shown.email.as_str()), (LinkKind::Invite, "eve@example.com"));
        let short = somebody.accept_invite(&invited.link.token, "short", None).await;
        assert_code(short, 400, &ErrorCode::InvalidPassword);
        let password = "another-long-password";
        let session = somebody.accept_invite(&invited.link.token, password, Some("Evelyn")).await.unwrap();
        assert_eq!((&session.account.id, session.account.name.as_str()), (&invited.user.id, "Evelyn"));
        let again = somebody.accept_invite(&invited.link.token, password, None).await;
        assert_code(again, 400, &ErrorCode::InvalidLink);

        let made = admin.create_user_password_link(&invited.user.id, LinkTerms::default()).await.unwrap();
        assert!(somebody.reset_password(&made.token, "one-more-long-password").await.unwrap());
        let eve = somebody.with_token(session.token);
        assert_code(eve.get_user_settings().await, 401, &ErrorCode::InvalidToken);
        assert_code(somebody.show_link(&made.token).await, 400, &ErrorCode::InvalidLink);
        let unknown = admin.create_user_password_link("nobody", LinkTerms::default()).await;
        assert_code(unknown, 404, &ErrorCode::NotFound);
    });
}

#[test]
fn suspending_and_resuming() {
    run::block_on(async {
        let server = TestServer::start(TestDb::empty_sqlite()).await;
        let ada = server.db_admin("ada").create().await;
        let bob = server.db_user("bob").create().await;
        let of = |caller: &rosterd_testkit::Caller| {
            anonymous(&server).with_token(server.token(rosterd_testkit::TokenKind::Valid, caller.id()))
        };
        let admin = of(&ada);
        let terms = SuspendForm { reason: Some("on leave".to_owned()), until: None };
        let user = admin.suspend_user_by_id(bob.id(), &terms).await.unwrap();
        assert_eq!(user.suspension.and_then(|it| it.reason).as_deref(), Some("on leave"));
        assert_code(of(&bob).get_user_settings().await, 401, &ErrorCode::InvalidToken);
        let suspended = admin.get_users(&ListQuery::new().suspended()).await.unwrap();
        assert_eq!((suspended.total, &suspended.users[0].user.id), (1, bob.id()));
        assert_eq!(admin.get_users(&ListQuery::new().not_suspended()).await.unwrap().total, 1);
        let pending = ManyUsersAction::SetRole { role: rosterd_domain::Role::Admin };
        let answer = admin.change_many_users(&[bob.id()], &pending).await.unwrap();
        assert_eq!(answer.results[0].error.as_ref().unwrap().code, ErrorCode::Conflict);
        assert!(admin.resume_user_by_id(bob.id()).await.unwrap().suspension.is_none());
        let all = ManyUsersAction::Suspend(SuspendForm::default());
        assert_eq!(admin.change_found_users(&ListQuery::new(), &all).await.unwrap().done, 1);
        let all = ManyUsersAction::Resume;
        assert_eq!(admin.change_found_users(&ListQuery::new().suspended(), &all).await.unwrap().done, 1);
        assert_code(admin.suspend_user_by_id(ada.id(), &terms).await, 403, &ErrorCode::ActionProhibited);
        assert_code(admin.resume_user_by_id("nobody").await, 404, &ErrorCode::NotFound);
    });
}
