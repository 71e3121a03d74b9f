//! What somebody does who has the token of a one-time link (rules O3, O5 and C4), or asks for one.

use actix_web::HttpRequest;
use actix_web::web::{Data, Json};
use rosterd_app::{App, links, mail};
use rosterd_domain::clock::UnixSeconds;
use rosterd_domain::email::EmailAddress;
use rosterd_domain::link::{LinkKind, LinkToken};
use rosterd_domain::name::UserName;
use rosterd_domain::secret::PlainPassword;
use serde::Serialize;
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{ObjectBuilder, Schema, Type};

use super::cookie;
use super::sign_in::{SessionBody, opened};
use crate::auth::{Authenticated, Caller};
use crate::endpoint::{Made, WithCookie};
use crate::error::ApiError;
use crate::extract::{Body, Checked, Fault, FieldType, Parts, Strict, form};
use crate::telemetry::{known_of_visit, language_of};

/// The token of a link, if the text can be one. Any other text is answered like a link that is dead.
#[derive(Debug)]
pub(crate) struct SentToken(Option<LinkToken>);

impl FieldType for SentToken {
    fn read(json: &str) -> Result<Self, Fault> {
        String::read(json).map(|text| Self(LinkToken::parse(&text)))
    }

    fn schema(_parts: &mut Parts) -> RefOr<Schema> {
        ObjectBuilder::new().schema_type(Type::String).pattern(Some(r"^[^\x00]*$")).into()
    }
}

form! {
    /// A link.
    pub(crate) struct LinkForm {
        /// The token of the link: what comes after `#`.
        token: SentToken,
    }
}

/// What a link is for.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = ShownLink)]
pub(crate) struct ShownLinkBody {
    /// `invite`: for `POST /auths/invite/accept`; `reset`: for `POST /auths/password/reset`; `confirm`: for `POST
    /// /auths/email/confirm`.
    kind: LinkKind,
    /// The account's e-mail address.
    email: String,
    /// The account's name.
    name: String,
    /// From when on the link opens nothing.
    expires_at: UnixSeconds,
}

/// `POST /auths/link`
pub(crate) async fn show_link(
    app: Data<App>,
    request: HttpRequest,
    body: Body<Strict<LinkForm>>,
) -> Result<Json<ShownLinkBody>, ApiError> {
    let Strict(LinkForm { token }) = body.into_result()?;
    let links::ShownLink { kind, email, name, expires_at } =
        links::look(&app, known_of_visit(&request), token.0).await?;
    Ok(Json(ShownLinkBody { kind, email, name, expires_at }))
}

form! {
    /// An invite to be accepted.
    pub(crate) struct AcceptForm {
        /// The token of the link: what comes after `#`.
        token: SentToken,
        /// The password to sign in with: at most 72 bytes, as many characters as the configuration requires (8 by default), and hard
        /// to guess (rule R6).
        password: PlainPassword,
        /// The name others see; if absent, the one that whoever sent the invite has given.
        name: Option<UserName>,
    }
}

/// `POST /auths/invite/accept`
pub(crate) async fn accept_invite(
    app: Data<App>,
    request: HttpRequest,
    body: Body<Strict<AcceptForm>>,
) -> Result<Made<WithCookie<SessionBody>>, ApiError> {
    let Strict(AcceptForm { token, password, name }) = body.into_result()?;
    let links::Accepted { session, browser } =
        links::accept_invite(&app, known_of_visit(&request), token.0, password, name).await?;
    Ok(opened(&app, session, &[cookie::of_browser(&app, browser)]))
}

form! {
    /// A new password, by a link.
    pub(crate) struct ResetForm {
        /// The token of the link: what comes after `#`.
        token: SentToken,
        /// The new password: at most 72 bytes, as many characters as the configuration requires (8 by default), and hard to guess
        /// (rule R6).
        password: PlainPassword,
    }
}

/// `POST /auths/password/reset`
pub(crate) async fn reset_password(
    app: Data<App>,
    request: HttpRequest,
    body: Body<Strict<ResetForm>>,
) -> Result<Json<bool>, ApiError> {
    let Strict(ResetForm { token, password }) = body.into_result()?;
    links::reset_password(&app, known_of_visit(&request), token.0, password).await?;
    Ok(Json(true))
}

/// `POST /auths/email/confirm`
pub(crate) async fn confirm_email(
    app: Data<App>,
    request: HttpRequest,
    body: Body<Strict<LinkForm>>,
) -> Result<Json<bool>, ApiError> {
    let Strict(LinkForm { token }) = body.into_result()?;
    links::confirm(&app, known_of_visit(&request), token.0).await?;
    Ok(Json(true))
}

/// `POST /auths/email/confirm/resend`
pub(crate) async fn resend_email_confirmation(
    app: Data<App>,
    caller: Caller<Authenticated>,
    request: HttpRequest,
) -> Result<Json<bool>, ApiError> {
    let caller = rosterd_app::Caller::from(caller).with_language(language_of(&request));
    links::resend(&app, caller).await?;
    Ok(Json(true))
}

form! {
    /// Who has forgotten the password.
    pub(crate) struct ForgotForm {
        /// The account's e-mail address.
        email: String,
    }
}

/// `POST /auths/password/forgot`
pub(crate) async fn forgot_password(
    app: Data<App>,
    request: HttpRequest,
    body: Body<Strict<ForgotForm>>,
) -> Result<Json<bool>, ApiError> {
    let Strict(ForgotForm { email }) = body.into_result()?;
    let email = EmailAddress::parse(&email)?;
    mail::forgot(&app, known_of_visit(&request), email).await?;
    Ok(Json(true))
}
