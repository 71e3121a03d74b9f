//! What a use case can refuse or fail with. It knows no HTTP status and no error code of the API: the HTTP layer
//! maps it with one exhaustive match.

use rosterd_domain::error::DomainError;
use rosterd_domain::field_error::FieldError;
use rosterd_scim::ScimError;
use rosterd_storage::StoreError;

/// The result of every use case.
pub type AppResult<T> = Result<T, AppError>;

/// Why a use case did nothing. Sentences are for the person who asked; those of [`Store`](AppError::Store),
/// [`DeleteUser`](AppError::DeleteUser) and [`Internal`](AppError::Internal) are for the log alone.
#[derive(Debug, thiserror::Error)]
pub enum AppError {
    /// Credentials that are malformed, forged, expired or revoked, or whose account is gone or switched off.
    #[error("This session is not valid. Sign in again.")]
    InvalidToken,
    /// A well-signed token that names no account.
    #[error("This token does not name an account.")]
    Unauthorized,
    /// The caller's role is not enough.
    #[error("Your account may not do this.")]
    AccessProhibited,
    /// An account feature is switched off.
    #[error("{0}")]
    FeatureOff(&'static str),
    /// The first account of a server that others can reach, without the set-up token (rule A3).
    #[error(
        "The first account of this server needs its set-up token. Open the link that the server printed at its start, or send \
         the token in the header X-Setup-Token. `rosterd user create --admin` on the server needs no token."
    )]
    SetupTokenRequired,
    /// API keys are switched off, or not for this account.
    #[error("API keys may not be used by this account or for this call.")]
    ApiKeyNotAllowed,
    /// The account may not make an API key.
    #[error("This account may not create API keys.")]
    ApiKeyCreationNotAllowed,
    /// The account has no API key, or not this one.
    #[error("This account has no such API key.")]
    ApiKeyNotFound,
    /// Sign-in with an unknown e-mail address or a wrong password: the two look the same.
    #[error("The e-mail address or the password is wrong.")]
    InvalidCredentials,
    /// The current password given with a change is wrong.
    #[error("The current password is wrong.")]
    IncorrectPassword,
    /// A link that was used, has ended or was replaced, whose account or maker is not what it was, or that was never there: all look
    /// the same.
    #[error(
        "This link is not valid: it was used, has ended or was replaced by a newer one. Ask for a new one."
    )]
    InvalidLink,
    /// Signing in by LDAP, which rosterd does not have.
    #[error("Signing in by LDAP is switched off.")]
    NoLdap,
    /// A group that does not exist (rule G1).
    #[error("There is no such group.")]
    GroupNotFound,
    /// Something that is not there, or not on this database.
    #[error("{0}")]
    NotFound(&'static str),
    /// Fields of the request that are missing or wrong, all of them.
    #[error("The request does not have the right shape.")]
    Validation(Vec<FieldError>),
    /// A condition names another version than the stored one (rule S4).
    #[error("The stored value has changed since it was read.")]
    PreconditionFailed,
    /// What only a person may do, in a session of their own (rule M12).
    #[error("Only a person may do this: sign in, and use the token of that session.")]
    HumanSessionRequired,
    /// What is asked for does not fit to what is there.
    #[error("{0}")]
    Conflict(&'static str),
    /// Too many tries.
    #[error("Too many attempts. Wait {retry_after_seconds} seconds.")]
    RateLimited {
        /// When the next try is allowed.
        retry_after_seconds: u64,
    },
    /// Too much work is waiting already.
    #[error("The server is busy. Try again in a moment.")]
    Busy,
    /// A rule of the domain refused.
    #[error(transparent)]
    Rule(#[from] DomainError),
    /// What SCIM has words of its own for.
    #[error(transparent)]
    Scim(#[from] ScimError),
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Deleting a user failed; nothing was deleted.
    #[error("deleting a user failed")]
    DeleteUser(#[source] StoreError),
    /// A fault of our own.
    #[error("{0}")]
    Internal(&'static str),
}

impl AppError {
    /// An account that is not there, to those who may know of all.
    pub(crate) const NO_SUCH_USER: Self = Self::NotFound("There is no such user.");
}
