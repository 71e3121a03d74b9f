//! Who is suspended: table `rosterd_suspension`.

use rosterd_domain::clock::UnixSeconds;
use rosterd_domain::ids::UserId;
use rosterd_domain::suspension::{Suspension, SuspensionRow};

use crate::StoreResult;

/// Table `rosterd_suspension`. Where [`Layout::suspensions`](crate::Layout::suspensions) says no, it counts as empty.
pub trait Suspensions {
    /// What is stored of the suspension of this account; `None` where it is not suspended.
    fn find_suspension(&mut self, user: &UserId) -> StoreResult<Option<SuspensionRow>>;

    /// Which of these accounts are suspended, in no order.
    fn list_suspensions(&mut self, users: &[UserId]) -> StoreResult<Vec<(UserId, Suspension)>>;

    /// The suspensions that are over at `now`, and those of accounts that do not exist, which another program has deleted: the
    /// first `limit` by id.
    fn list_ended_suspensions(&mut self, now: UnixSeconds, limit: i64) -> StoreResult<Vec<UserId>>;
}

/// Changes to table `rosterd_suspension`. Where there is no such table they do nothing.
pub trait SuspensionWrites {
    /// Writes the row of an account, in place of the one that it may have.
    fn put_suspension(&mut self, user: &UserId, row: &SuspensionRow) -> StoreResult<()>;

    /// Deletes the row; gives whether there was one.
    fn delete_suspension(&mut self, user: &UserId) -> StoreResult<bool>;
}
