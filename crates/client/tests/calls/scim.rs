//! Connections by SCIM.

use rosterd_client::{Client, ConnectionForm, ErrorCode};
use rosterd_domain::role::Role;
use rosterd_domain::scim::GroupRule;
use rosterd_testkit::{DbKind, TestDb, TestServer, TokenKind, run};

use crate::{assert_code, client};

#[test]
fn connections_are_made_changed_rotated_listed_and_deleted() {
    run::block_on(async {
        let server = TestServer::start(TestDb::fresh(DbKind::OwnSqlite)).await;
        let ada = server.db_admin("ada").create().await;
        let bob = server.db_user("bob").create().await;
        let ada = Client::new(server.url()).unwrap().with_token(server.token(TokenKind::Valid, ada.id()));
        let form = ConnectionForm::new().name("Entra ID").default_role(Role::Pending);
        let form = form.takes_passwords(true).deletes_accounts(true).group_rule(GroupRule::Existing);
        let made = ada.create_scim_connection(&form).await.unwrap();
        assert!(made.token.starts_with("rsc_") && !format!("{made:?}").contains(&made.token));
        assert_eq!(made.url, None);
        let id = made.connection.id.clone();
        assert!(made.connection.takes_passwords && made.connection.deletes_accounts);
        assert_eq!(made.connection.default_role, Role::Pending);
        assert_eq!(made.connection.group_rule, GroupRule::Existing);
        assert_eq!(ada.list_scim_connections().await.unwrap(), [made.connection]);
        let again = ada.create_scim_connection(&ConnectionForm::new().name("Entra ID")).await;
        assert_code(again, 409, &ErrorCode::Conflict);
        let rotated = ada.rotate_scim_connection(&id, Some(60)).await.unwrap();
        assert_ne!(rotated.token, made.token);
        assert_eq!(rotated.connection.previous_token_until, Some(server.now() + 60));
        let update = ConnectionForm::new().links_by_email(true);
        let version = ada.get_scim_connection(&id).await.unwrap().version.unwrap();
        let changed = ada.update_scim_connection_if(&id, &update, &version).await.unwrap().value;
        assert!(changed.links_by_email && changed.takes_passwords);
        let late = ada.update_scim_connection_if(&id, &update, &version).await;
        assert_code(late, 412, &ErrorCode::PreconditionFailed);
        assert_eq!(ada.update_scim_connection(&id, &update).await.unwrap(), changed);
        let page = ada.list_scim_linkable_users(&id, 1, Some(10)).await.unwrap();
        assert_eq!((page.total, &page.users[0].id), (1, bob.id()));
        assert!(ada.list_scim_linkable_users(&id, 2, None).await.unwrap().users.is_empty());
        assert!(ada.delete_scim_connection(&id).await.unwrap());
        assert_code(ada.delete_scim_connection(&id).await, 404, &ErrorCode::NotFound);
    });
}

#[test]
fn a_database_without_tables_of_scim_says_so() {
    run::block_on(async {
        let server = crate::server().await;
        assert_code(client(&server, "ada").list_scim_connections().await, 409, &ErrorCode::Conflict);
    });
}
