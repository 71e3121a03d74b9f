//! `[groups]`: what new groups begin with.

use rosterd_domain::group::share::NewShare;

use crate::config::parse;
use crate::config::reader::Reader;
use crate::config::setting::{Kind, Setting};

const SHARE: Setting = Setting::new(
    "groups.share",
    "DEFAULT_GROUP_SHARE_PERMISSION",
    &[],
    Kind::Choice(&["members", "true", "false"]),
    "members",
    "Who may share with a new group: its members, every user (true) or nobody (false).",
);

/// The section's settings.
pub(in crate::config) const ALL: &[Setting] = &[SHARE];

/// Who may share with a new group; `None` after noting a problem.
pub(in crate::config) fn read(reader: &mut Reader<'_>) -> Option<NewShare> {
    reader.read(&SHARE, |text| parse::choice(&NewShare::WORDS, text))
}
