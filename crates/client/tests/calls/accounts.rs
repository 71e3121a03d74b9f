//! Accounts, sessions, keys and configuration.

use rosterd_client::{Client, Detail, Error, ErrorCode, NewAccount, NewApiKey, ProfileUpdate};
use rosterd_domain::Role;
use rosterd_testkit::fixtures::Actors;
use rosterd_testkit::{DbKind, TestDb, TestServer, TokenKind, run};
use serde_json::json;

use crate::{anonymous, assert_code, client, server};

fn account(email: &str) -> NewAccount {
    NewAccount {
        name: "Nina".to_owned(),
        email: email.to_owned(),
        password: "correct horse battery".to_owned(),
        profile_image_url: None,
    }
}

#[test]
fn sessions() {
    run::block_on(async {
        let server = server().await;
        let nobody = anonymous(&server);
        let session = nobody.user_sign_in("Bob@Example.com", &Actors::recorded().password).await.unwrap();
        let bob = nobody.with_token(&session.token);
        let mine = bob.get_session_user().await.unwrap();
        assert_eq!((&mine.session.account, mine.session.expires_at), (&session.account, session.expires_at));
        assert!(!format!("{mine:?}").contains(&session.token));
        assert_code(
            nobody.user_sign_in("bob@example.com", "wrong").await,
            400,
            &ErrorCode::InvalidCredentials,
        );
        bob.user_sign_out_by_get().await.unwrap();
        assert_eq!(bob.user_sign_out().await.unwrap(), None);
        assert_code(bob.without_token().get_session_user().await, 401, &ErrorCode::NotAuthenticated);
    });
}

#[test]
fn open_sessions() {
    run::block_on(async {
        let server = TestServer::start(TestDb::fresh(DbKind::OwnSqlite)).await;
        let (ada, bob) = (server.db_admin("ada").create().await, server.db_user("bob").create().await);
        let nobody = anonymous(&server);
        let sign_in = async || {
            let session = nobody.user_sign_in(bob.email(), bob.password()).await.unwrap();
            nobody.with_token(&session.token)
        };
        let (here, there, third) = (sign_in().await, sign_in().await, sign_in().await);
        let all = here.get_sessions().await.unwrap();
        assert_eq!((all.len(), all[0].method.as_str()), (3, "password"));
        assert_eq!(all.iter().filter(|session| session.current).count(), 1);
        let current = async |client: &Client| {
            client.get_sessions().await.unwrap().into_iter().find(|session| session.current).unwrap().id
        };
        assert!(here.end_session(current(&there).await).await.unwrap());
        assert_code(there.get_sessions().await, 401, &ErrorCode::InvalidToken);
        assert_code(here.end_session("nobody").await, 404, &ErrorCode::NotFound);
        assert!(here.end_other_sessions().await.unwrap());
        assert_code(third.get_sessions().await, 401, &ErrorCode::InvalidToken);

        let last = here.get_last_sign_in().await.unwrap();
        assert_eq!((last.signed_in_at, last.failed, last.failed_before), (Some(server.now()), 0, 0));

        let ada = nobody.with_token(server.token(TokenKind::Valid, ada.id()));
        assert_eq!(ada.get_user_last_sign_in_by_id(bob.id()).await.unwrap(), last);
        let of_bob = ada.get_user_sessions_by_id(bob.id()).await.unwrap();
        assert_eq!(of_bob.len(), 1);
        assert!(ada.end_user_session_by_id(bob.id(), &of_bob[0].id).await.unwrap());
        assert_code(here.get_sessions().await, 401, &ErrorCode::InvalidToken);
    });
}

#[test]
fn opening_accounts() {
    run::block_on(async {
        let server = server().await;
        let (nobody, ada) = (anonymous(&server), client(&server, "ada"));
        let mut settings = ada.get_admin_config().await.unwrap().value;
        settings.insert("ENABLE_SIGNUP".to_owned(), json!(false));
        ada.update_admin_config(&settings, None).await.unwrap();
        assert_code(
            nobody.user_sign_up(&account("nina@example.com")).await,
            403,
            &ErrorCode::AccessProhibited,
        );
        settings.insert("ENABLE_SIGNUP".to_owned(), json!(true));
        assert_eq!(ada.update_admin_config(&settings, None).await.unwrap().value["ENABLE_SIGNUP"], true);
        let session = nobody.user_sign_up(&account("nina@example.com")).await.unwrap();
        assert_eq!(session.account.email, "nina@example.com");
        let added = ada.add_user(&account("otto@example.com"), &Role::User).await.unwrap();
        assert_eq!(added.account.role, Role::User);
        assert_code(
            ada.add_user(&account("otto@example.com"), &Role::User).await,
            400,
            &ErrorCode::EmailTaken,
        );
    });
}

#[test]
fn the_first_account_of_a_server_that_others_can_reach() {
    run::block_on(async {
        let db = TestDb::fresh(DbKind::OwnSqlite);
        let reachable = TestServer::builder(db).server(|server| "0.0.0.0".clone_into(&mut server.host));
        let server = reachable.start().await;
        let token = rosterd_app::setup::prepare(server.app()).await.unwrap().unwrap();
        let (nobody, nina) = (anonymous(&server), account("nina@example.com"));
        let needed = &ErrorCode::SetupTokenRequired;
        assert_code(nobody.user_sign_up(&nina).await, 403, needed);
        for wrong in ["", "no header\nholds this", "0123456789abcdef"] {
            assert_code(nobody.user_sign_up_with(&nina, wrong).await, 403, needed);
        }
        let session = nobody.user_sign_up_with(&nina, token.expose()).await.unwrap();
        assert_eq!(session.account.role, Role::Admin);
    });
}

