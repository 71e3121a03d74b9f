//! What holds for every input. The seed is fixed: a run that fails fails again.

#![expect(clippy::unwrap_used, reason = "a helper of a test may stop where it stands")]

use proptest::prelude::*;
use proptest::test_runner::RngSeed;
use rosterd_domain::error::DomainError;
use rosterd_domain::list::fold;
use rosterd_domain::rules::duration::TokenLife;
use rosterd_domain::rules::settings_rights::SettingsRights;
use rosterd_domain::secret::{MAX_PASSWORD_BYTES, PasswordPolicy, PlainPassword};
use rosterd_domain::{
    Cursor, CursorKey, Dialect, DocumentLimits, EffectivePermissions, EmailAddress, JsonObject, JsonText,
    Order, PermissionTree, ProfileImage, SearchText, SettingsUpdate, UserId, UserName, UserPermissions, info,
    profile_image,
};
use serde_json::{Map, Value};

fn config() -> ProptestConfig {
    ProptestConfig {
        rng_seed: RngSeed::Fixed(7),
        failure_persistence: None,
        ..ProptestConfig::with_cases(256)
    }
}

/// Any JSON, some levels deep, with few distinct keys so that they meet.
fn json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        // Binary fractions: serde_json itself does not read every other float back exactly.
        any::<i32>().prop_map(|n| Value::from(f64::from(n) / 8.0)),
        ".{0,6}".prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 24, 4, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            proptest::collection::hash_map(key(), inner, 0..4).prop_map(|map| map.into_iter().collect()),
        ]
    })
}

fn key() -> impl Strategy<Value = String> {
    prop_oneof![
        Just("ui".to_owned()),
        Just("toolServers".to_owned()),
        Just("chat".to_owned()),
        Just("delete".to_owned()),
        "[a-c\"\\\\ü]{0,2}",
    ]
}

fn map() -> impl Strategy<Value = Map<String, Value>> {
    proptest::collection::hash_map(key(), json(), 0..5).prop_map(|map| map.into_iter().collect())
}

fn tree() -> impl Strategy<Value = PermissionTree> {
    map().prop_map(|map| PermissionTree::from_json(&Value::Object(map).to_string()))
}

fn object(map: &Map<String, Value>) -> JsonObject {
    serde_json::from_value::<Value>(Value::Object(map.clone()))
        .and_then(|value| serde_json::from_str(&value.to_string()))
        .unwrap()
}

fn stored(map: &Map<String, Value>) -> JsonText {
    JsonText::from_stored(Value::Object(map.clone()).to_string())
}

fn union(a: &PermissionTree, b: &PermissionTree) -> PermissionTree {
    let mut union = a.clone();
    union.union(b);
    union
}

/// What the merges should give, computed on values.
fn overlaid(stored: &Map<String, Value>, sent: &Map<String, Value>) -> Map<String, Value> {
    let mut merged = stored.clone();
    merged.extend(sent.clone());
    merged
}

