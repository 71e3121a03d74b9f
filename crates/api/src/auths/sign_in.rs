//! Signing up, in and out, and the session itself.

use actix_web::cookie::Cookie;
use actix_web::web::{Data, Json};
use actix_web::{HttpRequest, HttpResponse};
use chrono::NaiveDate;
use rosterd_app::registration::{self, NewAccount};
use rosterd_app::sessions::{self, Session};
use rosterd_app::sign_in::SignedIn;
use rosterd_app::tokens::IssuedToken;
use rosterd_app::{App, Credential};
use rosterd_domain::name::UserName;
use rosterd_domain::permissions::EffectivePermissions;
use rosterd_domain::profile_image::ProfileImageUrl;
use rosterd_domain::role::Role;
use rosterd_domain::secret::PlainPassword;
use rosterd_domain::status::UserStatus;
use rosterd_domain::user::AccountRow;
use serde::Serialize;
use serde_json::json;

use super::setup::{self, Setup};
use super::{cookie, trusted};
use crate::auth::{Authenticated, Caller, Carrier, caller::presented, credential_of, ensure_own_visit};
use crate::endpoint::{Made, WithCookie};
use crate::error::ApiError;
use crate::extract::{Body, accept, form};
use crate::telemetry::{known_of, known_of_visit};

/// An account as the front end keeps it.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = Account)]
pub(crate) struct AccountBody {
    /// The user's id.
    id: String,
    /// The name others see.
    name: String,
    /// The role.
    role: Role,
    /// The e-mail address.
    email: String,
    /// The picture's URL.
    profile_image_url: String,
}

impl From<AccountRow> for AccountBody {
    fn from(row: AccountRow) -> Self {
        Self {
            id: row.id.into_string(),
            name: row.name,
            role: row.role,
            email: row.email,
            profile_image_url: row.profile_image_url,
        }
    }
}

/// The answer of sign-up and sign-in.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = Session)]
pub(crate) struct SessionBody {
    /// The token, for `Authorization: Bearer`.
    token: String,
    /// `Bearer`.
    token_type: &'static str,
    /// When the token ends; null if it never ends.
    expires_at: Option<i64>,
    #[serde(flatten)]
    account: AccountBody,
    /// What the account may do.
    permissions: EffectivePermissions,
}

/// The answer of `GET /auths/`.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = SessionUser)]
pub(crate) struct SessionUserBody {
    #[serde(flatten)]
    session: SessionBody,
    /// Text about the user.
    bio: Option<String>,
    /// Free text.
    gender: Option<String>,
    /// `YYYY-MM-DD`.
    date_of_birth: Option<NaiveDate>,
    #[serde(flatten)]
    status: UserStatus,
}

impl SessionBody {
    fn new(account: AccountRow, token: IssuedToken, permissions: EffectivePermissions) -> Self {
        Self {
            token: token.token,
            token_type: "Bearer",
            expires_at: token.expires_at,
            account: account.into(),
            permissions,
        }
    }
}

form! {
    /// Who signs in.
    pub(crate) struct SignInForm {
        /// The e-mail address, in any case.
        email: String,
        /// The password; of one that is hashed with bcrypt only its first 72 bytes count.
        password: PlainPassword,
    }
}

form! {
    /// An account to be created.
    pub(crate) struct AccountForm {
        /// The name others see.
        name: UserName,
        /// The e-mail address.
        email: String,
        /// At most 72 bytes, as many characters as the configuration requires (8 by default), and hard to guess (rule R6).
        password: PlainPassword,
        /// The profile image URL; `/user.png` if absent.
        profile_image_url: Option<ProfileImageUrl>,
    }
}

impl AccountForm {
    fn into_parts(self) -> (NewAccount, PlainPassword) {
        let Self { name, email, password, profile_image_url } = self;
        (NewAccount { name, email, profile_image_url: profile_image_url.unwrap_or_default() }, password)
    }
}

/// `POST /auths/signup`
pub(crate) async fn sign_up(
    app: Data<App>,
    request: HttpRequest,
    setup: Setup,
    body: Body<AccountForm>,
) -> Result<Made<WithCookie<SessionBody>>, ApiError> {
    let (account, password) = crate::extract::Checked::into_result(body)?.into_parts();
    let visitor = rosterd_app::Caller::visitor(known_of_visit(&request));
    let session = registration::sign_up(&app, visitor, account, password, setup.arrival).await?;
    let used: &[_] = if setup.has_cookie { &setup::removals(&app) } else { &[] };
    Ok(opened(&app, session, used))
}

