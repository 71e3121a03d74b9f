//! The audit log by page and as a stream.

use futures_util::TryStreamExt;
use rosterd_app::audit;
use rosterd_client::{ErrorCode, EventQuery};
use rosterd_testkit::{DbKind, TestDb, TestServer, run};
use serde_json::json;

use crate::{assert_code, client};

#[test]
fn events_are_read_by_page_and_as_a_stream() {
    run::block_on(async {
        let server = TestServer::start(TestDb::fresh(DbKind::OwnSqlite)).await;
        let at = |caller: &rosterd_testkit::Caller| {
            let token = server.token(rosterd_testkit::TokenKind::Valid, caller.id());
            rosterd_client::Client::new(server.url()).unwrap().with_token(token)
        };
        let (ada, bob) = (server.db_admin("ada").create().await, server.db_user("bob").create().await);
        let (ada, bob) = (at(&ada), at(&bob));
        for n in 0..3 {
            bob.update_user_settings(&json!({ "n": n }), None).await.unwrap();
        }
        let page = ada.get_audit_events(&EventQuery::new().action("user.*").limit(2)).await.unwrap();
        assert_eq!(page.events.len(), 2);
        let rest = EventQuery::new().limit(2).cursor(page.next_cursor.unwrap());
        let rest = ada.get_audit_events(&rest).await.unwrap();
        assert_eq!((rest.events.len(), rest.next_cursor), (1, None));
        assert_eq!(bob.get_user_events(&EventQuery::new()).await.unwrap().events.len(), 3);
        audit::seal(server.app()).await.unwrap();
        let streamed: Vec<_> = ada.stream_audit_events(Some(1)).await.unwrap().try_collect().await.unwrap();
        let positions: Vec<_> = streamed.iter().map(|event| event.position).collect();
        assert_eq!(positions, [Some(2), Some(3)]);
        let refused = bob.get_audit_events(&EventQuery::new()).await;
        assert_code(refused, 401, &ErrorCode::AccessProhibited);
        assert!(bob.stream_audit_events(None).await.is_err());
    });
}

#[test]
fn a_database_without_the_log_says_so() {
    run::block_on(async {
        let server = crate::server().await;
        let events = client(&server, "ada").get_audit_events(&EventQuery::new()).await;
        assert_code(events, 404, &ErrorCode::NotFound);
    });
}
