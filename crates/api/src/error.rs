//! The one place where an error becomes an HTTP answer (contract, section 3).

use std::borrow::Cow;

use actix_web::http::header::{self, HeaderValue};
use actix_web::http::{Method, StatusCode};
use actix_web::{HttpResponse, ResponseError};
use rosterd_domain::error::DomainError;
use rosterd_storage::StoreError;
use serde::Serialize;

/// What a handler can fail with. [`ApiError::code`] and [`ApiError::status`] are the whole table.
#[derive(Debug, thiserror::Error)]
pub enum ApiError {
    /// No credentials were sent.
    #[error("Sign in first: send a bearer token, an API key or the session cookie.")]
    NotAuthenticated,
    /// Credentials that are malformed, forged, expired or revoked, or whose account is gone.
    #[error("This session is not valid. Sign in again.")]
    InvalidToken,
    /// A well-signed token that names no account.
    #[error("This token does not name an account.")]
    Unauthorized,
    /// The caller's role is not enough.
    #[error("Your account may not do this.")]
    AccessProhibited,
    /// A page of another origin asks for a change in the name of the cookie.
    #[error(
        "A page of another origin may not ask for this with the session cookie. Behind a proxy, the header `Host` or \
         `X-Forwarded-Host` must name the host that the browser shows."
    )]
    ForeignOrigin,
    /// An account feature is switched off.
    #[error("{0}")]
    FeatureOff(&'static str),
    /// API keys are switched off, or not for this account.
    #[error("API keys may not be used by this account or for this call.")]
    ApiKeyNotAllowed,
    /// The account may not make an API key.
    #[error("This account may not make API keys.")]
    ApiKeyCreationNotAllowed,
    /// The account has no API key.
    #[error("This account has no API key.")]
    ApiKeyNotFound,
    /// Sign-in with an unknown address or a wrong password: the two look the same.
    #[error("The e-mail address or the password is wrong.")]
    InvalidCredentials,
    /// A header by which a trusted proxy names somebody was sent more than once.
    #[error("The header `{0}` was sent more than once; the proxy must set it and let nobody else's through.")]
    RepeatedHeader(String),
    /// The current password given with a change is wrong.
    #[error("The current password is wrong.")]
    IncorrectPassword,
    /// A group that does not exist (rule G1).
    #[error("There is no such group.")]
    GroupNotFound,
    /// A path that nothing answers (rule E3).
    #[error("Nothing is here.")]
    NotFound,
    /// A path that does not answer this method (rule E3).
    #[error("This address does not answer that method.")]
    MethodNotAllowed(Vec<Method>),
    /// A body that did not arrive in time.
    #[error("The request body did not arrive in time.")]
    RequestTimeout,
    /// A body over the limit, in bytes.
    #[error("The request body is larger than {limit} bytes.")]
    PayloadTooLarge {
        /// The limit that holds here.
        limit: usize,
    },
    /// A body that is not declared as JSON (rule E2).
    #[error("Send the body as application/json.")]
    UnsupportedMediaType,
    /// Fields of the request that are missing or wrong, all of them.
    #[error("The request does not have the right shape.")]
    Validation(Vec<FieldError>),
    /// `If-Match` names another version than the stored one (rule S4).
    #[error("The stored value has changed since it was read.")]
    PreconditionFailed,
    /// Too many tries.
    #[error("Too many tries. Wait {retry_after_seconds} seconds.")]
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

/// One field of a request that is not as it must be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct FieldError {
    /// The kind of fault, such as `missing`.
    #[serde(rename = "type")]
    pub kind: &'static str,
    /// Where: `body`, `query` or `path`, then the keys that lead to the field.
    #[schema(value_type = Vec<String>)]
    pub loc: Vec<Cow<'static, str>>,
    /// What is wrong, as a sentence.
    pub msg: String,
}

impl FieldError {
    /// A fault at `loc`.
    pub fn new(kind: &'static str, loc: &[&str], msg: impl Into<String>) -> Self {
        Self { kind, loc: loc.iter().map(|part| Cow::Owned((*part).to_owned())).collect(), msg: msg.into() }
    }
}

impl ApiError {
    /// One offending field.
    pub fn field(kind: &'static str, loc: &[&str], msg: impl Into<String>) -> Self {
        Self::Validation(vec![FieldError::new(kind, loc, msg)])
    }

