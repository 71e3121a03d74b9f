//! What is done to the database to keep it in order, by the server itself and by whoever runs it. Traits as those of
//! [`tables`](crate::tables), and under the same terms.

use rosterd_domain::clock::UnixSeconds;
use rosterd_domain::ids::{ApiKeyId, ConnectionId, SessionId, UserId};
use rosterd_domain::rules::attempts::Attempts;
use rosterd_domain::secret::{PasswordHash, SetupToken};

use crate::{AdoptReport, AuditUpkeep, MailUpkeep, StoreResult, WebhookUpkeep};

/// Table `rosterd_lease`: what one process at a time does for all that share the database. Each method is one statement,
/// and counts by the database's clock: those of several machines differ, and a lease that one of them holds to be over may
/// still be in use on another. Only where [`Layout::leases`](crate::Layout::leases) says so.
pub trait Leases {
    /// Takes the lease of this name for so many seconds from now, if nobody has it, if it has ended, or if this holder has
    /// it already; gives whether this holder has it now.
    fn take_lease(&mut self, name: &str, holder: &str, seconds: i64) -> StoreResult<bool>;

    /// Prolongs a lease that this holder has, to so many seconds from now; gives `false` where the holder has lost it. One
    /// that has ended and that nobody took meanwhile is still the holder's.
    fn renew_lease(&mut self, name: &str, holder: &str, seconds: i64) -> StoreResult<bool>;

    /// Gives a lease back; gives whether the holder had it.
    fn give_back_lease(&mut self, name: &str, holder: &str) -> StoreResult<bool>;
}

/// What the name of a server's row in `rosterd_lease` begins with.
pub(crate) const SERVER: &str = "server ";

/// Rows of `rosterd_lease` that belong to no job: each server has one while it runs, by which a [migration](crate::migrate_from) into
/// the database knows of it. Only where [`Layout::leases`](crate::Layout::leases) says so.
pub trait Servers {
    /// Notes that the server with this id works on the database, for so many seconds from now, and forgets others that died long
    /// ago. Gives the source of a migration into the database that is not finished: then nothing is noted.
    ///
    /// A migration that begins at this moment waits for this transaction, or this transaction for it: one of them sees the other.
    fn note_server(&mut self, id: &str, seconds: i64) -> StoreResult<Option<String>>;

    /// Forgets the server with this id.
    fn forget_server(&mut self, id: &str) -> StoreResult<()>;
}

/// Table `rosterd_setup_token`, which has one row at most (rule A3). Only standalone databases have it; in an attached one
/// there never is a token.
pub trait SetupTokens {
    /// The token.
    fn find_setup_token(&mut self) -> StoreResult<Option<SetupToken>>;

    /// Keeps this token if there is none; what is there stays. Read which one it is after it.
    fn keep_setup_token(&mut self, token: &SetupToken) -> StoreResult<()>;

    /// Keeps this token in place of any other.
    fn replace_setup_token(&mut self, token: &SetupToken) -> StoreResult<()>;

    /// Removes the token; gives whether there was one.
    fn forget_setup_token(&mut self) -> StoreResult<bool>;
}

/// Table `rosterd_attempt`, where attempts to sign in are counted for all that share the database (rule M28), by its clock.
/// Only where [`Layout::attempts`](crate::Layout::attempts) says so; where it says no, there is nothing to forget.
pub trait SignInAttempts {
    /// Locks these places until the transaction ends, so that nobody else counts there meanwhile. Gives what is counted at
    /// each, and which second it is. A place that is not there yet begins now. In one statement; two callers do not
    /// deadlock if both name places that they share in the same order. No place may be named twice.
    fn lock_attempts(&mut self, places: &[i64]) -> StoreResult<CountedAttempts>;

    /// Keeps what is counted at these places, which are locked, in one statement.
    fn keep_attempts(&mut self, counted: &[(i64, Attempts)]) -> StoreResult<()>;

    /// Removes the places at which nobody tried for twice this window; gives how many.
    fn forget_attempts(&mut self, window_seconds: i64) -> StoreResult<usize>;
}

/// What [`SignInAttempts::lock_attempts`] gives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CountedAttempts {
    /// The second by the database's clock, since the epoch.
    pub now: UnixSeconds,
    /// What is counted, each with its place.
    pub counted: Vec<(i64, Attempts)>,
}

