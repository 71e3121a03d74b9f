//! One-time links: table `rosterd_link`.

use rosterd_domain::ids::{LinkId, UserId};
use rosterd_domain::link::LinkRow;

use crate::StoreResult;

/// Table `rosterd_link`. Where [`Layout::links`](crate::Layout::links) says no, it counts as empty, and so do rows of a kind that is
/// not known.
pub trait Links {
    /// The link with this id.
    fn find_link(&mut self, id: &LinkId) -> StoreResult<Option<LinkRow>>;

    /// The link whose token has this hash.
    fn find_link_by_hash(&mut self, token_hash: &str) -> StoreResult<Option<LinkRow>>;
}

/// Changes to table `rosterd_link`. Where there is no such table they do nothing.
pub trait LinkWrites {
    /// Writes a link in place of the one of its kind that the account may have. The row of the account must be locked.
    fn put_link(&mut self, link: &LinkRow) -> StoreResult<()>;

    /// Deletes the link; gives whether it was there. Of several who ask at the same moment, one is told that it was.
    fn delete_link(&mut self, id: &LinkId) -> StoreResult<bool>;

    /// Deletes all links of an account; gives how many there were.
    fn delete_links(&mut self, user: &UserId) -> StoreResult<usize>;

    /// Deletes the links of an account but for the one that confirms its e-mail address: those that set a password, and those of a
    /// kind that is not known. Gives how many there were.
    fn delete_password_links(&mut self, user: &UserId) -> StoreResult<usize>;
}