    /// The stable code that programs look at.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::NotAuthenticated => "NOT_AUTHENTICATED",
            Self::InvalidToken => "INVALID_TOKEN",
            Self::Unauthorized => "UNAUTHORIZED",
            Self::AccessProhibited | Self::FeatureOff(_) => "ACCESS_PROHIBITED",
            Self::ForeignOrigin => "FOREIGN_ORIGIN",
            Self::ApiKeyNotAllowed => "API_KEY_NOT_ALLOWED",
            Self::ApiKeyCreationNotAllowed => "API_KEY_CREATION_NOT_ALLOWED",
            Self::ApiKeyNotFound => "API_KEY_NOT_FOUND",
            Self::InvalidCredentials => "INVALID_CREDENTIALS",
            Self::RepeatedHeader(_) => "REPEATED_HEADER",
            Self::IncorrectPassword => "INCORRECT_PASSWORD",
            Self::GroupNotFound => "GROUP_NOT_FOUND",
            Self::NotFound => "NOT_FOUND",
            Self::MethodNotAllowed(_) => "METHOD_NOT_ALLOWED",
            Self::RequestTimeout => "REQUEST_TIMEOUT",
            Self::PayloadTooLarge { .. } => "PAYLOAD_TOO_LARGE",
            Self::UnsupportedMediaType => "UNSUPPORTED_MEDIA_TYPE",
            Self::Validation(_) => "VALIDATION_ERROR",
            Self::PreconditionFailed => "PRECONDITION_FAILED",
            Self::RateLimited { .. } => "RATE_LIMIT_EXCEEDED",
            Self::Busy => "UNAVAILABLE",
            Self::DeleteUser(_) => "DELETE_USER_ERROR",
            Self::Internal(_) => "INTERNAL_ERROR",
            Self::Rule(rule) => match rule {
                DomainError::ActionProhibited(_) => "ACTION_PROHIBITED",
                DomainError::UserNotFound => "USER_NOT_FOUND",
                DomainError::EmailTaken => "EMAIL_TAKEN",
                DomainError::InvalidEmail => "INVALID_EMAIL_FORMAT",
                DomainError::PasswordTooLong => "PASSWORD_TOO_LONG",
                DomainError::InvalidPassword { .. } => "INVALID_PASSWORD",
                DomainError::DocumentTooLarge { .. } => "PAYLOAD_TOO_LARGE",
                DomainError::Unreadable(_) => "STORED_VALUE_UNREADABLE",
                DomainError::Field { .. } | DomainError::Fields(_) => "VALIDATION_ERROR",
            },
            Self::Store(store) => match store {
                StoreError::Unavailable { .. } => "UNAVAILABLE",
                StoreError::Unreadable { .. } => "STORED_VALUE_UNREADABLE",
                StoreError::AlreadyExists { .. } | StoreError::Database(_) | StoreError::Worker => {
                    "INTERNAL_ERROR"
                }
            },
        }
    }

    /// The status that goes with it.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        match self {
            Self::NotAuthenticated | Self::InvalidToken | Self::Unauthorized | Self::AccessProhibited => {
                StatusCode::UNAUTHORIZED
            }
            Self::ForeignOrigin
            | Self::FeatureOff(_)
            | Self::ApiKeyNotAllowed
            | Self::ApiKeyCreationNotAllowed => StatusCode::FORBIDDEN,
            Self::ApiKeyNotFound | Self::GroupNotFound | Self::NotFound => StatusCode::NOT_FOUND,
            Self::InvalidCredentials | Self::RepeatedHeader(_) | Self::IncorrectPassword => {
                StatusCode::BAD_REQUEST
            }
            Self::MethodNotAllowed(_) => StatusCode::METHOD_NOT_ALLOWED,
            Self::RequestTimeout => StatusCode::REQUEST_TIMEOUT,
            Self::PayloadTooLarge { .. } => StatusCode::PAYLOAD_TOO_LARGE,
            Self::UnsupportedMediaType => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::Validation(_) => StatusCode::UNPROCESSABLE_ENTITY,
            Self::PreconditionFailed => StatusCode::PRECONDITION_FAILED,
            Self::RateLimited { .. } => StatusCode::TOO_MANY_REQUESTS,
            Self::Busy => StatusCode::SERVICE_UNAVAILABLE,
            Self::DeleteUser(_) | Self::Internal(_) => StatusCode::INTERNAL_SERVER_ERROR,
            Self::Rule(rule) => match rule {
                DomainError::ActionProhibited(_) => StatusCode::FORBIDDEN,
                DomainError::UserNotFound
                | DomainError::EmailTaken
                | DomainError::InvalidEmail
                | DomainError::PasswordTooLong
                | DomainError::InvalidPassword { .. } => StatusCode::BAD_REQUEST,
                DomainError::DocumentTooLarge { .. } => StatusCode::PAYLOAD_TOO_LARGE,
                DomainError::Unreadable(_) => StatusCode::CONFLICT,
                DomainError::Field { .. } | DomainError::Fields(_) => StatusCode::UNPROCESSABLE_ENTITY,
            },
            Self::Store(store) => match store {
                StoreError::Unavailable { .. } => StatusCode::SERVICE_UNAVAILABLE,
                StoreError::Unreadable { .. } => StatusCode::CONFLICT,
                StoreError::AlreadyExists { .. } | StoreError::Database(_) | StoreError::Worker => {
                    StatusCode::INTERNAL_SERVER_ERROR
                }
            },
        }
    }

    /// The body of the answer.
    pub(crate) fn body(&self) -> serde_json::Value {
        // Texts and lists of texts always have a JSON form.
        serde_json::to_value(ErrorBody { detail: self.detail(), code: self.code() }).unwrap_or_default()
    }

    /// What the caller reads. A failure of ours shows a fixed sentence, never an internal text.
    fn detail(&self) -> Detail<'_> {
        match self {
            Self::Validation(fields) => Detail::Fields(Cow::Borrowed(fields)),
            Self::Rule(DomainError::Field { path, message }) => {
                Detail::Fields(Cow::Owned(vec![body_field(path, message)]))
            }
            Self::Rule(DomainError::Fields(fields)) => {
                Detail::Fields(fields.iter().map(|(path, message)| body_field(path, message)).collect())
            }
            _ => match self.status() {
                StatusCode::INTERNAL_SERVER_ERROR => {
                    Detail::Sentence("Something went wrong on our side; nothing was changed.".to_owned())
                }
                StatusCode::SERVICE_UNAVAILABLE => Detail::Sentence(
                    "The server is busy or its database out of reach. Try again in a moment.".to_owned(),
                ),
                StatusCode::CONFLICT => Detail::Sentence(
                    "What is stored cannot be read, so it was left as it is. The server's log names its place."
                        .to_owned(),
                ),
                _ => Detail::Sentence(self.to_string()),
            },
        }
    }
}