/// The table with which an unfinished migration keeps servers away, see [`migrate_from`](crate::migrate_from).
pub trait MigrationUpkeep {
    /// Removes it: the migration is done, and servers may start. Gives `false` and changes nothing where this is not for this
    /// [run](crate::migrate_from::Carried::run) to say: another one has taken over, rows or indexes are not all there, or the
    /// table has gone already.
    fn end_migration(&mut self, run: &str) -> StoreResult<bool>;
}

/// What the server keeps in order by itself, and nobody is told of.
pub trait Housekeeping:
    Leases + Servers + SetupTokens + SignInAttempts + AuditUpkeep + WebhookUpkeep + MailUpkeep + MigrationUpkeep
{
    /// Removes what [`revoke_token`](crate::Revocations::revoke_token) does too, for days on which nobody signs out; gives how many
    /// entries that were.
    fn forget_ended_revocations(&mut self, now: UnixSeconds) -> StoreResult<usize>;

    /// Removes the rows of sessions whose tokens ended more than a day ago; gives how many. Where a token never ends, the row
    /// goes a day after the session was ended. The token stays refused: no row is as good as an ended one.
    fn forget_ended_sessions(&mut self, now: UnixSeconds) -> StoreResult<usize>;

    /// Removes the links that have ended at `now`; gives how many.
    fn forget_ended_links(&mut self, now: UnixSeconds) -> StoreResult<usize>;

    /// Removes what is kept of accounts whose e-mail address was to be confirmed, and that are gone or have another role than
    /// `pending` because another program did so; gives how many.
    fn forget_void_unconfirmed(&mut self) -> StoreResult<usize>;

    /// The versions of the migrations that ran. Only of a standalone database.
    fn list_migrations(&mut self) -> StoreResult<Vec<String>>;

    /// Raises `last_seen_at` of sessions to each given second where it is lower (rule L4 holds for them too).
    fn touch_sessions(&mut self, seen: &[(SessionId, UnixSeconds)]) -> StoreResult<()>;

    /// Notes an attempt to sign in to the account of this user as one that failed, until
    /// [`note_sign_in`](Self::note_sign_in) says that it did not. One statement, also for a user that does not exist (`None`),
    /// so that nobody can tell the two apart by the time it takes. Nothing where
    /// [`Layout::sign_ins`](crate::Layout::sign_ins) says no.
    fn note_attempt(&mut self, user: Option<&UserId>, now: UnixSeconds) -> StoreResult<()>;

    /// Notes that the user has signed in, by an attempt that was noted before (`attempted`) or in another way. Nothing where
    /// [`Layout::sign_ins`](crate::Layout::sign_ins) says no.
    fn note_sign_in(&mut self, user: &UserId, attempted: bool, now: UnixSeconds) -> StoreResult<()>;

    /// Removes the suspension of an account that is gone, because another program has deleted it; gives whether there was one.
    fn forget_suspension(&mut self, user: &UserId) -> StoreResult<bool>;

    /// Removes what connections by SCIM keep of accounts and groups that are gone, because another program has deleted them; gives of
    /// how many. In a database of our own nothing is left.
    fn forget_scim_links_of_gone(&mut self) -> StoreResult<usize>;

    /// A new hash of the same password, in place of the one that the password was checked against. Gives whether that was
    /// still the account's; otherwise nothing is changed.
    fn renew_password_hash(
        &mut self,
        id: &UserId,
        checked: &PasswordHash,
        renewed: &PasswordHash,
    ) -> StoreResult<bool>;

    /// Raises `last_active_at` to each given second where it is lower (rule L4); `updated_at` stays.
    fn touch_users(&mut self, seen: &[(UserId, UnixSeconds)]) -> StoreResult<()>;

    /// Raises `last_used_at` of keys with a name in the same way (rule K3).
    fn touch_api_keys(&mut self, seen: &[(ApiKeyId, UnixSeconds)]) -> StoreResult<()>;

    /// Raises `last_used_at` of connections by SCIM in the same way (rule J1).
    fn touch_connections(&mut self, seen: &[(ConnectionId, UnixSeconds)]) -> StoreResult<()>;

    /// Removes the keys with a name of a user that have ended at `now`; gives how many.
    fn forget_ended_api_keys(&mut self, user: &UserId, now: UnixSeconds) -> StoreResult<usize>;
}

/// What `rosterd adopt` looks for and adds; see [`Store::adopt_report`](crate::Store::adopt_report).
pub trait Adoption {
    /// Reads whole tables.
    fn find_defects(&mut self) -> StoreResult<AdoptReport>;
    /// Adds the indexes and side tables that are missing in an attached database; gives their names.
    fn add_missing(&mut self) -> StoreResult<Vec<String>>;
}
