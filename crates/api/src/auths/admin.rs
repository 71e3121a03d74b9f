//! The configuration that admins change at run time.

use actix_web::web::{Data, Json};
use rosterd_app::stored_config::{Key, StoredConfig};
use rosterd_app::{App, config};
use serde_json::{Map, Value};

use super::admin_config::{AdminConfig, AdminConfigForm, AdminConfigUpdated};
use crate::auth::{Admin, Caller};
use crate::error::ApiError;
use crate::extract::{Body, accept};

/// `GET /auths/admin/config`
pub(crate) async fn get_config(app: Data<App>, caller: Caller<Admin>) -> Result<Json<AdminConfig>, ApiError> {
    let config = app.snapshot(caller.into(), config::get).await?;
    Ok(Json(AdminConfig(settings_answer(&config, |_key| true))))
}

/// `POST /auths/admin/config`: answers with the keys that Open WebUI's admin page knows and those that were sent.
pub(crate) async fn set_config(
    app: Data<App>,
    caller: Caller<Admin>,
    body: Body<AdminConfigForm>,
) -> Result<Json<AdminConfigUpdated>, ApiError> {
    let form = accept(&app, &caller, body).await?;
    let sent: Vec<_> = form.0.iter().map(|(key, _)| *key).collect();
    let config = app.write(caller.into(), move |act| config::set(act, &form.0)).await?;
    Ok(Json(AdminConfigUpdated(settings_answer(&config, |key| key.is_always_shown() || sent.contains(&key)))))
}

fn settings_answer(config: &StoredConfig, wanted: impl Fn(Key) -> bool) -> Map<String, Value> {
    let values = Key::of_form().filter(|key| wanted(*key));
    values.map(|key| (key.wire().to_owned(), config.value(key).clone())).collect()
}
