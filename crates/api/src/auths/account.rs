//! What people change about their own account.

use actix_web::HttpRequest;
use actix_web::web::{Data, Json};
use chrono::NaiveDate;
use rosterd_app::{App, own_account};
use rosterd_domain::name::UserName;
use rosterd_domain::profile_image::ProfileImageUrl;
use rosterd_domain::rules::user_update::SentProfile;
use rosterd_domain::secret::PlainPassword;
use rosterd_domain::text::{MAX_BIO, MAX_GENDER};
use serde::Serialize;

use super::sign_in::AccountBody;
use crate::auth::{Authenticated, Caller, Verified};
use crate::endpoint::Done;
use crate::error::ApiError;
use crate::extract::{AsStored, Body, Provider, Sent, Text, accept, form};
use crate::telemetry::{language_of, user_agent_of};

form! {
    /// A profile as its owner changes it.
    pub(crate) struct ProfileForm {
        /// The name others see.
        name: AsStored<UserName>,
        /// The URL of the image, or what is already stored.
        profile_image_url: AsStored<ProfileImageUrl>,
        /// Text about the user, at most 2,000 characters.
        bio: Sent<Text<MAX_BIO>>,
        /// Free text of at most 100 characters.
        gender: Sent<Text<MAX_GENDER>>,
        /// `YYYY-MM-DD`.
        date_of_birth: Sent<NaiveDate>,
    }
}

impl From<ProfileForm> for SentProfile {
    fn from(form: ProfileForm) -> Self {
        Self {
            name: Some(form.name.text),
            profile_image_url: Some(form.profile_image_url.text),
            bio: form.bio.map(|text| text.0).into_change(),
            gender: form.gender.map(|text| text.0).into_change(),
            date_of_birth: form.date_of_birth.into_change(),
        }
    }
}

/// `POST /auths/update/profile`
pub(crate) async fn update_profile(
    app: Data<App>,
    caller: Caller<Verified>,
    body: Body<ProfileForm>,
) -> Result<Json<AccountBody>, ApiError> {
    let form = accept(&app, &caller, body).await?;
    let bytes = form.profile_image_url.text.len();
    let sent = form.into();
    let account =
        app.write_much(caller.into(), bytes, move |act| own_account::update_profile(act, sent)).await?;
    Ok(Json(account.into()))
}

form! {
    /// A new password in place of the current one.
    pub(crate) struct PasswordForm {
        /// The current password.
        password: PlainPassword,
        /// The new one: at most 72 bytes, as many characters as the configuration requires (8 by default), and hard to guess
        /// (rule R6).
        new_password: PlainPassword,
    }
}

/// `POST /auths/update/password`
pub(crate) async fn update_password(
    app: Data<App>,
    caller: Caller<Authenticated>,
    request: HttpRequest,
    body: Body<PasswordForm>,
) -> Result<Json<bool>, ApiError> {
    let form = accept(&app, &caller, body).await?;
    let caller = rosterd_app::Caller::from(caller).with_user_agent(user_agent_of(&request));
    let caller = caller.with_language(language_of(&request));
    own_account::update_password(&app, caller, form.password, form.new_password).await?;
    Ok(Json(true))
}

form! {
    /// Where the caller is, as far as clocks go.
    pub(crate) struct TimezoneForm {
        /// Any text; front ends send a name such as `Europe/Berlin`.
        timezone: String,
    }
}

/// `POST /auths/update/timezone`
pub(crate) async fn update_timezone(
    app: Data<App>,
    caller: Caller<Authenticated>,
    body: Body<TimezoneForm>,
) -> Result<Json<Done>, ApiError> {
    let form = accept(&app, &caller, body).await?;
    own_account::update_timezone(&app, caller.into(), form.timezone).await?;
    Ok(Json(Done::YES))
}

/// `DELETE /auths/oauth/sessions/{provider}`
pub(crate) async fn delete_oauth_sessions(
    app: Data<App>,
    caller: Caller<Verified>,
    provider: Provider,
) -> Result<Json<bool>, ApiError> {
    app.write(caller.into(), move |act| own_account::delete_oauth_sessions(act, &provider.0)).await?;
    Ok(Json(true))
}

/// The answer of `GET /auths/admin/details`.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(crate) struct AdminDetails {
    /// Their name.
    name: Option<String>,
    /// Their e-mail address.
    email: Option<String>,
}

/// `GET /auths/admin/details`
pub(crate) async fn get_admin_details(
    app: Data<App>,
    caller: Caller<Authenticated>,
) -> Result<Json<AdminDetails>, ApiError> {
    let own_account::AdminDetails { name, email } =
        app.snapshot(caller.into(), own_account::admin_details).await?;
    Ok(Json(AdminDetails { name, email }))
}
