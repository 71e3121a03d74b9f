//! Events in the terms of the Open Cybersecurity Schema Framework, version 1.4.0 (<https://schema.ocsf.io/1.4.0>).
//!
//! Changes of accounts are Account Change (3001), sessions and failed sign-ins Authentication (3002), roles and refused calls
//! User Access Management (3005), groups and the template of permissions Group Management (3006). Configuration fits into none
//! of them and is a Base Event (0).

use serde_json::{Map, Value, json};

use super::wire::{AuditActor, AuditEvent};

/// The version of the schema.
const VERSION: &str = "1.4.0";

/// Something else than the activities that the class knows.
const OTHER: u32 = 99;

/// A class of the schema.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Class {
    Base = 0,
    Account = 3001,
    Authentication = 3002,
    Access = 3005,
    Group = 3006,
}

/// The class and the activity of an action.
fn class_of(event: &AuditEvent) -> (Class, u32) {
    match event.action.as_str() {
        "user.created" | "user.restored" => (Class::Account, 1),
        "user.password_changed" => (Class::Account, 3),
        "user.password_reset" => (Class::Account, 4),
        "user.deleted" => (Class::Account, 6),
        // Disable and Enable.
        "user.suspended" => (Class::Account, 5),
        "user.resumed" => (Class::Account, 2),
        "user.sessions_ended" | "session.ended" | "oauth_session.deleted" => (Class::Authentication, 2),
        // The same sign-in as that of `session.started`, told once more.
        "sign_in.new" => (Class::Authentication, OTHER),
        "session.started" | "sign_in.failed" | "setup.failed" => (Class::Authentication, 1),
        "user.role_changed" | "user.primary_changed" => (Class::Access, 1),
        "call.refused" => (Class::Access, OTHER),
        "group.created" => (Class::Group, 6),
        "group.deleted" => (Class::Group, 5),
        "group.member_added" => (Class::Group, 3),
        "group.member_removed" => (Class::Group, 4),
        "permissions.default_changed" => (Class::Group, 1),
        "scim.user_linked" | "scim.user_hidden" => (Class::Account, OTHER),
        "scim.group_linked" | "scim.group_hidden" => (Class::Group, OTHER),
        action if action.starts_with("group.") => (Class::Group, OTHER),
        action if action.starts_with("user.") || action.starts_with("api_key.") => (Class::Account, OTHER),
        "audit.erased" => (Class::Account, OTHER),
        _ => (Class::Base, OTHER),
    }
}

/// The event as an object of its class. `version` is that of the program that wrote it.
#[must_use]
pub fn to_ocsf(event: &AuditEvent, version: &str) -> Value {
    let (class, activity) = class_of(event);
    let class_uid = class as u32;
    let has_failed = event.action.ends_with(".failed") || event.action.ends_with(".refused");
    let mut object = json!({
        "activity_id": activity,
        "category_uid": class_uid / 1000,
        "class_uid": class_uid,
        "type_uid": u64::from(class_uid) * 100 + u64::from(activity),
        "time": event.at,
        "severity_id": if has_failed { 2 } else { 1 },
        "status_id": if has_failed { 2 } else { 1 },
        "message": event.action,
        "metadata": metadata(event, version),
        "unmapped": unmapped(event),
    });
    if let Some(object) = object.as_object_mut() {
        if activity == OTHER {
            object.insert("activity_name".to_owned(), event.action.as_str().into());
        }
        if let Some(count) = event.count {
            object.insert("count".to_owned(), count.into());
        }
        if class != Class::Base {
            add_who(object, event);
        }
        match class {
            Class::Base => {}
            Class::Account => add_user(object, event),
            Class::Authentication => {
                add_user(object, event);
                object.insert("service".to_owned(), json!({ "name": "rosterd" }));
                if let Some(session) = detail(event, "session") {
                    object.insert("session".to_owned(), json!({ "uid": session }));
                }
            }
            Class::Access => add_privileges(object, event),
            Class::Group => add_group(object, event),
        }
    }
    object
}

fn metadata(event: &AuditEvent, version: &str) -> Value {
    let mut metadata = json!({
        "version": VERSION,
        "product": { "name": "rosterd", "vendor_name": "rosterd", "version": version },
        "uid": event.id,
        "event_code": event.action,
        "log_name": "audit",
    });
    if let (Some(object), Some(position)) = (metadata.as_object_mut(), event.position) {
        object.insert("sequence".to_owned(), position.into());
    }
    if let (Some(object), Some(request)) = (metadata.as_object_mut(), &event.request_id) {
        object.insert("correlation_uid".to_owned(), request.as_str().into());
    }
    metadata
}

/// What the classes have no place for.
fn unmapped(event: &AuditEvent) -> Value {
    json!({
        "actor": event.actor,
        "subject": event.subject,
        "client_ip": event.client_ip,
        "details": event.details,
        "erased": event.erased,
        "seal": event.seal,
    })
}

/// One of the details.
fn detail(event: &AuditEvent, name: &str) -> Option<Value> {
    let Value::Object(mut details) = event.details.as_ref()?.to_value() else { return None };
    details.remove(name)
}

