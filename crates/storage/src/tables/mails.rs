//! Table `rosterd_mail`, the outbox. Only where [`Layout::mails`](crate::Layout::mails) says so: elsewhere it counts as empty, and
//! nothing may be inserted.

use rosterd_domain::clock::UnixSeconds;
use rosterd_domain::ids::{MailId, UserId};
use rosterd_domain::link::LinkRow;
use rosterd_domain::mail::{MailKind, MailQuery, MailRow, MailTried, NewMail, WaitingMails};

use crate::StoreResult;

/// What can be read of mails.
pub trait Mails {
    /// A page of mails, the one with the greatest id first.
    fn list_mails(&mut self, query: &MailQuery) -> StoreResult<Vec<MailRow>>;

    /// One mail.
    fn find_mail(&mut self, id: &MailId) -> StoreResult<Option<MailRow>>;

    /// When the last mail of this kind about an account was noted that was not cancelled; `None`: never, as far as is known.
    fn find_last_mail(&mut self, user: &UserId, kind: MailKind) -> StoreResult<Option<UnixSeconds>>;

    /// How many wait.
    fn count_waiting_mails(&mut self) -> StoreResult<WaitingMails>;
}

/// What people change of mails.
pub trait MailWrites {
    /// Has a mail sent at `now`, as if it had never been tried, unless it was sent; gives whether that is so.
    fn repeat_mail(&mut self, id: &MailId, now: UnixSeconds) -> StoreResult<bool>;

    /// Deletes the mails about an account, which go with it.
    fn delete_mails(&mut self, user: &UserId) -> StoreResult<()>;
}

/// What the server does with mails by itself.
pub trait MailUpkeep {
    /// Notes a mail that is to be sent at `now`.
    fn note_mail(&mut self, mail: &NewMail, now: UnixSeconds) -> StoreResult<()>;

    /// Mails that are to be sent at `now`, those first that have been due for longest; at most `limit`.
    fn list_due_mails(&mut self, now: UnixSeconds, limit: i64) -> StoreResult<Vec<MailRow>>;

    /// Puts a mail that is due at `now` off until `over`; gives `false` where it is not due any more.
    fn put_off_mail(&mut self, id: &MailId, now_and_over: (UnixSeconds, UnixSeconds)) -> StoreResult<bool>;

    /// Writes which link a mail brings that waits, for whose account, and to which e-mail address it goes.
    fn give_mail_link(&mut self, id: &MailId, link: &LinkRow) -> StoreResult<()>;

    /// Writes what an attempt made of a mail that waits; gives `false`, and writes nothing, where it has been tried, repeated or
    /// deleted meanwhile.
    fn keep_mail_attempt(&mut self, id: &MailId, tried: &MailTried) -> StoreResult<bool>;

    /// Removes the mails that have ended and were noted before a second; gives how many.
    fn forget_mails(&mut self, before: UnixSeconds) -> StoreResult<usize>;
}
