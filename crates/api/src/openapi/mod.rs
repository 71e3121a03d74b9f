//! The OpenAPI document: made from the handlers' own annotations and the server's own types, served at
//! `/api/v1/openapi.json`, browsable at `/docs`, and kept as `docs/openapi.json`.
//!
//! What an annotation says is who may call (`x-access`) and the codes of the errors that are this call's own
//! (`x-errors`). `finish` makes of them what OpenAPI wants: security, and every answer that an error can have, with
//! the status of the one table in [`crate::error`]. Examples come from `examples`: real answers.
//!
//! To describe a new endpoint: annotate its handler, name it below, and renew the document with
//! `cargo run --package rosterd-api --example openapi > docs/openapi.json`.

mod errors;
mod examples;
mod finish;
pub(crate) mod page;
pub(crate) mod schemas;
mod settings_schema;

use std::sync::LazyLock;

use bytes::Bytes;
use serde_json::Value;
use utoipa::OpenApi;

use crate::users::{admin, image, lists, lookup, own, permissions};
use crate::{auths, groups, system};

#[derive(OpenApi)]
#[openapi(
    info(
        title = "rosterd",
        description = "Users, groups, permissions and accounts of an Open WebUI-style chat deployment. \
                       Rules are named by their ids (P1, S2 …); docs/API.md tells them in full.",
        license(name = "MIT OR Apache-2.0", identifier = "MIT OR Apache-2.0")
    ),
    servers((url = "/", description = "This server.")),
    tags(
        (name = "own profile", description = "What people keep about themselves."),
        (name = "users", description = "Looking at, changing and deleting users."),
        (name = "lists", description = "Lists of users."),
        (name = "permissions", description = "What accounts may do."),
        (name = "accounts", description = "Signing up, in and out, and one's own account."),
        (name = "groups", description = "Groups and their members."),
        (name = "configuration", description = "What is kept in the database, and what front ends need to know."),
        (name = "health", description = "For operators."),
    ),
    paths(
        own::get_settings, own::update_settings, own::get_status, own::update_status, own::get_info,
        own::update_info, own::get_groups,
        permissions::get_own, permissions::get_default, permissions::set_default,
        lists::list_users, lists::list_all_users, lists::search_users,
        lookup::get_user, lookup::get_active, image::get_profile_image, lookup::get_oauth_sessions,
        lookup::get_groups, admin::update_user, admin::delete_user,
        auths::sign_in::get_session, auths::sign_in::sign_in, auths::sign_in::sign_up, auths::sign_in::sign_out,
        auths::sign_in::add_account, auths::account::update_profile, auths::account::update_password,
        auths::account::get_api_key, auths::account::create_api_key, auths::account::delete_api_key,
        auths::account::get_admin_details, auths::admin::get_config, auths::admin::set_config,
        groups::list_groups, groups::create_group, groups::get_group, groups::export_group, groups::list_members,
        groups::update_group, groups::add_members, groups::remove_members, groups::delete_group,
        system::get_config, system::get_version, system::get_liveness, system::get_readiness,
    ),
    components(schemas(schemas::ErrorBody, schemas::ValidationErrorBody, schemas::Role, schemas::PermissionNode)),
)]
struct Annotated;

/// The document.
#[must_use]
pub fn document() -> Value {
    let mut document = serde_json::to_value(Annotated::openapi()).unwrap_or_default();
    finish::finish(&mut document);
    examples::attach(&mut document);
    document
}

/// The document as text, ending with a line break: what `docs/openapi.json` holds.
#[must_use]
pub fn text() -> String {
    // A `Value` always has a text.
    let mut text = serde_json::to_string_pretty(&document()).unwrap_or_default();
    text.push('\n');
    text
}

/// The document as it is served, made once.
fn served() -> Bytes {
    static DOCUMENT: LazyLock<Bytes> = LazyLock::new(|| Bytes::from(document().to_string()));
    DOCUMENT.clone()
}
