//! What can be asked of the database: one trait a table, each implemented once in `queries/` and compiled for
//! both databases. A method never opens a transaction; [`Store::write`](crate::Store::write) does.
//!
//! `find_x` gives `None` when there is no such row, `count_x` and `list_x` an empty answer; every other failure is
//! a [`StoreError`](crate::StoreError). To add a query: a method here, its body in `queries/<table>.rs`, a test in
//! `tests/`, on both databases.

mod api_keys;
mod auths;
mod chats;
mod deletions;
mod events;
mod groups;
mod links;
mod mails;
mod reach;
mod scim_connections;
mod scim_groups;
mod scim_users;
mod sessions;
mod suspensions;
mod transfers;
mod unconfirmed;
mod webhooks;

use rosterd_domain::clock::UnixSeconds;
use rosterd_domain::email::EmailLookup;
use rosterd_domain::ids::UserId;
use rosterd_domain::json::JsonText;
use rosterd_domain::list::{ListQuery, SearchText};
use rosterd_domain::oauth_session::OauthSession;
use rosterd_domain::secret::ApiKey;
use rosterd_domain::user::{AccountRow, CallerRow, NewUser, UserChanges, UserInfo, UserModel};

use crate::{Adoption, Document, Housekeeping, ListedSizes, Lock, PermissionSources, StoreResult};

pub use api_keys::{ApiKeyWrites, ApiKeys};
pub use auths::{AuthWrites, Auths, HASH_BEGINNING, HASH_SAMPLE, SignIn};
pub use chats::{ChatWrites, Chats, Usages};
pub use deletions::{DeletionSize, DeletionWrites, Deletions};
pub use events::{AuditUpkeep, EventWrites, Events, SealedEvent};
pub use groups::{GroupWrites, Groups};
pub use links::{LinkWrites, Links};
pub use mails::{MailUpkeep, MailWrites, Mails};
pub use reach::Reaches;
pub use scim_connections::{ScimConnectionWrites, ScimConnections};
pub use scim_groups::{ScimGroupWrites, ScimGroups};
pub use scim_users::{ScimUserRow, ScimUserWrites, ScimUsers};
pub use sessions::{MOST_SESSIONS, Revocations, SessionWrites, Sessions, TokenId};
pub use suspensions::{SuspensionWrites, Suspensions};
pub use transfers::{RecordColumns, TransferWrites, Transfers, WholeAccount};
pub use unconfirmed::{UnconfirmedAccounts, UnconfirmedWrites};
pub use webhooks::{WebhookUpkeep, WebhookWrites, Webhooks};

/// What can be read, inside a transaction or not, on either database. Reads that lock a row belong here: they change
/// nothing, and what is locked is about to be changed.
pub trait Reads:
    Callers
    + Users
    + Auths
    + Sessions
    + ApiKeys
    + Groups
    + Reaches
    + OauthSessions
    + Chats
    + Usages
    + Deletions
    + Configs
    + Events
    + Webhooks
    + Mails
    + Transfers
    + Suspensions
    + Links
    + UnconfirmedAccounts
    + ScimConnections
    + ScimUsers
    + ScimGroups
    + Locks
{
}

/// What can be changed.
pub trait Writes:
    UserWrites
    + AuthWrites
    + ApiKeyWrites
    + GroupWrites
    + OauthSessionWrites
    + ChatWrites
    + DeletionWrites
    + ConfigWrites
    + Revocations
    + SessionWrites
    + WebhookWrites
    + MailWrites
    + TransferWrites
    + SuspensionWrites
    + LinkWrites
    + UnconfirmedWrites
    + ScimConnectionWrites
    + ScimUserWrites
    + ScimGroupWrites
{
}

/// A connection, with everything that can be asked of it.
pub trait Db: Reads + Writes + EventWrites + Housekeeping + Adoption {}

impl<T> Reads for T where
    T: Callers
        + Users
        + Auths
        + Sessions
        + ApiKeys
        + Groups
        + Reaches
        + OauthSessions
        + Chats
        + Usages
        + Deletions
        + Configs
        + Events
        + Webhooks
        + Mails
        + Transfers
        + Suspensions
        + Links
        + UnconfirmedAccounts
        + ScimConnections
        + ScimUsers
        + ScimGroups
        + Locks
{
}

impl<T> Writes for T where
    T: UserWrites
        + AuthWrites
        + ApiKeyWrites
        + GroupWrites
        + OauthSessionWrites
        + ChatWrites
        + DeletionWrites
        + ConfigWrites
        + Revocations
        + SessionWrites
        + WebhookWrites
        + MailWrites
        + TransferWrites
        + SuspensionWrites
        + LinkWrites
        + UnconfirmedWrites
        + ScimConnectionWrites
        + ScimUserWrites
        + ScimGroupWrites
{
}

impl<T> Db for T where T: Reads + Writes + EventWrites + Housekeeping + Adoption {}

