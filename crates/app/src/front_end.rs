//! What a front end is told before its first page (docs/API.md, `GET /api/config`).

use rosterd_domain::front_end::{Audience, Feature, Source, any_enabled};
use rosterd_domain::group::default_models;
use rosterd_domain::ids::UserId;
use rosterd_domain::permissions::UserPermissions;
use rosterd_domain::preview::Reachable;
use rosterd_domain::role::Role;
use serde_json::Value;

use crate::act::Act;
use crate::actor::Actor;
use crate::caller::Caller;
use crate::error::AppResult;
use crate::mail;
use crate::permission_trees::TEMPLATE_PATH;
use crate::rights::template_of;
use crate::stored_config::{Key, StoredConfig};

/// What is told.
#[derive(Debug, Clone)]
pub struct FrontEnd {
    /// To whom.
    pub audience: Audience,
    /// The features that this audience is told of, in their order.
    pub features: Vec<(&'static str, Value)>,
    /// The stored settings that this audience is told of.
    pub config: StoredConfig,
    /// How many users there are; not counted for those who wait.
    pub users: Option<i64>,
    /// Whether who has forgotten the password can ask for a link by mail.
    pub password_forgot: bool,
    /// Whether the caller waits until the e-mail address of the account is confirmed.
    pub email_unconfirmed: bool,
    /// What only users and admins are told.
    pub more: Option<ForVerified>,
}

/// What only users and admins are told.
#[derive(Debug, Clone)]
pub struct ForVerified {
    /// The stored template of rights.
    pub permissions: UserPermissions,
    /// The models a new chat of the caller begins with, separated by commas; null where nobody has said any.
    pub default_models: Value,
}

/// What the holder of this session is told; `None`, and sessions that are over: what anybody is told.
///
/// # Errors
/// Those of the store.
pub fn told(act: &mut Act<'_>, caller: Option<&Caller>) -> AppResult<FrontEnd> {
    let app = act.app();
    let dialect = app.dialect();
    let me = match caller {
        Some(caller) => act.recognize(caller)?,
        None => None,
    };
    let me = me.as_ref().and_then(|me| Actor::account(me).ok());
    let audience = Audience::of(me.map(|me| &me.role), dialect);
    let (layout, defaults) = (app.store().layout(), &app.settings().defaults);
    let keys = audience.keys(dialect);
    // The template comes with the rest, in one statement.
    let places: Vec<_> = keys.iter().map(|key| layout.config.place_of(*key)).chain([TEMPLATE_PATH]).collect();
    let mut stored = act.read().find_configs(&places)?;
    let template = stored.pop().flatten().filter(|text| text.as_str().trim() != "null");
    let config = StoredConfig::of_stored(keys.into_iter().zip(stored), layout.config, defaults);
    let users = match audience {
        Audience::Pending => None,
        Audience::Anybody | Audience::Verified => Some(act.read().count_users()?),
    };
    let more = match me {
        Some(me) if audience == Audience::Verified => Some(ForVerified {
            permissions: template_of(app, template.as_ref()),
            default_models: models_of(act, &me.id, &config)?,
        }),
        Some(_) | None => None,
    };
    let features = Feature::told_to(audience, dialect)
        .map(|feature| {
            (
                feature.name,
                feature.answer_value(value_of(act, &config, feature.source), layout.is_standalone()),
            )
        })
        .collect();
    let password_forgot = mail::can_be_forgotten(act)?;
    let email_unconfirmed = match me {
        Some(me) if me.role == Role::Pending => act.read().find_unconfirmed(&me.id)?.is_some(),
        Some(_) | None => false,
    };
    Ok(FrontEnd { audience, features, config, users, password_forgot, email_unconfirmed, more })
}

/// What is said of a feature.
fn value_of(act: &Act<'_>, config: &StoredConfig, source: Source) -> Value {
    let settings = act.app().settings();
    match source {
        Source::Fixed(on) => on.into(),
        Source::TrustedHeaders => settings.trusted_headers.is_some().into(),
        Source::Stored(key) => config.value(key).clone(),
        Source::AnyEnabled(key) => any_enabled(config.value(key)).into(),
        Source::Configured(switch) => settings.front_end.is_on(switch).into(),
    }
}

/// The list of the caller's groups (rule M8), of which only models count that the caller may use; else the configured one.
fn models_of(act: &mut Act<'_>, me: &UserId, config: &StoredConfig) -> AppResult<Value> {
    let groups = act.read().list_reached_groups(me, true)?;
    if let Some(list) = default_models(&groups) {
        let on_offer = act.read().list_reached(me, Reachable::Model)?.items;
        let is_on_offer = |id: &String| on_offer.iter().any(|model| model.id == *id);
        let models: Vec<_> = list.models.into_iter().filter(is_on_offer).collect();
        if !models.is_empty() {
            return Ok(models.join(",").into());
        }
    }
    Ok(config.value(Key::DefaultModels).clone())
}
