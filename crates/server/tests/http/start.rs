//! `GET /` and the console: pages for people, JSON for programs.

use rosterd_testkit::{Caller, Method, Reply, with_servers};
use serde_json::json;

const BROWSER: &str = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8";

async fn opened(caller: &Caller, path: &str) -> Reply {
    caller
        .request(Method::GET, path)
        .header("accept", BROWSER)
        .header("accept-encoding", "gzip, br")
        .send()
        .await
}

/// A page of the console, as a browser has to get it.
fn assert_console(page: &Reply) {
    page.assert_status(200);
    assert_eq!(page.header("content-type"), Some("text/html; charset=utf-8"), "{page}");
    assert_eq!(page.header("content-encoding"), Some("gzip"), "{page}");
    assert!(page.header("vary").is_some_and(|vary| vary.contains("Accept-Encoding")), "{page}");
    assert_eq!(page.header("cache-control"), Some("no-cache"), "{page}");
    assert_eq!(page.header("x-content-type-options"), Some("nosniff"), "{page}");
    assert_eq!(page.header("referrer-policy"), Some("no-referrer"), "{page}");
    let policy = page.header("content-security-policy").unwrap();
    for part in [
        "default-src 'none'",
        "script-src 'self';",
        "style-src 'self';",
        "require-trusted-types-for 'script'",
    ] {
        assert!(policy.contains(part), "{part} is missing in {policy}");
    }
    assert!(!policy.contains("unsafe") && !policy.contains("http"), "{policy}");
}

with_servers!(all, the_first_url_answers_people_and_programs, async |server| {
    let anybody = server.anonymous();
    let page = opened(&anybody, "/").await;
    assert_console(&page);
    assert_eq!(page.header("vary"), Some("Accept, Accept-Encoding"), "{page}");
    let plain = anybody.request(Method::GET, "/").header("accept", BROWSER).send().await;
    assert_eq!(plain.assert_status(200).header("content-encoding"), None, "{plain}");
    assert!(plain.text().contains("/console/assets/"), "{plain}");
    for accept in ["*/*", "application/json"] {
        let reply = anybody.request(Method::GET, "/").header("accept", accept).send().await;
        assert_eq!(reply.assert_status(200).at("/server"), json!("rosterd"));
        assert_eq!(reply.header("vary"), Some("Accept"), "{reply}");
        // What it names is there.
        for field in ["documentation", "openapi", "health"] {
            let path = reply.at(&format!("/{field}"));
            anybody.get(path.as_str().unwrap()).await.assert_status(200);
        }
    }
    anybody.post("/", json!({})).await.assert_status(405);
});

with_servers!(all, the_console_is_served_at_its_paths_and_below_rosterd, async |server| {
    let anybody = server.anonymous();
    let pages =
        ["/console", "/console/", "/console/people", "/console/people/some-id", "/console/no/such/page"];
    for path in pages {
        let plain = opened(&anybody, path).await;
        assert_console(&plain);
        let below = opened(&anybody, &format!("/rosterd{path}")).await;
        assert_console(&below);
        assert_ne!(plain.header("etag"), below.header("etag"), "each names its files by its own path");
        let tag = plain.header("etag").unwrap();
        let again = anybody.request(Method::GET, path).header("if-none-match", tag);
        again.header("accept-encoding", "gzip").send().await.assert_status(304);
        let other = anybody.request(Method::GET, path).header("if-none-match", tag).send().await;
        assert!(other.assert_status(200).text().starts_with("<!doctype html>"), "{other}");
    }
    assert_console(&opened(&anybody, "/rosterd/").await);
    for name in rosterd_console::assets() {
        for prefix in ["", "/rosterd"] {
            let file = opened(&anybody, &format!("{prefix}/console/assets/{name}")).await;
            file.assert_status(200);
            let kept = file.header("cache-control").unwrap();
            assert!(kept.contains("immutable") && kept.contains("max-age=31536000"), "{name}: {kept}");
            assert_eq!(file.header("content-encoding"), Some("gzip"), "{name}");
        }
    }
    for path in ["/console/assets/nothing.js", "/console/assets/index.html"] {
        anybody.get(path).await.assert_error(404, "NOT_FOUND");
    }
    anybody.post("/console", json!({})).await.assert_status(405);
});

with_servers!(
    own,
    without_the_console_there_is_a_small_page,
    |server| server.settings(|settings| settings.console = false),
    async |server| {
        let anybody = server.anonymous();
        let page = opened(&anybody, "/").await;
        page.assert_status(200);
        assert_eq!(page.header("content-type"), Some("text/html; charset=utf-8"));
        assert!(
            page.header("content-security-policy")
                .is_some_and(|policy| policy.contains("default-src 'none'"))
        );
        assert!(page.text().contains("rosterd user create --admin"), "{page}");
        anybody.get("/docs/docs.css").await.assert_status(200);
        let asset = rosterd_console::assets().next().unwrap();
        for path in ["/console", "/console/people", &format!("/console/assets/{asset}")] {
            opened(&anybody, path).await.assert_error(404, "NOT_FOUND");
        }
    }
);
