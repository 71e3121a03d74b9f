//! Whose e-mail address is to be confirmed: table `rosterd_unconfirmed`.

use rosterd_domain::ids::UserId;
use rosterd_domain::unconfirmed::Unconfirmed;

use crate::StoreResult;

/// Table `rosterd_unconfirmed`. Where [`Layout::unconfirmed`](crate::Layout::unconfirmed) says no, it counts as empty.
pub trait UnconfirmedAccounts {
    /// What is kept of this account; `None` where nothing is to be confirmed. It counts only while the role is `pending`.
    fn find_unconfirmed(&mut self, user: &UserId) -> StoreResult<Option<Unconfirmed>>;
}

/// Changes to table `rosterd_unconfirmed`. Where there is no such table they do nothing.
pub trait UnconfirmedWrites {
    /// Writes the row of an account, in place of the one that it may have.
    fn put_unconfirmed(&mut self, user: &UserId, row: &Unconfirmed) -> StoreResult<()>;

    /// Deletes the row; gives whether there was one.
    fn delete_unconfirmed(&mut self, user: &UserId) -> StoreResult<bool>;
}
