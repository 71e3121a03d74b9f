//! What callers keep about themselves: settings, status, info, groups.

use rosterd_domain::error::DomainError;
use rosterd_domain::group::Group;
use rosterd_domain::ids::UserId;
use rosterd_domain::info;
use rosterd_domain::json::{JsonObject, JsonText};
use rosterd_domain::rules::tool_servers;
use rosterd_domain::settings::{self, SettingsUpdate};
use rosterd_domain::status::{StatusUpdate, UserStatus};
use rosterd_domain::user::UserModel;
use rosterd_storage::{Document, StoreError};

use crate::app::App;
use crate::auth::{Caller, Verified};
use crate::error::ApiError;
use crate::etag::{self, IfMatch};
use crate::services::permissions;

/// A document and the entity tag of its version (rule S4).
#[derive(Debug)]
pub(crate) struct Versioned {
    /// `None` where nothing is stored.
    pub(crate) text: Option<JsonText>,
    /// Quotes included.
    pub(crate) tag: String,
}

impl Versioned {
    /// What is stored, as `shown` shows it.
    async fn of(
        app: &App,
        stored: Option<JsonText>,
        shown: fn(Option<JsonText>) -> Option<JsonText>,
    ) -> Result<Self, ApiError> {
        let bytes = stored.as_ref().map_or(0, |text| text.as_str().len());
        let look = move || {
            let text = shown(stored);
            Self { tag: etag::of_json(text.as_ref()), text }
        };
        app.heavy().run(bytes, look).await
    }
}

/// The caller's settings.
pub(crate) async fn settings(app: &App, caller: Caller<Verified>) -> Result<Versioned, ApiError> {
    let stored = app.own_document(caller, Document::Settings).await?;
    Versioned::of(app, stored, settings::shown).await
}

/// Merges into the caller's settings (rules S1 to S4) and gives all of them.
pub(crate) async fn update_settings(
    app: &App,
    caller: Caller<Verified>,
    mut sent: SettingsUpdate,
    condition: IfMatch,
) -> Result<Versioned, ApiError> {
    let (handle, now) = (app.clone(), app.now());
    let work = app.update_own(caller, Document::Settings, sent.bytes(), move |tx, me, stored| {
        condition.ensure(|| settings::shown(stored.clone()))?;
        if sent.has_tool_servers() {
            let rights = permissions::effective(&handle, tx, &me.id)?;
            sent.gate_tool_servers(tool_servers::may_store_tool_servers(&me.role, &rights));
        }
        let merged = sent
            .merge_into(stored.as_ref(), &handle.settings().document_limits)
            .map_err(|why| unwritable("settings", &me.id, why))?;
        tx.set_document(&me.id, Document::Settings, &merged, now)?;
        Ok(merged)
    });
    Versioned::of(app, Some(work.await?), |merged| merged).await
}

/// The caller's free-form info.
pub(crate) async fn info(app: &App, caller: Caller<Verified>) -> Result<Versioned, ApiError> {
    let stored = app.own_document(caller, Document::Info).await?;
    Versioned::of(app, stored, |stored| stored.and_then(JsonText::into_read)).await
}

/// Merges into the caller's info (rules S3 and S4) and gives all of it.
pub(crate) async fn update_info(
    app: &App,
    caller: Caller<Verified>,
    sent: JsonObject,
    condition: IfMatch,
) -> Result<Versioned, ApiError> {
    let (handle, now) = (app.clone(), app.now());
    let work = app.update_own(caller, Document::Info, sent.bytes(), move |tx, me, stored| {
        condition.ensure(|| stored.clone().and_then(JsonText::into_read))?;
        let merged = info::merge(stored.as_ref(), sent, &handle.settings().document_limits)
            .map_err(|why| unwritable("info", &me.id, why))?;
        tx.set_document(&me.id, Document::Info, &merged, now)?;
        Ok(merged)
    });
    Versioned::of(app, Some(work.await?), |merged| merged).await
}

/// Why a document was not merged; where it is that what is stored cannot be read, the log names its place.
fn unwritable(column: &'static str, id: &UserId, why: DomainError) -> ApiError {
    match why {
        DomainError::Unreadable(_) => StoreError::unreadable("user", column, id.as_str()).into(),
        other => other.into(),
    }
}

/// The caller's status, as it is now (rules V1 and S5).
pub(crate) async fn status(app: &App, caller: Caller<Verified>) -> Result<UserStatus, ApiError> {
    let now = app.now();
    Ok(app.me(caller).await?.status.at(now))
}

/// Changes the caller's status (rule S5) and gives the whole own record.
pub(crate) async fn update_status(
    app: &App,
    caller: Caller<Verified>,
    sent: StatusUpdate,
) -> Result<UserModel, ApiError> {
    let (handle, now) = (app.clone(), app.now());
    app.write(caller, move |tx, me| {
        sent.ensure_fits(&me.status)?;
        tx.update_user(&me.id, &sent.apply(), now)?;
        let user = tx.find_user(&me.id)?.ok_or(DomainError::UserNotFound)?;
        Ok(handle.shown(user, now))
    })
    .await
}

/// The caller's groups, `updated_at` descending.
pub(crate) async fn groups(app: &App, caller: Caller<Verified>) -> Result<Vec<Group>, ApiError> {
    app.read(caller, |db, me| Ok(db.list_groups_of(&me.id)?)).await
}
