//! What only Open WebUI does: a second factor, and signing in by LDAP or OAuth. Front ends ask for the state of it at every
//! visit to a page, so that is answered; everything else is refused.

use actix_web::body::BoxBody;
use actix_web::web::{Data, Json};
use actix_web::{HttpRequest, HttpResponse, Responder};
use rosterd_app::elsewhere::{self, OwnFactor};
use rosterd_app::{App, AppError};
use rosterd_domain::secret::PlainPassword;
use serde::Serialize;
use serde_json::{Map, Value};
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{ObjectBuilder, Schema, Type};

use crate::auth::{Admin, Authenticated, Caller};
use crate::error::ApiError;
use crate::extract::{Body, Checked, Fault, FieldType, Parts, accept, form};

/// The caller's second factor.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(crate) struct MfaStatus {
    /// There is one.
    enabled: bool,
    /// It is demanded of sessions like this one.
    required: bool,
    /// How many codes are left to recover the account with.
    recovery_codes_remaining: usize,
}

/// `GET /auths/mfa/status`
pub(crate) async fn get_mfa_status(
    app: Data<App>,
    caller: Caller<Authenticated>,
) -> Result<Json<MfaStatus>, ApiError> {
    let method = caller.credential().and_then(rosterd_app::Credential::auth_method);
    let OwnFactor { status, required } =
        app.snapshot(caller.into(), move |act| elsewhere::own_factor(act, method)).await?;
    let recovery_codes_remaining = status.recovery_codes_remaining;
    Ok(Json(MfaStatus { enabled: status.enabled, required, recovery_codes_remaining }))
}

/// What an endpoint answers that only refuses: so it is no operation of the document.
#[derive(Debug)]
pub(crate) struct Refused(ApiError);

impl From<AppError> for Refused {
    fn from(error: AppError) -> Self {
        Self(error.into())
    }
}

impl Responder for Refused {
    type Body = BoxBody;

    fn respond_to(self, _request: &HttpRequest) -> HttpResponse {
        HttpResponse::from_error(self.0)
    }
}

/// A text of so many characters.
#[derive(Debug)]
pub(crate) struct Sized<const MIN: usize, const MAX: usize>;

impl<const MIN: usize, const MAX: usize> FieldType for Sized<MIN, MAX> {
    fn read(json: &str) -> Result<Self, Fault> {
        let text = String::read(json)?;
        if (MIN..=MAX).contains(&text.chars().count()) {
            Ok(Self)
        } else {
            Err(Fault::new("value_error", format!("A text of {MIN} to {MAX} characters is needed.")))
        }
    }

    fn schema(_parts: &mut Parts) -> RefOr<Schema> {
        let text = ObjectBuilder::new().schema_type(Type::String);
        text.min_length(Some(MIN)).max_length(Some(MAX)).into()
    }
}

form! {
    /// What begins to set up a second factor.
    #[expect(dead_code, reason = "read to see whether it is right, and for nothing else")]
    pub(crate) struct EnrollForm {
        /// Names the sign-in in progress.
        challenge_token: Sized<20, 160>,
        /// Names a second factor that an admin has reset.
        reset_token: Option<Sized<20, 160>>,
    }
}

form! {
    /// A code for a sign-in in progress.
    #[expect(dead_code, reason = "read to see whether it is right, and for nothing else")]
    pub(crate) struct ChallengeForm {
        /// Names the sign-in in progress.
        challenge_token: Sized<20, 160>,
        /// The code.
        code: Sized<1, 128>,
        /// Names a second factor that an admin has reset.
        reset_token: Option<Sized<20, 160>>,
    }
}

form! {
    /// A code of one's own second factor.
    #[expect(dead_code, reason = "read to see whether it is right, and for nothing else")]
    pub(crate) struct CodeForm {
        /// The code.
        code: Sized<1, 128>,
    }
}

form! {
    /// Who signs in by LDAP.
    #[expect(dead_code, reason = "read to see whether it is right, and for nothing else")]
    pub(crate) struct LdapForm {
        /// The user's name there.
        user: String,
        /// The password there.
        password: PlainPassword,
    }
}

