//! The configuration that admins change at run time.

use actix_web::web::{Data, Json};
use rosterd_app::stored_config::{Key, StoredConfig};
use rosterd_app::{App, config};
use rosterd_domain::field_error::FieldError;
use serde_json::{Map, Value};

use crate::auth::{Admin, Caller};
use crate::error::ApiError;
use crate::extract::{Body, Form, accept, object};
use crate::openapi::schemas;

/// New values. Keys that are not sent stay as they are; unknown keys are ignored.
#[derive(Debug)]
pub(crate) struct ConfigForm(Vec<(Key, Value)>);

impl Form for ConfigForm {
    fn read(json: &str) -> Result<Self, ApiError> {
        let sent = object(json)?;
        let (mut values, mut faults) = (Vec::new(), Vec::new());
        for key in Key::ALL {
            let Some(raw) = sent.get(key.wire()) else { continue };
            match serde_json::from_str(raw.get()) {
                Ok(value) => match key.fault(&value) {
                    None => values.push((key, value)),
                    Some(fault) => faults.push(FieldError::new("value_error", &["body", key.wire()], fault)),
                },
                Err(why) => faults.push(FieldError::new("json_type", &["body", key.wire()], why.to_string())),
            }
        }
        if faults.is_empty() { Ok(Self(values)) } else { Err(ApiError::validation(faults)) }
    }
}

/// `GET /auths/admin/config`
#[utoipa::path(
    get,
    path = "/api/v1/auths/admin/config",
    operation_id = "getAdminConfig",
    tag = "configuration",
    summary = "The settings kept in the database",
    description = "",
    responses(
        (status = 200, description = "All of them.", body = schemas::AdminConfig),
    ),
    extensions(("x-access" = json!("admin")), ("x-errors" = json!([]))),
)]
pub(crate) async fn get_config(app: Data<App>, caller: Caller<Admin>) -> Result<Json<Value>, ApiError> {
    let config = app.read(caller.into(), config::get).await?;
    Ok(Json(shown(&config, |_key| true)))
}

/// `POST /auths/admin/config`: answers with the keys that Open WebUI's admin page knows and those that were sent.
#[utoipa::path(
    post,
    path = "/api/v1/auths/admin/config",
    operation_id = "updateAdminConfig",
    tag = "configuration",
    summary = "Change settings",
    description = "Keys that are not sent stay, unknown ones are ignored.",
    request_body = schemas::AdminConfigForm,
    responses(
        (status = 200, description = "Those that Open WebUI's admin page knows, and those that were sent.", body = schemas::AdminConfigUpdated),
    ),
    extensions(("x-access" = json!("admin")), ("x-errors" = json!(["STORED_VALUE_UNREADABLE"]))),
)]
pub(crate) async fn set_config(
    app: Data<App>,
    caller: Caller<Admin>,
    body: Body<ConfigForm>,
) -> Result<Json<Value>, ApiError> {
    let form = accept(&app, &caller, body).await?;
    let sent: Vec<_> = form.0.iter().map(|(key, _)| *key).collect();
    let config = app.write(caller.into(), move |act| config::set(act, &form.0)).await?;
    Ok(Json(shown(&config, |key| key.is_classic() || sent.contains(&key))))
}

fn shown(config: &StoredConfig, wanted: impl Fn(Key) -> bool) -> Value {
    let values = Key::ALL.into_iter().filter(|key| wanted(*key));
    Value::Object(values.map(|key| (key.wire().to_owned(), config.value(key).clone())).collect::<Map<_, _>>())
}
