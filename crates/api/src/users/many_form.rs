//! What is to be done to many accounts, as it is sent (rule R7).

use rosterd_app::many::{Action, Chosen};
use rosterd_domain::clock::UnixSeconds;
use rosterd_domain::field_error::FieldError;
use rosterd_domain::ids::{GroupId, UserId};
use rosterd_domain::list::{AccountStatus, Cursor, ListQuery, Order, SearchText, UserFilter, Window};
use rosterd_domain::role::Role;
use rosterd_domain::rules::many::MOST;
use rosterd_domain::rules::suspension::SuspensionTerms;
use rosterd_domain::rules::way_back::Keep;
use rosterd_domain::text::MAX_REASON;
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{Array, ObjectBuilder, Schema, Type};

use crate::error::ApiError;
use crate::extract::{Fault, FieldType, Inner, Parts, Text, form};

form! {
    /// One thing to be done to many accounts (rule R7).
    pub(crate) struct ManyUsersForm {
        /// What is done to each. `set_role` needs `role`, `add_to_group` and `remove_from_group` need `group_id`, and `suspend` may
        /// have `reason` and `until`.
        action: ActionName,
        /// Whom: up to 1,000 ids. Either this or `query`.
        ids: Option<SentIds>,
        /// Whom: the first 1,000 that the list of users shows with these filters, the newest first.
        query: Option<Inner<ManyUsersQuery>>,
        /// The role that each gets.
        role: Option<Role>,
        /// The group that each joins or leaves.
        group_id: Option<String>,
        /// Why each is suspended.
        reason: Option<Text<MAX_REASON>>,
        /// When each suspension ends by itself: a second in the future.
        until: Option<UnixSeconds>,
        /// With `delete`: nothing is kept of the accounts, and they cannot be restored (rule B2).
        purge: Option<bool>,
    }
}

form! {
    /// The filters of the list of users (rule L5). All that are sent must hold; without any, everybody is meant. An empty text is
    /// refused.
    pub(crate) struct ManyUsersQuery {
        /// A part of the name or the e-mail address.
        query: Option<Filled>,
        /// Only those with this role.
        role: Option<Role>,
        /// Only the direct members of this group.
        group_id: Option<Filled>,
        /// Only who was active at this second or later.
        active_since: Option<UnixSeconds>,
        /// Only who was not active at this second or later.
        inactive_since: Option<UnixSeconds>,
        /// Only who is suspended, or only who is not.
        status: Option<AccountStatus>,
        /// `next_cursor` of the answer before.
        cursor: Option<Filled>,
    }
}

/// What can be done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ActionName {
    SetRole,
    AddToGroup,
    RemoveFromGroup,
    Revoke,
    Suspend,
    Resume,
    Delete,
}

impl ActionName {
    const ALL: [(&str, Self); 7] = [
        ("set_role", Self::SetRole),
        ("add_to_group", Self::AddToGroup),
        ("remove_from_group", Self::RemoveFromGroup),
        ("revoke", Self::Revoke),
        ("suspend", Self::Suspend),
        ("resume", Self::Resume),
        ("delete", Self::Delete),
    ];
}

impl FieldType for ActionName {
    fn read(json: &str) -> Result<Self, Fault> {
        let text = String::read(json).map_err(|why| Fault::new("enum", why.message))?;
        let found = Self::ALL.into_iter().find(|(name, _)| *name == text);
        found.map(|(_, action)| action).ok_or_else(|| {
            let message =
                "An action is set_role, add_to_group, remove_from_group, revoke, suspend, resume or delete.";
            Fault::new("enum", message)
        })
    }

    fn schema(_parts: &mut Parts) -> RefOr<Schema> {
        let names = Self::ALL.map(|(name, _)| name);
        ObjectBuilder::new().schema_type(Type::String).enum_values(Some(names)).into()
    }
}

/// Ids as they were sent. A text that no id can be is an unknown id.
#[derive(Debug)]
pub(crate) struct SentIds(Vec<UserId>);

impl FieldType for SentIds {
    fn read(json: &str) -> Result<Self, Fault> {
        let ids: Vec<String> = serde_json::from_str(json)
            .map_err(|_why| Fault::new("list_type", "A list of texts is needed."))?;
        if ids.len() > MOST {
            let message = format!("At most {MOST} ids can be sent at once; {} were sent.", ids.len());
            return Err(Fault::new("too_long", message));
        }
        if ids.iter().any(|id| id.contains('\0')) {
            return Err(Fault::new("value_error", "An id may not hold the NUL character."));
        }
        Ok(Self(ids.into_iter().map(UserId::from_stored).collect()))
    }

    fn schema(_parts: &mut Parts) -> RefOr<Schema> {
        let mut ids = Array::new(ObjectBuilder::new().schema_type(Type::String).pattern(Some(r"^[^\x00]*$")));
        ids.max_items = Some(MOST);
        ids.into()
    }
}

