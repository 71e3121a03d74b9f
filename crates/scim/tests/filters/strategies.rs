//! Filters, texts that are nearly filters, and resources.

use proptest::prelude::*;
use proptest::test_runner::RngSeed;
use rosterd_scim::AttributePath;
use rosterd_scim::filter::{Filter, Literal, Operator};
use serde_json::{Number, Value, json};

pub(crate) fn config(cases: u32) -> ProptestConfig {
    ProptestConfig {
        rng_seed: RngSeed::Fixed(7),
        failure_persistence: None,
        ..ProptestConfig::with_cases(cases)
    }
}

/// Names of attributes: of the schema, others, and those that look like operators and values.
fn name() -> impl Strategy<Value = String> {
    prop_oneof![
        proptest::sample::select(vec![
            "userName",
            "name",
            "emails",
            "value",
            "type",
            "displayName",
            "not",
            "and",
            "or",
            "pr",
            "eq",
            "true",
            "null",
        ])
        .prop_map(str::to_owned),
        "[a-zA-Z][a-zA-Z0-9_-]{0,5}",
    ]
}

/// Names that no word of the grammar is among.
pub(crate) fn plain_name() -> impl Strategy<Value = String> {
    // None is refused, which would end a long run.
    name().prop_map(|name| if is_word(&name) { format!("{name}x") } else { name })
}

pub(crate) fn is_word(text: &str) -> bool {
    let words = ["not", "and", "or", "pr", "true", "false", "null"];
    words.iter().any(|word| word.eq_ignore_ascii_case(text))
        || Operator::ALL.iter().any(|operator| operator.as_str().eq_ignore_ascii_case(text))
}

fn path(name: impl Strategy<Value = String> + Clone) -> impl Strategy<Value = AttributePath> {
    let schema = proptest::sample::select(vec![
        "",
        "",
        "urn:ietf:params:scim:schemas:core:2.0:User:",
        "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:",
    ]);
    (schema, name.clone(), proptest::option::of(name)).prop_map(|(schema, name, sub)| {
        let sub = sub.map(|sub| format!(".{sub}")).unwrap_or_default();
        AttributePath::parse(&format!("{schema}{name}{sub}")).unwrap()
    })
}

fn literal() -> impl Strategy<Value = Literal> {
    prop_oneof![
        ".{0,8}".prop_map(Literal::Text),
        "[a-b\"\\\\\\[\\]() ]{0,6}".prop_map(Literal::Text),
        any::<i64>().prop_map(|number| Literal::Number(Number::from(number))),
        // Binary fractions: serde_json itself does not read every other float back exactly.
        any::<i32>().prop_map(|number| Literal::Number(Number::from_f64(f64::from(number) / 8.0).unwrap())),
        any::<bool>().prop_map(Literal::Boolean),
        Just(Literal::Null),
    ]
}

fn test(name: impl Strategy<Value = String> + Clone) -> impl Strategy<Value = Filter> {
    let operator = proptest::sample::select(Operator::ALL.to_vec());
    prop_oneof![
        path(name.clone()).prop_map(Filter::Present),
        (path(name), operator, literal()).prop_map(|(path, operator, value)| Filter::Compare {
            path,
            operator,
            value
        }),
    ]
}

/// Filters without square brackets.
fn flat(name: impl Strategy<Value = String> + Clone + 'static) -> impl Strategy<Value = Filter> + Clone {
    joined(test(name).boxed())
}

fn joined(leaf: BoxedStrategy<Filter>) -> BoxedStrategy<Filter> {
    leaf.prop_recursive(4, 24, 4, |inner| {
        prop_oneof![
            inner.clone().prop_map(|filter| Filter::Not(Box::new(filter))),
            proptest::collection::vec(inner.clone(), 2..4).prop_map(Filter::and),
            proptest::collection::vec(inner, 2..4).prop_map(Filter::or),
        ]
    })
    .boxed()
}

/// Filters of all forms.
pub(crate) fn filter(name: impl Strategy<Value = String> + Clone + 'static) -> BoxedStrategy<Filter> {
    let values = (path(name.clone()), flat(name.clone()))
        .prop_map(|(path, filter)| Filter::Values { path, filter: Box::new(filter) });
    joined(prop_oneof![3 => test(name), 1 => values].boxed())
}

