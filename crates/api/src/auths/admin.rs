//! The configuration that admins change at run time.

use actix_web::web::{Data, Json};
use rosterd_domain::json::JsonText;
use rosterd_storage::{Db, Lock};
use serde_json::{Map, Value};

use crate::app::App;
use crate::auth::{Admin, Caller};
use crate::error::{ApiError, FieldError};
use crate::extract::{Body, Form, object};
use crate::openapi::schemas;
use crate::stored_config::{Key, StoredConfig};

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
        if faults.is_empty() { Ok(Self(values)) } else { Err(ApiError::Validation(faults)) }
    }
}

impl ConfigForm {
    /// What is to be written. A value that cannot be read and comes back as it is shown stays as it is, so that it keeps
    /// nobody from changing the others; alone it is refused, as by any change of it.
    fn changes(&self, app: &App, tx: &mut dyn Db) -> Result<Vec<(&'static str, JsonText)>, ApiError> {
        let layout = app.store().layout().config;
        let paths: Vec<_> = self.0.iter().map(|(key, _)| key.path(layout)).collect();
        let (stored, shown) = (tx.find_configs(&paths)?, app.stored_config(tx)?);
        let stays = |key: Key, value: &Value, stored: Option<&JsonText>| {
            stored.is_some_and(JsonText::is_unreadable) && shown.value(key) == value
        };
        let all = || self.0.iter().zip(&paths).map(|((key, value), path)| (*key, value, *path));
        let text = |value: &Value| JsonText::from_stored(value.to_string());
        let changed: Vec<_> = all()
            .zip(stored.iter().map(Option::as_ref).chain(std::iter::repeat(None)))
            .filter(|((key, value, _), stored)| !stays(*key, value, *stored))
            .map(|((_, value, path), _)| (path, text(value)))
            .collect();
        Ok(if changed.is_empty() {
            all().map(|(_, value, path)| (path, text(value))).collect()
        } else {
            changed
        })
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
    let handle = app.clone();
    let config = app.read(caller, move |db, _me| handle.stored_config(db)).await?;
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
    let form = app.accept(&caller, body).await?;
    let sent: Vec<_> = form.0.iter().map(|(key, _)| *key).collect();
    let (handle, now) = (app.clone(), app.now());
    let config = app
        .write(caller, move |tx, _me| {
            tx.lock(Lock::Config)?;
            let values = form.changes(&handle, tx)?;
            tx.set_configs(&values, now)?;
            handle.stored_config(tx)
        })
        .await?;
    Ok(Json(shown(&config, |key| key.is_classic() || sent.contains(&key))))
}

fn shown(config: &StoredConfig, wanted: impl Fn(Key) -> bool) -> Value {
    let values = Key::ALL.into_iter().filter(|key| wanted(*key));
    Value::Object(values.map(|key| (key.wire().to_owned(), config.value(key).clone())).collect::<Map<_, _>>())
}
