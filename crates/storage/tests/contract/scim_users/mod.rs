//! What connections by SCIM keep of accounts (rules J3, J5 and J6).

mod conditions;
mod lists;
mod roster;

use rosterd_domain::ids::ConnectionId;
use rosterd_scim::{Email, Limits, ListQuery, PersonName, ResourceKind, UserAttributes};
use rosterd_storage::{ScimUserRow, Store};
use rosterd_testkit::{TestDb, with_databases};

use crate::support::{NOW, id, insert_users, open, read, write};

fn connection(text: &str) -> ConnectionId {
    ConnectionId::from_stored(text.to_owned())
}

fn attributes(user_name: &str) -> UserAttributes {
    UserAttributes {
        user_name: user_name.to_owned(),
        external_id: None,
        active: true,
        display_name: None,
        name: PersonName::default(),
        emails: Vec::new(),
    }
}

fn row(user: &str, attributes: UserAttributes) -> ScimUserRow {
    ScimUserRow {
        user: id(user),
        made: true,
        hidden_at: None,
        suspended_since: None,
        created_at: NOW,
        updated_at: NOW,
        version: 1,
        attributes,
    }
}

async fn insert(store: &Store, of: &str, row: &ScimUserRow) {
    let (of, row) = (connection(of), row.clone());
    write(store, move |db| db.insert_scim_user(&of, &row)).await;
}

fn query(parameters: &[(&str, &str)]) -> ListQuery {
    let limits = Limits { default_count: 100, max_count: 200 };
    ListQuery::from_parameters(ResourceKind::User, parameters.iter().copied(), limits).unwrap()
}

async fn adopted(db: &TestDb) -> Store {
    open(db).adopt_apply().await.unwrap();
    let store = open(db);
    assert!(store.layout().scim);
    store
}

with_databases!(all, j3_j6_what_a_connection_keeps_is_its_own_and_found_again, async |db| {
    let store = adopted(&db).await;
    insert_users(&store, &["ada", "bob"]).await;
    let find = async |of: &'static str, user: &'static str| {
        read(&store, move |db| db.find_scim_user(&connection(of), &id(user))).await
    };
    let named = async |of: &'static str, name: &'static str| {
        let found = read(&store, move |db| db.find_scim_user_by_name(&connection(of), name)).await;
        found.map(|row| row.user)
    };
    let email = |value: &str, primary| Email {
        value: value.to_owned(),
        display: Some("Work \u{1f334}".to_owned()),
        kind: Some("work".to_owned()),
        primary,
    };
    let ada = row(
        "u-ada",
        UserAttributes {
            external_id: Some("E-1".to_owned()),
            display_name: Some("A\u{301}da".to_owned()),
            name: PersonName {
                formatted: None,
                family_name: Some("L.".to_owned()),
                given_name: Some("Ada".to_owned()),
            },
            emails: vec![
                email("b@example.com", Some(true)),
                email("a@example.com", None),
                email("c", Some(false)),
            ],
            ..attributes("Ada@Example.com")
        },
    );
    insert(&store, "c-1", &ada).await;
    insert(&store, "c-2", &ScimUserRow { made: false, ..row("u-ada", attributes("ada")) }).await;
    insert(&store, "c-1", &row("u-bob", attributes("bob"))).await;
    assert_eq!(find("c-1", "u-ada").await.as_ref(), Some(&ada), "to the letter, in the order that was sent");
    assert_eq!(find("c-3", "u-ada").await, None);
    assert_eq!(named("c-1", "aDA@example.COM").await, Some(id("u-ada")));
    assert_eq!((named("c-2", "bob").await, named("c-1", "ada").await), (None, None));

    let changed = ScimUserRow {
        hidden_at: Some(NOW + 1),
        suspended_since: Some(NOW),
        updated_at: NOW + 1,
        version: 2,
        attributes: UserAttributes {
            external_id: None,
            display_name: None,
            emails: vec![email("d@example.com", None)],
            ..ada.attributes.clone()
        },
        ..ada.clone()
    };
    let (stored, put) = (ada.clone(), changed.clone());
    write(&store, move |db| db.update_scim_user(&connection("c-1"), &stored, &put)).await;
    assert_eq!(find("c-1", "u-ada").await, Some(changed));
    assert_eq!(find("c-2", "u-ada").await.map(|row| row.version), Some(1), "another connection's stays");
    let seen = read(&store, |db| db.list_scim_users(&connection("c-1"), &query(&[]))).await;
    assert_eq!(seen.iter().map(|row| &row.user).collect::<Vec<_>>(), [&id("u-bob")], "hidden");
    assert_eq!(read(&store, |db| db.count_scim_users(&connection("c-1"), None)).await, 1);

    // Who wants the suspension.
    let wanted = async |beside: Option<&'static str>, since: i64| {
        let of = beside.map(connection);
        read(&store, move |db| db.is_suspension_wanted_beside(of.as_ref(), &id("u-ada"), since)).await
    };
    assert!(wanted(None, NOW).await && wanted(Some("c-2"), NOW).await);
    assert!(!wanted(Some("c-1"), NOW).await && !wanted(None, NOW + 1).await);
    write(&store, |db| db.forget_wanted_suspensions(&id("u-ada"))).await;
    assert!(!wanted(None, NOW).await);

    // With the account, all that is kept of it.
    assert_eq!(write(&store, |db| db.delete_scim_user_links(&id("u-ada"))).await, 2);
    assert_eq!((find("c-1", "u-ada").await, find("c-2", "u-ada").await), (None, None));
    let left = db.db_query_text("SELECT user_id FROM rosterd_scim_email");
    assert!(left.is_empty(), "{left:?}");
});

with_databases!(all, j3_rows_of_accounts_that_another_program_has_deleted_count_as_none, async |db| {
    let store = adopted(&db).await;
    insert_users(&store, &["ada", "bob"]).await;
    for user in ["ada", "bob"] {
        let email = Email { value: user.to_owned(), display: None, kind: None, primary: None };
        let sent = UserAttributes { emails: vec![email], ..attributes(user) };
        insert(&store, "c-1", &row(&format!("u-{user}"), sent)).await;
    }
    let attached = !store.layout().is_standalone();
    if attached {
        db.db_execute("DELETE FROM \"user\" WHERE id = 'u-ada'");
        assert_eq!(read(&store, |db| db.count_scim_users(&connection("c-1"), None)).await, 1);
        let found = read(&store, |db| db.find_scim_user_by_name(&connection("c-1"), "ada")).await;
        assert_eq!(found, None);
        assert_eq!(write(&store, |db| db.forget_scim_links_of_gone()).await, 1);
    }
    assert_eq!(write(&store, |db| db.forget_scim_links_of_gone()).await, 0);
    let rows = db.db_query_text("SELECT user_id FROM rosterd_scim_email");
    assert_eq!(rows.len(), if attached { 1 } else { 2 });
});
