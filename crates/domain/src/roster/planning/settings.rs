//! Stored settings.

use std::collections::BTreeMap;

use serde_json::Value;

use super::super::document::At;
use super::super::plan::{GroupRef, Plan, SettingChange, Step};
use super::super::problem::Problem;
use super::super::stored::StoredSetting;
use super::matching::FinalGroups;
use super::{NOT_COUNTED, Planner};
use crate::dialect::Dialect;
use crate::json::is_same;
use crate::stored_config::{Key, Kind, Sent};
use crate::text::nearest;

impl Planner<'_> {
    /// Sets what is declared. With `prune` the settings that the document does not name are as configured.
    pub(super) fn add_settings_step(
        &mut self,
        declared: &BTreeMap<String, At<Value>>,
        groups: &FinalGroups<'_>,
        plan: &mut Plan,
    ) {
        let roster = self.stored;
        let Some(stored) = &roster.settings else {
            if let Some(first) = declared.values().next() {
                self.problems.push(Problem::new(first.line, "settings", NOT_COUNTED));
            }
            return;
        };
        let mut changes = Vec::new();
        for (name, at) in declared {
            let Some(key) = self.known_setting(name, at) else { continue };
            let Some(setting) = stored.get(&key) else { continue };
            changes.extend(self.setting_change(key, setting, at, groups));
        }
        if self.wanted.prune {
            let rest = stored.iter().filter(|(key, setting)| {
                !declared.contains_key(key.wire()) && !key.is_factor_policy() && !setting.is_unreadable
            });
            let rest = rest.filter(|(key, setting)| !is_alike(**key, &setting.held, &setting.default));
            changes.extend(rest.map(|(key, setting)| change(*key, setting, setting.default.clone(), None)));
        }
        changes.sort_by_key(|change| change.name);
        if !changes.is_empty() {
            plan.steps.push(Step::ChangeSettings { settings: changes });
        }
    }

    /// Refuses to remove the group that new accounts join: from then on they would join none. A setting names it by id, so what
    /// the document says of it may be what is stored already.
    pub(super) fn ensure_default_group_stays(
        &mut self,
        declared: Option<&BTreeMap<String, At<Value>>>,
        groups: &FinalGroups<'_>,
        plan: &Plan,
    ) {
        let key = Key::DefaultGroupId;
        let Some(setting) = self.stored.settings.as_ref().and_then(|stored| stored.get(&key)) else { return };
        let settings = plan.steps.iter().filter_map(|step| match step {
            Step::ChangeSettings { settings } => Some(settings),
            _ => None,
        });
        let change = settings.flatten().find(|change| change.name == key.wire());
        let value = change.map_or(&setting.held, |change| &change.after);
        let Some(gone) = value.as_str().and_then(|id| groups.gone_with_id(id)) else { return };
        let message = format!(
            "new accounts join the group {} (DEFAULT_GROUP_ID is its id, {}), and --prune would remove it; list it under \
             `groups`, or name another one here",
            gone.name, gone.id
        );
        match declared.and_then(|declared| declared.get(key.wire())) {
            // It names another one, and what is wrong with that is told.
            Some(at) if change.is_none() && at.value != setting.held => {}
            Some(at) => self.fault(at, message),
            None => self.problems.push(Problem::new(None, "settings.DEFAULT_GROUP_ID", message)),
        }
    }

    /// The setting with this name, if this database has it.
    fn known_setting(&mut self, name: &str, at: &At<Value>) -> Option<Key> {
        let dialect = self.stored.dialect;
        if name == Key::UserPermissions.wire() {
            self.fault(
                at,
                "the default permissions have a table of their own: name the rights under `permissions`",
            );
            return None;
        }
        let Some(key) = Key::named(name) else {
            let names: Vec<_> = Key::of_form(dialect).map(Key::wire).collect();
            let near = nearest(name, names.iter().map(|name| (name, name)));
            let advice = near.map_or_else(
                || "`rosterd settings get` lists all of this database".to_owned(),
                |near| format!("the nearest name is {near}"),
            );
            self.fault(at, format!("there is no such setting; {advice}"));
            return None;
        };
        if !Key::of_form(dialect).any(|known| known == key) {
            self.fault(
                at,
                "this database is one of an older Open WebUI, which does not have this setting; leave it out",
            );
            return None;
        }
        Some(key)
    }

    fn setting_change(
        &mut self,
        key: Key,
        setting: &StoredSetting,
        at: &At<Value>,
        groups: &FinalGroups<'_>,
    ) -> Option<SettingChange> {
        let value = match judged(key, &at.value, self.stored.dialect) {
            Ok(value) => value,
            Err(fault) => {
                self.fault(at, fault);
                return None;
            }
        };
        if is_alike(key, &setting.held, &value) {
            return None;
        }
        let (value, group) = match (key, value.as_str()) {
            (Key::DefaultGroupId, Some(text)) if !text.is_empty() => {
                let Some(group) = groups.find(text) else {
                    self.fault(
                        at,
                        format!(
                            "there is no group with the name or id {text}, or there are several; name one"
                        ),
                    );
                    return None;
                };
                let id = group.id.as_ref().map_or_else(|| group.name.clone(), |id| id.as_str().to_owned());
                // A group that is made by this plan has no id yet, so its name is shown.
                (Value::String(id), Some(group).filter(|group| group.id.is_none()))
            }
            _ => (value, None),
        };
        if group.is_none() && is_alike(key, &setting.held, &value) {
            return None;
        }
        if key.is_factor_policy() {
            self.fault(
                at,
                "only Open WebUI has a second factor, so this cannot be changed here; leave it out",
            );
            return None;
        }
        if setting.is_unreadable {
            self.fault(
                at,
                "what is stored cannot be read, so it is not written over; repair it in the table `config`",
            );
            return None;
        }
        Some(change(key, setting, value, group))
    }
}

