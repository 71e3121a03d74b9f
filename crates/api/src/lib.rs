//! rosterd's HTTP API for actix-web.
//!
//! [`configure`] mounts every endpoint into any actix application; the `rosterd` program is one of them. A request
//! goes through [`routes`], extractors and a thin handler (`users`, `auths`, `groups`) to one use case of
//! [`rosterd_app`]. There, in one closure, the caller's row is read, the right is checked, the rule of
//! `rosterd-domain` is applied and the rows are written.
//!
//! Also wrap the application in [`guard_bodies`], which gives request bodies a deadline, and in [`log_requests`]; where
//! pages of other origins are allowed, in [`allow_origins`] between the two.
//!
//! This crate is HTTP and nothing else. It contains no rules and no SQL, and reads no environment variables. Its
//! configuration comes in [`rosterd_app::Settings`].
//!
//! What it counts and how things stand is told by [`metrics`].
//!
//! The feature `openapi` adds what generates the OpenAPI document. Whoever only serves it does without.

#![cfg_attr(
    not(feature = "openapi"),
    allow(dead_code, reason = "what describes an endpoint stands beside what answers")
)]

mod alias;
mod audit;
pub mod auth;
mod auths;
mod client_ip;
mod compressed;
mod console;
mod cors;
mod endpoint;
pub mod error;
mod etag;
mod extract;
mod front_end;
mod groups;
mod incoming;
mod lines;
mod mail;
pub mod metrics;
mod mount;
pub mod openapi;
mod page;
mod places;
pub mod routes;
mod scim;
mod start;
mod system;
mod telemetry;
mod transfer;
mod users;
mod webhooks;

pub use cors::allow_origins;
pub use incoming::guard_bodies;
pub use metrics::Metrics;
pub use mount::{configure, configure_with};
pub use telemetry::{log_requests, route_of};
