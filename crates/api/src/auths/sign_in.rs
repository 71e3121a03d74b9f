//! Signing up, in and out, and the session itself.

use actix_web::web::{Data, Json};
use actix_web::{HttpRequest, HttpResponse};
use chrono::NaiveDate;
use rosterd_app::registration::{self, NewAccount};
use rosterd_app::sessions::{self, Session};
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

use super::{cookie, trusted};
use crate::auth::{Authenticated, Caller, Carrier, caller::presented, credential_of, ensure_own_visit};
use crate::endpoint::{Made, WithCookie};
use crate::error::ApiError;
use crate::extract::{Body, Cargo, Fields, Form, accept};
use crate::schemas::{self, Done};
use crate::telemetry::known_of;

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

/// What `POST /auths/signin` is sent.
#[derive(Debug, utoipa::ToSchema)]
pub(crate) struct SignInForm {
    /// The e-mail address, in any case.
    email: String,
    /// The password; only its first 72 bytes count.
    #[schema(value_type = String, format = Password)]
    password: PlainPassword,
}

impl Form for SignInForm {
    type Shape = Self;

    fn read(json: &str) -> Result<Self, ApiError> {
        let mut fields = Fields::of_body(json)?;
        let form = fields.required("email").zip(fields.required("password"));
        fields.finish(form.map(|(email, password)| Self { email, password }))
    }
}

/// Reads the fields that every new account has.
fn read_account(fields: &mut Fields) -> Option<AccountForm> {
    let (name, email) = (fields.required::<UserName>("name"), fields.required("email"));
    let password = fields.required("password");
    let image = match fields.optional("profile_image_url") {
        Some(url) => fields.judged(ProfileImageUrl::parse(url)),
        None => Some(ProfileImageUrl::default()),
    };
    let ((name, profile_image_url), (email, password)) = name.zip(image).zip(email.zip(password))?;
    Some(AccountForm { account: NewAccount { name, email, profile_image_url }, password })
}

/// What `POST /auths/signup` is sent.
#[derive(Debug)]
pub(crate) struct AccountForm {
    account: NewAccount,
    password: PlainPassword,
}

impl Form for AccountForm {
    type Shape = schemas::AccountForm;

    const CARRIES: Cargo = Cargo::Image;

    fn read(json: &str) -> Result<Self, ApiError> {
        let mut fields = Fields::of_body(json)?;
        let form = read_account(&mut fields);
        fields.finish(form)
    }
}

/// `POST /auths/signup`
pub(crate) async fn sign_up(
    app: Data<App>,
    request: HttpRequest,
    body: Body<AccountForm>,
) -> Result<Made<WithCookie<SessionBody>>, ApiError> {
    let form = crate::extract::Checked::into_result(body)?;
    let visitor = rosterd_app::Caller::visitor(known_of(&request));
    Ok(opened(&app, registration::sign_up(&app, visitor, form.account, form.password).await?))
}

/// `POST /auths/signin`
pub(crate) async fn sign_in(
    app: Data<App>,
    request: HttpRequest,
    body: Body<SignInForm>,
) -> Result<Made<WithCookie<SessionBody>>, ApiError> {
    if let Some(identity) = trusted::identity(&request, app.settings())? {
        return Ok(opened(&app, rosterd_app::trusted::sign_in(&app, known_of(&request), identity).await?));
    }
    let form = crate::extract::Checked::into_result(body)?;
    Ok(opened(
        &app,
        rosterd_app::sign_in::sign_in(&app, known_of(&request), &form.email, form.password).await?,
    ))
}

/// `GET /auths/signout`: works without a session too, since all that is asked is to have none.
pub(crate) async fn sign_out(
    app: Data<App>,
    request: HttpRequest,
) -> Result<Made<WithCookie<Done>>, ApiError> {
    if !matches!(Carrier::of(&request), Ok(Carrier::Header(_))) {
        ensure_own_visit(&request)?;
    }
    if let Ok(Credential::Token(session)) = credential_of(&request, &app) {
        let holder = rosterd_app::Caller::holder(&session, known_of(&request));
        app.write(holder, move |act| sessions::end(act, &session.claims)).await?;
    }
    let mut answer = HttpResponse::Ok();
    answer.cookie(cookie::removal(&app));
    Ok(answer.json(Done::YES).into())
}

/// `GET /auths/`: the session's account (rule A1: by header or cookie).
pub(crate) async fn get_session(
    app: Data<App>,
    caller: Caller<Authenticated>,
    request: HttpRequest,
) -> Result<Made<WithCookie<SessionUserBody>>, ApiError> {
    let token = presented(&request, &caller);
    // Who came by cookie gets it again. An API key is no session: it never goes into a cookie.
    let renew =
        request.cookie("token").is_some() && matches!(caller.credential(), Some(Credential::Token(..)));
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

/// A new session: the body and the cookie.
fn opened(app: &App, session: Session) -> Made<WithCookie<SessionBody>> {
    let cookie = cookie::of_session(app, &session.token);
    let body = SessionBody::new(session.account, session.token, session.permissions);
    HttpResponse::Ok().cookie(cookie).json(body).into()
}

/// The answer of `POST /auths/add`: the new account with a token of its own.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = AddedAccount)]
pub(crate) struct AddedBody {
    /// A token for the account.
    token: String,
    /// `Bearer`.
    token_type: &'static str,
    #[serde(flatten)]
    account: AccountBody,
}

/// What `POST /auths/add` is sent.
#[derive(Debug)]
pub(crate) struct AddForm {
    account: AccountForm,
    role: Role,
}

impl Form for AddForm {
    type Shape = schemas::AddAccountForm;

    const CARRIES: Cargo = Cargo::Image;

    fn read(json: &str) -> Result<Self, ApiError> {
        let mut fields = Fields::of_body(json)?;
        let account = read_account(&mut fields);
        let role = fields.patch("role").flatten().unwrap_or(Role::Pending);
        fields.finish(account.map(|account| Self { account, role }))
    }
}

/// `POST /auths/add`
pub(crate) async fn add_account(
    app: Data<App>,
    caller: Caller<crate::auth::Admin>,
    body: Body<AddForm>,
) -> Result<Json<AddedBody>, ApiError> {
    let form = accept(&app, &caller, body).await?;
    let AddForm { account: AccountForm { account, password }, role } = form;
    let session = registration::add(&app, caller.into(), account, password, role).await?;
    Ok(Json(AddedBody { token: session.token.token, token_type: "Bearer", account: session.account.into() }))
}