/// `POST /auths/mfa/challenge`: there is no second factor to ask for.
pub(crate) async fn challenge() -> Refused {
    no_factor().into()
}

/// `POST /auths/mfa/enroll/start`: no sign-in is in progress that could be named.
pub(crate) async fn enroll(body: Body<EnrollForm>) -> Refused {
    refusal_of(body, AppError::InvalidToken)
}

/// `POST /auths/mfa/enroll/confirm`, `/mfa/verify` and `/mfa/recover`: the same.
pub(crate) async fn answer_challenge(body: Body<ChallengeForm>) -> Refused {
    refusal_of(body, AppError::InvalidToken)
}

/// `POST /auths/mfa/replace` and `/mfa/recovery/codes`: the caller has no factor that rosterd could check. For persons
/// alone (rule M12).
pub(crate) async fn replace_factor(
    app: Data<App>,
    caller: Caller<Authenticated>,
    body: Body<CodeForm>,
) -> Refused {
    match app.read(caller.into(), |act| act.actor().ensure_person()).await {
        Err(error) => error.into(),
        Ok(()) => refusal_of(body, no_factor()),
    }
}

fn no_factor() -> AppError {
    AppError::FeatureOff("rosterd has no second factor: use it at Open WebUI.")
}

/// What is wrong with the body, else this.
fn refusal_of<F>(body: Body<F>, refusal: AppError) -> Refused {
    Refused(body.into_result().err().unwrap_or(refusal.into()))
}

/// `POST /auths/ldap`
pub(crate) async fn sign_in_by_ldap(body: Body<LdapForm>) -> Refused {
    refusal_of(body, AppError::NoLdap)
}

/// Whether Open WebUI signs in by LDAP.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(crate) struct LdapConfig {
    /// `false` unless Open WebUI has stored otherwise.
    #[serde(rename = "ENABLE_LDAP")]
    enable_ldap: bool,
}

/// `GET /auths/admin/config/ldap`
pub(crate) async fn get_ldap_config(
    app: Data<App>,
    caller: Caller<Admin>,
) -> Result<Json<LdapConfig>, ApiError> {
    let enable_ldap = app.snapshot(caller.into(), elsewhere::ldap_enabled).await?;
    Ok(Json(LdapConfig { enable_ldap }))
}

form! {
    /// Whether LDAP is to be on.
    pub(crate) struct LdapConfigForm {
        /// As it is; absent is the same.
        enable_ldap: Option<bool>,
    }
}

/// `POST /auths/admin/config/ldap`
pub(crate) async fn set_ldap_config(
    app: Data<App>,
    caller: Caller<Admin>,
    body: Body<LdapConfigForm>,
) -> Result<Json<LdapConfig>, ApiError> {
    let form = accept(&app, &caller, body).await?;
    let work = move |act: &mut rosterd_app::Act<'_>| elsewhere::keep_ldap(act, form.enable_ldap);
    Ok(Json(LdapConfig { enable_ldap: app.snapshot(caller.into(), work).await? }))
}

/// The settings of Open WebUI's LDAP server, by their names in the form; `app_dn_password` is always empty.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(value_type = Object)]
pub(crate) struct LdapServer(Map<String, Value>);

/// `GET /auths/admin/config/ldap/server`
pub(crate) async fn get_ldap_server(
    app: Data<App>,
    caller: Caller<Admin>,
) -> Result<Json<LdapServer>, ApiError> {
    Ok(Json(LdapServer(app.snapshot(caller.into(), elsewhere::ldap_server).await?)))
}

/// `POST /auths/admin/config/ldap/server`
pub(crate) async fn set_ldap_server(app: Data<App>, caller: Caller<Admin>) -> Refused {
    refused_to_admins(&app, caller, elsewhere::no_ldap()).await
}

/// The settings of signing in by OAuth, by their names in the form: all off or empty.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(value_type = Object)]
pub(crate) struct OAuthConfig(Map<String, Value>);

