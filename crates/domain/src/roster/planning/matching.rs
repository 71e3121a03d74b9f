//! Which stored group each declared one is, and which groups there are in the end (rule D1).

use std::collections::{BTreeMap, BTreeSet};

use super::super::document::{At, DeclaredGroup};
use super::super::plan::GroupRef;
use super::super::stored::StoredGroup;
use super::Planner;
use crate::error::DomainError;
use crate::group::GroupName;
use crate::ids::GroupId;

/// A group as it is in the end.
#[derive(Debug)]
pub(super) struct FinalGroup<'a> {
    /// As the document has it; `None`: it says nothing.
    pub(super) declared: Option<&'a DeclaredGroup>,
    /// As it is stored; `None`: it is made.
    pub(super) stored: Option<&'a StoredGroup>,
    /// The name in the end.
    pub(super) name: &'a str,
}

impl FinalGroup<'_> {
    pub(super) fn to_ref(&self) -> GroupRef {
        GroupRef { id: self.stored.map(|stored| stored.id.clone()), name: self.name.to_owned() }
    }
}

/// Every group in the end, and those that go.
#[derive(Debug)]
pub(super) struct FinalGroups<'a> {
    pub(super) all: Vec<FinalGroup<'a>>,
    pub(super) gone: Vec<&'a StoredGroup>,
    gone_by_id: BTreeMap<&'a str, &'a StoredGroup>,
    by_id: BTreeMap<&'a str, usize>,
    by_name: BTreeMap<&'a str, Vec<usize>>,
}

/// Why a text does not lead to one group.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum NotOne {
    /// There is none.
    Nobody,
    /// It is one of those that are removed.
    Gone,
    /// Several have this name.
    Several,
}

impl<'a> FinalGroups<'a> {
    fn new(all: Vec<FinalGroup<'a>>, gone: Vec<&'a StoredGroup>) -> Self {
        let gone_by_id = gone.iter().map(|group| (group.id.as_str(), *group)).collect();
        let mut groups = Self { all, gone, gone_by_id, by_id: BTreeMap::new(), by_name: BTreeMap::new() };
        for (index, group) in groups.all.iter().enumerate() {
            groups.by_name.entry(group.name).or_default().push(index);
            if let Some(stored) = group.stored {
                groups.by_id.insert(stored.id.as_str(), index);
            }
        }
        groups
    }

    /// The group with this id.
    pub(super) fn with_id(&self, id: &str) -> Option<usize> {
        self.by_id.get(id).copied()
    }

    /// The group with this id, if it goes.
    pub(super) fn gone_with_id(&self, id: &str) -> Option<&'a StoredGroup> {
        self.gone_by_id.get(id).copied()
    }

    /// The group that a text names: an id wins over a name, as everywhere on the command line.
    pub(super) fn named(&self, text: &str) -> Result<usize, NotOne> {
        if let Some(index) = self.with_id(text) {
            return Ok(index);
        }
        match self.by_name.get(text).or_else(|| self.by_name.get(text.trim())).map(Vec::as_slice) {
            Some([index]) => Ok(*index),
            Some(_) => Err(NotOne::Several),
            None if self.gone.iter().any(|gone| gone.id.as_str() == text || gone.name == text) => {
                Err(NotOne::Gone)
            }
            None => Err(NotOne::Nobody),
        }
    }

    /// The same for who only wants to refer to it.
    pub(super) fn find(&self, text: &str) -> Option<GroupRef> {
        self.named(text).ok().map(|index| self.all[index].to_ref())
    }
}

impl<'a> Planner<'a> {
    /// Finds the stored group of each declared one.
    pub(super) fn match_groups<'d>(&mut self, declared: Option<&'d [DeclaredGroup]>) -> FinalGroups<'d>
    where
        'a: 'd,
    {
        let roster = self.stored;
        let mut by_name: BTreeMap<&str, Vec<&'a StoredGroup>> = BTreeMap::new();
        for group in &roster.groups {
            by_name.entry(group.name.as_str()).or_default().push(group);
        }
        let by_id: BTreeMap<&str, &'a StoredGroup> =
            roster.groups.iter().map(|group| (group.id.as_str(), group)).collect();
        let groups = declared.unwrap_or_default();
        let claimed = self.claimed_ids(groups);
        let mut named: BTreeSet<&str> = BTreeSet::new();
        let mut all = Vec::new();
        for group in groups {
            let name = group.name.value.as_str();
            let stored = if let Some(id) = &group.id {
                let stored = by_id.get(id.value.as_str()).copied();
                if stored.is_none() {
                    self.fault(id, "there is no group with this id; leave the id out for a new group");
                    continue;
                }
                stored
            } else {
                if !named.insert(name.trim()) {
                    self.fault(
                        &group.name,
                        format!("a group named {name} stands here already; remove one of them"),
                    );
                    continue;
                }
                let found = by_name.get(name).or_else(|| by_name.get(name.trim()));
                let free: Vec<_> =
                    found.into_iter().flatten().filter(|stored| !claimed.contains(&stored.id)).collect();
                if free.len() > 1 {
                    let ids: Vec<_> = free.iter().map(|stored| stored.id.as_str()).collect();
                    let (count, ids) = (ids.len(), ids.join(", "));
                    self.fault(
                        &group.name,
                        format!("{count} groups are named {name}; say which one is meant by its `id`: {ids}"),
                    );
                    continue;
                }
                free.first().map(|stored| **stored)
            };
            let Some(name) = self.final_name(&group.name, stored) else { continue };
            all.push(FinalGroup { declared: Some(group), stored, name });
        }
        let found: BTreeSet<&GroupId> = all.iter().filter_map(|group| Some(&group.stored?.id)).collect();
        let others = roster.groups.iter().filter(|group| !found.contains(&group.id));
        // Where the document has no groups at all, it says nothing about them. Where something is wrong, nothing is removed anyway.
        let (gone, kept): (Vec<_>, Vec<_>) = others.partition(|_| self.wanted.prune && declared.is_some());
        all.extend(kept.into_iter().map(|stored| FinalGroup {
            declared: None,
            stored: Some(stored),
            name: stored.name.as_str(),
        }));
        FinalGroups::new(all, gone)
    }

    /// The ids that the document names; one that stands twice is told.
    fn claimed_ids(&mut self, groups: &[DeclaredGroup]) -> BTreeSet<GroupId> {
        let mut claimed = BTreeSet::new();
        for id in groups.iter().filter_map(|group| group.id.as_ref()) {
            if !claimed.insert(GroupId::from_stored(id.value.clone())) {
                self.fault(id, "a group with this id stands here already; remove one of them");
            }
        }
        claimed
    }

    /// The name in the end; one that is stored is not judged.
    fn final_name<'d>(&mut self, name: &'d At<String>, stored: Option<&StoredGroup>) -> Option<&'d str> {
        let text = name.value.as_str();
        if stored.is_some_and(|stored| stored.name == text) {
            return Some(text);
        }
        match GroupName::parse(text) {
            Ok(parsed) if parsed.as_str().is_empty() => {
                self.fault(name, "a group needs a name");
                None
            }
            Ok(_) => Some(text.trim()),
            Err(DomainError::Field { message, .. }) => {
                self.fault(name, message);
                None
            }
            Err(other) => {
                self.fault(name, other.to_string());
                None
            }
        }
    }
}
