//! What a group gives its members (rule M8).

use serde::{Deserialize, Serialize};

use super::{DefaultModels, ReachedGroup, data, default_models};
use crate::ids::GroupId;
use crate::json::JsonText;
use crate::permissions::EffectivePermissions;
use crate::preview::Reached;

/// What a group gives its members.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct GroupPreview {
    /// Which group it is.
    pub group: PreviewedGroup,
    /// The models that its members begin with.
    pub default_models: GroupDefaultModels,
    /// Models that are switched on, by id.
    pub models: Reached,
    /// Knowledge bases, the one that changed last first.
    pub knowledge: Reached,
    /// Tools, the one that changed last first.
    pub tools: Reached,
    /// The permissions of the group itself; empty where it has none.
    pub permissions: JsonText,
    /// What the template and the groups above give.
    pub inherited_permissions: EffectivePermissions,
    /// All of these together.
    pub effective_permissions: EffectivePermissions,
}

/// Id and name of the group.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PreviewedGroup {
    /// The group's id.
    pub id: GroupId,
    /// The group's name.
    pub name: String,
}

/// The models that members of a group begin with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct GroupDefaultModels {
    /// The group's own list, or null.
    pub local: Option<Vec<String>>,
    /// The list that counts.
    pub effective: Vec<String>,
    /// The group that the list comes from; null where it is the one of the configuration.
    pub source_group_id: Option<GroupId>,
}

impl GroupDefaultModels {
    /// The models of a group. `line` is the group and every group above it, nearest first; `house` what is configured for
    /// everybody: ids separated by commas.
    #[must_use]
    pub fn of(line: &[ReachedGroup], house: &str) -> Self {
        let local = line.first().and_then(|reached| data::default_models(reached.group.data.as_ref()));
        if let Some(DefaultModels { source, models }) = default_models(line) {
            return Self { local, effective: models, source_group_id: Some(source) };
        }
        let house = house.split(',').map(str::trim).filter(|model| !model.is_empty());
        Self { local, effective: house.map(str::to_owned).collect(), source_group_id: None }
    }
}

/// Puts the group `id` and every group above it in order, nearest first. A ring of parents ends where it closes.
#[must_use]
pub fn nearest_first(id: &GroupId, mut groups: Vec<ReachedGroup>) -> Vec<ReachedGroup> {
    let mut line = Vec::with_capacity(groups.len());
    let mut next = Some(id.clone());
    while let Some(wanted) = next {
        let Some(at) = groups.iter().position(|reached| reached.group.id == wanted) else { break };
        let reached = groups.swap_remove(at);
        line.push(reached);
        next = line.last().and_then(|reached| reached.parent.clone());
    }
    line
}

#[cfg(test)]
mod tests {
    use super::super::tests::group;
    use super::super::{Group, Membership};
    use super::*;

    fn at(id: &str, parent: Option<&str>, models: &str) -> ReachedGroup {
        let data = JsonText::from_stored(format!(r#"{{"config":{{"default_models":{models}}}}}"#));
        ReachedGroup {
            group: Group { id: GroupId::from_stored(id.to_owned()), data: Some(data), ..group() },
            parent: parent.map(|id| GroupId::from_stored(id.to_owned())),
            membership: Membership::Inherited,
        }
    }

    fn ids(line: &[ReachedGroup]) -> Vec<&str> {
        line.iter().map(|reached| reached.group.id.as_str()).collect()
    }

    #[test]
    fn m8_the_nearest_list_counts_and_else_the_houses() {
        let line = [at("leaf", Some("middle"), "null"), at("middle", Some("root"), r#"["b"]"#)];
        let models = GroupDefaultModels::of(&line, "h");
        assert_eq!((models.local, models.effective), (None, vec!["b".to_owned()]));
        assert_eq!(models.source_group_id, Some(GroupId::from_stored("middle".to_owned())));
        let own = GroupDefaultModels::of(&line[1..], "h");
        assert_eq!(own.local, Some(vec!["b".to_owned()]));
        let none = GroupDefaultModels::of(&line[..1], "x, y,");
        assert_eq!((none.effective, none.source_group_id), (vec!["x".to_owned(), "y".to_owned()], None));
        let empty = GroupDefaultModels::of(&[at("leaf", None, "[]")], "");
        assert_eq!((empty.local, empty.effective), (Some(Vec::new()), Vec::new()));
    }

    #[test]
    fn m19_a_line_is_put_in_order_and_a_ring_ends() {
        let id = GroupId::from_stored("leaf".to_owned());
        let line =
            vec![at("root", None, "[]"), at("leaf", Some("middle"), "[]"), at("middle", Some("root"), "[]")];
        assert_eq!(ids(&nearest_first(&id, line)), ["leaf", "middle", "root"]);
        let ring = vec![at("middle", Some("leaf"), "[]"), at("leaf", Some("middle"), "[]")];
        assert_eq!(ids(&nearest_first(&id, ring)), ["leaf", "middle"]);
        assert_eq!(ids(&nearest_first(&id, Vec::new())), [""; 0]);
    }
}
