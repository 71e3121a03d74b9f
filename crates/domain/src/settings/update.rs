//! An update of settings: what of it may be stored, and how it is merged into what is stored (rules S1 to S3, N3 and N4).

use super::interface::is_interface_key;
use super::{UI, object};
use crate::dialect::Dialect;
use crate::document::{DocumentLimits, Opened};
use crate::error::DomainError;
use crate::json::{JsonObject, JsonText};
use crate::rules::settings_rights::SettingsRights;

const TOOL_SERVERS: &str = "toolServers";
const SYSTEM: &str = "system";
const NOTIFICATIONS: &str = "notifications";
const WEBHOOK_URL: &str = "webhook_url";

/// What a client sent to be merged into its settings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SettingsUpdate {
    /// Everything sent; `ui` is an object if it is there.
    sent: JsonObject,
}

impl SettingsUpdate {
    /// Checks what was sent. A `ui` of `null` counts as not sent (rule S2).
    ///
    /// # Errors
    /// [`DomainError::Field`] at `["ui"]` when it is neither an object nor `null` nor absent.
    pub fn parse(mut sent: JsonObject) -> Result<Self, DomainError> {
        match sent.get(UI).map(serde_json::value::RawValue::get) {
            None => {}
            Some("null") => {
                sent.remove(UI);
            }
            Some(text) if text.starts_with('{') => {}
            Some(_) => return Err(DomainError::field(UI, "must be an object")),
        }
        Ok(Self { sent })
    }

    /// Drops silently what may not be stored with these rights: the stored values stay. `ui.toolServers` needs a right
    /// everywhere (rule S2), the rest in the newest dialect (rule N4).
    pub fn strip(&mut self, dialect: Dialect, rights: SettingsRights) {
        let guarded = Guarded { dialect, rights };
        if guarded.drops_top(NOTIFICATIONS) {
            self.sent.remove(NOTIFICATIONS);
        }
        let Some(mut ui) = self.ui() else { return };
        let before = ui.len();
        ui.retain(|key| !guarded.drops(key));
        let mut changed = ui.len() < before;
        if guarded.drops_webhook()
            && let Some(mut notifications) = ui.get(NOTIFICATIONS).and_then(object)
            && notifications.remove(WEBHOOK_URL).is_some()
        {
            ui.insert_object(NOTIFICATIONS, &notifications);
            changed = true;
        }
        if changed {
            self.sent.insert_object(UI, &ui);
        }
    }

    /// Whether something was sent that only some may store. Only then do the caller's permissions matter, which cost a
    /// query.
    #[must_use]
    pub fn needs_rights(&self, dialect: Dialect) -> bool {
        const NO_RIGHT: SettingsRights =
            SettingsRights { tool_servers: false, interface: false, system: false, webhooks: false };
        let guarded = Guarded { dialect, rights: NO_RIGHT };
        let at_top = guarded.drops_top(NOTIFICATIONS) && self.sent.get(NOTIFICATIONS).is_some();
        at_top
            || self.ui().is_some_and(|ui| {
                let notifies = guarded.drops_webhook() && ui.get(NOTIFICATIONS).is_some();
                notifies || ui.keys().any(|key| guarded.drops(key))
            })
    }

    /// Bytes of what was sent, about.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.sent.bytes()
    }

    fn ui(&self) -> Option<JsonObject> {
        self.sent.get(UI).and_then(|raw| serde_json::from_str(raw.get()).ok())
    }

    /// Merges into what is stored, at the top level: a sent key replaces the stored one, the others stay. A stored value
    /// that is no object counts as absent. With `ui` it depends:
    ///
    /// - 0.6: a sent `ui` replaces the stored one, and the result always has one, `{}` if nobody ever sent any (S1, S2).
    /// - 0.12: a sent `ui` is a patch. Each of its keys with `null` goes, each other key replaces the stored value whole
    ///   (N3). A stored `ui` that is no object counts as `{}` (N23).
    ///
    /// # Errors
    /// [`DomainError::Unreadable`] when the stored text is no JSON; [`DomainError::DocumentTooLarge`] and
    /// [`DomainError::Field`] when the result is over one of the limits, unless
    /// what is stored is over it already and does not grow.
    pub fn merge_into(
        mut self,
        stored: Option<&JsonText>,
        dialect: Dialect,
        limits: &DocumentLimits,
    ) -> Result<JsonText, DomainError> {
        let mut opened = Opened::new(stored)?;
        match dialect {
            Dialect::V0_6 => {
                opened.object.merge(self.sent);
                if opened.object.get(UI).is_none_or(|ui| ui.get() == "null") {
                    opened.object.insert_object(UI, &JsonObject::new());
                }
            }
            Dialect::V0_12 => {
                let patch = self.ui();
                self.sent.remove(UI);
                if let Some(patch) = patch {
                    let ui = opened.object.get(UI).and_then(object).unwrap_or_default();
                    opened.object.insert_object(UI, &patched(ui, patch, limits)?);
                }
                opened.object.merge(self.sent);
            }
        }
        opened.close("settings", limits)
    }
}