/// The faults that a rule found in a body, below this place.
pub(crate) fn faults_of<T>(at: &[&str], verdict: &Result<T, DomainError>) -> Vec<FieldError> {
    let below = |path: &[String], message: &str| {
        let inside: Vec<String> =
            at.iter().map(|part| (*part).to_owned()).chain(path.iter().cloned()).collect();
        body_field(&inside, message)
    };
    match verdict {
        Ok(_) => Vec::new(),
        Err(DomainError::Field { path, message }) => vec![below(path, message)],
        Err(DomainError::Fields(faults)) => {
            faults.iter().map(|(path, message)| below(path, message)).collect()
        }
        Err(other) => vec![below(&[], &other.to_string())],
    }
}

/// A fault that a rule found in a body.
fn body_field(path: &[String], message: &str) -> FieldError {
    let loc = std::iter::once(Cow::Borrowed("body")).chain(path.iter().cloned().map(Cow::Owned)).collect();
    FieldError { kind: "value_error", loc, msg: message.to_owned() }
}

/// The `detail` of an error body.
#[derive(Serialize)]
#[serde(untagged)]
enum Detail<'a> {
    Sentence(String),
    Fields(Cow<'a, [FieldError]>),
}

/// An error body.
#[derive(Serialize)]
struct ErrorBody<'a> {
    detail: Detail<'a>,
    code: &'static str,
}

impl ResponseError for ApiError {
    fn status_code(&self) -> StatusCode {
        self.status()
    }

    fn error_response(&self) -> HttpResponse {
        let mut answer = HttpResponse::build(self.status());
        match self {
            Self::NotAuthenticated | Self::InvalidToken | Self::Unauthorized => {
                // RFC 9110, 11.6.1: a 401 names the scheme that would do.
                answer.insert_header((header::WWW_AUTHENTICATE, "Bearer"));
            }
            Self::MethodNotAllowed(allowed) => {
                let names: Vec<_> = allowed.iter().map(Method::as_str).collect();
                if let Ok(value) = HeaderValue::from_str(&names.join(", ")) {
                    answer.insert_header((header::ALLOW, value));
                }
            }
            Self::RateLimited { retry_after_seconds } => {
                answer.insert_header((header::RETRY_AFTER, retry_after_seconds.to_string()));
            }
            // `Retry-After` of a 503 is a setting and the same for all of them: the middleware adds it.
            _ => {}
        }
        answer.json(ErrorBody { detail: self.detail(), code: self.code() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failure_of_ours_shows_no_internal_text() {
        let error = ApiError::Store(StoreError::Unavailable { reason: "host db-7 refused".into() });
        let Detail::Sentence(text) = error.detail() else { panic!("a sentence is wanted") };
        assert!(!text.contains("db-7"));
        assert_eq!(error.code(), "UNAVAILABLE");
    }

    #[test]
    fn a_rule_about_a_field_points_into_the_body() {
        let error = ApiError::Rule(DomainError::Field {
            path: vec!["ui".into()],
            message: "must be an object".into(),
        });
        assert_eq!(error.status(), StatusCode::UNPROCESSABLE_ENTITY);
        let Detail::Fields(fields) = error.detail() else { panic!("fields are wanted") };
        assert_eq!(fields[0].loc, ["body", "ui"]);
    }
}
