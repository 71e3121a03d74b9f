//! What can go wrong with a call.

use std::fmt;
use std::time::Duration;

use reqwest::header::{HeaderMap, RETRY_AFTER};
use serde::Deserialize;

/// Why a call gave no answer to use.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The server answered with an error.
    #[error(transparent)]
    Api(Box<ApiError>),
    /// The server could not be reached, or broke off.
    #[error("the server could not be reached, or the connection was lost")]
    Transport(#[source] reqwest::Error),
    /// The answer is not what this version of the client knows.
    #[error("the answer does not have the shape that this client expects")]
    Answer(#[source] serde_json::Error),
    /// What was given is not the URL of a server.
    #[error("this is not the URL of a server: {0}")]
    Url(String),
}

impl Error {
    /// The server's error, where it was one.
    #[must_use]
    pub fn api(&self) -> Option<&ApiError> {
        if let Self::Api(error) = self { Some(error) } else { None }
    }

    /// The code of the server's error, where it was one.
    #[must_use]
    pub fn code(&self) -> Option<&ErrorCode> {
        self.api().map(|error| &error.code)
    }

    /// Whether the same call may work later: too many tries, or the server busy or out of reach.
    #[must_use]
    pub fn is_temporary(&self) -> bool {
        match self {
            Self::Api(error) => matches!(error.code, ErrorCode::Unavailable | ErrorCode::RateLimitExceeded),
            Self::Transport(error) => error.is_timeout() || error.is_connect(),
            Self::Answer(_) | Self::Url(_) => false,
        }
    }
}

/// An error as the server told it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{code} ({status}): {detail}")]
pub struct ApiError {
    /// The HTTP status.
    pub status: u16,
    /// What programs look at.
    pub code: ErrorCode,
    /// What people read.
    pub detail: Detail,
    /// The id under which the server's log tells of it.
    pub request_id: Option<String>,
    /// When to try again, with a 429 or 503.
    pub retry_after: Option<Duration>,
}

/// What an error says.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(untagged)]
pub enum Detail {
    /// A sentence.
    Sentence(String),
    /// The fields of the request that are wrong, all of them.
    Fields(Vec<FieldError>),
}

/// One field of a request that is not as it must be.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct FieldError {
    /// The kind of fault, such as `missing`.
    #[serde(rename = "type")]
    pub kind: String,
    /// Where: `body`, `query` or `path`, then the keys that lead to the field.
    pub loc: Vec<String>,
    /// What is wrong, as a sentence.
    pub msg: String,
}

impl ApiError {
    pub(crate) fn read(status: u16, headers: &HeaderMap, body: &[u8]) -> Self {
        #[derive(Deserialize)]
        struct Body {
            detail: Detail,
            code: Option<String>,
        }
        let header = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
        // A proxy in between answers in its own words.
        let (detail, code) = match serde_json::from_slice::<Body>(body) {
            Ok(body) => (body.detail, body.code.unwrap_or_default()),
            Err(_other) => {
                (Detail::Sentence(format!("the server answered with status {status}")), String::new())
            }
        };
        Self {
            status,
            code: ErrorCode::from(code),
            detail,
            request_id: header("x-request-id").map(str::to_owned),
            retry_after: header(RETRY_AFTER.as_str())
                .and_then(|text| text.parse().ok())
                .map(Duration::from_secs),
        }
    }
}

impl fmt::Display for Detail {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sentence(text) => f.write_str(text),
            Self::Fields(fields) => {
                for (index, field) in fields.iter().enumerate() {
                    let comma = if index == 0 { "" } else { "; " };
                    write!(f, "{comma}{}: {}", field.loc.join("/"), field.msg)?;
                }
                Ok(())
            }
        }
    }
}

