//! The configuration that admins change at run time (docs/API.md, `/auths/admin/config`).

use std::collections::BTreeMap;

use rosterd_domain::json::{JsonText, is_same_text};
use rosterd_storage::{ConfigLayout, Lock};
use serde_json::Value;

use crate::act::Act;
use crate::error::{AppError, AppResult};
use crate::event::{Changes, Event};
use crate::stored_config::{Key, StoredConfig, find};
use crate::versions::Condition;

/// Every setting as it holds now.
///
/// # Errors
/// Those of the store.
pub fn get(act: &mut Act<'_>) -> AppResult<StoredConfig> {
    act.actor().ensure_admin()?;
    act.app().stored_config(act.read())
}

/// Stores values, which were judged by [`Key::sent`], and gives what holds then. Keys that are not among them stay. What
/// is stored already is not written again. Where stored settings do not count nothing is written at all.
///
/// The policy of the second factor can be named, by a person, but not changed (rules M12 and M24).
///
/// # Errors
/// [`AppError::HumanSessionRequired`]; [`AppError::Conflict`] where the policy would change; those of the store.
pub fn set(act: &mut Act<'_>, values: &[(Key, Value)]) -> AppResult<StoredConfig> {
    set_if(act, values, &Condition::None)
}

/// The same, only if what is stored has still the [version](StoredConfig::version) that the condition names (rule S4).
///
/// # Errors
/// [`AppError::PreconditionFailed`]; as [`set`].
pub fn set_if(act: &mut Act<'_>, values: &[(Key, Value)], condition: &Condition) -> AppResult<StoredConfig> {
    act.actor().ensure_admin()?;
    let (policy, values): (Vec<_>, Vec<_>) = values.iter().partition(|(key, _)| key.is_factor_policy());
    if !policy.is_empty() {
        act.actor().ensure_person()?;
    }
    let (app, now) = (act.app(), act.now());
    let layout = app.store().layout();
    act.read().lock(Lock::Config)?;
    let keys: Vec<Key> = Key::of_form(layout.dialect).collect();
    let stored: BTreeMap<Key, Option<JsonText>> = find(act.read(), &keys, layout.config)?.collect();
    let before = StoredConfig::of_stored(stored.clone().into_iter(), layout.config, &app.settings().defaults);
    condition.ensure_tag(|| before.version())?;
    if policy.iter().any(|(key, value)| before.value(*key) != value) {
        return Err(AppError::Conflict(
            "Only Open WebUI has a second factor, so it cannot be switched on or off here. Leave ENABLE_MFA, \
             MFA_ALLOW_OAUTH_BYPASS and MFA_ALLOW_TRUSTED_HEADER_BYPASS as they are.",
        ));
    }
    if !layout.stored_settings {
        return Ok(before);
    }
    let layout = layout.config;
    let changed: Vec<_> =
        values.iter().copied().filter(|(key, value)| !stays(&before, *key, value)).collect();
    let changed = if changed.is_empty() { values } else { changed };
    let texts: Vec<_> =
        changed.into_iter().map(|(key, value)| (*key, JsonText::from_stored(value.to_string()))).collect();
    // What is stored already is not written again (rule R5).
    let is_new = |(key, text): &(Key, JsonText)| match stored.get(key).and_then(Option::as_ref) {
        Some(stored) => !is_same_text(stored, text),
        // In a document, null is nothing.
        None => layout == ConfigLayout::KeyValue || text.as_str() != "null",
    };
    let new: Vec<_> = texts.into_iter().filter(is_new).collect();
    if new.is_empty() {
        return Ok(before);
    }
    let mut told = Changes::default();
    for (key, text) in &new {
        let (before, after) = (before.value(*key), text.to_value());
        told = if key.kind().is_document() {
            told.named(key.wire(), *before != after)
        } else {
            told.of(key.wire(), before, after)
        };
    }
    let after = before.with(&new, layout, &app.settings().defaults);
    let new: Vec<_> = new.into_iter().map(|(key, text)| (layout.place_of(key), text)).collect();
    act.change(Event::ConfigChanged(told)).set_configs(&new, now)?;
    Ok(after)
}

/// Whether a value stays as it is stored: one that cannot be read and comes back as it is shown must keep nobody from
/// changing the others. Where it comes alone it is refused, as by any change of it.
fn stays(stored: &StoredConfig, key: Key, value: &Value) -> bool {
    stored.is_unreadable(key) && stored.value(key) == value
}