proptest! {
    #![proptest_config(config())]

    /// R2
    #[test]
    fn an_address_is_a_fixed_point(text in ".{0,12}@.{0,8}[.].{0,8}") {
        if let Ok(address) = EmailAddress::parse(&text) {
            prop_assert_eq!(EmailAddress::parse(address.as_str()), Ok(address.clone()));
            prop_assert_eq!(EmailAddress::parse(&format!(" {address}\n")), Ok(address.clone()));
            prop_assert!(address.as_str().len() <= 255 && !address.as_str().contains(char::is_whitespace));
        }
    }

    /// R2
    #[test]
    fn ordinary_addresses_pass(local in "[a-zA-Z0-9.+_-]{1,20}", host in "[a-zA-Z0-9-]{1,20}", tld in "[a-zA-Z]{2,6}") {
        let text = format!("{local}@{host}.{tld}");
        prop_assert_eq!(EmailAddress::parse(&text).unwrap().into_string(), text.to_lowercase());
    }

    /// R2
    #[test]
    fn any_text_is_an_address_or_refused(text in "\\PC{0,8}[@. \\t\u{0}]{0,3}\\PC{0,8}") {
        match EmailAddress::parse(&text) {
            Ok(address) => {
                prop_assert_eq!(address.as_str().matches('@').count(), 1);
                prop_assert_eq!(address.as_str(), text.trim().to_lowercase());
            }
            Err(error) => prop_assert_eq!(error, DomainError::InvalidEmail),
        }
    }

    /// R3
    #[test]
    fn a_password_is_judged_by_bytes_then_by_characters(text in "(\\PC|\u{0}|ü){0,40}", least in 0..20_usize) {
        let policy = PasswordPolicy { min_chars: least, ..PasswordPolicy::default() };
        let verdict = policy.check(&PlainPassword::new(text.clone()));
        if text.len() > MAX_PASSWORD_BYTES {
            prop_assert_eq!(verdict, Err(DomainError::PasswordTooLong));
        } else if text.contains('\0') || text.chars().count() < least {
            let invalid = matches!(verdict, Err(DomainError::InvalidPassword { .. }));
            prop_assert!(invalid);
        } else {
            prop_assert_eq!(verdict, Ok(()));
        }
    }

    #[test]
    fn any_text_for_a_token_life_is_no_danger(text in "\\PC{0,20}") {
        if let Ok(TokenLife::Seconds(seconds)) = TokenLife::parse(&text) {
            prop_assert!(seconds >= 1);
            prop_assert_eq!(TokenLife::Seconds(seconds).expires_at(i64::MAX), Some(i64::MAX));
        }
    }

    #[test]
    fn a_token_life_is_the_sum_of_its_parts(w in 0..9_i64, d in 0..9_i64, h in 0..99_i64, m in 0..99_i64, s in 1..99_i64) {
        let expected = (((w * 7 + d) * 24 + h) * 60 + m) * 60 + s;
        for text in [format!("{w}w{d}d{h}h{m}m{s}s"), format!("{s}s {m}m {h}h {d}d {w}w")] {
            prop_assert_eq!(TokenLife::parse(&text), Ok(TokenLife::Seconds(expected)));
        }
    }

    #[test]
    fn a_token_life_is_never_nothing(text in "[0-9.]{0,6}(ms|s|m|h|d|w|-1)?[0-9.]{0,4}(ms|s|w)?") {
        if let Ok(TokenLife::Seconds(seconds)) = TokenLife::parse(&text) {
            prop_assert!(seconds >= 1);
        }
    }

    /// S3
    #[test]
    fn info_merges_like_maps(before in map(), sent in map()) {
        let limits = DocumentLimits::default();
        let merged = info::merge(Some(&stored(&before)), object(&sent), &limits).unwrap();
        prop_assert_eq!(merged.to_value(), Value::Object(overlaid(&before, &sent)));
        let again = info::merge(Some(&merged), object(&sent), &limits).unwrap();
        prop_assert_eq!(again, merged, "a repeated request changes nothing");
    }

    /// S1, S2
    #[test]
    fn settings_merge_like_maps_around_ui(before in map(), mut sent in map()) {
        let ui = sent.get("ui").cloned();
        let parsed = SettingsUpdate::parse(object(&sent));
        match ui {
            Some(Value::Null) => { sent.remove("ui"); }
            None | Some(Value::Object(_)) => {}
            Some(_) => {
                prop_assert!(parsed.is_err());
                return Ok(());
            }
        }
        let mut expected = overlaid(&before, &sent);
        if expected.get("ui").is_none_or(Value::is_null) {
            expected.insert("ui".to_owned(), Value::Object(Map::new()));
        }
        let merged = parsed.unwrap().merge_into(Some(&stored(&before)), Dialect::V0_6, &DocumentLimits::default()).unwrap();
        prop_assert_eq!(merged.to_value(), Value::Object(expected));
    }

    /// N3
    #[test]
    fn settings_are_patched_key_by_key(before in map(), stored_ui in map(), ui in map()) {
        let (mut before, limits) = (before, DocumentLimits::default());
        before.insert("ui".to_owned(), Value::Object(stored_ui.clone()));
        let sent = Map::from_iter([("ui".to_owned(), Value::Object(ui.clone()))]);
        let patch = || SettingsUpdate::parse(object(&sent)).unwrap();
        let mut expected = overlaid(&stored_ui, &ui);
        expected.retain(|key, _| !ui.get(key).is_some_and(Value::is_null));
        let merged = patch().merge_into(Some(&stored(&before)), Dialect::V0_12, &limits).unwrap();
        prop_assert_eq!(&merged.to_value()["ui"], &Value::Object(expected));
        let again = patch().merge_into(Some(&merged), Dialect::V0_12, &limits).unwrap();
        prop_assert_eq!(again, merged, "a repeated request changes nothing");
    }

    /// S2
    #[test]
    fn gated_settings_never_hold_tool_servers(mut sent in map(), ui in map()) {
        sent.insert("ui".to_owned(), Value::Object(ui.clone()));
        let mut update = SettingsUpdate::parse(object(&sent)).unwrap();
        prop_assert_eq!(update.needs_rights(Dialect::V0_6), ui.contains_key("toolServers"));
        update.strip(Dialect::V0_6, SettingsRights { tool_servers: false, ..SettingsRights::ALL });
        let mut expected = ui;
        expected.remove("toolServers");
        let alone = update.merge_into(None, Dialect::V0_6, &DocumentLimits::default()).unwrap();
        prop_assert_eq!(&alone.to_value()["ui"], &Value::Object(expected));
    }

    #[test]
    fn carried_json_is_shown_as_it_is(value in json(), garbage in ".{0,20}") {
        let pretty = serde_json::to_string_pretty(&value).unwrap();
        prop_assert_eq!(serde_json::to_string(&JsonText::from_stored(pretty.clone())).unwrap(), pretty);
        let shown = serde_json::to_string(&JsonText::from_stored(garbage)).unwrap();
        prop_assert!(serde_json::from_str::<Value>(&shown).is_ok(), "an answer is always JSON");
    }

    #[test]
    fn union_is_commutative_associative_and_idempotent(a in tree(), b in tree(), c in tree()) {
        prop_assert_eq!(union(&a, &b), union(&b, &a));
        prop_assert_eq!(union(&union(&a, &b), &c), union(&a, &union(&b, &c)));
        prop_assert_eq!(union(&a, &a), a.clone());
        prop_assert_eq!(union(&a, &PermissionTree::default()), a);
    }

    #[test]
    fn the_order_of_groups_does_not_matter(template in tree(), a in tree(), b in tree()) {
        let defaults = UserPermissions::builtin();
        let one = EffectivePermissions::compute(&template, [&a, &b], &defaults);
        let other = EffectivePermissions::compute(&template, [&b, &a, &b], &defaults);
        prop_assert_eq!(&one, &other);
        for (section, key, _) in defaults.iter() {
            let granted = [&template, &a, &b].iter().any(|tree| tree.allows(section, key));
            prop_assert!(!granted || one.allows(section, key) || one.tree().get(section).is_some());
        }
    }

    /// L1
    #[test]
    fn a_cursor_comes_back(number in any::<i64>(), name in "[^\u{0}]{0,20}", id in "[^\u{0}]{1,40}", member in any::<bool>()) {
        let id = UserId::parse(&id).unwrap();
        for (order_by, key) in [
            ("created_at", CursorKey::Int(number)),
            ("email", CursorKey::Text(name.clone())),
            ("group_id:ü-1", CursorKey::Member { member, name: name.clone() }),
        ] {
            let order = Order::parse(Some(order_by), Some("asc"));
            let cursor = Cursor::new(order.clone(), key, id.clone());
            prop_assert_eq!(Cursor::decode(&cursor.encode(), &order), Ok(cursor));
        }
    }

    /// L1
    #[test]
    fn any_text_for_a_cursor_is_no_danger(text in ".{0,60}") {
        prop_assert!(Cursor::decode(&text, &Order::default()).is_err());
    }

    /// L2
    #[test]
    fn folding_a_word_gives_a_word_of_the_folded(before in "\\PC{0,6}", part in "\\PC{1,6}", after in "\\PC{0,6}") {
        // Words and not any part: a letter and the accent behind it are folded together.
        let whole = format!("{before} {part} {after}");
        prop_assert_eq!(fold(&whole), format!("{} {} {}", fold(&before), fold(&part), fold(&after)));
        prop_assert_eq!(fold(&fold(&whole)), fold(&whole));
        prop_assert_eq!(fold(&whole.to_lowercase()), fold(&whole));
    }

    /// L2
    #[test]
    fn folding_a_part_of_plain_letters_gives_a_part_of_the_folded(before in "[a-zA-Zßİéж ]{0,6}", part in "[a-zA-Zßİéж ]{1,6}", after in "[a-zA-Zßİéж ]{0,6}") {
        let whole = format!("{before}{part}{after}");
        prop_assert_eq!(fold(&whole), fold(&before) + &fold(&part) + &fold(&after));
        prop_assert!(fold(&whole).contains(SearchText::new(&part).unwrap().folded()));
    }

    /// L2
    #[test]
    fn texts_that_unicode_takes_for_the_same_fold_to_the_same(text in "\\PC{0,12}") {
        let composed = rosterd_domain::unicode::nfc(&text);
        prop_assert_eq!(fold(&composed), fold(&text));
        prop_assert_eq!(rosterd_domain::email::comparable(&composed), rosterd_domain::email::comparable(&text));
    }

    #[test]
    fn a_name_is_what_was_typed_or_nothing(text in "\\PC{0,12}") {
        if let Ok(name) = UserName::parse(&text) {
            let composed = rosterd_domain::unicode::nfc(&text);
            prop_assert_eq!(name.as_str(), composed.trim());
            prop_assert_eq!(UserName::parse(name.as_str()), Ok(name));
        }
    }

    #[test]
    fn what_is_read_leniently_is_valid_json(text in r#"([{}\[\],:"\\]|NaN|-Infinity|Infinity|null|1|a| |\u{feff}|ü){0,24}"#) {
        if let Some(read) = rosterd_domain::json::lenient::read(&text) {
            prop_assert!(serde_json::from_str::<Value>(read.get()).is_ok(), "{} from {text}", read.get());
        }
    }

    #[test]
    fn what_is_valid_is_read_as_it_is(value in json()) {
        let text = value.to_string();
        let read = rosterd_domain::json::lenient::read(&text).map(|raw| raw.get().to_owned());
        // A text may be JSON again, and then it was encoded twice.
        if !value.is_string() {
            prop_assert_eq!(read.as_deref(), Some(text.as_str()));
        }
        let twice = Value::from(text.clone()).to_string();
        let read = rosterd_domain::json::lenient::read(&twice).map(|raw| raw.get().to_owned());
        if value.is_object() || value.is_array() {
            prop_assert_eq!(read.as_deref(), Some(text.as_str()));
        }
    }

    /// I1 to I4
    #[test]
    fn no_stored_url_is_a_danger(url in "(data:image/png;base64,|https?://|data:|)\\PC{0,30}[\r\n]?") {
        match profile_image::read(&url) {
            ProfileImage::Redirect(to) => prop_assert!(to.bytes().all(|byte| byte.is_ascii_graphic())),
            ProfileImage::Inline { bytes, .. } => prop_assert!(!bytes.is_empty()),
            ProfileImage::Default => {}
        }
    }
}
