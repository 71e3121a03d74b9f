//! Groups and their members.

use rosterd_client::{ErrorCode, GroupForm};
use rosterd_domain::PermissionTree;
use rosterd_testkit::run;

use crate::{assert_code, client, server};

#[test]
fn the_life_of_a_group() {
    run::block_on(async {
        let server = server().await;
        let ada = client(&server, "ada");
        let form = GroupForm {
            name: "Operations".to_owned(),
            description: "Keeps it running".to_owned(),
            permissions: Some(PermissionTree::from_json(r#"{"workspace":{"tools":true}}"#)),
            ..GroupForm::default()
        };
        let group = ada.create_new_group(&form).await.unwrap().group;
        let (bob, erin) = (server.recorded("bob").id().clone(), server.recorded("erin").id().clone());
        assert_eq!(ada.add_user_to_group(&group.id, &[&bob, &erin]).await.unwrap().member_count, 2);
        assert_eq!(ada.remove_user_from_group(&group.id, &[&erin]).await.unwrap().member_count, 1);
        assert_eq!(ada.get_users_in_group(&group.id).await.unwrap()[0].id, bob);
        assert_eq!(ada.export_group_by_id(&group.id).await.unwrap().user_ids, [bob]);
        assert!(
            client(&server, "bob").get_groups().await.unwrap().iter().any(|one| one.group.id == group.id)
        );
        assert!(client(&server, "bob").get_user_permissions().await.unwrap().allows("workspace", "tools"));

        let form = GroupForm { name: "Ops".to_owned(), ..GroupForm::default() };
        let changed = ada.update_group_by_id(&group.id, &form).await.unwrap();
        assert_eq!((changed.group.name.as_str(), changed.group.permissions), ("Ops", group.permissions));
        assert_eq!(ada.get_group_by_id(&group.id).await.unwrap().member_count, 1);
        let version = ada.get_group_versioned(&group.id).await.unwrap().version.unwrap();
        let form = GroupForm { name: "Field".to_owned(), ..GroupForm::default() };
        let changed = ada.update_group_by_id_if(&group.id, &form, &version).await.unwrap();
        assert_eq!(changed, ada.get_group_versioned(&group.id).await.unwrap());
        let late = ada.update_group_by_id_if(&group.id, &form, &version).await;
        assert_code(late, 412, &ErrorCode::PreconditionFailed);
        assert!(ada.delete_group_by_id(&group.id).await.unwrap());
        assert_code(ada.get_group_by_id(&group.id).await, 404, &ErrorCode::GroupNotFound);
    });
}
