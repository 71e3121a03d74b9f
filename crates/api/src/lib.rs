//! rosterd's HTTP API for actix-web.
//!
//! [`configure`] mounts every endpoint into any actix application; the `rosterd` binary is one of them. Requests
//! flow one way: [`routes`] → extractors → thin handlers (`users`, `auths`, `groups`) → [`services`] → one closure
//! on the [store](rosterd_storage::Store), in which the caller's row is read, the right checked, the rule of
//! `rosterd-domain` applied and the rows written.
//!
//! Beside it, wrap the application in [`guard_bodies`], which gives request bodies a deadline, and in [`log_requests`].
//!
//! This crate knows no SQL and reads no environment: everything it is told comes in [`settings::Settings`].

mod activity;
mod app;
pub mod auth;
mod auths;
mod client_ip;
pub mod error;
mod etag;
mod extract;
mod groups;
mod heavy;
mod incoming;
mod limiter;
pub mod openapi;
pub mod passwords;
pub mod routes;
pub mod services;
pub mod settings;
mod stored_config;
mod system;
mod telemetry;
mod users;

pub use app::App;
pub use incoming::guard_bodies;
pub use routes::configure;
pub use telemetry::log_requests;
