//! The configuration that admins change at run time (docs/API.md, `/auths/admin/config`).

use rosterd_domain::json::JsonText;
use rosterd_storage::Lock;
use serde_json::Value;

use crate::act::Act;
use crate::error::AppResult;
use crate::event::{Changes, Event};
use crate::stored_config::{Key, StoredConfig};

/// Every setting as it holds now.
///
/// # Errors
/// Those of the store.
pub fn get(act: &mut Act<'_>) -> AppResult<StoredConfig> {
    act.actor().ensure_admin()?;
    act.app().stored_config(act.read())
}

/// Stores values, which were judged by [`Key::fault`], and gives what holds then. Keys that are not among them stay.
///
/// # Errors
/// Those of the store.
pub fn set(act: &mut Act<'_>, values: &[(Key, Value)]) -> AppResult<StoredConfig> {
    act.actor().ensure_admin()?;
    let (app, now) = (act.app(), act.now());
    let layout = app.store().layout().config;
    act.read().lock(Lock::Config)?;
    let before = app.stored_config(act.read())?;
    let changed: Vec<_> = values.iter().filter(|(key, value)| !stays(&before, *key, value)).collect();
    let changed = if changed.is_empty() { values.iter().collect() } else { changed };
    let mut told = Changes::default();
    for (key, value) in &changed {
        told = told.of(key.wire(), before.value(*key), value);
    }
    let texts: Vec<_> =
        changed.iter().map(|(key, value)| (*key, JsonText::from_stored(value.to_string()))).collect();
    let stored: Vec<_> = texts.iter().map(|(key, text)| (layout.place_of(*key), text.clone())).collect();
    act.change(Event::ConfigChanged(told)).set_configs(&stored, now)?;
    Ok(before.with(&texts, layout, &app.settings().defaults))
}

/// Whether a value stays as it is stored: one that cannot be read and comes back as it is shown must keep nobody from
/// changing the others. Where it comes alone it is refused, as by any change of it.
fn stays(shown: &StoredConfig, key: Key, value: &Value) -> bool {
    shown.is_unreadable(key) && shown.value(key) == value
}
