//! Deleted accounts that are kept for a while (rules B1 to B5).

use std::time::Duration;

use rosterd_app::{Caller as Actor, audit, deleted};
use rosterd_domain::ids::UserId;
use rosterd_storage::{Store, StoreOptions};
use rosterd_testkit::{Caller, PASSWORD, Reply, TestDb, TestServer, TokenKind, with_databases, with_servers};
use serde_json::{Value, json};

use crate::support::{NOBODY, SETTINGS, assert_gone, at_once, count, form, path_of, rows};

const DELETED: &str = "/api/v1/users/deleted";
const BULK: &str = "/api/v1/users/bulk";
const DAY: i64 = 86_400;

/// A server on a database with tables for deleted accounts: one of Open WebUI is adopted first.
async fn keeping(db: TestDb) -> TestServer {
    adopt(&db).await;
    TestServer::start(db).await
}

async fn adopt(db: &TestDb) {
    Store::open(&StoreOptions::new(db.database_url())).unwrap().adopt_apply().await.unwrap();
}

async fn delete(by: &Caller, user: &Caller) -> Reply {
    by.delete(&path_of(user, "")).await
}

async fn restore(by: &Caller, id: &UserId) -> Reply {
    by.post(&format!("{DELETED}/{id}/restore"), Value::Null).await
}

/// Two admins, of whom the first is the primary one, and a user with a group.
struct Scene {
    first: Caller,
    ben: Caller,
    eve: Caller,
    group: String,
}

impl Scene {
    async fn make(server: &TestServer) -> Self {
        let first = server.db_admin("first").created_at(1).create().await;
        let ben = server.db_admin("ben").create().await;
        let eve = server.db_user("eve").settings(json!({ "ui": { "theme": "dark" } })).create().await;
        let group = server.db_group("team", &[&eve], Value::Null).await.to_string();
        server.forget_events();
        Self { first, ben, eve, group }
    }
}

/// The ids of a page.
fn ids(reply: &Reply) -> Vec<String> {
    let users = reply.assert_status(200).at("/users");
    users.as_array().unwrap().iter().map(|user| user["id"].as_str().unwrap().to_owned()).collect()
}

/// The whole record, but for the time of the last request.
async fn row_of(server: &TestServer, user: &Caller) -> Value {
    let mut row = serde_json::to_value(server.db_get_user(user.id()).await).unwrap();
    row["last_active_at"] = Value::Null;
    row
}

async fn sign_in(server: &TestServer, user: &Caller) -> Reply {
    server
        .anonymous()
        .post("/api/v1/auths/signin", json!({ "email": user.email(), "password": PASSWORD }))
        .await
}

