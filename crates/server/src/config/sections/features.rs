//! `[features]`: what front ends are told of the features of Open WebUI. Those that the database can hold are in
//! [`stored`](super::stored); these it cannot.

use std::borrow::Cow;

use rosterd_app::settings::FrontEndSwitches;
use rosterd_domain::front_end::Switch;

use crate::config::parse;
use crate::config::reader::Reader;
use crate::config::setting::{Kind, Setting};

/// The section's settings.
pub(in crate::config) fn all() -> Vec<Setting> {
    Switch::ALL.iter().map(|switch| setting(*switch)).collect()
}

fn setting(switch: Switch) -> Setting {
    Setting {
        key: Cow::Borrowed(switch.key()),
        variable: Cow::Borrowed(switch.variable()),
        aliases: &[],
        kind: Kind::Switch,
        default: Cow::Borrowed(if switch.default() { "true" } else { "false" }),
        about: Cow::Borrowed(switch.about()),
        empty_counts: false,
    }
}

/// Reads them; `None` after noting a problem.
pub(in crate::config) fn read(reader: &mut Reader<'_>) -> Option<FrontEndSwitches> {
    let mut switches = FrontEndSwitches::default();
    let mut readable = true;
    for switch in Switch::ALL {
        match reader.read(&setting(*switch), parse::switch) {
            Some(on) => switches.set(*switch, on),
            None => readable = false,
        }
    }
    readable.then_some(switches)
}
