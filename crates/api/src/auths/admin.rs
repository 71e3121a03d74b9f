//! The configuration that admins change at run time.

use actix_web::web::Data;
use rosterd_app::stored_config::{Key, StoredConfig};
use rosterd_app::{App, config};
use rosterd_domain::stored_config::sessions_revoked;
use serde_json::{Map, Value};

use super::admin_config::{AdminConfig, AdminConfigUpdated, EitherForm, SESSIONS_REVOKED};
use crate::auth::{Admin, Caller};
use crate::error::ApiError;
use crate::etag::{IfMatch, Tagged};
use crate::extract::{Body, accept_in_dialect};

/// `GET /auths/admin/config`
pub(crate) async fn get_config(
    app: Data<App>,
    caller: Caller<Admin>,
) -> Result<Tagged<AdminConfig>, ApiError> {
    let config = app.snapshot(caller.into(), config::get).await?;
    Ok(Tagged::new(AdminConfig(settings_answer(&app, &config, |_key| true)), config.version()))
}

/// `POST /auths/admin/config`: answers with the keys that Open WebUI's admin page knows and those that were sent.
pub(crate) async fn set_config(
    app: Data<App>,
    caller: Caller<Admin>,
    condition: IfMatch,
    body: Body<EitherForm>,
) -> Result<Tagged<AdminConfigUpdated>, ApiError> {
    let form = accept_in_dialect(&app, &caller, body).await?;
    let sent: Vec<_> = form.0.iter().map(|(key, _)| *key).collect();
    let config = app.write(caller.into(), move |act| config::set_if(act, &form.0, &condition.0)).await?;
    let dialect = app.dialect();
    let mut answer =
        settings_answer(&app, &config, |key| key.is_always_shown(dialect) || sent.contains(&key));
    answer.extend(sessions_revoked(dialect).map(|revoked| (SESSIONS_REVOKED.to_owned(), revoked.into())));
    Ok(Tagged::new(AdminConfigUpdated(answer), config.version()))
}

fn settings_answer(app: &App, config: &StoredConfig, wanted: impl Fn(Key) -> bool) -> Map<String, Value> {
    let values = Key::of_form(app.dialect()).filter(|key| wanted(*key));
    values.map(|key| (key.wire().to_owned(), config.value(key).clone())).collect()
}
