//! The caller's own data: settings, status, info, groups.

use rosterd_domain::error::DomainError;
use rosterd_domain::group::UserGroup;
use rosterd_domain::ids::UserId;
use rosterd_domain::info;
use rosterd_domain::json::{JsonObject, JsonText, is_same_text};
use rosterd_domain::rules::settings_rights::SettingsRights;
use rosterd_domain::settings::{self, SettingsUpdate};
use rosterd_domain::status::{self, StatusUpdate, UserStatus};
use rosterd_domain::user::{UserChanges, UserModel};
use rosterd_storage::{Document, StoreError};

use crate::act::Act;
use crate::app::App;
use crate::caller::Caller;
use crate::error::{AppError, AppResult};
use crate::event::{Changes, Event};
use crate::permissions;
use crate::stored_config::Key;
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

/// The caller's settings: as stored where `raw` is asked for, else as they count, with the administrator's default
/// interface settings below them (rule N6).
///
/// # Errors
/// Those of the store.
pub async fn settings(app: &App, caller: Caller, raw: bool) -> AppResult<Versioned> {
    let dialect = app.dialect();
    let Some(path) = settings::house_path(dialect, raw) else {
        let stored = app.read_own(caller, Document::Settings).await?;
        return Versioned::of(app, stored, move |stored| settings::to_answer(stored, dialect)).await;
    };
    let (stored, house) = app.read_own_settings(caller, path).await?;
    let house = house.or_else(|| default_house(app));
    let to_answer = move |stored| settings::with_house(settings::to_answer(stored, dialect), house.as_ref());
    Versioned::of(app, stored, to_answer).await
}

/// The default interface settings of the configuration; `None` where there are none.
fn default_house(app: &App) -> Option<JsonText> {
    let value = app.settings().defaults.value(Key::DefaultInterfaceSettings);
    let there = value.as_object().is_some_and(|settings| !settings.is_empty());
    there.then(|| JsonText::from_stored(value.to_string()))
}

/// Merges into the caller's settings (rules S1 to S4, N3 and N4) and gives all of them as stored. What changes nothing
/// writes nothing.
///
/// # Errors
/// [`AppError::PreconditionFailed`]; a document that would be too large, and one that cannot be read; those of the store.
pub async fn update_settings(
    app: &App,
    caller: Caller,
    mut sent: SettingsUpdate,
    condition: Condition,
) -> AppResult<Versioned> {
    let dialect = app.dialect();
    let work = app.update_own(caller, Document::Settings, sent.bytes(), move |act, stored| {
        let (app, now) = (act.app(), act.now());
        let (id, role) = (act.me()?.id.clone(), act.me()?.role.clone());
        condition.ensure_any(|| settings_as_seen(act, stored.as_ref()))?;
        if !role.is_admin() && sent.needs_rights(dialect) {
            let rights = permissions::effective(app, act.read(), &id)?;
            sent.strip(dialect, SettingsRights::of(&role, &rights));
        }
        let merged = sent
            .merge_into(stored.as_ref(), dialect, &app.settings().document_limits)
            .map_err(|why| unwritable("settings", &id, why))?;
        if let Some(stored) = stored.filter(|stored| is_same_text(stored, &merged)) {
            return Ok(stored);
        }
        act.change(Event::UserSettingsChanged(id.clone())).set_document(
            &id,
            Document::Settings,
            &merged,
            now,
        )?;
        Ok::<_, AppError>(merged)
    });
    Versioned::of(app, Some(work.await?), move |merged| settings::to_answer(merged, dialect)).await
}

/// What a client may have seen of its settings: as stored, and as they count. Both are versions of the same.
fn settings_as_seen(act: &mut Act<'_>, stored: Option<&JsonText>) -> AppResult<Vec<Option<JsonText>>> {
    let dialect = act.app().dialect();
    let raw = settings::to_answer(stored.cloned(), dialect);
    let mut seen = vec![raw.clone()];
    if let Some(path) = settings::house_path(dialect, false) {
        let house = act.read().find_stored_config(path)?.or_else(|| default_house(act.app()));
        seen.push(settings::with_house(raw, house.as_ref()));
    }
    Ok(seen)
}

/// The caller's free-form info.
///
/// # Errors
/// Those of the store.
pub async fn info(app: &App, caller: Caller) -> AppResult<Versioned> {
    let (stored, dialect) = (app.read_own(caller, Document::Info).await?, app.dialect());
    Versioned::of(app, stored, move |stored| info::to_answer(stored, dialect)).await
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
    let dialect = app.dialect();
    let work = app.update_own(caller, Document::Info, sent.bytes(), move |act, stored| {
        let (now, id) = (act.now(), act.me()?.id.clone());
        condition.ensure(|| info::to_answer(stored.clone(), dialect))?;
        let merged = info::merge(stored.as_ref(), sent, &act.app().settings().document_limits)
            .map_err(|why| unwritable("info", &id, why))?;
        if let Some(stored) = stored.filter(|stored| is_same_text(stored, &merged)) {
            return Ok(stored);
        }
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
/// Statuses that are switched off as [`AppError::Rule`] (rule N7); see [`Act::me`].
pub fn status(act: &mut Act<'_>) -> AppResult<UserStatus> {
    ensure_statuses_are_on(act)?;
    Ok(act.me()?.status.clone().at(act.now()))
}

fn ensure_statuses_are_on(act: &mut Act<'_>) -> AppResult<()> {
    let Some(path) = status::switch_path(act.app().dialect()) else { return Ok(()) };
    let default = act.app().settings().defaults.value(Key::EnableUserStatus) == true;
    let stored = act.read().find_stored_config(path)?;
    Ok(status::ensure_switched_on(stored.as_ref(), default)?)
}

/// Changes the actor's status (rule S5) and gives the whole own record. What changes nothing writes nothing.
///
/// # Errors
/// As [`status()`]; a rule about a field; those of the store.
pub fn update_status(act: &mut Act<'_>, sent: StatusUpdate) -> AppResult<UserModel> {
    ensure_statuses_are_on(act)?;
    let (now, id, stored) = (act.now(), act.me()?.id.clone(), act.me()?.status.clone());
    sent.ensure_fits(&stored)?;
    let changes = UserChanges::from(sent.beside(&stored));
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
    if !changes.is_empty() {
        act.change(Event::UserStatusChanged(id.clone(), told)).update_user(&id, &changes, now)?;
    }
    whole(act, &id)
}

/// The groups that count for the actor: its own, and with `inherited` those above them (rule N20).
///
/// # Errors
/// Those of the store.
pub fn groups(act: &mut Act<'_>, inherited: bool) -> AppResult<Vec<UserGroup>> {
    let id = act.me()?.id.clone();
    reached_groups(act, &id, inherited)
}

/// The same of anybody.
pub(crate) fn reached_groups(act: &mut Act<'_>, id: &UserId, inherited: bool) -> AppResult<Vec<UserGroup>> {
    let dialect = act.app().dialect();
    let groups = act.read().list_reached_groups(id, inherited)?;
    Ok(groups.into_iter().map(|group| group.into_answer(dialect, inherited)).collect())
}