with_databases!(
    all,
    b1_b3_a_deleted_account_comes_back_with_its_password_and_without_its_sessions,
    async |db| {
        let server = keeping(db).await;
        let Scene { ben, eve, group, .. } = Scene::make(&server).await;
        let signed_in = sign_in(&server, &eve).await;
        let old = eve.with_bearer(signed_in.assert_status(200).at("/token").as_str().unwrap());
        server.db_api_key(&eve, "sk-eve").await;
        let before = row_of(&server, &eve).await;
        let settings = old.get(SETTINGS).await.json();
        server.forget_events();
        delete(&ben, &eve).await.assert_status(200);
        assert_gone(server.db(), eve.id().as_str());
        sign_in(&server, &eve).await.assert_error(400, "INVALID_CREDENTIALS");

        let page = ben.get(DELETED).await;
        assert_eq!(ids(&page), [eve.id().as_str()]);
        let shown = page.at("/users/0");
        assert_eq!(
            (&shown["name"], &shown["email"], &shown["role"]),
            (&json!("eve"), &json!(eve.email()), &json!("user"))
        );
        assert_eq!(
            (&shown["deleted_at"], &shown["deleted_by"]),
            (&json!(server.now()), &json!(ben.id().as_str()))
        );
        assert_eq!(shown["kept_until"], json!(server.now() + 30 * DAY));
        assert!(!page.text().contains("$2b$"), "no hash is shown: {page}");

        server.clock().advance(60);
        let restored = restore(&ben, eve.id()).await;
        restored.assert_status(200);
        assert_eq!(restored.at("/user/id"), eve.id().as_str());
        assert_eq!(restored.at("/restored/group_member"), 1);
        assert_eq!((restored.at("/left_out"), restored.at("/groups_gone")), (json!({}), json!([])));
        assert!(!restored.text().contains("$2b$"), "no hash is shown: {restored}");
        assert_eq!(row_of(&server, &eve).await, before);
        assert_eq!(
            rows(&server, &format!("group_member WHERE group_id = '{group}' AND user_id = '{}'", eve.id())),
            1
        );
        assert_eq!(rows(&server, "rosterd_deleted"), 0);
        assert_eq!(rows(&server, "rosterd_deleted_row"), 0);

        old.get(SETTINGS).await.assert_error(401, "INVALID_TOKEN");
        assert_eq!(rows(&server, &format!("api_key WHERE user_id = '{}'", eve.id())), 0);
        let signed_in = sign_in(&server, &eve).await;
        let new = eve.with_bearer(signed_in.assert_status(200).at("/token").as_str().unwrap());
        assert_eq!(new.get(SETTINGS).await.json(), settings);

        let told: Vec<_> = server.take_events().into_iter().map(|record| record.event.name()).collect();
        let told: Vec<_> = told.into_iter().filter(|name| name.starts_with("user.")).collect();
        assert_eq!(told, ["user.deleted", "user.restored"]);
    }
);

with_databases!(all, b3_an_admin_comes_back_as_an_admin_and_only_admins_restore, async |db| {
    let server = keeping(db).await;
    let Scene { first, ben, eve, .. } = Scene::make(&server).await;
    delete(&first, &ben).await.assert_status(200);
    restore(&eve, ben.id()).await.assert_error(401, "ACCESS_PROHIBITED");
    restore(&first, ben.id()).await.assert_status(200);
    assert_eq!(server.db_get_user(ben.id()).await.role.as_str(), "admin");
});

with_databases!(all, b3_groups_that_are_gone_are_told, async |db| {
    let server = keeping(db).await;
    let Scene { ben, eve, group, .. } = Scene::make(&server).await;
    delete(&ben, &eve).await.assert_status(200);
    ben.delete(&format!("/api/v1/groups/id/{group}/delete")).await.assert_status(200);
    let restored = restore(&ben, eve.id()).await;
    restored.assert_status(200);
    assert_eq!(restored.at("/groups_gone"), json!([group]));
    assert_eq!(restored.at("/left_out"), json!({ "group_member": 1 }));
});

with_databases!(all, b4_what_is_in_the_way_is_named_and_nothing_is_changed, async |db| {
    let server = keeping(db).await;
    let Scene { first, ben, eve, .. } = Scene::make(&server).await;
    delete(&ben, &eve).await.assert_status(200);
    let other = server.db_user("other").email(&eve.email().to_uppercase()).create().await;
    let refused = restore(&ben, eve.id()).await;
    refused.assert_error(409, "RESTORE_CONFLICT");
    assert!(refused.text().contains(other.id().as_str()), "{refused}");
    assert_gone(server.db(), eve.id().as_str());
    delete(&ben, &other).await.assert_status(200);
    restore(&ben, eve.id()).await.assert_status(200);

    delete(&ben, &eve).await.assert_status(200);
    server.db_user("same").id(eve.id().as_str()).email("same@example.com").create().await;
    let refused = restore(&ben, eve.id()).await;
    refused.assert_error(409, "RESTORE_CONFLICT");
    assert!(refused.text().contains("another account has its id now"), "{refused}");

    // Older than the primary admin, since its time was changed elsewhere.
    let admin = server.db_admin("old").created_at(2).create().await;
    delete(&first, &admin).await.assert_status(200);
    server.db().db_execute(&format!("UPDATE \"user\" SET created_at = 5 WHERE id = '{}'", first.id()));
    let refused = restore(&first, admin.id()).await;
    refused.assert_error(409, "RESTORE_CONFLICT");
    assert!(refused.text().contains("primary admin"), "{refused}");
    assert_gone(server.db(), admin.id().as_str());
    assert_eq!(rows(&server, &format!("rosterd_deleted WHERE user_id = '{}'", admin.id())), 1);
});