/// The row behind a request: read every time and never cached, so that a caller who lost a right is shut out by the
/// next request.
pub trait Callers {
    /// The caller named by a token, in one statement: the row, whether the account is active, its session stamp
    /// where the layout has one, and whether the token is refused (see [`TokenId`]).
    fn find_caller(&mut self, id: &UserId, token: TokenId<'_>) -> StoreResult<Option<CallerRow>>;

    /// The same with one of the caller's documents, for answers that consist of it.
    fn find_caller_with(
        &mut self,
        id: &UserId,
        token: TokenId<'_>,
        document: Document,
    ) -> StoreResult<Option<(CallerRow, Option<JsonText>)>>;

    /// The caller with its settings, and the configured value at `house`, all in one statement where the layout keeps
    /// configuration by key. The value is given as stored, the JSON `null` included; `None` where there is none, and in the
    /// other layout.
    fn find_caller_with_settings(
        &mut self,
        id: &UserId,
        token: TokenId<'_>,
        house: &str,
    ) -> StoreResult<Option<OwnSettings>>;

    /// The caller with [what its rights are computed from](Groups::find_permission_sources), all in one statement where the
    /// layout keeps configuration by key and none of the caller's groups has one above it.
    fn find_caller_with_rights(
        &mut self,
        id: &UserId,
        token: TokenId<'_>,
        template: &str,
    ) -> StoreResult<Option<(CallerRow, PermissionSources)>>;

    /// The caller with one of its documents, with the row of `user` locked until the transaction ends (`FOR UPDATE` on PostgreSQL): what a
    /// merge into that document starts from (rule S3).
    fn lock_caller_with(
        &mut self,
        id: &UserId,
        token: TokenId<'_>,
        document: Document,
    ) -> StoreResult<Option<(CallerRow, Option<JsonText>)>>;

    /// The caller who owns this API key, unless the key [has ended](rosterd_domain::rules::api_keys::has_ended) at `now`, in one
    /// statement. A stored `expires_at` that is no time ended long ago. A key of the form of those with a name is looked for
    /// among these alone, and its limits come with the caller.
    fn find_caller_by_api_key(&mut self, key: &ApiKey, now: UnixSeconds) -> StoreResult<Option<CallerRow>>;
}

/// What [`Callers::find_caller_with_settings`] finds.
#[derive(Debug, Clone)]
pub struct OwnSettings {
    /// Who asks.
    pub caller: CallerRow,
    /// The caller's settings, as stored.
    pub settings: Option<JsonText>,
    /// The configured value, as stored.
    pub house: Option<JsonText>,
}

/// Table `user`.
pub trait Users {
    /// The whole row, documents included: for answers that show it. Everything else takes
    /// [`find_account`](Users::find_account).
    fn find_user(&mut self, id: &UserId) -> StoreResult<Option<UserModel>>;

    /// The row without its documents.
    fn find_account(&mut self, id: &UserId) -> StoreResult<Option<AccountRow>>;

    /// The row as lists of users show it.
    fn find_user_info(&mut self, id: &UserId) -> StoreResult<Option<UserInfo>>;

    /// The row without its documents, locked until the transaction ends (`FOR UPDATE` on PostgreSQL).
    fn lock_account(&mut self, id: &UserId) -> StoreResult<Option<AccountRow>>;

    /// Locks the row and reads nothing of it; gives whether it exists.
    fn lock_user(&mut self, id: &UserId) -> StoreResult<bool>;

    /// `profile_image_url` alone.
    fn find_profile_image(&mut self, id: &UserId) -> StoreResult<Option<String>>;

    /// `last_active_at` alone.
    fn find_last_active_at(&mut self, id: &UserId) -> StoreResult<Option<UnixSeconds>>;

    /// `timezone` alone; `None` also where there is no such user.
    fn find_timezone(&mut self, id: &UserId) -> StoreResult<Option<String>>;

    /// `variables` alone, as stored; `None` also where there is no such user or the layout has no such column.
    fn find_variables(&mut self, id: &UserId) -> StoreResult<Option<JsonText>>;

    /// Who has this e-mail address (rule R2), as [`EmailLookup`] compares it. Several accounts may have it: the exact
    /// spelling comes first, then the lowest (`created_at`, `id`), and the log says so once.
    fn list_user_ids_by_email(&mut self, email: &EmailLookup) -> StoreResult<Vec<UserId>>;

    /// The first of those: whom the e-mail address means.
    fn find_user_id_by_email(&mut self, email: &EmailLookup) -> StoreResult<Option<UserId>> {
        Ok(self.list_user_ids_by_email(email)?.into_iter().next())
    }

    /// The user with the lowest (`created_at`, `id`) (rule P1); in the newest dialect an admin comes before others with
    /// the same `created_at` (rule N21).
    fn find_primary_admin(&mut self) -> StoreResult<Option<UserId>>;

