//! The caller as an argument type: a handler that names one cannot be reached without it, and data is only to be had
//! through [`App::read`](crate::App::read) and its siblings, which ask for one.

use std::future::{Ready, ready};
use std::marker::PhantomData;

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest, web};
use rosterd_domain::role::Role;

use super::Credential;
use super::credential::Carrier;
use super::token::IssuedToken;
use crate::app::App;
use crate::error::ApiError;
use crate::telemetry::RequestUser;

/// What a caller must be for a handler to run.
pub trait Access: Clone + 'static {
    /// Whether this role is enough.
    fn allows(role: &Role) -> bool;
}

/// Any account that exists, pending ones included.
#[derive(Debug, Clone, Copy)]
pub struct Authenticated;

/// A user or an admin.
#[derive(Debug, Clone, Copy)]
pub struct Verified;

/// An admin.
#[derive(Debug, Clone, Copy)]
pub struct Admin;

impl Access for Authenticated {
    fn allows(_role: &Role) -> bool {
        true
    }
}

impl Access for Verified {
    fn allows(role: &Role) -> bool {
        role.is_verified()
    }
}

impl Access for Admin {
    fn allows(role: &Role) -> bool {
        role.is_admin()
    }
}

/// A request's credential, to be shown to the database together with the work it is for. The account's row is read
/// there, never kept: a role that was taken away is gone at the next request.
#[derive(Debug, Clone)]
pub struct Caller<A: Access> {
    pub(crate) credential: Credential,
    /// Tells the request's log line who it was.
    pub(crate) user: RequestUser,
    access: PhantomData<fn() -> A>,
}

impl<A: Access> Caller<A> {
    /// For a credential that was read elsewhere.
    pub(crate) fn new(credential: Credential) -> Self {
        Self { credential, user: RequestUser::default(), access: PhantomData }
    }
}

impl<A: Access> FromRequest for Caller<A> {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _payload: &mut Payload) -> Self::Future {
        let Some(app) = request.app_data::<web::Data<App>>() else {
            return ready(Err(ApiError::Internal("the application state is not mounted")));
        };
        let user = RequestUser::attach(request);
        ready(
            Credential::of(request, app.tokens(), app.now())
                .map(|credential| Self { user, ..Self::new(credential) }),
        )
    }
}

/// The session token a request came with, as it was sent, and its end.
pub(crate) fn presented<A: Access>(request: &HttpRequest, caller: &Caller<A>) -> IssuedToken {
    let expires_at = match &caller.credential {
        Credential::Token(session) => session.claims.expires_at(),
        Credential::ApiKey(..) => None,
    };
    let token = match Carrier::of(request) {
        Ok(Carrier::Header(text)) => text.to_owned(),
        Ok(Carrier::Cookie(cookie)) => cookie.value().to_owned(),
        // Not to be met: the caller was read from one of the two.
        Err(_none) => String::new(),
    };
    IssuedToken { token, expires_at }
}