/// A text that is not empty: a filter of nothing would mean everybody.
#[derive(Debug)]
pub(crate) struct Filled(String);

impl FieldType for Filled {
    fn read(json: &str) -> Result<Self, Fault> {
        let text = String::read(json)?;
        if text.is_empty() {
            return Err(Fault::new(
                "value_error",
                "An empty text would mean everybody; leave the field out for that.",
            ));
        }
        Ok(Self(text))
    }

    fn schema(_parts: &mut Parts) -> RefOr<Schema> {
        let text = ObjectBuilder::new().schema_type(Type::String);
        text.min_length(Some(1)).pattern(Some(r"^[^\x00]*$")).into()
    }
}

impl ManyUsersForm {
    /// What is to be done, and to whom.
    ///
    /// # Errors
    /// 422 with every field that is missing, or that this action has no use for.
    pub(super) fn read(self) -> Result<(Chosen, Action), ApiError> {
        let Self { action, ids, query, role, group_id, reason, until, purge } = self;
        let sent = [
            ("role", role.is_some()),
            ("group_id", group_id.is_some()),
            ("reason", reason.is_some()),
            ("until", until.is_some()),
            ("purge", purge.is_some()),
        ];
        let mut faults: Vec<FieldError> = misplaced(action, sent).collect();
        let group = group_id.map(GroupId::from_stored);
        let action = match (action, role, group) {
            (ActionName::SetRole, Some(role), _) => Some(Action::SetRole(role)),
            (ActionName::AddToGroup, _, Some(group)) => Some(Action::AddToGroup(group)),
            (ActionName::RemoveFromGroup, _, Some(group)) => Some(Action::RemoveFromGroup(group)),
            (ActionName::Revoke, ..) => Some(Action::Revoke),
            (ActionName::Suspend, ..) => {
                Some(Action::Suspend(SuspensionTerms { reason: reason.map(|reason| reason.0), until }))
            }
            (ActionName::Resume, ..) => Some(Action::Resume),
            (ActionName::Delete, ..) => Some(Action::Delete(Keep::unless(purge.unwrap_or_default()))),
            // What is missing has been found.
            (ActionName::SetRole | ActionName::AddToGroup | ActionName::RemoveFromGroup, ..) => None,
        };
        let chosen = match (ids, query.map(Inner::into_form)) {
            (Some(ids), None) => Some(Chosen::Ids(ids.0)),
            (None, Some(Some(query))) => query.read().map_err(|fault| faults.push(fault)).ok(),
            _ => {
                let message = "Either ids or query is needed, and not both.";
                faults.push(FieldError::new("value_error", &["body", "ids"], message));
                None
            }
        };
        match (chosen, action) {
            (Some(chosen), Some(action)) if faults.is_empty() => Ok((chosen, action)),
            _ => Err(ApiError::validation(faults)),
        }
    }
}

