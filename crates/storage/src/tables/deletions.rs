//! What is kept of deleted accounts.

use rosterd_domain::clock::UnixSeconds;
use rosterd_domain::deleted_user::{DeletedCursor, DeletedUser, RestoredRows, RowCounts};
use rosterd_domain::email::EmailLookup;
use rosterd_domain::ids::UserId;
use rosterd_domain::rules::way_back::Obstacle;

use crate::StoreResult;

/// What a deletion (rules P4 and N22) would remove or set to NULL.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DeletionSize {
    /// Rows that are removed and can be kept, by table.
    pub removed: RowCounts,
    /// Rows that stay and lose what leads to the account, by table.
    pub cleared: RowCounts,
    /// How many bytes their values have.
    pub bytes: i64,
}

impl DeletionSize {
    /// All rows together.
    #[must_use]
    pub fn rows(&self) -> i64 {
        self.removed.values().chain(self.cleared.values()).sum()
    }
}

/// Tables `rosterd_deleted` and `rosterd_deleted_row`, only where [`Layout::deletions`](crate::Layout::deletions) says so; where
/// it says no, nothing is kept.
pub trait Deletions {
    /// How much a deletion of this user would remove. Reads all rows of the user; asks for no table of rosterd's.
    fn measure_deletion(&mut self, user: &UserId) -> StoreResult<DeletionSize>;

    /// How many rows of this user are removed and never kept, by table: API keys and sessions.
    fn count_not_kept(&mut self, user: &UserId) -> StoreResult<RowCounts>;

    /// A page of the deleted accounts that are kept, the last deleted first, then by descending id.
    fn list_deleted_users(
        &mut self,
        after: Option<&DeletedCursor>,
        limit: i64,
    ) -> StoreResult<Vec<DeletedUser>>;

    /// How many there are.
    fn count_deleted_users(&mut self) -> StoreResult<i64>;

    /// One of them.
    fn find_deleted_user(&mut self, id: &UserId) -> StoreResult<Option<DeletedUser>>;

    /// Those with this e-mail address (rule R2), the last deleted first. Reads all of them.
    fn list_deleted_ids_by_email(&mut self, email: &EmailLookup) -> StoreResult<Vec<UserId>>;

    /// Those that were deleted at this second or before, the first deleted first.
    fn list_deleted_until(&mut self, until: UnixSeconds, limit: i64) -> StoreResult<Vec<DeletedUser>>;

    /// What stands in the way of the rows of this account, table by table (rule B4).
    fn find_obstacles(&mut self, id: &UserId) -> StoreResult<Vec<Obstacle>>;
}

/// Changes to these tables.
pub trait DeletionWrites {
    /// Copies all rows of this account, with all their columns, inside the database. Of an account that was kept under the same
    /// id before, nothing is kept any more. To be called in the transaction that deletes them.
    fn keep_deleted_user(&mut self, deleted: &DeletedUser) -> StoreResult<()>;

    /// Puts the rows of an account back, as they were, and keeps them no more. Rows that belong to something that is gone are
    /// left out; a column that was set to NULL gets its value back where it is still NULL. Moves `updated_at` of the groups that
    /// have a member again.
    fn restore_deleted_user(&mut self, id: &UserId, now: UnixSeconds) -> StoreResult<RestoredRows>;

    /// Removes what is kept of an account; gives whether there was anything.
    fn forget_deleted_user(&mut self, id: &UserId) -> StoreResult<bool>;
}
