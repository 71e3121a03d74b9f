//! The document and the page to browse it, as they are served.

use std::io::Read as _;

use flate2::read::GzDecoder;
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
        let get = || anybody.request(rosterd_testkit::Method::GET, "/api/v1/openapi.json");
        get().header("if-none-match", &tag).send().await.assert_status(304);
        assert_eq!(reply.header("vary"), Some("Accept-Encoding"));
        // Whoever takes gzip gets the same in a tenth of the bytes, with a tag of its own.
        let packed = get().header("accept-encoding", "gzip, br").send().await;
        packed.assert_status(200);
        assert_eq!(packed.header("content-encoding"), Some("gzip"));
        let packed_tag = packed.header("etag").unwrap();
        assert_ne!(packed_tag, tag);
        let mut text = String::new();
        GzDecoder::new(packed.bytes()).read_to_string(&mut text).unwrap();
        assert!(text == reply.text() && packed.bytes().len() < text.len() / 5);
        let again = get().header("accept-encoding", "gzip").header("if-none-match", packed_tag).send().await;
        again.assert_status(304);
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
        let rules = anybody.get("/docs/rules.md").await;
        assert!(rules.assert_status(200).text().contains("| **P1** |"), "the rules are served, too");
        let below = anybody.get("/rosterd/docs").await;
        assert_eq!(below.assert_status(302).header("location"), Some("/rosterd/docs/"));
        assert_eq!(anybody.get("/rosterd/docs/").await.text(), html, "its links are relative");
        let document = anybody.get("/rosterd/api/v1/openapi.json").await;
        assert_eq!(document.assert_status(200).json(), rosterd_api::openapi::document());
        anybody.get("/docs/no-such-file").await.assert_error(404, "NOT_FOUND");
    });
}
