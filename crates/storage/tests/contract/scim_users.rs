//! What connections by SCIM keep of accounts (rules J3, J5 and J6), and filters: the database gives the rows whose documents meet them.

use proptest::prelude::*;
use proptest::strategy::ValueTree as _;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use rosterd_domain::group::{GroupName, NewGroup};
use rosterd_domain::ids::{ConnectionId, GroupId, UserId};
use rosterd_domain::role::Role;
use rosterd_domain::secret::PasswordHash;
use rosterd_domain::suspension::{Suspension, SuspensionRow};
use rosterd_domain::unicode::nfc;
use rosterd_scim::filter::{Comparison, Operand};
use rosterd_scim::{
    Condition, DateTime, Email, Field, GroupReference, Limits, List, ListQuery, Meta, PersonName,
    ResourceKind, User, UserAttributes, Version,
};
use rosterd_storage::{ScimUserRow, Store};
use rosterd_testkit::{TestDb, with_databases};
use serde_json::Value;

use crate::support::{NOW, id, insert_users, new_user, open, read, write};

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

const TEXTS: [&str; 14] = [
    "a",
    "A",
    "ab",
    "Ab",
    "b",
    "ba",
    "a%",
    "_",
    "\u{e9}",
    "E\u{301}A",
    "stra\u{df}e",
    "\u{1f334}a",
    "a\u{10ffff}",
    " a ",
];

/// What is compared is composed, in the database as in the documents of these tests.
fn text() -> impl Strategy<Value = String> {
    let sent = ["", "a\u{0}", "\u{0}", "AB", "\u{10ffff}", "\u{c9}"];
    prop::sample::select(TEXTS.into_iter().chain(sent).map(composed).collect::<Vec<_>>())
}

/// The first second of the rows of the test of filters, and somewhere around.
fn moment() -> impl Strategy<Value = DateTime> {
    (-1..4_i64, prop::bool::ANY).prop_map(|(second, is_between)| {
        let whole = DateTime::from_seconds(NOW + second).to_string();
        let text = if is_between { whole.replace('Z', ".5Z") } else { whole };
        DateTime::parse(&text).unwrap()
    })
}

fn comparison() -> impl Strategy<Value = Comparison> {
    prop::sample::select(vec![
        Comparison::Equal,
        Comparison::Contains,
        Comparison::StartsWith,
        Comparison::EndsWith,
        Comparison::Greater,
        Comparison::GreaterOrEqual,
        Comparison::Less,
        Comparison::LessOrEqual,
    ])
}

/// A comparison of one of these fields, or whether it has a value.
fn leaf(fields: &'static [Field]) -> impl Strategy<Value = Condition> {
    let ids = prop::sample::select(vec!["u-00", "u-01", "u-1", "g-1", "g-"]);
    let compared = (prop::sample::select(fields), comparison(), text(), moment(), prop::bool::ANY, ids)
        .prop_map(|(field, comparison, text, moment, truth, id)| match field {
            Field::Active | Field::EmailPrimary => {
                Condition::Compare { field, comparison: Comparison::Equal, with: Operand::Boolean(truth) }
            }
            Field::Created | Field::LastModified => {
                Condition::Compare { field, comparison, with: Operand::Moment(moment) }
            }
            Field::Id | Field::GroupValue => {
                Condition::Compare { field, comparison, with: Operand::Text(id.to_owned()) }
            }
            _ => Condition::Compare { field, comparison, with: Operand::Text(text) },
        });
    prop_oneof![
        6 => compared,
        1 => prop::sample::select(fields).prop_map(Condition::Present),
        1 => prop::bool::ANY.prop_map(Condition::Always),
    ]
}

/// Conditions of these parts.
fn of(parts: impl Strategy<Value = Condition> + 'static) -> impl Strategy<Value = Condition> {
    parts.prop_recursive(4, 24, 4, |inner| {
        prop_oneof![
            inner.clone().prop_map(|part| Condition::Not(Box::new(part))),
            prop::collection::vec(inner.clone(), 0..4).prop_map(Condition::And),
            prop::collection::vec(inner, 0..4).prop_map(Condition::Or),
        ]
    })
}

fn conditions() -> impl Strategy<Value = Condition> {
    const OWN: &[Field] = &[
        Field::Id,
        Field::ExternalId,
        Field::Created,
        Field::LastModified,
        Field::UserName,
        Field::DisplayName,
        Field::Formatted,
        Field::FamilyName,
        Field::GivenName,
        Field::Active,
    ];
    const OF_EMAILS: &[Field] =
        &[Field::EmailValue, Field::EmailDisplay, Field::EmailType, Field::EmailPrimary];
    const OF_GROUPS: &[Field] = &[Field::GroupValue, Field::GroupDisplay];
    let any = |of: List| move |condition| Condition::Any { of, condition: Box::new(condition) };
    of(prop_oneof![
        4 => leaf(OWN),
        2 => of(leaf(OF_EMAILS)).prop_map(any(List::Emails)),
        1 => of(leaf(OF_GROUPS)).prop_map(any(List::Groups)),
    ])
}

