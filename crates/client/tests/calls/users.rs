//! Looking at, changing and deleting users.

use rosterd_client::{Client, ErrorCode, ListQuery, ManyUsersAction, ProfileImage, UserUpdate};
use rosterd_domain::{Keepable, Role, UserId};
use rosterd_testkit::fixtures::Actors;
use rosterd_testkit::{DbKind, TestDb, TestServer, TokenKind, run};

use crate::{assert_code, client, server};

#[test]
fn looking_at_users() {
    run::block_on(async {
        let server = server().await;
        let (ada, bob) = (client(&server, "ada"), client(&server, "bob"));
        let alice = server.recorded("alice").id().clone();
        assert_eq!(bob.get_user_by_id(&alice).await.unwrap().id, alice);
        assert_code(bob.get_user_by_id("no/such?user").await, 400, &ErrorCode::UserNotFound);
        assert!(!bob.get_user_active_status_by_id("nobody").await.unwrap());
        let groups = ada.get_user_groups_by_id(&alice, false).await.unwrap();
        assert!(groups.iter().any(|group| group.group.name == "Engineering"));
        let of_bob = server.recorded("bob").id().clone();
        assert!(!ada.get_user_oauth_sessions_by_id(&of_bob).await.unwrap().is_empty());
        assert_code(ada.get_user_oauth_sessions_by_id(&alice).await, 400, &ErrorCode::UserNotFound);
    });
}

#[test]
fn pictures_are_here_or_elsewhere() {
    run::block_on(async {
        let server = server().await;
        let bob = client(&server, "bob");
        let picture = bob.get_user_profile_image_by_id(server.recorded("alice").id()).await.unwrap();
        let ProfileImage::Inline { media_type, bytes } = picture else { panic!("{picture:?}") };
        assert_eq!((media_type.as_str(), &bytes[1..4]), ("image/png", &b"PNG"[..]));
        let picture = bob.get_user_profile_image_by_id(server.recorded("frank").id()).await.unwrap();
        assert!(matches!(&picture, ProfileImage::Elsewhere(url) if url.starts_with("http")), "{picture:?}");
    });
}

#[test]
fn changing_and_deleting() {
    run::block_on(async {
        let server = server().await;
        let ada = client(&server, "ada");
        let frank = server.recorded("frank");
        let mut update = UserUpdate {
            role: Role::User,
            name: "Frank the Second".to_owned(),
            email: "frank@example.com".to_owned(),
            profile_image_url: "/user.png".to_owned(),
            password: None,
        };
        assert_eq!(ada.update_user_by_id(frank.id(), &update).await.unwrap().name, "Frank the Second");
        update.email = "alice@example.com".to_owned();
        assert_code(ada.update_user_by_id(frank.id(), &update).await, 400, &ErrorCode::EmailTaken);
        assert!(ada.delete_user_by_id(frank.id()).await.unwrap());
        assert_code(ada.delete_user_by_id(frank.id()).await, 400, &ErrorCode::UserNotFound);
        let herself = server.recorded("ada").id().clone();
        assert_code(ada.delete_user_by_id(&herself).await, 403, &ErrorCode::ActionProhibited);
    });
}

#[test]
fn a_way_back_needs_rosterds_tables() {
    run::block_on(async {
        let server = server().await;
        let ada = client(&server, "ada");
        let frank = server.recorded("frank");
        // This database was not adopted.
        let forecast = ada.get_user_deletion(frank.id()).await.unwrap();
        assert_eq!((forecast.kept, forecast.removed["user"]), (Keepable::NoTables, 1));
        assert_code(ada.list_deleted_users(30, None).await, 409, &ErrorCode::Conflict);
        assert_code(ada.restore_user_by_id(frank.id()).await, 409, &ErrorCode::Conflict);
        assert_code(ada.purge_user_by_id(frank.id()).await, 409, &ErrorCode::Conflict);
        assert!(ada.delete_user_for_good(frank.id()).await.unwrap());
    });
}

