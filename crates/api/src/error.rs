//! The one place where an error becomes an HTTP answer (docs/API.md, "Errors").

use std::borrow::Cow;

use actix_web::http::header::{self, HeaderValue};
use actix_web::http::{Method, StatusCode};
use actix_web::{HttpResponse, HttpResponseBuilder, ResponseError};
use rosterd_app::AppError;
use rosterd_domain::error::DomainError;
use rosterd_domain::field_error::{FieldError, body_field};
use rosterd_storage::StoreError;
use serde::Serialize;
use utoipa::ToSchema;

/// What a handler can fail with. [`ApiError::code`] and [`ApiError::status`] are the whole table.
#[derive(Debug, thiserror::Error)]
pub enum ApiError {
    /// No credentials were sent.
    #[error("Sign in first: send a bearer token, an API key or the session cookie.")]
    NotAuthenticated,
    /// A page of another origin asks for a change in the name of the cookie.
    #[error(
        "A page of another origin may not ask for this with the session cookie. Behind a proxy, the header `Host` or \
         `X-Forwarded-Host` must name the host that the browser shows."
    )]
    ForeignOrigin,
    /// A header by which a trusted proxy names somebody was sent more than once.
    #[error(
        "The header `{0}` was sent more than once. The proxy must set it and remove the one that a client sends."
    )]
    RepeatedHeader(String),
    /// A path that nothing answers (rule E3).
    #[error("There is nothing at this path.")]
    NotFound,
    /// A path that does not answer this method (rule E3).
    #[error("This path does not support that method.")]
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
    /// The page of metrics was asked for without its token.
    #[error("Send the token of the metrics: `Authorization: Bearer` and the value of ROSTERD_METRICS_TOKEN.")]
    MetricsToken,
    /// A use case refused or failed.
    #[error(transparent)]
    App(#[from] AppError),
}

/// What rules and the database say goes through the use cases' errors.
impl From<DomainError> for ApiError {
    fn from(error: DomainError) -> Self {
        AppError::from(error).into()
    }
}

impl ApiError {
    /// One offending field.
    pub fn field(kind: &'static str, loc: &[&str], msg: impl Into<String>) -> Self {
        Self::validation(vec![FieldError::new(kind, loc, msg)])
    }

    /// Several of them.
    #[must_use]
    pub fn validation(fields: Vec<FieldError>) -> Self {
        AppError::Validation(fields).into()
    }

    /// The stable code that programs look at.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::NotAuthenticated => "NOT_AUTHENTICATED",
            Self::ForeignOrigin => "FOREIGN_ORIGIN",
            Self::RepeatedHeader(_) => "REPEATED_HEADER",
            Self::NotFound => "NOT_FOUND",
            Self::MethodNotAllowed(_) => "METHOD_NOT_ALLOWED",
            Self::RequestTimeout => "REQUEST_TIMEOUT",
            Self::PayloadTooLarge { .. } => "PAYLOAD_TOO_LARGE",
            Self::UnsupportedMediaType => "UNSUPPORTED_MEDIA_TYPE",
            Self::MetricsToken => "METRICS_TOKEN_REQUIRED",
            Self::App(error) => meaning(error).1,
        }
    }

    /// The status that goes with it.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        match self {
            Self::NotAuthenticated | Self::MetricsToken => StatusCode::UNAUTHORIZED,
            Self::ForeignOrigin => StatusCode::FORBIDDEN,
            Self::RepeatedHeader(_) => StatusCode::BAD_REQUEST,
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::MethodNotAllowed(_) => StatusCode::METHOD_NOT_ALLOWED,
            Self::RequestTimeout => StatusCode::REQUEST_TIMEOUT,
            Self::PayloadTooLarge { .. } => StatusCode::PAYLOAD_TOO_LARGE,
            Self::UnsupportedMediaType => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::App(error) => meaning(error).0,
        }
    }

    /// The body of the answer. What the caller reads is never an internal text: a failure of ours has a fixed sentence.
    pub(crate) fn body(&self) -> Body<'_> {
        let code = ErrorCode(self.code());
        let fields = match self {
            Self::App(AppError::Validation(fields)) => Cow::Borrowed(fields.as_slice()),
            Self::App(AppError::Rule(DomainError::Field { path, message })) => {
                Cow::Owned(vec![body_field(path, message)])
            }
            Self::App(AppError::Rule(DomainError::Fields(fields))) => {
                fields.iter().map(|(path, message)| body_field(path, message)).collect()
            }
            _ => return Body::Sentence(self.brief()),
        };
        Body::Fields(ValidationErrorBody { detail: fields, code })
    }

    /// The same as a sentence and a code, for an answer that has an error within.
    pub(crate) fn brief(&self) -> ErrorBody {
        ErrorBody { detail: self.sentence(), code: ErrorCode(self.code()) }
    }

    fn sentence(&self) -> String {
        match self.status() {
            StatusCode::INTERNAL_SERVER_ERROR => "The server failed; nothing was changed.".to_owned(),
            StatusCode::SERVICE_UNAVAILABLE => {
                "The server is busy or cannot reach its database. Try again in a moment.".to_owned()
            }
            StatusCode::CONFLICT if self.code() == UNREADABLE => {
                "The stored value cannot be read, so it was not changed. The server's log says where it is."
                    .to_owned()
            }
            _ => self.to_string(),
        }
    }
}

