//! Every path also answers below `/rosterd`, for proxies that leave `/api/v1` with Open WebUI.

use rosterd_testkit::{Method, with_servers};
use serde_json::json;

use crate::support::{SETTINGS, set_config};

with_servers!(own, every_path_answers_by_both_names, async |server| {
    let ada = server.db_admin("ada").create().await;
    for endpoint in rosterd_api::routes::endpoints() {
        if endpoint.method != "GET" || endpoint.path.contains('{') || endpoint.path.ends_with("/signout") {
            continue;
        }
        let plain = ada.get(endpoint.path).await;
        let below = ada.get(&format!("/rosterd{}", endpoint.path)).await;
        assert_eq!(below.status(), plain.status(), "{}", endpoint.path);
        if plain.status() == 200 {
            // The page of the console names its files and links by its own path.
            let text = below.text().replace("=\"/rosterd/", "=\"/");
            assert_eq!(text, plain.text(), "{}", endpoint.path);
        }
        if endpoint.path.starts_with("/api/v1/users") {
            let refused = ada.request(Method::DELETE, &format!("/rosterd{}", endpoint.path)).send().await;
            let plain = ada.request(Method::DELETE, endpoint.path).send().await;
            assert_eq!(refused.status(), plain.status(), "{}", endpoint.path);
        }
    }
    let bob = server.db_user("bob").create().await;
    let update = "/rosterd/api/v1/users/user/settings/update";
    bob.post(update, json!({ "ui": { "theme": "dark" } })).await.assert_status(200);
    assert_eq!(bob.get(SETTINGS).await.at("/ui/theme"), json!("dark"));
    server.anonymous().get("/rosterd/api/v1/users/").await.assert_error(401, "NOT_AUTHENTICATED");
    for nothing in ["/rosterd/rosterd/health", "/rosterd/api/v1/nothing", "/rosterdx"] {
        ada.get(nothing).await.assert_error(404, "NOT_FOUND");
    }
});

with_servers!(own, the_alias_without_its_slash_leads_to_the_page, async |server| {
    let stranger = server.anonymous();
    for (asked, wanted) in [("/rosterd", "/rosterd/"), ("/rosterd?setup=a%0Db", "/rosterd/?setup=a%0Db")] {
        for method in [Method::GET, Method::HEAD] {
            let reply = stranger.request(method, asked).send().await;
            assert_eq!((reply.status(), reply.header("location")), (308, Some(wanted)), "{reply}");
        }
    }
});

with_servers!(own, a_restricted_key_is_held_to_the_plain_path, async |server| {
    let ada = server.db_admin("ada").create().await;
    server.db_set_config("auth.enable_api_keys", json!(true)).await;
    let bob = server.db_user("bob").create().await;
    server.db_group("Robots", &[&bob], json!({ "features": { "api_keys": true } })).await;
    server.db_api_key(&bob, "sk-bobs").await;
    let restriction = json!({
        "ENABLE_API_KEYS_ENDPOINT_RESTRICTIONS": true, "API_KEYS_ALLOWED_ENDPOINTS": SETTINGS,
    });
    set_config(&ada, restriction).await.assert_status(200);
    let robot = bob.with_bearer("sk-bobs");
    robot.get(&format!("/rosterd{SETTINGS}")).await.assert_status(200);
    robot.get("/rosterd/api/v1/users/user/info").await.assert_error(403, "API_KEY_NOT_ALLOWED");
    set_config(&ada, json!({ "API_KEYS_ALLOWED_ENDPOINTS": "/rosterd" })).await.assert_status(200);
    for path in [SETTINGS.to_owned(), format!("/rosterd{SETTINGS}")] {
        robot.get(&path).await.assert_error(403, "API_KEY_NOT_ALLOWED");
    }
});
