//! Tables `chat` and `shared_chat`.

use rosterd_domain::ids::ChatId;
use rosterd_testkit::{DbKind, TestDb, run, with_databases};

use crate::support::{id, insert_users, open, read, recorded, write};

const SHARED: &str = "c0ffee00-0000-4000-8000-000000000001";
const SHARE: &str = "5ea5ed00-0000-4000-8000-000000000001";

fn chat(text: &str) -> ChatId {
    ChatId::from_stored(text.to_owned())
}

with_databases!(attached, a_shared_chat_leads_to_its_owner, async |db| {
    let store = open(&db);
    assert_eq!(read(&store, |db| db.find_chat_owner(&chat(SHARED))).await, Some(recorded("alice")));
    // The copy of it: a row of `chat` in the older layout, of `shared_chat` in the newer one.
    assert_eq!(read(&store, |db| db.find_chat_owner(&chat(SHARE))).await, Some(recorded("alice")));
    assert_eq!(read(&store, |db| db.find_chat_owner(&chat("none"))).await, None);
});

with_databases!(attached, p4_chats_go_with_their_share_copies_and_no_others, async |db| {
    let store = open(&db);
    write(&store, |db| db.delete_chats(&recorded("bob"))).await;
    assert_ne!(db.db_value("SELECT count(*) AS n FROM chat").as_deref(), Some("0"));
    write(&store, |db| db.delete_chats(&recorded("alice"))).await;
    assert_eq!(db.db_value("SELECT count(*) AS n FROM chat").as_deref(), Some("0"));
    if store.layout().shared_chat {
        assert_eq!(db.db_value("SELECT count(*) AS n FROM shared_chat").as_deref(), Some("0"));
    }
});

with_databases!(own, p4_own_chats_go_too, async |db| {
    let store = open(&db);
    insert_users(&store, &["eve", "bob"]).await;
    db.db_execute(
        "INSERT INTO chat (id, user_id) VALUES ('c-1', 'u-eve'), ('c-2', 'shared-c-1'), ('c-3', 'u-bob')",
    );
    assert_eq!(read(&store, |db| db.find_chat_owner(&chat("c-2"))).await, Some(id("u-eve")));
    write(&store, |db| db.delete_chats(&id("u-eve"))).await;
    assert_eq!(db.db_query_text("SELECT id FROM chat"), [[Some("c-3".to_owned())]]);
});

#[test]
fn a_share_of_somebody_elses_chat_goes_with_who_shared_it() {
    run::block_on(async {
        let db = TestDb::fresh(DbKind::WebUi012Sqlite);
        let bob = recorded("bob");
        db.db_execute(&format!("UPDATE shared_chat SET user_id = '{bob}'"));
        let store = open(&db);
        write(&store, move |db| db.delete_chats(&bob)).await;
        assert_eq!(db.db_value("SELECT count(*) FROM shared_chat").as_deref(), Some("0"));
        assert_eq!(db.db_value("SELECT count(*) FROM chat").as_deref(), Some("1"));
    });
}
