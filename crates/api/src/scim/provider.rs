//! The identity provider that calls, as an argument.

use std::future::{Ready, ready};

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest};
use rosterd_app::scim::{self, MOUNT, Served};
use rosterd_app::{Access, Act, App, AppResult};
use rosterd_domain::scim::ConnectionToken;

use super::answer::describe_errors;
use super::failure::ScimFailure;
use crate::auth::bearer;
use crate::endpoint::{Argument, Operation};
use crate::telemetry;

/// Who asks: a connection, by the token in the header `Authorization`. Cookies and API keys count for nothing here, and the token
/// counts nowhere else (rule J1).
#[derive(Debug, Clone)]
pub(crate) struct Provider {
    caller: rosterd_app::Caller,
    /// The path before `/Users` that was asked for.
    mount: String,
}

impl Provider {
    /// Looks whether the caller may ask at all.
    ///
    /// # Errors
    /// 401, 404, 429 and those of the database.
    pub(crate) async fn look(&self, app: &App) -> Result<(), ScimFailure> {
        self.read(app, |_act| Ok(())).await?;
        Ok(())
    }

    /// What was read of a request, or what is wrong with it, which only a caller who may ask gets to read.
    ///
    /// # Errors
    /// Those of [`look`](Self::look), else the fault.
    pub(crate) async fn accept<T>(&self, app: &App, sent: Result<T, ScimFailure>) -> Result<T, ScimFailure> {
        match sent {
            Ok(value) => Ok(value),
            Err(fault) => {
                self.look(app).await?;
                Err(fault)
            }
        }
    }

    /// Runs a few point reads; see [`scim::read`].
    ///
    /// # Errors
    /// As [`look`](Self::look), and those of `work`.
    pub(crate) async fn read<T: Send + 'static>(
        &self,
        app: &App,
        work: impl FnOnce(&mut Act<'_>) -> AppResult<T> + Send + 'static,
    ) -> Result<Served<T>, ScimFailure> {
        Ok(scim::read(app, self.caller.clone(), self.mount.clone(), work).await?)
    }

    /// Runs the reads of a list; see [`scim::list`].
    ///
    /// # Errors
    /// As [`read`](Self::read).
    pub(crate) async fn list<T: Send + 'static>(
        &self,
        app: &App,
        work: impl FnOnce(&mut Act<'_>) -> AppResult<T> + Send + 'static,
    ) -> Result<Served<T>, ScimFailure> {
        Ok(scim::list(app, self.caller.clone(), self.mount.clone(), work).await?)
    }

    /// Runs one transaction, for a request with a body of so many bytes; see [`scim::write`].
    ///
    /// # Errors
    /// As [`read`](Self::read).
    pub(crate) async fn write<T: Send + 'static>(
        &self,
        app: &App,
        bytes: usize,
        work: impl FnOnce(&mut Act<'_>) -> AppResult<T> + Send + 'static,
    ) -> Result<Served<T>, ScimFailure> {
        Ok(scim::write(app, self.caller.clone(), self.mount.clone(), bytes, work).await?)
    }

    /// Who asks, for a use case that goes to the database by itself.
    pub(crate) fn who(&self) -> rosterd_app::Caller {
        self.caller.clone()
    }

    /// The path before `/Users` that was asked for.
    pub(crate) fn mount(&self) -> String {
        self.mount.clone()
    }
}

/// The token of a request. Another scheme, two headers and a text that no token has are none.
pub(super) fn token_of(request: &HttpRequest) -> Option<ConnectionToken> {
    bearer(request.headers()).ok().flatten().and_then(ConnectionToken::parse)
}

impl FromRequest for Provider {
    type Error = ScimFailure;
    type Future = Ready<Result<Self, ScimFailure>>;

    fn from_request(request: &HttpRequest, _payload: &mut Payload) -> Self::Future {
        let token = token_of(request);
        let path = request.path();
        let end = path.find(MOUNT).map_or(0, |start| start + MOUNT.len());
        ready(Ok(Self {
            caller: rosterd_app::Caller::connection(token, telemetry::known_of(request)),
            mount: path.get(..end).unwrap_or_default().to_owned(),
        }))
    }
}

impl Argument for Provider {
    const ACCESS: Option<Access> = Some(Access::Connection);

    fn describe(operation: &mut Operation) {
        describe_errors(operation, &[401, 404, 429]);
    }
}
