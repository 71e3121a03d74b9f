//! The answers that errors have, from the errors themselves.

use rosterd_app::AppError;
use rosterd_domain::error::{DomainError, Prohibited};
use rosterd_domain::field_error::FieldError;
use rosterd_storage::StoreError;
use serde_json::{Map, Value, json};

use crate::error::ApiError;

/// One of each error that a call can answer with, and the name that annotations use where the code alone would not
/// say which.
pub(super) fn samples() -> Vec<(&'static str, ApiError)> {
    let field = FieldError::new("missing", &["body", "name"], "This field is needed.");
    let named =
        [("FEATURE_OFF", AppError::FeatureOff("Sign-up is closed. Ask an admin for an account.").into())];
    let others = [
        ApiError::NotAuthenticated,
        AppError::InvalidToken.into(),
        AppError::Unauthorized.into(),
        AppError::AccessProhibited.into(),
        ApiError::ForeignOrigin,
        AppError::ApiKeyNotAllowed.into(),
        AppError::ApiKeyCreationNotAllowed.into(),
        AppError::ApiKeyNotFound.into(),
        AppError::InvalidCredentials.into(),
        ApiError::RepeatedHeader("Remote-Email".to_owned()),
        AppError::IncorrectPassword.into(),
        AppError::GroupNotFound.into(),
        ApiError::NotFound,
        ApiError::MethodNotAllowed(Vec::new()),
        ApiError::RequestTimeout,
        ApiError::PayloadTooLarge { limit: 1024 * 1024 },
        ApiError::UnsupportedMediaType,
        ApiError::validation(vec![field]),
        AppError::PreconditionFailed.into(),
        AppError::RateLimited { retry_after_seconds: 12 }.into(),
        AppError::Busy.into(),
        DomainError::ActionProhibited(Prohibited::PrimaryAdminProtected).into(),
        DomainError::UserNotFound.into(),
        DomainError::EmailTaken.into(),
        DomainError::InvalidEmail.into(),
        DomainError::PasswordTooLong.into(),
        DomainError::InvalidPassword { reason: "it needs at least 8 characters".to_owned() }.into(),
        AppError::Store(StoreError::Unreadable { table: "user", column: "settings", id: String::new() })
            .into(),
        AppError::DeleteUser(StoreError::Worker).into(),
        AppError::Internal("a fault of our own").into(),
    ];
    named.into_iter().chain(others.into_iter().map(|error| (error.code(), error))).collect()
}

/// Every code, each once.
pub(super) fn codes() -> Vec<&'static str> {
    let mut codes: Vec<_> = samples().iter().map(|(_, error)| error.code()).collect();
    codes.sort_unstable();
    codes.dedup();
    codes
}

/// Adds to `components` the answer of one status that these errors of it share, if it is not there, and gives its
/// name.
pub(super) fn response(status: u16, errors: &[&ApiError], components: &mut Map<String, Value>) -> String {
    let mut codes: Vec<_> = errors.iter().map(|error| error.code()).collect();
    codes.sort_unstable();
    codes.dedup();
    let name = codes.join(".");
    // The same code has another status where it means a feature that is off.
    let name = if components.get(&name).is_some_and(|known| known["x-status"] != status) {
        format!("{name}.{status}")
    } else {
        name
    };
    components.entry(name.clone()).or_insert_with(|| describe(status, errors, &codes));
    name
}

fn describe(status: u16, errors: &[&ApiError], codes: &[&str]) -> Value {
    let sentences: Vec<_> =
        errors.iter().map(|error| format!("`{}`: {}", error.code(), said(error))).collect();
    let examples: Map<String, Value> =
        errors.iter().map(|error| (error.code().to_owned(), json!({ "value": error.body() }))).collect();
    let schema = if codes == ["VALIDATION_ERROR"] { "ValidationErrorBody" } else { "ErrorBody" };
    let mut headers = json!({ "x-request-id": { "$ref": "#/components/headers/RequestId" } });
    if matches!(status, 429 | 503) {
        headers["Retry-After"] = json!({
            "description": "Seconds after which to try again.",
            "required": true,
            "schema": { "type": "integer", "minimum": 0 },
        });
    }
    json!({
        "description": sentences.join(" "),
        "headers": headers,
        "content": { "application/json": {
            "schema": {
                "allOf": [
                    { "$ref": format!("#/components/schemas/{schema}") },
                    { "type": "object", "required": ["code"], "properties": { "code": { "type": "string", "enum": codes } } },
                ],
            },
            "examples": examples,
        } },
        "x-status": status,
    })
}

/// What people read.
fn said(error: &ApiError) -> String {
    match error.body()["detail"].as_str() {
        Some(sentence) => sentence.to_owned(),
        None => "fields of the request are missing or wrong, all of them are named.".to_owned(),
    }
}
