//! `/users/{id}/profile/image`: rules I1 to I4.

use rosterd_testkit::{Caller, Method, Reply, TestServer, with_servers};

use crate::support::{NOBODY, path_of};

/// One transparent pixel.
const PNG: &str =
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==";
/// `GIF89a` and little else.
const GIF: &str = "R0lGODlhAQABAAAAACH5BAEKAAEALAAAAAABAAEAAAICTAEAOw==";
/// The first bytes of a JPEG.
const JPEG: &str = "/9j/4AAQSkZJRg==";
/// `RIFF....WEBP`.
const WEBP: &str = "UklGRhoAAABXRUJQVlA4TA==";

async fn image_of(server: &TestServer, url: &str) -> Reply {
    let looker = server.db_user("looker").email(&format!("{}@rosterd.test", uuid())).create().await;
    let owner = server.db_user("owner").email(&format!("{}@rosterd.test", uuid())).profile_image_url(url);
    let owner = owner.create().await;
    looker.get(&path_of(&owner, "/profile/image")).await
}

fn uuid() -> String {
    uuid::Uuid::new_v4().to_string()
}

/// The headers that keep a browser from taking an upload for anything but an image.
#[track_caller]
fn assert_harmless(reply: &Reply) {
    assert_eq!(reply.header("x-content-type-options"), Some("nosniff"), "{reply}");
    assert_eq!(reply.header("content-disposition"), Some("inline"), "{reply}");
    assert_eq!(reply.header("content-security-policy"), Some("default-src 'none'"), "{reply}");
    assert!(reply.header("cache-control").is_some_and(|value| value.contains("private")), "{reply}");
    assert!(reply.header("etag").is_some(), "{reply}");
}

#[track_caller]
fn assert_default(reply: &Reply) {
    reply.assert_status(200);
    assert_eq!(reply.header("content-type"), Some("image/png"), "{reply}");
    assert!(
        reply.bytes().starts_with(b"\x89PNG\r\n\x1a\n") && reply.bytes().len() > 100,
        "the built-in image"
    );
    assert_harmless(reply);
}

with_servers!(all, i1_inline_images_are_served_as_what_they_are, async |server| {
    for (mime, base64, begins) in [
        ("image/png", PNG, b"\x89PNG".as_slice()),
        ("image/jpeg", JPEG, b"\xff\xd8\xff"),
        ("image/gif", GIF, b"GIF89a"),
        ("image/webp", WEBP, b"RIFF"),
    ] {
        let reply = image_of(&server, &format!("data:{mime};base64,{base64}")).await;
        reply.assert_status(200);
        assert_eq!(reply.header("content-type"), Some(mime));
        assert!(reply.bytes().starts_with(begins));
        assert_harmless(&reply);
    }
});

with_servers!(own, i1_bytes_that_begin_otherwise_are_not_served, async |server| {
    // `<script>` under an image's name, and one image under another's.
    for url in ["data:image/png;base64,PHNjcmlwdD4=", &format!("data:image/jpeg;base64,{PNG}")] {
        assert_default(&image_of(&server, url).await);
    }
});

with_servers!(own, i2_svg_and_other_types_are_not_served, async |server| {
    for mime in ["image/svg+xml", "text/html", "image/bmp", ""] {
        assert_default(&image_of(&server, &format!("data:{mime};base64,PHN2Zz48L3N2Zz4=")).await);
    }
});

with_servers!(own, i3_undecodable_data_and_no_url_give_the_default_image, async |server| {
    for url in ["data:image/png;base64,!!!", "data:image/png;base64", "data:", "data:image/png,abc", ""] {
        assert_default(&image_of(&server, url).await);
    }
});

with_servers!(all, i4_a_url_elsewhere_is_redirected_to, async |server| {
    let url = "https://images.example.net/a.png?x=1&y=%20";
    let reply = image_of(&server, url).await;
    reply.assert_status(302);
    assert_eq!(reply.header("location"), Some(url));
    assert_eq!(reply.header("referrer-policy"), Some("no-referrer"));
});

with_servers!(own, i4_what_is_no_such_url_is_no_redirect, async |server| {
    for url in [
        "/user.png",
        "javascript:alert(1)",
        "https://a\r\nset-cookie: x",
        "http:///x",
        "file:///etc/passwd",
        "//evil.example/a.png",
        "https://good.example@evil.example/a.png",
        "https://:80/a.png",
    ] {
        assert_default(&image_of(&server, url).await);
    }
});

with_servers!(
    own,
    i4_a_switch_turns_the_redirect_into_the_default_image,
    |server| server.settings(|settings| settings.image_redirects = false),
    async |server| {
        assert_default(&image_of(&server, "https://images.example.net/a.png").await);
    }
);

with_servers!(own, an_image_the_client_has_is_not_sent_again, async |server| {
    let bob: Caller =
        server.db_user("bob").profile_image_url(&format!("data:image/png;base64,{PNG}")).create().await;
    let path = path_of(&bob, "/profile/image");
    let tag = bob.get(&path).await.header("etag").unwrap().to_owned();
    let again = bob.request(Method::GET, &path).header("if-none-match", &tag).send().await;
    again.assert_status(304);
    assert!(again.bytes().is_empty());
    assert_harmless(&again);
    bob.get(&format!("/api/v1/users/{NOBODY}/profile/image")).await.assert_error(400, "USER_NOT_FOUND");
});