fn change(key: Key, setting: &StoredSetting, after: Value, group: Option<GroupRef>) -> SettingChange {
    SettingChange { name: key.wire(), before: setting.held.clone(), after, group }
}

/// A value as it would be stored.
///
/// TOML has no null. So the empty text is null in settings that may be null, and a document may be written as JSON text.
fn judged(key: Key, value: &Value, dialect: Dialect) -> Result<Value, String> {
    let value = match (key.kind(), value) {
        (Kind::OptionalText, Value::Null) => Value::String(String::new()),
        (Kind::Limit | Kind::OptionalList, Value::String(text)) if text.is_empty() => Value::Null,
        (kind, Value::String(text)) if kind.is_document() => {
            serde_json::from_str(text).map_err(|error| format!("this text is no JSON: {error}"))?
        }
        (_, value) => value.clone(),
    };
    match key.sent(Some(value), dialect) {
        Sent::Value(value) => Ok(value),
        Sent::Faulty(fault) => Err(fault.to_owned()),
        // What Open WebUI's own page would skip.
        Sent::Nothing | Sent::Missing => Err(match key.kind() {
            Kind::Choice(words) => format!("one of these words is needed: {}", words.join(", ")),
            Kind::Role => "a role is pending, user or admin".to_owned(),
            _ => "a duration of one number and one unit is needed, such as 4w, 12h or 30m; -1 and 0 mean without end"
                .to_owned(),
        }),
    }
}

/// Whether two values of a setting mean the same.
fn is_alike(key: Key, one: &Value, other: &Value) -> bool {
    let is_empty = |value: &Value| value.is_null() || value == "";
    is_same(one, other) || key.kind() == Kind::OptionalText && is_empty(one) && is_empty(other)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn d5_a_value_is_judged_as_the_form_judges_it() {
        let of = |key, value| judged(key, &value, Dialect::V0_12);
        assert_eq!(of(Key::EnableSignup, json!(true)), Ok(json!(true)));
        assert_eq!(of(Key::FolderMaxFileCount, json!("7")), Ok(json!(7)));
        assert_eq!(of(Key::AdminEmail, json!(null)), Ok(json!("")));
        assert_eq!(of(Key::SkillContentMaxChars, json!("")), Ok(json!(null)));
        assert_eq!(of(Key::PromptSuggestions, json!(r#"[{"a":null}]"#)), Ok(json!([{ "a": null }])));
        for (key, value, part) in [
            (Key::EnableSignup, json!("yes"), "true or false"),
            (Key::DefaultUserRole, json!("owner"), "pending, user or admin"),
            (Key::JwtExpiresIn, json!("1h30m"), "one number and one unit"),
            (Key::ChannelModelResponseMode, json!("x"), "thread, channel"),
            (Key::PromptSuggestions, json!("[x"), "no JSON"),
            (Key::DefaultInterfaceSettings, json!([]), "object"),
        ] {
            let fault = of(key, value.clone()).unwrap_err();
            assert!(fault.contains(part), "{key:?} {value}: {fault}");
        }
        assert_eq!(judged(Key::JwtExpiresIn, &json!("1h30m"), Dialect::V0_6), Ok(json!("1h30m")));
    }

    #[test]
    fn null_and_the_empty_text_are_alike_where_both_may_be() {
        assert!(is_alike(Key::AdminEmail, &json!(null), &json!("")));
        assert!(!is_alike(Key::AdminEmail, &json!(null), &json!("x")));
        assert!(!is_alike(Key::WebuiUrl, &json!(null), &json!("")));
        assert!(is_alike(Key::FolderMaxFileCount, &json!(7), &json!(7.0)));
    }
}