/// Which of the fields that belong to actions are missing or too many.
fn misplaced(action: ActionName, sent: [(&'static str, bool); 5]) -> impl Iterator<Item = FieldError> {
    let (needed, possible): (Option<&str>, &[&str]) = match action {
        ActionName::SetRole => (Some("role"), &[]),
        ActionName::AddToGroup | ActionName::RemoveFromGroup => (Some("group_id"), &[]),
        ActionName::Suspend => (None, &["reason", "until"]),
        ActionName::Delete => (None, &["purge"]),
        ActionName::Revoke | ActionName::Resume => (None, &[]),
    };
    sent.into_iter().filter_map(move |(name, is_sent)| match (needed == Some(name), is_sent) {
        (true, false) => Some(FieldError::new("missing", &["body", name], "This action needs this field.")),
        (false, true) if !possible.contains(&name) => {
            Some(FieldError::new("extra_forbidden", &["body", name], "This action has no such field."))
        }
        (true, true) | (false, _) => None,
    })
}

impl ManyUsersQuery {
    fn read(self) -> Result<Chosen, FieldError> {
        let Self { query, role, group_id, active_since, inactive_since, status, cursor } = self;
        let order = Order::default();
        // How many are wanted is the use case's affair.
        let limit = 1;
        let window = match cursor {
            None => Window::Offset { offset: 0, limit },
            Some(text) => match Cursor::decode(&text.0, &order) {
                Ok(cursor) => Window::After { cursor, limit },
                Err(why) => {
                    let message = why.to_string();
                    return Err(FieldError::new("value_error", &["body", "query", "cursor"], message));
                }
            },
        };
        let search = query.as_ref().and_then(|text| SearchText::new(&text.0));
        if query.is_some() && search.is_none() {
            let message = "This text has nothing to search for, and would mean everybody.";
            return Err(FieldError::new("value_error", &["body", "query", "query"], message));
        }
        let group = group_id.map(|group| GroupId::from_stored(group.0));
        let filter = UserFilter { role, group, active_since, inactive_since, status };
        Ok(Chosen::Query(Box::new(ListQuery { search, filter, order, window, with_cursor: false })))
    }
}

#[cfg(test)]
mod tests {
    use rosterd_app::AppError;

    use super::*;
    use crate::extract::{Form, Strict};

    fn read(json: &str) -> Result<(Chosen, Action), Vec<String>> {
        let form = Strict::<ManyUsersForm>::read(json).and_then(|form| form.0.read());
        form.map_err(|error| match error {
            ApiError::App(AppError::Validation(faults)) => {
                faults.iter().map(|fault| format!("{} {}", fault.kind, fault.loc.join("/"))).collect()
            }
            other => panic!("{other}"),
        })
    }

    #[test]
    fn r7_an_action_has_what_it_needs_and_nothing_else() {
        let (chosen, action) = read(r#"{"action": "set_role", "role": "user", "ids": ["a", "a"]}"#).unwrap();
        assert_eq!(action, Action::SetRole(Role::User));
        assert!(matches!(chosen, Chosen::Ids(ids) if ids.len() == 2));
        let (_, action) = read(r#"{"action": "suspend", "ids": [], "reason": "x", "until": 7}"#).unwrap();
        let terms = SuspensionTerms { reason: Some("x".to_owned()), until: Some(7) };
        assert_eq!(action, Action::Suspend(terms));
        let (_, action) = read(r#"{"action": "suspend", "ids": []}"#).unwrap();
        assert_eq!(action, Action::Suspend(SuspensionTerms::default()));
        for (json, keep) in [("", Keep::AsConfigured), (r#", "purge": true"#, Keep::Nothing)] {
            let (_, action) = read(&format!(r#"{{"action": "delete", "ids": []{json}}}"#)).unwrap();
            assert_eq!(action, Action::Delete(keep));
        }
        for (json, faults) in [
            (r#"{"ids": [], "action": "set_role"}"#, vec!["missing body/role"]),
            (r#"{"ids": [], "action": "delete", "role": "user"}"#, vec!["extra_forbidden body/role"]),
            (
                r#"{"ids": [], "action": "add_to_group", "role": "user"}"#,
                vec!["extra_forbidden body/role", "missing body/group_id"],
            ),
            (r#"{"ids": [], "action": "revoke", "purge": true}"#, vec!["extra_forbidden body/purge"]),
            (
                r#"{"ids": [], "action": "delete", "purge": true, "role": "user"}"#,
                vec!["extra_forbidden body/role"],
            ),
            (r#"{"action": "revoke"}"#, vec!["value_error body/ids"]),
            (r#"{"ids": [], "query": {}, "action": "revoke"}"#, vec!["value_error body/ids"]),
            (r#"{"ids": [], "action": "promote"}"#, vec!["enum body/action"]),
            (
                r#"{"ids": [], "action": "resume", "reason": "x", "until": 7}"#,
                vec!["extra_forbidden body/reason", "extra_forbidden body/until"],
            ),
            (
                r#"{"ids": [], "action": "suspend", "until": "x", "group_id": "g"}"#,
                vec!["int_type body/until"],
            ),
            (r#"{"ids": [7], "action": "delete"}"#, vec!["list_type body/ids"]),
            (r#"{"idz": [], "action": "delete"}"#, vec!["extra_forbidden body/idz"]),
        ] {
            assert_eq!(read(json).unwrap_err(), faults, "{json}");
        }
    }

    #[test]
    fn r7_at_most_a_thousand_ids() {
        let ids =
            |count: usize| serde_json::json!({ "action": "delete", "ids": vec!["x"; count] }).to_string();
        assert!(read(&ids(MOST)).is_ok());
        assert_eq!(read(&ids(MOST + 1)).unwrap_err(), ["too_long body/ids"]);
    }

    #[test]
    fn r7_l5_a_query_that_is_misspelt_or_empty_chooses_nobody() {
        let query = |query: &str| read(&format!(r#"{{"action": "delete", "query": {query}}}"#));
        let (chosen, _) = query(r#"{"query": "x", "role": "user", "inactive_since": 7}"#).unwrap();
        let Chosen::Query(list) = chosen else { panic!("a query is wanted") };
        assert_eq!((list.filter.role, list.filter.inactive_since), (Some(Role::User), Some(7)));
        assert!(list.search.is_some());
        assert!(matches!(query("{}"), Ok((Chosen::Query(list), _)) if list.filter.is_empty()));
        for (json, fault) in [
            (r#"{"roel": "user"}"#, "extra_forbidden body/query/roel"),
            (r#"{"role": ""}"#, "enum body/query/role"),
            (r#"{"query": ""}"#, "value_error body/query/query"),
            (r#"{"group_id": ""}"#, "value_error body/query/group_id"),
            (r#"{"cursor": "x"}"#, "value_error body/query/cursor"),
            (r#"{"status": ""}"#, "enum body/query/status"),
            ("[]", "dict_type body/query"),
        ] {
            assert_eq!(query(json).unwrap_err(), [fault], "{json}");
        }
    }
}
