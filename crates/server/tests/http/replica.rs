//! Lists from a read replica that lags: here a database that knows nobody yet.

use rosterd_domain::role::Role;
use rosterd_domain::user::UserChanges;
use rosterd_testkit::{DbKind, TestDb, TestServer, run};
use serde_json::json;

use crate::support::{ALL, SETTINGS};

#[test]
fn a_replica_serves_lists_and_never_rights() {
    if !DbKind::OwnPostgres.is_available() {
        run::report_skip("a_replica_serves_lists_and_never_rights");
        return;
    }
    run::block_on(async {
        let replica = TestDb::fresh(DbKind::OwnPostgres);
        let url = replica.database_url();
        let server = TestServer::builder(TestDb::fresh(DbKind::OwnPostgres))
            .store(|options| options.read_replica_url = Some(url))
            .start()
            .await;
        let ada = server.db_admin("ada").create().await;

        // What a right or an own record depends on comes from the primary.
        ada.get(SETTINGS).await.assert_status(200);
        ada.get(&format!("/api/v1/users/{}", ada.id())).await.assert_status(200);
        // Lists, searches and exports show what the replica knows.
        let nobody = json!({ "users": [], "total": 0 });
        for path in ["/api/v1/users/", "/api/v1/users/search?query=ada", ALL] {
            assert_eq!(ada.get(path).await.assert_status(200).json(), nobody, "{path}");
        }

        // The replica has not heard of the demotion either, and is not asked.
        let (id, demoted) =
            (ada.id().clone(), UserChanges { role: Some(Role::User), ..UserChanges::default() });
        server.db_write(move |db| db.update_user(&id, &demoted, 1)).await;
        for path in ["/api/v1/users/", ALL] {
            ada.get(path).await.assert_error(401, "ACCESS_PROHIBITED");
        }
    });
}
