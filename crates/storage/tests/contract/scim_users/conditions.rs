//! Conditions as filters have them.

use proptest::prelude::*;
use rosterd_scim::filter::{Comparison, Operand};
use rosterd_scim::{Condition, DateTime, Field, List};

use super::roster::{TEXTS, composed};
use crate::support::NOW;

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

pub(super) fn conditions() -> impl Strategy<Value = Condition> {
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
