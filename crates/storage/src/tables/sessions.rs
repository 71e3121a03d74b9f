//! What ends a token before its time: its row in `rosterd_session`, or one in `rosterd_revoked_token`.

use rosterd_domain::clock::UnixSeconds;
use rosterd_domain::ids::{SessionId, UserId};
use rosterd_domain::last_sign_in::LastSignIn;
use rosterd_domain::rules::notice::SignInOrigin;
use rosterd_domain::session::SessionRow;

use crate::StoreResult;

/// What a token is looked up by, together with its owner.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TokenId<'a> {
    /// The token names a session of `rosterd_session`. It is refused unless the row is there, is its owner's, and has no
    /// end. Where there is no such table no row is there.
    Session(&'a SessionId),
    /// Any other token, by its `jti`. It is refused once it was [revoked](Revocations::revoke_token); never where no
    /// revocations are kept, or without a `jti`.
    Other(Option<&'a str>),
}

impl TokenId<'_> {
    /// Of no token at all, such as an API key: nothing is refused.
    pub const NONE: Self = TokenId::Other(None);
}

/// Table `rosterd_session`. Where [`Layout::sessions`](crate::Layout::sessions) says no, it counts as empty.
pub trait Sessions {
    /// The user's sessions that are open at `now`: not ended, and with a token that has not ended. Newest first, then by
    /// descending id; the newest [`MOST_SESSIONS`] at most.
    fn list_sessions(&mut self, user: &UserId, now: UnixSeconds) -> StoreResult<Vec<SessionRow>>;

    /// Where the user's sessions came from, ended ones too, as long as their rows are there: each origin once, in no
    /// order, [`MOST_SESSIONS`] at most.
    fn list_session_origins(&mut self, user: &UserId) -> StoreResult<Vec<SignInOrigin>>;

    /// When the user signed in last, and which attempts failed. `None` where nobody tried, and where
    /// [`Layout::sign_ins`](crate::Layout::sign_ins) says no.
    fn find_last_sign_in(&mut self, user: &UserId) -> StoreResult<Option<LastSignIn>>;
}

/// How many sessions of a user are listed at most. A program that signs in every minute has thousands.
pub const MOST_SESSIONS: i64 = 1000;

/// Changes to table `rosterd_session`.
pub trait SessionWrites {
    /// Inserts. The caller holds the lock on the user's row, or has just made it, so that a session never begins while
    /// all of the user's are being ended.
    fn insert_session(&mut self, session: &SessionRow) -> StoreResult<()>;

    /// Ends one of the user's sessions that is open at `now`; gives whether there was one.
    fn end_session(&mut self, user: &UserId, id: &SessionId, now: UnixSeconds) -> StoreResult<bool>;

    /// Ends all of the user's sessions, but for `kept`; gives how many were open at `now`. The caller holds the lock on
    /// the user's row.
    fn end_sessions(
        &mut self,
        user: &UserId,
        kept: Option<&SessionId>,
        now: UnixSeconds,
    ) -> StoreResult<usize>;

    /// Deletes all of the user's sessions, and what is known of sign-ins, which go with the account.
    fn delete_sessions(&mut self, user: &UserId) -> StoreResult<()>;
}

/// What ends a token before its time that has no row of its own.
pub trait Revocations {
    /// Remembers that the token `jti` is refused from now on; `expires_at` is its `exp` (`None`: never expires).
    /// Gives `false` when this database keeps no revocations (attached and not adopted). Removes
    /// entries whose token ended more than a day ago.
    fn revoke_token(
        &mut self,
        jti: &str,
        expires_at: Option<UnixSeconds>,
        now: UnixSeconds,
    ) -> StoreResult<bool>;
}
