//! Errors in the words of SCIM (RFC 7644, 3.12): what the one mapping of [`crate::error`] says, as a SCIM error.

use std::fmt;

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, ResponseError};
use rosterd_app::AppError;
use rosterd_domain::error::DomainError;
use rosterd_domain::field_error::FieldError;
use rosterd_scim::{ScimError, ScimType};
use rosterd_storage::StoreError;

use super::answer::MEDIA_TYPE;
use crate::endpoint::Answer;
use crate::endpoint::Operation;
use crate::error::{ApiError, Body};

/// What a handler of SCIM fails with.
#[derive(Debug)]
pub(crate) struct ScimFailure(pub(crate) ApiError);

impl From<ApiError> for ScimFailure {
    fn from(error: ApiError) -> Self {
        Self(error)
    }
}

impl From<AppError> for ScimFailure {
    fn from(error: AppError) -> Self {
        Self(error.into())
    }
}

impl From<ScimError> for ScimFailure {
    fn from(error: ScimError) -> Self {
        AppError::from(error).into()
    }
}

impl From<DomainError> for ScimFailure {
    fn from(error: DomainError) -> Self {
        AppError::from(error).into()
    }
}

impl From<StoreError> for ScimFailure {
    fn from(error: StoreError) -> Self {
        AppError::from(error).into()
    }
}

impl fmt::Display for ScimFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl ScimFailure {
    /// The error as SCIM tells it.
    fn told(&self) -> ScimError {
        let with_type = |scim_type| ScimError::new(scim_type, self.sentence());
        let with_status = |status: u16| ScimError::with_status(status, self.sentence());
        match &self.0 {
            ApiError::App(AppError::Scim(error)) => error.clone(),
            ApiError::NotAuthenticated | ApiError::App(AppError::InvalidToken | AppError::Unauthorized) => {
                ScimError::with_status(
                    401,
                    "send the token of a connection: the header Authorization with Bearer and the token",
                )
            }
            ApiError::UnsupportedMediaType => {
                ScimError::with_status(415, "send the body as application/scim+json or application/json")
            }
            // The connection is known, and may not do this.
            ApiError::App(AppError::AccessProhibited) => with_status(403),
            ApiError::App(AppError::Rule(DomainError::UserNotFound)) => with_status(404),
            ApiError::App(AppError::Rule(DomainError::EmailTaken)) => with_type(ScimType::Uniqueness),
            ApiError::App(AppError::Validation(fields)) if fields.iter().any(is_of_syntax) => {
                with_type(ScimType::InvalidSyntax)
            }
            error => match error.status().as_u16() {
                400 | 422 => with_type(ScimType::InvalidValue),
                status => with_status(status),
            },
        }
    }

    /// What people read of it.
    fn sentence(&self) -> String {
        let of_field = |field: &FieldError| {
            let path: Vec<&str> = field.loc.iter().skip(1).map(AsRef::as_ref).collect();
            if path.is_empty() { field.msg.clone() } else { format!("{}: {}", path.join("."), field.msg) }
        };
        match self.0.body() {
            Body::Sentence(body) => body.detail,
            Body::Fields(body) => body.detail.iter().map(of_field).collect::<Vec<_>>().join(" "),
        }
    }
}

/// Whether the body as such is wrong.
fn is_of_syntax(field: &FieldError) -> bool {
    field.loc.len() == 1
}

impl ResponseError for ScimFailure {
    fn status_code(&self) -> StatusCode {
        StatusCode::from_u16(self.told().status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }

    fn error_response(&self) -> HttpResponse {
        let mut answer = HttpResponse::build(self.status_code());
        self.0.put_headers(&mut answer);
        answer.content_type(MEDIA_TYPE).body(self.told().to_json().to_string())
    }
}

impl<A: Answer> Answer for Result<A, ScimFailure> {
    fn describe(operation: &mut Operation) {
        A::describe(operation);
        super::answer::describe_errors(operation, &[500, 503]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wrong(field: &str, message: &str) -> DomainError {
        DomainError::Field { path: vec![field.to_owned()], message: message.to_owned() }
    }

    fn told(error: impl Into<ScimFailure>) -> (u16, Option<&'static str>) {
        let error = error.into().told();
        (error.status(), error.scim_type().map(ScimType::as_str))
    }

    #[test]
    fn an_error_is_told_in_the_words_of_scim() {
        assert_eq!(told(ScimError::new(ScimType::InvalidPath, "x")), (400, Some("invalidPath")));
        assert_eq!(told(AppError::InvalidToken), (401, None));
        assert_eq!(told(ApiError::NotAuthenticated), (401, None));
        assert_eq!(told(AppError::AccessProhibited), (403, None));
        assert_eq!(told(DomainError::EmailTaken), (409, Some("uniqueness")));
        assert_eq!(told(DomainError::InvalidEmail), (400, Some("invalidValue")));
        assert_eq!(told(DomainError::UserNotFound), (404, None));
        assert_eq!(told(AppError::PreconditionFailed), (412, None));
        assert_eq!(told(AppError::RateLimited { retry_after_seconds: 3 }), (429, None));
        assert_eq!(told(AppError::Busy), (503, None));
        assert_eq!(told(ApiError::field("json_invalid", &["body"], "x")), (400, Some("invalidSyntax")));
        assert_eq!(told(wrong("name", "x")), (400, Some("invalidValue")));
        assert_eq!(told(ApiError::PayloadTooLarge { limit: 7 }), (413, None));
    }

    #[test]
    fn a_failure_of_ours_shows_no_internal_text() {
        let failure = ScimFailure::from(StoreError::Unavailable { reason: "host db-7 refused".into() });
        assert!(!failure.told().detail().contains("db-7"));
        assert_eq!(failure.status_code(), StatusCode::SERVICE_UNAVAILABLE);
        let failure = ScimFailure::from(wrong("password", "is too short"));
        assert_eq!(failure.told().detail(), "password: is too short");
    }
}
