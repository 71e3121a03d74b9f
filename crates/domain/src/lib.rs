//! Users, groups, permissions and the rules between them.
//!
//! This crate has values and rules. It knows neither a database nor HTTP, and does no I/O; time is passed as an argument.
//! A program that stores users reads rows, asks a rule, and writes the result, all in one transaction.
//!
//! - Values are checked when they are created: [`EmailAddress`], [`UserId`] and similar types have `parse` for new values,
//!   and `from_stored` for values that are already in a database.
//! - A view has no field for what it must not show: see [`user`].
//! - JSON that belongs to the front ends stays text: see [`json`].
//! - Rules are functions, one file a family: see [`rules`]. Their ids (P1, R2, S5 …) are those of docs/RULES.md.
//! - All errors are one enum, [`DomainError`]. Their HTTP status is decided elsewhere.
//!
//! What serde reads and writes are the shapes of the API.
//!
//! # Example
//!
//! An admin gives a user another e-mail address, which somebody else already has:
//!
//! ```
//! use rosterd_domain::rules::{primary_admin, user_update};
//! use rosterd_domain::{AccountRow, DomainError, EmailAddress, Role, UserId, UserName, UserStatus};
//!
//! # fn stored_account() -> AccountRow {
//! #     AccountRow {
//! #         id: UserId::from_stored("u-2".into()), email: "bob@example.com".into(), role: Role::User,
//! #         name: "Bob".into(), profile_image_url: "/user.png".into(), bio: None, gender: None, date_of_birth: None,
//! #         status: UserStatus::default(), last_active_at: 0, updated_at: 0, created_at: 0,
//! #     }
//! # }
//! let admin = UserId::parse("u-1")?;
//! let bob = stored_account();
//! let sent = " Alice@Example.com ";
//! let form = user_update::UserUpdate {
//!     role: Some(Role::User),
//!     name: Some("Robert".to_owned()),
//!     email: Some(sent.to_owned()),
//!     profile_image_url: None,
//!     password: None,
//! };
//! assert_eq!(user_update::new_email(sent, &bob)?, Some(EmailAddress::parse("alice@example.com")?));
//!
//! // P1: the primary admin, here u-1 itself, may change everybody.
//! primary_admin::ensure_may_update(Some(&admin), &bob.id, form.role.as_ref(), Some(&admin))?;
//!
//! // R2: the e-mail address belongs to u-3.
//! let owner = UserId::parse("u-3")?;
//! assert_eq!(user_update::changes(&bob, &form, Some(&owner)), Err(DomainError::EmailTaken));
//!
//! // If it were free, name and e-mail address would be written, and nothing else.
//! let changes = user_update::changes(&bob, &form, None)?;
//! assert_eq!(changes.name, Some(UserName::parse("Robert")?));
//! assert_eq!((changes.role, changes.profile_image_url), (None, None));
//! # Ok::<(), DomainError>(())
//! ```

pub mod api_key;
pub mod audit;
pub mod clock;
pub mod deleted_user;
pub mod dialect;
pub mod document;
pub mod email;
pub mod error;
pub mod field_error;
pub mod front_end;
pub mod group;
pub mod ids;
pub mod info;
pub mod json;
pub mod last_sign_in;
pub mod link;
pub mod list;
pub mod mail;
pub mod name;
pub mod oauth_session;
#[cfg(feature = "openapi")]
mod openapi;
pub mod permissions;
pub mod preview;
pub mod profile_image;
pub mod public_url;
pub mod role;
pub mod roster;
pub mod rules;
pub mod scim;
pub mod secret;
pub mod session;
pub mod settings;
pub mod status;
pub mod stored_config;
pub mod suspension;
pub mod text;
pub mod token_form;
pub mod transfer;
pub mod unconfirmed;
pub mod unicode;
pub mod usage;
pub mod user;
pub mod variables;
pub mod webhook;

#[cfg(test)]
mod fixtures;

pub use api_key::ApiKeyInfo;
pub use clock::{Clock, FixedClock, SystemClock, UnixMillis, UnixSeconds};
pub use deleted_user::{DeletedUserInfo, DeletionForecast, Keepable};
pub use dialect::Dialect;
pub use document::DocumentLimits;
pub use email::{EmailAddress, EmailLookup};
pub use error::{DomainError, Prohibited};
pub use group::{
    Group, GroupChanges, GroupInfo, GroupMember, GroupMembers, GroupName, GroupPreview, GroupWithCount,
    Membership, NamedGroup, NewGroup, UserGroup,
};
pub use ids::{
    ApiKeyId, ChatId, ConnectionId, DeliveryId, GroupId, LinkId, MailId, SessionId, UserId, WebhookId,
};
pub use json::{JsonObject, JsonText};
pub use last_sign_in::LastSignIn;
pub use list::{
    AccountStatus, Cursor, CursorKey, Direction, ListQuery, Order, OrderBy, SearchText, UserFilter, Window,
};
pub use name::UserName;
pub use oauth_session::OauthSession;
pub use permissions::{EffectivePermissions, ExplainedPermissions, PermissionTree, UserPermissions};
pub use preview::UserPreview;
pub use profile_image::{ImageType, ProfileImage, ProfileImageUrl};
pub use role::Role;
pub use secret::{ApiKey, PasswordHash, PasswordPolicy, PlainPassword};
pub use session::OpenSession;
pub use settings::SettingsUpdate;
pub use status::{StatusUpdate, UserStatus};
pub use suspension::Suspension;
pub use usage::Usage;
pub use user::{
    AccountRow, CallerRow, NewUser, UserActive, UserChanges, UserGroupIds, UserInfo, UserModel, UserRecord,
};
pub use variables::UserVariables;
