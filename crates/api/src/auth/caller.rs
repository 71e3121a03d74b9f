//! The caller as the type of an argument. A handler with this argument cannot be reached without it. Data is
//! available only through [`App::snapshot`](rosterd_app::App::snapshot) and similar methods, which take a caller.

use std::future::{Ready, ready};
use std::marker::PhantomData;

use actix_web::dev::Payload;
use actix_web::http::Method;
use actix_web::{FromRequest, HttpRequest, web};
use rosterd_app::tokens::IssuedToken;
use rosterd_app::{Access, App, AppError, Credential};
use rosterd_domain::ids::SessionId;

use super::credential::{Carrier, credential_of};
use crate::endpoint::{Argument, Failure, Operation};
use crate::error::ApiError;
use crate::telemetry;

/// What a caller must be for a handler to run, as a type.
pub trait Right: Clone + 'static {
    /// The same as a value.
    const ACCESS: Access;
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

impl Right for Authenticated {
    const ACCESS: Access = Access::Authenticated;
}

impl Right for Verified {
    const ACCESS: Access = Access::Verified;
}

impl Right for Admin {
    const ACCESS: Access = Access::Admin;
}

/// A request's caller, to be shown to the database together with the work it is for.
#[derive(Debug, Clone)]
pub struct Caller<R: Right> {
    caller: rosterd_app::Caller,
    right: PhantomData<fn() -> R>,
}

impl<R: Right> From<Caller<R>> for rosterd_app::Caller {
    fn from(caller: Caller<R>) -> Self {
        caller.caller
    }
}

impl<R: Right> Caller<R> {
    /// Who that is, for a use case.
    pub(crate) fn who(&self) -> rosterd_app::Caller {
        self.caller.clone()
    }

    /// The session that the request came with, where it is kept.
    pub(crate) fn session(&self) -> Option<SessionId> {
        self.credential().and_then(Credential::session).cloned()
    }

    /// What the request carried.
    pub(crate) fn credential(&self) -> Option<&Credential> {
        self.caller.credential()
    }
}

impl<R: Right> FromRequest for Caller<R> {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _payload: &mut Payload) -> Self::Future {
        let Some(app) = request.app_data::<web::Data<App>>() else {
            return ready(Err(AppError::Internal("the application state is not mounted").into()));
        };
        let user = telemetry::attach_user(request);
        let known = telemetry::known_of_call(request, R::ACCESS);
        ready(credential_of(request, app).map(|credential| Self {
            caller: rosterd_app::Caller::account(credential, R::ACCESS, user, known),
            right: PhantomData,
        }))
    }
}

impl<R: Right> Argument for Caller<R> {
    const ACCESS: Option<Access> = Some(R::ACCESS);

    fn describe(operation: &mut Operation) {
        operation.fails(&[
            Failure::NotAuthenticated,
            Failure::InvalidToken,
            Failure::Unauthorized,
            Failure::ApiKeyNotAllowed,
        ]);
        if R::ACCESS != Access::Authenticated {
            operation.fails(&[Failure::AccessProhibited]);
        }
        // Nothing is changed by GET on the strength of a cookie.
        if *operation.method() != Method::GET {
            operation.fails(&[Failure::ForeignOrigin]);
        }
    }
}

/// The session token a request came with, as it was sent, and its end.
pub(crate) fn presented<R: Right>(request: &HttpRequest, app: &App, caller: &Caller<R>) -> IssuedToken {
    let expires_at = match caller.credential() {
        Some(Credential::Token(session)) => session.claims.expires_at(),
        Some(Credential::ApiKey(..)) | None => None,
    };
    // Never without: the caller was read from it.
    let token = Carrier::of(request, app).map(|carrier| carrier.text().to_owned()).unwrap_or_default();
    IssuedToken { token, expires_at }
}