/// The code of a stored value that cannot be read.
const UNREADABLE: &str = "STORED_VALUE_UNREADABLE";

/// The status and the code of what a use case says: the whole table.
fn meaning(error: &AppError) -> (StatusCode, &'static str) {
    match error {
        AppError::InvalidToken => (StatusCode::UNAUTHORIZED, "INVALID_TOKEN"),
        AppError::Unauthorized => (StatusCode::UNAUTHORIZED, "UNAUTHORIZED"),
        AppError::AccessProhibited => (StatusCode::UNAUTHORIZED, "ACCESS_PROHIBITED"),
        AppError::FeatureOff(_) => (StatusCode::FORBIDDEN, "ACCESS_PROHIBITED"),
        AppError::SetupTokenRequired => (StatusCode::FORBIDDEN, "SETUP_TOKEN_REQUIRED"),
        AppError::ApiKeyNotAllowed => (StatusCode::FORBIDDEN, "API_KEY_NOT_ALLOWED"),
        AppError::ApiKeyCreationNotAllowed => (StatusCode::FORBIDDEN, "API_KEY_CREATION_NOT_ALLOWED"),
        AppError::ApiKeyNotFound => (StatusCode::NOT_FOUND, "API_KEY_NOT_FOUND"),
        AppError::InvalidCredentials => (StatusCode::BAD_REQUEST, "INVALID_CREDENTIALS"),
        AppError::IncorrectPassword => (StatusCode::BAD_REQUEST, "INCORRECT_PASSWORD"),
        AppError::InvalidLink => (StatusCode::BAD_REQUEST, "INVALID_LINK"),
        AppError::NoLdap => (StatusCode::BAD_REQUEST, "ACCESS_PROHIBITED"),
        AppError::GroupNotFound => (StatusCode::NOT_FOUND, "GROUP_NOT_FOUND"),
        AppError::NotFound(_) => (StatusCode::NOT_FOUND, "NOT_FOUND"),
        AppError::Validation(_) => (StatusCode::UNPROCESSABLE_ENTITY, "VALIDATION_ERROR"),
        AppError::PreconditionFailed => (StatusCode::PRECONDITION_FAILED, "PRECONDITION_FAILED"),
        AppError::HumanSessionRequired => (StatusCode::FORBIDDEN, "HUMAN_SESSION_REQUIRED"),
        AppError::Conflict(_) => (StatusCode::CONFLICT, "CONFLICT"),
        AppError::RateLimited { .. } => (StatusCode::TOO_MANY_REQUESTS, "RATE_LIMIT_EXCEEDED"),
        AppError::Busy => (StatusCode::SERVICE_UNAVAILABLE, "UNAVAILABLE"),
        AppError::DeleteUser(_) => (StatusCode::INTERNAL_SERVER_ERROR, "DELETE_USER_ERROR"),
        AppError::Internal(_) => (StatusCode::INTERNAL_SERVER_ERROR, "INTERNAL_ERROR"),
        // Only SCIM's own routes tell of it, in their own words.
        AppError::Scim(error) => {
            (StatusCode::from_u16(error.status()).unwrap_or(StatusCode::BAD_REQUEST), "SCIM_ERROR")
        }
        AppError::Rule(rule) => match rule {
            DomainError::ActionProhibited(_) => (StatusCode::FORBIDDEN, "ACTION_PROHIBITED"),
            DomainError::UserNotFound => (StatusCode::BAD_REQUEST, "USER_NOT_FOUND"),
            DomainError::Suspended => (StatusCode::CONFLICT, "CONFLICT"),
            DomainError::EmailTaken => (StatusCode::BAD_REQUEST, "EMAIL_TAKEN"),
            DomainError::InvalidEmail => (StatusCode::BAD_REQUEST, "INVALID_EMAIL_FORMAT"),
            DomainError::PasswordTooLong => (StatusCode::BAD_REQUEST, "PASSWORD_TOO_LONG"),
            DomainError::InvalidPassword { .. } | DomainError::PasswordAgainstRule(_) => {
                (StatusCode::BAD_REQUEST, "INVALID_PASSWORD")
            }
            DomainError::DocumentTooLarge { .. } => (StatusCode::PAYLOAD_TOO_LARGE, "PAYLOAD_TOO_LARGE"),
            DomainError::InvalidVariables(_) => (StatusCode::BAD_REQUEST, "INVALID_VARIABLES"),
            DomainError::GroupCycle(_) => (StatusCode::BAD_REQUEST, "GROUP_CYCLE"),
            DomainError::InvalidRange => (StatusCode::BAD_REQUEST, "INVALID_RANGE"),
            DomainError::TooLargeToKeep { .. } => (StatusCode::CONFLICT, "TOO_LARGE_TO_KEEP"),
            DomainError::CannotRestore(_) => (StatusCode::CONFLICT, "RESTORE_CONFLICT"),
            DomainError::Unreadable(_) => (StatusCode::CONFLICT, UNREADABLE),
            DomainError::Field { .. } | DomainError::Fields(_) => {
                (StatusCode::UNPROCESSABLE_ENTITY, "VALIDATION_ERROR")
            }
        },
        AppError::Store(store) => match store {
            StoreError::Unavailable { .. } => (StatusCode::SERVICE_UNAVAILABLE, "UNAVAILABLE"),
            StoreError::Unreadable { .. } => (StatusCode::CONFLICT, UNREADABLE),
            StoreError::AlreadyExists { .. } | StoreError::Database(_) | StoreError::Worker => {
                (StatusCode::INTERNAL_SERVER_ERROR, "INTERNAL_ERROR")
            }
        },
    }
}