    /// Whether anybody but these two was made at this second or before.
    fn is_another_made_by(&mut self, at: UnixSeconds, but: [&UserId; 2]) -> StoreResult<bool>;

    /// Users in all.
    fn count_users(&mut self) -> StoreResult<i64>;

    /// One window of whole rows in the query's order (rules L1, L2). What is larger than `listed` allows is not read:
    /// the image comes as an empty string, anything else as `None`.
    fn list_users(&mut self, query: &ListQuery, listed: ListedSizes) -> StoreResult<Vec<UserModel>>;

    /// One window of the narrow shape, reading only its columns.
    fn list_user_infos(&mut self, query: &ListQuery) -> StoreResult<Vec<UserInfo>>;

    /// How many users match, by the same filter as the lists; `None` counts everybody.
    fn count_matching(&mut self, search: Option<&SearchText>) -> StoreResult<i64>;

    /// How many users a list has on all of its pages together.
    fn count_listed(&mut self, query: &ListQuery) -> StoreResult<i64>;

    /// Everybody in the narrow shape, newest first, ties by descending id, handed to `row` one by one without ever
    /// holding them all. `row` ends the walk early by giving `false`.
    fn for_each_user_info(&mut self, row: &mut dyn FnMut(UserInfo) -> bool) -> StoreResult<()>;
}

/// Changes to table `user`.
pub trait UserWrites {
    /// Inserts; [`StoreError::AlreadyExists`](crate::StoreError::AlreadyExists) when the id or (where the database
    /// enforces it) the e-mail address is taken.
    fn insert_user(&mut self, new: &NewUser) -> StoreResult<()>;

    /// Writes the fields that are `Some` and `updated_at` (rule R5); gives whether the row exists. An empty change
    /// writes nothing. The same error as [`insert_user`](UserWrites::insert_user) for a taken e-mail address.
    fn update_user(&mut self, id: &UserId, changes: &UserChanges, now: UnixSeconds) -> StoreResult<bool>;

    /// Replaces the time of creation and moves `updated_at` (rules P9 and R5); gives whether the row exists.
    fn set_created_at(&mut self, id: &UserId, at: UnixSeconds, now: UnixSeconds) -> StoreResult<bool>;

    /// Replaces one of the user's documents and moves `updated_at` (rule R5); gives whether the row exists. The hottest
    /// write there is: one cached statement.
    fn set_document(
        &mut self,
        id: &UserId,
        document: Document,
        text: &JsonText,
        now: UnixSeconds,
    ) -> StoreResult<bool>;

    /// Replaces the user's variables and moves `updated_at` (rules N11 and R5); gives whether the row, and the column,
    /// exists.
    fn set_variables(&mut self, id: &UserId, text: &JsonText, now: UnixSeconds) -> StoreResult<bool>;

    /// Deletes the row alone; gives whether it existed.
    fn delete_user(&mut self, id: &UserId) -> StoreResult<bool>;
}

/// Table `oauth_session`; its `token` column stays unread.
pub trait OauthSessions {
    /// Newest first, then by descending id (rule V3).
    fn list_oauth_sessions(&mut self, user: &UserId) -> StoreResult<Vec<OauthSession>>;
}

/// Changes to table `oauth_session`.
pub trait OauthSessionWrites {
    /// Deletes the user's sessions.
    fn delete_oauth_sessions(&mut self, user: &UserId) -> StoreResult<()>;

    /// Deletes the user's sessions with one provider; gives whether there was any.
    fn delete_oauth_sessions_with(&mut self, user: &UserId, provider: &str) -> StoreResult<bool>;
}

/// Table `config`, in either layout, by dotted path (`user.permissions`, `ui.enable_signup`).
pub trait Configs {
    /// The value at one path, as JSON text; `None` where it is absent. Where the layout is one document that cannot be
    /// read, a text that cannot be read either.
    fn find_config(&mut self, path: &str) -> StoreResult<Option<JsonText>>;

    /// The same with the JSON `null` where it is stored: whoever asks may tell it from nothing. Where the layout is one
    /// document, `null` is nothing.
    fn find_stored_config(&mut self, path: &str) -> StoreResult<Option<JsonText>>;

    /// The values at several paths in one statement, in the order asked; `null` as with
    /// [`find_stored_config`](Self::find_stored_config).
    fn find_configs(&mut self, paths: &[&str]) -> StoreResult<Vec<Option<JsonText>>>;
}

/// Changes to table `config`.
pub trait ConfigWrites {
    /// Sets values, unless stored settings do not count; every other path stays as it is, to the letter where the layout is one document.
    fn set_configs(&mut self, values: &[(&str, JsonText)], now: UnixSeconds) -> StoreResult<()>;
}

/// Locks that a rule over more than one row takes; released when the transaction ends.
pub trait Locks {
    /// Waits for the lock: an advisory lock on PostgreSQL, nothing on SQLite, whose writers are alone anyway.
    fn lock(&mut self, lock: Lock) -> StoreResult<()>;
}
