use serde_json::{Value, json};

use super::*;
use crate::error::{ScimError, ScimType};
use crate::schema::{Field, List, ResourceKind};

fn ada() -> Value {
    json!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"],
        "id": "7c1f", "externalId": "Ext-1", "userName": "Ada@Example.com", "displayName": "Ada Lovelace",
        "name": { "givenName": "Ada", "familyName": "Lovelace" },
        "active": true,
        "emails": [
            { "value": "ada@example.com", "type": "work", "primary": true },
            { "value": "ada@home.example", "type": "home" },
        ],
        "groups": [{ "value": "g1", "display": "Analysts" }],
        "meta": {
            "resourceType": "User", "created": "2026-11-27T11:31:00Z", "lastModified": "2026-11-28T00:00:00Z",
            "location": "https://chat.example.com/scim/v2/Users/7c1f", "version": "W/\"1\"",
        },
    })
}

fn analysts() -> Value {
    json!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:Group"], "id": "g1", "displayName": "Analysts",
        "members": [{ "value": "7c1f", "type": "User" }, { "value": "9d2e", "type": "User" }],
        "meta": { "resourceType": "Group", "created": "2026-11-27T11:31:00Z", "lastModified": "2026-11-27T11:31:00Z" },
    })
}

fn bind(kind: ResourceKind, text: &str) -> Result<Condition, FilterError> {
    Filter::parse(text)?.bind(kind)
}

fn matches(text: &str) -> bool {
    bind(ResourceKind::User, text).unwrap_or_else(|error| panic!("{text}: {error}")).matches(&ada())
}

#[test]
fn what_identity_providers_send() {
    for text in [
        r#"userName eq "ada@example.com""#,
        r#"userName Eq "ADA@EXAMPLE.COM""#,
        r#"externalId eq "Ext-1""#,
        r#"emails[type eq "work"].value eq "ada@example.com""#,
        r#"emails[type eq "work" and value eq "ADA@example.com"]"#,
        r#"userName eq "ada@example.com" and active eq true"#,
        r#"active eq "True""#,
        r#"id eq "7c1f" and externalId eq "Ext-1""#,
    ] {
        assert!(matches(text), "{text}");
    }
    for text in [
        r#"userName eq "bob@example.com""#,
        r#"externalId eq "ext-1""#,
        r#"emails[type eq "home"].value eq "ada@example.com""#,
        r#"active eq "False""#,
    ] {
        assert!(!matches(text), "{text}");
    }
}

