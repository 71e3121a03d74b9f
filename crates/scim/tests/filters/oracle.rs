//! The parser of the crate `scim_v2` on the same texts. Where the two differ, the difference has a name.

use proptest::prelude::*;
use proptest::strategy::ValueTree as _;
use proptest::test_runner::TestRunner;
use rosterd_scim::AttributePath;
use rosterd_scim::filter::{Filter, Literal, MAX_DEPTH, Operator};
use scim_v2::filter as theirs;

use super::strategies::{any_filter, config, filter, is_word, nearly, plain_name};

/// Their tree as ours.
fn ours(filter: &theirs::Filter) -> Filter {
    match filter {
        theirs::Filter::Attr(test) => of_test(test),
        theirs::Filter::ValuePath(values) => {
            Filter::Values { path: of_path(&values.attr), filter: Box::new(of_values(&values.filter)) }
        }
        theirs::Filter::Not(inner) => Filter::Not(Box::new(ours(inner))),
        theirs::Filter::And(parts) => Filter::and(parts.iter().map(ours).collect()),
        theirs::Filter::Or(parts) => Filter::or(parts.iter().map(ours).collect()),
    }
}

fn of_values(filter: &theirs::ValFilter) -> Filter {
    match filter {
        theirs::ValFilter::Attr(test) => of_test(test),
        theirs::ValFilter::Not(inner) => Filter::Not(Box::new(of_values(inner))),
        theirs::ValFilter::And(parts) => Filter::and(parts.iter().map(of_values).collect()),
        theirs::ValFilter::Or(parts) => Filter::or(parts.iter().map(of_values).collect()),
    }
}

fn of_test(test: &theirs::AttrExp) -> Filter {
    match test {
        theirs::AttrExp::Present(path) => Filter::Present(of_path(path)),
        theirs::AttrExp::Comparison(path, operator, value) => Filter::Compare {
            path: of_path(path),
            operator: match operator {
                theirs::CompareOp::Eq => Operator::Eq,
                theirs::CompareOp::Ne => Operator::Ne,
                theirs::CompareOp::Co => Operator::Co,
                theirs::CompareOp::Sw => Operator::Sw,
                theirs::CompareOp::Ew => Operator::Ew,
                theirs::CompareOp::Gt => Operator::Gt,
                theirs::CompareOp::Ge => Operator::Ge,
                theirs::CompareOp::Lt => Operator::Lt,
                theirs::CompareOp::Le => Operator::Le,
            },
            value: match value {
                theirs::CompValue::True => Literal::Boolean(true),
                theirs::CompValue::False => Literal::Boolean(false),
                theirs::CompValue::Null => Literal::Null,
                theirs::CompValue::Number(number) => Literal::Number(number.clone()),
                theirs::CompValue::Str(quoted) => Literal::Text(quoted.clone()),
            },
        },
    }
}

fn of_path(path: &theirs::AttrPath) -> AttributePath {
    AttributePath::parse(&path.to_string()).unwrap()
}

/// A text of which only the grammar is left: what is in quotation marks is one letter.
fn bare(text: &str) -> String {
    let mut bare = String::new();
    let (mut quoted, mut escaped) = (false, false);
    for c in text.chars() {
        match c {
            '"' if !escaped => {
                if !quoted {
                    bare.push('"');
                }
                quoted = !quoted;
            }
            _ if !quoted => bare.push(c),
            _ => {}
        }
        escaped = quoted && c == '\\' && !escaped;
    }
    bare
}

fn words(bare: &str) -> Vec<&str> {
    bare.split(|c: char| c.is_whitespace() || "()[]\"".contains(c)).filter(|word| !word.is_empty()).collect()
}

/// Why ours takes a text that theirs refuses.
fn more(text: &str) -> Option<&'static str> {
    let bare = bare(text);
    let lower = bare.to_ascii_lowercase();
    let words = words(&bare);
    let is_literal =
        |word: &&str| ["true", "false", "null"].iter().any(|literal| literal.eq_ignore_ascii_case(word));
    if bare.contains("].") {
        return Some("Entra ID compares after square brackets: `emails[type eq \"work\"].value eq \"x\"`");
    }
    if bare.contains('$') {
        return Some("the schema of groups has `$ref`, which the grammar forgets");
    }
    if lower.contains("not(") {
        return Some("the grammar has no space after `not`; theirs needs one");
    }
    if words.iter().any(|word| is_literal(word) && word.chars().any(char::is_uppercase)) {
        return Some("`True`, as some clients send it");
    }
    if words.iter().any(|word| word.split([':', '.']).any(is_word)) {
        return Some("an attribute may be called as an operator or a value");
    }
    None
}

/// Why theirs takes a text that ours refuses.
fn less(text: &str) -> Option<&'static str> {
    let bare = bare(text);
    let spaced = |c: char| bare.contains(&format!(" {c}")) || bare.contains(&format!("\t{c}"));
    if spaced('[') {
        return Some("white space before a square bracket");
    }
    None
}

#[test]
fn what_only_ours_takes() {
    for text in [
        "emails[type eq \"work\"].value eq \"x\"",
        "members[$ref pr]",
        "not(active eq true)",
        "active eq True",
        "not pr",
    ] {
        assert!(text.parse::<theirs::Filter>().is_err(), "{text}");
        assert!(Filter::parse(text).is_ok() && more(text).is_some(), "{text}");
    }
}

#[test]
fn ours_is_less_deep() {
    let text = format!("{}a pr{}", "(".repeat(MAX_DEPTH + 1), ")".repeat(MAX_DEPTH + 1));
    assert!(text.parse::<theirs::Filter>().is_ok());
    assert!(Filter::parse(&text).is_err());
}

/// How often the two agree on the texts of the last test below: else it could be one that nothing fails.
#[test]
fn the_texts_are_of_all_kinds() {
    let mut runner = TestRunner::new(config(1));
    let texts = nearly(filter(plain_name().boxed()));
    let (mut both, mut neither, mut explained) = (0, 0, 0);
    for _ in 0..2_000 {
        let text = texts.new_tree(&mut runner).unwrap().current();
        match (Filter::parse(&text).is_ok(), text.parse::<theirs::Filter>().is_ok()) {
            (true, true) => both += 1,
            (false, false) => neither += 1,
            _ => explained += 1,
        }
    }
    println!("{both} are taken, {neither} refused, {explained} explained");
    assert!(both > 500 && neither > 500 && explained < 200, "{both}, {neither}, {explained}");
}

proptest! {
    #![proptest_config(config(1_000))]

    #[test]
    fn both_make_the_same_of_a_filter(filter in filter(plain_name().boxed())) {
        let text = filter.to_string();
        let their = text.parse::<theirs::Filter>();
        prop_assert_eq!(their.as_ref().map(ours).ok(), Some(filter), "{}: {:?}", text, their);
    }
}

proptest! {
    #![proptest_config(config(4_000))]

    #[test]
    fn both_take_and_refuse_the_same_texts(text in prop_oneof![nearly(any_filter()), nearly(filter(plain_name().boxed()))]) {
        let our = Filter::parse(&text);
        let their = text.parse::<theirs::Filter>();
        match (&our, &their) {
            (Ok(our), Ok(their)) => prop_assert_eq!(our, &ours(their), "{}", text),
            (Err(_), Err(_)) => {}
            (Ok(_), Err(error)) => prop_assert!(more(&text).is_some(), "theirs refuses {}: {}", text, error),
            (Err(error), Ok(_)) => prop_assert!(less(&text).is_some(), "ours refuses {}: {}", text, error),
        }
    }
}
