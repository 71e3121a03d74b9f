//! What is told of an event beside its name and subject.

use rosterd_domain::api_key::ApiKeyInfo;
use rosterd_domain::ids::{ApiKeyId, SessionId, UserId};
use serde_json::{Map, Value, json};

use super::Event;

impl Event {
    /// What else is told of it, as the text of a JSON object; `None` where that is nothing.
    pub(crate) fn details_text(&self) -> Option<String> {
        let details = self.details();
        let object: Map<String, Value> =
            details.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
        (!object.is_empty()).then(|| Value::Object(object).to_string())
    }

    /// What else is told of it: fields by their names.
    pub(crate) fn details(&self) -> Vec<(&'static str, Value)> {
        let members = |users: &[UserId]| users.iter().map(UserId::as_str).collect::<Vec<_>>().into();
        let named = |field, session: &Option<SessionId>| {
            session.as_ref().map(|session| (field, Value::from(session.as_str())))
        };
        match self {
            Self::UserCreated(_, changes)
            | Self::UserUpdated(_, changes)
            | Self::UserRoleChanged(_, changes)
            | Self::UserStatusChanged(_, changes)
            | Self::UserSuspended(_, changes)
            | Self::UserResumed(_, changes)
            | Self::GroupCreated(_, changes)
            | Self::GroupUpdated(_, changes)
            | Self::PermissionsDefaultChanged(changes)
            | Self::ConfigChanged(changes)
            | Self::WebhookCreated(_, changes)
            | Self::WebhookUpdated(_, changes)
            | Self::ScimConnectionCreated(_, changes)
            | Self::ScimConnectionUpdated(_, changes) => vec![("changes", Value::Object(changes.0.clone()))],
            Self::UserPrimaryChanged(_, former, changes) => {
                vec![("former", former.as_str().into()), ("changes", Value::Object(changes.0.clone()))]
            }
            Self::GroupMemberAdded(_, users) | Self::GroupMemberRemoved(_, users) => {
                vec![("users", members(users))]
            }
            Self::NamedKeyCreated(_, key) => vec![("key", told_of(key))],
            Self::ApiKeysDeleted(_, keys) => {
                vec![("keys", keys.iter().map(ApiKeyId::as_str).collect::<Vec<_>>().into())]
            }
            Self::SessionStarted(_, method, session) => {
                let method = ("method", method.as_str().into());
                std::iter::once(method).chain(named("session", session)).collect()
            }
            Self::NewSignIn { method, .. } => vec![("method", method.as_str().into())],
            Self::SessionEnded(_, session) => named("session", session).into_iter().collect(),
            Self::UserSessionsEnded(_, kept) => named("kept", kept).into_iter().collect(),
            Self::OauthSessionDeleted(_, provider) => vec![("provider", provider.as_str().into())],
            Self::WebhookDisabled(_, reason) => vec![("reason", (*reason).into())],
            Self::MailTested(sent) => vec![("sent", (*sent).into())],
            Self::WebhookTested(_, delivered) => vec![("delivered", (*delivered).into())],
            Self::WebhookRetried(_, delivery) => vec![("delivery", delivery.as_str().into())],
            Self::DatabaseRestored(backup) => vec![("backup", backup.as_str().into())],
            Self::DatabaseMigrated(from, rows) => vec![("from", (*from).into()), ("rows", json!(rows))],
            Self::UserRestored(_, rows) => {
                vec![("rows", json!(rows.restored)), ("left_out", json!(rows.left_out))]
            }
            Self::UserInvited(_, expires_at)
            | Self::UserResetLinkMade(_, expires_at)
            | Self::UserConfirmLinkMade(_, expires_at) => vec![("expires_at", (*expires_at).into())],
            Self::UserPasswordChanged(_)
            | Self::UserInviteAccepted(_)
            | Self::UserPasswordReset(_)
            | Self::UserEmailConfirmed(_)
            | Self::UserDeleted(..)
            | Self::UserPurged(..)
            | Self::UserSettingsChanged(_)
            | Self::UserInfoChanged(_)
            | Self::UserVariablesChanged(_)
            | Self::GroupDeleted(..)
            | Self::CallRefused(_)
            | Self::AuditErased(_)
            | Self::SignInFailed(_)
            | Self::SetupFailed
            | Self::ApiKeyCreated(_)
            | Self::ApiKeyDeleted(_)
            | Self::WebhookDeleted(_)
            | Self::WebhookRotated(_)
            | Self::ScimConnectionRotated(_)
            | Self::ScimConnectionDeleted(..)
            | Self::ScimUserLinked(_)
            | Self::ScimUserHidden(_)
            | Self::ScimGroupLinked(_)
            | Self::ScimGroupHidden(_)
            | Self::MailRetried(_) => Vec::new(),
        }
    }
}

/// What is told of a key: nothing of its text.
fn told_of(key: &ApiKeyInfo) -> Value {
    json!({
        "id": key.id.as_str(),
        "name": key.name,
        "expires_at": key.expires_at,
        "read_only": key.read_only,
        "allowed_paths": key.allowed_paths,
    })
}