/// Numbers that look as if by chance, the same each time.
struct Dice(u64);

fn composed(text: &str) -> String {
    nfc(text).into_owned()
}

/// The same with its texts composed, but for `externalId`, which is compared as it is.
fn all_composed(mut sent: UserAttributes) -> UserAttributes {
    let maybe = |text: &mut Option<String>| *text = text.as_deref().map(composed);
    sent.user_name = composed(&sent.user_name);
    maybe(&mut sent.display_name);
    maybe(&mut sent.name.formatted);
    maybe(&mut sent.name.family_name);
    maybe(&mut sent.name.given_name);
    for email in &mut sent.emails {
        email.value = composed(&email.value);
        maybe(&mut email.display);
        maybe(&mut email.kind);
    }
    sent
}

impl Dice {
    fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % end
    }

    fn text(&mut self) -> String {
        TEXTS[self.below(TEXTS.len())].to_owned()
    }

    fn maybe(&mut self) -> Option<String> {
        (self.below(3) > 0).then(|| self.text())
    }
}

/// Thirty users with what was sent of them, some suspended, some that cannot sign in, some in groups; their documents.
async fn make_users(store: &Store, db: &TestDb) -> Vec<Value> {
    let mut dice = Dice(7);
    for (group, name, hidden) in [("g-1", "Ab", "NULL"), ("g-2", "\u{e9}", "NULL"), ("g-3", "a", "1")] {
        let new = NewGroup {
            id: GroupId::from_stored(group.to_owned()),
            owner: id("u-00"),
            parent: None,
            name: GroupName::from_stored(name.to_owned()),
            description: String::new(),
            data: None,
            meta: None,
            permissions: None,
            created_at: NOW,
        };
        write(store, move |db| db.insert_group(&new)).await;
        db.db_execute(&format!(
            "INSERT INTO rosterd_scim_group (connection_id, group_id, made, hidden_at, display_name, display_key, created_at, \
             updated_at, version) VALUES ('c-1', '{group}', TRUE, {hidden}, '{name}', '{}', 1, 1, 1)",
            rosterd_scim::filter::fold(name)
        ));
    }
    let mut documents = Vec::new();
    for number in 0..30_i64 {
        let name = format!("{number:02}");
        let user = format!("u-{name}");
        let mut emails = Vec::new();
        for _ in 0..dice.below(3) {
            let primary = [None, Some(false), Some(true)][dice.below(3)];
            emails.push(Email { value: dice.text(), display: dice.maybe(), kind: dice.maybe(), primary });
        }
        let (is_shut_out, is_suspended) = (dice.below(4) == 0, dice.below(4) == 0);
        let sent = UserAttributes {
            external_id: dice.maybe(),
            active: !is_shut_out && !is_suspended,
            display_name: dice.maybe(),
            name: PersonName { formatted: dice.maybe(), family_name: dice.maybe(), given_name: dice.maybe() },
            emails,
            ..attributes(&format!("{}{name}", dice.text()))
        };
        let seconds = i64::try_from(dice.below(3)).unwrap();
        let kept =
            ScimUserRow { created_at: NOW + seconds, updated_at: NOW + 3 - seconds, ..row(&user, sent) };
        let groups: Vec<usize> = (0..3).filter(|_| dice.below(3) == 0).collect();
        let (new, owner, member_of) = (new_user(&name, number), id(&user), groups.clone());
        write(store, move |db| {
            db.insert_user(&new)?;
            db.insert_auth(&owner, new.email.as_str(), &PasswordHash::unset(4), None)?;
            db.set_active(&owner, !is_shut_out)?;
            if is_suspended {
                let shown = Suspension { reason: None, since: NOW, until: None, role: Role::User };
                db.put_suspension(&owner, &SuspensionRow { shown, was_active: true })?;
            }
            for group in member_of {
                let of = GroupId::from_stored(format!("g-{}", group + 1));
                let mut fresh = || format!("m-{owner}-{of}");
                db.add_members(&of, std::slice::from_ref(&owner), NOW, &mut fresh)?;
            }
            Ok(())
        })
        .await;
        insert(store, "c-1", &kept).await;
        let seen = [("g-1", "Ab"), ("g-2", "\u{e9}")];
        let groups = groups.into_iter().filter_map(|group| seen.get(group));
        let meta = Meta {
            created: DateTime::from_seconds(kept.created_at),
            last_modified: DateTime::from_seconds(kept.updated_at),
            version: Version::new("1"),
        };
        let user = User {
            id: user,
            attributes: all_composed(kept.attributes),
            groups: groups
                .map(|(id, display)| GroupReference { id: (*id).to_owned(), display: (*display).to_owned() })
                .collect(),
            meta,
        };
        documents.push(user.to_json(""));
    }
    documents
}

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
