//! Passwords, and whether accounts may sign in: table `auth`.

use rosterd_domain::email::{EmailAddress, EmailLookup};
use rosterd_domain::ids::UserId;
use rosterd_domain::json::JsonText;
use rosterd_domain::secret::PasswordHash;

use crate::{NewStamp, StoreResult};

/// What a sign-in is decided by, read in one statement: a hash never goes with the stamp of another.
#[derive(Debug, Clone)]
pub struct SignIn {
    /// The account.
    pub id: UserId,
    /// Its password's hash.
    pub hash: PasswordHash,
    /// `auth.active`; NULL counts as active.
    pub active: bool,
    /// The account's session stamp, where the layout has one.
    pub session_stamp: Option<String>,
}

impl SignIn {
    /// Whether this account is as it was when a password was checked against it, so that the outcome still holds.
    #[must_use]
    pub fn is_still(&self, checked: &Self) -> bool {
        self.active == checked.active
            && self.session_stamp == checked.session_stamp
            && self.hash.expose() == checked.hash.expose()
    }
}

/// See [`Auths::sample_hash_beginnings`].
pub const HASH_SAMPLE: i64 = 1024;

/// How many characters of each are read: enough for the costs of an Argon2 hash.
pub const HASH_BEGINNING: i32 = 40;

/// Table `auth`: one row a user with the same id.
pub trait Auths {
    /// What a sign-in of this account is decided by; `None` where it has no `auth` row.
    fn find_sign_in_of(&mut self, id: &UserId) -> StoreResult<Option<SignIn>>;

    /// The same of the account that signs in by this e-mail address, found as by
    /// [`find_user_id_by_email`](super::Users::find_user_id_by_email). An account that is not active gives way to one that
    /// is.
    fn find_sign_in(&mut self, email: &EmailLookup) -> StoreResult<Option<SignIn>>;

    /// `auth.mfa`, as stored. `None` also where the account has no row or the layout no such column.
    fn find_second_factor(&mut self, id: &UserId) -> StoreResult<Option<JsonText>>;

    /// The same, with the row locked until the transaction ends (`FOR UPDATE` on PostgreSQL).
    fn lock_second_factor(&mut self, id: &UserId) -> StoreResult<Option<JsonText>>;

    /// How stored hashes begin, [`HASH_BEGINNING`] characters each: those of all accounts where there are fewer than
    /// [`HASH_SAMPLE`], else of about as many from all over the table.
    fn sample_hash_beginnings(&mut self) -> StoreResult<Vec<String>>;
}

/// Changes to table `auth`.
pub trait AuthWrites {
    /// Inserts the row of an account, with the e-mail address as it stands in `user`. `stamp` is its
    /// session stamp where the layout has one (rule M15); rows of older versions have none.
    fn insert_auth(
        &mut self,
        id: &UserId,
        email: &str,
        hash: &PasswordHash,
        stamp: Option<&str>,
    ) -> StoreResult<()>;

    /// The account's e-mail address after a change of the user's.
    fn update_auth_email(&mut self, id: &UserId, email: &EmailAddress) -> StoreResult<()>;

    /// A new hash. `new` (`Some`) also replaces the account's session stamp where the layout has one, in the same
    /// statement, which ends every session.
    fn update_password(
        &mut self,
        id: &UserId,
        hash: &PasswordHash,
        new: Option<&NewStamp>,
    ) -> StoreResult<bool>;

    /// A new session stamp alone (rule M15); gives whether the account has a row, and the layout a column, for it.
    fn replace_stamp(&mut self, id: &UserId, new: &NewStamp) -> StoreResult<bool>;

    /// Whether the account may sign in; gives whether it has a row.
    fn set_active(&mut self, id: &UserId, active: bool) -> StoreResult<bool>;

    /// Deletes the row, if any.
    fn delete_auth(&mut self, id: &UserId) -> StoreResult<()>;
}
