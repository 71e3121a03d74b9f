//! The table of all URLs. Each line of it is an endpoint: method, path, handler, and its description for the
//! OpenAPI document. Endpoints are listed nowhere else. The server mounts these lines, the document describes them,
//! and tests that must cover every endpoint use [`endpoints`].
//!
//! What the types of a handler say is not repeated in its line. An argument says who may call, which parameters
//! there are and what the body is like (`endpoint::Argument`). The answer says its shape (`endpoint::Answer`).
//!
//! To add an endpoint: a handler in the module of its resource, a line in the section of its tag, and a row in the
//! access table of the HTTP tests.
//!
//! `utoipa-actix-web` is not used. It would need path and types in an attribute beside the function, it knows
//! nothing about access, and it answers a wrong method with 404.

mod accounts;
mod audit;
mod configuration;
mod groups;
mod health;
mod lists;
mod mail;
mod own_profile;
mod permissions;
mod scim;
mod users;
mod webhooks;

use actix_web::http::Method;
use rosterd_app::Access;

use crate::endpoint::{Line, Section, page as line};
use crate::{console, page, start};

/// A method and a path that are answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Endpoint {
    /// The method.
    pub method: Method,
    /// The whole path, `{id}` where an id stands.
    pub path: &'static str,
    /// What an account must be to call it; `None`: anybody may.
    pub access: Option<Access>,
    /// The operation of the OpenAPI document; `None` for the pages that show the document itself.
    pub operation: Option<&'static str>,
}

/// Every endpoint, in the order of the table; a path that is answered in two spellings is there twice, HEAD, which
/// answers wherever GET does, is left out. For tests and documents that must not forget one.
#[must_use]
pub fn endpoints() -> Vec<Endpoint> {
    let described = |line: &Line| {
        let operation = line.document.as_ref().map(|document| document.id);
        let (method, access) = (line.method.clone(), line.access);
        line.paths().map(move |path| Endpoint { method: method.clone(), path, access, operation })
    };
    lines().iter().flat_map(described).collect()
}

/// The whole table.
pub(crate) fn lines() -> Vec<Line> {
    sections().into_iter().flat_map(|section| section.lines).chain(pages()).collect()
}

/// The table, by the tags of the document. Sections with literal paths come before the one with `/users/{id}`: the first
/// that fits a path wins, whatever the method.
pub(crate) fn sections() -> Vec<Section> {
    vec![
        own_profile::section(),
        permissions::section(),
        lists::section(),
        users::section(),
        accounts::section(),
        groups::section(),
        audit::section(),
        webhooks::section(),
        mail::section(),
        scim::section(),
        configuration::section(),
        health::section(),
    ]
}

/// The document, the page to browse it, and the console.
fn pages() -> Vec<Line> {
    vec![
        line("/api/v1/openapi.json", page::get_document),
        line("/", start::get_start),
        line("/console", console::get_page),
        line("/console/assets/{file}", console::get_asset),
        line("/console/{page:.*}", console::get_page),
        line("/docs", page::to_page),
        line("/docs/{file:.*}", page::get_file),
    ]
}
