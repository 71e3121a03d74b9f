//! The models that a group gives its members to begin with (rule M8).

use std::collections::{HashMap, HashSet};

use super::{Group, ReachedGroup, data};
use crate::ids::GroupId;

/// A group's list of models.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DefaultModels {
    /// The group that has the list.
    pub source: GroupId,
    /// The ids of the models, in the group's order.
    pub models: Vec<String>,
}

/// The list that counts: of the groups that have one, that of the deepest; of equal depths, that of the group that was
/// made first, then that of the lowest id.
///
/// `groups` are some groups and all groups above them. A ring of parents ends where it closes.
#[must_use]
pub fn default_models(groups: &[ReachedGroup]) -> Option<DefaultModels> {
    let parents: HashMap<&GroupId, Option<&GroupId>> =
        groups.iter().map(|reached| (&reached.group.id, reached.parent.as_ref())).collect();
    let with_list = groups.iter().filter_map(|reached| Some((&reached.group, list_of(&reached.group)?)));
    let (group, models) = with_list.min_by_key(|(group, _)| {
        (std::cmp::Reverse(depth(&group.id, &parents)), group.created_at, group.id.as_str())
    })?;
    Some(DefaultModels { source: group.id.clone(), models })
}

/// How many groups are above this one.
fn depth(id: &GroupId, parents: &HashMap<&GroupId, Option<&GroupId>>) -> usize {
    let (mut seen, mut at) = (HashSet::from([id]), id);
    while let Some(parent) = parents.get(at).copied().flatten() {
        if !seen.insert(parent) {
            break;
        }
        at = parent;
    }
    seen.len() - 1
}

/// A group's own list, where it names any model.
fn list_of(group: &Group) -> Option<Vec<String>> {
    data::default_models(group.data.as_ref()).filter(|models| !models.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::group::Membership;
    use crate::json::JsonText;

    fn group(id: &str, parent: Option<&str>, created_at: i64, models: &str) -> ReachedGroup {
        ReachedGroup {
            group: Group {
                id: GroupId::from_stored(id.to_owned()),
                user_id: None,
                name: id.to_owned(),
                description: String::new(),
                data: Some(JsonText::from_stored(format!("{{\"config\":{{\"default_models\":{models}}}}}"))),
                meta: None,
                permissions: None,
                created_at,
                updated_at: created_at,
            },
            parent: parent.map(|id| GroupId::from_stored(id.to_owned())),
            membership: Membership::Direct,
        }
    }

    fn source(groups: &[ReachedGroup]) -> Option<String> {
        default_models(groups).map(|found| found.source.as_str().to_owned())
    }

    #[test]
    fn m8_the_deepest_group_with_a_list_counts() {
        let top = group("top", None, 1, r#"["a"]"#);
        let middle = group("middle", Some("top"), 2, r#"["b", "c"]"#);
        let leaf = group("leaf", Some("middle"), 3, "null");
        let groups = [top.clone(), leaf, middle];
        assert_eq!(
            default_models(&groups),
            Some(DefaultModels {
                source: GroupId::from_stored("middle".to_owned()),
                models: vec!["b".to_owned(), "c".to_owned()],
            })
        );
        let other = group("other", None, 0, r#"["z"]"#);
        assert_eq!(source(&[top, other]), Some("other".to_owned()), "the older of two as deep");
        assert_eq!(source(&[]), None);
    }

    #[test]
    fn m8_of_equal_depth_and_age_the_lower_id_counts() {
        let (a, b) = (group("a", None, 1, r#"["x"]"#), group("b", None, 1, r#"["y"]"#));
        assert_eq!(source(&[b, a]), Some("a".to_owned()));
    }

    #[test]
    fn m8_a_ring_ends_and_what_is_no_list_is_none() {
        let ring = [group("a", Some("b"), 1, r#"["x"]"#), group("b", Some("a"), 2, r#"["y"]"#)];
        assert_eq!(source(&ring), Some("a".to_owned()));
        for none in ["null", "[]", "7", "[1]", "{}", "\"x\""] {
            assert_eq!(source(&[group("a", None, 1, none)]), None, "{none}");
        }
        let mut broken = group("a", None, 1, "[\"x\"]");
        broken.group.data = Some(JsonText::from_stored("{".to_owned()));
        assert_eq!(source(&[broken]), None);
    }
}
