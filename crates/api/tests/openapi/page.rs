//! The document and the page to browse it, as they are served.

use rosterd_testkit::{DbKind, TestDb, TestServer, run};

#[test]
fn the_document_is_served_to_anybody_and_can_be_cached() {
    run::block_on(async {
        let server = TestServer::start(TestDb::fresh(DbKind::OwnSqlite)).await;
        let anybody = server.anonymous();
        let reply = anybody.get("/api/v1/openapi.json").await;
        reply.assert_status(200);
        assert_eq!(reply.json(), rosterd_api::openapi::document());
        let tag = reply.header("etag").unwrap().to_owned();
        let request = anybody.request(rosterd_testkit::Method::GET, "/api/v1/openapi.json");
        request.header("if-none-match", &tag).send().await.assert_status(304);
        anybody.post("/api/v1/openapi.json", ()).await.assert_error(405, "METHOD_NOT_ALLOWED");
    });
}

#[test]
fn the_page_needs_nothing_from_elsewhere() {
    run::block_on(async {
        let server = TestServer::start(TestDb::fresh(DbKind::OwnSqlite)).await;
        let anybody = server.anonymous();
        assert_eq!(anybody.get("/docs").await.assert_status(302).header("location"), Some("/docs/"));
        let page = anybody.get("/docs/").await;
        page.assert_status(200);
        let policy = page.header("content-security-policy").unwrap();
        assert!(policy.starts_with("default-src 'none'") && !policy.contains("http"), "{policy}");
        let html = page.text();
        assert!(!html.contains("//"), "a URL of another server in {html}");
        for file in ["docs.css", "docs.js"] {
            assert!(html.contains(&format!("\"{file}\"")), "{html}");
            let file = anybody.get(&format!("/docs/{file}")).await;
            assert!(!file.assert_status(200).text().contains("://"), "a URL of another server");
        }
        assert!(anybody.get("/docs/docs.js").await.text().contains("/api/v1/openapi.json"));
        let below = anybody.get("/rosterd/docs").await;
        assert_eq!(below.assert_status(302).header("location"), Some("/rosterd/docs/"));
        assert_eq!(anybody.get("/rosterd/docs/").await.text(), html, "its links are relative");
        let document = anybody.get("/rosterd/api/v1/openapi.json").await;
        assert_eq!(document.assert_status(200).json(), rosterd_api::openapi::document());
        anybody.get("/docs/no-such-file").await.assert_error(404, "NOT_FOUND");
    });
}
