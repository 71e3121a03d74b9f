//! The example `embedded`, really run: rosterd's endpoints in somebody else's application.

#[expect(dead_code, reason = "its `main` is for `cargo run`")]
#[path = "../examples/embedded.rs"]
mod embedded;

use std::error::Error;
use std::net::SocketAddr;

use rosterd_app::settings::TokenSecret;
use rosterd_domain::ids::UserId;
use rosterd_storage::{DatabaseUrl, Store, StoreOptions};
use serde_json::{Value, json};
use tokio::sync::oneshot;

/// What somebody does with the application while it runs; gives the id of the account that was made.
async fn use_it(address: SocketAddr) -> Result<UserId, Box<dyn Error>> {
    let client = reqwest::Client::new();
    let url = |path: &str| format!("http://{address}{path}");
    let hello = client.get(url("/hello")).send().await?;
    assert_eq!((hello.status().as_u16(), hello.text().await?.contains("Hello")), (200, true));

    let ada = json!({ "name": "Ada", "email": "ada@example.com", "password": "Correct-Horse-7" });
    let session = client.post(url("/api/v1/auths/signup")).json(&ada).send().await?;
    assert_eq!(session.status(), 200);
    let session: Value = session.json().await?;
    assert_eq!(session["role"], "admin");

    let token = session["token"].as_str().unwrap_or_default();
    let list: Value = client.get(url("/api/v1/users/")).bearer_auth(token).send().await?.json().await?;
    assert_eq!((&list["total"], &list["users"][0]["email"]), (&json!(1), &json!("ada@example.com")));
    assert_eq!(client.get(url("/api/v1/users/")).send().await?.status(), 401);
    Ok(UserId::parse(session["id"].as_str().unwrap_or_default())?)
}

#[test]
fn an_application_of_somebody_else_has_our_endpoints_and_stops_in_order() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("embedded.db");
    let database = || DatabaseUrl::parse(&format!("sqlite:///{}", file.display())).unwrap();
    let (listening, address) = oneshot::channel();
    let (stop, stopped) = oneshot::channel::<()>();

    let id = actix_web::rt::System::new().block_on(async {
        let serving = embedded::serve(
            database(),
            TokenSecret::new("a secret that only this test knows"),
            ("127.0.0.1", 0),
            |address| listening.send(address).unwrap(),
            async { stopped.await.unwrap() },
        );
        let using = async {
            let id = use_it(address.await.unwrap()).await;
            // Whatever went wrong, the application must end.
            stop.send(()).unwrap();
            id.unwrap()
        };
        let (served, id) = tokio::join!(serving, using);
        served.unwrap();
        id
    });

    let left: Vec<_> = folder.path().read_dir().unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(left, ["embedded.db"], "the store was closed");
    actix_web::rt::System::new().block_on(async {
        let store = Store::open(&StoreOptions::new(database())).unwrap();
        let account = store.read(move |db| db.find_account(&id)).await.unwrap();
        assert_eq!(account.unwrap().name, "Ada");
        store.close();
    });
}
