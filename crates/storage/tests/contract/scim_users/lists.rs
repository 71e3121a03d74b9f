//! Lists and filters: the database gives the rows whose documents meet them.

use proptest::strategy::{Strategy as _, ValueTree as _};
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use rosterd_domain::ids::UserId;
use rosterd_scim::ListQuery;
use rosterd_storage::ScimUserRow;
use rosterd_testkit::with_databases;
use serde_json::Value;

use super::conditions::conditions;
use super::roster::make_users;
use super::{adopted, attributes, connection, insert, query, row};
use crate::support::{NOW, id, insert_users, read};

with_databases!(all, j3_a_filter_gives_the_rows_whose_documents_meet_it, async |db| {
    let store = adopted(&db).await;
    let documents = make_users(&store, &db).await;
    // They are nobody's business who sees them not.
    insert(&store, "c-2", &row("u-00", attributes("a"))).await;
    insert_users(&store, &["hidden"]).await;
    insert(&store, "c-1", &ScimUserRow { hidden_at: Some(NOW), ..row("u-hidden", attributes("hidden")) })
        .await;
    let mut runner = TestRunner::new_with_rng(
        Config { failure_persistence: None, ..Config::default() },
        TestRng::deterministic_rng(RngAlgorithm::ChaCha),
    );
    let mut met = 0;
    for _ in 0..400 {
        let condition = conditions().new_tree(&mut runner).unwrap().current();
        let mut wanted: Vec<&str> = documents
            .iter()
            .filter(|document| condition.matches(document))
            .map(|document| document["id"].as_str().unwrap())
            .collect();
        wanted.sort_unstable();
        let asked = ListQuery { filter: Some(condition.clone()), ..query(&[("sortBy", "id")]) };
        let (found, counted) = read(&store, move |db| {
            let found = db.list_scim_users(&connection("c-1"), &asked)?;
            Ok((found, db.count_scim_users(&connection("c-1"), asked.filter.as_ref())?))
        })
        .await;
        let found: Vec<&str> = found.iter().map(|row| row.user.as_str()).collect();
        assert_eq!(found, wanted, "{condition:?}");
        assert_eq!(counted, i64::try_from(wanted.len()).unwrap());
        met += usize::from(!wanted.is_empty() && wanted.len() < documents.len());
    }
    assert!(met > 100, "most of them must tell rows apart: {met}");
});

with_databases!(all, j3_a_list_is_in_the_order_that_was_asked_for_and_has_no_row_twice, async |db| {
    let store = adopted(&db).await;
    let documents = make_users(&store, &db).await;
    let ids = async |parameters: &[(&str, &str)]| {
        let asked = query(parameters);
        let rows = read(&store, move |db| db.list_scim_users(&connection("c-1"), &asked)).await;
        rows.into_iter().map(|row| row.user).collect::<Vec<UserId>>()
    };
    let field = |document: &Value, by: &str| {
        let (name, sub) = by.split_once('.').map_or((by, None), |(name, sub)| (name, Some(sub)));
        let value = sub.map_or(&document[name], |sub| &document[name][sub]);
        value.as_str().map(|text| {
            if ["id", "externalId"].contains(&by) {
                text.to_owned()
            } else {
                rosterd_scim::filter::fold(text)
            }
        })
    };
    for by in
        ["id", "externalId", "meta.created", "meta.lastModified", "userName", "displayName", "name.givenName"]
    {
        for order in ["ascending", "descending"] {
            let mut wanted: Vec<(Option<String>, &str)> = documents
                .iter()
                .map(|document| (field(document, by), document["id"].as_str().unwrap()))
                .collect();
            wanted.sort_by(|(one, one_id), (other, other_id)| {
                let by_value = if order == "ascending" { one.cmp(other) } else { other.cmp(one) };
                one.is_none().cmp(&other.is_none()).then(by_value).then(one_id.cmp(other_id))
            });
            let wanted: Vec<UserId> = wanted.into_iter().map(|(_, user)| id(user)).collect();
            assert_eq!(ids(&[("sortBy", by), ("sortOrder", order)]).await, wanted, "{by} {order}");
        }
    }
    let mut pages = Vec::new();
    for start in ["1", "8", "15", "22", "29", "36"] {
        pages.extend(ids(&[("startIndex", start), ("count", "7")]).await);
    }
    assert_eq!(pages, ids(&[]).await);
    assert_eq!(pages.len(), 30);
});
