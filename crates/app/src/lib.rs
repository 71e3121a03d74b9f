//! rosterd's use cases: what can be done, by whom, and what is told of it.
//!
//! A use case is one plain function over an [`Act`]: the database, who acts, when, and for which request. The API calls it
//! as an account, the command line as the operator, a job as itself; [`App`] has the ways from a [`Caller`] to an act.
//! Those that hash passwords are `async` and take the application and the caller, since that must not happen in a
//! transaction: they look at the rules, hash, and look again in the transaction that writes.
//!
//! What a use case may assume about its actor it checks itself. Reads are free; what changes something is handed out in
//! exchange for the [`Event`] that tells of it.
//!
//! To add one: a function in the file of what it is about, an event if it changes anything, and a test. This crate knows no
//! HTTP, no SQL and no environment: everything it is told comes in [`Settings`].

mod act;
mod activity;
mod actor;
mod app;
mod auth_method;
pub mod avatars;
mod caller;
pub mod config;
mod credential;
mod error;
mod event;
pub mod groups;
mod heavy;
mod hs256;
pub mod jobs;
mod limiter;
pub mod lists;
pub mod lookup;
pub mod own_account;
pub mod passwords;
mod permission_trees;
pub mod permissions;
pub mod profile;
pub mod registration;
mod request;
mod rights;
pub mod sessions;
pub mod settings;
pub mod sign_in;
pub mod stored;
pub mod stored_config;
pub mod tokens;
pub mod trusted;
pub mod users;
pub mod versions;
mod ways;

pub use act::Act;
pub use actor::{Actor, Via};
pub use app::App;
pub use auth_method::AuthMethod;
pub use caller::{Access, Caller};
pub use credential::Credential;
pub use error::{AppError, AppResult};
pub use event::{Changes, Event, Listener, Outcome, Record, Unchanged};
pub use request::{ClientIp, KnownUser, Request};
pub use settings::Settings;