/// A key with `null` goes, any other replaces what is there.
fn patched(
    mut ui: JsonObject,
    patch: JsonObject,
    limits: &DocumentLimits,
) -> Result<JsonObject, DomainError> {
    let before = ui.len();
    for (key, value) in patch.into_entries() {
        if value.get() == "null" {
            ui.remove(&key);
        } else {
            ui.insert(key, value);
        }
    }
    if ui.len() > limits.max_keys && ui.len() > before {
        let message = format!("would have {} keys; at most {} are stored", ui.len(), limits.max_keys);
        return Err(DomainError::field(UI, message));
    }
    Ok(ui)
}

/// What somebody with these rights may not store.
#[derive(Clone, Copy)]
struct Guarded {
    dialect: Dialect,
    rights: SettingsRights,
}

impl Guarded {
    /// Whether this key of `ui` is dropped.
    fn drops(self, key: &str) -> bool {
        let newest = self.dialect == Dialect::V0_12;
        match key {
            TOOL_SERVERS => !self.rights.tool_servers,
            SYSTEM => newest && !self.rights.system,
            key => newest && !self.rights.interface && is_interface_key(key),
        }
    }

    /// Whether this key at the top level is dropped.
    fn drops_top(self, key: &str) -> bool {
        key == NOTIFICATIONS && self.drops_webhook()
    }

