//! The set-up token: one for all servers on a standalone database, none in an attached one. Rule A3.

use rosterd_domain::secret::SetupToken;
use rosterd_storage::Store;
use rosterd_testkit::with_databases;

use crate::support::{open, read, write};

fn token(text: &str) -> SetupToken {
    SetupToken::from_stored(text.to_owned())
}

async fn found(store: &Store) -> Option<String> {
    read(store, |db| db.find_setup_token()).await.map(|token| token.expose().to_owned())
}

with_databases!(own, a3_there_is_one_set_up_token_for_all_servers, async |db| {
    let (one, other) = (open(&db), open(&db));
    assert_eq!(found(&one).await, None);
    write(&one, |db| db.keep_setup_token(&token("first"))).await;
    write(&other, |db| db.keep_setup_token(&token("second"))).await;
    assert_eq!(found(&one).await.as_deref(), Some("first"), "what is there stays");
    write(&other, |db| db.replace_setup_token(&token("third"))).await;
    assert_eq!(found(&one).await.as_deref(), Some("third"));
    assert!(write(&one, |db| db.forget_setup_token()).await);
    assert!(!write(&other, |db| db.forget_setup_token()).await);
    assert_eq!(found(&other).await, None);
});

with_databases!(attached, a3_a_database_of_open_webui_has_no_set_up_token, async |db| {
    let store = open(&db);
    store.adopt_apply().await.unwrap();
    write(&store, |db| db.keep_setup_token(&token("first"))).await;
    write(&store, |db| db.replace_setup_token(&token("second"))).await;
    assert_eq!(found(&store).await, None);
    assert!(!write(&store, |db| db.forget_setup_token()).await);
});
