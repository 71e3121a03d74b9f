//! What a group gives its members (rule M8).

use std::sync::Arc;

use rosterd_domain::group::{GroupDefaultModels, GroupPreview, PreviewedGroup, nearest_first};
use rosterd_domain::ids::GroupId;
use rosterd_domain::json::JsonText;
use rosterd_domain::permissions::{EffectivePermissions, PreparedTree};
use rosterd_domain::preview::Reachable;

use crate::act::Act;
use crate::error::{AppError, AppResult};
use crate::groups::ensure_tree;
use crate::permission_trees::TEMPLATE_PATH;
use crate::stored_config::{Key, held};

/// What a group gives its members: rights, models, knowledge and tools.
///
/// # Errors
/// [`AppError::NotFound`] on a database of an older Open WebUI; [`AppError::GroupNotFound`]; those of the store.
pub fn preview(act: &mut Act<'_>, id: &GroupId) -> AppResult<GroupPreview> {
    act.actor().ensure_admin()?;
    ensure_tree(act)?;
    let line = nearest_first(id, act.read().list_line(id)?);
    let own = &line.first().ok_or(AppError::GroupNotFound)?.group;
    let (trees, defaults) = (act.app().permission_trees(), &act.app().settings().defaults);
    let layout = act.app().store().layout().config;
    let places = [TEMPLATE_PATH, layout.place_of(Key::DefaultModels)];
    let mut stored = act.read().find_configs(&places)?;
    let (house, template) = (stored.pop().flatten(), stored.pop().flatten());
    let template = template.map_or_else(|| trees.defaults(), |text| trees.of_template(text.as_str()));
    let texts = line.iter().map(|reached| reached.group.permissions.as_ref());
    let rights: Vec<_> = texts.map(|text| trees.of(text.map_or("null", JsonText::as_str))).collect();
    let with = |rights: &[Arc<PreparedTree>]| {
        let rights = rights.iter().map(AsRef::as_ref);
        EffectivePermissions::of(&template, rights, &defaults.permissions)
    };
    let house = held(Key::DefaultModels, house.as_ref(), layout, defaults);
    Ok(GroupPreview {
        group: PreviewedGroup { id: own.id.clone(), name: own.name.clone() },
        default_models: GroupDefaultModels::of(&line, house.as_str().unwrap_or_default()),
        models: act.read().list_reached_by_group(id, Reachable::Model)?,
        knowledge: act.read().list_reached_by_group(id, Reachable::Knowledge)?,
        tools: act.read().list_reached_by_group(id, Reachable::Tool)?,
        permissions: own
            .permissions
            .clone()
            .and_then(JsonText::into_object)
            .unwrap_or_else(|| JsonText::from_stored("{}".to_owned())),
        inherited_permissions: with(&rights[1..]),
        effective_permissions: with(&rights),
    })
}