with_databases!(all, b2_an_account_with_too_much_is_deleted_for_good_or_not_at_all, async |db| {
    let server = keeping(db).await;
    let Scene { ben, eve, .. } = Scene::make(&server).await;
    let many = if server.db().is_postgres() { "repeat('x', 67108865)" } else { "hex(zeroblob(33554433))" };
    server.db().db_execute(&format!("UPDATE \"user\" SET bio = {many} WHERE id = '{}'", eve.id()));
    let forecast = ben.get(&path_of(&eve, "/deletion")).await;
    assert_eq!(forecast.assert_status(200).at("/kept"), "too_large");
    delete(&ben, &eve).await.assert_error(409, "TOO_LARGE_TO_KEEP");
    let bulk = ben.post(BULK, json!({ "action": "delete", "ids": [eve.id().as_str()] })).await;
    assert_eq!(bulk.assert_status(200).at("/results/0/error/code"), "TOO_LARGE_TO_KEEP");
    assert!(server.db_find_user(eve.id()).await.is_some());
    ben.delete(&path_of(&eve, "?purge=true")).await.assert_status(200);
    assert_gone(server.db(), eve.id().as_str());
    assert_eq!(ids(&ben.get(DELETED).await), [""; 0]);
});

with_databases!(all, b2_nothing_is_kept_where_the_call_or_the_setting_says_so, async |db| {
    let server = keeping(db).await;
    let Scene { ben, eve, .. } = Scene::make(&server).await;
    let fay = server.db_user("fay").create().await;
    let gus = server.db_user("gus").create().await;
    ben.delete(&path_of(&eve, "?purge=perhaps")).await.assert_error(422, "VALIDATION_ERROR");
    let bulk = json!({ "action": "delete", "purge": true, "ids": [eve.id().as_str()] });
    ben.post(BULK, bulk).await.assert_status(200);
    let bulk = json!({ "action": "delete", "ids": [fay.id().as_str()] });
    ben.post(BULK, bulk).await.assert_status(200);
    assert_eq!(ids(&ben.get(DELETED).await), [fay.id().as_str()]);
    let off = server.second_builder().settings(|settings| settings.deleted_retention = Duration::ZERO);
    let off = off.start().await;
    let ben = ben.through(&off);
    let forecast = ben.get(&path_of(&gus, "/deletion")).await;
    assert_eq!((forecast.at("/kept"), forecast.at("/retention")), (json!("off"), json!(0)));
    delete(&ben, &gus).await.assert_status(200);
    assert_eq!(ids(&ben.get(DELETED).await), [fay.id().as_str()]);
    assert_eq!(deleted::purge_old(off.app(), "deleted_retention").await.unwrap(), 1);
    assert_eq!(ids(&ben.get(DELETED).await), [""; 0]);
});

