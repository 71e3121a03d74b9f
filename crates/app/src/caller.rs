//! Who asks for something, before and after the database was read.

use std::sync::Arc;

use rosterd_domain::clock::UnixSeconds;
use rosterd_domain::json::JsonText;
use rosterd_domain::mail::Language;
use rosterd_domain::role::Role;
use rosterd_domain::scim::ConnectionToken;
use rosterd_domain::user::CallerRow;
use rosterd_storage::{Document, Origin, PermissionSources, Reads};

use crate::actor::Actor;
use crate::app::App;
use crate::audit;
use crate::credential::{Credential, Hold};
use crate::error::{AppError, AppResult};
use crate::event::Event;
use crate::request::{KnownUser, Request};
use crate::scim;
use crate::tokens::SessionToken;

/// What an account must be for what it asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Any account that exists, pending ones included.
    Authenticated,
    /// A user or an admin.
    Verified,
    /// An admin.
    Admin,
    /// No account: a connection by SCIM.
    Connection,
}

impl Access {
    /// Whether this role is enough.
    #[must_use]
    pub fn allows(self, role: &Role) -> bool {
        match self {
            Self::Authenticated => true,
            Self::Verified => role.is_verified(),
            Self::Admin => role.is_admin(),
            Self::Connection => false,
        }
    }
}

/// Who asks. What an account shows is a claim, to be checked by the database together with the work it is for: its row is
/// never kept, so a role that was taken away is gone at the next request.
#[derive(Debug, Clone)]
pub struct Caller {
    who: Who,
    pub(crate) request: Request,
}

#[derive(Debug, Clone)]
enum Who {
    Account { credential: Credential, access: Access, user: KnownUser },
    Connection(Option<ConnectionToken>),
    Other(Actor),
}

impl Caller {
    /// Whoever this credential belongs to, if the role is enough. `user` is told who that is.
    #[must_use]
    pub fn account(credential: Credential, access: Access, user: KnownUser, request: Request) -> Self {
        Self { who: Who::Account { credential, access, user }, request }
    }

    /// Somebody who has no account, or has not shown it yet: who signs up or in.
    #[must_use]
    pub fn visitor(request: Request) -> Self {
        Self { who: Who::Other(Actor::Visitor), request }
    }

    /// The holder of this session's token, whatever has become of the account: who ends the session.
    #[must_use]
    pub fn holder(session: &SessionToken, request: Request) -> Self {
        Self { who: Who::Other(Actor::Holder(session.user.clone())), request }
    }

    /// A trusted proxy that vouches for somebody.
    #[must_use]
    pub fn proxy(request: Request) -> Self {
        Self { who: Who::Other(Actor::Proxy), request }
    }

    /// The connection that this token opens (rule J1). `None`: the request came without one, or with a text that is no token.
    #[must_use]
    pub fn connection(token: Option<ConnectionToken>, request: Request) -> Self {
        Self { who: Who::Connection(token), request }
    }

    /// Whoever runs the server, on its command line.
    #[must_use]
    pub fn operator() -> Self {
        Self { who: Who::Other(Actor::Operator), request: Request::default() }
    }

    /// A job of this name, see [`jobs`](crate::jobs).
    #[must_use]
    pub fn job(name: &'static str) -> Self {
        Self { who: Who::Other(Actor::Job(name)), request: Request::default() }
    }

    /// The same with what the program says of itself that sends the request.
    #[must_use]
    pub fn with_user_agent(self, user_agent: Option<Arc<str>>) -> Self {
        Self { request: Request { user_agent, ..self.request }, ..self }
    }

    /// The same with the language that the request asks for.
    #[must_use]
    pub fn with_language(self, language: Option<Language>) -> Self {
        Self { request: Request { language, ..self.request }, ..self }
    }

    /// What an account shows; `None` for everybody else.
    #[must_use]
    pub fn credential(&self) -> Option<&Credential> {
        match &self.who {
            Who::Account { credential, .. } => Some(credential),
            Who::Connection(_) | Who::Other(_) => None,
        }
    }

    /// Whose writes those of this caller are counted with.
    pub(crate) fn origin(&self) -> Origin {
        match &self.who {
            Who::Account { credential, .. } => credential.origin(),
            Who::Connection(Some(token)) => Origin::of(token.expose()),
            Who::Connection(None) | Who::Other(_) => Origin::default(),
        }
    }

    /// Who it is, if the credential is good and the role enough. Marks an account active (rule L4).
    pub(crate) fn identify(&self, app: &App, db: &mut dyn Reads, now: UnixSeconds) -> AppResult<Actor> {
        match &self.who {
            Who::Account { credential, access, user } => {
                let row = credential.find(app, db, now)?;
                self.admit(app, row, (*access, user, credential), now)
            }
            Who::Connection(token) => {
                let connection = scim::open(app, db, token.as_ref(), now)?;
                Ok(Actor::Connection(Box::new(connection)))
            }
            Who::Other(actor) => Ok(actor.clone()),
        }
    }

    /// The same with one of the caller's documents, in one statement.
    pub(crate) fn identify_with(
        &self,
        app: &App,
        db: &mut dyn Reads,
        now: UnixSeconds,
        document: Document,
        hold: Hold,
    ) -> AppResult<(Actor, Option<JsonText>)> {
        let Who::Account { credential, access, user } = &self.who else {
            return Err(AppError::AccessProhibited);
        };
        let (row, stored) = credential.find_with(app, db, now, document, hold)?;
        Ok((self.admit(app, row, (*access, user, credential), now)?, stored))
    }

    /// The caller's settings, and the configured value at `house`, in one statement.
    pub(crate) fn own_settings(
        &self,
        app: &App,
        db: &mut dyn Reads,
        now: UnixSeconds,
        house: &str,
    ) -> AppResult<(Option<JsonText>, Option<JsonText>)> {
        let Who::Account { credential, access, user } = &self.who else {
            return Err(AppError::AccessProhibited);
        };
        let found = credential.find_with_settings(app, db, now, house)?;
        self.admit(app, found.caller, (*access, user, credential), now)?;
        Ok((found.settings, found.house))
    }

    /// What the caller's rights are computed from, in one statement.
    pub(crate) fn own_rights(
        &self,
        app: &App,
        db: &mut dyn Reads,
        now: UnixSeconds,
    ) -> AppResult<PermissionSources> {
        let Who::Account { credential, access, user } = &self.who else {
            return Err(AppError::AccessProhibited);
        };
        let (row, sources) = credential.find_with_rights(app, db, now)?;
        self.admit(app, row, (*access, user, credential), now)?;
        Ok(sources)
    }

    /// Lets the account act if its role is enough. A refused call for admins is kept in the audit log.
    fn admit(
        &self,
        app: &App,
        row: CallerRow,
        (access, user, credential): (Access, &KnownUser, &Credential),
        now: UnixSeconds,
    ) -> AppResult<Actor> {
        user.set(&row.id);
        app.activity().mark_active(&row.id, now);
        if let Some(session) = credential.session() {
            app.sessions_seen().mark_active(session, now);
        }
        let enough = access.allows(&row.role);
        let actor = Actor::Account { row: Box::new(row), via: credential.via() };
        if enough {
            return Ok(actor);
        }
        if let Some(call) = self.request.call.clone().filter(|_| access == Access::Admin) {
            let who = audit::actor_of(&actor, self);
            app.counted_events().count(&Event::CallRefused(call), who, &self.request);
        }
        Err(AppError::AccessProhibited)
    }
}