/// `POST /auths/signin`
pub(crate) async fn sign_in(
    app: Data<App>,
    request: HttpRequest,
    body: Body<SignInForm>,
) -> Result<Made<WithCookie<SessionBody>>, ApiError> {
    let known = known_of_visit(&request);
    if let Some(identity) = trusted::identity(&request, app.settings())? {
        return Ok(opened(&app, rosterd_app::trusted::sign_in(&app, known, identity).await?, &[]));
    }
    let form = crate::extract::Checked::into_result(body)?;
    match rosterd_app::sign_in::sign_in(&app, known, &form.email, form.password).await? {
        SignedIn::Session { session, browser } => {
            Ok(opened(&app, *session, &[cookie::of_browser(&app, browser)]))
        }
        SignedIn::Pending => Ok(HttpResponse::Ok().json(json!({ "next_step": "pending" })).into()),
    }
}

/// That a session has ended.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(crate) struct SignedOut {
    /// `true`.
    status: bool,
    /// Where the front end goes now, if that is configured.
    #[serde(skip_serializing_if = "Option::is_none")]
    redirect_url: Option<String>,
}

/// `POST /auths/signout`, and `GET` for older front ends: works without a session too, since all that is asked is to have
/// none.
pub(crate) async fn sign_out(
    app: Data<App>,
    request: HttpRequest,
) -> Result<Made<WithCookie<SignedOut>>, ApiError> {
    if !matches!(Carrier::of(&request, &app), Ok(Carrier::Header(_))) {
        ensure_own_visit(&request)?;
    }
    if let Ok(Credential::Token(session)) = credential_of(&request, &app) {
        let holder = rosterd_app::Caller::holder(&session, known_of(&request));
        app.write(holder, move |act| sessions::end(act, &session)).await?;
    }
    let mut answer = HttpResponse::Ok();
    for cookie in cookie::removals(&app, &request) {
        answer.cookie(cookie);
    }
    let redirect_url = app.settings().sign_out_redirect_url.clone();
    Ok(answer.json(SignedOut { status: true, redirect_url }).into())
}

/// `GET /auths/`: the session's account (rule A1: by header or cookie).
pub(crate) async fn get_session(
    app: Data<App>,
    caller: Caller<Authenticated>,
    request: HttpRequest,
) -> Result<Made<WithCookie<SessionUserBody>>, ApiError> {
    let token = presented(&request, &app, &caller);
    // An API key is no session: it never goes into a cookie.
    let renew =
        matches!(caller.credential(), Some(Credential::Token(session)) if session.claims.is_session());
    let sessions::Own { account, permissions } = app.snapshot(caller.into(), sessions::own).await?;
    let cookie = cookie::of_session(&app, &token);
    let body = SessionUserBody {
        bio: account.bio.clone(),
        gender: account.gender.clone(),
        date_of_birth: account.date_of_birth,
        status: account.status.clone(),
        session: SessionBody::new(account, token, permissions),
    };
    let mut answer = HttpResponse::Ok();
    if renew {
        answer.cookie(cookie);
    }
    Ok(answer.json(body).into())
}

/// A new session: the body and the cookie, and these other cookies.
pub(super) fn opened(
    app: &App,
    session: Session,
    others: &[Cookie<'static>],
) -> Made<WithCookie<SessionBody>> {
    let mut answer = HttpResponse::Ok();
    answer.cookie(cookie::of_session(app, &session.token));
    for cookie in others {
        answer.cookie(cookie.clone());
    }
    let body = SessionBody::new(session.account, session.token, session.permissions);
    answer.json(body).into()
}

/// The answer of `POST /auths/add`: the new account with a token of its own.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = AddedAccount)]
pub(crate) struct AddedBody {
    /// A token for the account; absent where a second factor is demanded (rule M27b).
    #[serde(skip_serializing_if = "Option::is_none")]
    token: Option<String>,
    /// `Bearer`; absent without a token.
    #[serde(skip_serializing_if = "Option::is_none")]
    token_type: Option<&'static str>,
    #[serde(flatten)]
    account: AccountBody,
}

form! {
    /// An account to be created by an admin.
    pub(crate) struct AddAccountForm {
        /// The account.
        account: AccountForm,
        /// The role; `pending` when absent.
        role: Option<Role>,
    }
}

/// `POST /auths/add`
pub(crate) async fn add_account(
    app: Data<App>,
    caller: Caller<crate::auth::Admin>,
    body: Body<AddAccountForm>,
) -> Result<Json<AddedBody>, ApiError> {
    let form = accept(&app, &caller, body).await?;
    let (account, password) = form.account.into_parts();
    let role = form.role.unwrap_or(Role::Pending);
    let added = registration::add(&app, caller.into(), account, password, role).await?;
    let token = added.token.map(|issued| issued.token);
    Ok(Json(AddedBody {
        token_type: token.is_some().then_some("Bearer"),
        token,
        account: added.account.into(),
    }))
}
