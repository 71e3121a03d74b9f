//! From what is declared and what is stored to what would change. Pure: no database, no clock, no fresh ids.

mod groups;
mod matching;
mod settings;
mod template;
mod tree;

#[cfg(test)]
mod tests;

use super::document::{At, Roster};
use super::plan::Plan;
use super::problem::Problem;
use super::rights::{DeclaredRights, FlatRights, RightChange, RightPath};
use super::stored::{Accounts, StoredRoster};
use crate::permissions::OPEN_WEBUI_0_12;

/// How a document is meant.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Wanted {
    /// What the document does not name is removed where it names others of its kind (rule D2).
    pub prune: bool,
    /// Rights that this server does not know are set, too.
    pub force: bool,
}

/// What would change, and everything that is wrong (rules D1 to D3, D5 and D7). Where anything is wrong, the plan is not to be
/// carried out.
#[must_use]
pub fn plan(
    roster: &Roster,
    stored: &StoredRoster,
    accounts: &Accounts,
    wanted: Wanted,
) -> (Plan, Vec<Problem>) {
    let mut planner = Planner { stored, accounts, wanted, problems: Vec::new() };
    let mut plan = Plan::default();
    let finals = planner.match_groups(roster.groups.as_deref());
    planner.add_group_steps(&finals, &mut plan);
    if let Some(rights) = &roster.permissions {
        planner.add_template_step(rights, &mut plan);
    }
    if let Some(settings) = &roster.settings {
        planner.add_settings_step(settings, &finals, &mut plan);
    }
    planner.ensure_default_group_stays(roster.settings.as_ref(), &finals, &plan);
    (plan, planner.problems)
}

struct Planner<'a> {
    stored: &'a StoredRoster,
    accounts: &'a Accounts,
    wanted: Wanted,
    problems: Vec<Problem>,
}

/// What is said where stored settings do not count.
const NOT_COUNTED: &str = "values that are stored do not count here, as ENABLE_PERSISTENT_CONFIG is false; leave this out, and \
    set it in the server's configuration";

impl Planner<'_> {
    fn fault<T>(&mut self, at: &At<T>, message: impl Into<String>) {
        self.problems.push(at.problem(message));
    }

    /// Refuses rights that this server does not know: a misspelt one would be stored and never count. What is stored already
    /// may be named.
    fn ensure_known(&mut self, declared: &DeclaredRights, stored: &FlatRights) {
        if self.wanted.force {
            return;
        }
        for (right, at) in &declared.0 {
            if right.is_known() || stored.contains_key(right) {
                continue;
            }
            let near =
                right.section_and_key().and_then(|(section, key)| OPEN_WEBUI_0_12.nearest(section, key));
            let near = near.map(|near| format!("the nearest name is {near}, and ")).unwrap_or_default();
            self.fault(
                at,
                format!("there is no such right; {near}--force sets one that only a newer front end knows"),
            );
        }
    }
}

/// The rights that change: what is declared and stored otherwise; what is stored and declared nowhere, with `prune`; and what
/// cannot be a right beside one that is declared.
fn right_changes(declared: &DeclaredRights, stored: &FlatRights, prune: bool) -> Vec<RightChange> {
    let goes = |right: &RightPath| {
        !declared.0.contains_key(right) && (prune || declared.0.keys().any(|other| other.excludes(right)))
    };
    let removed = stored.keys().filter(|right| goes(right)).filter_map(|right| changed(right, stored, None));
    let set = declared.0.iter().filter_map(|(right, on)| changed(right, stored, Some(on.value)));
    let mut changes: Vec<_> = removed.chain(set).collect();
    changes.sort_by(|one, other| one.right.cmp(&other.right));
    changes
}

/// A right as it is to be, if it is stored otherwise.
fn changed(right: &RightPath, stored: &FlatRights, after: Option<bool>) -> Option<RightChange> {
    let before = stored.get(right).copied();
    (before != after).then(|| RightChange { right: right.clone(), before, after })
}
