//! An async client of rosterd's HTTP API.
//!
//! One method of [`Client`] for each call, named as its operation in the server's OpenAPI document. What goes over the
//! wire are the types of [`rosterd_domain`], the server's own.
//!
//! ```no_run
//! use rosterd_client::{Client, ErrorCode};
//!
//! # async fn example() -> Result<(), rosterd_client::Error> {
//! let client = Client::new("https://chat.example.com")?;
//! let session = client.user_sign_in("ada@example.com", "a long password").await?;
//! let ada = client.with_token(session.token);
//!
//! match ada.get_user_by_id("8917c25b-d13b-4e85-8ed4-6a2f1b0e1cf1").await {
//!     Ok(user) => println!("{} is {}", user.name, if user.is_active { "here" } else { "away" }),
//!     Err(error) if error.code() == Some(&ErrorCode::UserNotFound) => println!("nobody"),
//!     Err(error) => return Err(error),
//! }
//! # Ok(())
//! # }
//! ```
//!
//! Lists come page by page, or as a stream that asks for the next page when it is needed:
//!
//! ```no_run
//! use futures_util::TryStreamExt;
//! use rosterd_client::{Client, ListQuery};
//! use rosterd_domain::{Direction, OrderBy};
//!
//! # async fn example(admin: Client) -> Result<(), rosterd_client::Error> {
//! let query = ListQuery::new().query("example.com").order_by(OrderBy::Name, Direction::Ascending);
//! let mut users = std::pin::pin!(admin.users(query));
//! while let Some(entry) = users.try_next().await? {
//!     println!("{}", entry.user.email);
//! }
//! # Ok(())
//! # }
//! ```
//!
//! No call is repeated by itself. [`Error::is_temporary`] says whether trying again makes sense, and
//! [`ApiError::retry_after`] when.

mod accounts;
mod answers;
mod audit;
mod client;
mod configuration;
mod deleted;
mod error;
mod forms;
mod groups;
mod links;
mod lists;
mod mail;
mod many;
mod permissions;
mod profile;
mod scim;
mod transfer;
mod users;
mod versioned;
mod webhooks;

pub use answers::{
    Account, AddedAccount, AdminDetails, BackendConfig, BackendFeatures, BackendTexts, GroupExport,
    MadeApiKey, MfaStatus, ProfileImage, Session, SessionUser,
};
pub use audit::{EventPage, EventQuery};
pub use client::Client;
pub use deleted::{DeletedUserPage, RestoredUser};
pub use error::{ApiError, Detail, Error, ErrorCode, FieldError};
pub use forms::{GroupForm, NewAccount, NewApiKey, ProfileUpdate, SuspendForm, UserUpdate};
pub use links::{InvitedUser, LinkTerms, MadeLink, NewInvite, ShownLink};
pub use lists::{ListQuery, UserPage};
pub use mail::MailPage;
pub use many::{ManyUsersAction, ManyUsersAnswer, ManyUsersError, ManyUsersResult};
pub use scim::{ConnectionForm, LinkableUsers, MadeConnection};
pub use transfer::ImportQuery;
pub use versioned::{Version, Versioned};
pub use webhooks::{DeliveryPage, MadeWebhook, NewWebhook, WebhookUpdate};

/// The page's Rust examples, run as tests.
#[cfg(doctest)]
#[doc = include_str!("../../../docs/CLIENTS.md")]
struct ClientsPage;
