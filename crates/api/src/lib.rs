//! rosterd's HTTP API for actix-web.
//!
//! [`configure`] mounts every endpoint into any actix application; the `rosterd` binary is one of them. Requests
//! flow one way: [`routes`] → extractors → thin handlers (`users`, `auths`, `groups`) → one use case of
//! [`rosterd_app`], in a closure in which the caller's row is read, the right checked, the rule of `rosterd-domain` applied
//! and the rows written.
//!
//! Beside it, wrap the application in [`guard_bodies`], which gives request bodies a deadline, and in [`log_requests`].
//!
//! This crate is HTTP and nothing else: it decides no rule, knows no SQL and reads no environment; everything it is told
//! comes in [`rosterd_app::Settings`].

pub mod auth;
mod auths;
mod client_ip;
mod endpoint;
pub mod error;
mod etag;
mod extract;
mod groups;
mod incoming;
mod mount;
pub mod openapi;
mod page;
pub mod routes;
mod schemas;
mod settings_schema;
mod system;
mod telemetry;
mod users;

pub use incoming::guard_bodies;
pub use mount::configure;
pub use telemetry::log_requests;
