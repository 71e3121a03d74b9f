//! Who acts: identified, and with the right that is needed.

use rosterd_domain::ids::UserId;
use rosterd_domain::scim::Connection;
use rosterd_domain::user::CallerRow;
use serde_json::{Value, json};

use crate::error::{AppError, AppResult};

/// How an account showed who it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Via {
    /// By a session token.
    Session,
    /// By a token of a program that acts on the account's behalf (rule M12).
    Automation,
    /// By an API key.
    ApiKey,
}

impl Via {
    /// Its name in events.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Session => "session",
            Self::Automation => "automation",
            Self::ApiKey => "api_key",
        }
    }
}

/// Who acts.
#[derive(Debug, Clone)]
pub enum Actor {
    /// An account.
    Account {
        /// Its row as it is now.
        row: Box<CallerRow>,
        /// What it showed.
        via: Via,
    },
    /// The holder of a session's token whose form, signature and end were checked. The account itself was not asked for:
    /// enough to end the session, and for nothing else.
    Holder(UserId),
    /// Somebody without an account, or before it is shown: who signs up or in.
    Visitor,
    /// A trusted proxy, by the headers it sets.
    Proxy,
    /// Whoever runs the server, on its command line.
    Operator,
    /// A job of the server, by its name.
    Job(&'static str),
    /// An identity provider, by the token of its connection. It may do what the use cases of [`scim`](crate::scim) let it, and nothing
    /// else.
    Connection(Box<Connection>),
}

impl Actor {
    /// The acting account.
    ///
    /// # Errors
    /// [`AppError::AccessProhibited`] where none acts: only an account can do something for itself.
    pub fn account(&self) -> AppResult<&CallerRow> {
        match self {
            Self::Account { row, .. } => Ok(row),
            Self::Holder(_)
            | Self::Visitor
            | Self::Proxy
            | Self::Operator
            | Self::Job(_)
            | Self::Connection(_) => Err(AppError::AccessProhibited),
        }
    }

    /// The acting connection.
    ///
    /// # Errors
    /// [`AppError::AccessProhibited`] where none acts.
    pub fn connection(&self) -> AppResult<&Connection> {
        match self {
            Self::Connection(connection) => Ok(connection),
            _ => Err(AppError::AccessProhibited),
        }
    }

    /// The id of the acting account, if one acts. Rules about "oneself" hold for nobody else.
    #[must_use]
    pub fn id(&self) -> Option<&UserId> {
        match self {
            Self::Account { row, .. } => Some(&row.id),
            Self::Holder(id) => Some(id),
            Self::Visitor | Self::Proxy | Self::Operator | Self::Job(_) | Self::Connection(_) => None,
        }
    }

    /// Lets go on who may manage others: admins, and the server's own.
    ///
    /// # Errors
    /// [`AppError::AccessProhibited`] for everybody else.
    pub fn ensure_admin(&self) -> AppResult<()> {
        let enough = match self {
            Self::Account { row, .. } => row.role.is_admin(),
            Self::Operator | Self::Job(_) => true,
            Self::Holder(_) | Self::Visitor | Self::Proxy | Self::Connection(_) => false,
        };
        if enough { Ok(()) } else { Err(AppError::AccessProhibited) }
    }

    /// Lets go on a person with a session of their own, and the server's own (rule M12).
    ///
    /// # Errors
    /// [`AppError::HumanSessionRequired`] for API keys, for programs that act on somebody's behalf, and for identity providers.
    pub fn ensure_person(&self) -> AppResult<()> {
        match self {
            Self::Account { via: Via::ApiKey | Via::Automation, .. } | Self::Connection(_) => {
                Err(AppError::HumanSessionRequired)
            }
            Self::Account { via: Via::Session, .. }
            | Self::Holder(_)
            | Self::Visitor
            | Self::Proxy
            | Self::Operator
            | Self::Job(_) => Ok(()),
        }
    }

    /// Lets go on the operator alone: what nobody may do over a network.
    ///
    /// # Errors
    /// [`AppError::AccessProhibited`] for everybody else.
    pub fn ensure_operator(&self) -> AppResult<()> {
        if matches!(self, Self::Operator) { Ok(()) } else { Err(AppError::AccessProhibited) }
    }

    /// What is told of who acted: `kind`, and for an account its id and how it was shown, for a job its name, for a connection both.
    #[must_use]
    pub fn to_json(&self) -> Value {
        match self {
            Self::Account { row, via } => {
                json!({ "kind": "account", "id": row.id.as_str(), "via": via.as_str() })
            }
            Self::Holder(id) => json!({ "kind": "account", "id": id.as_str(), "via": "session" }),
            Self::Visitor => json!({ "kind": "visitor" }),
            Self::Proxy => json!({ "kind": "proxy" }),
            Self::Operator => json!({ "kind": "operator" }),
            Self::Job(name) => json!({ "kind": "job", "name": name }),
            Self::Connection(connection) => {
                json!({ "kind": "scim", "id": connection.id.as_str(), "name": connection.name })
            }
        }
    }
}
