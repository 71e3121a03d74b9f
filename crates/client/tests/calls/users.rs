//! Looking at, changing and deleting users.

use rosterd_client::{ErrorCode, ProfileImage, UserUpdate};
use rosterd_domain::Role;
use rosterd_testkit::run;

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
