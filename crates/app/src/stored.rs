//! What administrators have changed at run time, setting by setting, for whoever wants to show what holds.

use rosterd_domain::permissions::{Node, StoredTemplate};
use rosterd_domain::stored_config::Stored;
use rosterd_storage::{Layout, Reads};
use serde_json::Value;

use crate::error::AppError;
use crate::permission_trees::TEMPLATE_PATH;
use crate::settings::StoredDefaults;
use crate::stored_config::{Key, held};

/// A setting that the database can hold.
#[derive(Debug, Clone, PartialEq)]
pub struct StoredSetting {
    /// Its name in the admin configuration, such as `ENABLE_SIGNUP`; where an environment variable gives its default,
    /// that variable.
    pub name: String,
    /// Its place in the database, such as `ui.enable_signup`. Rights are below [`TEMPLATE_PATH`].
    pub path: String,
    /// The value that holds.
    pub value: Value,
    /// Whether `value` comes from the database; else it is the configured one.
    pub stored: bool,
}

/// Every setting that the database can hold, in two statements. What is stored and cannot be read counts as it does for
/// the server: closed, and by what is stored.
///
/// # Errors
/// Those of the store.
pub fn stored_settings(
    db: &mut dyn Reads,
    layout: &Layout,
    defaults: &StoredDefaults,
) -> Result<Vec<StoredSetting>, AppError> {
    let (dialect, layout) = (layout.dialect, layout.config);
    let defaults = &defaults.in_dialect(dialect);
    let places: Vec<_> = Key::told(dialect).map(|key| layout.place_of(key)).collect();
    let stored = db.find_configs(&places)?;
    let keys = Key::told(dialect).zip(stored).map(|(key, text)| StoredSetting {
        name: key.wire().to_owned(),
        path: layout.place_of(key).to_owned(),
        value: held(key, text.as_ref(), layout, defaults),
        stored: text.is_some_and(|text| key.read(&text) != Stored::Nothing),
    });
    let template = db.find_config(TEMPLATE_PATH)?;
    let template = template
        .map(|text| StoredTemplate::read(text.as_str(), defaults.permissions.rights()).tree)
        .unwrap_or_default();
    let table = defaults.permissions.rights().iter();
    let rights = table.zip(defaults.permissions.iter()).map(|((section, right), (_, key, default))| {
        let stored = match template.get(section) {
            Some(Node::Section(rights)) => match rights.get(key) {
                Some(Node::Flag(given)) => Some(*given),
                Some(Node::Section(_)) | None => None,
            },
            Some(Node::Flag(_)) | None => None,
        };
        StoredSetting {
            name: right.variable.to_owned(),
            path: format!("{TEMPLATE_PATH}.{section}.{key}"),
            value: stored.unwrap_or(default).into(),
            stored: stored.is_some(),
        }
    });
    Ok(keys.chain(rights).collect())
}