with_databases!(all, b1_a_forecast_counts_what_the_deletion_removes, async |db| {
    let server = keeping(db).await;
    let Scene { first, ben, eve, .. } = Scene::make(&server).await;
    sign_in(&server, &eve).await.assert_status(200);
    server.db_api_key(&eve, "sk-eve").await;
    let forecast = ben.get(&path_of(&eve, "/deletion")).await;
    forecast.assert_status(200);
    let wanted = json!({ "auth": 1, "group_member": 1, "rosterd_sign_in": 1, "user": 1 });
    assert_eq!((forecast.at("/removed"), forecast.at("/cleared")), (wanted, json!({})));
    assert_eq!(forecast.at("/not_kept"), json!({ "api_key": 1, "rosterd_session": 1 }));
    assert_eq!((forecast.at("/kept"), forecast.at("/retention")), (json!("yes"), json!(30 * DAY)));
    assert!(forecast.at("/bytes").as_i64().unwrap() > 0);
    ben.get(&path_of(&first, "/deletion")).await.assert_error(403, "ACTION_PROHIBITED");
    ben.get(&path_of(&ben, "/deletion")).await.assert_error(403, "ACTION_PROHIBITED");
    ben.get(&format!("/api/v1/users/{NOBODY}/deletion")).await.assert_error(400, "USER_NOT_FOUND");
    delete(&ben, &eve).await.assert_status(200);
    let kept = ben.get(DELETED).await;
    assert_eq!((kept.at("/users/0/rows"), kept.at("/users/0/bytes")), (json!(4), forecast.at("/bytes")));
});

with_databases!(all, b5_what_was_kept_is_purged_by_an_admin_and_by_its_age, async |db| {
    let server = keeping(db).await;
    let Scene { ben, eve, .. } = Scene::make(&server).await;
    let ben = ben.with_bearer(server.token(TokenKind::NeverExpires, ben.id()));
    let fay = server.db_user("fay").create().await;
    delete(&ben, &eve).await.assert_status(200);
    server.clock().advance(DAY);
    delete(&ben, &fay).await.assert_status(200);
    server.forget_events();
    assert_eq!(ids(&ben.get(DELETED).await), [fay.id().as_str(), eve.id().as_str()]);
    let page = ben.get(&format!("{DELETED}?limit=1")).await;
    assert_eq!((ids(&page), page.at("/total")), (vec![fay.id().to_string()], json!(2)));
    let next = page.at("/next_cursor").as_str().unwrap().to_owned();
    assert_eq!(ids(&ben.get(&format!("{DELETED}?limit=1&cursor={next}")).await), [eve.id().as_str()]);
    let purge = async |id: &str| ben.delete(&format!("{DELETED}/{id}")).await;
    purge(NOBODY).await.assert_error(404, "NOT_FOUND");
    server.clock().advance(29 * DAY - 1);
    assert_eq!(deleted::purge_old(server.app(), "deleted_retention").await.unwrap(), 0);
    server.clock().advance(1);
    assert_eq!(deleted::purge_old(server.app(), "deleted_retention").await.unwrap(), 1);
    restore(&ben, eve.id()).await.assert_error(404, "NOT_FOUND");
    purge(fay.id().as_str()).await.assert_status(200);
    purge(fay.id().as_str()).await.assert_error(404, "NOT_FOUND");
    assert_eq!(rows(&server, "rosterd_deleted_row"), 0);
    let told: Vec<_> = server.take_events().into_iter().map(|record| record.event.name()).collect();
    assert_eq!(told, ["user.purged", "user.purged"]);
});

with_databases!(all, b5_who_is_erased_from_the_log_is_kept_no_more, async |db| {
    let server = keeping(db).await;
    let Scene { ben, eve, .. } = Scene::make(&server).await;
    delete(&ben, &eve).await.assert_status(200);
    let erased = audit::erase(server.app(), Actor::operator(), eve.id().clone()).await.unwrap();
    assert!(erased.purged && erased.events >= 2, "{erased:?}");
    assert_eq!((rows(&server, "rosterd_deleted"), rows(&server, "rosterd_deleted_row")), (0, 0));
    let named = format!("rosterd_event WHERE subject_id = '{}' AND subject_label LIKE '%eve%'", eve.id());
    assert_eq!(rows(&server, &named), 0);
});

