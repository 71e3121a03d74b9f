//! The groups above groups: what each has in the end, and in which order groups can be given their places.

use super::super::document::{At, DeclaredGroup};
use super::super::plan::{Change, GroupRef};
use super::Planner;
use super::matching::{FinalGroups, NotOne};

/// Where a group stands: its place in [`FinalGroups::all`].
type Place = usize;

/// The tree as it is stored and as it is in the end.
#[derive(Debug)]
pub(super) struct Tree {
    /// The group above each, as stored: of those that are there in the end.
    before: Vec<Option<Above>>,
    /// The same in the end.
    after: Vec<Option<Place>>,
}

/// A stored group above another.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Above {
    Kept(Place),
    /// One that goes.
    Gone(GroupRef),
}

impl Tree {
    /// What becomes of the group above; `None`: it stays.
    pub(super) fn change(&self, groups: &FinalGroups<'_>, place: Place) -> Option<Change<Option<GroupRef>>> {
        let named = |place: Place| groups.all[place].to_ref();
        let after = self.after[place];
        match &self.before[place] {
            Some(Above::Kept(before)) if Some(*before) == after => None,
            None if after.is_none() => None,
            before => {
                let before = before.clone().map(|above| match above {
                    Above::Kept(place) => named(place),
                    Above::Gone(group) => group,
                });
                Some(Change { before, after: after.map(named) })
            }
        }
    }

    /// The group above in the end.
    pub(super) fn above(&self, place: Place) -> Option<Place> {
        self.after[place]
    }

    /// How many groups are above each in the end. Whoever is given its place in this order never gets into a ring on the way:
    /// all that is above a group has its place already.
    pub(super) fn depths(&self) -> Vec<usize> {
        (0..self.after.len()).map(|place| self.line(place).count()).collect()
    }

    /// The groups above one, nearest first. A ring, which only somebody else can have made, ends.
    fn line(&self, place: Place) -> impl Iterator<Item = Place> {
        std::iter::successors(self.after[place], |above| self.after[*above]).take(self.after.len())
    }

    /// Whether the group is above itself in the end, and would not be if this document had not changed anything.
    fn closes_ring(&self, place: Place) -> bool {
        let ring: Vec<_> = self.line(place).take_while(|above| *above != place).collect();
        let is_ring = self.line(place).any(|above| above == place);
        let moves = |place: &Place| self.before[*place] != self.after[*place].map(Above::Kept);
        is_ring && ring.iter().chain([&place]).any(moves)
    }
}

impl Planner<'_> {
    /// The tree in the end. A group whose stored parent goes gets the next one above that stays (rule M9).
    pub(super) fn tree(&mut self, groups: &FinalGroups<'_>) -> Tree {
        let mut tree = Tree { before: Vec::new(), after: Vec::new() };
        for group in &groups.all {
            let parent = group.stored.and_then(|stored| stored.parent.as_ref());
            let before = parent.and_then(|parent| stored_above(groups, parent.as_str()));
            let stays = match &before {
                Some(Above::Kept(place)) => Some(*place),
                Some(Above::Gone(gone)) => next_that_stays(groups, gone),
                None => None,
            };
            let declared = group.declared.and_then(|declared| declared.parent.as_ref());
            let after = match declared {
                Some(parent) => self.declared_above(groups, parent).unwrap_or(stays),
                None => stays,
            };
            tree.before.push(before);
            tree.after.push(after);
        }
        let declared =
            groups.all.iter().enumerate().filter_map(|(place, group)| Some((place, group.declared?)));
        for (place, group) in declared {
            if tree.closes_ring(place) {
                self.tell_ring(groups, &tree, place, group);
            }
        }
        tree
    }

    /// What the document says: `None` where that is wrong, `Some(None)` for no parent.
    fn declared_above(&mut self, groups: &FinalGroups<'_>, parent: &At<String>) -> Option<Option<Place>> {
        let text = parent.value.as_str();
        if text.is_empty() {
            return Some(None);
        }
        if !self.stored.has_tree {
            self.fault(
                parent,
                "this database is one of an older Open WebUI, which has no groups above groups; leave the parent out",
            );
            return None;
        }
        match groups.named(text) {
            Ok(place) => return Some(Some(place)),
            Err(NotOne::Nobody) => self.fault(
                parent,
                format!("there is no group with the name or id {text}, neither here nor in the database; declare it, too"),
            ),
            Err(NotOne::Gone) => self.fault(
                parent,
                format!("--prune removes the group {text}, since it is not declared; declare it, too"),
            ),
            Err(NotOne::Several) => {
                self.fault(parent, format!("several groups are named {text}; name the one that is meant by its id"));
            }
        }
        None
    }

    fn tell_ring(&mut self, groups: &FinalGroups<'_>, tree: &Tree, place: Place, group: &DeclaredGroup) {
        let above = tree.line(place).take_while(|above| *above != place);
        let names: Vec<_> =
            [place].into_iter().chain(above).chain([place]).map(|place| groups.all[place].name).collect();
        let at = group.parent.as_ref().unwrap_or(&group.name);
        self.fault(
            at,
            format!("a group cannot be above itself: {}; give one of them another parent", names.join(" < ")),
        );
    }
}

/// A stored parent; one that is missing is none.
fn stored_above(groups: &FinalGroups<'_>, id: &str) -> Option<Above> {
    if let Some(place) = groups.with_id(id) {
        return Some(Above::Kept(place));
    }
    let gone = groups.gone_with_id(id)?;
    Some(Above::Gone(GroupRef { id: Some(gone.id.clone()), name: gone.name.clone() }))
}

fn next_that_stays(groups: &FinalGroups<'_>, gone: &GroupRef) -> Option<Place> {
    let mut id = gone.id.clone()?;
    // As many steps as there are groups that go: a ring of them ends.
    for _ in 0..=groups.gone.len() {
        let parent = groups.gone_with_id(id.as_str())?.parent.as_ref()?;
        if let Some(place) = groups.with_id(parent.as_str()) {
            return Some(place);
        }
        id = parent.clone();
    }
    None
}