#[test]
fn ones_own_account() {
    run::block_on(async {
        let server = server().await;
        let bob = client(&server, "bob");
        let profile = ProfileUpdate {
            name: "Bobby".to_owned(),
            profile_image_url: "/user.png".to_owned(),
            date_of_birth: Some(Some("1990-02-28".to_owned())),
            ..ProfileUpdate::default()
        };
        assert_eq!(bob.update_user_profile(&profile).await.unwrap().name, "Bobby");
        bob.update_user_timezone("Europe/Bern").await.unwrap();
        assert!(!bob.get_mfa_status().await.unwrap().enabled);
        assert_code(bob.delete_oauth_sessions("any/thing").await, 404, &ErrorCode::NotFound);
        let wrong = bob.update_user_password("wrong", "another horse battery").await;
        assert_code(wrong, 400, &ErrorCode::IncorrectPassword);
        let password = &Actors::recorded().password;
        assert!(bob.update_user_password(password, "another horse battery").await.unwrap());
        assert!(bob.get_admin_details().await.unwrap().email.is_some());
    });
}

#[test]
fn api_keys() {
    run::block_on(async {
        let server = server().await;
        let ada = client(&server, "ada");
        let mut settings = ada.get_admin_config().await.unwrap().value;
        settings.insert("ENABLE_API_KEYS".to_owned(), json!(true));
        ada.update_admin_config(&settings, None).await.unwrap();
        assert_eq!(ada.get_admin_config().await.unwrap().value["ENABLE_API_KEYS"], true);
        let key = ada.create_api_key().await.unwrap();
        assert_eq!(ada.get_api_key().await.unwrap(), key);
        assert!(anonymous(&server).with_token(&key).get_user_status().await.is_ok());
        assert!(ada.delete_api_key().await.unwrap());
        assert_code(ada.get_api_key().await, 404, &ErrorCode::ApiKeyNotFound);
    });
}

#[test]
fn api_keys_with_a_name() {
    run::block_on(async {
        let server = server().await;
        let refused = client(&server, "ada").list_api_keys().await;
        assert_code(refused, 409, &ErrorCode::Conflict);
        server.store().adopt_apply().await.unwrap();
        let server = server.second().await;
        server.db_set_config("auth.enable_api_keys", json!(true)).await;
        let (ada, ben) = (client(&server, "ada"), client(&server, "ben"));
        let new = NewApiKey {
            name: "job".to_owned(),
            expires_in: Some("1h".to_owned()),
            read_only: true,
            allowed_paths: Some(vec!["/api/v1/users".to_owned()]),
            ..NewApiKey::default()
        };
        let made = ben.create_named_api_key(&new).await.unwrap();
        assert!(!format!("{made:?}").contains(&made.key));
        assert!(anonymous(&server).with_token(&made.key).get_user_status().await.is_ok());
        assert!(ben.list_api_keys().await.unwrap().iter().any(|key| key.name.as_deref() == Some("job")));
        assert!(ben.delete_api_key_by_id(&made.info.id).await.unwrap());
        assert_code(ben.delete_api_key_by_id(&made.info.id).await, 404, &ErrorCode::ApiKeyNotFound);
        let other = ben.create_named_api_key(&new).await.unwrap();
        let of_ben = server.recorded("ben").id().clone();
        assert!(ada.list_user_api_keys(&of_ben).await.unwrap().contains(&other.info));
        assert!(ada.delete_user_api_key(&of_ben, &other.info.id).await.unwrap());
        assert!(ada.delete_user_api_keys(&of_ben).await.unwrap());
        assert_eq!(ada.list_user_api_keys(&of_ben).await.unwrap(), []);
        let wrong = ben.create_named_api_key(&NewApiKey { expires_in: Some("soon".to_owned()), ..new }).await;
        assert_code(wrong, 422, &ErrorCode::ValidationError);
    });
}

#[test]
fn every_wrong_field_is_told() {
    run::block_on(async {
        let server = server().await;
        let error = client(&server, "ada")
            .add_user(
                &NewAccount { name: "  ".to_owned(), ..account("x@example.com") },
                &Role::Unknown("boss".into()),
            )
            .await
            .unwrap_err();
        let Some(Detail::Fields(fields)) = error.api().map(|it| &it.detail) else { panic!("{error}") };
        let places: Vec<_> = fields.iter().map(|field| field.loc.join("/")).collect();
        assert_eq!(places, ["body/name", "body/role"]);
    });
}

#[test]
fn configuration_and_health() {
    run::block_on(async {
        let server = server().await;
        let nobody = anonymous(&server);
        assert_eq!(nobody.get_version().await.unwrap(), env!("CARGO_PKG_VERSION"));
        // This server has none.
        assert_code(nobody.get_metrics().await, 404, &ErrorCode::NotFound);
        nobody.get_health().await.unwrap();
        nobody.get_database_health().await.unwrap();
        assert!(nobody.get_backend_config().await.unwrap().user_count.is_none());
        assert_eq!(client(&server, "bob").get_backend_config().await.unwrap().user_count, Some(84));
        server.stop().await;
        let error = nobody.get_health().await.unwrap_err();
        assert!(matches!(error, Error::Transport(_)) && error.is_temporary(), "{error}");
    });
}
