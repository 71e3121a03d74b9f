//! Many accounts at once, for imports and exports.

use rosterd_domain::clock::UnixSeconds;
use rosterd_domain::email::{EmailAddress, EmailLookup};
use rosterd_domain::ids::UserId;
use rosterd_domain::name::UserName;
use rosterd_domain::profile_image::ProfileImageUrl;
use rosterd_domain::role::Role;
use rosterd_domain::rules::import::KnownAccount;
use rosterd_domain::secret::PasswordHash;
use rosterd_domain::transfer::{AccountRecord, FullColumns};

use crate::StoreResult;

/// An account with both its rows, to be made as it is.
#[derive(Debug, Clone)]
pub struct WholeAccount {
    /// The id.
    pub id: UserId,
    /// The e-mail address.
    pub email: EmailAddress,
    /// The name.
    pub name: UserName,
    /// The role.
    pub role: Role,
    /// The picture.
    pub profile_image_url: ProfileImageUrl,
    /// The password's hash.
    pub hash: PasswordHash,
    /// The session stamp, where the layout has one; rows of older versions have none.
    pub stamp: Option<String>,
    /// When it was made.
    pub created_at: UnixSeconds,
    /// The other columns. Those that the layout does not have are left out; `id` and the picture are not read.
    pub rest: FullColumns,
}

/// What of an account is read for an export. What is not asked for is not read either: a picture may be a megabyte.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RecordColumns {
    /// `profile_image_url` and `profile_banner_image_url`.
    pub images: bool,
    /// `info`, `settings`, `oauth`, `scim` and `variables`.
    pub documents: bool,
    /// `password`, `session_stamp` and `mfa` of `auth`.
    pub secrets: bool,
}

/// Tables `user` and `auth`, many rows at a time.
pub trait Transfers {
    /// The accounts with these e-mail addresses (rule R2), in their order: of several that may be meant the one that
    /// [`Users::find_user_id_by_email`](crate::Users::find_user_id_by_email) finds.
    fn find_accounts_by_email(&mut self, emails: &[EmailLookup]) -> StoreResult<Vec<Option<KnownAccount>>>;

    /// Those of these ids that accounts have.
    fn list_present_ids(&mut self, ids: &[UserId]) -> StoreResult<Vec<UserId>>;

    /// Whether there is an active admin who is none of these.
    fn has_admin_beside(&mut self, others: &[UserId]) -> StoreResult<bool>;

    /// The next accounts by id, whole but for what `columns` leaves out and for their groups.
    fn list_records(
        &mut self,
        after: Option<&UserId>,
        limit: i64,
        columns: RecordColumns,
    ) -> StoreResult<Vec<AccountRecord>>;

    /// One of them; `None` where there is none.
    fn find_record(&mut self, id: &UserId, columns: RecordColumns) -> StoreResult<Option<AccountRecord>>;

    /// The names of the groups of these users, in one statement: pairs of user and name, by name.
    fn list_group_names_of_all(&mut self, users: &[UserId]) -> StoreResult<Vec<(UserId, String)>>;
}

/// Changes to tables `user` and `auth`, many rows at a time.
pub trait TransferWrites {
    /// Inserts accounts. [`StoreError::AlreadyExists`](crate::StoreError::AlreadyExists) when an id or (in a standalone database)
    /// an e-mail address is taken.
    fn insert_accounts(&mut self, new: &[WholeAccount]) -> StoreResult<()>;
}
