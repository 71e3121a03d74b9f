//! rosterd's use cases: what can be done, who may do it, and which event reports it.
//!
//! A use case is one plain function over an [`Act`], which has the database, the actor, the time and the request.
//! The API calls it as an account, the command line as the operator, a job as itself. [`App`] has the ways from a
//! [`Caller`] to an act. Use cases that hash passwords are `async` and take the application and the caller, because
//! hashing must not happen in a transaction. They check the rules, hash, and check the rules again in the
//! transaction that writes.
//!
//! A use case checks itself what it assumes about its actor. Reads are free. The access for writes is handed out in
//! exchange for the [`Event`] that reports the change.
//!
//! To add a use case: a function in the file of its resource, an event if it changes anything, and a test. This
//! crate knows no HTTP, no SQL and no environment variables. Its configuration comes in [`Settings`].

mod account_lock;
mod act;
mod activity;
mod actor;
pub mod api_keys;
mod app;
pub mod audit;
mod auth_method;
pub mod avatars;
mod caller;
pub mod config;
mod credential;
pub mod deleted;
pub mod elsewhere;
mod error;
mod event;
pub mod export;
pub mod front_end;
pub mod group_preview;
pub mod groups;
pub mod hand_over;
mod heavy;
mod hs256;
pub mod import;
pub mod jobs;
mod keyed;
pub mod known_browsers;
pub mod last_sign_in;
mod limiter;
pub mod links;
pub mod lists;
pub mod lookup;
pub mod mail;
pub mod many;
mod metrics;
pub mod open_sessions;
pub mod own_account;
pub mod passwords;
mod permission_trees;
pub mod permissions;
pub mod presence;
pub mod profile;
mod record;
pub mod registration;
mod request;
mod revoked;
mod rights;
pub mod roster;
pub mod scim;
pub mod sessions;
pub mod settings;
pub mod setup;
pub mod sign_in;
pub mod stored;
pub mod stored_config;
pub mod suspensions;
pub mod tokens;
pub mod trusted;
pub mod usage;
pub mod users;
pub mod variables;
pub mod versions;
mod ways;
pub mod webhooks;

pub use act::Act;
pub use actor::{Actor, Via};
pub use app::App;
pub use auth_method::AuthMethod;
pub use caller::{Access, Caller};
pub use credential::{Credential, UsedKey};
pub use error::{AppError, AppResult};
pub use event::{Changes, Event, Outcome, Subject, Unchanged};
pub use metrics::{AppMetrics, SignInResult};
pub use record::{Listener, Record};
pub use request::{ClientIp, KnownUser, Request};
pub use rosterd_lanes::{CountedDurations, Durations, LaneMetrics};
pub use settings::Settings;
