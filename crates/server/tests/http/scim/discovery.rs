//! What SCIM tells of itself, and how it refuses what it does not have (rules J2, J10, J11).

use rosterd_testkit::{Method, with_servers};
use serde_json::{Value, json};

use super::{GROUP, MEDIA_TYPE, MOUNT, USER, assert_refused, connection, get};

fn names(attributes: &Value) -> Vec<&str> {
    attributes.as_array().unwrap().iter().map(|attribute| attribute["name"].as_str().unwrap()).collect()
}

with_servers!(own, j10_j11_discovery_tells_what_a_connection_can_do, async |server| {
    let ada = server.db_admin("ada").create().await;
    let plain = connection(&ada, "Okta", json!({})).await;
    let taking = connection(&ada, "Entra ID", json!({ "takes_passwords": true })).await;
    let config = get(&plain, "/ServiceProviderConfig").await;
    assert_eq!(config.assert_status(200).header("content-type"), Some(MEDIA_TYPE));
    assert_eq!(config.at("/filter"), json!({ "supported": true, "maxResults": 200 }));
    assert_eq!(config.at("/bulk/supported"), json!(false));
    assert_eq!(config.at("/changePassword/supported"), json!(false));
    assert_eq!(config.at("/meta/location"), json!(format!("{MOUNT}/ServiceProviderConfig")));
    let taken = get(&taking, "/ServiceProviderConfig").await.at("/changePassword/supported");
    assert_eq!(taken, json!(true));
    let types = get(&plain, "/ResourceTypes").await.assert_status(200).json();
    assert_eq!((&types["totalResults"], types["Resources"].as_array().unwrap().len()), (&json!(2), 2));
    assert_eq!(get(&plain, "/ResourceTypes/Group").await.at("/schema"), json!(GROUP));
    assert_refused(&get(&plain, "/ResourceTypes/Robot").await, 404, None);
    assert_eq!(get(&plain, "/Schemas").await.at("/totalResults"), json!(5));
    for (provider, has_password) in [(&plain, false), (&taking, true)] {
        for path in [format!("/Schemas/{USER}"), format!("/Schemas/{}", USER.replace(':', "%3A"))] {
            let user = get(provider, &path).await;
            let attributes = user.assert_status(200).at("/attributes");
            assert_eq!(names(&attributes).contains(&"password"), has_password);
        }
    }
    assert_refused(&get(&plain, "/Schemas/urn:x:y").await, 404, None);
    for path in ["/Schemas", "/ResourceTypes", "/ServiceProviderConfig"] {
        assert_refused(&get(&plain, &format!("{path}?filter=id%20pr")).await, 403, None);
        get(&plain, &format!("{path}?attributes=id&unknown")).await.assert_status(200);
    }
});

with_servers!(own, j2_what_scim_does_not_have_is_refused_in_its_own_words, async |server| {
    let ada = server.db_admin("ada").create().await;
    let provider = connection(&ada, "Okta", json!({})).await;
    for mount in [MOUNT, "/api/v1/scim/v2"] {
        let send = async |method: Method, path: &str| {
            provider.request(method, &format!("{mount}{path}")).send().await
        };
        for (method, path, status) in [
            (Method::POST, "/Bulk", 501),
            (Method::GET, "/Me", 501),
            (Method::PATCH, "/Me", 501),
            (Method::GET, "", 404),
            (Method::GET, "/", 404),
            (Method::GET, "/Robots", 404),
            (Method::GET, "/Robots/1", 404),
            (Method::PUT, "/Schemas", 405),
            (Method::DELETE, "/ServiceProviderConfig", 405),
        ] {
            let reply = send(method.clone(), path).await;
            assert_refused(&reply, status, None);
            assert_eq!(reply.header("content-type"), Some(MEDIA_TYPE), "{reply}");
            let allowed = (status == 405).then_some("GET, HEAD");
            assert_eq!(reply.header("allow"), allowed, "{method} {path}");
        }
    }
    // What lies beside it answers as ever.
    provider.get("/scim").await.assert_error(404, "NOT_FOUND");
    provider.get("/scim/v3/Users").await.assert_error(404, "NOT_FOUND");
});
