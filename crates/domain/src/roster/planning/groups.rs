//! Groups: what becomes of each.

use std::collections::BTreeMap;

use super::super::document::{At, DeclaredGroup};
use super::super::plan::{Change, GroupChange, GroupMade, MemberRef, Plan, Step};
use super::super::rights::{FlatRights, RightChange, flat};
use super::super::stored::StoredGroup;
use super::matching::{FinalGroup, FinalGroups};
use super::tree::Tree;
use super::{Planner, right_changes};
use crate::error::DomainError;
use crate::ids::UserId;
use crate::json::JsonText;
use crate::permissions::PermissionTree;
use crate::text::{MAX_DESCRIPTION, ensure_short};

impl Planner<'_> {
    /// Groups that are made and changed, those above first; then those that go, those below first.
    pub(super) fn add_group_steps(&mut self, groups: &FinalGroups<'_>, plan: &mut Plan) {
        let tree = self.tree(groups);
        let depths = tree.depths();
        let mut order: Vec<usize> = (0..groups.all.len()).collect();
        order.sort_by_key(|place| {
            let group = &groups.all[*place];
            (depths[*place], group.name, group.stored.map(|stored| &stored.id))
        });
        for place in order {
            let group = &groups.all[place];
            let step = match group.stored {
                Some(stored) => self.changed(groups, &tree, place, stored),
                None => group.declared.map(|declared| self.made(groups, &tree, place, declared)),
            };
            plan.steps.extend(step);
        }
        add_deletions(groups, plan);
    }

    fn made(
        &mut self,
        groups: &FinalGroups<'_>,
        tree: &Tree,
        place: usize,
        declared: &DeclaredGroup,
    ) -> Step {
        if !self.stored.has_owner {
            self.fault(&declared.name, "nobody can own a group yet; create an account first");
        }
        let description = self.description(declared, None).unwrap_or_default();
        let nothing = FlatRights::new();
        let rights = self.rights(declared, &nothing);
        let members = self.members(declared);
        Step::CreateGroup(GroupMade {
            name: groups.all[place].name.to_owned(),
            description,
            parent: tree.above(place).map(|above| groups.all[above].to_ref()),
            rights: rights.into_iter().filter_map(|change| Some((change.right, change.after?))).collect(),
            members: refs(members.iter()),
        })
    }

    fn changed(
        &mut self,
        groups: &FinalGroups<'_>,
        tree: &Tree,
        place: usize,
        stored: &StoredGroup,
    ) -> Option<Step> {
        let FinalGroup { declared, name, .. } = groups.all[place];
        let mut change = GroupChange::none(stored.id.clone(), stored.name.clone());
        // Also of a group of which nothing is said: the one above it may go.
        change.parent = tree.change(groups, place);
        if let Some(declared) = declared {
            change.rename =
                (name != stored.name).then(|| Change { before: stored.name.clone(), after: name.to_owned() });
            change.description = self
                .description(declared, Some(&stored.description))
                .filter(|after| *after != stored.description)
                .map(|after| Change { before: stored.description.clone(), after });
            let rights = stored.permissions.as_ref().map(JsonText::as_str).map(PermissionTree::from_json);
            change.rights = self.rights(declared, &rights.map(|tree| flat(&tree)).unwrap_or_default());
            if !change.rights.is_empty()
                && stored.permissions.as_ref().is_some_and(|text| text.value_for_change().is_err())
            {
                self.fault(
                    &declared.name,
                    "the stored permissions of this group cannot be read, so they are not written over; repair them first",
                );
            }
            if declared.members.is_some() {
                let members = self.members(declared);
                change.added = refs(members.iter().filter(|(id, _)| !stored.members.contains_key(*id)));
                if self.wanted.prune {
                    change.removed = refs(stored.members.iter().filter(|(id, _)| !members.contains_key(*id)));
                }
            }
        }
        (!change.is_empty()).then_some(Step::ChangeGroup(change))
    }

    fn description(&mut self, declared: &DeclaredGroup, stored: Option<&str>) -> Option<String> {
        let description = declared.description.as_ref()?;
        match ensure_short("description", &description.value, stored, MAX_DESCRIPTION) {
            Ok(()) => Some(description.value.clone()),
            Err(DomainError::Field { message, .. }) => {
                self.fault(description, message);
                None
            }
            Err(other) => {
                self.fault(description, other.to_string());
                None
            }
        }
    }

    fn rights(&mut self, declared: &DeclaredGroup, stored: &FlatRights) -> Vec<RightChange> {
        let Some(rights) = &declared.permissions else { return Vec::new() };
        self.ensure_known(rights, stored);
        right_changes(rights, stored, self.wanted.prune)
    }

    /// The accounts that are named; whoever has none is told, and who is named in two ways.
    fn members(&mut self, declared: &DeclaredGroup) -> BTreeMap<UserId, String> {
        let mut members: BTreeMap<UserId, String> = BTreeMap::new();
        for member in declared.members.iter().flatten() {
            let At { value: text, .. } = member;
            match self.accounts.find(text) {
                Some(id) => {
                    if let Some(other) = members.insert(id.clone(), text.clone()) {
                        self.fault(member, format!("{text} and {other} are the same account; remove one"));
                    }
                }
                None => self.fault(
                    member,
                    format!("{text} has no account; create it first, with `rosterd user create` or `rosterd import`"),
                ),
            }
        }
        members
    }
}

/// Members in the order of how they are named.
fn refs<'m>(members: impl Iterator<Item = (&'m UserId, &'m String)>) -> Vec<MemberRef> {
    let mut refs: Vec<_> =
        members.map(|(id, name)| MemberRef { id: id.clone(), name: name.clone() }).collect();
    refs.sort_by(|one, other| (&one.name, &one.id).cmp(&(&other.name, &other.id)));
    refs
}

/// Those below go first, so that nobody is moved who goes anyway.
fn add_deletions(groups: &FinalGroups<'_>, plan: &mut Plan) {
    let mut gone: Vec<_> =
        groups.gone.iter().map(|group| (depth_among_gone(groups, group), *group)).collect();
    gone.sort_by(|(depth, one), (other_depth, other)| {
        other_depth.cmp(depth).then_with(|| one.name.cmp(&other.name)).then_with(|| one.id.cmp(&other.id))
    });
    plan.steps.extend(gone.into_iter().map(|(_, group)| Step::DeleteGroup {
        id: group.id.clone(),
        name: group.name.clone(),
        members: group.member_count,
    }));
}

/// How many of those that go are above one of them. A ring ends.
fn depth_among_gone(groups: &FinalGroups<'_>, group: &StoredGroup) -> usize {
    let mut depth = 0;
    let mut parent = group.parent.as_ref();
    while let Some(above) = parent.and_then(|id| groups.gone_with_id(id.as_str())) {
        depth += 1;
        if depth > groups.gone.len() {
            break;
        }
        parent = above.parent.as_ref();
    }
    depth
}