#[test]
fn each_operator() {
    for (text, holds) in [
        (r#"displayName eq "ada lovelace""#, true),
        (r#"displayName ne "ada lovelace""#, false),
        (r#"displayName co "A L""#, true),
        (r#"displayName sw "ada""#, true),
        (r#"displayName ew "LACE""#, true),
        (r#"displayName ew "ada""#, false),
        (r#"displayName gt "ada""#, true),
        (r#"displayName ge "ada lovelace""#, true),
        (r#"displayName lt "b""#, true),
        (r#"displayName le "ada""#, false),
        ("displayName pr", true),
        ("name.formatted pr", false),
        ("name pr", true),
        ("emails pr", true),
        ("emails.display pr", false),
        ("meta pr", true),
        ("schemas pr", true),
        (r#"meta.created eq "2026-11-27T12:31:00+01:00""#, true),
        (r#"meta.created lt "2026-11-27T11:31:01Z""#, true),
        (r#"meta.lastModified ge "2026-11-28T00:00:00Z""#, true),
        (r#"meta.lastModified gt "2026-11-28T00:00:00Z""#, false),
        (r#"meta.resourceType eq "User""#, true),
        (r#"meta.resourceType eq "Group""#, false),
        (r#"schemas eq "urn:ietf:params:scim:schemas:core:2.0:User""#, true),
        ("active ne false", true),
        ("externalId eq null", false),
        ("externalId ne null", true),
        ("name.formatted eq null", true),
    ] {
        assert_eq!(matches(text), holds, "{text}");
    }
}

#[test]
fn what_has_no_value_meets_no_comparison() {
    for text in [r#"name.formatted eq "x""#, r#"name.formatted lt "x""#, r#"name.formatted co """#] {
        assert!(!matches(text), "{text}");
    }
    assert!(matches(r#"name.formatted ne "x""#), "not equal is the opposite of equal");
}

#[test]
fn lists_ask_for_one_value_at_least() {
    for (text, holds) in [
        (r#"emails co "home.example""#, true),
        (r#"emails.value ew "home.example""#, true),
        (r#"emails.type eq "work" and emails.value ew "home.example""#, true),
        (r#"emails[type eq "work" and value ew "home.example"]"#, false),
        (r#"emails[not (type eq "work")]"#, true),
        (r#"emails[type ne "work" and type ne "home"]"#, false),
        (r#"emails.type ne "work""#, false),
        ("emails[primary eq true].value co \"ada\"", true),
        ("emails[primary pr]", true),
        (r#"emails[(type eq "work" or type eq "other") and primary eq true]"#, true),
        (r#"name[givenName eq "ada" and familyName sw "l"]"#, true),
        (r#"name[not (givenName eq "ada")]"#, false),
        (r#"groups.value eq "g1""#, true),
        (r#"groups[display eq "analysts"]"#, true),
    ] {
        assert_eq!(matches(text), holds, "{text}");
    }
    for (text, holds) in [
        (r#"members eq "7c1f""#, true),
        (r#"members.value eq "7C1F""#, false),
        (r#"members[value eq "9d2e" and type eq "user"]"#, true),
        (r#"members.type eq "Group""#, false),
        ("members.$ref pr", true),
        (r#"displayName eq "ANALYSTS""#, true),
        (r#"displayName eq "Analysts" and members[value eq "nobody"]"#, false),
    ] {
        let condition = bind(ResourceKind::Group, text).unwrap();
        assert_eq!(condition.matches(&analysts()), holds, "{text}");
    }
}

#[test]
fn not_binds_tighter_than_and_and_this_than_or() {
    let parsed = Filter::parse("not (active pr) and a pr or b pr and (c pr OR d pr)").unwrap();
    assert_eq!(parsed.to_string(), "not (active pr) and a pr or b pr and (c pr or d pr)");
    let Filter::Or(parts) = parsed else { panic!() };
    assert!(matches!(&parts[..], [Filter::And(_), Filter::And(_)]));
    assert!(matches("active eq true or active eq true and active eq false"));
    assert!(!matches("(active eq true or active eq true) and active eq false"));
    assert!(matches("not(active eq false)"));
}

#[test]
fn a_filter_of_entra_is_one_of_the_grammar() {
    let parsed = Filter::parse(r#"emails[type eq "work" or primary eq true].value SW "a""#).unwrap();
    assert_eq!(parsed.to_string(), r#"emails[(type eq "work" or primary eq true) and value sw "a"]"#);
    assert_eq!(Filter::parse(&parsed.to_string()), Ok(parsed));
}

#[test]
fn texts_are_those_of_json() {
    let parsed = Filter::parse(r#"a eq "x\"\\ \u00e9 \ud83d\ude00 ) and b""#).unwrap();
    let Filter::Compare { value: Literal::Text(text), .. } = &parsed else { panic!() };
    assert_eq!(text, "x\"\\ é \u{1f600} ) and b");
    assert_eq!(Filter::parse(&parsed.to_string()), Ok(parsed));
}

/// Each text, the byte where it is wrong, and what is expected there.
#[test]
fn a_wrong_filter_is_refused_where_it_is_wrong() {
    let nested = r#"emails[type eq "a" and x[y pr]]"#;
    for (text, at, problem) in [
        ("", 0, Problem::Attribute),
        ("   ", 3, Problem::Attribute),
        ("userName", 8, Problem::Operator),
        ("userName ", 9, Problem::Operator),
        ("userName is \"x\"", 9, Problem::Operator),
        ("userName eq", 11, Problem::Value),
        ("userName eq ", 12, Problem::Value),
        ("userName eq x", 12, Problem::Value),
        ("userName eq \"x", 12, Problem::Text),
        ("userName eq \"\\x\"", 12, Problem::Text),
        ("userName eq \"\\ud800\"", 12, Problem::Text),
        ("userName eq 'x'", 12, Problem::Value),
        ("userName eq 01", 12, Problem::Number),
        ("userName eq 1e999", 12, Problem::Number),
        ("userName eq -", 12, Problem::Number),
        ("userName pr x", 12, Problem::AfterFilter),
        ("userName pr and", 12, Problem::AfterFilter),
        ("userName pr and ", 16, Problem::Attribute),
        ("userName eq \"x\"and active pr", 15, Problem::AfterFilter),
        ("(userName pr", 12, Problem::Closing(')')),
        ("(userName pr]", 12, Problem::Closing(')')),
        ("userName pr)", 11, Problem::AfterFilter),
        ("emails[type pr", 14, Problem::Closing(']')),
        ("emails[]", 7, Problem::Attribute),
        ("emails[type pr].", 16, Problem::Attribute),
        ("emails[type pr].value", 21, Problem::Operator),
        (nested, 24, Problem::Nested),
        ("größe pr", 0, Problem::Attribute),
        ("a.b.c pr", 0, Problem::Attribute),
        ("userName eq \"é\" or ü pr", 20, Problem::Attribute),
    ] {
        assert_eq!(Filter::parse(text), Err(FilterError::Syntax { at, problem }), "{text}");
    }
    let error = ScimError::from(Filter::parse("userName").unwrap_err());
    assert_eq!(error.scim_type(), Some(ScimType::InvalidFilter));
    assert_eq!(
        error.detail(),
        "the filter is wrong at byte 8: an operator is expected: pr, eq, ne, co, sw, ew, gt, ge, lt or le"
    );
}

#[test]
fn depth_and_length_have_an_end() {
    let deep = |depth: usize| format!("{}a pr{}", "(".repeat(depth), ")".repeat(depth));
    assert!(Filter::parse(&deep(MAX_DEPTH)).is_ok());
    let error = Filter::parse(&deep(MAX_DEPTH + 1)).unwrap_err();
    assert_eq!(error, FilterError::Syntax { at: MAX_DEPTH, problem: Problem::TooDeep });
    assert!(Filter::parse(&deep(1_000_000)).is_err());
    assert!(Filter::parse(&"not (".repeat(1_000_000)).is_err());
    assert!(Filter::parse(&"a[".repeat(1_000_000)).is_err());

    let long = |tests: usize| vec!["id eq \"x\""; tests].join(" or ");
    assert!(Filter::parse(&long(MAX_TESTS)).is_ok());
    let error = Filter::parse(&long(MAX_TESTS + 1)).unwrap_err();
    assert!(matches!(error, FilterError::Syntax { problem: Problem::TooMany, .. }), "{error}");

    // One pair of brackets more than was sent.
    let inner = format!("{}a pr or b pr{}", "(".repeat(MAX_DEPTH - 2), ")".repeat(MAX_DEPTH - 2));
    assert!(Filter::parse(&format!("not (a[{inner}].c pr)")).is_ok(), "needless brackets do not count");
    let mut inner = "x pr or y pr".to_owned();
    for _ in 0..MAX_DEPTH - 1 {
        inner = format!("not ({inner}) or z pr");
    }
    assert!(Filter::parse(&format!("a[{inner}]")).is_ok());
    let error = Filter::parse(&format!("a[{inner}].c pr")).unwrap_err();
    assert_eq!(error, FilterError::Syntax { at: 0, problem: Problem::TooDeep });
}

#[test]
fn names_and_types_are_checked() {
    let refused = |kind, text: &str| bind(kind, text).unwrap_err().to_string();
    for (text, needle) in [
        ("shoeSize pr", "`shoeSize`, which is no attribute"),
        ("title pr", "`title`, which is no attribute"),
        ("password eq \"x\"", "`password`, which is no attribute"),
        ("password pr", "`password`, which is no attribute"),
        ("members pr", "`members`, which is no attribute"),
        ("emails[shoeSize pr]", "`shoeSize`, which is no attribute"),
        ("emails[emails.value pr]", "`emails.value`, which is no attribute"),
        ("urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department pr", "no attribute"),
        ("urn:ietf:params:scim:schemas:core:2.0:Group:displayName pr", "no attribute"),
        ("name eq \"x\"", "has parts; name one of them, as in `name.formatted`"),
        ("userName[value pr]", "after `userName`, which has no parts"),
        ("active gt true", "compares `active` by `gt`"),
        ("active co true", "compares `active` by `co`"),
        ("meta.created co \"2026\"", "compares `meta.created` by `co`"),
        ("meta.created gt \"yesterday\"", "it needs a date and time"),
        ("meta.created gt 7", "compares `meta.created` with 7"),
        ("active eq \"yes\"", "it needs true or false"),
        ("userName eq 7", "it needs a text in quotation marks"),
        ("userName eq true", "it needs a text in quotation marks"),
        ("userName gt null", "it needs a text in quotation marks"),
        ("meta.version eq \"x\"", "`meta.version`, which cannot be searched for"),
        ("meta.location eq \"x\"", "`meta.location`, which cannot be searched for"),
    ] {
        let message = refused(ResourceKind::User, text);
        assert!(message.contains(needle), "{text}: {message}");
    }
    assert!(refused(ResourceKind::Group, "userName pr").contains("no attribute"));
}

#[test]
fn a_condition_has_one_form_for_each_meaning() {
    let text = |text: &str| Operand::Text(text.to_owned());
    let equal = |field, with| Condition::Compare { field, comparison: Comparison::Equal, with };
    let any = |of, condition| Condition::Any { of, condition: Box::new(condition) };
    assert_eq!(bind(ResourceKind::User, r#"userName eq "a""#), Ok(equal(Field::UserName, text("a"))));
    let one = Ok(any(List::Emails, equal(Field::EmailValue, text("a"))));
    assert_eq!(bind(ResourceKind::User, r#"emails eq "a""#), one);
    assert_eq!(bind(ResourceKind::User, r#"emails.value eq "a""#), one);
    assert_eq!(bind(ResourceKind::User, r#"emails[value eq "a"]"#), one);
    assert_eq!(
        bind(ResourceKind::User, r#"userName ne "a""#),
        Ok(Condition::Not(Box::new(equal(Field::UserName, text("a")))))
    );
}
