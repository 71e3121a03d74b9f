//! What operations can fail with, as the document tells it.

use std::borrow::Cow;

use rosterd_app::AppError;
use rosterd_domain::error::{DomainError, GroupCycle, Prohibited};
use rosterd_domain::field_error::FieldError;
use rosterd_domain::rules::way_back::Obstacle;
use rosterd_storage::StoreError;
use serde_json::{Map, Value, json};
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{ObjectBuilder, Schema, Type};
use utoipa::{PartialSchema, ToSchema};

use crate::error::{ApiError, Body, ErrorCode};

/// Names each error that an operation can answer with, and gives one to show.
macro_rules! failures {
    ($($name:ident => $sample:expr;)+) => {
        /// An error that an operation can answer with: by its code, but where the same code has two statuses.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
        pub(crate) enum Failure {
            $(
                #[doc = concat!("`", stringify!($sample), "`")]
                $name,
            )+
        }

        impl Failure {
            /// All of them.
            pub(crate) const ALL: &[Self] = &[$(Self::$name),+];

            /// Such an error.
            pub(crate) fn sample(self) -> ApiError {
                match self {
                    $(Self::$name => $sample.into(),)+
                }
            }
        }
    };
}

failures! {
    FeatureOff => AppError::FeatureOff("Sign-up is closed. Ask an admin for an account.");
    NotAuthenticated => ApiError::NotAuthenticated;
    MetricsTokenRequired => ApiError::MetricsToken;
    InvalidToken => AppError::InvalidToken;
    Unauthorized => AppError::Unauthorized;
    AccessProhibited => AppError::AccessProhibited;
    ForeignOrigin => ApiError::ForeignOrigin;
    SetupTokenRequired => AppError::SetupTokenRequired;
    ApiKeyNotAllowed => AppError::ApiKeyNotAllowed;
    ApiKeyCreationNotAllowed => AppError::ApiKeyCreationNotAllowed;
    ApiKeyNotFound => AppError::ApiKeyNotFound;
    InvalidCredentials => AppError::InvalidCredentials;
    InvalidLink => AppError::InvalidLink;
    RepeatedHeader => ApiError::RepeatedHeader("Remote-Email".to_owned());
    IncorrectPassword => AppError::IncorrectPassword;
    GroupNotFound => AppError::GroupNotFound;
    GroupCycle => DomainError::GroupCycle(GroupCycle::Descendant);
    NotFound => ApiError::NotFound;
    MethodNotAllowed => ApiError::MethodNotAllowed(Vec::new());
    RequestTimeout => ApiError::RequestTimeout;
    PayloadTooLarge => ApiError::PayloadTooLarge { limit: 1024 * 1024 };
    UnsupportedMediaType => ApiError::UnsupportedMediaType;
    ValidationError => AppError::Validation(vec![
        FieldError::new("missing", &["body", "name"], "This field is needed."),
    ]);
    PreconditionFailed => AppError::PreconditionFailed;
    HumanSessionRequired => AppError::HumanSessionRequired;
    Conflict => AppError::Conflict("It does not fit to what is there: changed at the same moment, or left to Open WebUI.");
    RateLimitExceeded => AppError::RateLimited { retry_after_seconds: 12 };
    Unavailable => AppError::Busy;
    ActionProhibited => DomainError::ActionProhibited(Prohibited::PrimaryAdminProtected);
    UserNotFound => DomainError::UserNotFound;
    EmailTaken => DomainError::EmailTaken;
    InvalidEmailFormat => DomainError::InvalidEmail;
    PasswordTooLong => DomainError::PasswordTooLong;
    InvalidPassword => DomainError::InvalidPassword { reason: "it needs at least 8 characters".to_owned() };
    StoredValueUnreadable =>
        AppError::Store(StoreError::Unreadable { table: "user", column: "settings", id: String::new() });
    InvalidVariables => DomainError::InvalidVariables("The variable \"city\" must be a text.".to_owned());
    InvalidRange => DomainError::InvalidRange;
    TooLargeToKeep => DomainError::TooLargeToKeep { bytes: 73_400_320 };
    RestoreConflict => DomainError::CannotRestore(vec![Obstacle::IdTaken]);
    DeleteUserError => AppError::DeleteUser(StoreError::Worker);
    InternalError => AppError::Internal("a fault of our own");
}

impl PartialSchema for ErrorCode {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(Type::String)
            .enum_values(Some(codes_of(Failure::ALL)))
            .description(Some(
                "The code of an error, for programs; the wording of `detail` may change, a code does not.",
            ))
            .into()
    }
}

impl ToSchema for ErrorCode {
    fn name() -> Cow<'static, str> {
        "ErrorCode".into()
    }
}

/// Their codes, each once.
fn codes_of(failures: &[Failure]) -> Vec<&'static str> {
    let mut codes: Vec<_> = failures.iter().map(|failure| failure.sample().code()).collect();
    codes.sort_unstable();
    codes.dedup();
    codes
}

/// Adds to `components` the answer of one status that these errors share, if it is not there, and gives its name.
///
/// The body is the one `Error`, or for 422 the one `ValidationError`: an own schema for each set of codes would make
/// generators write a type for each. Which codes can come here is told by `x-codes`, and by the description.
pub(super) fn response(status: u16, failures: &[Failure], components: &mut Map<String, Value>) -> String {
    let codes = codes_of(failures);
    let name = format!("{status}.{}", codes.join("."));
    components.entry(name.clone()).or_insert_with(|| describe(status, failures, &codes));
    name
}

fn describe(status: u16, failures: &[Failure], codes: &[&str]) -> Value {
    let errors: Vec<_> = failures.iter().map(|failure| failure.sample()).collect();
    let sentences: Vec<_> =
        errors.iter().map(|error| format!("`{}`: {}", error.code(), said(error))).collect();
    let examples: Map<String, Value> =
        errors.iter().map(|error| (error.code().to_owned(), json!({ "value": error.body() }))).collect();
    let schema = if status == 422 { "ValidationError" } else { "Error" };
    let mut headers = json!({ "x-request-id": { "$ref": "#/components/headers/RequestId" } });
    if matches!(status, 429 | 503) {
        headers["Retry-After"] = json!({
            "description": "The number of seconds to wait before the next try.",
            "required": true,
            "schema": { "type": "integer", "minimum": 0 },
        });
    }
    json!({
        "description": sentences.join(" "),
        "headers": headers,
        "content": { "application/json": {
            "schema": { "$ref": format!("#/components/schemas/{schema}") },
            "examples": examples,
        } },
        "x-codes": codes,
    })
}

/// What people read.
fn said(error: &ApiError) -> String {
    match error.body() {
        Body::Sentence(body) => body.detail,
        Body::Fields(_) => "fields of the request are missing or wrong, all of them are named.".to_owned(),
    }
}