fn add_who(object: &mut Map<String, Value>, event: &AuditEvent) {
    let AuditActor { kind, id, via, credential } = &event.actor;
    let mut actor = match (kind.as_str(), id) {
        ("account", Some(id)) => json!({ "user": { "uid": id, "type_id": 1 } }),
        (kind, Some(id)) => json!({ "app_name": format!("{kind} {id}") }),
        (kind, None) => json!({ "app_name": kind }),
    };
    if let (Some(actor), Some("session"), Some(credential)) =
        (actor.as_object_mut(), via.as_deref(), credential)
    {
        actor.insert("session".to_owned(), json!({ "uid": credential }));
    }
    object.insert("actor".to_owned(), actor);
    if let Some(ip) = &event.client_ip {
        object.insert("src_endpoint".to_owned(), json!({ "ip": ip }));
    }
}

/// Whom it is about; where nobody is, somebody unknown.
fn user(event: &AuditEvent) -> Value {
    let subject = event.subject.as_ref().filter(|subject| subject.kind == "user");
    let id = subject.and_then(|subject| subject.id.as_deref());
    let label = subject.and_then(|subject| subject.label.as_deref());
    match (id, label) {
        (Some(id), Some(label)) => json!({ "uid": id, "name": label, "type_id": 1 }),
        (Some(id), None) => json!({ "uid": id, "type_id": 1 }),
        (None, _) => json!({ "name": "unknown", "type_id": 0 }),
    }
}

fn add_user(object: &mut Map<String, Value>, event: &AuditEvent) {
    object.insert("user".to_owned(), user(event));
}

/// The new role, what the new primary admin is, or the right that was missing for a call.
fn add_privileges(object: &mut Map<String, Value>, event: &AuditEvent) {
    let role = detail(event, "changes").and_then(|changes| changes.pointer("/role/after").cloned());
    let (privilege, user) = match &event.subject {
        Some(call) if call.kind == "call" => {
            object.insert("resource".to_owned(), json!({ "type": "call", "name": call.id }));
            let caller = event.actor.id.as_deref().unwrap_or("unknown");
            (Value::from("admin"), json!({ "uid": caller, "type_id": 1 }))
        }
        _ if event.action == "user.primary_changed" => (Value::from("primary admin"), user(event)),
        _ => (role.filter(Value::is_string).unwrap_or_else(|| "erased".into()), user(event)),
    };
    object.insert("privileges".to_owned(), json!([privilege]));
    object.insert("user".to_owned(), user);
}

fn add_group(object: &mut Map<String, Value>, event: &AuditEvent) {
    let group = match event.subject.as_ref().filter(|subject| subject.kind == "group") {
        Some(subject) => match &subject.label {
            Some(label) => json!({ "uid": subject.id, "name": label }),
            None => json!({ "uid": subject.id }),
        },
        // The template of permissions is what everybody has.
        None => json!({ "name": "everybody" }),
    };
    object.insert("group".to_owned(), group);
    match detail(event, "users") {
        Some(Value::Array(users)) if users.len() == 1 => {
            object.insert("user".to_owned(), json!({ "uid": users.first(), "type_id": 1 }));
        }
        _ => {}
    }
    if event.action == "permissions.default_changed"
        && let Some(Value::Object(changes)) = detail(event, "changes")
    {
        let rights: Vec<&String> = changes.keys().collect();
        object.insert("privileges".to_owned(), json!(rights));
    }
}

#[cfg(test)]
mod tests {
    use super::super::row::EventRow;
    use super::*;

    fn event(action: &str, subject: Option<&str>, details: Option<&str>) -> AuditEvent {
        EventRow {
            id: "e".to_owned(),
            at: 7,
            action: action.to_owned(),
            actor_kind: "account".to_owned(),
            actor_id: Some("u-1".to_owned()),
            subject_kind: subject.map(str::to_owned),
            subject_id: subject.map(|_| "s-1".to_owned()),
            details: details.map(str::to_owned),
            ..EventRow::default()
        }
        .into()
    }

    #[test]
    fn an_event_has_the_class_and_the_activity_of_its_action() {
        for (action, subject, type_uid) in [
            ("user.created", Some("user"), 300_101),
            ("user.settings_changed", Some("user"), 300_199),
            ("user.suspended", Some("user"), 300_105),
            ("user.resumed", Some("user"), 300_102),
            ("sign_in.failed", None, 300_201),
            ("session.ended", Some("user"), 300_202),
            ("user.role_changed", Some("user"), 300_501),
            ("user.primary_changed", Some("user"), 300_501),
            ("call.refused", Some("call"), 300_599),
            ("group.member_added", Some("group"), 300_603),
            ("permissions.default_changed", Some("permissions"), 300_601),
            ("config.changed", Some("config"), 99),
        ] {
            let object = to_ocsf(&event(action, subject, None), "1");
            assert_eq!(object["type_uid"], type_uid, "{action}: {object}");
        }
    }

    #[test]
    fn a_new_role_is_the_privilege() {
        let details = r#"{"changes":{"role":{"before":"user","after":"admin"}}}"#;
        let object = to_ocsf(&event("user.role_changed", Some("user"), Some(details)), "1");
        assert_eq!((&object["privileges"], &object["user"]["uid"]), (&json!(["admin"]), &json!("s-1")));
        let details = r#"{"former":"u-1","changes":{"created_at":{"before":20,"after":10}}}"#;
        let object = to_ocsf(&event("user.primary_changed", Some("user"), Some(details)), "1");
        assert_eq!(
            (&object["privileges"], &object["user"]["uid"]),
            (&json!(["primary admin"]), &json!("s-1"))
        );
    }
}