/// The body of an error.
#[derive(Serialize)]
#[serde(untagged)]
pub(crate) enum Body<'a> {
    /// One that is told in a sentence.
    Sentence(ErrorBody),
    /// One that is told by fields.
    Fields(ValidationErrorBody<'a>),
}

/// The body of an error.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Error)]
pub(crate) struct ErrorBody {
    /// A sentence for people.
    pub(crate) detail: String,
    /// For programs.
    code: ErrorCode,
}

/// A request that does not have the right shape.
#[derive(Serialize, ToSchema)]
#[schema(as = ValidationError)]
pub(crate) struct ValidationErrorBody<'a> {
    /// Every field that is wrong.
    #[schema(value_type = Vec<FieldError>)]
    pub(crate) detail: Cow<'a, [FieldError]>,
    /// `VALIDATION_ERROR`.
    code: ErrorCode,
}

/// The code of an error.
#[derive(Debug, Clone, Copy, Serialize)]
pub(crate) struct ErrorCode(&'static str);

impl ResponseError for ApiError {
    fn status_code(&self) -> StatusCode {
        self.status()
    }

    fn error_response(&self) -> HttpResponse {
        let mut answer = HttpResponse::build(self.status());
        self.put_headers(&mut answer);
        answer.json(self.body())
    }
}

impl ApiError {
    /// The headers that go with it.
    pub(crate) fn put_headers(&self, answer: &mut HttpResponseBuilder) {
        match self {
            Self::NotAuthenticated
            | Self::MetricsToken
            | Self::App(AppError::InvalidToken | AppError::Unauthorized) => {
                // RFC 9110, 11.6.1: a 401 names the scheme that would do.
                answer.insert_header((header::WWW_AUTHENTICATE, "Bearer"));
            }
            Self::MethodNotAllowed(allowed) => {
                let names: Vec<_> = allowed.iter().map(Method::as_str).collect();
                if let Ok(value) = HeaderValue::from_str(&names.join(", ")) {
                    answer.insert_header((header::ALLOW, value));
                }
            }
            Self::App(AppError::RateLimited { retry_after_seconds }) => {
                answer.insert_header((header::RETRY_AFTER, retry_after_seconds.to_string()));
            }
            // `Retry-After` of a 503 is a setting and the same for all of them: the middleware adds it.
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failure_of_ours_shows_no_internal_text() {
        let error = AppError::Store(StoreError::Unavailable { reason: "host db-7 refused".into() });
        let error = ApiError::from(error);
        let Body::Sentence(body) = error.body() else { panic!("a sentence is wanted") };
        assert!(!body.detail.contains("db-7"));
        assert_eq!(error.code(), "UNAVAILABLE");
    }

    #[test]
    fn a_rule_about_a_field_points_into_the_body() {
        let error = ApiError::from(DomainError::Field {
            path: vec!["ui".into()],
            message: "must be an object".into(),
        });
        assert_eq!(error.status(), StatusCode::UNPROCESSABLE_ENTITY);
        let Body::Fields(body) = error.body() else { panic!("fields are wanted") };
        assert_eq!(body.detail[0].loc, ["body", "ui"]);
    }
}
