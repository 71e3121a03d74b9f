//! `[permissions.workspace]` and its neighbours: what a user may do where the stored template says nothing. The
//! keys, their variables and their defaults are the domain's.

use std::borrow::Cow;

use rosterd_domain::permissions::{OPEN_WEBUI_0_12, UserPermissions};

use crate::config::parse;
use crate::config::reader::Reader;
use crate::config::setting::{Kind, Setting};

/// The section's settings, one a permission.
pub(in crate::config) fn all() -> Vec<Setting> {
    OPEN_WEBUI_0_12
        .iter()
        .map(|(section, right)| Setting {
            key: format!("permissions.{section}.{}", right.key).into(),
            variable: Cow::Borrowed(right.variable),
            aliases: &[],
            kind: Kind::Switch,
            default: Cow::Borrowed(if right.builtin { "true" } else { "false" }),
            about: Cow::Borrowed("Default permission; the stored user.permissions wins."),
            empty_counts: false,
        })
        .collect()
}

pub(in crate::config) fn read(reader: &mut Reader<'_>) -> Option<UserPermissions> {
    let mut permissions = OPEN_WEBUI_0_12.builtin();
    let mut readable = true;
    for setting in all() {
        let section = setting.section().trim_start_matches("permissions.");
        match reader.read(&setting, parse::switch) {
            Some(allowed) => {
                permissions.set(section, setting.name(), allowed);
            }
            None => readable = false,
        }
    }
    readable.then_some(permissions)
}