with_databases!(all, b4_of_a_restore_and_a_sign_up_with_one_email_one_succeeds, async |db| {
    adopt(&db).await;
    let server = TestServer::builder(db).settings(|settings| {
        settings.defaults.set(rosterd_domain::stored_config::Key::EnableSignup, true).unwrap();
    });
    let server = server.start().await;
    server.db_set_config("ui.enable_signup", json!(true)).await;
    let Scene { ben, .. } = Scene::make(&server).await;
    for round in 0..6 {
        let user = server.db_user(&format!("racer{round}")).create().await;
        delete(&ben, &user).await.assert_status(200);
        let account = json!({ "name": "New", "email": user.email(), "password": PASSWORD });
        let (admin, visitor) = (ben.clone(), server.anonymous());
        let path = format!("{DELETED}/{}/restore", user.id());
        let replies = at_once([
            Box::pin(async move { admin.post(&path, Value::Null).await })
                as std::pin::Pin<Box<dyn Future<Output = Reply> + Send>>,
            Box::pin(async move { visitor.post("/api/v1/auths/signup", account).await }),
        ])
        .await;
        match (replies[0].status(), replies[1].status()) {
            (200, _) => _ = replies[1].assert_error(400, "EMAIL_TAKEN"),
            (_, 200) => _ = replies[0].assert_error(409, "RESTORE_CONFLICT"),
            _ => panic!("{} {}", replies[0], replies[1]),
        }
        let email = user.email();
        assert_eq!(rows(&server, &format!("\"user\" WHERE email = '{email}'")), 1);
    }
});

with_databases!(all, b3_of_two_restores_and_of_two_deletions_one_succeeds, async |db| {
    let server = keeping(db).await;
    let Scene { ben, eve, .. } = Scene::make(&server).await;
    for _ in 0..4 {
        let (path, admin) = (path_of(&eve, ""), ben.clone());
        let deletions = (0..3).map(|_| {
            let (admin, path) = (admin.clone(), path.clone());
            async move { admin.delete(&path).await }
        });
        assert_eq!(count(&at_once(deletions).await, 200, (400, "USER_NOT_FOUND")), 1);
        let restores = (0..3).map(|_| {
            let (admin, id) = (ben.clone(), eve.id().clone());
            async move { restore(&admin, &id).await }
        });
        assert_eq!(count(&at_once(restores).await, 200, (404, "NOT_FOUND")), 1);
        assert!(server.db_find_user(eve.id()).await.is_some());
    }
});

with_servers!(attached, b2_without_the_tables_accounts_are_deleted_as_ever, async |server| {
    let Scene { ben, eve, .. } = Scene::make(&server).await;
    let forecast = ben.get(&path_of(&eve, "/deletion")).await;
    assert_eq!(forecast.assert_status(200).at("/kept"), "no_tables");
    delete(&ben, &eve).await.assert_status(200);
    assert_gone(server.db(), eve.id().as_str());
    ben.get(DELETED).await.assert_error(409, "CONFLICT");
    restore(&ben, eve.id()).await.assert_error(409, "CONFLICT");
    let purged = ben.delete(&format!("{DELETED}/{}", eve.id())).await;
    purged.assert_error(409, "CONFLICT");
    assert!(purged.text().contains("rosterd adopt --apply"), "{purged}");
});

with_servers!(own, b3_a_restored_account_is_found_by_search_and_listed, async |server| {
    let Scene { ben, eve, .. } = Scene::make(&server).await;
    ben.post(&path_of(&eve, "/update"), form("Zoë Straße", eve.email(), json!({}))).await.assert_status(200);
    let found = async || ids(&ben.get("/api/v1/users/?query=strasse").await);
    assert_eq!(found().await, [eve.id().as_str()]);
    let total = ben.get("/api/v1/users/").await.at("/total");
    delete(&ben, &eve).await.assert_status(200);
    assert_eq!(found().await, [""; 0]);
    restore(&ben, eve.id()).await.assert_status(200);
    assert_eq!(found().await, [eve.id().as_str()]);
    assert_eq!(ben.get("/api/v1/users/").await.at("/total"), total);
});
