//! Lists by page and as streams.

use std::collections::HashSet;

use futures_util::TryStreamExt;
use rosterd_client::{ErrorCode, ListQuery};
use rosterd_domain::{Direction, OrderBy, Role};
use rosterd_testkit::run;

use crate::{assert_code, client, server};

#[test]
fn pages() {
    run::block_on(async {
        let server = server().await;
        let ada = client(&server, "ada");
        let query = ListQuery::new().order_by(OrderBy::Name, Direction::Ascending).limit(5);
        let first = ada.get_users(&query).await.unwrap();
        assert_eq!((first.users.len(), first.total), (5, 84));
        let second = ada.get_users(&query.clone().cursor(first.next_cursor.unwrap())).await.unwrap();
        let numbered = ada.get_users(&query.clone().page(2)).await.unwrap();
        assert_eq!(second.users, numbered.users);
        let found = client(&server, "bob").search_users(&ListQuery::new().query("ALICE")).await.unwrap();
        assert_eq!(found.users[0].email, "alice@example.com");
        assert_code(ada.get_users(&ListQuery::new().limit(0)).await, 422, &ErrorCode::ValidationError);
    });
}

#[test]
fn narrowed_lists() {
    run::block_on(async {
        let server = server().await;
        let ada = client(&server, "ada");
        let admins = ada.get_users(&ListQuery::new().role(Role::Admin)).await.unwrap();
        assert!(admins.total > 0 && admins.users.iter().all(|entry| entry.user.role == Role::Admin));
        let group = ada.get_groups().await.unwrap().remove(0);
        let members = ada.get_users(&ListQuery::new().group(group.group.id)).await.unwrap();
        assert_eq!(members.total, group.member_count);
        let second = 1_700_000_000;
        let active = ada.get_users(&ListQuery::new().active_since(second)).await.unwrap();
        let inactive = ada.get_users(&ListQuery::new().inactive_since(second)).await.unwrap();
        assert_eq!(active.total + inactive.total, 84);
    });
}

#[test]
fn a_stream_gives_everybody_once_in_order() {
    run::block_on(async {
        let server = server().await;
        let ada = client(&server, "ada");
        let everybody = ada.get_all_users().await.unwrap();
        let query = ListQuery::new().order_by(OrderBy::Email, Direction::Ascending).limit(10);
        let streamed: Vec<_> = ada.users(query).try_collect().await.unwrap();
        let emails: Vec<_> = streamed.iter().map(|entry| entry.user.email.clone()).collect();
        assert!(emails.is_sorted());
        let ids: HashSet<_> = streamed.iter().map(|entry| entry.user.id.clone()).collect();
        assert_eq!((ids.len(), streamed.len()), (84, 84));
        assert_eq!(everybody.users.len(), 84);
        let found: Vec<_> =
            ada.found_users(ListQuery::new().query("corp.example.org").limit(7)).try_collect().await.unwrap();
        let counted = ada.search_users(&ListQuery::new().query("corp.example.org")).await.unwrap();
        assert_eq!(i64::try_from(found.len()), Ok(counted.total));
    });
}

#[test]
fn a_stream_ends_with_its_first_error() {
    run::block_on(async {
        let server = server().await;
        let nobody = client(&server, "dave");
        let mut stream = std::pin::pin!(nobody.found_users(ListQuery::new()));
        assert_code(stream.try_next().await, 401, &ErrorCode::AccessProhibited);
        assert!(stream.try_next().await.unwrap().is_none());
    });
}