/// The form for OAuth, in its order, all of it switched off.
const OAUTH: [(&str, Off); 35] = [
    ("ENABLE_OAUTH", Off::Switch),
    ("ENABLE_OAUTH_SIGNUP", Off::Switch),
    ("OAUTH_MERGE_ACCOUNTS_BY_EMAIL", Off::Switch),
    ("OAUTH_AUTO_REDIRECT", Off::Switch),
    ("OAUTH_ALLOWED_DOMAINS", Off::Text),
    ("OAUTH_BLOCKED_GROUPS", Off::List),
    ("ENABLE_OAUTH_ROLE_MANAGEMENT", Off::Switch),
    ("OAUTH_ROLES_CLAIM", Off::Text),
    ("OAUTH_ADMIN_ROLES", Off::Text),
    ("OAUTH_ALLOWED_ROLES", Off::Text),
    ("ENABLE_OAUTH_GROUP_MANAGEMENT", Off::Switch),
    ("ENABLE_OAUTH_GROUP_CREATION", Off::Switch),
    ("OAUTH_GROUP_CLAIM", Off::Text),
    ("OAUTH_GROUP_DEFAULT_SHARE", Off::Switch),
    ("OAUTH_PROVIDER_NAME", Off::Text),
    ("OPENID_PROVIDER_URL", Off::Text),
    ("OAUTH_CLIENT_ID", Off::Text),
    ("OAUTH_CLIENT_SECRET", Off::Text),
    ("OPENID_REDIRECT_URI", Off::Text),
    ("OAUTH_SCOPES", Off::Text),
    ("OAUTH_CODE_CHALLENGE_METHOD", Off::Null),
    ("OAUTH_TOKEN_ENDPOINT_AUTH_METHOD", Off::Null),
    ("OPENID_END_SESSION_ENDPOINT", Off::Text),
    ("OAUTH_TIMEOUT", Off::Text),
    ("OAUTH_CLIENT_TIMEOUT", Off::Text),
    ("OAUTH_EMAIL_CLAIM", Off::Text),
    ("OAUTH_USERNAME_CLAIM", Off::Text),
    ("OAUTH_PICTURE_CLAIM", Off::Text),
    ("OAUTH_SUB_CLAIM", Off::Null),
    ("OAUTH_AUDIENCE", Off::Text),
    ("OAUTH_UPDATE_EMAIL_ON_LOGIN", Off::Switch),
    ("OAUTH_UPDATE_NAME_ON_LOGIN", Off::Switch),
    ("OAUTH_UPDATE_PICTURE_ON_LOGIN", Off::Switch),
    ("OAUTH_REFRESH_TOKEN_INCLUDE_SCOPE", Off::Switch),
    ("ENABLE_OAUTH_PERSISTENT_CONFIG", Off::Switch),
];

/// What stands for nothing.
#[derive(Debug, Clone, Copy)]
enum Off {
    Switch,
    Text,
    /// A list as a text.
    List,
    Null,
}

impl Off {
    fn value(self) -> Value {
        match self {
            Self::Switch => false.into(),
            Self::Text => "".into(),
            Self::List => "[]".into(),
            Self::Null => Value::Null,
        }
    }
}

/// `GET /auths/admin/config/oauth`
pub(crate) async fn get_oauth_config(
    app: Data<App>,
    caller: Caller<Admin>,
) -> Result<Json<OAuthConfig>, ApiError> {
    app.me(caller.into()).await?;
    Ok(Json(OAuthConfig(OAUTH.iter().map(|(name, off)| ((*name).to_owned(), off.value())).collect())))
}

/// `POST /auths/admin/config/oauth`
pub(crate) async fn set_oauth_config(app: Data<App>, caller: Caller<Admin>) -> Refused {
    let refusal = "rosterd has no sign-in by OAuth, so its settings are changed at Open WebUI alone.";
    refused_to_admins(&app, caller, AppError::Conflict(refusal)).await
}

async fn refused_to_admins(app: &App, caller: Caller<Admin>, refusal: AppError) -> Refused {
    app.me(caller.into()).await.err().unwrap_or(refusal).into()
}

/// `POST /auths/oauth/{provider}/token/exchange`
pub(crate) async fn exchange_token() -> Refused {
    AppError::FeatureOff("rosterd has no sign-in by OAuth.").into()
}
