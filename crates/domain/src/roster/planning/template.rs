//! The default template.

use super::super::plan::{Plan, Step};
use super::super::problem::Problem;
use super::super::rights::DeclaredRights;
use super::{NOT_COUNTED, Planner, changed};

impl Planner<'_> {
    /// Sets what is declared. With `prune` the rights that this server knows and the document does not name are as configured;
    /// those that only others know stay.
    pub(super) fn add_template_step(&mut self, declared: &DeclaredRights, plan: &mut Plan) {
        let roster = self.stored;
        let Some(stored) = &roster.template else {
            let first = declared.0.values().next();
            let line = first.and_then(|first| first.line);
            if first.is_some() {
                self.problems.push(Problem::new(line, "permissions", NOT_COUNTED));
            }
            return;
        };
        self.ensure_known(declared, stored);
        let set = declared.0.iter().filter_map(|(right, on)| changed(right, stored, Some(on.value)));
        let mut rights: Vec<_> = set.collect();
        if self.wanted.prune {
            let rest = roster.template_defaults.iter().filter(|(right, _)| !declared.0.contains_key(right));
            rights.extend(rest.filter_map(|(right, on)| changed(right, stored, Some(*on))));
            rights.sort_by(|one, other| one.right.cmp(&other.right));
        }
        if !rights.is_empty() {
            plan.steps.push(Step::ChangePermissions { rights });
        }
    }
}
