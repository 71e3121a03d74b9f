//! A user's settings: an object that belongs to the front end. The server knows only `ui`, and in it only
//! `toolServers`.

use crate::document::{DocumentLimits, Opened};
use crate::error::DomainError;
use crate::json::{JsonObject, JsonText};

const UI: &str = "ui";
const TOOL_SERVERS: &str = "toolServers";

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

    /// Drops `ui.toolServers` from what was sent unless it is allowed (rule S2); all other keys are stored. Who is
    /// allowed: [`crate::rules::tool_servers`].
    pub fn gate_tool_servers(&mut self, allowed: bool) {
        if allowed {
            return;
        }
        if let Some(mut ui) = self.ui()
            && ui.remove(TOOL_SERVERS).is_some()
        {
            self.sent.insert_object(UI, &ui);
        }
    }

    /// Whether `ui.toolServers` is among what was sent. Only then do the caller's permissions matter, which cost a
    /// query.
    #[must_use]
    pub fn has_tool_servers(&self) -> bool {
        self.ui().is_some_and(|ui| ui.get(TOOL_SERVERS).is_some())
    }

    /// Bytes of what was sent, about.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.sent.bytes()
    }

    fn ui(&self) -> Option<JsonObject> {
        self.sent.get(UI).and_then(|raw| serde_json::from_str(raw.get()).ok())
    }

    /// Merges into what is stored, at the top level (rules S1 and S2): a sent key replaces the stored one, `ui`
    /// included; the others stay. The result is an object and has `ui`, `{}` if nobody ever sent one. A stored value
    /// that is no object counts as absent.
    ///
    /// # Errors
    /// [`DomainError::Unreadable`] when the stored text is no JSON; [`DomainError::DocumentTooLarge`] and
    /// [`DomainError::Field`] when the result is over one of the limits, unless
    /// what is stored is over it already and does not grow.
    pub fn merge_into(
        self,
        stored: Option<&JsonText>,
        limits: &DocumentLimits,
    ) -> Result<JsonText, DomainError> {
        let mut opened = Opened::new(stored)?;
        opened.object.merge(self.sent);
        if opened.object.get(UI).is_none_or(|ui| ui.get() == "null") {
            opened.object.insert_object(UI, &JsonObject::new());
        }
        opened.close("settings", limits)
    }
}

/// Settings as answers show them: `None` where nothing (or no object, or nothing readable) is stored, else the stored object,
/// with `"ui": {}` added where it has no `ui`.
#[must_use]
pub fn to_answer(stored: Option<JsonText>) -> Option<JsonText> {
    let stored = stored?.into_read()?;
    // What this server and Open WebUI write begins with `ui`, and then there is nothing to take apart.
    if begins_with_ui(stored.as_str()) {
        return Some(stored);
    }
    let mut object = stored.object()?;
    if object.get(UI).is_some() {
        return Some(stored);
    }
    object.insert_object(UI, &JsonObject::new());
    Some(JsonText::from_object(&object))
}

fn begins_with_ui(text: &str) -> bool {
    text.trim_start().strip_prefix('{').is_some_and(|rest| rest.trim_start().starts_with("\"ui\""))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn update(sent: &str) -> SettingsUpdate {
        SettingsUpdate::parse(serde_json::from_str(sent).unwrap()).unwrap()
    }

    /// The result of merging into nothing.
    fn alone(update: SettingsUpdate) -> JsonText {
        update.merge_into(None, &DocumentLimits::default()).unwrap()
    }

    fn stored(text: &str) -> JsonText {
        JsonText::from_stored(text.to_owned())
    }

    fn merged(before: &str, sent: &str) -> String {
        update(sent).merge_into(Some(&stored(before)), &DocumentLimits::default()).unwrap().into_string()
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
    fn what_cannot_be_read_is_shown_as_nothing() {
        for text in [r#"{"ui":{}"#, r#"{"ui":{}} x"#, r#"{"ui":{"a":NaNa}}"#] {
            assert_eq!(to_answer(Some(stored(text))), None, "{text}");
        }
    }

    #[test]
    fn what_can_be_read_is_shown() {
        for (text, read) in [
            (r#"{"ui":{"a":NaN},"b":1}"#, r#"{"ui":{"a":null},"b":1}"#),
            (r#""{\"ui\": {\"a\": 1}}""#, r#"{"ui": {"a": 1}}"#),
            (r#""{\"b\": 2}""#, r#"{"b":2,"ui":{}}"#),
        ] {
            assert_eq!(to_answer(Some(stored(text))).unwrap().as_str(), read);
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
        let told = |sent: &str| update(sent).merge_into(None, &limits).unwrap_err().to_string();
        assert!(told(r#"{"ui":{"a":"0123456789"}}"#).contains("settings"));
        // The `ui` that is put in counts too.
        assert!(told(r#"{"a":1}"#).contains("settings"));
    }

    #[test]
    fn s2_tool_servers_are_dropped_silently_when_not_allowed() {
        let sent = r#"{"ui":{"toolServers":[{"url":"https://t.example.net"}],"x":1},"k":2}"#;
        let mut refused = update(sent);
        assert!(refused.has_tool_servers());
        refused.gate_tool_servers(false);
        assert!(!refused.has_tool_servers());
        assert_eq!(alone(refused).as_str(), r#"{"ui":{"x":1},"k":2}"#);

        let mut allowed = update(sent);
        allowed.gate_tool_servers(true);
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
            update.gate_tool_servers(false);
            assert_eq!(alone(update).as_str(), r#"{"ui":{"x":1}}"#, "{sent}");
        }
    }

    #[test]
    fn what_is_not_gated_keeps_its_text() {
        let mut update = update(r#"{"ui":{ "b": 1.0, "a": 2 }}"#);
        assert!(!update.has_tool_servers());
        update.gate_tool_servers(false);
        assert_eq!(alone(update).as_str(), r#"{"ui":{ "b": 1.0, "a": 2 }}"#);
    }

    #[test]
    fn shown_settings_have_ui_or_are_null() {
        assert_eq!(to_answer(None), None);
        for text in ["null", "[1]", "{\"a\": NaNa}", "7"] {
            assert_eq!(to_answer(Some(stored(text))), None, "{text}");
        }
        for text in [r#"{ "ui": {"a":1}, "b": 2}"#, r#"{"b":2,"ui":{}}"#] {
            assert_eq!(to_answer(Some(stored(text))).unwrap().as_str(), text);
        }
        assert_eq!(
            to_answer(Some(stored(r#"{"b":{"ui":1}}"#))).unwrap().as_str(),
            r#"{"b":{"ui":1},"ui":{}}"#
        );
    }
}
