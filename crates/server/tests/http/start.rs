//! `GET /`: a page for people, JSON for programs.

use rosterd_testkit::{Method, with_servers};
use serde_json::json;

const BROWSER: &str = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8";

with_servers!(all, the_first_url_answers_people_and_programs, async |server| {
    let anybody = server.anonymous();
    let accepting =
        async |accept: &str| anybody.request(Method::GET, "/").header("accept", accept).send().await;
    let page = accepting(BROWSER).await;
    page.assert_status(200);
    assert_eq!(page.header("content-type"), Some("text/html; charset=utf-8"));
    assert!(
        page.header("content-security-policy").is_some_and(|policy| policy.contains("default-src 'none'"))
    );
    assert!(page.text().contains("rosterd user create --admin"), "{page}");
    for accept in ["*/*", "application/json"] {
        let reply = accepting(accept).await;
        assert_eq!(reply.assert_status(200).at("/server"), json!("rosterd"));
        assert_eq!(reply.header("vary"), Some("Accept"), "{reply}");
        // What it names is there.
        for field in ["documentation", "openapi", "health"] {
            let path = reply.at(&format!("/{field}"));
            anybody.get(path.as_str().unwrap()).await.assert_status(200);
        }
    }
    anybody.get("/docs/docs.css").await.assert_status(200);
    anybody.post("/", json!({})).await.assert_status(405);
});