#[test]
fn handing_over() {
    run::block_on(async {
        let server = server().await;
        let (ada, bob) = (client(&server, "ada"), server.recorded("bob").id().clone());
        let password = &Actors::recorded().password;
        assert_code(ada.make_user_primary(&bob, password).await, 409, &ErrorCode::Conflict);
        let admin = ManyUsersAction::SetRole { role: Role::Admin };
        ada.change_many_users(&[&bob], &admin).await.unwrap();
        assert_code(ada.make_user_primary(&bob, "wrong").await, 400, &ErrorCode::IncorrectPassword);
        assert_eq!(ada.make_user_primary(&bob, password).await.unwrap().id, bob);
        assert_code(ada.make_user_primary(&bob, password).await, 403, &ErrorCode::ActionProhibited);
    });
}

#[test]
fn deleted_users_come_back_or_are_purged() {
    run::block_on(async {
        let server = TestServer::start(TestDb::fresh(DbKind::OwnSqlite)).await;
        let admin = server.db_admin("admin").create().await;
        let client =
            Client::new(server.url()).unwrap().with_token(server.token(TokenKind::Valid, admin.id()));
        let eve = server.db_user("eve").create().await;
        assert_eq!(client.get_user_deletion(eve.id()).await.unwrap().kept, Keepable::Yes);
        assert!(client.delete_user_by_id(eve.id()).await.unwrap());
        let page = client.list_deleted_users(1, None).await.unwrap();
        assert_eq!((page.total, page.users[0].id.as_str()), (1, eve.id().as_str()));
        let next = client.list_deleted_users(1, page.next_cursor.as_deref()).await.unwrap();
        assert_eq!((next.users.len(), next.next_cursor), (0, None));
        let restored = client.restore_user_by_id(eve.id()).await.unwrap();
        assert_eq!((restored.user.id.as_str(), restored.restored["user"]), (eve.id().as_str(), 1));
        assert!(client.delete_user_by_id(eve.id()).await.unwrap());
        server.db_user("same").email(eve.email()).create().await;
        assert_code(client.restore_user_by_id(eve.id()).await, 409, &ErrorCode::RestoreConflict);
        assert!(client.purge_user_by_id(eve.id()).await.unwrap());
        assert_code(client.purge_user_by_id(eve.id()).await, 404, &ErrorCode::NotFound);
    });
}

#[test]
fn rights_and_where_they_come_from() {
    run::block_on(async {
        let server = server().await;
        let (ada, alice) = (client(&server, "ada"), server.recorded("alice").id().clone());
        let rights = ada.get_user_permissions_by_id(&alice).await.unwrap();
        let explained = ada.explain_user_permissions_by_id(&alice).await.unwrap();
        assert_eq!((&explained.user.id, explained.user.role.clone()), (&alice, Role::User));
        assert!(explained.groups.iter().any(|group| group.name == "Engineering"));
        let tools = explained.rights.iter().find(|right| right.right == "workspace.tools").unwrap();
        assert_eq!(tools.holds, rights.allows("workspace", "tools"));
        assert!(tools.holds && !tools.groups.is_empty(), "{tools:?}");
        assert_code(ada.explain_user_permissions_by_id("nobody").await, 404, &ErrorCode::NotFound);
    });
}

#[test]
fn one_thing_for_many() {
    run::block_on(async {
        let server = server().await;
        let ada = client(&server, "ada");
        let (bob, frank) = (server.recorded("bob").id().clone(), server.recorded("frank").id().clone());
        let nobody = UserId::from_stored("nobody".to_owned());
        let pending = ManyUsersAction::SetRole { role: Role::Pending };
        let answer = ada.change_many_users(&[&bob, &nobody, &frank], &pending).await.unwrap();
        assert_eq!((answer.matched, answer.done, answer.refused), (3, 2, 1));
        let refused = &answer.results[1];
        assert_eq!((refused.id.as_str(), refused.ok, refused.status), ("nobody", false, Some(400)));
        assert_eq!(refused.error.as_ref().unwrap().code, ErrorCode::UserNotFound);
        let query = ListQuery::new().query("bob").role(Role::Pending);
        let answer = ada.change_found_users(&query, &ManyUsersAction::Delete { purge: true }).await.unwrap();
        assert!(answer.results.iter().any(|result| result.ok && result.id == bob.as_str()), "{answer:?}");
        assert_eq!((answer.more, answer.next_cursor), (false, None));
        let group_id = rosterd_domain::GroupId::from_stored("nowhere".to_owned());
        let join = ManyUsersAction::AddToGroup { group_id };
        assert_code(ada.change_many_users(&[&frank], &join).await, 404, &ErrorCode::GroupNotFound);
    });
}
