//! The caller's own data: settings, status, info, groups.

use rosterd_domain::error::DomainError;
use rosterd_domain::group::Group;
use rosterd_domain::ids::UserId;
use rosterd_domain::info;
use rosterd_domain::json::{JsonObject, JsonText};
use rosterd_domain::rules::settings_rights::SettingsRights;
use rosterd_domain::settings::{self, SettingsUpdate};
use rosterd_domain::status::{StatusUpdate, UserStatus};
use rosterd_domain::user::{UserChanges, UserModel};
use rosterd_storage::{Document, StoreError};

use crate::act::Act;
use crate::app::App;
use crate::caller::Caller;
use crate::error::{AppError, AppResult};
use crate::event::{Changes, Event};
use crate::permissions;
use crate::users::whole;
use crate::versions::{self, Condition};

/// A document and the entity tag of its version (rule S4).
#[derive(Debug)]
pub struct Versioned {
    /// `None` where nothing is stored.
    pub text: Option<JsonText>,
    /// Quotes included.
    pub tag: String,
}

impl Versioned {
    /// What is stored, as `shown` shows it.
    async fn of(
        app: &App,
        stored: Option<JsonText>,
        to_answer: impl FnOnce(Option<JsonText>) -> Option<JsonText> + Send + 'static,
    ) -> AppResult<Self> {
        let bytes = stored.as_ref().map_or(0, |text| text.as_str().len());
        let look = move || {
            let text = to_answer(stored);
            Self { tag: versions::of_json(text.as_ref()), text }
        };
        app.heavy().run(bytes, look).await
    }
}

/// The caller's settings.
///
/// # Errors
/// Those of the store.
pub async fn settings(app: &App, caller: Caller) -> AppResult<Versioned> {
    let stored = app.read_own(caller, Document::Settings).await?;
    let dialect = app.dialect();
    Versioned::of(app, stored, move |stored| settings::to_answer(stored, dialect)).await
}

/// Merges into the caller's settings (rules S1 to S4) and gives all of them.
///
/// # Errors
/// [`AppError::PreconditionFailed`]; a document that would be too large, and one that cannot be read; those of the store.
pub async fn update_settings(
    app: &App,
    caller: Caller,
    mut sent: SettingsUpdate,
    condition: Condition,
) -> AppResult<Versioned> {
    let work = app.update_own(caller, Document::Settings, sent.bytes(), move |act, stored| {
        let (app, now) = (act.app(), act.now());
        let (id, role) = (act.me()?.id.clone(), act.me()?.role.clone());
        let dialect = app.dialect();
        condition.ensure(|| settings::to_answer(stored.clone(), dialect))?;
        if !role.is_admin() && sent.needs_rights(dialect) {
            let rights = permissions::effective(app, act.read(), &id)?;
            sent.strip(dialect, SettingsRights::of(&role, &rights));
        }
        let merged = sent
            .merge_into(stored.as_ref(), dialect, &app.settings().document_limits)
            .map_err(|why| unwritable("settings", &id, why))?;
        act.change(Event::UserSettingsChanged(id.clone())).set_document(
            &id,
            Document::Settings,
            &merged,
            now,
        )?;
        Ok::<_, AppError>(merged)
    });
    Versioned::of(app, Some(work.await?), |merged| merged).await
}

/// The caller's free-form info.
///
/// # Errors
/// Those of the store.
pub async fn info(app: &App, caller: Caller) -> AppResult<Versioned> {
    let stored = app.read_own(caller, Document::Info).await?;
    Versioned::of(app, stored, |stored| stored.and_then(JsonText::into_read)).await
}

/// Merges into the caller's info (rules S3 and S4) and gives all of it.
///
/// # Errors
/// As [`update_settings`].
pub async fn update_info(
    app: &App,
    caller: Caller,
    sent: JsonObject,
    condition: Condition,
) -> AppResult<Versioned> {
    let work = app.update_own(caller, Document::Info, sent.bytes(), move |act, stored| {
        let (now, id) = (act.now(), act.me()?.id.clone());
        condition.ensure(|| stored.clone().and_then(JsonText::into_read))?;
        let merged = info::merge(stored.as_ref(), sent, &act.app().settings().document_limits)
            .map_err(|why| unwritable("info", &id, why))?;
        act.change(Event::UserInfoChanged(id.clone())).set_document(&id, Document::Info, &merged, now)?;
        Ok::<_, AppError>(merged)
    });
    Versioned::of(app, Some(work.await?), |merged| merged).await
}

/// Why a document was not merged; where it is that what is stored cannot be read, the log names its place.
fn unwritable(column: &'static str, id: &UserId, why: DomainError) -> AppError {
    match why {
        DomainError::Unreadable(_) => StoreError::unreadable("user", column, id.as_str()).into(),
        other => other.into(),
    }
}

/// The actor's status, as it is now (rules V1 and S5).
///
/// # Errors
/// See [`Act::me`].
pub fn status(act: &mut Act<'_>) -> AppResult<UserStatus> {
    Ok(act.me()?.status.clone().at(act.now()))
}

/// Changes the actor's status (rule S5) and gives the whole own record.
///
/// # Errors
/// A rule about a field; those of the store.
pub fn update_status(act: &mut Act<'_>, sent: StatusUpdate) -> AppResult<UserModel> {
    let (now, id, stored) = (act.now(), act.me()?.id.clone(), act.me()?.status.clone());
    sent.ensure_fits(&stored)?;
    let changes = UserChanges::from(sent);
    let mut told = Changes::default();
    if let Some(emoji) = &changes.status_emoji {
        told = told.of("status_emoji", &stored.status_emoji, emoji);
    }
    if let Some(message) = &changes.status_message {
        told = told.of("status_message", &stored.status_message, message);
    }
    if let Some(end) = &changes.status_expires_at {
        told = told.of("status_expires_at", stored.status_expires_at, end);
    }
    act.change(Event::UserStatusChanged(id.clone(), told)).update_user(&id, &changes, now)?;
    whole(act, &id)
}

/// The actor's groups, `updated_at` descending.
///
/// # Errors
/// Those of the store.
pub fn groups(act: &mut Act<'_>) -> AppResult<Vec<Group>> {
    let id = act.me()?.id.clone();
    Ok(act.read().list_groups_of(&id)?)
}