macro_rules! codes {
    ($($(#[$doc:meta])* $name:ident = $text:literal,)+) => {
        /// The code of an error. The wording of a message may change, a code does not.
        #[derive(Debug, Clone, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum ErrorCode {
            $($(#[$doc])* $name,)+
            /// A code that this version of the client does not know; empty where the answer had none.
            Other(String),
        }

        impl ErrorCode {
            /// Every code this version knows.
            pub const KNOWN: &[Self] = &[$(Self::$name,)+];

            /// The code as it is on the wire.
            #[must_use]
            pub fn as_str(&self) -> &str {
                match self {
                    $(Self::$name => $text,)+
                    Self::Other(text) => text,
                }
            }
        }

        impl From<String> for ErrorCode {
            fn from(text: String) -> Self {
                match text.as_str() {
                    $($text => Self::$name,)+
                    _ => Self::Other(text),
                }
            }
        }
    };
}

codes! {
    /// No credentials were sent.
    NotAuthenticated = "NOT_AUTHENTICATED",
    /// Credentials that are malformed, forged, expired or revoked, or whose account is gone.
    InvalidToken = "INVALID_TOKEN",
    /// A token that names no account.
    Unauthorized = "UNAUTHORIZED",
    /// The role is not enough (401), or a feature is switched off (403).
    AccessProhibited = "ACCESS_PROHIBITED",
    /// The first account of a server that others can reach, without the set-up token.
    SetupTokenRequired = "SETUP_TOKEN_REQUIRED",
    /// The metrics, without their token.
    MetricsTokenRequired = "METRICS_TOKEN_REQUIRED",
    /// A page of another origin asks for a change with the cookie.
    ForeignOrigin = "FOREIGN_ORIGIN",
    /// The primary admin, or oneself.
    ActionProhibited = "ACTION_PROHIBITED",
    /// API keys are off, or not for this account or call.
    ApiKeyNotAllowed = "API_KEY_NOT_ALLOWED",
    /// The account may not make a key.
    ApiKeyCreationNotAllowed = "API_KEY_CREATION_NOT_ALLOWED",
    /// Only a person may do this, in a session of their own.
    HumanSessionRequired = "HUMAN_SESSION_REQUIRED",
    /// What is asked for does not fit to what is there, or came at the same moment as another change.
    Conflict = "CONFLICT",
    /// The account has no key.
    ApiKeyNotFound = "API_KEY_NOT_FOUND",
    /// There is no such user.
    UserNotFound = "USER_NOT_FOUND",
    /// There is no such group.
    GroupNotFound = "GROUP_NOT_FOUND",
    /// Nothing answers this path.
    NotFound = "NOT_FOUND",
    /// The path does not answer this method.
    MethodNotAllowed = "METHOD_NOT_ALLOWED",
    /// The e-mail address belongs to another account.
    EmailTaken = "EMAIL_TAKEN",
    /// This is not an e-mail address.
    InvalidEmailFormat = "INVALID_EMAIL_FORMAT",
    /// Over 72 bytes.
    PasswordTooLong = "PASSWORD_TOO_LONG",
    /// Not as the deployment demands.
    InvalidPassword = "INVALID_PASSWORD",
    /// An unknown e-mail address or a wrong password.
    InvalidCredentials = "INVALID_CREDENTIALS",
    /// A link that was used, has ended or was replaced, or was never there.
    InvalidLink = "INVALID_LINK",
    /// A header of a trusted proxy was sent more than once.
    RepeatedHeader = "REPEATED_HEADER",
    /// The current password is wrong.
    IncorrectPassword = "INCORRECT_PASSWORD",
    /// Another version is stored.
    PreconditionFailed = "PRECONDITION_FAILED",
    /// The body did not arrive in time.
    RequestTimeout = "REQUEST_TIMEOUT",
    /// What is stored cannot be read, so it was not overwritten.
    StoredValueUnreadable = "STORED_VALUE_UNREADABLE",
    /// The body is over the limit.
    PayloadTooLarge = "PAYLOAD_TOO_LARGE",
    /// The body is not declared as JSON.
    UnsupportedMediaType = "UNSUPPORTED_MEDIA_TYPE",
    /// Fields are missing or wrong.
    ValidationError = "VALIDATION_ERROR",
    /// Variables that cannot be stored.
    InvalidVariables = "INVALID_VARIABLES",
    /// A group cannot have this parent.
    GroupCycle = "GROUP_CYCLE",
    /// A period that ends before it begins.
    InvalidRange = "INVALID_RANGE",
    /// Too many tries.
    RateLimitExceeded = "RATE_LIMIT_EXCEEDED",
    /// More would have to be kept of a deleted user than is kept; nothing was deleted.
    TooLargeToKeep = "TOO_LARGE_TO_KEEP",
    /// A deleted user cannot come back as things are.
    RestoreConflict = "RESTORE_CONFLICT",
    /// Deleting a user failed; nothing was deleted.
    DeleteUserError = "DELETE_USER_ERROR",
    /// A fault of the server's.
    InternalError = "INTERNAL_ERROR",
    /// Busy, or the database out of reach.
    Unavailable = "UNAVAILABLE",
}

impl fmt::Display for ErrorCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
