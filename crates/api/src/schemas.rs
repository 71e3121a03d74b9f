//! Shapes of the API that no type of the server has, because the server reads or writes them piece by piece.
//!
//! These types are only used to describe the shapes. Tests compare the document with real answers and with
//! generated requests.

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
    /// A part of the name or the e-mail address, in any case; `%`, `_` and `\` are ordinary characters.
    #[param(pattern = r"^[^\x00]*$")]
    query: Option<String>,
    /// `created_at`, `name`, `email`, `role`, `last_active_at`, `updated_at` or `group_id:<id>`; anything else is
    /// `created_at`, descending.
    order_by: Option<String>,
    /// `asc`; anything else means descending.
    direction: Option<String>,
    /// The number of the page. Below 1 means 1; a page after the last one is empty.
    #[param(schema_with = any_whole_number)]
    page: Option<i64>,
    /// Rows on each page.
    #[param(minimum = 1, maximum = 200, default = 30)]
    limit: Option<i64>,
    /// `next_cursor` of the previous page, in the same order. An empty text means none.
    cursor: Option<String>,
}

/// No bounds: what is too large for the machine lies beyond the end.
fn any_whole_number() -> Object {
    ObjectBuilder::new()
        .schema_type(Type::Integer)
        .description(Some("The number of the page. Below 1 means 1; a page after the last one is empty."))
        .default(Some(1.into()))
        .build()
}

/// A user's settings: any keys, and always `ui`.
#[derive(ToSchema)]
pub(crate) struct UserSettings {
    /// What the front end keeps.
    ui: JsonText,
    #[serde(flatten)]
    others: BTreeMap<String, serde_json::Value>,
}

/// Settings to be merged: any keys, and `ui`.
#[derive(ToSchema)]
pub(crate) struct UserSettingsForm {
    /// Replaces the stored `ui`; null keeps it.
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
    /// The e-mail address.
    #[schema(pattern = r"^[^\x00]*$")]
    email: String,
    /// At most 72 bytes, and as many characters as the configuration requires (8 by default).
    #[schema(format = Password)]
    password: String,
    /// The profile image URL; `/user.png` if absent.
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
    /// The URL of the image, or what is already stored.
    profile_image_url: PictureUrl,
    /// Text about the user, at most 2,000 characters.
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

/// What may be stored as a profile image URL (rule N9): nothing, a known path, an http(s) URL with a host, or a `data:` URI of a
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
