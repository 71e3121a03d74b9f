//! What can happen, and how it is reported.
//!
//! The names do not change, because programs that read the log depend on them. An event names its subject and the
//! plain fields that changed, with their values before and after. Secrets, settings and info are never part of it;
//! it says only that they changed.

mod details;
mod parts;

use std::collections::BTreeMap;
use std::sync::Arc;

use rosterd_domain::api_key::ApiKeyInfo;
use rosterd_domain::clock::UnixSeconds;
use rosterd_domain::deleted_user::RestoredRows;
use rosterd_domain::ids::{
    ApiKeyId, ConnectionId, DeliveryId, GroupId, MailId, SessionId, UserId, WebhookId,
};

use crate::auth_method::AuthMethod;

pub use parts::{Changes, Outcome, Subject, Unchanged};

/// What happened.
#[derive(Debug, Clone, PartialEq)]
pub enum Event {
    /// An account was opened.
    UserCreated(UserId, Changes),
    /// Name, e-mail address, picture or another plain field of an account changed.
    UserUpdated(UserId, Changes),
    /// An account got another role.
    UserRoleChanged(UserId, Changes),
    /// An account became the primary admin in place of this one, whose time of creation it got.
    UserPrimaryChanged(UserId, UserId, Changes),
    /// An account got another password.
    UserPasswordChanged(UserId),
    /// An account was deleted, with all that hangs on it. Its name is told in the audit log.
    UserDeleted(UserId, String),
    /// A deleted account came back, with these rows.
    UserRestored(UserId, Box<RestoredRows>),
    /// What was kept of a deleted account was removed. Its name is told in the audit log, unless the person is erased.
    UserPurged(UserId, Option<String>),
    /// An account's settings changed.
    UserSettingsChanged(UserId),
    /// An account's info changed.
    UserInfoChanged(UserId),
    /// An account's variables changed.
    UserVariablesChanged(UserId),
    /// An account's status changed.
    UserStatusChanged(UserId, Changes),
    /// All sessions of an account were ended, or all but the one that is named.
    UserSessionsEnded(UserId, Option<SessionId>),
    /// An account was suspended, or its suspension got another reason or end.
    UserSuspended(UserId, Changes),
    /// An account was made for somebody who is to set a password by a link, until this second.
    UserInvited(UserId, UnixSeconds),
    /// The owner of an account has set its first password by the link of an invite.
    UserInviteAccepted(UserId),
    /// A link was made by which the owner of an account can set a new password, until this second.
    UserResetLinkMade(UserId, UnixSeconds),
    /// The owner of an account has set a new password by a link.
    UserPasswordReset(UserId),
    /// A link was made by which the owner of an account can confirm its e-mail address, until this second.
    UserConfirmLinkMade(UserId, UnixSeconds),
    /// The owner of an account has confirmed its e-mail address by a link.
    UserEmailConfirmed(UserId),
    /// An account was let in again, by somebody or because its suspension has ended.
    UserResumed(UserId, Changes),
    /// A group was made.
    GroupCreated(GroupId, Changes),
    /// A group changed.
    GroupUpdated(GroupId, Changes),
    /// A group was deleted, with its memberships. Its name is told in the audit log.
    GroupDeleted(GroupId, String),
    /// These accounts became members.
    GroupMemberAdded(GroupId, Vec<UserId>),
    /// These accounts are members no longer.
    GroupMemberRemoved(GroupId, Vec<UserId>),
    /// The template of permissions changed: the rights, as `section.key`.
    PermissionsDefaultChanged(Changes),
    /// Stored configuration changed: the settings, by their names on the wire.
    ConfigChanged(Changes),
    /// A session was opened for an account, by this method. It is named where it is kept in the database.
    SessionStarted(UserId, AuthMethod, Option<SessionId>),
    /// Somebody signed in to an account, by this method, from where it was not seen before.
    NewSignIn {
        /// The account.
        user: UserId,
        /// How.
        method: AuthMethod,
        /// Nobody had signed in to it before, as far as is known.
        is_first: bool,
    },
    /// A session was ended. It is named where it is kept in the database.
    SessionEnded(UserId, Option<SessionId>),
    /// A sign-in failed; the account is named where there is one.
    SignInFailed(Option<UserId>),
    /// Somebody wanted to open the first account without the set-up token.
    SetupFailed,
    /// An account made an API key, in place of the one it had.
    ApiKeyCreated(UserId),
    /// An account deleted its API key.
    ApiKeyDeleted(UserId),
    /// An account made an API key with a name.
    NamedKeyCreated(UserId, Box<ApiKeyInfo>),
    /// These API keys of an account were deleted.
    ApiKeysDeleted(UserId, Vec<ApiKeyId>),
    /// An account deleted its sessions with this identity provider.
    OauthSessionDeleted(UserId, String),
    /// An account that is no admin made a call that only admins may make: its method and route.
    CallRefused(Arc<str>),
    /// What the audit log says about an account was replaced by hashes.
    AuditErased(UserId),
    /// A webhook was made. Of its URL only scheme, host and port are told.
    WebhookCreated(WebhookId, Changes),
    /// A webhook changed.
    WebhookUpdated(WebhookId, Changes),
    /// A webhook was deleted, with all its deliveries.
    WebhookDeleted(WebhookId),
    /// A webhook got a new secret.
    WebhookRotated(WebhookId),
    /// A webhook was switched off by itself: the name of the reason.
    WebhookDisabled(WebhookId, &'static str),
    /// A test was sent to a webhook, and whether it was delivered.
    WebhookTested(WebhookId, bool),
    /// A delivery of a webhook is made once more.
    WebhookRetried(WebhookId, DeliveryId),
    /// A connection by SCIM was made.
    ScimConnectionCreated(ConnectionId, Changes),
    /// A connection changed.
    ScimConnectionUpdated(ConnectionId, Changes),
    /// A connection got a new token.
    ScimConnectionRotated(ConnectionId),
    /// A connection was deleted; its accounts and groups stay. Its name is told in the audit log.
    ScimConnectionDeleted(ConnectionId, String),
    /// The connection that acts sees this account from now on, which was there already.
    ScimUserLinked(UserId),
    /// The connection that acts has deleted this account, and sees it no more.
    ScimUserHidden(UserId),
    /// The connection that acts sees this group from now on, which was there already.
    ScimGroupLinked(GroupId),
    /// The connection that acts has deleted this group, and sees it no more.
    ScimGroupHidden(GroupId),
    /// A mail is sent once more.
    MailRetried(MailId),
    /// A test mail was sent, and whether the mail server took it.
    MailTested(bool),
    /// A backup took the place of the database: the name of its file.
    DatabaseRestored(String),
    /// The accounts of another database came into this one: what that is, and how many rows of each table.
    DatabaseMigrated(&'static str, BTreeMap<&'static str, u64>),
}

impl Event {
    /// Its stable name.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::UserCreated(..) => "user.created",
            Self::UserUpdated(..) => "user.updated",
            Self::UserRoleChanged(..) => "user.role_changed",
            Self::UserPrimaryChanged(..) => "user.primary_changed",
            Self::UserPasswordChanged(_) => "user.password_changed",
            Self::UserDeleted(..) => "user.deleted",
            Self::UserRestored(..) => "user.restored",
            Self::UserPurged(..) => "user.purged",
            Self::UserSettingsChanged(_) => "user.settings_changed",
            Self::UserInfoChanged(_) => "user.info_changed",
            Self::UserVariablesChanged(_) => "user.variables_changed",
            Self::UserSessionsEnded(..) => "user.sessions_ended",
            Self::UserStatusChanged(..) => "user.status_changed",
            Self::UserSuspended(..) => "user.suspended",
            Self::UserResumed(..) => "user.resumed",
            Self::UserInvited(..) => "user.invited",
            Self::UserInviteAccepted(_) => "user.invite_accepted",
            Self::UserResetLinkMade(..) => "user.reset_link_made",
            Self::UserPasswordReset(_) => "user.password_reset",
            Self::UserConfirmLinkMade(..) => "user.confirm_link_made",
            Self::UserEmailConfirmed(_) => "user.email_confirmed",
            Self::GroupCreated(..) => "group.created",
            Self::GroupUpdated(..) => "group.updated",
            Self::GroupDeleted(..) => "group.deleted",
            Self::GroupMemberAdded(..) => "group.member_added",
            Self::GroupMemberRemoved(..) => "group.member_removed",
            Self::PermissionsDefaultChanged(_) => "permissions.default_changed",
            Self::ConfigChanged(_) => "config.changed",
            Self::SessionStarted(..) => "session.started",
            Self::NewSignIn { .. } => "sign_in.new",
            Self::SessionEnded(..) => "session.ended",
            Self::SignInFailed(_) => "sign_in.failed",
            Self::SetupFailed => "setup.failed",
            Self::ApiKeyCreated(_) | Self::NamedKeyCreated(..) => "api_key.created",
            Self::ApiKeyDeleted(_) | Self::ApiKeysDeleted(..) => "api_key.deleted",
            Self::OauthSessionDeleted(..) => "oauth_session.deleted",
            Self::CallRefused(_) => "call.refused",
            Self::AuditErased(_) => "audit.erased",
            Self::WebhookCreated(..) => "webhook.created",
            Self::WebhookUpdated(..) => "webhook.updated",
            Self::WebhookDeleted(_) => "webhook.deleted",
            Self::WebhookRotated(_) => "webhook.rotated",
            Self::WebhookDisabled(..) => "webhook.disabled",
            Self::WebhookTested(..) => "webhook.tested",
            Self::WebhookRetried(..) => "webhook.retried",
            Self::ScimConnectionCreated(..) => "scim.connection_created",
            Self::ScimConnectionUpdated(..) => "scim.connection_updated",
            Self::ScimConnectionRotated(_) => "scim.connection_rotated",
            Self::ScimConnectionDeleted(..) => "scim.connection_deleted",
            Self::ScimUserLinked(_) => "scim.user_linked",
            Self::ScimUserHidden(_) => "scim.user_hidden",
            Self::ScimGroupLinked(_) => "scim.group_linked",
            Self::ScimGroupHidden(_) => "scim.group_hidden",
            Self::MailRetried(_) => "mail.retried",
            Self::MailTested(_) => "mail.tested",
            Self::DatabaseRestored(_) => "database.restored",
            Self::DatabaseMigrated(..) => "database.migrated",
        }
    }

    /// Whom or what it is about.
    #[must_use]
    pub fn subject(&self) -> Option<Subject<'_>> {
        match self {
            Self::UserCreated(user, _)
            | Self::UserUpdated(user, _)
            | Self::UserRoleChanged(user, _)
            | Self::UserPrimaryChanged(user, ..)
            | Self::UserPasswordChanged(user)
            | Self::UserDeleted(user, _)
            | Self::UserRestored(user, _)
            | Self::UserPurged(user, _)
            | Self::UserSettingsChanged(user)
            | Self::UserInfoChanged(user)
            | Self::UserVariablesChanged(user)
            | Self::UserSessionsEnded(user, _)
            | Self::UserStatusChanged(user, _)
            | Self::UserSuspended(user, _)
            | Self::UserResumed(user, _)
            | Self::UserInvited(user, _)
            | Self::UserInviteAccepted(user)
            | Self::UserResetLinkMade(user, _)
            | Self::UserPasswordReset(user)
            | Self::UserConfirmLinkMade(user, _)
            | Self::UserEmailConfirmed(user)
            | Self::SessionStarted(user, ..)
            | Self::NewSignIn { user, .. }
            | Self::SessionEnded(user, _)
            | Self::SignInFailed(Some(user))
            | Self::ApiKeyCreated(user)
            | Self::ApiKeyDeleted(user)
            | Self::NamedKeyCreated(user, _)
            | Self::ApiKeysDeleted(user, _)
            | Self::AuditErased(user)
            | Self::ScimUserLinked(user)
            | Self::ScimUserHidden(user)
            | Self::OauthSessionDeleted(user, _) => Some(Subject::new("user", user.as_str())),
            Self::GroupCreated(group, _)
            | Self::GroupUpdated(group, _)
            | Self::GroupDeleted(group, _)
            | Self::GroupMemberAdded(group, _)
            | Self::GroupMemberRemoved(group, _)
            | Self::ScimGroupLinked(group)
            | Self::ScimGroupHidden(group) => Some(Subject::new("group", group.as_str())),
            Self::PermissionsDefaultChanged(_) => Some(Subject { kind: "permissions", id: None }),
            Self::ConfigChanged(_) => Some(Subject { kind: "config", id: None }),
            Self::WebhookCreated(webhook, _)
            | Self::WebhookUpdated(webhook, _)
            | Self::WebhookDeleted(webhook)
            | Self::WebhookRotated(webhook)
            | Self::WebhookDisabled(webhook, _)
            | Self::WebhookTested(webhook, _)
            | Self::WebhookRetried(webhook, _) => Some(Subject::new("webhook", webhook.as_str())),
            Self::ScimConnectionCreated(connection, _)
            | Self::ScimConnectionUpdated(connection, _)
            | Self::ScimConnectionRotated(connection)
            | Self::ScimConnectionDeleted(connection, _) => {
                Some(Subject::new("connection", connection.as_str()))
            }
            Self::MailRetried(mail) => Some(Subject::new("mail", mail.as_str())),
            Self::MailTested(_) => Some(Subject { kind: "mail", id: None }),
            Self::DatabaseRestored(_) | Self::DatabaseMigrated(..) => {
                Some(Subject { kind: "database", id: None })
            }
            Self::CallRefused(call) => Some(Subject::new("call", call)),
            Self::SignInFailed(None) | Self::SetupFailed => None,
        }
    }

    /// The name that the subject had, where it cannot be looked up any more once this has happened.
    pub(crate) fn last_name(&self) -> Option<&str> {
        match self {
            Self::UserDeleted(_, name)
            | Self::GroupDeleted(_, name)
            | Self::ScimConnectionDeleted(_, name)
            | Self::UserPurged(_, Some(name)) => Some(name),
            _ => None,
        }
    }
}
