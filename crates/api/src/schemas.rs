//! Shapes on the wire that no type of the server has as such, because it reads or writes them piece by piece.
//!
//! They are only ever described, never made: what keeps them true are the tests that hold real answers and generated
//! requests against the document.

#![expect(dead_code, reason = "described, never made")]

use std::collections::BTreeMap;

use chrono::NaiveDate;
use rosterd_domain::json::JsonText;
use serde::Serialize;
use utoipa::openapi::schema::{Object, ObjectBuilder, Type};
use utoipa::{IntoParams, ToSchema};

pub(crate) use crate::settings_schema::{
    AdminConfig, AdminConfigForm, AdminConfigUpdated, UserPermissionsForm,
};

/// A role that can be given.
#[derive(ToSchema)]
#[schema(rename_all = "lowercase")]
pub(crate) enum Role {
    /// Signed up, not yet let in.
    Pending,
    /// Let in.
    User,
    /// Manages the others.
    Admin,
}

/// Which part of a list, in which order (rules L1 and L2).
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct ListParameters {
    /// Found anywhere in name or address, without regard to case; `%`, `_` and `\` are ordinary characters.
    #[param(pattern = r"^[^\x00]*$")]
    query: Option<String>,
    /// `created_at`, `name`, `email`, `role`, `last_active_at`, `updated_at` or `group_id:<id>`; anything else is
    /// `created_at`, descending.
    order_by: Option<String>,
    /// `asc`, or else descending.
    direction: Option<String>,
    /// The page, from 1; below that is 1, beyond the end an empty list.
    #[param(schema_with = any_whole_number)]
    page: Option<i64>,
    /// Rows a page.
    #[param(minimum = 1, maximum = 200, default = 30)]
    limit: Option<i64>,
    /// `next_cursor` of the page before, in the same order. Empty is none.
    cursor: Option<String>,
}

/// No bounds: what is too large for the machine lies beyond the end.
fn any_whole_number() -> Object {
    ObjectBuilder::new()
        .schema_type(Type::Integer)
        .description(Some("The page, from 1; below that is 1, beyond the end an empty list."))
        .default(Some(1.into()))
        .build()
}

/// A user's settings: free-form, but for `ui`, which is always there.
#[derive(ToSchema)]
pub(crate) struct UserSettings {
    /// What the front end keeps.
    ui: JsonText,
    #[serde(flatten)]
    others: BTreeMap<String, serde_json::Value>,
}

/// Settings to be merged in: free-form, but for `ui`.
#[derive(ToSchema)]
pub(crate) struct UserSettingsForm {
    /// Takes the place of the stored `ui`; null leaves it.
    ui: Option<JsonText>,
    #[serde(flatten)]
    others: BTreeMap<String, serde_json::Value>,
}

/// Rights by key; sections may hold sections.
#[derive(ToSchema)]
#[schema(no_recursion)]
pub(crate) struct PermissionTree {
    #[serde(flatten)]
    entries: BTreeMap<String, PermissionNode>,
}

/// A right, given or not, or a section of rights.
#[derive(ToSchema)]
#[serde(untagged)]
pub(crate) enum PermissionNode {
    /// A right.
    Flag(bool),
    /// A section.
    #[schema(no_recursion)]
    Section(PermissionTree),
}

/// It is as asked.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Done {
    /// `true`.
    status: bool,
}

impl Done {
    /// The only one.
    pub(crate) const YES: Self = Self { status: true };
}

/// An account to be opened.
#[derive(ToSchema)]
pub(crate) struct AccountForm {
    /// The name others see.
    #[schema(
        min_length = 1,
        max_length = 255,
        pattern = r"^[^\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]*[^\s\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\xad\u034f\u115f\u1160\u200b-\u200d\u2060-\u206f\u2800\u3164\ufe00-\ufe0f\ufeff\uffa0][^\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]*$"
    )]
    name: String,
    /// The address.
    #[schema(pattern = r"^[^\x00]*$")]
    email: String,
    /// At most 72 bytes, and whatever the deployment demands (8 characters by default).
    #[schema(format = Password)]
    password: String,
    /// The picture; `/user.png` when absent.
    profile_image_url: Option<PictureUrl>,
}

/// An account to be opened by an admin.
#[derive(ToSchema)]
pub(crate) struct AddAccountForm {
    #[serde(flatten)]
    account: AccountForm,
    /// The role; `pending` when absent.
    role: Option<Role>,
}

/// A profile as its owner changes it.
#[derive(ToSchema)]
pub(crate) struct ProfileForm {
    /// The name others see.
    #[schema(
        min_length = 1,
        max_length = 255,
        pattern = r"^[^\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]*[^\s\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\xad\u034f\u115f\u1160\u200b-\u200d\u2060-\u206f\u2800\u3164\ufe00-\ufe0f\ufeff\uffa0][^\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]*$"
    )]
    name: String,
    /// The picture, or what is stored already.
    profile_image_url: PictureUrl,
    /// A few words about themselves, at most 2,000 characters.
    #[schema(max_length = 2000, pattern = r"^[^\x00]*$")]
    bio: Option<String>,
    /// Free text of at most 100 characters.
    #[schema(max_length = 100, pattern = r"^[^\x00]*$")]
    gender: Option<String>,
    /// `YYYY-MM-DD`.
    date_of_birth: Option<NaiveDate>,
}

/// Whom to add or remove.
#[derive(ToSchema)]
pub(crate) struct MembersForm {
    /// Their ids.
    user_ids: Vec<String>,
}

/// What may be stored as a picture (rule N9): nothing, a known path, an http(s) URL with a host, or a `data:` URI of a
/// PNG, JPEG, GIF or WebP picture.
// The first bytes of each type in base64, and after them groups of four characters.
#[derive(ToSchema)]
#[schema(
    value_type = String,
    pattern = r"^(/(static/)?favicon\.png|/user\.png|/api/v1/users/[A-Za-z0-9_-]+/profile/image|https?://[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?(:[0-9]{1,4})?([/?#][!-[\]-~]*)?|data:image/(png;base64,iVBORw0KGg(o=|[o-r][A-Za-z0-9+/]([A-Za-z0-9+/]{4})*([A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?)|jpeg;base64,/9j/([A-Za-z0-9+/]{4})*([A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?|gif;base64,R0lGOD[dl]h([A-Za-z0-9+/]{4})*([A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?|webp;base64,UklGR[g-v][A-Za-z0-9+/]{4}[BFJNRVZdhlptx159]XRUJQ([A-Za-z0-9+/]{4})*([A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?))?$"
)]
pub(crate) struct PictureUrl(String);

/// A picture's bytes.
#[derive(ToSchema)]
#[schema(value_type = String, format = Binary)]
pub(crate) struct Image(Vec<u8>);

/// The code of an error, for programs; the wording of `detail` may change, a code does not.
#[derive(ToSchema)]
pub(crate) struct ErrorCode(String);

/// The body of an error.
#[derive(ToSchema)]
pub(crate) struct Error {
    /// A sentence for people.
    detail: String,
    /// For programs.
    code: ErrorCode,
}

/// A request that does not have the right shape.
#[derive(ToSchema)]
pub(crate) struct ValidationError {
    /// Every field that is wrong.
    detail: Vec<rosterd_domain::field_error::FieldError>,
    /// `VALIDATION_ERROR`.
    code: ErrorCode,
}
