//! How rows are found.

use diesel::connection::SimpleConnection as _;
use diesel::sql_types::Text;
use diesel::sqlite::SqliteConnection;
use rosterd_scim::{Condition as Filter, Limits, ListQuery};

use super::super::super::dialect::{ADDITIONS, Backend, HAS_STATISTICS};
use super::*;
use crate::adopt::SHARED;

#[derive(QueryableByName)]
struct Step {
    #[diesel(sql_type = Text)]
    detail: String,
}

fn filter(text: &str) -> Option<Filter> {
    let limits = Limits { default_count: 100, max_count: 200 };
    ListQuery::from_parameters(ResourceKind::User, [("filter", text)], limits).ok()?.filter
}

#[test]
fn what_providers_look_for_is_found_by_an_index() {
    if HAS_STATISTICS {
        return;
    }
    let mut conn = SqliteConnection::establish(":memory:").unwrap();
    conn.batch_execute(
        "CREATE TABLE user (id TEXT PRIMARY KEY); CREATE TABLE auth (id TEXT PRIMARY KEY, active BOOLEAN); \
         CREATE TABLE group_member (group_id TEXT, user_id TEXT, UNIQUE (group_id, user_id))",
    )
    .unwrap();
    let ours = |name: &str| name.contains("scim_") || name == "rosterd_suspension";
    for addition in SHARED.iter().chain(ADDITIONS).filter(|addition| ours(addition.name)) {
        conn.batch_execute(addition.sql).unwrap();
    }
    let of = ConnectionId::from_stored("c-1".to_owned());
    for (text, step) in [
        ("", "COVERING INDEX rosterd_ix_scim_user_seen (connection_id=? AND hidden_at=?)"),
        ("active eq false", "INDEX rosterd_ix_scim_user_seen (connection_id=? AND hidden_at=?)"),
        ("id eq \"x\"", "PRIMARY KEY (connection_id=? AND user_id=?)"),
        ("userName eq \"x\"", "(connection_id=? AND user_name_key=?)"),
        ("externalId eq \"x\"", "rosterd_ix_scim_user_external_id (connection_id=? AND external_id=?)"),
        ("externalId eq \"x\" and active eq true", "(connection_id=? AND external_id=?)"),
        ("displayName eq \"x\"", "rosterd_ix_scim_user_display_key (connection_id=? AND display_key=?)"),
        ("emails.value eq \"x\"", "rosterd_ix_scim_email_value_key (connection_id=? AND value_key=?)"),
        (
            "emails[type eq \"work\"].value eq \"x\"",
            "rosterd_ix_scim_email_value_key (connection_id=? AND value_key=?)",
        ),
    ] {
        for is_standalone in [true, false] {
            let rows = in_order(seen_rows_of(&of, filter(text).as_ref(), is_standalone), None);
            let rows = rows.select(scim_users::user_id).limit(100);
            let sql = diesel::debug_query::<Backend, _>(&rows).to_string();
            let sql = sql.split(" -- binds").next().unwrap_or_default().to_owned();
            let steps: Vec<Step> =
                diesel::sql_query(format!("EXPLAIN QUERY PLAN {sql}")).load(&mut conn).unwrap();
            let steps: Vec<String> = steps.into_iter().map(|step| step.detail).collect();
            assert!(steps.iter().any(|found| found.contains(step)), "{text}: {steps:?}");
            assert!(!steps.iter().any(|found| found.starts_with("SCAN")), "{text}: {steps:?}");
        }
    }
}