/// Filters of all forms, with all names.
pub(crate) fn any_filter() -> BoxedStrategy<Filter> {
    filter(name().boxed())
}

/// Filters that can be bound to users more often than not.
pub(crate) fn user_filter() -> BoxedStrategy<String> {
    let text = |names: &'static [&'static str]| {
        (
            proptest::sample::select(names.to_vec()),
            proptest::sample::select(vec!["eq", "ne", "co", "sw", "ew", "gt", "ge", "lt", "le"]),
            "[aAbBé@.]{0,3}",
        )
            .prop_map(|(name, operator, text)| format!("{name} {operator} {}", Value::from(text)))
    };
    let outside = prop_oneof![
        text(&["userName", "displayName", "externalId", "name.givenName", "emails.value", "emails", "id"]),
        proptest::sample::select(vec![
            "active eq true",
            "active eq \"False\"",
            "name pr",
            "emails pr",
            "externalId eq null",
            "displayName ne null",
            "meta.created gt \"2026-01-01T00:00:00Z\"",
            "meta.resourceType eq \"User\"",
            "shoeSize pr",
        ])
        .prop_map(str::to_owned),
        text(&["value", "type", "display"]).prop_map(|inner| format!("emails[{inner}]")),
        (text(&["type"]), text(&["value"])).prop_map(|(inner, after)| format!("emails[{inner}].{after}")),
        (text(&["type", "value"]), text(&["value"])).prop_map(|(a, b)| format!("emails[not ({a}) or {b}]")),
    ];
    outside
        .prop_recursive(3, 12, 3, |inner| {
            prop_oneof![
                inner.clone().prop_map(|filter| format!("not ({filter})")),
                (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("({a}) and ({b})")),
                (inner.clone(), inner).prop_map(|(a, b)| format!("({a}) or ({b})")),
            ]
        })
        .boxed()
}

/// Users as they are answered, with few distinct values so that filters meet some.
pub(crate) fn user() -> impl Strategy<Value = Value> {
    let text = || "[aAbBé@.]{0,3}";
    let email = (text(), proptest::option::of("work|home"), any::<bool>())
        .prop_map(|(value, kind, primary)| json!({ "value": value, "type": kind, "primary": primary }));
    let maybe = || proptest::option::of(text());
    (text(), maybe(), maybe(), maybe(), any::<bool>(), proptest::collection::vec(email, 0..3)).prop_map(
        |(user_name, external_id, display_name, given_name, active, emails)| {
            json!({
                "id": "a", "userName": user_name, "externalId": external_id, "displayName": display_name,
                "name": { "givenName": given_name }, "active": active, "emails": emails,
                "meta": { "created": "2026-11-27T11:31:00Z" },
            })
        },
    )
}

/// Texts that are filters, and such with a few tokens gone, doubled, or others in their place.
pub(crate) fn nearly(filter: BoxedStrategy<Filter>) -> impl Strategy<Value = String> {
    let token = proptest::sample::select(vec![
        "a", "and", "or", "not", "pr", "eq", "(", ")", "[", "]", ".", " ", "\"x\"", "7", "-", "true", "Null",
        "NOT", ":", "$ref", "\t", "\\", "\"", "é",
    ]);
    let change = (any::<proptest::sample::Index>(), 0..3, token);
    (filter, proptest::collection::vec(change, 0..3)).prop_map(|(filter, changes)| {
        let mut tokens = tokens(&filter.to_string());
        for (at, kind, token) in changes {
            let at = at.index(tokens.len().max(1));
            match kind {
                _ if tokens.is_empty() => tokens.push(token.to_owned()),
                0 => drop(tokens.remove(at)),
                1 => tokens.insert(at, token.to_owned()),
                _ => token.clone_into(&mut tokens[at]),
            }
        }
        tokens.concat()
    })
}

/// Words, and all else a character at a time; texts in quotation marks are taken apart, too.
fn tokens(text: &str) -> Vec<String> {
    let mut tokens: Vec<String> = Vec::new();
    let mut in_word = false;
    for c in text.chars() {
        let of_word = c.is_ascii_alphanumeric();
        match tokens.last_mut() {
            Some(last) if in_word && of_word => last.push(c),
            _ => tokens.push(c.to_string()),
        }
        in_word = of_word;
    }
    tokens
}
