//! What is sent of an event (rule W4).

use chrono::{DateTime, SecondsFormat};
use serde_json::{Map, Value, json};

use crate::audit::{AuditEvent, EventRow};
use crate::clock::UnixMillis;
use crate::ids::WebhookId;
use crate::json::JsonText;

/// No payload is larger, in bytes: what the Standard Webhooks specification advises.
pub const MAX_PAYLOAD: usize = 20_000;

/// The payload of an event: `type`, `timestamp` and `data`, in at most [`MAX_PAYLOAD`] bytes. Where the details make it larger,
/// the values of changed fields are left out, and if that is not enough all details; `left_out` says so.
#[must_use]
pub fn payload(event: &EventRow) -> String {
    let event = AuditEvent::from(event.clone());
    let details = event.details.as_ref().map(JsonText::to_value).unwrap_or_default();
    let whole = written(&event, &details, None);
    if whole.len() <= MAX_PAYLOAD {
        return whole;
    }
    if let Some(changes) = details.get("changes").and_then(Value::as_object) {
        let names: Map<String, Value> = changes.keys().map(|name| (name.clone(), Value::Null)).collect();
        let mut shorter = details.clone();
        shorter["changes"] = Value::Object(names);
        let shorter = written(&event, &shorter, Some("values"));
        if shorter.len() <= MAX_PAYLOAD {
            return shorter;
        }
    }
    written(&event, &Value::Null, Some("details"))
}

/// The payload of a test, which is no event.
#[must_use]
pub fn test_payload(webhook: &WebhookId, at: UnixMillis) -> String {
    json!({ "type": "webhook.test", "timestamp": timestamp(at), "data": { "webhook": webhook } }).to_string()
}

fn written(event: &AuditEvent, details: &Value, left_out: Option<&str>) -> String {
    let mut data = json!({
        "id": event.id,
        "position": event.position,
        "actor": event.actor,
        "client_ip": event.client_ip,
        "request_id": event.request_id,
        "subject": event.subject,
        "details": details,
        "count": event.count,
    });
    if let Some(what) = left_out {
        data["left_out"] = what.into();
    }
    json!({ "type": event.action, "timestamp": timestamp(event.at), "data": data }).to_string()
}

/// Such as `2026-11-26T10:00:00.000Z`; the beginning of 1970 for a time that no calendar has.
fn timestamp(at: UnixMillis) -> String {
    let at = DateTime::from_timestamp_millis(at).unwrap_or_default();
    at.to_rfc3339_opts(SecondsFormat::Millis, true)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(details: Option<Value>) -> EventRow {
        EventRow {
            id: "e-1".to_owned(),
            at: 1_750_000_000_123,
            action: "user.updated".to_owned(),
            actor_kind: "operator".to_owned(),
            subject_kind: Some("user".to_owned()),
            subject_id: Some("u-1".to_owned()),
            subject_label: Some("Ada".to_owned()),
            details: details.map(|details| details.to_string()),
            salt: "salt".to_owned(),
            position: Some(7),
            seal: Some("seal".to_owned()),
            ..EventRow::default()
        }
    }

    #[test]
    fn w4_a_payload_has_type_time_and_what_is_told_of_the_event() {
        let details = json!({ "changes": { "name": { "before": "A", "after": "Ada" } } });
        let sent: Value = serde_json::from_str(&payload(&event(Some(details.clone())))).unwrap();
        let data = json!({
            "id": "e-1", "position": 7, "actor": { "kind": "operator", "id": null, "via": null, "credential": null },
            "client_ip": null, "request_id": null, "subject": { "kind": "user", "id": "u-1", "label": "Ada" },
            "details": details, "count": null,
        });
        let wanted = json!({ "type": "user.updated", "timestamp": "2025-06-15T15:06:40.123Z", "data": data });
        assert_eq!(sent, wanted, "neither salt nor seal");
    }

    #[test]
    fn w4_a_large_payload_says_what_it_leaves_out() {
        let long = "x".repeat(MAX_PAYLOAD);
        let values = json!({ "changes": { "bio": { "before": null, "after": long } }, "method": "m" });
        let sent = payload(&event(Some(values)));
        assert!(sent.len() <= MAX_PAYLOAD);
        let sent: Value = serde_json::from_str(&sent).unwrap();
        assert_eq!(sent["data"]["left_out"], "values");
        assert_eq!(sent["data"]["details"], json!({ "changes": { "bio": null }, "method": "m" }));
        let users: Vec<String> = (0..2000).map(|n| format!("user-{n}")).collect();
        let sent: Value = serde_json::from_str(&payload(&event(Some(json!({ "users": users }))))).unwrap();
        assert_eq!((&sent["data"]["left_out"], &sent["data"]["details"]), (&json!("details"), &Value::Null));
    }

    #[test]
    fn w4_an_erased_event_tells_no_hashes() {
        let row = EventRow { erased: true, ..event(Some(json!("hash"))) };
        let sent: Value = serde_json::from_str(&payload(&row)).unwrap();
        assert_eq!(
            (&sent["data"]["details"], &sent["data"]["subject"]["label"]),
            (&Value::Null, &Value::Null)
        );
    }

    #[test]
    fn a_test_has_a_type_of_its_own() {
        let sent: Value =
            serde_json::from_str(&test_payload(&WebhookId::from_stored("w".to_owned()), 0)).unwrap();
        assert_eq!(sent["type"], "webhook.test");
        assert_eq!(sent["timestamp"], "1970-01-01T00:00:00.000Z");
    }
}
