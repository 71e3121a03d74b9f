//! What only Open WebUI does, and what rosterd says of it: a second factor, and signing in by LDAP or OAuth.
//!
//! Front ends ask for these at every visit to a page. What is stored is shown; nothing of it is ever changed.

use rosterd_domain::json::JsonText;
use rosterd_domain::rules::ldap;
use rosterd_domain::rules::second_factor::FactorStatus;
use serde_json::{Map, Value};

use crate::act::Act;
use crate::auth_method::AuthMethod;
use crate::credential::demands_second_factor;
use crate::error::{AppError, AppResult};

/// The actor's second factor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OwnFactor {
    /// What is kept of it.
    pub status: FactorStatus,
    /// It is demanded of sessions like this one (rule M13).
    pub required: bool,
}

/// The actor's second factor; `method` is how the session began.
///
/// # Errors
/// [`AppError::HumanSessionRequired`] for others than persons (rule M12); those of the store.
pub fn own_factor(act: &mut Act<'_>, method: Option<AuthMethod>) -> AppResult<OwnFactor> {
    act.actor().ensure_person()?;
    let (app, id) = (act.app(), act.me()?.id.clone());
    let required = app.asks_for_second_factor() && demands_second_factor(app, act.read(), method)?;
    let status = FactorStatus::of(act.read().find_second_factor(&id)?.as_ref());
    Ok(OwnFactor { status, required })
}

/// Whether Open WebUI's sign-in by LDAP is on. For admins.
///
/// # Errors
/// Those of the store.
pub fn ldap_enabled(act: &mut Act<'_>) -> AppResult<bool> {
    act.actor().ensure_admin()?;
    Ok(ldap::is_enabled(act.read().find_config(ldap::ENABLED)?.as_ref()))
}

/// Takes note that it is to stay as it is, `None` included. For admins.
///
/// # Errors
/// [`AppError::Conflict`] for anything else: rosterd has no sign-in by LDAP to switch; those of the store.
pub fn keep_ldap(act: &mut Act<'_>, enabled: Option<bool>) -> AppResult<bool> {
    let stored = ldap_enabled(act)?;
    match enabled {
        Some(true) => Err(no_ldap()),
        Some(false) if stored => Err(no_ldap()),
        Some(false) | None => Ok(stored),
    }
}

/// Why nothing of LDAP is changed.
#[must_use]
pub fn no_ldap() -> AppError {
    AppError::Conflict("rosterd has no sign-in by LDAP, so its settings are changed at Open WebUI alone.")
}

/// The settings of Open WebUI's LDAP server, by their names in the form, without the password. For admins.
///
/// # Errors
/// Those of the store.
pub fn ldap_server(act: &mut Act<'_>) -> AppResult<Map<String, Value>> {
    act.actor().ensure_admin()?;
    let keys = ldap::FORM.map(|field| field.key);
    let stored = act.read().find_configs(&keys)?;
    let stored = stored.iter().map(Option::as_ref).chain(std::iter::repeat(None::<&JsonText>));
    let fields = ldap::FORM.into_iter().zip(stored);
    Ok(fields.map(|(field, stored)| (field.wire.to_owned(), field.answer_value(stored))).collect())
}