    /// Whether webhooks are dropped.
    fn drops_webhook(self) -> bool {
        self.dialect == Dialect::V0_12 && !self.rights.webhooks
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use Dialect::{V0_6, V0_12};

    const NO_RIGHT: SettingsRights =
        SettingsRights { tool_servers: false, interface: false, system: false, webhooks: false };

    fn update(sent: &str) -> SettingsUpdate {
        SettingsUpdate::parse(serde_json::from_str(sent).unwrap()).unwrap()
    }

    /// The result of merging into nothing.
    fn alone(update: SettingsUpdate) -> JsonText {
        update.merge_into(None, V0_6, &DocumentLimits::default()).unwrap()
    }

    fn stored(text: &str) -> JsonText {
        JsonText::from_stored(text.to_owned())
    }

    fn merged(before: &str, sent: &str) -> String {
        update(sent)
            .merge_into(Some(&stored(before)), V0_6, &DocumentLimits::default())
            .unwrap()
            .into_string()
    }

    #[test]
    fn s1_a_sent_key_replaces_the_stored_one_and_others_stay() {
        let before = r#"{"ui":{"a":1,"nested":{"b":1.50}},"extra":{"k":"v"}}"#;
        assert_eq!(
            merged(before, r#"{"ui":{"only":"this"},"more":2}"#),
            r#"{"ui":{"only":"this"},"extra":{"k":"v"},"more":2}"#
        );
    }

    #[test]
    fn s2_ui_absent_or_null_keeps_the_stored_ui() {
        let before = r#"{"ui":{"only":"this"},"more":2}"#;
        assert_eq!(merged(before, r#"{"third":[1]}"#), r#"{"ui":{"only":"this"},"more":2,"third":[1]}"#);
        assert_eq!(merged(before, r#"{"ui":null}"#), before);
    }

    #[test]
    fn s2_ui_must_be_an_object() {
        for ui in ["\"dark\"", "1", "[]", "true"] {
            let sent = serde_json::from_str(&format!("{{\"ui\":{ui}}}")).unwrap();
            let Err(DomainError::Field { path, .. }) = SettingsUpdate::parse(sent) else { panic!("{ui}") };
            assert_eq!(path, ["ui"]);
        }
    }

    #[test]
    fn s1_the_result_always_has_ui() {
        assert_eq!(alone(update("{}")).as_str(), r#"{"ui":{}}"#);
        assert_eq!(merged("[1]", r#"{"a":1}"#), r#"{"a":1,"ui":{}}"#);
        assert_eq!(merged(r#"{"ui":null}"#, r#"{"a":1}"#), r#"{"ui":{},"a":1}"#);
        assert_eq!(merged("null", r#"{"ui":{"x":1}}"#), r#"{"ui":{"x":1}}"#);
    }

    #[test]
    fn settings_over_a_limit_are_refused_by_name() {
        let limits = DocumentLimits { max_bytes: 20, max_keys: 1 };
        let told = |sent: &str| update(sent).merge_into(None, V0_6, &limits).unwrap_err().to_string();
        assert!(told(r#"{"ui":{"a":"0123456789"}}"#).contains("settings"));
        // The `ui` that is put in counts too.
        assert!(told(r#"{"a":1}"#).contains("settings"));
    }

    #[test]
    fn s2_tool_servers_are_dropped_silently_when_not_allowed() {
        let sent = r#"{"ui":{"toolServers":[{"url":"https://t.example.net"}],"x":1},"k":2}"#;
        let mut refused = update(sent);
        assert!(refused.needs_rights(V0_6));
        refused.strip(V0_6, NO_RIGHT);
        assert!(!refused.needs_rights(V0_6));
        assert_eq!(alone(refused).as_str(), r#"{"ui":{"x":1},"k":2}"#);

        let mut allowed = update(sent);
        allowed.strip(V0_6, SettingsRights::ALL);
        assert_eq!(alone(allowed).as_str(), sent);
    }

    #[test]
    fn s2_tool_servers_cannot_slip_through_in_disguise() {
        for sent in [
            r#"{"ui":{"tool\u0053ervers":[1],"x":1}}"#,
            r#"{"ui":{"toolServers":[1],"x":1,"toolServers":[2]}}"#,
            r#"{"ui":{},"\u0075i":{"toolServers":[1],"x":1}}"#,
            r#"{"ui": { "toolServers" : null , "x":1 } }"#,
        ] {
            let mut update = update(sent);
            update.strip(V0_6, NO_RIGHT);
            assert_eq!(alone(update).as_str(), r#"{"ui":{"x":1}}"#, "{sent}");
        }
    }

    #[test]
    fn what_is_not_gated_keeps_its_text() {
        let mut update = update(r#"{"ui":{ "b": 1.0, "a": 2 }}"#);
        assert!(!update.needs_rights(V0_6));
        update.strip(V0_6, NO_RIGHT);
        assert_eq!(alone(update).as_str(), r#"{"ui":{ "b": 1.0, "a": 2 }}"#);
    }

    fn patched(before: &str, sent: &str) -> String {
        update(sent)
            .merge_into(Some(&stored(before)), V0_12, &DocumentLimits::default())
            .unwrap()
            .into_string()
    }

    #[test]
    fn n3_ui_is_patched_key_by_key_and_values_are_replaced_whole() {
        let before = r#"{"ui":{"a":1,"nested":{"b":[true],"c":null}},"extra":{"k":"v"}}"#;
        for (sent, after) in [
            (
                r#"{"ui":{"only":"this"}}"#,
                r#"{"ui":{"a":1,"nested":{"b":[true],"c":null},"only":"this"},"extra":{"k":"v"}}"#,
            ),
            (
                r#"{"ui":{"a":null,"never":null}}"#,
                r#"{"ui":{"nested":{"b":[true],"c":null}},"extra":{"k":"v"}}"#,
            ),
            (r#"{"ui":{"nested":{"e":null}}}"#, r#"{"ui":{"a":1,"nested":{"e":null}},"extra":{"k":"v"}}"#),
            (
                r#"{"ui":{"a":0,"s":"","f":false,"l":[],"o":{}}}"#,
                r#"{"ui":{"a":0,"nested":{"b":[true],"c":null},"s":"","f":false,"l":[],"o":{}},"extra":{"k":"v"}}"#,
            ),
            (
                r#"{"extra":null,"third":{"x":1}}"#,
                r#"{"ui":{"a":1,"nested":{"b":[true],"c":null}},"extra":null,"third":{"x":1}}"#,
            ),
            (r#"{"ui":null}"#, before),
            (r#"{"ui":{}}"#, before),
            ("{}", before),
        ] {
            assert_eq!(patched(before, sent), after, "{sent}");
        }
    }

    #[test]
    fn n3_only_a_sent_ui_makes_one() {
        assert_eq!(patched("null", r#"{"plugins":{"p":1}}"#), r#"{"plugins":{"p":1}}"#);
        assert_eq!(patched("null", r#"{"ui":{"x":null}}"#), r#"{"ui":{}}"#);
        assert_eq!(patched(r#"{"ui":null}"#, r#"{"a":1}"#), r#"{"ui":null,"a":1}"#);
    }

    #[test]
    fn n3_a_ui_may_not_have_more_keys_than_a_document() {
        let limits = DocumentLimits { max_keys: 2, ..DocumentLimits::default() };
        let merge = |before: &str, sent: &str| update(sent).merge_into(Some(&stored(before)), V0_12, &limits);
        assert!(merge(r#"{"ui":{"a":1}}"#, r#"{"ui":{"b":1}}"#).is_ok());
        assert!(matches!(
            merge(r#"{"ui":{"a":1}}"#, r#"{"ui":{"b":1,"c":1}}"#),
            Err(DomainError::Field { .. })
        ));
        assert!(merge(r#"{"ui":{"a":1,"b":1,"c":1}}"#, r#"{"ui":{"b":2}}"#).is_ok());
    }

    #[test]
    fn n4_what_needs_a_right_is_dropped_and_the_stored_value_stays() {
        let sent = concat!(
            r#"{"ui":{"chatBubble":true,"title":null,"system":"S","systemX":1,"toolServers":[1],"#,
            r#""notifications":{"webhook_url":"u","sound":true}},"notifications":{"all":1},"keep":1}"#
        );
        let stripped = |dialect, rights| {
            let mut update = update(sent);
            assert!(update.needs_rights(dialect));
            update.strip(dialect, rights);
            update.sent.to_json()
        };
        assert_eq!(
            stripped(V0_12, NO_RIGHT),
            r#"{"ui":{"systemX":1,"notifications":{"sound":true}},"keep":1}"#
        );
        assert_eq!(stripped(V0_12, SettingsRights::ALL), sent);
        assert_eq!(stripped(V0_6, NO_RIGHT), sent.replace(r#""toolServers":[1],"#, ""));
        let without_webhooks = SettingsRights { webhooks: false, ..SettingsRights::ALL };
        assert_eq!(
            stripped(V0_12, without_webhooks),
            sent.replace(r#""webhook_url":"u","#, "").replace(r#","notifications":{"all":1}"#, "")
        );
    }

    #[test]
    fn n4_what_is_free_needs_no_look_at_rights() {
        for sent in [r#"{"ui":{"theme":"dark"},"x":1}"#, "{}", r#"{"ui":null}"#] {
            assert!(!update(sent).needs_rights(V0_12), "{sent}");
        }
        for sent in [
            r#"{"notifications":1}"#,
            r#"{"ui":{"notifications":"webhook_url"}}"#,
            r#"{"ui":{"system":null}}"#,
        ] {
            assert!(update(sent).needs_rights(V0_12) && !update(sent).needs_rights(V0_6), "{sent}");
            let mut kept = update(sent);
            kept.strip(V0_12, SettingsRights { webhooks: true, ..NO_RIGHT });
        }
        let mut text = update(r#"{"ui":{"notifications":"webhook_url"}}"#);
        text.strip(V0_12, NO_RIGHT);
        assert_eq!(text.sent.to_json(), r#"{"ui":{"notifications":"webhook_url"}}"#);
    }
}
